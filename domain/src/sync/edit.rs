//! Creating and changing records as a device asks, by merging with what others did meanwhile.
//!
//! **Must never** refuse an edit because somebody else was faster: that is what merging is for.

use super::complete::{Targets, complete, follow_office};
use super::merge::{Asked, Merged, Wanted, merge, needs_history};
use super::push::{Done, Job};
use super::seen::Seen;
use super::took_place;
use super::write::{WriteResult, author, check_room, insert, refused, store_next, succeed};
use super::{
    Edit, Log, Next, Policy, Record, Refusal, RefusalCode, Status, WriteError, acts, deletion,
    disputes, policy, retention,
};
use crate::entities::error::At;
use crate::entities::field::{Kind, Need};
use crate::entities::parse::{SYSTEM_FIELDS, parse_field, parse_given};
use crate::entities::{Collection, FaultCode, FieldErrors, PREFERENCES_ID, parse, parse_value};
use crate::ids;
use serde_json::{Map, Value};

/// The most bytes of the fields of one record that this version does not know.
pub const MAX_EXTRA_BYTES: usize = 16 * 1024;

/// Carries out a creation that a device asks for. A record that exists is changed as by somebody who
/// saw nothing of it; one that was deleted comes back.
pub(super) fn create<L: Log>(log: &mut L, job: &Job<'_>, edit: &Edit) -> WriteResult<Done, L> {
    let (collection, id) = (job.ask.collection, job.ask.record_id.as_str());
    match log.find(collection, id)? {
        Some(record) if !record.is_purged() => patch(log, job, edit),
        before => create_new(log, job, (collection, id), before.as_ref(), edit),
    }
}

/// Creates a record under a name that was never used, or of whose bearer nothing is left but
/// `before`.
pub(super) fn create_new<L: Log>(
    log: &mut L,
    job: &Job<'_>,
    (collection, id): (Collection, &str),
    before: Option<&Record>,
    edit: &Edit,
) -> WriteResult<Done, L> {
    check_room(log)?;
    check_name(collection, id, &edit.set)?;
    let conflicts: Vec<String> = revive_owner(log, job, &edit.set)?.into_iter().collect();
    let wanted = wanted(collection, edit)?;
    let state = acts::state_of(collection, &edit.set);
    let given = given(collection, edit, &wanted)?;
    let fields = parse_given(collection, given, log.now()).map_err(|e| e.nested_under("/set"))?;
    let fields = complete(log, collection, fields, None, Targets::Known).map_err(under_set)?;
    let mut record = Record::created(collection, id, fields, author(log, job.by()));
    record.extra = check_extra(wanted.extra.clone())?;
    match before {
        None => insert(log, &record)?,
        Some(before) => succeed(log, before, record.clone(), job.by())?,
    }
    let record = acts::bring_into_state(log, job, record, state)?;
    let status = if differs(&record, &wanted) { Status::Merged } else { Status::Applied };
    Ok(Done { status, record: Some(record), conflicts })
}

/// The values that a new record is given, canonical one by one. The state of a follow-up is not given but
/// reached step by step.
fn given(
    collection: Collection,
    edit: &Edit,
    wanted: &Wanted,
) -> Result<Map<String, Value>, Refusal> {
    let (mut given, mut errors) = (Map::new(), FieldErrors::default());
    for (name, asked) in &wanted.fields {
        let value = match (asked, collection.shape().field(name), edit.add.get(name)) {
            (Asked::Value(value), ..) => Some(value.clone()),
            (Asked::Items { .. }, Some(field), Some(items)) => {
                let at = At::Member(&At::Pointer("/set"), name);
                parse_field(field, items, at, &mut errors)
            }
            (Asked::Items { .. }, ..) => None,
        };
        given.extend(value.map(|value| (name.clone(), value)));
    }
    acts::take_state(collection, &mut given);
    errors.or_ok(given).map_err(Into::into)
}

