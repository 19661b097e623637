//! The log of conflicts: writing down what was not kept, and deciding about it.
//!
//! A conflict is a record of its own collection, so every device gets it like any other. **Must
//! never** decide what is kept: the merge has done so.

use super::edit;
use super::merge::Loss;
use super::push::Job;
use super::write::{By, WriteResult, author, insert, put_made, refused, store_next};
use super::{Decision, Edit, Log, Next, Policy, Record, RefusalCode, deletion, policy};
use crate::clock::{format_instant, from_millis};
use crate::entities::conflict::{ConflictReason, ConflictState};
use crate::entities::follow_up::FollowUpKind;
use crate::entities::{Collection, Fields, parse};
use crate::ids;
use serde_json::{Map, Value, json};

/// What is written down of a conflict.
pub(super) struct Dispute<'d> {
    /// What it is about; together with the mutation this names it.
    pub(super) name: &'d str,
    /// What kind of conflict it is.
    pub(super) reason: ConflictReason,
    /// The collection and identifier of the record, as far as they make sense.
    pub(super) about: (&'d str, &'d str),
    /// Further fields, null ones left out.
    pub(super) fields: Value,
    /// Whether the candidate is asked.
    pub(super) asks: bool,
}

/// Writes a conflict down, once, and gives its identifier.
pub(super) fn note<L: Log>(
    log: &mut L,
    job: &Job<'_>,
    dispute: &Dispute<'_>,
) -> WriteResult<String, L> {
    let id = ids::conflict_id(job.id(), dispute.name);
    if log.find(Collection::Conflicts, &id)?.is_some() {
        return Ok(id);
    }
    let state = if dispute.asks { ConflictState::Open } else { ConflictState::Resolved };
    // What was refused may name nothing that there could be.
    let named = |name: &str, longest: usize| match name.len() {
        len if (1..=longest).contains(&len) => Value::from(name),
        _ => Value::Null,
    };
    let mut doc = json!({
        "collection": named(dispute.about.0, 40),
        "record_id": named(dispute.about.1, ids::MAX_RECORD_ID_LEN),
        "reason": dispute.reason.as_str(),
        "state": state.as_str(),
        "device_id": job.device,
        "mutation_id": job.id(),
        "edited_at": format_instant(job.effective),
    });
    if let (Some(doc), Value::Object(fields)) = (doc.as_object_mut(), &dispute.fields) {
        let given = fields.iter().filter(|(_, value)| !value.is_null());
        doc.extend(given.map(|(name, value)| (name.clone(), value.clone())));
    }
    let mut fields = doc.as_object_mut().map(std::mem::take).unwrap_or_default();
    fields.retain(|_, value| !value.is_null());
    let by = By { effective: job.effective, mutation: Some(job.id()) };
    let record =
        Record::created(Collection::Conflicts, &id, Fields::stored(fields), author(log, by));
    insert(log, &record)?;
    Ok(id)
}

/// Writes down what a merge did not keep.
pub(super) fn note_losses<L: Log>(
    log: &mut L,
    job: &Job<'_>,
    record: &Record,
    losses: &[Loss],
) -> WriteResult<Vec<String>, L> {
    let mut ids = Vec::new();
    for loss in losses {
        let fields = json!({
            "policy": loss.policy, "kept": loss.kept, "lost": loss.lost, "base": loss.base,
            "device_id": loss.device, "edited_at": format_instant(from_millis(loss.edited_at)),
        });
        let about = (record.collection.as_str(), record.id.as_str());
        let (name, reason, asks) = (loss.name.as_str(), ConflictReason::Concurrent, loss.asks);
        ids.push(note(log, job, &Dispute { name, reason, about, fields, asks })?);
    }
    Ok(ids)
}

/// Carries out what the candidate decided about the conflict called `id`, and closes it. `false` if
/// it was closed before.
pub(super) fn decide<L: Log>(
    log: &mut L,
    job: &Job<'_>,
    id: &str,
    decision: &Decision,
) -> WriteResult<bool, L> {
    let conflict = super::write::existing(log, Collection::Conflicts, id)?;
    let text = |name: &str| conflict.doc.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("state") != ConflictState::Open.as_str() {
        return Ok(false);
    }
    let wanted = match decision {
        Decision::Kept => None,
        Decision::Lost => Some(fields(&conflict, "lost")),
        Decision::Fields(fields) => Some(fields.clone()),
    };
    if let Some(wanted) = wanted {
        let Some(collection) = Collection::from_word(text("collection")) else {
            return Err(refused(
                RefusalCode::WrongState,
                "it is about nothing that can be written",
            ));
        };
        let about = (collection, text("record_id"));
        let lost = *decision == Decision::Lost;
        match text("reason") {
            "delete_vs_edit" | "edit_vs_delete" if lost => {
                deletion::delete_knowing(log, job, about)?;
            }
            "possible_double_send" if lost => second_message(log, job, id, about.1, &wanted)?,
            "rejected" if lost && text("code") == RefusalCode::AlreadySent.as_str() => {
                new_draft(log, job, id, about.1, &wanted)?;
            }
            _ => write_anyway(log, job, about, wanted, lost)?,
        }
    }
    close(log, &conflict, job.by())?;
    Ok(true)
}

