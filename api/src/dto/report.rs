//! Answers about what happened in a period.

use serde::Serialize;
use utoipa::ToSchema;

/// Something that happened. In CSV these are the columns, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Activity {
    /// The day, in the candidate's zone.
    #[schema(format = Date, examples("2026-05-06"))]
    pub date: String,
    /// The moment.
    #[schema(format = DateTime)]
    pub at: String,
    /// What happened: `opportunity_recorded`, `interview`, `follow_up_sent`, `commitment_fulfilled`,
    /// `reply_received`, `offer_received` or `opportunity_closed`. New kinds may come.
    #[schema(examples("interview"))]
    pub kind: String,
    /// More exactly: how the candidate came to the job, or the kind of interview, message, duty or reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, examples("onsite"))]
    pub what: Option<String>,
    /// The employer.
    #[schema(examples("Acme"))]
    pub employer: String,
    /// The job.
    #[schema(examples("Data engineer"))]
    pub role: String,
    /// With whom, to whom or from whom; of several the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, examples("Anna Novak"))]
    pub contact: Option<String>,
    /// By which way a message went out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, examples("email"))]
    pub channel: Option<String>,
    /// How it ended: the status of an interview or an offer, or how an opportunity was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, examples("held"))]
    pub outcome: Option<String>,
    /// The opportunity.
    pub opportunity_id: String,
    /// The record that says so.
    pub record_id: String,
}

/// What happened in a period.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActivityReport {
    /// The first day.
    #[schema(format = Date, examples("2026-05-01"))]
    pub from: String,
    /// The last day.
    #[schema(format = Date, examples("2026-05-31"))]
    pub to: String,
    /// The candidate's zone, in which days are counted.
    #[schema(examples("Europe/Prague"))]
    pub time_zone: String,
    /// What happened, in the order of time.
    pub items: Vec<Activity>,
}