/// Records whose identifier follows from what they are.
pub(super) fn check_name(
    collection: Collection,
    id: &str,
    set: &Map<String, Value>,
) -> Result<(), Refusal> {
    let text = |name: &str| set.get(name).and_then(Value::as_str).unwrap_or_default();
    let detail = match collection {
        Collection::Preferences if id != PREFERENCES_ID => "there is one record, `me`",
        Collection::FollowUps
            if text("kind") != "custom" && id != ids::follow_up_id(text("action_key")) =>
        {
            "the id of a planned follow-up is the UUID version 5 of its action key"
        }
        _ => return Ok(()),
    };
    let mut errors = FieldErrors::default();
    errors.push("/id", FaultCode::Inconsistent, detail);
    Err(errors.into())
}

/// Brings the opportunity back that an edit puts a record into, if that was deleted meanwhile.
fn revive_owner<L: Log>(
    log: &mut L,
    job: &Job<'_>,
    set: &Map<String, Value>,
) -> WriteResult<Option<String>, L> {
    let Some(owner) = set.get("opportunity_id").and_then(Value::as_str) else { return Ok(None) };
    let gone = |owner: Option<&Record>| owner.filter(|owner| owner.deleted_rev.is_some()).cloned();
    match log.look(Collection::Opportunities, owner, gone)? {
        Some(owner) => deletion::revive_for_edit(log, job, &owner),
        None => Ok(None),
    }
}

/// Carries out a change that a device asks for.
pub(super) fn patch<L: Log>(log: &mut L, job: &Job<'_>, edit: &Edit) -> WriteResult<Done, L> {
    let (record, mut conflicts) = reach(log, job)?;
    conflicts.extend(revive_owner(log, job, &edit.set)?);
    let mut done = patch_live(log, job, &record, edit)?;
    conflicts.append(&mut done.conflicts);
    Ok(Done { conflicts, ..done })
}

/// The live record that is meant. A tombstone that the device had not heard of comes back.
pub(super) fn reach<L: Log>(log: &mut L, job: &Job<'_>) -> WriteResult<(Record, Vec<String>), L> {
    let (collection, id) = (job.ask.collection, job.ask.record_id.as_str());
    let what = super::write::singular(collection);
    let Some(record) = log.find(collection, id)? else {
        let detail = format!("there is no {what} with the id {id}");
        return Err(refused(RefusalCode::NotFound, detail));
    };
    let Some(deleted_rev) = record.deleted_rev else { return Ok((record, Vec::new())) };
    deletion::check_content(&record)?;
    if job.base.is_some_and(|base| base >= deleted_rev) {
        let detail = format!("the {what} was deleted; restore it first");
        return Err(refused(RefusalCode::Deleted, detail));
    }
    let conflict = deletion::revive_for_edit(log, job, &record)?;
    let record = super::write::existing(log, collection, id)?;
    Ok((record, conflict.into_iter().collect()))
}

/// Changes a record whose present state the candidate has seen.
pub(super) fn patch_knowing<L: Log>(
    log: &mut L,
    job: &Job<'_>,
    record: Record,
    edit: &Edit,
) -> WriteResult<(), L> {
    let record = match record.deleted_rev {
        None => record,
        Some(_) => {
            deletion::revive_for_edit(log, job, &record)?;
            super::write::existing(log, record.collection, &record.id)?
        }
    };
    let job = Job { base: Some(record.rev), ..job.clone() };
    patch_live(log, &job, &record, edit).map(|_| ())
}

