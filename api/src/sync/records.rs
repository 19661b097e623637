//! Creating, replacing, patching and deleting one record, with its checks, revision and history.
//!
//! **Must never** write a record around these functions, or two rows where one says it.

use crate::error::{ApiError, Code};
use crate::store::AccountWrite;
use crate::sync::office;
use afterview_domain::calendar::BusinessOffice;
use afterview_domain::entities::expectation::ExpectationStatus;
use afterview_domain::entities::{
    Collection, FaultCode, FieldErrors, Fields, derive, parse, parse_patch, references, with_status,
};
use afterview_domain::sync::Record;
use serde_json::{Map, Value};

/// The most live records of one account.
pub const MAX_LIVE_RECORDS: i64 = 50_000;

/// The most bytes of one record's JSON text.
pub const MAX_RECORD_BYTES: usize = 256 * 1024;

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

/// Creates a record that must not exist yet.
///
/// # Errors
/// [`Code::AlreadyExists`], [`Code::ValidationFailed`], [`Code::LimitExceeded`].
pub fn create(
    unit: &mut AccountWrite<'_>,
    collection: Collection,
    id: &str,
    body: &Map<String, Value>,
) -> Result<Record, ApiError> {
    match put(unit, collection, id, body, Some(&Precondition::Absent)) {
        Err(error) if error.code() == Code::PreconditionFailed => {
            let detail = format!("use PUT or PATCH to change {}/{id}", collection.as_str());
            Err(ApiError::new(Code::AlreadyExists, detail))
        }
        other => other.map(|written| written.record),
    }
}

/// Creates a record or replaces its whole content.
///
/// # Errors
/// [`Code::PreconditionFailed`], [`Code::ValidationFailed`], [`Code::LimitExceeded`].
pub fn put(
    unit: &mut AccountWrite<'_>,
    collection: Collection,
    id: &str,
    body: &Map<String, Value>,
    precondition: Option<&Precondition>,
) -> Result<Written, ApiError> {
    let before = unit.find(collection, id)?;
    let live = before.as_ref().filter(|record| record.deleted_rev.is_none());
    check_precondition(live, precondition)?;
    let stored = live.map(Record::fields);
    let fields = parse(collection, body, stored.as_ref(), unit.now())?;
    let fields = complete(unit, collection, fields, stored.as_ref())?;
    let created = live.is_none();
    let record = store(unit, collection, id, before.as_ref(), fields)?;
    follow_office(unit, stored.as_ref(), &record)?;
    Ok(Written { record, created })
}

/// Applies a merge patch (RFC 7396) to a record.
///
/// # Errors
/// [`Code::NotFound`], [`Code::PreconditionFailed`], [`Code::ValidationFailed`].
pub fn patch(
    unit: &mut AccountWrite<'_>,
    collection: Collection,
    id: &str,
    patch: &Map<String, Value>,
    precondition: Option<&Precondition>,
) -> Result<Record, ApiError> {
    let before = existing(unit, collection, id)?;
    check_precondition(Some(&before), precondition)?;
    let stored = before.fields();
    let fields = parse_patch(collection, &stored, patch, unit.now())?;
    let fields = complete(unit, collection, fields, Some(&stored))?;
    let record = store_change(unit, &before, &fields)?;
    follow_office(unit, Some(&stored), &record)?;
    Ok(record)
}

/// When the office of an opportunity changes, promises are read again in its new calendar. What the
/// candidate confirmed stays.
fn follow_office(
    unit: &mut AccountWrite<'_>,
    before: Option<&Map<String, Value>>,
    opportunity: &Record,
) -> Result<(), ApiError> {
    let changed =
        before.is_some_and(|before| before.get("office") != opportunity.doc.get("office"));
    if opportunity.collection != Collection::Opportunities || !changed {
        return Ok(());
    }
    for (collection, id) in unit.children(&opportunity.id)? {
        if collection == Collection::Expectations {
            let promise = existing(unit, collection, &id)?;
            let stored = promise.fields();
            let office = office_of(unit, &stored)?;
            let fields = Fields::stored(stored.clone());
            let fields = derive(collection, fields, Some(&stored), office.as_ref(), unit.now());
            store_change(unit, &promise, &fields)?;
        }
    }
    Ok(())
}

/// Deletes a record; deleting an opportunity takes along everything that belongs to it.
///
/// # Errors
/// [`Code::NotFound`], [`Code::PreconditionFailed`].
pub fn delete(
    unit: &mut AccountWrite<'_>,
    collection: Collection,
    id: &str,
    precondition: Option<&Precondition>,
) -> Result<(), ApiError> {
    let record = existing(unit, collection, id)?;
    check_precondition(Some(&record), precondition)?;
    let change = record.deleted(None, unit.next_author());
    unit.update(&record, &change)?;
    if collection == Collection::Opportunities {
        let parent = format!("{}/{id}", collection.as_str());
        for (child, child_id) in unit.children(id)? {
            let record = existing(unit, child, &child_id)?;
            let change = record.deleted(Some(&parent), unit.next_author());
            unit.update(&record, &change)?;
        }
    }
    Ok(())
}

