//! When things happen.

use super::places::home;
use crate::world::at;
use afterview_domain::clock::{CivilDate, Instant};
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::plan::Snapshot;
use chrono::TimeDelta;
use proptest::prelude::*;

/// 52 weeks: the same weekdays again.
pub(crate) const YEAR: TimeDelta = TimeDelta::weeks(52);

/// Days from the base to the beginnings of stories. A story lasts five weeks and is looked back at
/// for seven more, so each of them but the first meets changes of clocks: New York on 8 March and
/// 1 November 2026, Europe on 29 March and 25 October, Sydney and Lord Howe on 5 April and
/// 4 October, Auckland on 5 April and 27 September. One begins before Christmas.
pub(super) const ERAS: &[i64] = &[0, -58, -37, -26, 131, 145, 160, 166, 174, 228];

/// The one in which no clock changes.
pub(super) const MAY: &[i64] = &[0];

/// Around this moment every story is told before it is moved: a Friday.
pub(crate) fn base() -> Instant {
    at("2026-05-01T12:00:00Z")
}

/// A moment within the five weeks after the base: any minute, or more often one of few, so that
/// things coincide.
pub(crate) fn fact() -> impl Strategy<Value = Instant> {
    (0_i64..50_000, 0_u8..3).prop_map(|(minutes, grid)| {
        let coarse = if grid == 0 { 1 } else { 12 * 60 };
        base() + TimeDelta::minutes(minutes - minutes % coarse)
    })
}

/// How long to wait, up to some weeks.
pub(crate) fn pause() -> impl Strategy<Value = TimeDelta> {
    prop_oneof![0_i64..3_000, 0_i64..60_000].prop_map(TimeDelta::minutes)
}

/// Every moment at which something begins to count.
pub(super) fn fact_times(snapshot: &Snapshot) -> impl Iterator<Item = Instant> {
    let interviews = snapshot.interviews.iter().flat_map(|interview| {
        let known = [interview.starts_at, interview.ends_at];
        known.into_iter().chain(interview.status_changed_at)
    });
    let commitments = snapshot.commitments.iter();
    let offers = snapshot.offers.iter().chain(&snapshot.offers_elsewhere);
    interviews
        .chain(snapshot.expectations.iter().map(|expectation| expectation.spoken_at))
        .chain(commitments.flat_map(|owed| [owed.spoken_at].into_iter().chain(owed.fulfilled_at)))
        .chain(snapshot.follow_ups.iter().filter_map(|record| record.sent_at))
        .chain(snapshot.replies.iter().map(|reply| reply.at))
        .chain(offers.map(|offer| offer.received_at))
}

/// How long from `now` on, at most `wanted`, no further fact begins to count.
pub(crate) fn quiet_time(snapshot: &Snapshot, now: Instant, wanted: TimeDelta) -> TimeDelta {
    let next = fact_times(snapshot).filter(|at| *at > now).min();
    next.map_or(wanted, |next| wanted.min(next - now - TimeDelta::milliseconds(1)))
}

/// Whether something happened after one of two days and not after the other that asks "was it after
/// the promised day?": a delivery (C6), an answer that ends the promise (E5) or a message of the
/// candidate's (F4). Two promises with such an event between them are different stories.
pub(crate) fn tells_apart(snapshot: &Snapshot, one: CivilDate, other: CivilDate) -> bool {
    let office = home(snapshot);
    let (early, late) = (one.min(other), one.max(other));
    let deliveries = snapshot.commitments.iter().filter_map(|commitment| commitment.fulfilled_at);
    let sent = snapshot.follow_ups.iter().filter_map(|record| record.sent_at);
    let answers = snapshot.replies.iter().filter(|reply| reply.kind == ReplyKind::ReplyInfo);
    let mut events = deliveries.chain(sent).chain(answers.map(|reply| reply.at));
    events.any(|at| {
        let day = office.date_of(at);
        early < day && day <= late
    })
}
