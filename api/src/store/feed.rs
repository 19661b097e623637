//! The log of one account as its readers see it.
//!
//! **Must never** run a statement without the account, or outside of one unit: head and rows belong to
//! the same state.

use super::schema::records;
use super::{DbConnection, StoreError};
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use afterview_domain::sync::{ChangeRow, Feed, LogState, LostInterval};
use diesel::prelude::*;

/// The log of one account in the state that the running unit sees.
pub struct AccountFeed<'c> {
    connection: &'c mut DbConnection,
    account_id: &'c str,
}

/// A live record by name and revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveRev {
    /// Its collection.
    pub collection: Collection,
    /// Its identifier.
    pub id: String,
    /// Its revision.
    pub rev: i64,
}

/// The columns of a record that readers see.
#[derive(Queryable)]
pub(super) struct Row {
    collection: String,
    id: String,
    rev: i64,
    txn: i64,
    deleted_rev: Option<i64>,
    cascade_of: Option<String>,
    doc: String,
    extra: Option<String>,
}

impl TryFrom<Row> for ChangeRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            collection: collection_of(&row.collection)?,
            id: row.id,
            rev: row.rev,
            txn: row.txn,
            deleted: row.deleted_rev.is_some(),
            cascade_of: row.cascade_of,
            doc: row.doc,
            extra: row.extra,
        })
    }
}

pub(super) const COLUMNS: (
    records::collection,
    records::id,
    records::rev,
    records::txn,
    records::deleted_rev,
    records::cascade_of,
    records::doc,
    records::extra,
) = (
    records::collection,
    records::id,
    records::rev,
    records::txn,
    records::deleted_rev,
    records::cascade_of,
    records::doc,
    records::extra,
);

impl<'c> AccountFeed<'c> {
    /// The log of `account_id`.
    pub fn new(connection: &'c mut DbConnection, account_id: &'c str) -> Self {
        Self { connection, account_id }
    }

    /// The head of the log without what restores lost, and how many records are alive.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn head(&mut self) -> Result<(LogState, i64), StoreError> {
        let (head, epoch, gc_floor, digest, live) = self.connection.log_state(self.account_id)?;
        Ok((LogState { head, epoch, gc_floor, digest, lost: Vec::new() }, live))
    }

    /// How many records of each collection are alive, in no order; those without any are left out.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn live_counts(&mut self) -> Result<Vec<(Collection, i64)>, StoreError> {
        let counts: Vec<(String, i64)> = records::table
            .filter(records::account_id.eq(self.account_id))
            .filter(records::deleted_rev.is_null())
            .group_by(records::collection)
            .select((records::collection, diesel::dsl::count_star()))
            .load(self.connection)?;
        counts.into_iter().map(|(word, count)| Ok((collection_of(&word)?, count))).collect()
    }

    /// Names and revisions of everything alive, in the order of names; with `collections`, only of
    /// those. At most as many as an account may hold.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn live_revs(
        &mut self,
        collections: Option<&[Collection]>,
    ) -> Result<Vec<LiveRev>, StoreError> {
        let mut select = records::table
            .filter(records::account_id.eq(self.account_id))
            .filter(records::deleted_rev.is_null())
            .select((records::collection, records::id, records::rev))
            .order((records::collection, records::id))
            .into_boxed();
        if let Some(collections) = collections {
            select = select.filter(records::collection.eq_any(words(collections)));
        }
        let rows: Vec<(String, String, i64)> = select.load(self.connection)?;
        rows.into_iter()
            .map(|(word, id, rev)| Ok(LiveRev { collection: collection_of(&word)?, id, rev }))
            .collect()
    }

    /// Up to `limit` live records of `collection` whose instant lies in `[from, before)`, the earliest
    /// first.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn live_between(
        &mut self,
        collection: Collection,
        from: Instant,
        before: Instant,
        limit: i64,
    ) -> Result<Vec<ChangeRow>, StoreError> {
        let rows: Vec<Row> = records::table
            .filter(records::account_id.eq(self.account_id))
            .filter(records::collection.eq(collection.as_str()))
            .filter(records::deleted_rev.is_null())
            .filter(records::sort_at.ge(from.timestamp_millis()))
            .filter(records::sort_at.lt(before.timestamp_millis()))
            .select(COLUMNS)
            .order((records::sort_at, records::id))
            .limit(limit)
            .load(self.connection)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// The live records of `collection` with these ids, in the order of ids.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn live_named(
        &mut self,
        collection: Collection,
        ids: &[String],
    ) -> Result<Vec<ChangeRow>, StoreError> {
        let rows: Vec<Row> = records::table
            .filter(records::account_id.eq(self.account_id))
            .filter(records::collection.eq(collection.as_str()))
            .filter(records::id.eq_any(ids))
            .filter(records::deleted_rev.is_null())
            .select(COLUMNS)
            .order(records::id)
            .load(self.connection)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

impl Feed for AccountFeed<'_> {
    type Error = StoreError;

    fn state(&mut self) -> Result<LogState, StoreError> {
        let (head, epoch, gc_floor, digest, _) = self.connection.log_state(self.account_id)?;
        let lost = self.connection.lost_intervals(self.account_id)?;
        let lost = lost.into_iter().map(|(from, to)| LostInterval { from, to });
        Ok(LogState { head, epoch, gc_floor, digest, lost: lost.collect() })
    }

    fn changes(
        &mut self,
        after: i64,
        until: i64,
        collections: Option<&[Collection]>,
        limit: usize,
    ) -> Result<Vec<ChangeRow>, StoreError> {
        let Some(collections) = collections else {
            let rows = self.connection.changes(self.account_id, (after, until), whole(limit))?;
            return rows.into_iter().map(TryInto::try_into).collect();
        };
        let rows: Vec<Row> = records::table
            .filter(records::account_id.eq(self.account_id))
            .filter(records::rev.gt(after))
            .filter(records::rev.le(until))
            .filter(records::collection.eq_any(words(collections)))
            .select(COLUMNS)
            .order(records::rev)
            .limit(whole(limit))
            .load(self.connection)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    fn live(
        &mut self,
        collection: Collection,
        after: &str,
        limit: usize,
    ) -> Result<Vec<ChangeRow>, StoreError> {
        let rows: Vec<Row> = records::table
            .filter(records::account_id.eq(self.account_id))
            .filter(records::collection.eq(collection.as_str()))
            .filter(records::id.gt(after))
            .filter(records::deleted_rev.is_null())
            .select(COLUMNS)
            .order(records::id)
            .limit(whole(limit))
            .load(self.connection)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

fn words(collections: &[Collection]) -> Vec<&'static str> {
    collections.iter().map(|collection| collection.as_str()).collect()
}

fn whole(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn collection_of(word: &str) -> Result<Collection, StoreError> {
    let found = Collection::from_word(word);
    found.ok_or_else(|| StoreError::Corrupt(format!("unknown collection {word}")))
}
