//! The account's log as the engine sees it: what it reads, and the only ways in which it writes.
//!
//! A store implements this over a database inside one transaction, a simulation over memory. The
//! engine decides, the log keeps. **Must never** hold a rule about content.

use super::{Change, Known, PastChange, Record, WriteError};
use crate::clock::Instant;
use crate::entities::Collection;

/// One running write on the log of one account.
///
/// Everything written becomes visible together. Units of one account run one after the other, so what
/// is read here does not change under the engine's hands.
pub trait Log {
    /// Why reading or writing failed; the whole unit is then given up. It travels as
    /// [`WriteError::Log`].
    type Error;

    /// The server's time, the same throughout the unit.
    fn now(&self) -> Instant;

    /// The device (session) that writes.
    fn device(&self) -> &str;

    /// How many records of the account are alive.
    fn live_records(&self) -> i64;

    /// The record of that name, alive or as a tombstone.
    ///
    /// # Errors
    /// That the log cannot be read.
    fn find(
        &mut self,
        collection: Collection,
        id: &str,
    ) -> Result<Option<Record>, WriteError<Self::Error>>;

    /// What `see` sees in the record of that name, or in that there is none. For questions that need no
    /// copy of it.
    ///
    /// # Errors
    /// That the log cannot be read.
    fn look<T>(
        &mut self,
        collection: Collection,
        id: &str,
        see: impl FnOnce(Option<&Record>) -> T,
    ) -> Result<T, WriteError<Self::Error>> {
        Ok(see(self.find(collection, id)?.as_ref()))
    }

    /// The names of the live records that belong to one opportunity, without itself, in a fixed order.
    ///
    /// # Errors
    /// That the log cannot be read.
    fn children(
        &mut self,
        opportunity_id: &str,
    ) -> Result<Vec<(Collection, String)>, WriteError<Self::Error>>;

    /// The names of the tombstones that went along with `parent` (`collection/id`), in a fixed order.
    ///
    /// # Errors
    /// That the log cannot be read.
    fn taken_along(
        &mut self,
        parent: &str,
    ) -> Result<Vec<(Collection, String)>, WriteError<Self::Error>>;

    /// The changes of one record above the revision `after`, oldest first, as far back as history is
    /// kept.
    ///
    /// # Errors
    /// That the log cannot be read.
    fn history(
        &mut self,
        collection: Collection,
        id: &str,
        after: i64,
    ) -> Result<Vec<PastChange>, WriteError<Self::Error>>;

    /// The stamp that [`take_stamp`](Self::take_stamp) will give next.
    fn next_stamp(&self) -> i64;

    /// The next stamp of this unit.
    fn take_stamp(&mut self) -> i64;

    /// Writes a record that did not exist.
    ///
    /// # Errors
    /// That the log cannot be written.
    fn insert(&mut self, record: &Record) -> Result<(), WriteError<Self::Error>>;

    /// Writes the next state of a record in place of `before`, and what it replaced.
    ///
    /// # Errors
    /// That the log cannot be written.
    fn update(&mut self, before: &Record, change: &Change) -> Result<(), WriteError<Self::Error>>;

    /// Writes what is left of a tombstone in its place, under the same revision, and forgets what its
    /// changes replaced. Nobody is told: for the devices nothing changed.
    ///
    /// # Errors
    /// That the log cannot be written.
    fn purge(&mut self, left: &Record) -> Result<(), WriteError<Self::Error>>;

    /// What became of a mutation that was seen before.
    ///
    /// # Errors
    /// That the log cannot be read.
    fn known(&mut self, mutation_id: &str) -> Result<Option<Known>, WriteError<Self::Error>>;

    /// Keeps what became of a mutation.
    ///
    /// # Errors
    /// That the log cannot be written.
    fn remember(&mut self, known: &Known) -> Result<(), WriteError<Self::Error>>;

    /// Opens a part of the unit that can be undone by itself. Parts nest.
    ///
    /// # Errors
    /// That the log cannot be written.
    fn begin(&mut self) -> Result<(), WriteError<Self::Error>>;

    /// Closes the innermost part and keeps it, if the unit is kept.
    ///
    /// # Errors
    /// That the log cannot be written.
    fn keep(&mut self) -> Result<(), WriteError<Self::Error>>;

    /// Closes the innermost part as if it had never been, stamps included.
    ///
    /// # Errors
    /// That the log cannot be written.
    fn undo(&mut self) -> Result<(), WriteError<Self::Error>>;
}
