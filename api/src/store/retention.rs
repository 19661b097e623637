//! What has grown too old to be kept: finding it while others write, and deleting it in small parts.
//!
//! When something is too old, the rules say (`afterview_domain::sync::retention`). **Must never** run a
//! statement without the account, but to name the accounts, or delete without a bound.

use super::schema::{
    access_tokens, account_sync, mutations, password_resets, record_revs, records,
    used_refresh_tokens,
};
use super::{AccountWrite, DbConnection, StoreError};
use afterview_domain::entities::Collection;
use afterview_domain::sync::Record;
use diesel::prelude::*;

/// What is in the field meta of a purged tombstone, and of nothing else.
const NO_META: &str = "{}";

/// Up to `limit` accounts whose identifier comes after `after`, in their order.
///
/// # Errors
/// That the database is unavailable.
pub fn accounts_after(
    connection: &mut DbConnection,
    after: &str,
    limit: i64,
) -> Result<Vec<String>, StoreError> {
    let found = account_sync::table
        .filter(account_sync::account_id.gt(after))
        .select(account_sync::account_id)
        .order(account_sync::account_id)
        .limit(limit)
        .load(connection)?;
    Ok(found)
}

/// Whether an account has tokens that were used, ended or expired at `until` (Unix milliseconds) or before.
///
/// # Errors
/// That the database is unavailable.
pub fn any_tokens(
    connection: &mut DbConnection,
    account_id: &str,
    until: i64,
) -> Result<bool, StoreError> {
    let used = used_refresh_tokens::table
        .filter(used_refresh_tokens::account_id.eq(account_id))
        .filter(used_refresh_tokens::used_at.le(until))
        .select(used_refresh_tokens::token_hash)
        .limit(1);
    let resets = password_resets::table
        .filter(password_resets::account_id.eq(account_id))
        .filter(password_resets::expires_at.le(until))
        .select(password_resets::token_hash)
        .limit(1);
    let personal = access_tokens::table
        .filter(access_tokens::account_id.eq(account_id))
        .filter(
            access_tokens::revoked_at.le(until).or(access_tokens::expires_at.le(until).nullable()),
        )
        .select(access_tokens::token_hash)
        .limit(1);
    let found: Option<String> = used.get_result(connection).optional()?;
    let found = match found {
        None => resets.get_result(connection).optional()?,
        found => found,
    };
    let found = match found {
        None => personal.get_result(connection).optional()?,
        found => found,
    };
    Ok(found.is_some())
}

/// Deletes them, and says how many they were.
///
/// # Errors
/// That the database is unavailable.
pub fn forget_tokens(
    connection: &mut DbConnection,
    account_id: &str,
    until: i64,
) -> Result<usize, StoreError> {
    let used = used_refresh_tokens::table
        .filter(used_refresh_tokens::account_id.eq(account_id))
        .filter(used_refresh_tokens::used_at.le(until));
    let resets = password_resets::table
        .filter(password_resets::account_id.eq(account_id))
        .filter(password_resets::expires_at.le(until));
    let personal = access_tokens::table.filter(access_tokens::account_id.eq(account_id)).filter(
        access_tokens::revoked_at.le(until).or(access_tokens::expires_at.le(until).nullable()),
    );
    let mut gone = diesel::delete(used).execute(connection)?;
    gone += diesel::delete(resets).execute(connection)?;
    gone += diesel::delete(personal).execute(connection)?;
    Ok(gone)
}

/// A tombstone by name and stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// Its collection.
    pub collection: Collection,
    /// Its identifier.
    pub id: String,
    /// The stamp of the deletion.
    pub deleted_rev: i64,
}

/// Up to `limit` tombstones with content whose stamp is above `after` and at most `until`, the oldest
/// first.
///
/// # Errors
/// That the database is unavailable.
pub fn tombstones_with_content(
    connection: &mut DbConnection,
    account_id: &str,
    (after, until): (i64, i64),
    limit: i64,
) -> Result<Vec<Tombstone>, StoreError> {
    let rows: Vec<(String, String, Option<i64>)> = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::deleted_rev.gt(after))
        .filter(records::deleted_rev.le(until))
        .filter(records::field_meta.ne(NO_META))
        .select((records::collection, records::id, records::deleted_rev))
        .order(records::deleted_rev)
        .limit(limit)
        .load(connection)?;
    rows.into_iter().map(tombstone).collect()
}

fn tombstone(row: (String, String, Option<i64>)) -> Result<Tombstone, StoreError> {
    let (word, id, deleted_rev) = row;
    match (Collection::from_word(&word), deleted_rev) {
        (Some(collection), Some(deleted_rev)) => Ok(Tombstone { collection, id, deleted_rev }),
        _ => Err(StoreError::Corrupt(format!("{word}/{id} is no tombstone"))),
    }
}

/// How many tombstones an account has, with content and without.
///
/// # Errors
/// That the database is unavailable.
pub fn tombstones(connection: &mut DbConnection, account_id: &str) -> Result<i64, StoreError> {
    let count = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::deleted_rev.is_not_null())
        .count()
        .get_result(connection)?;
    Ok(count)
}

