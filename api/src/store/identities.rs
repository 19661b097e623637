//! Who an account is at providers of identities.

use super::account_write::is_duplicate;
use super::schema::identities;
use super::{DbConnection, StoreError};
use diesel::prelude::*;

/// An identity as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = identities)]
pub struct IdentityRow {
    /// Whose it is.
    pub account_id: String,
    /// SHA-256 of issuer and subject in hexadecimal.
    pub identity_hash: String,
    /// The provider's name in the settings.
    pub provider: String,
    /// The provider's address.
    pub issuer: String,
    /// Who somebody is there.
    pub subject: String,
    /// As the provider said it when the two were joined.
    pub email: Option<String>,
    /// Unix milliseconds.
    pub created_at: i64,
}

/// Joins an identity to its account. `false` if it belongs to an account already.
///
/// # Errors
/// That the database is unavailable.
pub fn insert(connection: &mut DbConnection, identity: &IdentityRow) -> Result<bool, StoreError> {
    match diesel::insert_into(identities::table).values(identity).execute(connection) {
        Err(error) if is_duplicate(&error) => Ok(false),
        other => {
            other?;
            Ok(true)
        }
    }
}

/// Whose the identity is: a look-up in the directory.
///
/// # Errors
/// That the database is unavailable.
pub fn owner(connection: &mut DbConnection, hash: &str) -> Result<Option<String>, StoreError> {
    let found = identities::table
        .filter(identities::identity_hash.eq(hash))
        .select(identities::account_id)
        .get_result(connection)
        .optional()?;
    Ok(found)
}

/// Takes every identity away from an account.
///
/// # Errors
/// That the database is unavailable.
pub fn clear(connection: &mut DbConnection, account_id: &str) -> Result<(), StoreError> {
    diesel::delete(identities::table.filter(identities::account_id.eq(account_id)))
        .execute(connection)?;
    Ok(())
}

/// The identities of an account, oldest first.
///
/// # Errors
/// That the database is unavailable.
pub fn of(connection: &mut DbConnection, account_id: &str) -> Result<Vec<IdentityRow>, StoreError> {
    let found = identities::table
        .filter(identities::account_id.eq(account_id))
        .order((identities::created_at, identities::identity_hash))
        .select(IdentityRow::as_select())
        .load(connection)?;
    Ok(found)
}
