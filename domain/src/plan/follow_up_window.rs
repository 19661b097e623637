//! When to ask where things stand: from which day the window is counted, and what moves it.

use super::draft::Times;
use super::expectation::Promise;
use super::facts::Facts;
use super::outbound::Sent;
use super::policy::Offsets;
use super::reason::{Reason, Value};
use super::say;
use crate::clock::{CivilDate, Instant};

/// First tactful, best and last timely day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Days {
    pub(super) earliest: CivilDate,
    pub(super) ideal: CivilDate,
    pub(super) latest: CivilDate,
}

impl Days {
    fn after(facts: &Facts<'_>, base: CivilDate, offsets: Offsets) -> Self {
        Self {
            earliest: facts.add(base, offsets.earliest_bd),
            ideal: facts.add(base, offsets.ideal_bd),
            latest: facts.add(base, offsets.latest_bd),
        }
    }

    /// From the opening of the first day to the end of the last.
    pub(super) fn times(self, facts: &Facts<'_>) -> Times {
        Times {
            earliest: facts.office.opening(self.earliest),
            ideal: facts.office.at_hour(self.ideal, facts.policy.follow_up_time),
            latest: facts.office.closing(self.latest),
        }
    }
}

/// The days of a follow-up with the reasons why they are these.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) days: Days,
    pub(super) reasons: Vec<Reason>,
    /// Whether it rests on words with a second reading.
    pub(super) confirm_date: bool,
}

/// F1 to F4 and C6 choose the day to count from; F6 and M2 may push the window further.
pub(super) fn window(facts: &Facts<'_>, unanswered: &[Sent<'_>], last_event: Instant) -> Window {
    let mut window = match unanswered.last() {
        Some(last) => after_silence(facts, unanswered.len(), last.at),
        None => first(facts, last_event),
    };
    keep_distance(facts, &mut window);
    wait_for_return(facts, &mut window);
    let Days { earliest, ideal, latest } = &mut window.days;
    *ideal = (*ideal).max(*earliest);
    if *latest < *ideal {
        *latest = facts.add(*ideal, facts.policy.overtaken_bd);
    }
    window
}

/// The first message since they last spoke: after the promised day, or when nothing was promised
/// or the candidate delivered only after that day, after the last event.
fn first(facts: &Facts<'_>, last_event: Instant) -> Window {
    let late = facts.promise.and_then(|promise| delivered_after(facts, promise.by));
    let reason = match (facts.promise, late) {
        (Some(promise), None) => return after_promise(facts, &promise),
        (_, Some(day)) => Reason::new("C6-REANCHOR").with("delivered", say::day(day)),
        (None, None) => Reason::new("F2-OPEN-ENDED")
            .with("ideal", say::business_days(facts.cadence().open.ideal_bd))
            .with("base", say::day(facts.day(last_event))),
    };
    let days = Days::after(facts, facts.day(last_event), facts.cadence().open);
    Window { days, reasons: vec![reason], confirm_date: false }
}

/// The last day after `day` on which the candidate delivered something.
fn delivered_after(facts: &Facts<'_>, day: CivilDate) -> Option<CivilDate> {
    let last = facts.deliveries.iter().max().map(|at| facts.day(*at));
    last.filter(|last| *last > day)
}

/// F1, with F3 and E3.
pub(super) fn after_promise(facts: &Facts<'_>, promise: &Promise<'_>) -> Window {
    let slack = if promise.hedged { facts.policy.hedge_slack_bd } else { 0 };
    let offsets = facts.cadence().promise.later_by(slack);
    let mut reasons = vec![promised(promise, offsets)];
    if slack > 0 {
        reasons.push(Reason::new("F3-HEDGED").with("slack", say::business_days(slack)));
    }
    if promise.ambiguous {
        let other = promise.alternative.map_or_else(|| Value::Phrase("another day"), say::day);
        reasons.push(Reason::new("E3-AMBIGUOUS").with("alternative", other));
    }
    let days = Days::after(facts, promise.by, offsets);
    Window { days, reasons, confirm_date: promise.ambiguous }
}

/// F4: another message after one at `last` that nobody answered. A promise that is still ahead of
/// it takes precedence.
fn after_silence(facts: &Facts<'_>, unanswered: usize, last: Instant) -> Window {
    let cadence = facts.cadence();
    let row = unanswered.saturating_sub(1);
    let gap = cadence.gaps.get(row).or(cadence.gaps.last()).copied().unwrap_or(cadence.open);
    let base = facts.day(last);
    let waited = Reason::new("F4-GAP")
        .with("base", say::day(base))
        .with("ideal", say::business_days(gap.ideal_bd));
    if let Some(promise) = facts.promise.filter(|promise| promise.by >= base) {
        let reasons = vec![waited, promised(&promise, cadence.promise)];
        let days = Days::after(facts, promise.by, cadence.promise);
        return Window { days, reasons, confirm_date: false };
    }
    Window { days: Days::after(facts, base, gap), reasons: vec![waited], confirm_date: false }
}

fn promised(promise: &Promise<'_>, offsets: Offsets) -> Reason {
    Reason::new("F1-PROMISE")
        .with("by", say::day(promise.by))
        .with("ideal", say::business_days(offsets.ideal_bd))
}

/// M2: some business days between any two messages.
fn keep_distance(facts: &Facts<'_>, window: &mut Window) {
    let Some(last) = facts.last_outbound().map(|at| facts.day(at)) else { return };
    let spacing_bd = facts.cadence().spacing_bd;
    let soonest = facts.add(last, spacing_bd);
    if soonest > window.days.earliest {
        window.days.earliest = soonest;
        let reason = Reason::new("M2-SPACING")
            .with("last", say::day(last))
            .with("spacing", say::business_days(spacing_bd));
        window.reasons.push(reason);
    }
}

/// F6: they are away and nobody has answered since.
fn wait_for_return(facts: &Facts<'_>, window: &mut Window) {
    let Some(returns) = facts.returns().max() else { return };
    let after = Days::after(facts, returns, facts.policy.after_return);
    if after.earliest > window.days.earliest {
        window.days.earliest = after.earliest;
        window.reasons.push(Reason::new("F6-OOO").with("returns", say::day(returns)));
    }
    window.days.ideal = window.days.ideal.max(after.ideal);
    window.days.latest = window.days.latest.max(after.latest);
}
