//! Writing one record as a whole: the core behind REST, and the last step of every merge.
//!
//! References, limits, derived fields, revision and history are made here, whichever way a change
//! came. **Must never** know where it came from.

use super::complete::{Targets, complete, follow_office};
use super::{Author, Log, Next, Record, Refusal, RefusalCode, WriteError};
use crate::clock::Instant;
use crate::entities::expectation::ExpectationStatus;
use crate::entities::{Collection, Fields, parse, parse_patch, with_status};
use serde_json::{Map, Value};

/// The most live records of one account.
pub const MAX_LIVE_RECORDS: i64 = 50_000;

/// What writing into a log answers.
pub type WriteResult<T, L> = Result<T, WriteError<<L as Log>::Error>>;

/// What a writer demands of the present state (RFC 9110, `If-Match` and `If-None-Match: *`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// The record exists, in one of these revisions; empty means any.
    Exists(Vec<i64>),
    /// The record does not exist.
    Absent,
}

/// The state after a write.
#[derive(Debug, Clone)]
pub struct Written {
    /// The record.
    pub record: Record,
    /// Whether it did not exist before.
    pub created: bool,
}

/// When an edit was made in effect, and by which mutation.
#[derive(Debug, Clone, Copy)]
pub(super) struct By<'m> {
    /// The effective time.
    pub(super) effective: Instant,
    /// The mutation, if one asked for it.
    pub(super) mutation: Option<&'m str>,
}

impl By<'static> {
    /// Somebody who knows the present state, now.
    pub(super) fn now<L: Log>(log: &L) -> Self {
        Self { effective: log.now(), mutation: None }
    }
}

/// Who makes the next change.
pub(super) fn author<'l, L: Log>(log: &'l L, by: By<'l>) -> Author<'l> {
    let By { effective, mutation } = by;
    Author { device: log.device(), now: log.now(), effective, stamp: log.next_stamp(), mutation }
}

/// Creates a record that must not exist yet.
///
/// # Errors
/// [`RefusalCode::AlreadyExists`], [`RefusalCode::ValidationFailed`],
/// [`RefusalCode::LimitExceeded`].
pub fn create<L: Log>(
    log: &mut L,
    collection: Collection,
    id: &str,
    body: &Map<String, Value>,
) -> WriteResult<Record, L> {
    match put(log, collection, id, body, Some(&Precondition::Absent)) {
        Err(WriteError::Refused(refusal)) if refusal.code == RefusalCode::PreconditionFailed => {
            let detail = format!("use PUT or PATCH to change {}/{id}", collection.as_str());
            Err(refused(RefusalCode::AlreadyExists, detail))
        }
        other => other.map(|written| written.record),
    }
}

/// Creates a record or replaces its whole content.
///
/// # Errors
/// [`RefusalCode::PreconditionFailed`], [`RefusalCode::ValidationFailed`],
/// [`RefusalCode::LimitExceeded`].
pub fn put<L: Log>(
    log: &mut L,
    collection: Collection,
    id: &str,
    body: &Map<String, Value>,
    precondition: Option<&Precondition>,
) -> WriteResult<Written, L> {
    let before = log.find(collection, id)?;
    let live = before.as_ref().filter(|record| record.deleted_rev.is_none());
    check_precondition(live, precondition)?;
    let stored = live.map(Record::fields);
    let fields = parse(collection, body, stored.as_ref(), log.now())?;
    let fields = complete(log, collection, fields, stored.as_ref(), Targets::Alive)?;
    let created = live.is_none();
    let by = By::now(log);
    let record = store(log, collection, id, before.as_ref(), fields, by)?;
    follow_office(log, stored.as_ref(), &record)?;
    Ok(Written { record, created })
}

/// Applies a merge patch (RFC 7396) to a record.
///
/// # Errors
/// [`RefusalCode::NotFound`], [`RefusalCode::PreconditionFailed`],
/// [`RefusalCode::ValidationFailed`].
pub fn patch<L: Log>(
    log: &mut L,
    collection: Collection,
    id: &str,
    patch: &Map<String, Value>,
    precondition: Option<&Precondition>,
) -> WriteResult<Record, L> {
    let before = existing(log, collection, id)?;
    check_precondition(Some(&before), precondition)?;
    let stored = before.fields();
    let fields = parse_patch(collection, &stored, patch, log.now())?;
    let fields = complete(log, collection, fields, Some(&stored), Targets::Alive)?;
    let by = By::now(log);
    let record = store_change(log, &before, &fields, by)?;
    follow_office(log, Some(&stored), &record)?;
    Ok(record)
}

/// Writes fields that an action made from stored ones, as a new record if there is none alive.
///
/// # Errors
/// [`RefusalCode::ValidationFailed`], [`RefusalCode::LimitExceeded`].
pub fn put_derived<L: Log>(
    log: &mut L,
    collection: Collection,
    id: &str,
    fields: Fields,
) -> WriteResult<Record, L> {
    let by = By::now(log);
    put_made(log, collection, id, fields, by)
}

/// As [`put_derived`], by somebody.
pub(super) fn put_made<L: Log>(
    log: &mut L,
    collection: Collection,
    id: &str,
    fields: Fields,
    by: By<'_>,
) -> WriteResult<Record, L> {
    let before = log.find(collection, id)?;
    let stored = before.as_ref().filter(|record| record.deleted_rev.is_none()).map(Record::fields);
    let fields = complete(log, collection, fields, stored.as_ref(), Targets::Known)?;
    store(log, collection, id, before.as_ref(), fields, by)
}

