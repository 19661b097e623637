//! What a running write has read and written of its log and the database has not got yet.
//!
//! A push reads the same opportunity and preferences again and again, and writes many rows. Records are
//! therefore read once a unit, and rows wait here until somebody else reads the tables or the unit ends.
//!
//! **Must never** outlive the part of the unit that it belongs to.

use super::StoreError;
use afterview_domain::entities::Collection;
use afterview_domain::sync::{Change, Known, Record};
use std::collections::BTreeMap;

/// So many rows wait at most, and so many records are remembered. Both bound the memory of a unit.
const MAX_WAITING: usize = 256;
const MAX_REMEMBERED: usize = 256;

/// What a unit has seen and what it is going to write.
#[derive(Debug, Default)]
pub(super) struct Pending {
    records: BTreeMap<Collection, BTreeMap<String, Seen>>,
    remembered: usize,
    waiting: usize,
    changes: Vec<ChangeRow>,
    ledger: BTreeMap<String, Known>,
    foreseen: BTreeMap<String, Option<Known>>,
}

#[derive(Debug)]
struct Seen {
    record: Option<Record>,
    wait: Wait,
}

/// What is to be done for a record's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// Nothing: the row is as the record.
    Nothing,
    /// There is no row yet.
    Insert,
    /// The row is of an earlier state.
    Update,
}

/// One row of the history.
#[derive(Debug)]
pub(super) struct ChangeRow {
    pub(super) collection: Collection,
    pub(super) id: String,
    pub(super) rev: i64,
    pub(super) mutation: Option<String>,
    pub(super) changed: String,
}

impl ChangeRow {
    /// What history keeps of `change`.
    pub(super) fn of(change: &Change) -> Result<Self, StoreError> {
        let Change { record, changed, mutation } = change;
        let changed = serde_json::to_string(changed)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let (collection, id, rev) = (record.collection, record.id.clone(), record.rev);
        Ok(Self { collection, id, rev, mutation: mutation.clone(), changed })
    }
}

/// What has to be written to the database.
#[derive(Debug, Default)]
pub(super) struct Rows<'p> {
    /// New records, in the order of their stamps.
    pub(super) new: Vec<&'p Record>,
    /// Records in place of earlier states, in the order of their stamps.
    pub(super) changed: Vec<&'p Record>,
    /// History.
    pub(super) changes: &'p [ChangeRow],
    /// The ledger, in the order of its key.
    pub(super) ledger: Vec<&'p Known>,
}

impl Pending {
    /// The record of that name, or that there is none; `None` if the database has to be asked.
    pub(super) fn find(&self, collection: Collection, id: &str) -> Option<Option<&Record>> {
        self.records.get(&collection)?.get(id).map(|seen| seen.record.as_ref())
    }

    /// Remembers what the database said.
    pub(super) fn saw(&mut self, collection: Collection, id: &str, record: Option<Record>) {
        if self.remembered < MAX_REMEMBERED {
            self.remembered += 1;
            let seen = Seen { record, wait: Wait::Nothing };
            self.records.entry(collection).or_default().insert(id.to_owned(), seen);
        }
    }

    /// Forgets a record that is written past this.
    pub(super) fn forget(&mut self, collection: Collection, id: &str) {
        let known = self.records.get_mut(&collection).and_then(|known| known.remove(id));
        self.remembered = self.remembered.saturating_sub(usize::from(known.is_some()));
    }

    /// Takes the next state of a record.
    pub(super) fn write(&mut self, record: &Record, wait: Wait) {
        let seen = Seen { record: Some(record.clone()), wait };
        let known = self.records.entry(record.collection).or_default();
        let before = known.insert(record.id.clone(), seen).map(|seen| seen.wait);
        match (before, known.get_mut(&record.id)) {
            // What the database never had is still to be made.
            (Some(Wait::Insert), Some(seen)) => seen.wait = Wait::Insert,
            (Some(Wait::Update), _) => {}
            (before, _) => {
                self.waiting += 1;
                self.remembered += usize::from(before.is_none());
            }
        }
    }

    /// Takes a row of the history.
    pub(super) fn keep_change(&mut self, row: ChangeRow) {
        self.waiting += 1;
        self.changes.push(row);
    }

    /// Takes a row of the ledger.
    pub(super) fn keep_mutation(&mut self, known: &Known) {
        self.waiting += 1;
        self.foreseen.remove(&known.id);
        self.ledger.insert(known.id.clone(), known.clone());
    }

    /// What the ledger is going to have about a mutation.
    pub(super) fn mutation(&self, id: &str) -> Option<&Known> {
        self.ledger.get(id)
    }

    /// Remembers what the ledger has about a mutation, which may be nothing.
    pub(super) fn foresee(&mut self, id: &str, known: Option<Known>) {
        self.foreseen.insert(id.to_owned(), known);
    }

    /// What is remembered so; `None` if the database has to be asked.
    pub(super) fn foreseen(&self, id: &str) -> Option<Option<&Known>> {
        self.foreseen.get(id).map(Option::as_ref)
    }

    /// Whether there is something to write.
    pub(super) fn is_waiting(&self) -> bool {
        self.waiting > 0
    }

    /// Whether there is so much to write that it should not wait.
    pub(super) fn is_full(&self) -> bool {
        self.waiting >= MAX_WAITING
    }

    /// Everything that waits.
    pub(super) fn rows(&self) -> Rows<'_> {
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for seen in self.records.values().flat_map(BTreeMap::values) {
            match (seen.wait, &seen.record) {
                (Wait::Insert, Some(record)) => new.push(record),
                (Wait::Update, Some(record)) => changed.push(record),
                _ => {}
            }
        }
        new.sort_unstable_by_key(|record| record.rev);
        changed.sort_unstable_by_key(|record| record.rev);
        Rows { new, changed, changes: &self.changes, ledger: self.ledger.values().collect() }
    }

    /// Everything that waited was written; the records stay remembered if they are not too many.
    pub(super) fn written(&mut self) {
        if self.remembered >= MAX_REMEMBERED {
            *self = Self::default();
            return;
        }
        for seen in self.records.values_mut().flat_map(BTreeMap::values_mut) {
            seen.wait = Wait::Nothing;
        }
        self.changes.clear();
        self.ledger.clear();
        self.waiting = 0;
    }
}
