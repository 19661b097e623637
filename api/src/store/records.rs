//! The synced records as they are served: one, and lists.
//!
//! **Must never** run a statement without the account, or judge the content of a record.

use super::connection::on_backend;
use super::schema::records;
use super::{DbConnection, StoreError};
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use diesel::prelude::*;

/// A record as it is served: its revision and its JSON text, spliced into answers as it stands.
#[derive(Debug, Clone, Queryable)]
pub struct StoredDoc {
    /// Revision, also the entity tag.
    pub rev: i64,
    /// The record's JSON text.
    pub doc: String,
}

/// The position and the narrowing of a list.
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    /// Only records of this opportunity.
    pub opportunity_id: Option<String>,
    /// Only records changed at or after this instant.
    pub updated_since: Option<Instant>,
    /// Only records whose instant lies at or after this one.
    pub sort_from: Option<Instant>,
    /// Only records whose instant lies before this one.
    pub sort_before: Option<Instant>,
    /// Only interviews with this status.
    pub status: Option<String>,
    /// Only records whose creation stamp is above this one: where the last page ended.
    pub after: i64,
    /// At most this many.
    pub limit: i64,
}

/// A record in a list: where it stands and its JSON text.
#[derive(Debug, Clone, Queryable)]
pub struct ListedDoc {
    /// Creation stamp: the order of lists.
    pub created_rev: i64,
    /// The record's JSON text.
    pub doc: String,
}

/// The live record of that name, as it is served.
///
/// # Errors
/// That the database is unavailable.
pub fn find_doc(
    connection: &mut DbConnection,
    account_id: &str,
    collection: Collection,
    id: &str,
) -> Result<Option<StoredDoc>, StoreError> {
    let row = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::collection.eq(collection.as_str()))
        .filter(records::id.eq(id))
        .filter(records::deleted_rev.is_null())
        .select((records::rev, records::doc));
    Ok(on_backend!(connection, inner => row.get_result(inner)).optional()?)
}

/// One page of live records in the order of their creation.
///
/// # Errors
/// That the database is unavailable.
pub fn list(
    connection: &mut DbConnection,
    account_id: &str,
    collection: Collection,
    query: &ListQuery,
) -> Result<Vec<ListedDoc>, StoreError> {
    let mut select = records::table
        .filter(records::account_id.eq(account_id.to_owned()))
        .filter(records::collection.eq(collection.as_str()))
        .filter(records::deleted_rev.is_null())
        .filter(records::created_rev.gt(query.after))
        .select((records::created_rev, records::doc))
        .order(records::created_rev)
        .limit(query.limit)
        .into_boxed();
    if let Some(opportunity_id) = query.opportunity_id.clone() {
        select = select.filter(records::opportunity_id.eq(opportunity_id));
    }
    if let Some(since) = query.updated_since {
        select = select.filter(records::rev.ge(since.timestamp_millis()));
    }
    if let Some(from) = query.sort_from {
        select = select.filter(records::sort_at.ge(from.timestamp_millis()));
    }
    if let Some(before) = query.sort_before {
        select = select.filter(records::sort_at.lt(before.timestamp_millis()));
    }
    if let Some(status) = &query.status {
        // The text is canonical JSON, in which a quote inside a value is escaped: this matches the
        // member and nothing else, on every backend.
        select = select.filter(records::doc.like(format!("%\"status\":\"{status}\"%")));
    }
    Ok(select.load(connection)?)
}

/// The newest stamps of some accounts.
///
/// # Errors
/// That the database is unavailable.
pub fn heads(
    connection: &mut DbConnection,
    accounts: &[String],
) -> Result<Vec<(String, i64)>, StoreError> {
    use super::schema::account_sync;
    let heads = account_sync::table
        .filter(account_sync::account_id.eq_any(accounts))
        .select((account_sync::account_id, account_sync::last_stamp))
        .load(connection)?;
    Ok(heads)
}

/// Up to `limit` accounts in the order of their ids, behind `after`.
///
/// # Errors
/// That the database is unavailable.
pub fn accounts_behind(
    connection: &mut DbConnection,
    after: &str,
    limit: i64,
) -> Result<Vec<String>, StoreError> {
    use super::schema::account_sync;
    let accounts = account_sync::table
        .filter(account_sync::account_id.gt(after))
        .order(account_sync::account_id)
        .select(account_sync::account_id)
        .limit(limit)
        .load(connection)?;
    Ok(accounts)
}

/// The newest stamp of the account: changes whenever anything in it does.
///
/// # Errors
/// That the database is unavailable.
pub fn head(connection: &mut DbConnection, account_id: &str) -> Result<i64, StoreError> {
    use super::schema::account_sync;
    let row = account_sync::table.find(account_id).select(account_sync::last_stamp);
    let head = on_backend!(connection, inner => row.get_result(inner)).optional()?;
    head.ok_or(StoreError::UnknownAccount)
}