/// Whether the account has history with a stamp of at most `until`.
///
/// # Errors
/// That the database is unavailable.
pub fn has_history(
    connection: &mut DbConnection,
    account_id: &str,
    until: i64,
) -> Result<bool, StoreError> {
    let of_old = record_revs::table
        .filter(record_revs::account_id.eq(account_id))
        .filter(record_revs::rev.le(until));
    Ok(diesel::select(diesel::dsl::exists(of_old)).get_result(connection)?)
}

/// Whether the account has mutations in its ledger that came at `until` (Unix milliseconds) or before.
///
/// # Errors
/// That the database is unavailable.
pub fn has_mutations(
    connection: &mut DbConnection,
    account_id: &str,
    until: i64,
) -> Result<bool, StoreError> {
    let of_old = mutations::table
        .filter(mutations::account_id.eq(account_id))
        .filter(mutations::received_at.le(until));
    Ok(diesel::select(diesel::dsl::exists(of_old)).get_result(connection)?)
}

impl AccountWrite<'_> {
    /// Writes what is left of a tombstone in its place, under the same revision and as part of the same
    /// transaction as before, and deletes its history.
    pub(super) fn purge_record(&mut self, left: &Record) -> Result<(), StoreError> {
        let account_id = self.account_id();
        let doc = serde_json::to_string(&left.doc)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let row = records::table
            .filter(records::account_id.eq(account_id))
            .filter(records::collection.eq(left.collection.as_str()))
            .filter(records::id.eq(&left.id));
        let values = (
            records::doc.eq(doc),
            records::field_meta.eq(NO_META),
            records::extra.eq(None::<String>),
            records::sort_at.eq(None::<i64>),
        );
        diesel::update(row).set(values).execute(self.connection()?)?;
        self.pending.forget(left.collection, &left.id);
        self.forget_history_of(left.collection, &left.id)
    }

    fn forget_history_of(&mut self, collection: Collection, id: &str) -> Result<(), StoreError> {
        let account_id = self.account_id();
        let rows = record_revs::table
            .filter(record_revs::account_id.eq(account_id))
            .filter(record_revs::collection.eq(collection.as_str()))
            .filter(record_revs::id.eq(id));
        diesel::delete(rows).execute(self.connection()?)?;
        Ok(())
    }

    /// Deletes the oldest history with stamps of at most `until`, at most `limit` rows, and says how
    /// many went.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn forget_history(&mut self, until: i64, limit: i64) -> Result<usize, StoreError> {
        let account_id = self.account_id();
        let old: Vec<i64> = record_revs::table
            .filter(record_revs::account_id.eq(account_id))
            .filter(record_revs::rev.le(until))
            .select(record_revs::rev)
            .order(record_revs::rev)
            .limit(limit)
            .load(self.connection()?)?;
        let Some(last) = old.last() else { return Ok(0) };
        let rows = record_revs::table
            .filter(record_revs::account_id.eq(account_id))
            .filter(record_revs::rev.le(last));
        Ok(diesel::delete(rows).execute(self.connection()?)?)
    }

    /// Deletes the oldest mutations of the ledger that came at `until` (Unix milliseconds) or before, at
    /// most `limit`, and says how many went.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn forget_mutations(&mut self, until: i64, limit: i64) -> Result<usize, StoreError> {
        let account_id = self.account_id();
        let old: Vec<String> = mutations::table
            .filter(mutations::account_id.eq(account_id))
            .filter(mutations::received_at.le(until))
            .select(mutations::mutation_id)
            .order(mutations::received_at)
            .limit(limit)
            .load(self.connection()?)?;
        let rows = mutations::table
            .filter(mutations::account_id.eq(account_id))
            .filter(mutations::mutation_id.eq_any(old));
        Ok(diesel::delete(rows).execute(self.connection()?)?)
    }

    /// Deletes the `count` oldest tombstones with their history, and ends the cursors of devices that
    /// may not have heard of them. Says how many went.
    ///
    /// # Errors
    /// That the database is unavailable or a row corrupt.
    pub fn collect_tombstones(&mut self, count: i64) -> Result<usize, StoreError> {
        let account_id = self.account_id();
        let rows: Vec<(String, String, Option<i64>)> = records::table
            .filter(records::account_id.eq(account_id))
            .filter(records::deleted_rev.is_not_null())
            .select((records::collection, records::id, records::deleted_rev))
            .order(records::deleted_rev)
            .limit(count)
            .load(self.connection()?)?;
        let oldest = rows.into_iter().map(tombstone).collect::<Result<Vec<_>, _>>()?;
        let Some(newest) = oldest.last() else { return Ok(0) };
        for gone in &oldest {
            self.forget_history_of(gone.collection, &gone.id)?;
        }
        let rows = records::table
            .filter(records::account_id.eq(account_id))
            .filter(records::deleted_rev.le(newest.deleted_rev));
        let collected = diesel::delete(rows).execute(self.connection()?)?;
        diesel::update(account_sync::table.find(account_id))
            .set(account_sync::gc_floor.eq(newest.deleted_rev))
            .execute(self.connection()?)?;
        Ok(collected)
    }
}
