//! Plans and agendas as served.

use super::follow_up::{FollowUpView, ReasonView};
use serde::Serialize;
use utoipa::ToSchema;

/// What to do about one opportunity, as of one moment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
pub struct PlanView {
    /// The opportunity.
    pub opportunity_id: String,
    /// The employer's name.
    #[schema(examples("Acme"))]
    pub employer: String,
    /// The job's title.
    #[schema(examples("Data engineer"))]
    pub role: String,
    /// The moment for which the plan holds.
    #[schema(format = DateTime, examples("2026-05-06T19:30:00Z"))]
    pub now: String,
    /// Where the opportunity stands, such as `waiting_them`. Clients must accept other words too.
    #[schema(examples("waiting_them"))]
    pub state: String,
    /// Who has to move: me, them or nobody.
    #[schema(examples("them"))]
    pub ball: String,
    /// The answer in one sentence.
    pub headline: ReasonView,
    /// What to do, the most pressing first, blocked ones last.
    pub items: Vec<FollowUpView>,
    /// The next moment at which the plan changes although the facts do not; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub next_change_at: Option<String>,
    /// The policy that made the plan.
    pub policy_version: String,
    /// The holiday data that made the plan.
    pub calendar_version: String,
}

/// Every open item of every opportunity.
#[derive(Debug, Serialize, ToSchema)]
pub struct Agenda {
    /// What to do, the most pressing first, blocked ones last.
    pub items: Vec<FollowUpView>,
    /// The next moment at which the agenda changes although the facts do not; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub next_change_at: Option<String>,
}
