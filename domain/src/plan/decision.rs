//! After their decision: a kind reply to a no, thanks and an answer to an offer.

use super::draft::{Draft, Drafts, EMPLOYER, Times};
use super::facts::Facts;
use super::item::{ItemChannel, ItemKind};
use super::outcome::Outcome;
use super::reason::Reason;
use super::say;
use crate::calendar::shift;
use crate::clock::Instant;
use crate::entities::follow_up::FollowUpKind;
use chrono::TimeDelta;

/// How long one lets a decision sink in.
const PAUSE: TimeDelta = TimeDelta::minutes(60);

/// Business days until a kind reply to a no is late.
const KIND_REPLY_BD: i32 = 2;

/// Business days until it is too late for one.
const KIND_REPLY_DROPPED_BD: i32 = 5;

/// D1 after a no, D2 to D4 after an offer.
pub(super) fn propose(facts: &Facts<'_>, drafts: &mut Drafts) {
    match facts.outcome {
        Some(Outcome::Rejected { at }) => kind_reply(facts, drafts, at),
        Some(Outcome::Offered { at, deadline, status }) if !status.is_final() => {
            acknowledge(facts, drafts, at);
            answer(facts, drafts, at, deadline);
        }
        _ => {}
    }
}

/// D1.
fn kind_reply(facts: &Facts<'_>, drafts: &mut Drafts, at: Instant) {
    let (office, day) = (&facts.office, facts.day(at));
    let dropped = office.closing(facts.add(day, KIND_REPLY_DROPPED_BD));
    if facts.now > dropped || facts.has_sent(FollowUpKind::GraciousReply) {
        return;
    }
    drafts.changes_at(dropped);
    let times = Times {
        earliest: at,
        ideal: office.next_send(shift(at, PAUSE)),
        latest: office.closing(facts.add(day, KIND_REPLY_BD)),
    };
    let draft = Draft::new(ItemKind::GraciousReply, "1", EMPLOYER, times);
    drafts.push(draft.nth(1).because(Reason::new("D1")).flagged("optional"));
}

/// D2.
fn acknowledge(facts: &Facts<'_>, drafts: &mut Drafts, at: Instant) {
    if facts.has_sent(FollowUpKind::AckOffer) {
        return;
    }
    let office = &facts.office;
    let times = Times {
        earliest: at,
        ideal: office.next_send(shift(at, PAUSE)),
        latest: office.closing(facts.add(facts.day(at), 1)),
    };
    let draft = Draft::new(ItemKind::AckOffer, "1", EMPLOYER, times);
    drafts.push(draft.nth(1).because(Reason::new("D2")).flagged("confirm_deadline"));
}

/// D3 and D4.
fn answer(facts: &Facts<'_>, drafts: &mut Drafts, at: Instant, deadline: Option<Instant>) {
    let Some(deadline) = deadline.filter(|_| !facts.has_sent(FollowUpKind::RespondOffer)) else {
        return;
    };
    let day_before = facts.add(facts.day(deadline), -1);
    let ideal = facts.office.at_hour(day_before, facts.policy.follow_up_time).max(at);
    let by = say::moment(&facts.office, deadline);
    let times = Times { earliest: at, ideal, latest: deadline };
    let mut draft = Draft::new(ItemKind::RespondOffer, "1", EMPLOYER, times)
        .nth(1)
        .by(ItemChannel::PhoneThenEmail)
        .because(Reason::new("D3").with("deadline", by));
    if facts.snapshot.others_pending {
        draft = draft.because(Reason::new("D4-ASK-EXTENSION")).flagged("others_pending");
    }
    drafts.push(draft);
}
