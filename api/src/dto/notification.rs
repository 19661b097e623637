//! What became of notifications.

use crate::store::deliveries::DeliveryRow;
use afterview_domain::clock::{format_instant, from_millis};
use serde::Serialize;
use utoipa::ToSchema;

/// One attempt to bring a notification to a device, or the note that there was none.
#[derive(Serialize, ToSchema)]
pub struct NotificationView {
    /// Its name.
    pub id: String,
    /// `reminder` or `test`.
    #[schema(examples("reminder"))]
    pub purpose: String,
    /// The follow-up of which it reminded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_up_id: Option<String>,
    /// What it reminded of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("follow_up"))]
    pub kind: Option<String>,
    /// When it was due. With `follow_up_id` it names the reminder on every device.
    #[schema(format = DateTime)]
    pub occurrence: String,
    /// When this was tried.
    #[schema(format = DateTime)]
    pub attempted_at: String,
    /// The session of the device; left out if it went to none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// By which way: `fcm`, `web_push`, or `log` where the account has no device to send to. Left out if
    /// nothing was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("fcm"))]
    pub way: Option<String>,
    /// What became of it: `delivered` to the provider, `on_device` because the device had scheduled it
    /// itself, `logged`, `waiting` for another try, `expired` before it could be sent, `unregistered`
    /// because the app is gone, `refused` because it belongs to another project, or `failed`.
    #[schema(examples("delivered"))]
    pub outcome: String,
    /// What the provider said: its name for the message, or why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl From<DeliveryRow> for NotificationView {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: row.id,
            purpose: row.purpose,
            follow_up_id: row.follow_up_id,
            kind: row.kind,
            occurrence: format_instant(from_millis(row.occurrence)),
            attempted_at: format_instant(from_millis(row.attempted_at)),
            session_id: row.session_id,
            way: row.way,
            outcome: row.outcome,
            detail: row.detail,
        }
    }
}

/// A page of attempts, the newest first.
#[derive(Serialize, ToSchema)]
pub struct NotificationPage {
    /// The attempts.
    pub items: Vec<NotificationView>,
    /// Where the next page begins; left out on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}
