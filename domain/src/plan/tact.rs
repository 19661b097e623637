//! How tactful an item would be at a given moment: whole numbers, itemised.
//!
//! Every point has a rule with a sentence. Scoring as such makes no sentences: the planner scores
//! each item twice and nobody may ever ask why.

use super::blocks;
use super::draft::{RECRUITER, SELF};
use super::facts::Facts;
use super::item::{Item, ItemKind};
use super::reason::Reason;
use super::routing::is_call;
use super::say;
use crate::clock::{CivilDate, Instant};
use crate::entities::field::words;
use chrono::{NaiveDateTime, Timelike};

/// Where every item starts.
const START: i32 = 80;

/// The hour before which the first day of the week is a poor moment to ask.
const FIRST_DAY_FROM_HOUR: u32 = 10;

/// The hour from which the last day of the week is.
const LAST_DAY_UNTIL_HOUR: u32 = 15;

/// The most points that being early costs.
const EARLY_AT_MOST: i32 = 60;

words! {
    /// What a score means.
    TactBand {
        /// 75 and more.
        Tactful = "tactful",
        /// 50 to 74: fine with care.
        Careful = "careful",
        /// 25 to 49.
        Risky = "risky",
        /// Below 25.
        DoNot = "do_not",
    }
}

impl TactBand {
    /// The band of `score`, 0 to 100.
    #[must_use]
    pub const fn of(score: u8) -> Self {
        match score {
            75.. => Self::Tactful,
            50..=74 => Self::Careful,
            25..=49 => Self::Risky,
            _ => Self::DoNot,
        }
    }
}

/// Points for a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TactPoint {
    /// How many, negative for what is taken away.
    pub points: i32,
    /// For what.
    pub reason: Reason,
}

/// The tact of `item` at `at`, 0 to 100; `None` where tact is not the question.
pub(super) fn score(facts: &Facts<'_>, item: &Item, at: Instant) -> Option<u8> {
    let mut sum = 0;
    weigh(facts, item, at, |points, _| sum += points)?;
    Some(clamped(sum))
}

/// The same with every point named, the start first.
pub(super) fn itemised(
    facts: &Facts<'_>,
    item: &Item,
    at: Instant,
) -> Option<(u8, Vec<TactPoint>)> {
    let mut points = Vec::new();
    weigh(facts, item, at, |value, reason| {
        points.push(TactPoint { points: value, reason: reason(facts) });
    })?;
    let sum = points.iter().map(|point| point.points).sum();
    Some((clamped(sum), points))
}

fn clamped(sum: i32) -> u8 {
    u8::try_from(sum.clamp(0, 100)).unwrap_or(0)
}

type Because<'r> = &'r dyn Fn(&Facts<'_>) -> Reason;

/// Gives every point that counts to `give`, with how to say why.
fn weigh(
    facts: &Facts<'_>,
    item: &Item,
    at: Instant,
    mut give: impl FnMut(i32, Because<'_>),
) -> Option<()> {
    if item.to == SELF || is_beyond_tact(item.kind) {
        return None;
    }
    let start = i64::from(START);
    give(START, &|_| Reason::new("TACT-START").with("points", super::Value::Number(start)));
    let unwanted_call =
        is_call(item.channel) && item.to != RECRUITER && blocks::forbids_calls(facts);
    if unwanted_call || ["B1", "B1-DNC", "B3-NO-CONTACT"].iter().any(|rule| has(item, rule)) {
        give(-START, &|_| Reason::new("TACT-FORBIDDEN"));
        return Some(());
    }
    let civil = facts.office.civil(at);
    if item.kind == ItemKind::FollowUp {
        asking(facts, item, civil.date(), &mut give);
    }
    if item.kind == ItemKind::ValueAdd || item.flags.contains("include_supplement") {
        give(10, &|_| Reason::new("TACT-NEWS"));
    }
    timing(facts, item, (at, civil), &mut give);
    if is_call(item.channel) && !facts.via_agency() {
        give(-15, &|_| Reason::new("TACT-CALL"));
    }
    Some(())
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
fn asking(facts: &Facts<'_>, item: &Item, day: CivilDate, give: &mut impl FnMut(i32, Because<'_>)) {
    match facts.promise {
        Some(promise) if day > promise.by => give(10, &|_| Reason::new("TACT-AFTER-PROMISE")),
        Some(_) => give(-25, &|_| Reason::new("TACT-BEFORE-PROMISE")),
        None => {}
    }
    let unanswered = facts.unanswered().len();
    if unanswered > 0 {
        let count = i64::try_from(unanswered).unwrap_or(i64::MAX);
        let points = i32::try_from(unanswered).unwrap_or(i32::MAX).saturating_mul(-20);
        give(points, &|_| {
            Reason::new("TACT-UNANSWERED").with("count", say::counted(count, "message", "messages"))
        });
    }
    let waits_for = [
        ("C3-BALL-IN-MY-COURT", -40, "TACT-MY-COURT"),
        ("C3-NEXT-STEP-MINE", -40, "TACT-MY-COURT"),
        ("N3-NEXT-ROUND-BOOKED", -40, "TACT-NEXT-ROUND"),
        ("O3-MERGED-INTO-NUDGE", -20, "TACT-OFFER-NEWS"),
    ];
    for (rule, points, why) in waits_for {
        if has(item, rule) {
            give(points, &|_| Reason::new(why));
        }
    }
}

/// Too early, thanks too late, or a day or an hour at which nobody wants mail.
fn timing(
    facts: &Facts<'_>,
    item: &Item,
    (at, civil): (Instant, NaiveDateTime),
    give: &mut impl FnMut(i32, Because<'_>),
) {
    if at < item.earliest {
        let first = facts.day(item.earliest);
        let days = facts.office.business_days_between(civil.date(), first).max(1);
        give(-days.saturating_mul(10).min(EARLY_AT_MOST), &|_| {
            Reason::new("TACT-EARLY").with("days", say::business_days(days))
        });
    }
    if item.kind == ItemKind::ThankYou && at > item.latest {
        give(-20, &|_| Reason::new("TACT-LATE-THANKS"));
    }
    let (office, day, time) = (&facts.office, civil.date(), civil.time());
    if !office.is_business_day(day) {
        give(-20, &|_| Reason::new("TACT-DAY-OFF"));
    } else if !(office.send_open()..=office.send_close()).contains(&time) {
        give(-10, &|_| Reason::new("TACT-OFF-HOURS"));
    } else if matches!(item.kind, ItemKind::FollowUp | ItemKind::ValueAdd)
        && is_edge_of_week(facts, day, time.hour())
    {
        give(-5, &|_| Reason::new("TACT-WEEK-EDGE"));
    }
}

fn is_edge_of_week(facts: &Facts<'_>, day: CivilDate, hour: u32) -> bool {
    let office = &facts.office;
    office.week_first(day) == day && hour < FIRST_DAY_FROM_HOUR
        || office.week_last(day) == day && hour >= LAST_DAY_UNTIL_HOUR
}
