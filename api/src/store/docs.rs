//! The records that a plan is made from, as JSON texts with the name of their collection.
//!
//! **Must never** run a statement without the account.

use super::schema::records;
use super::{DbConnection, StoreError};
use afterview_domain::entities::Collection;
use diesel::prelude::*;

/// The JSON texts of every live record that belongs to one opportunity, itself included.
///
/// # Errors
/// That the database is unavailable.
pub fn docs_of_opportunity(
    connection: &mut DbConnection,
    account_id: &str,
    opportunity_id: &str,
) -> Result<Vec<(String, String)>, StoreError> {
    let docs = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::opportunity_id.eq(opportunity_id))
        .filter(records::deleted_rev.is_null())
        .select((records::collection, records::doc))
        .load(connection)?;
    Ok(docs)
}

/// The JSON texts of every live record of some collections.
///
/// # Errors
/// That the database is unavailable.
pub fn docs_of_collections(
    connection: &mut DbConnection,
    account_id: &str,
    collections: &[Collection],
) -> Result<Vec<(String, String)>, StoreError> {
    let names: Vec<&str> = collections.iter().map(|collection| collection.as_str()).collect();
    let docs = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::collection.eq_any(names))
        .filter(records::deleted_rev.is_null())
        .select((records::collection, records::doc))
        .load(connection)?;
    Ok(docs)
}

/// Whether more than `limit` live records belong to one opportunity, itself included. Looks at no more
/// than that.
///
/// # Errors
/// That the database is unavailable.
pub fn has_more_records(
    connection: &mut DbConnection,
    account_id: &str,
    opportunity_id: &str,
    limit: i64,
) -> Result<bool, StoreError> {
    let beyond: Option<i64> = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::opportunity_id.eq(opportunity_id))
        .filter(records::deleted_rev.is_null())
        .select(records::rev)
        .limit(1)
        .offset(limit)
        .get_result(connection)
        .optional()?;
    Ok(beyond.is_some())
}

/// The JSON texts of what may concern every opportunity of the account: the settings, all offers and
/// qualifications, and the contacts that belong to no opportunity in particular.
///
/// Spelled without a list of values, so that the statement is compiled once: every write runs it.
///
/// # Errors
/// That the database is unavailable.
pub fn docs_of_shared(
    connection: &mut DbConnection,
    account_id: &str,
) -> Result<Vec<(String, String)>, StoreError> {
    let is = |collection: Collection| records::collection.eq(collection.as_str());
    let shared = is(Collection::Preferences)
        .or(is(Collection::Offers))
        .or(is(Collection::Supplements))
        .or(is(Collection::Contacts));
    let of_nobody =
        records::collection.ne(Collection::Contacts.as_str()).or(records::opportunity_id.is_null());
    let docs = records::table
        .filter(records::account_id.eq(account_id))
        .filter(shared)
        .filter(of_nobody)
        .filter(records::deleted_rev.is_null())
        .select((records::collection, records::doc))
        .load(connection)?;
    Ok(docs)
}

/// The JSON texts of the live contacts with these ids.
///
/// # Errors
/// That the database is unavailable.
pub fn docs_of_contacts(
    connection: &mut DbConnection,
    account_id: &str,
    ids: &[String],
) -> Result<Vec<(String, String)>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let docs = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::collection.eq(Collection::Contacts.as_str()))
        .filter(records::id.eq_any(ids))
        .filter(records::deleted_rev.is_null())
        .select((records::collection, records::doc))
        .load(connection)?;
    Ok(docs)
}

/// Whether the account has an open opportunity besides the one called `id`.
///
/// # Errors
/// That the database is unavailable.
pub fn open_besides(
    connection: &mut DbConnection,
    account_id: &str,
    id: &str,
) -> Result<bool, StoreError> {
    // The text is canonical JSON: this is the member and nothing else, see `list`.
    let found: Option<String> = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::collection.eq(Collection::Opportunities.as_str()))
        .filter(records::id.ne(id))
        .filter(records::deleted_rev.is_null())
        .filter(records::doc.not_like("%\"closed\":\"%"))
        .select(records::id)
        .limit(1)
        .get_result(connection)
        .optional()?;
    Ok(found.is_some())
}
