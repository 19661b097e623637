//! Deleting, what goes along, and taking it back.
//!
//! A deletion that did not see somebody's edit gives way to it; an edit that did not see a deletion
//! brings the record back. Both leave a conflict. **Must never** remove content: a tombstone keeps it,
//! until `retention` purges it.

use super::disputes::{Dispute, note};
use super::push::{Done, Job};
use super::record::DELETION;
use super::write::{
    By, Precondition, WriteResult, author, check_precondition, check_room, existing, refused,
    singular, store_next,
};
use super::{Log, Next, Policy, Record, Refusal, RefusalCode, Status, policy};
use crate::clock::{format_instant, from_millis};
use crate::entities::conflict::ConflictReason;
use crate::entities::{Collection, Fields};
use serde_json::{Map, Value, json};

/// The policy under which conflicts about deletions stand: content beats its deletion.
const DELETION_POLICY: &str = "deletion";

/// Deletes a record whose present state the writer knows, with what belongs to it.
///
/// # Errors
/// [`RefusalCode::NotFound`], [`RefusalCode::PreconditionFailed`], [`RefusalCode::ReadOnly`].
pub fn delete<L: Log>(
    log: &mut L,
    collection: Collection,
    id: &str,
    precondition: Option<&Precondition>,
) -> WriteResult<(), L> {
    let record = existing(log, collection, id)?;
    check_precondition(Some(&record), precondition)?;
    let by = By::now(log);
    remove(log, &record, by).map(|_| ())
}

/// Deletes a record because the candidate decided a conflict so; nothing if it is gone.
pub(super) fn delete_knowing<L: Log>(
    log: &mut L,
    job: &Job<'_>,
    (collection, id): (Collection, &str),
) -> WriteResult<(), L> {
    match log.find(collection, id)?.filter(|record| record.deleted_rev.is_none()) {
        Some(record) => remove(log, &record, job.by()).map(|_| ()),
        None => Ok(()),
    }
}

/// Carries out a deletion that a device asks for.
pub(super) fn delete_asked<L: Log>(log: &mut L, job: &Job<'_>) -> WriteResult<Done, L> {
    let (collection, id) = (job.ask.collection, job.ask.record_id.as_str());
    let Some(record) = log.find(collection, id)? else { return Ok(Done::nothing(None)) };
    if record.deleted_rev.is_some() {
        return Ok(Done::nothing(Some(record)));
    }
    if !has_unseen_edit(&record, job) {
        let after = remove(log, &record, job.by())?;
        let hidden = after.deleted_rev.is_none();
        let status = if hidden { Status::Merged } else { Status::Applied };
        return Ok(Done { status, record: Some(after), conflicts: Vec::new() });
    }
    let dispute = Dispute {
        name: DELETION,
        reason: ConflictReason::DeleteVsEdit,
        about: (collection.as_str(), id),
        fields: json!({ "policy": DELETION_POLICY }),
        asks: true,
    };
    let conflicts = vec![note(log, job, &dispute)?];
    Ok(Done { status: Status::Merged, record: Some(record), conflicts })
}

/// Whether another device changed content that this one had not seen.
fn has_unseen_edit(record: &Record, job: &Job<'_>) -> bool {
    let base = job.base.unwrap_or(i64::MIN);
    record.field_meta.iter().any(|(name, meta)| {
        let content = policy(record.collection, name) != Policy::Server;
        content && meta.rev > base && meta.device != job.device
    })
}

/// Makes a tombstone of a live record and of what belongs to it. A follow-up that was sent is hidden
/// only: it goes on counting.
fn remove<L: Log>(log: &mut L, record: &Record, by: By<'_>) -> WriteResult<Record, L> {
    match record.collection {
        Collection::Preferences | Collection::Conflicts => {
            return Err(refused(RefusalCode::ReadOnly, "this record cannot be deleted"));
        }
        Collection::FollowUps if record.doc.get("status") == Some(&Value::from("sent")) => {
            let mut fields = Fields::stored(record.fields());
            fields.set("archived", Some(Value::from(true)));
            let next = Next { fields, extra: record.extra.clone(), given: Map::new() };
            return store_next(log, record, &next, by);
        }
        _ => {}
    }
    let after = bury(log, record, None, by)?;
    if record.collection == Collection::Opportunities {
        let parent = name_of(record);
        for (collection, id) in log.children(&record.id)? {
            let child = existing(log, collection, &id)?;
            bury(log, &child, Some(&parent), by)?;
        }
    }
    Ok(after)
}

