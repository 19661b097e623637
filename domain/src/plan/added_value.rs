//! A new qualification: shown on its own before the promised day, or carried by the follow-up.

use super::draft::{Draft, Times};
use super::facts::Facts;
use super::item::ItemKind;
use super::reason::Reason;
use super::{blocks, routing};
use crate::clock::Instant;
use crate::entities::follow_up::FollowUpKind;

/// Business days after the last event within which something new is sent when nothing was
/// promised.
const OPEN_BD: i32 = 4;

/// What becomes of a new qualification.
pub(super) enum Showing {
    /// There is none to show, or it has to wait.
    NotNow,
    /// In a message of its own.
    Separate(Box<Draft>),
    /// There is no time left for a message of its own.
    WithFollowUp,
}

/// Whether something new has not been shown yet.
pub(super) fn is_available(facts: &Facts<'_>) -> bool {
    let opportunity = &facts.snapshot.opportunity.id;
    facts.snapshot.supplements.iter().any(|supplement| {
        supplement.used_by.is_none()
            && supplement.opportunity_id.as_ref().is_none_or(|id| id == opportunity)
    })
}

/// V1: before the `n`-th follow-up, which must be the first.
pub(super) fn propose(facts: &Facts<'_>, n: usize, last_event: Instant) -> Showing {
    let wanted = is_available(facts) && n == 1 && !facts.has_sent(FollowUpKind::ValueAdd);
    let allowed = !blocks::forbids_status(facts) && facts.duties.is_empty();
    if !wanted || !allowed || facts.next_round_booked {
        return Showing::NotNow;
    }
    let since = facts.last_outbound().or(facts.last_held().map(|held| held.ends_at));
    let first = facts.add(facts.day(since.unwrap_or(last_event)), facts.cadence().spacing_bd);
    let last = match facts.promise {
        Some(promise) => facts.add(promise.by, -1),
        None => facts.add(facts.day(last_event), OPEN_BD),
    };
    if first > last {
        return Showing::WithFollowUp;
    }
    let times = Times {
        earliest: facts.office.opening(first),
        ideal: facts.office.at_hour(first, facts.policy.follow_up_time),
        latest: facts.office.closing(last),
    };
    let draft = Draft::new(ItemKind::ValueAdd, "1", routing::main_recipient(facts), times);
    let draft = draft.nth(1).because(Reason::new("V1")).flagged("no_status_question");
    Showing::Separate(Box::new(draft))
}

/// V2: the follow-up shows it as well.
pub(super) fn carry(follow_up: Draft) -> Draft {
    follow_up.because(Reason::new("V2-CARRY")).flagged("include_supplement")
}