/// The live record of that name.
///
/// # Errors
/// [`Code::NotFound`].
pub fn existing(
    unit: &mut AccountWrite<'_>,
    collection: Collection,
    id: &str,
) -> Result<Record, ApiError> {
    unit.find_live(collection, id)?.ok_or_else(|| ApiError::not_found(singular(collection), id))
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

/// Writes fields that an action made from stored ones, as a new record if there is none alive.
///
/// # Errors
/// [`Code::ValidationFailed`], [`Code::LimitExceeded`].
pub fn put_derived(
    unit: &mut AccountWrite<'_>,
    collection: Collection,
    id: &str,
    fields: Fields,
) -> Result<Record, ApiError> {
    let before = unit.find(collection, id)?;
    let stored = before.as_ref().filter(|record| record.deleted_rev.is_none()).map(Record::fields);
    let fields = complete(unit, collection, fields, stored.as_ref())?;
    store(unit, collection, id, before.as_ref(), fields)
}

/// Writes down what became of a promise.
///
/// # Errors
/// [`Code::NotFound`].
pub fn set_promise_status(
    unit: &mut AccountWrite<'_>,
    id: &str,
    status: ExpectationStatus,
) -> Result<Record, ApiError> {
    let before = existing(unit, Collection::Expectations, id)?;
    let fields = with_status(Fields::stored(before.fields()), status);
    store_change(unit, &before, &fields)
}

/// Writes `fields` in place of `before`: a live record, a tombstone, or nothing.
fn store(
    unit: &mut AccountWrite<'_>,
    collection: Collection,
    id: &str,
    before: Option<&Record>,
    fields: Fields,
) -> Result<Record, ApiError> {
    let comes_alive = before.is_none_or(|record| record.deleted_rev.is_some());
    if comes_alive && unit.live_records() >= MAX_LIVE_RECORDS {
        let detail = format!("an account holds at most {MAX_LIVE_RECORDS} records");
        return Err(ApiError::new(Code::LimitExceeded, detail));
    }
    if let Some(before) = before {
        return store_change(unit, before, &fields);
    }
    let record = Record::created(collection, id, fields, unit.next_author());
    unit.insert(&record)?;
    Ok(record)
}

/// Writes `fields` as the next content of `before`, a live record or a tombstone.
fn store_change(
    unit: &mut AccountWrite<'_>,
    before: &Record,
    fields: &Fields,
) -> Result<Record, ApiError> {
    let author = unit.preview_author();
    let Some(change) = before.changed_to(fields, author) else {
        return Ok(before.clone());
    };
    unit.take_stamp();
    unit.update(before, &change)?;
    Ok(change.record)
}

/// Whether the present state is what the writer demands.
///
/// # Errors
/// [`Code::PreconditionFailed`].
pub fn check_precondition(
    live: Option<&Record>,
    precondition: Option<&Precondition>,
) -> Result<(), ApiError> {
    let failed = |detail: String| Err(ApiError::new(Code::PreconditionFailed, detail));
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

/// References, size and server-owned fields.
fn complete(
    unit: &mut AccountWrite<'_>,
    collection: Collection,
    fields: Fields,
    before: Option<&Map<String, Value>>,
) -> Result<Fields, ApiError> {
    check_references(unit, collection, &fields, before)?;
    let office = match collection {
        Collection::Expectations => office_of(unit, fields.as_map())?,
        _ => None,
    };
    let fields = derive(collection, fields, before, office.as_ref(), unit.now());
    let size = serde_json::to_vec(fields.as_map()).map_err(ApiError::internal)?.len();
    if size > MAX_RECORD_BYTES {
        let detail = format!("a record has at most {MAX_RECORD_BYTES} bytes, this one has {size}");
        return Err(ApiError::new(Code::LimitExceeded, detail));
    }
    Ok(fields)
}

/// Every record pointed at must exist, unless the same field pointed at it before; and an interview
/// must be one of the same opportunity.
fn check_references(
    unit: &mut AccountWrite<'_>,
    collection: Collection,
    fields: &Fields,
    before: Option<&Map<String, Value>>,
) -> Result<(), ApiError> {
    let mut errors = FieldErrors::default();
    let before = before.map(|stored| Fields::stored(stored.clone()));
    let known = before.map(|stored| references(collection, &stored)).unwrap_or_default();
    for reference in references(collection, fields) {
        let (target, id) = (reference.collection, &reference.id);
        if known.iter().any(|old| old.id == *id && old.field() == reference.field()) {
            continue;
        }
        let Some(found) = unit.find_live(target, id)? else {
            let detail = format!("you have no {} with the id {id}", singular(target));
            errors.push(reference.pointer, FaultCode::UnknownReference, detail);
            continue;
        };
        let owner = fields.as_map().get("opportunity_id").and_then(Value::as_str);
        if target == Collection::Interviews && found.opportunity_id() != owner {
            let detail = "this interview belongs to another opportunity";
            errors.push(reference.pointer, FaultCode::Inconsistent, detail);
        }
    }
    Ok(errors.or_ok(())?)
}

/// The office of the opportunity that a record belongs to.
fn office_of(
    unit: &mut AccountWrite<'_>,
    fields: &Map<String, Value>,
) -> Result<Option<BusinessOffice>, ApiError> {
    let Some(id) = fields.get("opportunity_id").and_then(Value::as_str) else {
        return Ok(None);
    };
    let account_id = unit.account_id();
    office::of_opportunity(unit.connection(), account_id, id)
}