/// Changes a live record.
pub(super) fn patch_live<L: Log>(
    log: &mut L,
    job: &Job<'_>,
    record: &Record,
    edit: &Edit,
) -> WriteResult<Done, L> {
    let mut edit = edit.clone();
    let state = acts::take_state(record.collection, &mut edit.set);
    let (promoted, original) = (promoted(record), record);
    let record = promoted.as_ref().unwrap_or(original);
    let wanted = wanted(record.collection, &edit)?;
    check_fixed(record, &wanted)?;
    let mut seen = Seen {
        device: &job.device,
        base: job.base,
        began: &edit.began,
        effective: job.effective.timestamp_millis(),
        forgotten: retention::horizon(log.now(), retention::HISTORY),
        since: Vec::new(),
    };
    if took_place::may_matter(record, &seen) || needs_history(record, &wanted, &seen) {
        let after = job.base.unwrap_or(i64::MIN);
        seen.since = log.history(record.collection, &record.id, after)?;
    }
    let mut merged = merge(record, &wanted, &seen);
    took_place::keep(record, &mut merged, &wanted, &seen, log.now());
    let reviewed =
        wanted.fields.contains_key("body") && !seen.changed_since(record, "needs_review");
    let mut before = record.fields();
    if merged.fields.get("kind") == Some(&Value::from("confirmed"))
        && wanted.fields.contains_key("from")
    {
        // A date that is given is no reading of the words, even if it is the same day.
        before.remove("from");
    }
    let next = settle(log, record, &before, merged.clone(), reviewed)?;
    let stored = store_next(log, original, &next, job.by())?;
    follow_office(log, Some(&before), &stored)?;
    let conflicts = disputes::note_losses(log, job, &stored, &merged.losses)?;
    let after = acts::bring_into_state(log, job, stored, state)?;
    let status = match (differs(&after, &wanted), after.rev == record.rev) {
        (true, _) => Status::Merged,
        (false, false) => Status::Applied,
        (false, true) => Status::Noop,
    };
    Ok(Done { status, record: Some(after), conflicts })
}

/// The merged content checked as a whole and completed.
fn settle<L: Log>(
    log: &mut L,
    record: &Record,
    before: &Map<String, Value>,
    merged: Merged,
    reviewed: bool,
) -> WriteResult<Next, L> {
    // A word that was decided between two devices is no step that somebody takes.
    let mut known = before.clone();
    known.retain(|name, _| {
        let ranked = matches!(policy(record.collection, name), Policy::Ranked(_));
        !(ranked && merged.contested.contains(name))
    });
    let fields = parse(record.collection, &merged.fields, Some(&known), log.now())
        .map_err(|errors| errors.nested_under("/set"))?;
    let fields = complete(log, record.collection, fields, Some(before), Targets::Known);
    let mut fields = fields.map_err(under_set)?;
    if record.collection == Collection::FollowUps {
        if merged.woven.contains("body") {
            fields.set("needs_review", Some(Value::from(true)));
        } else if reviewed {
            fields.set("needs_review", None);
        }
    }
    Ok(Next { fields, extra: check_extra(merged.extra)?, given: merged.given })
}

/// Faults of fields, with pointers into the mutation.
fn under_set<E>(error: WriteError<E>) -> WriteError<E> {
    match error {
        WriteError::Refused(refusal) => {
            let errors = refusal.errors.nested_under("/set");
            WriteError::Refused(Refusal { errors, ..refusal })
        }
        failed @ WriteError::Log(_) => failed,
    }
}

/// What an edit asks for, field by field in canonical form. System fields and fields of the server may
/// be sent along and are ignored.
fn wanted(collection: Collection, edit: &Edit) -> Result<Wanted, Refusal> {
    let (mut wanted, mut errors) = (Wanted::default(), FieldErrors::default());
    wanted.text_base.clone_from(&edit.text_base);
    for (name, value) in &edit.set {
        let at = At::Member(&At::Pointer("/set"), name);
        match collection.shape().field(name) {
            _ if SYSTEM_FIELDS.contains(&name.as_str()) => {}
            None if edit.from_newer_schema => {
                wanted.extra.insert(name.clone(), value.clone());
            }
            None => {
                let detail = format!("{} has no field `{name}`", collection.shape().name);
                errors.push(at, FaultCode::UnknownField, detail);
            }
            Some(field) if field.need == Need::Server => {}
            Some(field) => {
                let value = parse_field(field, value, at, &mut errors).unwrap_or_default();
                wanted.fields.insert(name.clone(), Asked::Value(value));
            }
        }
    }
    for (name, given) in edit
        .add
        .iter()
        .map(|(name, _)| (name, "add"))
        .chain(edit.remove.keys().map(|name| (name, "remove")))
    {
        if wanted.fields.contains_key(name)
            && !matches!(wanted.fields.get(name), Some(Asked::Items { .. }))
        {
            errors.push(
                At::Member(&At::Pointer(&format!("/{given}")), name),
                FaultCode::Inconsistent,
                "it is set as a whole, too",
            );
            continue;
        }
        let add = items(collection, name, edit.add.get(name), At::Pointer("/add"), &mut errors);
        let remove =
            items(collection, name, edit.remove.get(name), At::Pointer("/remove"), &mut errors);
        wanted.fields.insert(name.clone(), Asked::Items { add, remove });
    }
    errors.or_ok(wanted).map_err(Into::into)
}

