//! Tokens that set a new password: single use, short-lived.
//!
//! **Must never** hold a token itself, only its digest.

use super::schema::password_resets as resets;
use super::{DbConnection, StoreError};
use diesel::prelude::*;

/// For so long the row of a token is kept, also when the token has ended: it is counted.
pub const KEPT_MILLIS: i64 = 60 * 60 * 1_000;

/// A token as stored. Times are Unix milliseconds.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = resets)]
pub struct ResetRow {
    /// Whose password it sets.
    pub account_id: String,
    /// SHA-256 of the token in hexadecimal.
    pub token_hash: String,
    /// When it was made.
    pub created_at: i64,
    /// From this time on it sets nothing.
    pub expires_at: i64,
}

/// Stores a new token and clears the rows of its account that count no more.
///
/// # Errors
/// That the database is unavailable.
pub fn insert(connection: &mut DbConnection, reset: &ResetRow) -> Result<(), StoreError> {
    diesel::delete(resets::table)
        .filter(resets::account_id.eq(&reset.account_id))
        .filter(resets::created_at.le(reset.created_at - KEPT_MILLIS))
        .execute(connection)?;
    diesel::insert_into(resets::table).values(reset).execute(connection)?;
    Ok(())
}

/// How many tokens of an account were made less than [`KEPT_MILLIS`] before `now`.
///
/// # Errors
/// That the database is unavailable.
pub fn recent(
    connection: &mut DbConnection,
    account_id: &str,
    now: i64,
) -> Result<i64, StoreError> {
    let made = resets::table
        .filter(resets::account_id.eq(account_id))
        .filter(resets::created_at.gt(now - KEPT_MILLIS));
    Ok(made.count().get_result(connection)?)
}

/// Whether a token of that digest would set a password at `now`.
///
/// # Errors
/// That the database is unavailable.
pub fn holds(
    connection: &mut DbConnection,
    account_id: &str,
    token_hash: &str,
    now: i64,
) -> Result<bool, StoreError> {
    let found: Option<i64> = resets::table
        .find((account_id, token_hash))
        .select(resets::expires_at)
        .get_result(connection)
        .optional()?;
    Ok(found.is_some_and(|expires_at| expires_at > now))
}

/// Makes every token of an account useless.
///
/// # Errors
/// That the database is unavailable.
pub fn clear(connection: &mut DbConnection, account_id: &str) -> Result<(), StoreError> {
    diesel::delete(resets::table).filter(resets::account_id.eq(account_id)).execute(connection)?;
    Ok(())
}
