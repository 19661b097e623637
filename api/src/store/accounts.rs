//! Accounts: who may sign in.

use super::account_write::is_duplicate;
use super::schema::{account_sync, accounts};
use super::{DbConnection, StoreError};
use diesel::prelude::*;

/// What signing in needs to know of an account.
#[derive(Debug, Clone, Queryable)]
pub struct Credentials {
    /// Its identifier.
    pub account_id: String,
    /// The PHC string of the password; absent for accounts without one.
    pub password_hash: Option<String>,
}

/// An account as its owner may see it, and the digest of its password.
#[derive(Debug, Clone, Queryable)]
pub struct AccountView {
    /// Lower-case e-mail address.
    pub email: Option<String>,
    /// The PHC string of the password.
    pub password_hash: Option<String>,
    /// Unix milliseconds.
    pub created_at: i64,
    /// When its deletion was asked for.
    pub locked_at: Option<i64>,
}

/// A new account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Its identifier.
    pub account_id: String,
    /// Lower-case e-mail address; `None` for guests and those who sign in elsewhere.
    pub email: Option<String>,
    /// PHC string of the password.
    pub password_hash: Option<String>,
    /// Lineage of its log.
    pub epoch: i64,
    /// Unix milliseconds.
    pub created_at: i64,
}

/// Makes an account with an empty log. `false` if the address is taken.
///
/// # Errors
/// That the database is unavailable.
pub fn insert(connection: &mut DbConnection, account: &NewAccount) -> Result<bool, StoreError> {
    let row = (
        accounts::account_id.eq(&account.account_id),
        accounts::email.eq(&account.email),
        accounts::password_hash.eq(&account.password_hash),
        accounts::created_at.eq(account.created_at),
    );
    match diesel::insert_into(accounts::table).values(row).execute(connection) {
        Err(error) if is_duplicate(&error) => return Ok(false),
        other => other?,
    };
    let log = (
        account_sync::account_id.eq(&account.account_id),
        account_sync::epoch.eq(account.epoch),
        account_sync::last_stamp.eq(0),
        account_sync::gc_floor.eq(0),
        account_sync::digest.eq(0),
        account_sync::live_records.eq(0),
    );
    diesel::insert_into(account_sync::table).values(log).execute(connection)?;
    Ok(true)
}

/// The account of that name.
///
/// # Errors
/// [`StoreError::UnknownAccount`]; that the database is unavailable.
pub fn find(connection: &mut DbConnection, account_id: &str) -> Result<AccountView, StoreError> {
    let found = accounts::table
        .find(account_id)
        .select((
            accounts::email,
            accounts::password_hash,
            accounts::created_at,
            accounts::locked_at,
        ))
        .get_result(connection)
        .optional()?;
    found.ok_or(StoreError::UnknownAccount)
}

/// Gives an account another address. `false` if the address is taken.
///
/// # Errors
/// That the database is unavailable.
pub fn set_email(
    connection: &mut DbConnection,
    account_id: &str,
    email: &str,
) -> Result<bool, StoreError> {
    let set = diesel::update(accounts::table.find(account_id)).set(accounts::email.eq(email));
    match set.execute(connection) {
        Err(error) if is_duplicate(&error) => Ok(false),
        other => {
            other?;
            Ok(true)
        }
    }
}

/// Gives an account another password.
///
/// # Errors
/// That the database is unavailable.
pub fn set_password(
    connection: &mut DbConnection,
    account_id: &str,
    password_hash: &str,
) -> Result<(), StoreError> {
    diesel::update(accounts::table.find(account_id))
        .set(accounts::password_hash.eq(password_hash))
        .execute(connection)?;
    Ok(())
}

/// The account with that lower-case address.
///
/// # Errors
/// That the database is unavailable.
pub fn by_email(
    connection: &mut DbConnection,
    email: &str,
) -> Result<Option<Credentials>, StoreError> {
    let found = accounts::table
        .filter(accounts::email.eq(email))
        .filter(accounts::locked_at.is_null())
        .select((accounts::account_id, accounts::password_hash))
        .get_result(connection)
        .optional()?;
    Ok(found)
}
