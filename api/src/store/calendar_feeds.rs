//! Calendar feeds, each by the digest of its secret.
//!
//! **Must never** hold a secret itself.

use super::schema::calendar_feeds as feeds;
use super::{DbConnection, StoreError};
use diesel::prelude::*;

/// A feed as stored. Times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = feeds)]
pub struct FeedRow {
    /// Whose it is.
    pub account_id: String,
    /// Its identifier.
    pub feed_id: String,
    /// What its owner calls it.
    pub name: String,
    /// SHA-256 of its secret in hexadecimal.
    pub secret_hash: String,
    /// How much of each event is told.
    pub detail: String,
    /// Which kinds of events there are, separated by blanks.
    pub components: String,
    /// Whether they remind: 1 or 0.
    pub alarms: i32,
    /// When it was made.
    pub created_at: i64,
    /// When it was read, to an hour.
    pub last_read_at: Option<i64>,
}

/// Stores a new feed.
///
/// # Errors
/// That the database is unavailable.
pub fn insert(connection: &mut DbConnection, feed: &FeedRow) -> Result<(), StoreError> {
    diesel::insert_into(feeds::table).values(feed).execute(connection)?;
    Ok(())
}

/// Stores another name, other options and another secret of a feed.
///
/// # Errors
/// That the database is unavailable.
pub fn update(connection: &mut DbConnection, feed: &FeedRow) -> Result<(), StoreError> {
    let values = (
        feeds::name.eq(&feed.name),
        feeds::secret_hash.eq(&feed.secret_hash),
        feeds::detail.eq(&feed.detail),
        feeds::components.eq(&feed.components),
        feeds::alarms.eq(feed.alarms),
    );
    diesel::update(feeds::table.find((&feed.account_id, &feed.feed_id)))
        .set(values)
        .execute(connection)?;
    Ok(())
}

/// The feeds of an account, oldest first.
///
/// # Errors
/// That the database is unavailable.
pub fn of(connection: &mut DbConnection, account_id: &str) -> Result<Vec<FeedRow>, StoreError> {
    let found = feeds::table
        .filter(feeds::account_id.eq(account_id))
        .order((feeds::created_at, feeds::feed_id))
        .select(FeedRow::as_select())
        .load(connection)?;
    Ok(found)
}

/// The feed of that name.
///
/// # Errors
/// That the database is unavailable.
pub fn find(
    connection: &mut DbConnection,
    account_id: &str,
    feed_id: &str,
) -> Result<Option<FeedRow>, StoreError> {
    let row = feeds::table.find((account_id, feed_id)).select(FeedRow::as_select());
    Ok(row.get_result(connection).optional()?)
}

/// Account and name of the feed whose secret has that digest: a look-up in the directory.
///
/// # Errors
/// That the database is unavailable.
pub fn by_hash(
    connection: &mut DbConnection,
    hash: &str,
) -> Result<Option<(String, String)>, StoreError> {
    let found = feeds::table
        .filter(feeds::secret_hash.eq(hash))
        .select((feeds::account_id, feeds::feed_id))
        .get_result(connection)
        .optional()?;
    Ok(found)
}

/// Notes that a feed was read.
///
/// # Errors
/// That the database is unavailable.
pub fn note_reading(
    connection: &mut DbConnection,
    account_id: &str,
    feed_id: &str,
    now: i64,
) -> Result<(), StoreError> {
    diesel::update(feeds::table.find((account_id, feed_id)))
        .set(feeds::last_read_at.eq(now))
        .execute(connection)?;
    Ok(())
}

/// Ends a feed.
///
/// # Errors
/// That the database is unavailable.
pub fn delete(
    connection: &mut DbConnection,
    account_id: &str,
    feed_id: &str,
) -> Result<(), StoreError> {
    diesel::delete(feeds::table.find((account_id, feed_id))).execute(connection)?;
    Ok(())
}

/// Ends every feed of an account.
///
/// # Errors
/// That the database is unavailable.
pub fn clear(connection: &mut DbConnection, account_id: &str) -> Result<(), StoreError> {
    diesel::delete(feeds::table.filter(feeds::account_id.eq(account_id))).execute(connection)?;
    Ok(())
}
