//! What each event tells of a record or a plan.
//!
//! **Must never** take over a note or a message.

use crate::dto::webhook_events::{
    FollowUpDueData, FollowUpMovedData, FollowUpSentData, InterviewEventData,
    OpportunityClosedData, PromiseMissedData, ReplyRecordedData,
};
use crate::store::dispatch::ClaimedReminder;
use afterview_domain::clock::{format_instant, from_millis};
use afterview_domain::entities::Opportunity;
use afterview_domain::plan::PlanChange;
use afterview_domain::sync::Record;
use serde_json::Value;

/// A record and its opportunity.
pub(super) type Both<'r> = (&'r Record, &'r Record);

fn text(record: &Record, name: &str) -> Option<String> {
    record.doc.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// A field that every stored record of its collection has.
fn needed(record: &Record, name: &str) -> String {
    text(record, name).unwrap_or_default()
}

pub(super) fn interview((interview, opportunity): Both<'_>) -> InterviewEventData {
    InterviewEventData {
        interview_id: interview.id.clone(),
        opportunity_id: opportunity.id.clone(),
        employer: needed(opportunity, "employer"),
        kind: needed(interview, "kind"),
        status: needed(interview, "status"),
        starts_at: needed(interview, "starts_at"),
        ends_at: needed(interview, "ends_at"),
        rev: interview.rev,
    }
}

pub(super) fn reply((reply, opportunity): Both<'_>) -> ReplyRecordedData {
    ReplyRecordedData {
        reply_id: reply.id.clone(),
        opportunity_id: opportunity.id.clone(),
        employer: needed(opportunity, "employer"),
        kind: needed(reply, "kind"),
        at: needed(reply, "at"),
        rev: reply.rev,
    }
}

pub(super) fn sent((follow_up, opportunity): Both<'_>) -> FollowUpSentData {
    FollowUpSentData {
        follow_up_id: follow_up.id.clone(),
        opportunity_id: opportunity.id.clone(),
        employer: needed(opportunity, "employer"),
        kind: needed(follow_up, "kind"),
        interview_id: text(follow_up, "interview_id"),
        channel: text(follow_up, "channel"),
        sent_at: text(follow_up, "sent_at"),
        rev: follow_up.rev,
    }
}

pub(super) fn missed((promise, opportunity): Both<'_>) -> PromiseMissedData {
    PromiseMissedData {
        expectation_id: promise.id.clone(),
        opportunity_id: opportunity.id.clone(),
        employer: needed(opportunity, "employer"),
        subject: needed(promise, "subject"),
        by: text(promise, "by"),
        rev: promise.rev,
    }
}

pub(super) fn closed(opportunity: &Record) -> OpportunityClosedData {
    OpportunityClosedData {
        opportunity_id: opportunity.id.clone(),
        employer: needed(opportunity, "employer"),
        role: needed(opportunity, "role"),
        closed: needed(opportunity, "closed"),
        closed_at: text(opportunity, "closed_at"),
        rev: opportunity.rev,
    }
}

pub(super) fn moved(opportunity: &Opportunity, change: &PlanChange) -> FollowUpMovedData {
    FollowUpMovedData {
        follow_up_id: change.follow_up_id.clone(),
        opportunity_id: opportunity.id.clone(),
        employer: opportunity.employer.clone(),
        kind: change.kind.as_str().to_owned(),
        before: change.before.map(format_instant),
        after: change.after.map(format_instant),
        rule: change.because.as_ref().map(|reason| reason.rule.to_owned()),
    }
}

pub(super) fn due(reminder: &ClaimedReminder, opportunity: &Record) -> FollowUpDueData {
    FollowUpDueData {
        follow_up_id: reminder.follow_up_id.clone(),
        opportunity_id: opportunity.id.clone(),
        employer: needed(opportunity, "employer"),
        kind: reminder.kind.clone(),
        remind_at: format_instant(from_millis(reminder.remind_at)),
        useful_until: format_instant(from_millis(reminder.useful_until)),
    }
}
