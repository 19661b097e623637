//! When to remind the candidate: in the candidate's own zone, outside the quiet hours.
//!
//! **Must never** move a window: only the push moves.

use super::facts::Facts;
use super::item::{Item, ItemKind, Verdict};
use crate::calendar::{shift, shift_days, to_civil, to_instant};
use crate::clock::{CivilDate, Instant};
use crate::entities::Preferences;
use chrono::TimeDelta;

/// How long before the quiet hours a reminder is sent that would fall into them.
const BEFORE_QUIET: TimeDelta = TimeDelta::minutes(30);

/// Sets the reminder of `item`. Blocked and muted items have none.
pub(super) fn set(facts: &Facts<'_>, item: &mut Item) {
    let Some(do_at) = item.do_at.filter(|_| item.verdict != Verdict::Blocked) else { return };
    let wanted = snoozed(facts, item, do_at);
    let mut remind_at = wanted;
    let preferences = &facts.snapshot.preferences;
    if let Some((quiet_from, quiet_to)) = quiet_period(preferences, wanted) {
        let before = shift(quiet_from, -BEFORE_QUIET);
        remind_at = if before >= facts.now { before } else { quiet_to };
        item.flags.insert("schedule_send".to_owned());
    }
    if cannot_wait(item.kind) {
        remind_at = do_at.max(facts.now);
    }
    let muted = preferences.mute.iter().any(|kind| kind == item.kind.as_str());
    item.remind_at = (!muted).then_some(remind_at);
}

/// `do_at`, or the later time to which the candidate put the reminder off. A snooze ends when the
/// best moment is no longer the one from which it was taken.
fn snoozed(facts: &Facts<'_>, item: &mut Item, do_at: Instant) -> Instant {
    let record = facts.unsent(&item.action_key()).or_else(|| facts.unsent(&item.key));
    let Some(record) = record else { return do_at };
    let Some(until) = record.snoozed_until else { return do_at };
    if record.snoozed_window.is_some_and(|ideal| ideal != item.ideal) {
        item.flags.insert("snooze_dropped".to_owned());
        return do_at;
    }
    if until <= do_at {
        return do_at;
    }
    if until > item.latest {
        item.flags.insert("snooze_past_latest".to_owned());
    }
    item.snoozed_until = Some(until);
    until
}

/// What is to be put right at once is said in the quiet hours, too.
fn cannot_wait(kind: ItemKind) -> bool {
    matches!(kind, ItemKind::NoShowPing | ItemKind::Apologise)
}

/// Until when a reminder that is due at `now`, or was before, has to wait: the end of the quiet hours.
/// `None` if it may be given.
#[must_use]
pub fn waits_until(preferences: &Preferences, kind: ItemKind, now: Instant) -> Option<Instant> {
    let quiet = quiet_period(preferences, now).filter(|_| !cannot_wait(kind));
    quiet.map(|(_, end)| end)
}

/// Start and end of the candidate's quiet period that `at` falls into.
fn quiet_period(preferences: &Preferences, at: Instant) -> Option<(Instant, Instant)> {
    let zone = preferences.time_zone;
    let (from, to) = (preferences.quiet_from, preferences.quiet_to);
    let civil = to_civil(zone, at);
    let (time, date) = (civil.time(), civil.date());
    let over_midnight = from > to;
    let quiet = if over_midnight { time >= from || time < to } else { time >= from && time < to };
    let start: CivilDate = if time >= from { date } else { shift_days(date, -1) };
    let end = if over_midnight { shift_days(start, 1) } else { start };
    quiet.then(|| (to_instant(zone, start, from), to_instant(zone, end, to)))
}
