//! What became of each promise: derived from the other facts, as of one moment.
//!
//! **Must never** look at what is stored as the status; that is what follows from here.

use super::expectation::names_a_date;
use super::facts::Facts;
use crate::clock::{CivilDate, CivilTime, Instant};
use crate::entities::expectation::{ExpectationStatus, Subject};
use crate::entities::reply::ReplyKind;
use crate::entities::{Expectation, Reply};
use std::collections::BTreeMap;

/// The status of every promise, in the order of the ids; those made later are left out.
pub(super) fn states(facts: &Facts<'_>) -> Vec<(String, ExpectationStatus)> {
    let mut times: Vec<Instant> = spoken(facts).map(|promise| promise.spoken_at).collect();
    times.sort_unstable();
    let states = spoken(facts).map(|promise| (promise.id.clone(), of(facts, promise, &times)));
    states.collect::<BTreeMap<_, _>>().into_iter().collect()
}

/// The moments from which promises with a date are missed.
pub(super) fn ends<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = Instant> + 'f {
    spoken(facts).filter_map(|promise| promise.by).map(|by| missed_from(facts, by))
}

fn spoken<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = &'f Expectation> {
    facts.snapshot.expectations.iter().filter(|promise| promise.spoken_at <= facts.now)
}

/// The earliest event after the promise decides; without one only the calendar does. `times` are those
/// of all promises, the earliest first.
fn of(facts: &Facts<'_>, promise: &Expectation, times: &[Instant]) -> ExpectationStatus {
    let kept = kept_at(facts, promise).map(|at| (at, ExpectationStatus::Kept));
    let void = void_at(facts, promise).map(|at| (at, ExpectationStatus::Void));
    let superseded =
        superseded_at(facts, promise, times).map(|at| (at, ExpectationStatus::Superseded));
    let first = [kept, superseded, void].into_iter().flatten().min_by_key(|(at, _)| *at);
    let is_past = promise.by.is_some_and(|by| facts.now >= missed_from(facts, by));
    match first {
        Some((_, status)) => status,
        None if is_past => ExpectationStatus::Missed,
        None => ExpectationStatus::Active,
    }
}

/// The first moment after the day `by` of the office.
fn missed_from(facts: &Facts<'_>, by: CivilDate) -> Instant {
    facts.office.at(crate::calendar::shift_days(by, 1), CivilTime::MIN)
}

/// A reply with what was promised, on or before the last promised day.
fn kept_at(facts: &Facts<'_>, promise: &Expectation) -> Option<Instant> {
    let delivered =
        |reply: &&&Reply| reply.at > promise.spoken_at && delivers(promise.subject, reply.kind);
    let first = facts.replies.iter().find(delivered).map(|reply| reply.at);
    first.filter(|at| promise.by.is_none_or(|by| facts.day(*at) <= by))
}

const fn delivers(subject: Subject, kind: ReplyKind) -> bool {
    let decides = matches!(kind, ReplyKind::Offer | ReplyKind::Reject | ReplyKind::NextRound);
    match subject {
        Subject::Decision | Subject::NextRound => decides,
        Subject::Feedback | Subject::Documents => decides || matches!(kind, ReplyKind::ReplyInfo),
    }
}

/// E4: a later interview that took place; or their decision, too late to be the one promised.
fn void_at(facts: &Facts<'_>, promise: &Expectation) -> Option<Instant> {
    let after = |at: Instant| at > promise.spoken_at;
    let held = facts.held.iter().map(|held| held.starts_at).find(|at| after(*at));
    let decides = |reply: &&&Reply| matches!(reply.kind, ReplyKind::Offer | ReplyKind::Reject);
    let decided = facts.replies.iter().filter(decides).map(|reply| reply.at);
    held.into_iter().chain(decided.into_iter().find(|at| after(*at))).min()
}

/// Newer words, or an answer without a date after the promised day (E5).
fn superseded_at(facts: &Facts<'_>, promise: &Expectation, times: &[Instant]) -> Option<Instant> {
    let newer = times.get(times.partition_point(|at| *at <= promise.spoken_at)).copied();
    let ends = |reply: &Reply| {
        reply.kind == ReplyKind::ReplyInfo && promise.by.is_some_and(|by| facts.day(reply.at) > by)
    };
    let mut later = facts.replies.iter().filter(|reply| reply.at > promise.spoken_at);
    let written = later.find(|reply| names_a_date(reply.kind) || ends(reply));
    newer.into_iter().chain(written.map(|reply| reply.at)).min()
}
