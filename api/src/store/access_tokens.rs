//! Personal access tokens, each by its digest.
//!
//! **Must never** hold a token itself.

use super::schema::access_tokens as tokens;
use super::{DbConnection, StoreError};
use diesel::prelude::*;

/// A token as stored. Times are Unix milliseconds.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tokens)]
pub struct TokenRow {
    /// Whose it is.
    pub account_id: String,
    /// Its identifier.
    pub token_id: String,
    /// What its owner calls it.
    pub name: String,
    /// SHA-256 in hexadecimal.
    pub token_hash: String,
    /// What it allows, separated by blanks.
    pub scope: String,
    /// When it was made.
    pub created_at: i64,
    /// From this time on it opens nothing.
    pub expires_at: i64,
    /// When it was used, to a quarter of an hour.
    pub last_used_at: Option<i64>,
    /// When it was ended.
    pub revoked_at: Option<i64>,
}

/// What a token opens, as far as it can be looked up across accounts.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Opened {
    /// Whose it is.
    pub account_id: String,
    /// Its identifier.
    pub token_id: String,
    /// What it allows.
    pub scope: String,
    /// From this time on it opens nothing.
    pub expires_at: i64,
    /// When it was ended.
    pub revoked_at: Option<i64>,
}

/// Stores a new token.
///
/// # Errors
/// That the database is unavailable.
pub fn insert(connection: &mut DbConnection, token: &TokenRow) -> Result<(), StoreError> {
    diesel::insert_into(tokens::table).values(token).execute(connection)?;
    Ok(())
}

/// What the token with that digest opens, whosever it is: a look-up in the directory.
///
/// # Errors
/// That the database is unavailable.
pub fn by_hash(connection: &mut DbConnection, hash: &str) -> Result<Option<Opened>, StoreError> {
    let found = tokens::table
        .filter(tokens::token_hash.eq(hash))
        .select((
            tokens::account_id,
            tokens::token_id,
            tokens::scope,
            tokens::expires_at,
            tokens::revoked_at,
        ))
        .get_result(connection)
        .optional()?;
    Ok(found)
}

/// The tokens of an account that work at `now`, oldest first.
///
/// # Errors
/// That the database is unavailable.
pub fn live(
    connection: &mut DbConnection,
    account_id: &str,
    now: i64,
) -> Result<Vec<TokenRow>, StoreError> {
    let found = tokens::table
        .filter(tokens::account_id.eq(account_id))
        .filter(tokens::revoked_at.is_null())
        .filter(tokens::expires_at.gt(now))
        .order((tokens::created_at, tokens::token_id))
        .select(TokenRow::as_select())
        .load(connection)?;
    Ok(found)
}

/// Notes that a token was used.
///
/// # Errors
/// That the database is unavailable.
pub fn note_use(
    connection: &mut DbConnection,
    account_id: &str,
    token_id: &str,
    now: i64,
) -> Result<(), StoreError> {
    diesel::update(tokens::table.find((account_id, token_id)))
        .set(tokens::last_used_at.eq(now))
        .execute(connection)?;
    Ok(())
}

/// Ends a token and gives it back; `None` if there is none of that name that works at `now`.
///
/// # Errors
/// That the database is unavailable.
pub fn revoke(
    connection: &mut DbConnection,
    account_id: &str,
    token_id: &str,
    now: i64,
) -> Result<Option<TokenRow>, StoreError> {
    let live = live(connection, account_id, now)?;
    let Some(token) = live.into_iter().find(|token| token.token_id == token_id) else {
        return Ok(None);
    };
    diesel::update(tokens::table.find((account_id, token_id)))
        .set(tokens::revoked_at.eq(now))
        .execute(connection)?;
    connection.announce_ended(account_id, token_id)?;
    Ok(Some(token))
}

/// Ends every token of an account that works at `now`, and names them.
///
/// # Errors
/// That the database is unavailable.
pub fn revoke_all(
    connection: &mut DbConnection,
    account_id: &str,
    now: i64,
) -> Result<Vec<String>, StoreError> {
    let live = live(connection, account_id, now)?.into_iter().map(|token| token.token_id);
    let ended: Vec<String> = live.collect();
    for token_id in &ended {
        revoke(connection, account_id, token_id, now)?;
    }
    Ok(ended)
}

/// The tokens, as account and token, ended at or after `since`.
///
/// # Errors
/// That the database is unavailable.
pub fn revoked_since(
    connection: &mut DbConnection,
    since: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let ended = tokens::table
        .filter(tokens::revoked_at.ge(since))
        .select((tokens::account_id, tokens::token_id))
        .load(connection)?;
    Ok(ended)
}
