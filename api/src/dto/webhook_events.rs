//! What an event tells: identifiers, and what an automation decides by. Flat, one schema for each.
//!
//! **Must never** hold a note, a message or another text that somebody wrote, but for the names of an employer
//! and a job.

use afterview_domain::clock::{Instant, format_instant};
use serde::Serialize;
use utoipa::ToSchema;

/// A follow-up is due.
pub const FOLLOW_UP_DUE: &str = "follow_up.due";
/// A follow-up was sent.
pub const FOLLOW_UP_SENT: &str = "follow_up.sent";
/// A write moved a follow-up that is still to be sent.
pub const FOLLOW_UP_MOVED: &str = "follow_up.moved";
/// An interview was recorded.
pub const INTERVIEW_CREATED: &str = "interview.created";
/// An interview was changed.
pub const INTERVIEW_UPDATED: &str = "interview.updated";
/// What they promised did not come in time.
pub const PROMISE_MISSED: &str = "promise.missed";
/// Something came back from the employer.
pub const REPLY_RECORDED: &str = "reply.recorded";
/// The candidate closed an opportunity.
pub const OPPORTUNITY_CLOSED: &str = "opportunity.closed";
/// Somebody tries whether events arrive.
pub const TEST: &str = "webhook.test";

/// What a webhook may choose from.
pub const EVENTS: &[&str] = &[
    FOLLOW_UP_DUE,
    FOLLOW_UP_SENT,
    FOLLOW_UP_MOVED,
    INTERVIEW_CREATED,
    INTERVIEW_UPDATED,
    PROMISE_MISSED,
    REPLY_RECORDED,
    OPPORTUNITY_CLOSED,
];

/// An event as it is sent.
#[derive(Debug, Serialize)]
pub struct Envelope<'e, T> {
    /// Its name.
    #[serde(rename = "type")]
    pub kind: &'e str,
    /// When it happened.
    pub timestamp: String,
    /// What it tells.
    pub data: T,
}

impl<T: Serialize> Envelope<'_, T> {
    /// The body of the request.
    ///
    /// # Errors
    /// Never in practice: what is told always has a JSON form.
    pub fn body(kind: &str, at: Instant, data: T) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Envelope { kind, timestamp: format_instant(at), data })
    }
}

/// A follow-up that is due.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FollowUpDueData {
    /// The follow-up.
    pub follow_up_id: String,
    /// The opportunity.
    pub opportunity_id: String,
    /// The employer.
    pub employer: String,
    /// What it is, such as `thank_you` or `follow_up`.
    pub kind: String,
    /// When it was to be reminded of. With `follow_up_id` it names the reminder on every device.
    #[schema(format = DateTime)]
    pub remind_at: String,
    /// From when on it is of no use.
    #[schema(format = DateTime)]
    pub useful_until: String,
}

/// A follow-up that was sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FollowUpSentData {
    /// The follow-up.
    pub follow_up_id: String,
    /// The opportunity.
    pub opportunity_id: String,
    /// The employer.
    pub employer: String,
    /// What it is, such as `thank_you` or `follow_up`.
    pub kind: String,
    /// The interview after which it was sent, if it belongs to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interview_id: Option<String>,
    /// By which way, such as `email`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub sent_at: Option<String>,
    /// Revision of the record.
    pub rev: i64,
}

/// A follow-up whose window lies elsewhere since a write.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FollowUpMovedData {
    /// The follow-up.
    pub follow_up_id: String,
    /// The opportunity.
    pub opportunity_id: String,
    /// The employer.
    pub employer: String,
    /// What it is, such as `thank_you` or `follow_up`.
    pub kind: String,
    /// Its best moment before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub before: Option<String>,
    /// Its best moment now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub after: Option<String>,
    /// The rule that moved it; `GET /v1/rules/{id}` says what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// An interview that was recorded or changed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InterviewEventData {
    /// The interview.
    pub interview_id: String,
    /// The opportunity.
    pub opportunity_id: String,
    /// The employer.
    pub employer: String,
    /// What kind of conversation, such as `onsite`.
    pub kind: String,
    /// Where it stands, such as `scheduled` or `held`.
    pub status: String,
    /// Its start.
    #[schema(format = DateTime)]
    pub starts_at: String,
    /// Its end.
    #[schema(format = DateTime)]
    pub ends_at: String,
    /// Revision of the record.
    pub rev: i64,
}

/// A promise that was not kept in time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PromiseMissedData {
    /// The promise, a record of `expectations`.
    pub expectation_id: String,
    /// The opportunity.
    pub opportunity_id: String,
    /// The employer.
    pub employer: String,
    /// What was promised, such as `decision`.
    pub subject: String,
    /// The last promised day, in the employer's zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    pub by: Option<String>,
    /// Revision of the record.
    pub rev: i64,
}

/// Something that came back from the employer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReplyRecordedData {
    /// The reply.
    pub reply_id: String,
    /// The opportunity.
    pub opportunity_id: String,
    /// The employer.
    pub employer: String,
    /// What came, such as `next_round`, `offer` or `reject`.
    pub kind: String,
    /// When it came.
    #[schema(format = DateTime)]
    pub at: String,
    /// Revision of the record.
    pub rev: i64,
}

/// An opportunity that the candidate closed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OpportunityClosedData {
    /// The opportunity.
    pub opportunity_id: String,
    /// The employer.
    pub employer: String,
    /// The job.
    pub role: String,
    /// How it was closed, such as `withdrawn`.
    pub closed: String,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub closed_at: Option<String>,
    /// Revision of the record.
    pub rev: i64,
}

/// A try whether events arrive.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WebhookTestData {
    /// The webhook that is tried.
    pub webhook_id: String,
}
