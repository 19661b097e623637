//! The candidate is not interested any more: one courteous message, and nothing else.
//!
//! **Must never** plan more than that one message.

use super::draft::{Draft, Drafts, EMPLOYER, Times};
use super::facts::Facts;
use super::item::ItemKind;
use super::reason::Reason;
use super::{blocks, capture};
use crate::calendar::shift;
use crate::clock::Instant;
use crate::entities::follow_up::FollowUpKind;
use chrono::TimeDelta;

/// How long one lets the decision rest.
const PAUSE: TimeDelta = TimeDelta::minutes(60);

/// Business days until the message is late.
const LATEST_BD: i32 = 2;

/// WD: after the interest was withdrawn, unless they decided first or never heard of the candidate.
/// An interview still ahead must not be waited for.
pub(super) fn propose(facts: &Facts<'_>, drafts: &mut Drafts) {
    let Some(at) = facts.withdrawn_at() else { return };
    let ahead = facts.interviews.iter().filter(|i| capture::is_ahead(facts, i));
    let ahead: Option<Instant> = ahead.map(|interview| interview.starts_at).min();
    let known_to_them = !facts.held.is_empty() || ahead.is_some();
    if !known_to_them || facts.outcome.is_some() || facts.has_sent(FollowUpKind::Withdrawal) {
        return;
    }
    let ideal = facts.office.next_send(shift(at, PAUSE));
    let latest = facts.office.closing(facts.add(facts.day(at), LATEST_BD));
    let latest = ahead.map_or(latest, |starts_at| latest.min(starts_at)).max(at);
    let times = Times { earliest: at, ideal: ideal.min(latest), latest };
    let draft = Draft::new(ItemKind::Withdrawal, "1", EMPLOYER, times).nth(1);
    let draft = draft.because(Reason::new("WD-WITHDRAW"));
    drafts.push(if blocks::forbids_contact(facts) {
        draft.blocked(Reason::new("B3-NO-CONTACT"))
    } else {
        draft
    });
}
