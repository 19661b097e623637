//! Sessions: one per device, each with the digest of its current refresh token.

use super::schema::{sessions, used_refresh_tokens as used};
use super::{DbConnection, StoreError, devices};
use diesel::prelude::*;

/// A session as stored. Times are Unix milliseconds; digests are SHA-256 in hexadecimal.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct SessionRow {
    /// Whose it is.
    pub account_id: String,
    /// Its identifier, also the device's.
    pub session_id: String,
    /// What the user calls the device.
    pub device_name: Option<String>,
    /// Such as `ios`.
    pub platform: Option<String>,
    /// The app.
    pub app_id: Option<String>,
    /// Its version.
    pub app_version: Option<String>,
    /// Digest of the refresh token in use.
    pub refresh_hash: String,
    /// When the token in use was made.
    pub rotated_at: i64,
    /// When the device signed in.
    pub created_at: i64,
    /// After this time the session cannot be refreshed.
    pub expires_at: i64,
    /// When it was ended.
    pub revoked_at: Option<i64>,
    /// What the token in use was made with, from the one before.
    pub rotation_salt: Option<String>,
}

/// Stores a new session.
///
/// # Errors
/// That the database is unavailable.
pub fn insert(connection: &mut DbConnection, session: &SessionRow) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table).values(session).execute(connection)?;
    Ok(())
}

/// The session of that name.
///
/// # Errors
/// That the database is unavailable.
pub fn find(
    connection: &mut DbConnection,
    account_id: &str,
    session_id: &str,
) -> Result<Option<SessionRow>, StoreError> {
    let found = sessions::table
        .find((account_id, session_id))
        .select(SessionRow::as_select())
        .get_result(connection)
        .optional()?;
    Ok(found)
}

/// Replaces the refresh token of `session`; `used_hash` is the digest of the one exchanged for it, by
/// which it is known from now on as used.
///
/// # Errors
/// That the database is unavailable.
pub fn rotate(
    connection: &mut DbConnection,
    session: &SessionRow,
    used_hash: &str,
) -> Result<(), StoreError> {
    diesel::update(sessions::table.find((&session.account_id, &session.session_id)))
        .set((
            sessions::refresh_hash.eq(&session.refresh_hash),
            sessions::rotated_at.eq(session.rotated_at),
            sessions::expires_at.eq(session.expires_at),
            sessions::rotation_salt.eq(&session.rotation_salt),
        ))
        .execute(connection)?;
    let row = (
        used::account_id.eq(&session.account_id),
        used::token_hash.eq(used_hash),
        used::session_id.eq(&session.session_id),
        used::used_at.eq(session.rotated_at),
    );
    diesel::insert_into(used::table).values(row).execute(connection)?;
    Ok(())
}

/// When the token with that digest was exchanged in that session, if ever.
///
/// # Errors
/// That the database is unavailable.
pub fn used_at(
    connection: &mut DbConnection,
    account_id: &str,
    session_id: &str,
    token_hash: &str,
) -> Result<Option<i64>, StoreError> {
    let found = used::table
        .find((account_id, token_hash))
        .filter(used::session_id.eq(session_id))
        .select(used::used_at)
        .get_result(connection)
        .optional()?;
    Ok(found)
}

/// The sessions of an account that are open at `now`, the one used last first.
///
/// # Errors
/// That the database is unavailable.
pub fn open(
    connection: &mut DbConnection,
    account_id: &str,
    now: i64,
) -> Result<Vec<SessionRow>, StoreError> {
    let found = sessions::table
        .filter(sessions::account_id.eq(account_id))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .order((sessions::rotated_at.desc(), sessions::session_id.desc()))
        .select(SessionRow::as_select())
        .load(connection)?;
    Ok(found)
}

/// Ends a session, and with it the way to its device; ending it again changes nothing.
///
/// # Errors
/// That the database is unavailable.
pub fn revoke(
    connection: &mut DbConnection,
    account_id: &str,
    session_id: &str,
    now: i64,
) -> Result<(), StoreError> {
    diesel::update(sessions::table.find((account_id, session_id)))
        .filter(sessions::revoked_at.is_null())
        .set(sessions::revoked_at.eq(now))
        .execute(connection)?;
    devices::forget_address(connection, account_id, session_id)?;
    connection.announce_ended(account_id, session_id)
}

/// The sessions, as account and session, ended at or after `since`, so that their access tokens can be refused.
///
/// # Errors
/// That the database is unavailable.
pub fn revoked_since(
    connection: &mut DbConnection,
    since: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let ended = sessions::table
        .filter(sessions::revoked_at.ge(since))
        .select((sessions::account_id, sessions::session_id))
        .load(connection)?;
    Ok(ended)
}

/// From where a session with WatermelonDB pulled since its last push, as it was noted.
///
/// # Errors
/// That the database is unavailable.
pub fn watermelondb_pulls(
    connection: &mut DbConnection,
    account_id: &str,
    session_id: &str,
) -> Result<Option<String>, StoreError> {
    let noted = sessions::table.find((account_id, session_id)).select(sessions::watermelondb_pulls);
    Ok(noted.get_result(connection).optional()?.flatten())
}

/// Notes it. Of personal tokens, which are no sessions, nothing is noted.
///
/// # Errors
/// That the database is unavailable.
pub fn note_pulls(
    connection: &mut DbConnection,
    account_id: &str,
    session_id: &str,
    pulls: &str,
) -> Result<(), StoreError> {
    diesel::update(sessions::table.find((account_id, session_id)))
        .set(sessions::watermelondb_pulls.eq(pulls))
        .execute(connection)?;
    Ok(())
}
