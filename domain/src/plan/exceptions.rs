//! When the interview did not happen: somebody did not come, or it was cancelled.

use super::draft::{Draft, Drafts, SCHEDULER, Times};
use super::facts::Facts;
use super::item::{ItemChannel, ItemKind};
use super::reason::Reason;
use super::say;
use crate::calendar::shift;
use crate::clock::Instant;
use crate::entities::Interview;
use crate::entities::follow_up::FollowUpKind;
use crate::entities::interview::InterviewStatus;
use chrono::TimeDelta;

/// How long one waits for an interviewer before asking.
const PATIENCE: TimeDelta = TimeDelta::minutes(15);

/// How soon one says sorry.
const APOLOGISE_WITHIN: TimeDelta = TimeDelta::hours(2);

/// X1 to X3 for every interview that failed. After a no there is nothing to put right.
pub(super) fn propose(facts: &Facts<'_>, drafts: &mut Drafts) {
    if facts.is_rejected() {
        return;
    }
    for interview in &facts.interviews {
        let draft = match interview.status {
            InterviewStatus::NoShowThem => nobody_came(facts, interview),
            InterviewStatus::NoShowMe => missed_it(facts, interview),
            InterviewStatus::CancelledThem => cancelled(facts, interview),
            _ => None,
        };
        drafts.extend(draft.map(|draft| draft.about_interview(&interview.id)));
    }
}

/// X1.
fn nobody_came(facts: &Facts<'_>, interview: &Interview) -> Option<Draft> {
    let start = interview.starts_at;
    let asked = facts.sent_about_interview(FollowUpKind::NoShowPing, &interview.id);
    if start > facts.now || asked {
        return None;
    }
    let ideal = shift(start, PATIENCE);
    let times = Times { earliest: ideal, ideal, latest: facts.office.closing(facts.day(start)) };
    let draft = Draft::new(ItemKind::NoShowPing, &interview.id, scheduler(interview), times);
    Some(draft.at_any_hour().because(Reason::new("X1")).flagged("ask_new_slot"))
}

/// X2.
fn missed_it(facts: &Facts<'_>, interview: &Interview) -> Option<Draft> {
    let start = interview.starts_at;
    let apologised = facts.sent_about_interview(FollowUpKind::Apologise, &interview.id);
    if start > facts.now || apologised {
        return None;
    }
    let times = Times { earliest: start, ideal: start, latest: shift(start, APOLOGISE_WITHIN) };
    let draft = Draft::new(ItemKind::Apologise, &interview.id, scheduler(interview), times);
    let draft = draft.by(ItemChannel::PhoneThenEmail).at_any_hour();
    Some(draft.because(Reason::new("X2")).flagged("ask_new_slot"))
}

/// X3.
fn cancelled(facts: &Facts<'_>, interview: &Interview) -> Option<Draft> {
    let at = interview.status_changed_at.filter(|at| *at <= facts.now)?;
    let asked = facts.sent_about_interview(FollowUpKind::AskNewSlot, &interview.id);
    if has_interview_after(facts, at) || asked {
        return None;
    }
    let (office, day) = (&facts.office, facts.day(at));
    let times = Times {
        earliest: office.opening(facts.add(day, 1)),
        ideal: office.at_hour(facts.add(day, 2), facts.policy.follow_up_time),
        latest: office.closing(facts.add(day, 5)),
    };
    let draft = Draft::new(ItemKind::AskNewSlot, &interview.id, scheduler(interview), times);
    Some(draft.because(Reason::new("X3").with("cancelled", say::day(day))))
}

fn has_interview_after(facts: &Facts<'_>, at: Instant) -> bool {
    facts.interviews.iter().any(|interview| {
        interview.starts_at > at
            && matches!(interview.status, InterviewStatus::Scheduled | InterviewStatus::Held)
    })
}

fn scheduler(interview: &Interview) -> &str {
    interview.scheduler_contact_id.as_deref().unwrap_or(SCHEDULER)
}
