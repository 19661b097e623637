//! Sessions: one per device, each with the digest of its current refresh token.

use super::schema::sessions;
use super::{DbConnection, StoreError};
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
    /// Digest of the one before, for answers that got lost.
    pub previous_hash: Option<String>,
    /// When the token in use was made.
    pub rotated_at: i64,
    /// When the device signed in.
    pub created_at: i64,
    /// After this time the session cannot be refreshed.
    pub expires_at: i64,
    /// When it was ended.
    pub revoked_at: Option<i64>,
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
        .first(connection)
        .optional()?;
    Ok(found)
}

/// Replaces the refresh token and remembers the one before.
///
/// # Errors
/// That the database is unavailable.
pub fn rotate(connection: &mut DbConnection, session: &SessionRow) -> Result<(), StoreError> {
    diesel::update(sessions::table.find((&session.account_id, &session.session_id)))
        .set((
            sessions::refresh_hash.eq(&session.refresh_hash),
            sessions::previous_hash.eq(&session.previous_hash),
            sessions::rotated_at.eq(session.rotated_at),
            sessions::expires_at.eq(session.expires_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Ends a session; ending it again changes nothing.
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
    Ok(())
}

/// The sessions ended at or after `since`, so that their access tokens can be refused.
///
/// # Errors
/// That the database is unavailable.
pub fn revoked_since(connection: &mut DbConnection, since: i64) -> Result<Vec<String>, StoreError> {
    let ids = sessions::table
        .filter(sessions::revoked_at.ge(since))
        .select(sessions::session_id)
        .load(connection)?;
    Ok(ids)
}
