//! The account's log as its readers see it: the state of its head, and pages of changes.
//!
//! **Must never** show a change above the head that was read with it.

use crate::entities::Collection;

/// The head of an account's log, read in one snapshot with the rows of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogState {
    /// The newest stamp.
    pub head: i64,
    /// The lineage of the log. A restore from a backup begins a new one.
    pub epoch: i64,
    /// Cursors below this stamp may have missed deletions whose last trace was collected.
    pub gc_floor: i64,
    /// The digest of all live records.
    pub digest: i64,
    /// Stamps that were given out and lost by restores.
    pub lost: Vec<LostInterval>,
}

/// Stamps in `(from, to]` that a restore lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LostInterval {
    /// The newest stamp that survived.
    pub from: i64,
    /// The newest stamp that may have been given out before the restore.
    pub to: i64,
}

impl LogState {
    /// The revision of the same record that both this log and whoever saw `rev` have seen: `rev`
    /// itself, or the last one before a restore lost it.
    #[must_use]
    pub fn surviving(&self, rev: i64) -> i64 {
        let lost = self.lost.iter().filter(|lost| lost.from < rev && rev <= lost.to);
        lost.map(|lost| lost.from).min().unwrap_or(rev)
    }
}

/// One row of the log: the newest state of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// Its collection.
    pub collection: Collection,
    /// Its identifier.
    pub id: String,
    /// The stamp of its last change.
    pub rev: i64,
    /// First stamp of the transaction that wrote this state.
    pub txn: i64,
    /// Whether it is a tombstone.
    pub deleted: bool,
    /// For a tombstone that went along with its parent: `collection/id` of the parent.
    pub cascade_of: Option<String>,
    /// The record's JSON text as it is served.
    pub doc: String,
    /// Fields that this version does not know, as JSON text.
    pub extra: Option<String>,
}

/// The reading side of one account's log in one unchanging snapshot.
pub trait Feed {
    /// Why reading failed.
    type Error;

    /// The head of the log.
    ///
    /// # Errors
    /// That the log cannot be read.
    fn state(&mut self) -> Result<LogState, Self::Error>;

    /// Up to `limit` rows with `after < rev <= until` in the order of their stamps; with
    /// `collections`, only of those.
    ///
    /// # Errors
    /// That the log cannot be read.
    fn changes(
        &mut self,
        after: i64,
        until: i64,
        collections: Option<&[Collection]>,
        limit: usize,
    ) -> Result<Vec<ChangeRow>, Self::Error>;

    /// Up to `limit` live rows of one collection with an id above `after`, in the order of their ids.
    ///
    /// # Errors
    /// That the log cannot be read.
    fn live(
        &mut self,
        collection: Collection,
        after: &str,
        limit: usize,
    ) -> Result<Vec<ChangeRow>, Self::Error>;
}
