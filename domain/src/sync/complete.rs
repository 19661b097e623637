//! What follows from the fields of a record and from other records: derived fields, references, size.
//!
//! Part of every write, whichever way it came. **Must never** write anything but promises that have to
//! be read again.

use super::write::{By, WriteResult, existing, refused, singular, store_change};
use super::{Log, Record, RefusalCode};
use crate::calendar::BusinessOffice;
use crate::entities::{
    Collection, FaultCode, FieldErrors, Fields, Opportunity, PREFERENCES_ID, Preferences, derive,
    references,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The most bytes of one record's JSON text.
pub const MAX_RECORD_BYTES: usize = 256 * 1024;

/// Which records may be pointed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Targets {
    /// Live ones: the writer sees the present state.
    Alive,
    /// Deleted ones as well: the device may not have heard of the deletion.
    Known,
}

/// References, size and server-owned fields.
pub(super) fn complete<L: Log>(
    log: &mut L,
    collection: Collection,
    fields: Fields,
    before: Option<&Map<String, Value>>,
    targets: Targets,
) -> WriteResult<Fields, L> {
    check_references(log, collection, &fields, before, targets)?;
    let office = match collection {
        Collection::Expectations => office_of(log, fields.as_map())?,
        _ => None,
    };
    let fields = derive(collection, fields, before, office.as_ref(), log.now());
    if at_most(fields.as_map()) <= MAX_RECORD_BYTES {
        return Ok(fields);
    }
    let size = serde_json::to_vec(fields.as_map()).map_or(usize::MAX, |bytes| bytes.len());
    if size > MAX_RECORD_BYTES {
        let detail = format!("a record has at most {MAX_RECORD_BYTES} bytes, this one has {size}");
        return Err(refused(RefusalCode::LimitExceeded, detail));
    }
    Ok(fields)
}

/// A number of bytes that the JSON text of `fields` does not exceed, found without writing it.
fn at_most(fields: &Map<String, Value>) -> usize {
    fields.iter().map(|(name, value)| 6 * name.len() + 4 + at_most_of(value)).sum::<usize>() + 2
}

fn at_most_of(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 32,
        // A byte becomes six at most: `\u0000`.
        Value::String(text) => 6 * text.len() + 2,
        Value::Array(items) => items.iter().map(|item| at_most_of(item) + 1).sum::<usize>() + 2,
        Value::Object(fields) => at_most(fields),
    }
}

/// Every record pointed at must exist, unless the same field pointed at it before; and an interview
/// must be one of the same opportunity.
fn check_references<L: Log>(
    log: &mut L,
    collection: Collection,
    fields: &Fields,
    before: Option<&Map<String, Value>>,
    targets: Targets,
) -> WriteResult<(), L> {
    let mut errors = FieldErrors::default();
    let before = before.map(|stored| Fields::stored(stored.clone()));
    let known = before.map(|stored| references(collection, &stored)).unwrap_or_default();
    for reference in references(collection, fields) {
        let (target, id) = (reference.collection, &reference.id);
        if known.iter().any(|old| old.id == *id && old.field() == reference.field()) {
            continue;
        }
        let good = |record: &&Record| targets == Targets::Known || record.deleted_rev.is_none();
        let owner = fields.as_map().get("opportunity_id").and_then(Value::as_str);
        let fits =
            |found: &Record| target != Collection::Interviews || found.opportunity_id() == owner;
        let fault = match log.look(target, id, |found| found.filter(good).map(fits))? {
            Some(true) => continue,
            Some(false) => (
                FaultCode::Inconsistent,
                "this interview belongs to another opportunity".to_owned(),
            ),
            None => {
                let what = singular(target);
                (FaultCode::UnknownReference, format!("you have no {what} with the id {id}"))
            }
        };
        errors.push(reference.pointer, fault.0, fault.1);
    }
    Ok(errors.or_ok(())?)
}

/// The office of the opportunity that a record belongs to; `None` where there is none.
fn office_of<L: Log>(
    log: &mut L,
    fields: &Map<String, Value>,
) -> WriteResult<Option<BusinessOffice>, L> {
    let Some(id) = fields.get("opportunity_id").and_then(Value::as_str) else {
        return Ok(None);
    };
    let opportunity = log.find(Collection::Opportunities, id)?;
    let opportunity: Option<Opportunity> = opportunity.and_then(typed);
    let preferences = log.find(Collection::Preferences, PREFERENCES_ID)?;
    let preferences: Option<Preferences> = preferences.and_then(typed);
    let zone = preferences.map_or(chrono_tz::UTC, |preferences| preferences.time_zone);
    Ok(opportunity.map(|opportunity| BusinessOffice::new(&opportunity.office, zone)))
}

/// The typed view of a stored record. What is stored was checked, so it always decodes.
pub(super) fn typed<T: DeserializeOwned>(record: Record) -> Option<T> {
    serde_json::from_value(Value::Object(record.doc)).ok()
}

/// When the office of an opportunity changes, promises are read again in its new calendar. What the
/// candidate confirmed stays.
pub(super) fn follow_office<L: Log>(
    log: &mut L,
    before: Option<&Map<String, Value>>,
    opportunity: &Record,
) -> WriteResult<(), L> {
    let changed =
        before.is_some_and(|before| before.get("office") != opportunity.doc.get("office"));
    if opportunity.collection != Collection::Opportunities || !changed {
        return Ok(());
    }
    for (collection, id) in log.children(&opportunity.id)? {
        if collection == Collection::Expectations {
            let promise = existing(log, collection, &id)?;
            let stored = promise.fields();
            let office = office_of(log, &stored)?;
            let fields = Fields::stored(stored.clone());
            let fields = derive(collection, fields, Some(&stored), office.as_ref(), log.now());
            let by = By::now(log);
            store_change(log, &promise, &fields, by)?;
        }
    }
    Ok(())
}