/// Writes down what became of a promise.
///
/// # Errors
/// [`RefusalCode::NotFound`].
pub fn set_promise_status<L: Log>(
    log: &mut L,
    id: &str,
    status: ExpectationStatus,
) -> WriteResult<Record, L> {
    let before = existing(log, Collection::Expectations, id)?;
    let fields = with_status(Fields::stored(before.fields()), status);
    let by = By::now(log);
    store_change(log, &before, &fields, by)
}

/// The live record of that name.
///
/// # Errors
/// [`RefusalCode::NotFound`].
pub fn existing<L: Log>(log: &mut L, collection: Collection, id: &str) -> WriteResult<Record, L> {
    let found = find_live(log, collection, id)?;
    let what = singular(collection);
    found.ok_or_else(|| refused(RefusalCode::NotFound, format!("no {what} with the id {id}")))
}

/// The live record of that name, if there is one.
///
/// # Errors
/// That the log cannot be read.
pub fn find_live<L: Log>(
    log: &mut L,
    collection: Collection,
    id: &str,
) -> WriteResult<Option<Record>, L> {
    Ok(log.find(collection, id)?.filter(|record| record.deleted_rev.is_none()))
}

/// What one record of the collection is called in sentences.
#[must_use]
pub fn singular(collection: Collection) -> &'static str {
    match collection {
        Collection::Opportunities => "opportunity",
        Collection::Contacts => "contact",
        Collection::Interviews => "interview",
        Collection::Expectations => "expectation",
        Collection::Commitments => "commitment",
        Collection::FollowUps => "follow-up",
        Collection::Replies => "reply",
        Collection::Offers => "offer",
        Collection::Supplements => "supplement",
        Collection::Preferences => "preferences record",
        Collection::Conflicts => "conflict",
    }
}

/// Whether the present state is what the writer demands.
///
/// # Errors
/// [`RefusalCode::PreconditionFailed`].
pub fn check_precondition(
    live: Option<&Record>,
    precondition: Option<&Precondition>,
) -> Result<(), Refusal> {
    let failed = |detail: String| Err(Refusal::new(RefusalCode::PreconditionFailed, detail));
    match (precondition, live) {
        (None, _) | (Some(Precondition::Absent), None) => Ok(()),
        (Some(Precondition::Absent), Some(record)) => {
            failed(format!("it exists with revision {}", record.rev))
        }
        (Some(Precondition::Exists(_)), None) => failed("it does not exist".to_owned()),
        (Some(Precondition::Exists(revs)), Some(record)) => {
            if revs.is_empty() || revs.contains(&record.rev) {
                Ok(())
            } else {
                failed(format!("its revision is {}", record.rev))
            }
        }
    }
}

/// Refuses one more live record than an account may have.
pub(super) fn check_room<L: Log>(log: &L) -> Result<(), Refusal> {
    if log.live_records() < MAX_LIVE_RECORDS {
        return Ok(());
    }
    let detail = format!("an account holds at most {MAX_LIVE_RECORDS} records");
    Err(Refusal::new(RefusalCode::LimitExceeded, detail))
}

/// Writes `fields` in place of `before`: a live record, a tombstone, or nothing.
fn store<L: Log>(
    log: &mut L,
    collection: Collection,
    id: &str,
    before: Option<&Record>,
    fields: Fields,
    by: By<'_>,
) -> WriteResult<Record, L> {
    if before.is_none_or(|record| record.deleted_rev.is_some()) {
        check_room(log)?;
    }
    if let Some(before) = before {
        return store_change(log, before, &fields, by);
    }
    let record = Record::created(collection, id, fields, author(log, by));
    insert(log, &record)?;
    Ok(record)
}

/// Writes a record that was made with the next stamp.
pub(super) fn insert<L: Log>(log: &mut L, record: &Record) -> WriteResult<(), L> {
    log.take_stamp();
    log.insert(record)
}

/// Writes a record that was made with the next stamp in place of a purged tombstone.
pub(super) fn succeed<L: Log>(
    log: &mut L,
    before: &Record,
    record: Record,
    by: By<'_>,
) -> WriteResult<(), L> {
    log.take_stamp();
    log.update(before, &before.succeeded_by(record, by.mutation))
}

/// Writes `fields` as the next content of `before`, a live record or a tombstone.
pub(super) fn store_change<L: Log>(
    log: &mut L,
    before: &Record,
    fields: &Fields,
    by: By<'_>,
) -> WriteResult<Record, L> {
    let next = Next { fields: fields.clone(), extra: before.extra.clone(), given: Map::new() };
    store_next(log, before, &next, by)
}

/// Writes the next content of `before`, a live record or a tombstone.
pub(super) fn store_next<L: Log>(
    log: &mut L,
    before: &Record,
    next: &Next,
    by: By<'_>,
) -> WriteResult<Record, L> {
    let Some(change) = before.moved_on(next, author(log, by)) else { return Ok(before.clone()) };
    log.take_stamp();
    log.update(before, &change)?;
    Ok(change.record)
}

/// A refusal as an error.
pub(super) fn refused<E>(code: RefusalCode, detail: impl Into<String>) -> WriteError<E> {
    WriteError::Refused(Refusal::new(code, detail))
}
