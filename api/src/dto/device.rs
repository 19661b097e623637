//! What a device says about itself, and what is kept of it.

use super::body;
use crate::store::devices::DeviceRow;
use afterview_domain::clock::{format_instant, from_millis};
use afterview_domain::entities::field::{Field, Kind, Need, Shape};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a device can be reached.
pub const PUSH_KINDS: &[&str] = &["fcm_fid", "fcm_token", "web_push"];

const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Optional, about }
}

const fn required(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Required, about }
}

/// How the device can be reached. It has no `Debug`: whoever has the address can send to the device.
#[derive(Clone, Deserialize)]
pub struct PushBody {
    /// Which kind of address.
    pub kind: String,
    /// The address.
    pub value: String,
    /// What a browser wants its messages encrypted with.
    pub keys: Option<PushKeys>,
}

/// What a browser wants its messages encrypted with.
#[derive(Clone, Deserialize, Serialize)]
pub struct PushKeys {
    /// Its public key.
    pub p256dh: String,
    /// A secret between browser and server.
    pub auth: String,
}

static KEYS: Shape = Shape {
    name: "PushKeys",
    about: "What a browser wants its messages encrypted with, as `PushSubscription.toJSON()` gives it.",
    fields: &[
        required("p256dh", Kind::Text { min: 1, max: 200 }, "The browser's public key, base64url."),
        required("auth", Kind::Text { min: 1, max: 100 }, "The shared secret, base64url."),
    ],
};

static PUSH: Shape = Shape {
    name: "Push",
    about: "How the device can be reached.",
    fields: &[
        required("kind", Kind::Word(PUSH_KINDS), "Which kind of address it is."),
        required(
            "value",
            Kind::Text { min: 1, max: 4_096 },
            "The Firebase Installation ID or registration token, or the endpoint of the subscription.",
        ),
        optional("keys", Kind::Object(&KEYS), "Needed for `web_push`, and for nothing else."),
    ],
};

/// What a device says about itself.
#[derive(Clone, Deserialize)]
pub struct DeviceReport {
    /// How it can be reached.
    pub push: Option<PushBody>,
    /// Where it is.
    pub time_zone: Option<String>,
    /// Its language.
    pub locale: Option<String>,
    /// The app's version.
    pub app_version: Option<String>,
    /// Up to which stamp it has scheduled the reminders itself.
    pub scheduled_through: Option<i64>,
}

static REPORT: Shape = Shape {
    name: "DeviceReport",
    about: "What a device says about itself. What is left out stays as it said it last.",
    fields: &[
        optional(
            "push",
            Kind::Object(&PUSH),
            "How it can be reached. An address belongs to one session: whoever registers it takes it from others.",
        ),
        optional(
            "time_zone",
            Kind::TimeZone,
            "Where the device is. When a phone arrives in another zone, the reminders of the account move there.",
        ),
        optional("locale", Kind::Text { min: 2, max: 35 }, "Language of its reminders, BCP 47."),
        optional("app_version", Kind::Text { min: 1, max: 40 }, "The app's version."),
        optional(
            "scheduled_through",
            Kind::Integer { min: 0, max: 9_007_199_254_740_991 },
            "The head up to which the device has scheduled the reminders of the agenda itself. What is not newer is not sent to it.",
        ),
    ],
};
body!(DeviceReport, REPORT);

/// A device as the server knows it.
#[derive(Serialize, ToSchema)]
pub struct DeviceView {
    /// The session, which is a device.
    pub session_id: String,
    /// How it can be reached; the address itself is not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub push: Option<PushView>,
    /// Where it said it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("Europe/Prague"))]
    pub time_zone: Option<String>,
    /// Language of its reminders, BCP 47.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The app's version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
    /// The head up to which it has scheduled the reminders itself.
    pub scheduled_through: i64,
    /// What a page hands to the browser as `applicationServerKey` when it subscribes.
    pub web_push_key: String,
    /// When it last said something; left out if it never did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub reported_at: Option<String>,
}

/// How a device can be reached.
#[derive(Serialize, ToSchema)]
pub struct PushView {
    /// Which kind of address.
    #[schema(examples("fcm_fid"))]
    pub kind: String,
    /// `active`; `refused` when the provider said that it belongs to another project.
    #[schema(examples("active"))]
    pub state: String,
}

impl DeviceView {
    /// The device as served by a server whose key for Web Push is `web_push_key`.
    #[must_use]
    pub fn of(row: DeviceRow, web_push_key: &str) -> Self {
        let state = if row.push_refused_at.is_some() { "refused" } else { "active" };
        let kind = row.push_kind.filter(|_| row.push_hash.is_some());
        let reported_at = Some(row.reported_at).filter(|at| *at > 0);
        Self {
            session_id: row.session_id,
            push: kind.map(|kind| PushView { kind, state: state.to_owned() }),
            time_zone: row.time_zone,
            locale: row.locale,
            app_version: row.app_version,
            scheduled_through: row.scheduled_through,
            web_push_key: web_push_key.to_owned(),
            reported_at: reported_at.map(|at| format_instant(from_millis(at))),
        }
    }
}