pub(super) fn bury<L: Log>(
    log: &mut L,
    record: &Record,
    parent: Option<&str>,
    by: By<'_>,
) -> WriteResult<Record, L> {
    let change = record.deleted(parent, author(log, by));
    log.take_stamp();
    log.update(record, &change)?;
    Ok(change.record)
}

fn name_of(record: &Record) -> String {
    format!("{}/{}", record.collection.as_str(), record.id)
}

/// Takes a deletion back because the candidate says so.
pub(super) fn restore<L: Log>(log: &mut L, job: &Job<'_>) -> WriteResult<Done, L> {
    let (collection, id) = (job.ask.collection, job.ask.record_id.as_str());
    let Some(record) = log.find(collection, id)? else {
        return Err(refused(RefusalCode::NotFound, "there is nothing to restore under this id"));
    };
    if record.deleted_rev.is_none() {
        return Ok(Done::nothing(Some(record)));
    }
    check_content(&record)?;
    revive(log, &record, job.by())?;
    let record = existing(log, collection, id)?;
    Ok(Done { status: Status::Applied, record: Some(record), conflicts: Vec::new() })
}

/// Brings a tombstone back together with what it went along with or took along, and writes down that
/// a deletion gave way to an edit. Gives the identifier of the conflict; none if the device that edits
/// is the one that deleted.
pub(super) fn revive_for_edit<L: Log>(
    log: &mut L,
    job: &Job<'_>,
    tombstone: &Record,
) -> WriteResult<Option<String>, L> {
    let root = root_of(log, tombstone)?;
    let deletion = root.field_meta.get(DELETION).cloned();
    revive(log, tombstone, job.by())?;
    let Some(deletion) = deletion.filter(|deletion| deletion.device != job.device) else {
        return Ok(None);
    };
    let dispute = Dispute {
        name: DELETION,
        reason: ConflictReason::EditVsDelete,
        about: (root.collection.as_str(), &root.id),
        fields: json!({
            "policy": DELETION_POLICY, "device_id": deletion.device,
            "edited_at": format_instant(from_millis(deletion.eff)),
        }),
        asks: true,
    };
    note(log, job, &dispute).map(Some)
}

/// The record with whose deletion this tombstone went: its opportunity, or itself.
fn root_of<L: Log>(log: &mut L, tombstone: &Record) -> WriteResult<Record, L> {
    let owner =
        tombstone.opportunity_id().filter(|_| tombstone.collection != Collection::Opportunities);
    let Some(owner) = owner else { return Ok(tombstone.clone()) };
    let owner = log.find(Collection::Opportunities, owner)?;
    let gone = owner.filter(|owner| owner.deleted_rev.is_some());
    Ok(gone.unwrap_or_else(|| tombstone.clone()))
}

/// Brings back the opportunity of a tombstone, if that is gone, with all it took along; then the
/// tombstone itself.
fn revive<L: Log>(log: &mut L, tombstone: &Record, by: By<'_>) -> WriteResult<(), L> {
    let root = root_of(log, tombstone)?;
    raise(log, &root, by)?;
    if root.collection == Collection::Opportunities {
        for (collection, id) in log.taken_along(&name_of(&root))? {
            if let Some(child) = log.find(collection, &id)?.filter(|child| !child.is_purged()) {
                raise(log, &child, by)?;
            }
        }
    }
    // It may have been deleted by itself before its opportunity was.
    match log.find(tombstone.collection, &tombstone.id)? {
        Some(still) if still.deleted_rev.is_some() => raise(log, &still, by),
        _ => Ok(()),
    }
}

/// Refuses to bring back what nothing is left of.
pub(super) fn check_content(tombstone: &Record) -> Result<(), Refusal> {
    if !tombstone.is_purged() {
        return Ok(());
    }
    let what = singular(tombstone.collection);
    let detail = format!("this {what} was deleted long ago and its content was forgotten");
    Err(Refusal::new(RefusalCode::Gone, detail))
}

fn raise<L: Log>(log: &mut L, tombstone: &Record, by: By<'_>) -> WriteResult<(), L> {
    check_content(tombstone)?;
    check_room(log)?;
    let change = tombstone.restored(author(log, by));
    log.take_stamp();
    log.update(tombstone, &change)
}
