//! Whole records from clients that keep no list of their edits: which fields their user changed, and
//! carrying that out as a mutation.
//!
//! Other people's sync libraries push a record as it stands on the device, now and then twice, and know
//! neither revisions of ours nor identifiers of mutations. What is found out here is only what was meant;
//! everything else is the engine's. **Must never** merge, or carry out again what was only sent again.

mod began;
mod past;

use super::push::{attempt, refuse};
use super::write::{By, WriteResult, author};
use super::{Ask, Change, Edit, Log, Mutation, Op, Outcome, Record, Refusal, RefusalCode, Status};
use crate::entities::Collection;
use crate::entities::FieldErrors;
use crate::entities::error::At;
use crate::entities::field::Need;
use crate::entities::parse::{SYSTEM_FIELDS, parse_field};
use past::Past;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// How a client's copy of a record came to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Basis {
    /// It goes back to the log as it was at a stamp.
    Seen {
        /// The stamp from which its user began.
        rev: i64,
        /// The stamp up to which the client has mixed in what others changed since, except for the fields
        /// that its user changed.
        mixed: i64,
        /// A stamp that may be meant as well: the client may have tried to push before and failed.
        oldest: i64,
        /// The fields that the client says its user changed; `None` if it does not say.
        changed: Option<BTreeSet<String>>,
    },
    /// The client keeps the values that its copy goes back to; `None` for a record that it made itself.
    Values(Option<Map<String, Value>>),
}

/// A record as a client has it.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeRecord {
    /// Its collection.
    pub collection: Collection,
    /// Its identifier: 1 to 64 of `A-Z a-z 0-9 _ . -`.
    pub id: String,
    /// The fields that the client knows, as far as it sends them; null is an empty one.
    pub fields: Map<String, Value>,
    /// What they go back to.
    pub basis: Basis,
    /// Identifies the content, so that a refusal of the same content is noted once. Hexadecimal.
    pub fingerprint: String,
}

/// What became of a pushed record.
#[derive(Debug, Clone, PartialEq)]
pub struct Landed {
    /// The record as it is now, alive or a tombstone; `None` if there is none.
    pub record: Option<Record>,
    /// Why it was refused, if it was. What it said is in the log of conflicts.
    pub refusal: Option<Refusal>,
}

/// Carries out what the user of a client meant by the present state of its copy.
///
/// # Errors
/// That the log failed.
pub fn land<L: Log>(log: &mut L, whole: &WholeRecord) -> WriteResult<Landed, L> {
    let (collection, id) = (whole.collection, whole.id.as_str());
    let record = log.find(collection, id)?;
    let Some(record) = record.filter(|record| !record.is_purged()) else {
        let edit = Edit { set: given(whole), from_newer_schema: true, ..Edit::default() };
        return carry_out(log, whole, None, Op::Create(edit));
    };
    let past = Past::of(log, &record)?;
    let mut edits = edits(whole, &past);
    let base = base(whole, &past, &edits);
    edits.retain(|name, value| !past.says_nothing_new(name, value, base));
    if edits.is_empty() {
        return Ok(Landed { record: Some(record), refusal: None });
    }
    let began = match (&whole.basis, base) {
        (Basis::Seen { oldest, .. }, _) => began::closest(&past, *oldest, &edits),
        (Basis::Values(Some(assumed)), None) => began::assumed(collection, assumed, &edits),
        (Basis::Values(_), _) => Map::new(),
    };
    let edit = Edit { set: edits, began, from_newer_schema: true, ..Edit::default() };
    carry_out(log, whole, base, Op::Patch(edit))
}

/// Carries out the deletion of a client's copy. What its user typed before is kept although somebody else was
/// faster with the deletion: in the log of conflicts.
///
/// # Errors
/// That the log failed.
pub fn land_deletion<L: Log>(log: &mut L, whole: &WholeRecord) -> WriteResult<Landed, L> {
    let Some(record) = log.find(whole.collection, &whole.id)? else {
        return Ok(Landed { record: None, refusal: None });
    };
    let past = Past::of(log, &record)?;
    if record.deleted_rev.is_some() {
        let mut unsaid = edits(whole, &past);
        unsaid.retain(|name, value| *value != past.current(name));
        if !unsaid.is_empty() {
            let set = Value::Object(unsaid);
            let payload = payload(whole, "patch", Some(set));
            let refusal = Refusal::new(RefusalCode::Deleted, "it was deleted already");
            keep_unreadable(log, payload, whole.fingerprint.clone(), refusal)?;
        }
        return Ok(Landed { record: Some(record), refusal: None });
    }
    let base = base(whole, &past, &Map::new());
    carry_out(log, whole, base, Op::Delete)
}

/// Takes the deletion of a record back that a client knew to be deleted.
///
/// # Errors
/// That the log failed.
pub fn land_restoration<L: Log>(log: &mut L, whole: &WholeRecord) -> WriteResult<Landed, L> {
    carry_out(log, whole, None, Op::Restore)
}

/// Keeps what cannot even be read as a record in the log of conflicts. `payload` names the collection as
/// `c`, the record as `id` and the fields as `set`.
///
/// # Errors
/// That the log failed.
pub fn keep_unreadable<L: Log>(
    log: &mut L,
    payload: Map<String, Value>,
    fingerprint: String,
    refusal: Refusal,
) -> WriteResult<(), L> {
    let ask = Err(refusal.clone());
    let payload = payload.into();
    let mutation = Mutation { id: String::new(), fingerprint, payload, ask };
    refuse(log, &mutation, Status::Rejected, refusal).map(|_| ())
}