/// Items to put into or take out of a set or a list, in canonical form.
fn items(
    collection: Collection,
    name: &str,
    given: Option<&Value>,
    at: At<'_>,
    errors: &mut FieldErrors,
) -> Vec<Value> {
    let Some(given) = given else { return Vec::new() };
    let at = At::Member(&at, name);
    let (Policy::Set | Policy::List, Some(field)) =
        (policy(collection, name), collection.shape().field(name))
    else {
        errors.push(at, FaultCode::Type, "only sets and lists take single items");
        return Vec::new();
    };
    // A set's smallest number of items is a matter of the whole.
    let parsed = match field.kind {
        Kind::Set { of, max, .. } => parse_value(&Kind::Set { of, min: 0, max }, given, at, errors),
        _ => parse_value(&field.kind, given, at, errors),
    };
    parsed.as_ref().map(super::sets::items).unwrap_or_default()
}

/// Fields that never change, and drafts of what has gone out.
fn check_fixed(record: &Record, wanted: &Wanted) -> Result<(), Refusal> {
    let sent = record.collection == Collection::FollowUps
        && record.doc.get("status") == Some(&Value::from("sent"));
    for (name, asked) in &wanted.fields {
        let same = match asked {
            Asked::Value(value) => record.doc.get(name).unwrap_or(&Value::Null) == value,
            Asked::Items { add, remove } => add.is_empty() && remove.is_empty(),
        };
        match policy(record.collection, name) {
            Policy::Server => {}
            _ if same => {}
            Policy::Immutable => {
                let detail = format!("`{name}` never changes");
                return Err(Refusal::new(RefusalCode::Immutable, detail));
            }
            _ if sent => {
                let detail =
                    "what was sent stays as it was; file a correction if its record is wrong";
                return Err(Refusal::new(RefusalCode::AlreadySent, detail));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The record with the fields that were kept for a newer app and that this version has learnt meanwhile;
/// `None` if there are none.
fn promoted(record: &Record) -> Option<Record> {
    let shape = record.collection.shape();
    if !record.extra.keys().any(|name| shape.field(name).is_some()) {
        return None;
    }
    let mut promoted = record.clone();
    for (name, value) in &record.extra {
        let Some(field) = shape.field(name) else { continue };
        let mut errors = FieldErrors::default();
        let value = parse_field(field, value, At::BODY, &mut errors).filter(|_| errors.is_empty());
        promoted.extra.remove(name);
        promoted.doc.extend(value.map(|value| (name.clone(), value)));
    }
    Some(promoted)
}

pub(super) fn check_extra(extra: Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let size = serde_json::to_vec(&extra).map_or(usize::MAX, |bytes| bytes.len());
    if extra.is_empty() || size <= MAX_EXTRA_BYTES {
        return Ok(extra);
    }
    let detail = format!("fields of a newer app have at most {MAX_EXTRA_BYTES} bytes");
    Err(Refusal::new(RefusalCode::LimitExceeded, detail))
}

/// Whether the record holds something else than was asked for.
fn differs(record: &Record, wanted: &Wanted) -> bool {
    let fields = wanted.fields.iter().any(|(name, asked)| match asked {
        Asked::Value(value) => record.doc.get(name).unwrap_or(&Value::Null) != value,
        Asked::Items { .. } => false,
    });
    fields
        || wanted.extra.iter().any(|(name, value)| {
            let known = record.collection.shape().field(name).is_some();
            !known && record.extra.get(name).unwrap_or(&Value::Null) != value
        })
}
