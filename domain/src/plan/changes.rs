//! When a plan changes although the facts do not.

use super::facts::Facts;
use super::item::Item;
use super::kept;
use crate::calendar::shift;
use crate::clock::Instant;
use chrono::TimeDelta;

/// The first moment after `facts.now` at which an item begins, is best, ends, becomes due or is to be
/// remembered, at which the rules propose something else, or from which a fact counts. A last
/// moment still belongs to its window, so the one after it counts.
///
/// What is due now stays due while the office is open: its moment moves along with `facts.now`, and
/// the next change is the closing.
pub(super) fn next(facts: &Facts<'_>, items: &[Item], proposed: &[Instant]) -> Option<Instant> {
    let begins = items.iter().flat_map(|item| {
        let windows = [item.earliest, item.ideal];
        windows.into_iter().chain(item.do_at).chain(item.remind_at)
    });
    let ends = items.iter().flat_map(|item| [item.latest].into_iter().chain(item.expires));
    let ends = ends.chain(proposed.iter().copied()).chain(closing_while_due(facts, items));
    let ends = ends.flat_map(|moment| [moment, shift(moment, TimeDelta::milliseconds(1))]);
    let begins = begins.chain(kept::ends(facts));
    begins.chain(ends).chain(later_facts(facts)).filter(|moment| *moment > facts.now).min()
}

fn closing_while_due(facts: &Facts<'_>, items: &[Item]) -> Option<Instant> {
    let due = items.iter().any(|item| item.do_at.is_some_and(|at| at <= facts.now));
    due.then(|| facts.office.closing(facts.day(facts.now)))
}

/// Moments at which something begins to count: interviews, and facts stored ahead of time.
fn later_facts(facts: &Facts<'_>) -> impl Iterator<Item = Instant> {
    let snapshot = facts.snapshot;
    let interviews = snapshot.interviews.iter().flat_map(|interview| {
        [interview.starts_at, interview.ends_at].into_iter().chain(interview.status_changed_at)
    });
    let commitments = snapshot.commitments.iter();
    let opportunity = &snapshot.opportunity;
    let turns = opportunity.withdrawn_at.into_iter().chain(opportunity.closed_at);
    interviews
        .chain(turns)
        .chain(snapshot.replies.iter().map(|reply| reply.at))
        .chain(snapshot.expectations.iter().map(|expectation| expectation.spoken_at))
        .chain(snapshot.follow_ups.iter().filter_map(|follow_up| follow_up.sent_at))
        .chain(snapshot.offers.iter().map(|offer| offer.received_at))
        .chain(snapshot.offers_elsewhere.iter().map(|offer| offer.received_at))
        .chain(commitments.clone().map(|commitment| commitment.spoken_at))
        .chain(commitments.filter_map(|commitment| commitment.fulfilled_at))
}
