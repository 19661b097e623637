//! How long what nobody looks at any more is kept, and what is due at a given moment.
//!
//! The periods are ages by the server's stamps, which look like times. **Must never** let a device miss
//! a deletion: the name and the revision of what was deleted outlive its content, and where even those
//! go, older cursors end.

use super::write::{By, WriteResult};
use super::{Change, Log, Policy, Record, deletion, disputes};
use crate::clock::Instant;
use crate::entities::Collection;
use crate::entities::conflict::{ConflictReason, ConflictState};
use chrono::TimeDelta;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// How long the content of a deleted record can be had back. Half a year: a job hunt that was given up
/// may be taken up again in the next season; beyond that, who deletes something wants it gone.
pub const TOMBSTONE_CONTENT: TimeDelta = TimeDelta::days(180);

/// How long is kept what a change replaced. A device may come back after a year with a change that was
/// made on top of an old state; to merge it, that state must be known. A month is for good measure.
pub const HISTORY: TimeDelta = TimeDelta::days(400);

/// How long a mutation is recognised when it is sent again: as long as its change can be merged well. A
/// later repetition is merged like a change of its own, which finds its values in place already.
pub const LEDGER: TimeDelta = TimeDelta::days(400);

/// How long a conflict between two values asks for a look. After a season nobody misses the value that
/// gave way; two versions of a text, and what was refused, are work that may still be wanted.
pub const QUESTION: TimeDelta = TimeDelta::days(90);

/// How long a conflict is kept, looked at or not: as long as the history that says the same.
pub const CONFLICT: TimeDelta = TimeDelta::days(400);

/// How many deleted records of an account are remembered by name, two for each that may be alive. No
/// person deletes as many; a broken program might, and must not fill the disk.
pub const MAX_TOMBSTONES: i64 = 100_000;

/// What is to be done about a record because of its age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// A conflict stops asking. Every device sees it closed.
    Closing,
    /// A conflict is deleted. Every device hears of it.
    Deletion,
    /// The content of a tombstone is forgotten. Nothing changes for the devices.
    Purge,
}

/// The newest stamp at `now` of what is older than `kept`.
#[must_use]
pub fn horizon(now: Instant, kept: TimeDelta) -> i64 {
    now.timestamp_millis().saturating_sub(kept.num_milliseconds())
}

/// What is due about a record at `now`.
#[must_use]
pub fn due(record: &Record, now: Instant) -> Option<Due> {
    match record.deleted_rev {
        Some(deleted_rev) => {
            let old = deleted_rev <= horizon(now, TOMBSTONE_CONTENT);
            (old && !record.is_purged()).then_some(Due::Purge)
        }
        None if record.collection == Collection::Conflicts => {
            due_of_conflict(record.created_rev, &record.doc, now)
        }
        None => None,
    }
}

/// What is due at `now` about a live conflict that came up at the stamp `created_rev`.
#[must_use]
pub fn due_of_conflict(
    created_rev: i64,
    conflict: &Map<String, Value>,
    now: Instant,
) -> Option<Due> {
    let is = |name: &str, word: &str| conflict.get(name).is_some_and(|value| value == word);
    if created_rev <= horizon(now, CONFLICT) {
        return Some(Due::Deletion);
    }
    let asks_in_vain = created_rev <= horizon(now, QUESTION)
        && is("state", ConflictState::Open.as_str())
        && is("reason", ConflictReason::Concurrent.as_str())
        && !is("policy", Policy::Text.as_str());
    asks_in_vain.then_some(Due::Closing)
}

/// How many tombstones are to go when an account has `tombstones` and may have `most`.
#[must_use]
pub fn excess(tombstones: i64, most: i64) -> i64 {
    tombstones.saturating_sub(most).max(0)
}

/// Does what is due about a record by now, and says what that was.
///
/// # Errors
/// That the log cannot be read or written.
pub fn enforce<L: Log>(
    log: &mut L,
    collection: Collection,
    id: &str,
) -> WriteResult<Option<Due>, L> {
    let Some(record) = log.find(collection, id)? else { return Ok(None) };
    let due = due(&record, log.now());
    let by = By::now(log);
    match due {
        None => {}
        Some(Due::Closing) => disputes::close(log, &record, by)?,
        Some(Due::Deletion) => deletion::bury(log, &record, None, by).map(|_| ())?,
        Some(Due::Purge) => log.purge(&record.purged())?,
    }
    Ok(due)
}

impl Record {
    /// Whether this is a tombstone whose content was forgotten. What is left: names and revisions.
    #[must_use]
    pub fn is_purged(&self) -> bool {
        self.deleted_rev.is_some() && !self.doc.contains_key("created_at")
    }

    /// This tombstone without its content. The name of its opportunity stays, so that it is found with
    /// it.
    #[must_use]
    pub fn purged(&self) -> Self {
        let owner = self.doc.get("opportunity_id");
        let owner = owner.map(|owner| ("opportunity_id".to_owned(), owner.clone()));
        let (doc, field_meta) = (Map::from_iter(owner), BTreeMap::new());
        Self { doc, field_meta, extra: Map::new(), ..self.clone() }
    }

    /// A fresh record in the place of this purged tombstone.
    pub(super) fn succeeded_by(&self, record: Self, mutation: Option<&str>) -> Change {
        let mark = json!({ "old": self.deleted_rev, "new": null });
        let changed = Map::from_iter([(super::record::DELETION.to_owned(), mark)]);
        Change { record, changed, mutation: mutation.map(str::to_owned) }
    }
}

#[cfg(test)]
mod tests;
