//! Which of their promises counts now.
//!
//! The newest words count, whether they name a date or not. A later interview starts anew, and an
//! answer without a date after the promised day ends the promise.

use crate::calendar::BusinessOffice;
use crate::clock::{CivilDate, Instant};
use crate::entities::expectation::ExpectationKind;
use crate::entities::reply::ReplyKind;
use crate::entities::{Expectation, Interview, Reply};
use crate::promise;

/// A promise with a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Promise<'a> {
    /// When it was made.
    pub(super) spoken_at: Instant,
    /// First promised day.
    pub(super) from: CivilDate,
    /// Last promised day.
    pub(super) by: CivilDate,
    /// Made with a "hopefully".
    pub(super) hedged: bool,
    /// The other reading of its words.
    pub(super) alternative: Option<CivilDate>,
    /// Its words have a second reading.
    pub(super) ambiguous: bool,
    /// The contact who made it.
    pub(super) promised_by: Option<&'a str>,
}

/// The promise that counts, if one with a date does.
///
/// `replies` are those received so far; `held` is the latest interview that took place.
pub(super) fn active<'a>(
    office: &BusinessOffice,
    expectations: &'a [Expectation],
    replies: &[&'a Reply],
    held: Option<&Interview>,
    now: Instant,
) -> Option<Promise<'a>> {
    let spoken = expectations.iter().filter(|expectation| expectation.spoken_at <= now);
    let spoken = spoken.max_by_key(|expectation| {
        let confirmed = expectation.kind == ExpectationKind::Confirmed;
        (expectation.spoken_at, confirmed, &expectation.id)
    });
    let written = replies.iter().rev().find(|reply| names_a_date(reply.kind)).copied();
    let newest = match (spoken, written) {
        (Some(spoken), Some(written)) if is_newer(spoken, written) => stored(spoken),
        (_, Some(written)) => read(office, written),
        (Some(spoken), None) => stored(spoken),
        (None, None) => None,
    };
    let promise = newest?;
    let overtaken = held.is_some_and(|held| promise.spoken_at < held.starts_at);
    let ended = replies.iter().any(|reply| {
        reply.kind == ReplyKind::ReplyInfo
            && reply.at > promise.spoken_at
            && office.date_of(reply.at) > promise.by
    });
    (!overtaken && !ended).then_some(promise)
}

/// Whether the words of such a reply stand in for a spoken promise: a new date, or how long a hold
/// lasts.
pub(super) const fn names_a_date(kind: ReplyKind) -> bool {
    matches!(kind, ReplyKind::NewDate | ReplyKind::OnHold)
}

/// Spoken words are newer than written ones of the same moment only when they confirm a date.
fn is_newer(spoken: &Expectation, written: &Reply) -> bool {
    spoken.spoken_at > written.at
        || spoken.spoken_at == written.at && spoken.kind == ExpectationKind::Confirmed
}

/// The promise as its reading was stored.
fn stored(expectation: &Expectation) -> Option<Promise<'_>> {
    let by = expectation.by?;
    let confirmed = expectation.kind == ExpectationKind::Confirmed;
    Some(Promise {
        spoken_at: expectation.spoken_at,
        from: expectation.from.unwrap_or(by),
        by,
        hedged: expectation.hedged,
        ambiguous: expectation.ambiguous && !confirmed,
        alternative: expectation.alternative,
        promised_by: expectation.promised_by.as_deref(),
    })
}

/// The promise that the words of a reply make.
fn read<'a>(office: &BusinessOffice, reply: &'a Reply) -> Option<Promise<'a>> {
    let reading = promise::parse(office, &reply.text, reply.at);
    Some(Promise {
        spoken_at: reply.at,
        from: reading.from?,
        by: reading.by?,
        hedged: reading.hedged,
        ambiguous: reading.ambiguous,
        alternative: reading.alternative,
        promised_by: reply.from.as_deref(),
    })
}
