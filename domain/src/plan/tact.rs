//! How tactful an item would be at a given moment: whole numbers, explained by what they count.

use super::draft::SELF;
use super::facts::Facts;
use super::item::{Item, ItemChannel, ItemKind};
use crate::clock::{CivilDate, Instant};
use chrono::{NaiveDateTime, Timelike};

/// Where every item starts.
const START: i32 = 80;

/// The hour before which the first day of the week is a poor moment to ask.
const FIRST_DAY_FROM_HOUR: u32 = 10;

/// The hour from which the last day of the week is.
const LAST_DAY_UNTIL_HOUR: u32 = 15;

/// The tact of `item` at `at`, 0 to 100; `None` where tact is not the question.
pub(super) fn score(facts: &Facts<'_>, item: &Item, at: Instant) -> Option<u8> {
    if item.to == SELF || is_beyond_tact(item.kind) {
        return None;
    }
    if has(item, "B1") || has(item, "B1-DNC") || has(item, "B3-NO-CONTACT") {
        return Some(0);
    }
    let civil = facts.office.civil(at);
    let score = START
        + asking(facts, item, civil.date())
        + carrying(item)
        + timing(facts, item, at, civil.date())
        + hour(facts, item, civil)
        + channel(facts, item);
    u8::try_from(score.clamp(0, 100)).ok()
}

/// What must be done whatever the tact.
const fn is_beyond_tact(kind: ItemKind) -> bool {
    matches!(
        kind,
        ItemKind::Apologise | ItemKind::NoShowPing | ItemKind::AckOffer | ItemKind::RespondOffer
    )
}

fn has(item: &Item, rule: &str) -> bool {
    item.reasons.iter().any(|reason| reason.rule == rule)
}

/// Asking where things stand: welcome after a missed promise, and less so each time.
fn asking(facts: &Facts<'_>, item: &Item, day: CivilDate) -> i32 {
    if item.kind != ItemKind::FollowUp {
        return 0;
    }
    let promised = facts.promise.map_or(0, |promise| if day > promise.by { 10 } else { -25 });
    let unanswered = i32::try_from(facts.unanswered().len()).unwrap_or(i32::MAX);
    let waiting_for =
        [("C3-BALL-IN-MY-COURT", 40), ("N3-NEXT-ROUND-BOOKED", 40), ("O3-MERGED-INTO-NUDGE", 20)];
    let waits = waiting_for.iter().filter(|(rule, _)| has(item, rule)).map(|(_, points)| points);
    promised - unanswered.saturating_mul(20) - waits.sum::<i32>()
}

/// Bringing something new.
fn carrying(item: &Item) -> i32 {
    let brings = item.kind == ItemKind::ValueAdd || item.flags.contains("include_supplement");
    if brings { 10 } else { 0 }
}

/// Too early, or thanks too late.
fn timing(facts: &Facts<'_>, item: &Item, at: Instant, day: CivilDate) -> i32 {
    let early = if at < item.earliest {
        let days = facts.office.business_days_between(day, facts.day(item.earliest));
        (10 * days.max(1)).min(60)
    } else {
        0
    };
    let late = item.kind == ItemKind::ThankYou && at > item.latest;
    -early - if late { 20 } else { 0 }
}

/// A day or an hour at which nobody wants mail.
fn hour(facts: &Facts<'_>, item: &Item, civil: NaiveDateTime) -> i32 {
    let (office, day, time) = (&facts.office, civil.date(), civil.time());
    if !office.is_business_day(day) {
        return -20;
    }
    if !(office.send_open()..=office.send_close()).contains(&time) {
        return -10;
    }
    let asks = matches!(item.kind, ItemKind::FollowUp | ItemKind::ValueAdd);
    let week_begins = office.week_first(day) == day && time.hour() < FIRST_DAY_FROM_HOUR;
    let week_ends = office.week_last(day) == day && time.hour() >= LAST_DAY_UNTIL_HOUR;
    if asks && (week_begins || week_ends) { -5 } else { 0 }
}

/// A telephone call to the employer interrupts.
fn channel(facts: &Facts<'_>, item: &Item) -> i32 {
    let calls = matches!(
        item.channel,
        ItemChannel::Phone | ItemChannel::PhoneOrEmail | ItemChannel::PhoneThenEmail
    );
    if calls && !facts.via_agency() { -15 } else { 0 }
}