/// Gives a record a new revision without changing it, so that it reaches every client once more: one of
/// them holds something else without knowing.
///
/// # Errors
/// That the log failed.
pub fn show_again<L: Log>(log: &mut L, record: &Record) -> WriteResult<Record, L> {
    let next = record.shown_again(author(log, By::now(log)));
    log.take_stamp();
    let change = Change { record: next.clone(), changed: Map::new(), mutation: None };
    log.update(record, &change)?;
    Ok(next)
}

/// The fields of a new record. A client that has a place for every field leaves some empty.
fn given(whole: &WholeRecord) -> Map<String, Value> {
    let given = whole.fields.iter().filter(|(_, value)| !value.is_null());
    given.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The fields that the user changed, in canonical form.
fn edits(whole: &WholeRecord, past: &Past<'_>) -> Map<String, Value> {
    let mut edits = Map::new();
    match &whole.basis {
        Basis::Seen { mixed, changed, .. } => {
            for (name, value) in
                whole.fields.iter().filter(|(name, _)| is_of_clients(whole.collection, name))
            {
                let value = canonical(whole.collection, name, value);
                let meant = match changed {
                    Some(changed) => changed.contains(name),
                    None => value != past.value_at(name, *mixed),
                };
                if meant {
                    edits.insert(name.clone(), value);
                }
            }
        }
        Basis::Values(assumed) => {
            let empty = Map::new();
            let assumed = assumed.as_ref().unwrap_or(&empty);
            let names: BTreeSet<&String> = whole.fields.keys().chain(assumed.keys()).collect();
            for name in names.into_iter().filter(|name| is_of_clients(whole.collection, name)) {
                let value = whole.fields.get(name).unwrap_or(&Value::Null);
                let value = canonical(whole.collection, name, value);
                let before = assumed.get(name).unwrap_or(&Value::Null);
                if value != canonical(whole.collection, name, before) {
                    edits.insert(name.clone(), value);
                }
            }
        }
    }
    edits
}

/// The revision that the copy goes back to; `None` where it goes back to none.
fn base(whole: &WholeRecord, past: &Past<'_>, edits: &Map<String, Value>) -> Option<i64> {
    match &whole.basis {
        Basis::Seen { rev, .. } => Some(*rev),
        Basis::Values(None) => None,
        Basis::Values(Some(assumed)) => {
            let names = if edits.is_empty() { assumed } else { edits };
            let names = names.keys().filter(|name| is_of_clients(whole.collection, name));
            let values = names.map(|name| {
                let value = assumed.get(name).unwrap_or(&Value::Null);
                (name.clone(), canonical(whole.collection, name, value))
            });
            past.newest_with(&values.collect())
        }
    }
}

/// Whether clients write the field.
fn is_of_clients(collection: Collection, name: &str) -> bool {
    let field = collection.shape().field(name);
    !SYSTEM_FIELDS.contains(&name) && field.is_none_or(|field| field.need != Need::Server)
}

/// The one spelling of a value; as it came where it has none.
fn canonical(collection: Collection, name: &str, value: &Value) -> Value {
    let Some(field) = collection.shape().field(name) else { return value.clone() };
    if value.is_null() {
        return Value::Null;
    }
    let mut errors = FieldErrors::default();
    let parsed = parse_field(field, value, At::BODY, &mut errors);
    parsed.filter(|_| errors.is_empty()).unwrap_or_else(|| value.clone())
}

/// The mutation as the log of conflicts keeps it, should it be refused.
fn payload(whole: &WholeRecord, op: &str, set: Option<Value>) -> Map<String, Value> {
    let mut payload = Map::new();
    payload.insert("c".to_owned(), whole.collection.as_str().into());
    payload.insert("id".to_owned(), whole.id.clone().into());
    payload.insert("op".to_owned(), op.into());
    payload.extend(set.map(|set| ("set".to_owned(), set)));
    payload
}

fn carry_out<L: Log>(
    log: &mut L,
    whole: &WholeRecord,
    base: Option<i64>,
    op: Op,
) -> WriteResult<Landed, L> {
    let (word, set) = match &op {
        Op::Create(edit) => ("create", Some(Value::from(edit.set.clone()))),
        Op::Patch(edit) => ("patch", Some(Value::from(edit.set.clone()))),
        Op::Restore => ("restore", None),
        _ => ("delete", None),
    };
    let ask = Ask {
        collection: whole.collection,
        record_id: whole.id.clone(),
        base,
        edited_at: None,
        after: None,
        group: None,
        op: op.into(),
    };
    let mut mutation = Mutation {
        // Whatever is noted under this name takes the stamp in it.
        id: format!("whole-{}", log.next_stamp()),
        fingerprint: whole.fingerprint.clone(),
        payload: payload(whole, word, set).into(),
        ask: Ok(ask.clone()),
    };
    let refusal = match attempt(log, &mutation, &ask)? {
        Outcome::Refused { refusal, .. } => {
            // The same content again is the same refusal.
            mutation.id.clear();
            refuse(log, &mutation, Status::Rejected, refusal.clone())?;
            Some(refusal)
        }
        Outcome::Done { .. } | Outcome::Duplicate { .. } => None,
    };
    Ok(Landed { record: log.find(whole.collection, &whole.id)?, refusal })
}
