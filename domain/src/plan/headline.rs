//! The answer at a glance: who has to move, and one sentence.

use super::draft::SELF;
use super::facts::Facts;
use super::item::{Ball, Item, ItemKind, Verdict, Waiting};
use super::reason::{Reason, Value};
use super::state::{self, OpportunityState};
use crate::clock::Instant;
use chrono::Datelike;

/// Who has to move.
pub(super) fn ball(facts: &Facts<'_>, items: &[Item]) -> Ball {
    let is_mine = |item: &Item| {
        item.verdict != Verdict::TooSoon
            && matches!(
                item.kind,
                ItemKind::Apologise
                    | ItemKind::NoShowPing
                    | ItemKind::LogDebrief
                    | ItemKind::AskNewSlot
                    | ItemKind::Withdrawal
                    | ItemKind::RespondOffer
                    | ItemKind::AckOffer
            )
    };
    match state::of(facts) {
        OpportunityState::MyTurn | OpportunityState::Offer => Ball::Me,
        _ if items.iter().any(is_mine) => Ball::Me,
        OpportunityState::WaitingThem | OpportunityState::Limbo => Ball::Them,
        _ => Ball::Nobody,
    }
}

/// How long they have been waited for.
pub(super) fn waiting(facts: &Facts<'_>, items: &[Item]) -> Option<Waiting> {
    let since = facts.last_event().filter(|_| ball(facts, items) == Ball::Them)?;
    let (from, today) = (facts.day(since), facts.day(facts.now));
    Some(Waiting { since, business_days: facts.office.business_days_between(from, today) })
}

/// One sentence about the first item.
pub(super) fn headline(facts: &Facts<'_>, items: &[Item]) -> Reason {
    if facts.closed().is_some() {
        return Reason::new("H8-CLOSED");
    }
    let Some(item) = items.first() else { return Reason::new("H7-NOTHING") };
    let what = Reason::new(rule(facts, item)).with("what", Value::Act(item.kind));
    match item.do_at.filter(|do_at| *do_at > facts.now) {
        Some(do_at) => what.with("when", when(facts, do_at)),
        None => what,
    }
}

/// Whether this is an hour for it: the office's, or any for what concerns the candidate alone.
fn may_go_out(facts: &Facts<'_>, item: &Item) -> bool {
    item.to == SELF || facts.office.next_send(facts.now) == facts.now
}

/// The moment, with its year when that is not this one.
fn when(facts: &Facts<'_>, at: Instant) -> Value {
    let (civil, today) = (facts.office.civil(at), facts.day(facts.now));
    if civil.year() == today.year() { Value::Moment(civil) } else { Value::FarMoment(civil) }
}

fn rule(facts: &Facts<'_>, item: &Item) -> &'static str {
    let later = item.do_at.is_some_and(|do_at| do_at > facts.now);
    match item.verdict {
        Verdict::Blocked => "H6-BLOCKED",
        Verdict::LetItGo => "H5-LET-GO",
        Verdict::GoodTime if later && may_go_out(facts, item) => "H9-ALREADY-FINE",
        _ if later => "H2-WAIT",
        Verdict::LastCall => "H4-LAST-CALL",
        Verdict::Overdue => "H3-OVERDUE",
        Verdict::TooSoon | Verdict::GoodTime => "H1-ACT-NOW",
    }
}