/// Writes down that nobody has to look at a conflict any more.
pub(super) fn close<L: Log>(log: &mut L, conflict: &Record, by: By<'_>) -> WriteResult<(), L> {
    let mut after = conflict.fields();
    after.insert("state".to_owned(), Value::from(ConflictState::Resolved.as_str()));
    after.insert("resolved_at".to_owned(), Value::from(format_instant(log.now())));
    let extra = conflict.extra.clone();
    let next = Next { fields: Fields::stored(after), extra, given: Map::new() };
    store_next(log, conflict, &next, by).map(|_| ())
}

fn fields(conflict: &Record, name: &str) -> Map<String, Value> {
    conflict.doc.get(name).and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Writes fields over the present state, which the candidate has seen.
fn write_anyway<L: Log>(
    log: &mut L,
    job: &Job<'_>,
    (collection, id): (Collection, &str),
    mut set: Map<String, Value>,
    lost: bool,
) -> WriteResult<(), L> {
    let present = log.find(collection, id)?;
    let mut edit = Edit::default();
    if lost {
        // Of a list or a map only the items and entries that gave way are kept.
        for (name, value) in std::mem::take(&mut set) {
            let stored = present.as_ref().and_then(|record| record.doc.get(&name));
            match (policy(collection, &name), stored, value) {
                (Policy::List, Some(_), items @ Value::Array(_)) => {
                    edit.add.insert(name, items);
                }
                (Policy::Map, Some(Value::Object(entries)), Value::Object(gone)) => {
                    let mut entries = entries.clone();
                    entries.extend(gone);
                    set.insert(name, Value::Object(entries));
                }
                (_, _, value) => {
                    set.insert(name, value);
                }
            }
        }
    }
    edit.set = set;
    match present {
        Some(record) if !record.is_purged() => edit::patch_knowing(log, job, record, &edit),
        before => edit::create_new(log, job, (collection, id), before.as_ref(), &edit).map(|_| ()),
    }
}

/// There were two messages after all: the second one gets a record of its own.
fn second_message<L: Log>(
    log: &mut L,
    job: &Job<'_>,
    conflict: &str,
    first: &str,
    lost: &Map<String, Value>,
) -> WriteResult<(), L> {
    let first = super::write::existing(log, Collection::FollowUps, first)?;
    let mut fields = first.fields();
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    fields.insert("action_key".to_owned(), Value::from(format!("{}/again", text("action_key"))));
    fields.extend(lost.iter().map(|(name, value)| (name.clone(), value.clone())));
    fields.retain(|_, value| !value.is_null());
    put_made(log, Collection::FollowUps, conflict, Fields::stored(fields), job.by()).map(|_| ())
}

/// The message was sent; what was written too late becomes a draft of its own.
fn new_draft<L: Log>(
    log: &mut L,
    job: &Job<'_>,
    conflict: &str,
    sent: &str,
    lost: &Map<String, Value>,
) -> WriteResult<(), L> {
    let sent = super::write::existing(log, Collection::FollowUps, sent)?;
    let owner = sent.opportunity_id().unwrap_or_default();
    let mut body = json!({
        "action_key": format!("{owner}/custom/{conflict}/self"),
        "opportunity_id": owner,
        "kind": FollowUpKind::Custom.as_str(),
        "title": "Written after the message had gone out",
        "due_at": format_instant(log.now()),
    });
    if let Some(body) = body.as_object_mut() {
        let draft = ["subject", "body", "channel", "to", "slots"];
        let lost =
            draft.iter().filter_map(|name| Some(((*name).to_owned(), lost.get(*name)?.clone())));
        body.extend(lost);
        let fields = parse(Collection::FollowUps, body, None, log.now())?;
        put_made(log, Collection::FollowUps, conflict, fields, job.by())?;
    }
    Ok(())
}
