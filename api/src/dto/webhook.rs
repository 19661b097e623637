//! Bodies and answers about webhooks.

use super::auth::{field, text};
use super::body;
use super::webhook_events::EVENTS;
use crate::store::webhooks::WebhookRow;
use crate::store::webhooks::queue::QueuedRow;
use afterview_domain::clock::{format_instant, from_millis};
use afterview_domain::entities::field::{Kind, Need, Shape};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const ABOUT_URL: &str = "Where events are sent: an https address that the whole internet may reach. Redirects are not followed.";
const ABOUT_EVENTS: &str =
    "Which events are sent. Empty: all of them, those of later versions included.";
const ABOUT_DESCRIPTION: &str = "What its owner calls it.";

const CHOICE: Kind = Kind::Set { of: &Kind::Word(EVENTS), min: 0, max: EVENTS.len() };

/// What a new webhook takes. It has no `Debug`: the address may hold a secret.
#[derive(Deserialize)]
pub struct WebhookBody {
    /// Where events are sent.
    pub url: String,
    /// Which events are sent.
    pub events: Vec<String>,
    /// What its owner calls it.
    pub description: Option<String>,
}

static CREATE: Shape = Shape {
    name: "WebhookCreate",
    about: "A place to which events of the account are sent.",
    fields: &[
        field("url", Kind::Url, Need::Required, ABOUT_URL),
        field("events", CHOICE, Need::Default("[]"), ABOUT_EVENTS),
        field("description", text(0, 200), Need::Optional, ABOUT_DESCRIPTION),
    ],
};
body!(WebhookBody, CREATE);

/// What is to be changed of a webhook.
#[derive(Deserialize)]
pub struct WebhookPatchBody {
    /// Where events are sent.
    pub url: Option<String>,
    /// Which events are sent.
    pub events: Option<Vec<String>>,
    /// What its owner calls it.
    pub description: Option<String>,
    /// Whether events are sent.
    pub enabled: Option<bool>,
}

static PATCH: Shape = Shape {
    name: "WebhookPatch",
    about: "What is to be changed of a webhook. What is left out stays.",
    fields: &[
        field("url", Kind::Url, Need::Optional, ABOUT_URL),
        field("events", CHOICE, Need::Optional, ABOUT_EVENTS),
        field("description", text(0, 200), Need::Optional, ABOUT_DESCRIPTION),
        field(
            "enabled",
            Kind::Bool,
            Need::Optional,
            "Whether events are sent. Disabling drops those on their way.",
        ),
    ],
};
body!(WebhookPatchBody, PATCH);

/// A webhook.
#[derive(Serialize, ToSchema)]
pub struct WebhookView {
    /// Its name.
    pub id: String,
    /// Where events are sent.
    #[schema(examples("https://hooks.example.org/afterview"))]
    pub url: String,
    /// Which events are sent; empty: all.
    #[schema(examples("follow_up.due"))]
    pub events: Vec<String>,
    /// What its owner calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether events are sent.
    pub enabled: bool,
    /// Since when they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub disabled_at: Option<String>,
    /// Why not: `by_owner`; `gone` because the receiver answered 410; `failing` because nothing arrived for
    /// three days. Other reasons may come.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("gone"))]
    pub disabled_reason: Option<String>,
    /// When an event last arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub last_delivered_at: Option<String>,
    /// Until when the secret before the present one signs, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub previous_secret_until: Option<String>,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
    /// What events are signed with: `whsec_` and 32 bytes in base64. It is shown once, by the answer to the
    /// request that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("whsec_…"))]
    pub secret: Option<String>,
}

impl WebhookView {
    /// The webhook as its owner sees it at `now` (Unix milliseconds).
    #[must_use]
    pub fn of(row: &WebhookRow, now: i64) -> Self {
        let names = row.events.split(' ').filter(|name| !name.is_empty());
        Self {
            id: row.webhook_id.clone(),
            url: row.url.clone(),
            events: names.map(str::to_owned).collect(),
            description: row.description.clone(),
            enabled: row.disabled_at.is_none(),
            disabled_at: row.disabled_at.map(instant),
            disabled_reason: row.disabled_reason.clone(),
            last_delivered_at: row.last_delivered_at.map(instant),
            previous_secret_until: row.previous_until.filter(|until| *until > now).map(instant),
            created_at: instant(row.created_at),
            updated_at: instant(row.updated_at),
            secret: None,
        }
    }

    /// The same with the secret, for whoever has just made it.
    #[must_use]
    pub fn with_secret(self, row: &WebhookRow) -> Self {
        Self { secret: Some(row.secret.clone()), ..self }
    }
}

/// The webhooks, oldest first.
#[derive(Serialize, ToSchema)]
pub struct WebhookList {
    /// The webhooks.
    pub items: Vec<WebhookView>,
}

/// An event on its way to a webhook, and what became of it.
#[derive(Serialize, ToSchema)]
pub struct WebhookDeliveryView {
    /// Its name: the header `webhook-id`, the same each time that it is sent.
    pub id: String,
    /// The name of the event.
    #[schema(examples("follow_up.due"))]
    pub event: String,
    /// When it happened.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// How often it was tried.
    #[schema(examples(1))]
    pub attempts: i32,
    /// When it was last tried; left out if never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub attempted_at: Option<String>,
    /// The HTTP status of the last answer; left out if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples(204))]
    pub last_status: Option<i32>,
    /// Why there was no answer: `timed_out` or `unreachable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("timed_out"))]
    pub detail: Option<String>,
    /// What became of it: `delivered`, `waiting` for its next attempt, `failed` for three days or with 410, or
    /// `dropped` because the webhook was disabled first.
    #[schema(examples("delivered"))]
    pub outcome: String,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub next_attempt_at: Option<String>,
}

impl From<QueuedRow> for WebhookDeliveryView {
    fn from(row: QueuedRow) -> Self {
        Self {
            id: row.id,
            event: row.event,
            created_at: instant(row.created_at),
            attempts: row.attempts,
            attempted_at: row.attempted_at.map(instant),
            last_status: row.last_status,
            detail: row.detail,
            outcome: row.outcome,
            next_attempt_at: row.next_attempt_at.map(instant),
        }
    }
}

/// A page of deliveries, the newest first.
#[derive(Serialize, ToSchema)]
pub struct WebhookDeliveryPage {
    /// The deliveries.
    pub items: Vec<WebhookDeliveryView>,
    /// Where the next page begins; left out on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

fn instant(millis: i64) -> String {
    format_instant(from_millis(millis))
}
