//! Reading in a few statements what a push is going to ask for one by one.
//!
//! On PostgreSQL each of those questions would be a round trip, on SQLite most of a statement's cost.
//!
//! **Must never** be relied upon: what was not read ahead is read when it is asked for.

use super::{AccountWrite, StoreError};
use afterview_domain::entities::Collection;
use std::collections::{BTreeMap, BTreeSet};

/// What a unit is going to ask for.
#[derive(Debug, Default)]
pub struct Expected<'a> {
    /// Records by name, whether they exist or not.
    pub records: BTreeMap<Collection, BTreeSet<&'a str>>,
    /// Identifiers of mutations, whether the ledger knows them or not.
    pub mutations: BTreeSet<&'a str>,
}

impl AccountWrite<'_> {
    /// Reads what is `expected` and not known yet. The lock of the log keeps it true until the unit itself
    /// writes something else.
    ///
    /// # Errors
    /// That the database is unavailable or a record corrupt.
    pub fn look_ahead(&mut self, expected: &Expected<'_>) -> Result<(), StoreError> {
        for (collection, ids) in &expected.records {
            self.records_ahead(*collection, ids)?;
        }
        self.mutations_ahead(&expected.mutations)
    }

    fn records_ahead(
        &mut self,
        collection: Collection,
        ids: &BTreeSet<&str>,
    ) -> Result<(), StoreError> {
        let account_id = self.account_id();
        let unknown = ids.iter().copied().filter(|id| is_text(id));
        let unknown = unknown.filter(|id| self.pending.find(collection, id).is_none());
        let unknown: Vec<&str> = unknown.collect();
        let word = collection.as_str();
        let found = self.connection_behind().find_records(account_id, word, &unknown)?;
        let mut found: BTreeMap<_, _> = found.into_iter().collect();
        for id in unknown {
            let row = found.remove(id);
            let record = row.map(|row| row.into_record(collection, id)).transpose()?;
            self.pending.saw(collection, id, record);
        }
        Ok(())
    }

    fn mutations_ahead(&mut self, ids: &BTreeSet<&str>) -> Result<(), StoreError> {
        let account_id = self.account_id();
        let unknown = ids.iter().copied().filter(|id| is_text(id));
        let unknown: Vec<&str> = unknown.filter(|id| self.pending.mutation(id).is_none()).collect();
        let found = self.connection_behind().find_mutations(account_id, &unknown)?;
        let mut found: BTreeMap<_, _> = found.into_iter().collect();
        for id in unknown {
            let known = found.remove(id).map(|row| super::log::known(id, row)).transpose()?;
            self.pending.foresee(id, known);
        }
        Ok(())
    }
}

/// PostgreSQL has no text with a zero in it.
fn is_text(id: &str) -> bool {
    !id.contains('\0')
}
