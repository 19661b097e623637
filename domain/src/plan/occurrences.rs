//! The reminders of a plan: which notification is due when, so that nobody is told twice.
//!
//! A plan says at every moment when to remind; what is overdue moves along with the clock. A
//! notification that has been due once is repeated only when the candidate put it off, or when the
//! advice itself changed and the new moment lies clearly ahead.
//!
//! **Must never** remind of the same advice twice.

use super::item::{ItemKind, Plan};
use crate::clock::Instant;
use chrono::TimeDelta;

/// How far ahead a changed reminder must lie to be given after another was due.
const CLEARLY_AHEAD: TimeDelta = TimeDelta::hours(2);

/// One notification to come, or the last one that was due, for an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// The action.
    pub action_key: String,
    /// The follow-up record that belongs to it.
    pub follow_up_id: String,
    /// What.
    pub kind: ItemKind,
    /// When to remind, outside the candidate's quiet hours. With `action_key` it names the
    /// notification.
    pub remind_at: Instant,
    /// The best moment of which it reminds.
    pub ideal: Instant,
    /// Until when it was put off.
    pub snoozed_until: Option<Instant>,
    /// From when on it is no use any more.
    pub useful_until: Instant,
}

/// The reminders of `plan`, in the order of its items. `known` are those that hold so far: what was
/// due already stays as it was unless its item changed.
#[must_use]
pub fn reminders(plan: &Plan, known: &[Reminder]) -> Vec<Reminder> {
    let wanted = plan.items.iter().filter_map(|item| {
        let remind_at = item.remind_at?;
        Some(Reminder {
            action_key: item.action_key(),
            follow_up_id: item.follow_up_id(),
            kind: item.kind,
            remind_at,
            ideal: item.ideal,
            snoozed_until: item.snoozed_until,
            useful_until: item.expires.unwrap_or(item.latest).max(item.latest).max(remind_at),
        })
    });
    wanted
        .map(|new| {
            let old = known.iter().find(|old| old.action_key == new.action_key);
            let old = old.filter(|old| old.remind_at <= plan.now && repeats(old, &new, plan.now));
            old.cloned().unwrap_or(new)
        })
        .collect()
}

/// Whether `new` would only say again what `old` said. Who puts a reminder off asks for another one,
/// however soon.
fn repeats(old: &Reminder, new: &Reminder, now: Instant) -> bool {
    if new.snoozed_until.is_some_and(|until| old.snoozed_until != Some(until) && until > now) {
        return false;
    }
    let same = (old.ideal, old.snoozed_until) == (new.ideal, new.snoozed_until);
    let has_no_window = matches!(new.kind, ItemKind::CloseOut);
    same || has_no_window || new.remind_at <= crate::calendar::shift(now, CLEARLY_AHEAD)
}
