//! A follow-up as served: the planned item joined with what is stored of it.

use super::tact::{ManagerViewDto, TactView};
use afterview_domain::clock::{Instant, format_instant};
use afterview_domain::plan::Reason;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Why something is advised: a rule and its sentence.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Reason)]
pub struct ReasonView {
    /// The rule.
    #[schema(examples("F1-PROMISE"))]
    pub rule: String,
    /// The rule's sentence with its values filled in.
    #[schema(examples("They promised an answer by Friday 8 May."))]
    pub text: String,
    /// Where to read about the rule, on this server.
    #[schema(examples("/v1/rules/F1-PROMISE"))]
    pub url: String,
    /// The values by name.
    pub params: BTreeMap<String, String>,
}

impl From<&Reason> for ReasonView {
    fn from(reason: &Reason) -> Self {
        Self {
            rule: reason.rule.to_owned(),
            text: reason.text(),
            url: format!("/v1/rules/{}", reason.rule),
            params: reason
                .params
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.text()))
                .collect(),
        }
    }
}

/// Another way to do the same.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Alternative)]
pub struct AlternativeView {
    /// Why it is one.
    pub reason: ReasonView,
    /// To whom instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<String>,
    /// By which way instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// When instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub do_at: Option<String>,
}

/// One thing to do, or done: what the planner advises, joined with what is stored. One resource
/// with one id, whether or not anybody has acted on it yet.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = FollowUp)]
pub struct FollowUpView {
    /// Identifier; for a planned one the same on every device.
    pub id: String,
    /// The name of the action from which the identifier is derived.
    pub action_key: String,
    /// The opportunity.
    pub opportunity_id: String,
    /// The employer's name.
    pub employer: String,
    /// The job's title.
    pub role: String,
    /// The interview that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interview_id: Option<String>,
    /// What, such as `thank_you` or `follow_up`. Clients must accept other words too.
    #[schema(examples("thank_you"))]
    pub kind: String,
    /// First, second, … of its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<i64>,
    /// To whom: self, employer, recruiter, scheduler or the id of a contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The person to write to: behind `to`, or the one who passes it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<String>,
    /// That person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_name: Option<String>,
    /// The recipient's name, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_name: Option<String>,
    /// By which way, such as email. Clients must accept other words too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Through whose hands: direct, `via_recruiter` or `via_coordinator`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Where it stands: open, sent or skipped.
    #[schema(examples("open"))]
    pub state: String,
    /// Whether now is the time: `too_soon`, `good_time`, overdue, `last_call`, `let_it_go` or blocked.
    /// Only while it is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("too_soon"))]
    pub verdict: Option<String>,
    /// The advice in one line.
    pub summary: String,
    /// First tactful moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub earliest: Option<String>,
    /// Best moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub ideal: Option<String>,
    /// Last timely moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub latest: Option<String>,
    /// When it leaves the plan by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub expires: Option<String>,
    /// When to do it, never before now; absent while blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub do_at: Option<String>,
    /// When to remind, outside the candidate's quiet hours; absent while blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub remind_at: Option<String>,
    /// How tactful it would be now, 0 to 100; absent where tact is not the question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tact_now: Option<i32>,
    /// How tactful it will be at `do_at`, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tact_at_do: Option<i32>,
    /// How the tact now comes about; only where one follow-up is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tact: Option<TactView>,
    /// What the recipient sees; only where one follow-up is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub manager_view: Option<ManagerViewDto>,
    /// Why, in the order in which the rules applied.
    pub reasons: Vec<ReasonView>,
    /// The follow-up with which it makes one message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle_with: Option<String>,
    /// What could be done instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub alternatives: Vec<AlternativeView>,
    /// What else to mind, as words or `word=value`.
    pub flags: Vec<String>,
    /// What a custom one is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// When a custom one is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub due_at: Option<String>,
    /// Subject line of the draft or the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The draft, and once sent the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Values for the blanks of the draft.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    pub slots: BTreeMap<String, String>,
    /// When it went out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub sent_at: Option<String>,
    /// When the server learnt that; for five minutes it can be undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub recorded_at: Option<String>,
    /// The reported time lay in the future and was set to the time of recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at_clamped: Option<bool>,
    /// The message asked when to expect an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_timeline: Option<bool>,
    /// What the message carried besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub included: Vec<String>,
    /// Until when the reminder is put off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub snoozed_until: Option<String>,
    /// When the record of it was last corrected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub corrected_at: Option<String>,
    /// Revision of what is stored, also the entity tag; absent while nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rev: Option<i64>,
    /// When something was first stored of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub created_at: Option<String>,
    /// When what is stored last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub updated_at: Option<String>,
}

/// An instant as it is served.
#[must_use]
pub fn served(at: Option<Instant>) -> Option<String> {
    at.map(format_instant)
}

/// One page of follow-ups.
#[derive(Serialize, ToSchema)]
pub struct FollowUpPage {
    /// The follow-ups.
    pub items: Vec<FollowUpView>,
    /// Where the next page begins; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}
