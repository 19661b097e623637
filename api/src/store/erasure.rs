//! Deleting an account: every row of every table, in small units. What stays is its identifier, so that a
//! backup that is put back does not bring it back.
//!
//! **Must never** touch an account whose owner did not ask for it, or delete the account's own row, by which
//! the work is found again, before everything else is gone.

use super::copy::TABLES;
use super::schema::{accounts, erased_accounts};
use super::{DbConnection, StoreError, calendar_feeds, identities, resets, webhooks};
use diesel::prelude::*;

/// What stays until no access token of the account can be unexpired: by it, nodes know whom to refuse.
const KEPT: [&str; 5] =
    ["accounts", "account_sync", "sessions", "access_tokens", "erased_accounts"];

/// An account that is to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Locked {
    /// Its identifier.
    pub account_id: String,
    /// When its owner asked for it, Unix milliseconds.
    pub locked_at: i64,
}

/// Locks an account: from now on nobody finds it, by address or by identity, its calendars are closed, and
/// no event of it is sent. Sessions and tokens are ended
/// by the caller.
///
/// # Errors
/// That the database is unavailable.
pub fn lock(connection: &mut DbConnection, account_id: &str, now: i64) -> Result<(), StoreError> {
    let nobody = (
        accounts::email.eq(None::<String>),
        accounts::password_hash.eq(None::<String>),
        accounts::locked_at.eq(now),
    );
    diesel::update(accounts::table.find(account_id)).set(nobody).execute(connection)?;
    resets::clear(connection, account_id)?;
    webhooks::clear(connection, account_id)?;
    calendar_feeds::clear(connection, account_id)?;
    identities::clear(connection, account_id)
}

/// The accounts that are to be deleted: a look into the directory.
///
/// # Errors
/// That the database is unavailable.
pub fn locked(connection: &mut DbConnection) -> Result<Vec<Locked>, StoreError> {
    let found = accounts::table
        .filter(accounts::locked_at.is_not_null())
        .select((accounts::account_id, accounts::locked_at.assume_not_null()))
        .order(accounts::locked_at)
        .load(connection)?;
    Ok(found)
}

/// Deletes some rows of a locked account, and says whether there may be more but those that stay a while.
///
/// # Errors
/// [`StoreError::UnknownAccount`] when it is not locked; that the database is unavailable.
pub fn erase_some(connection: &mut DbConnection, account_id: &str) -> Result<bool, StoreError> {
    check_locked(connection, account_id)?;
    for table in TABLES.iter().filter(|table| !KEPT.contains(&table.name)) {
        if (table.delete_some)(connection, account_id)? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Deletes all rows that are left of a locked account, and notes at `now` (Unix milliseconds) that there was
/// one.
///
/// # Errors
/// As [`erase_some`].
pub fn erase_rest(
    connection: &mut DbConnection,
    account_id: &str,
    now: i64,
) -> Result<(), StoreError> {
    check_locked(connection, account_id)?;
    erase(connection, account_id, now)
}

/// Deletes every row of an account and notes that it was erased.
pub(super) fn erase(
    connection: &mut DbConnection,
    account_id: &str,
    erased_at: i64,
) -> Result<(), StoreError> {
    TABLES.iter().try_for_each(|table| (table.delete)(connection, account_id))?;
    let note =
        (erased_accounts::account_id.eq(account_id), erased_accounts::erased_at.eq(erased_at));
    diesel::insert_into(erased_accounts::table).values(note).execute(connection)?;
    Ok(())
}

/// The accounts that were deleted, and when, Unix milliseconds: a look into the directory.
pub(super) fn erased(connection: &mut DbConnection) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(erased_accounts::table.order(erased_accounts::account_id).load(connection)?)
}

fn check_locked(connection: &mut DbConnection, account_id: &str) -> Result<(), StoreError> {
    let locked: Option<i64> = accounts::table
        .find(account_id)
        .select(accounts::locked_at)
        .get_result(connection)
        .optional()?
        .flatten();
    locked.map(|_| ()).ok_or(StoreError::UnknownAccount)
}
