//! The records that a plan is made from, as JSON texts with the name of their collection.
//!
//! **Must never** run a statement without the account.

use super::connection::on_backend;
use super::schema::records;
use super::{DbConnection, StoreError};
use afterview_domain::entities::Collection;
use diesel::prelude::*;

/// The JSON texts of every live record that belongs to one opportunity, itself included.
///
/// # Errors
/// That the database is unavailable.
fn docs_of_opportunity(
    connection: &mut DbConnection,
    account_id: &str,
    opportunity_id: &str,
) -> Result<Vec<(String, String)>, StoreError> {
    let query = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::opportunity_id.eq(opportunity_id))
        .filter(records::deleted_rev.is_null())
        .select((records::collection, records::doc));
    Ok(on_backend!(connection, inner => query.load(inner))?)
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

/// The JSON texts of what belongs to no opportunity in particular: the settings, and the contacts and
/// qualifications that all share.
///
/// # Errors
/// That the database is unavailable.
fn docs_of_nobody(
    connection: &mut DbConnection,
    account_id: &str,
) -> Result<Vec<(String, String)>, StoreError> {
    let query = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::opportunity_id.is_null())
        .filter(records::deleted_rev.is_null())
        .filter(records::collection.ne(Collection::Conflicts.as_str()))
        .select((records::collection, records::doc));
    Ok(on_backend!(connection, inner => query.load(inner))?)
}

/// The JSON texts of every live offer of the account.
///
/// # Errors
/// That the database is unavailable.
fn docs_of_offers(
    connection: &mut DbConnection,
    account_id: &str,
) -> Result<Vec<(String, String)>, StoreError> {
    let query = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::collection.eq(Collection::Offers.as_str()))
        .filter(records::deleted_rev.is_null())
        .select((records::collection, records::doc));
    Ok(on_backend!(connection, inner => query.load(inner))?)
}

/// What some opportunities are planned from: what belongs to one of them, to none in particular, and every
/// offer, each record once.
///
/// # Errors
/// That the database is unavailable.
pub fn docs_for_plans(
    connection: &mut DbConnection,
    account_id: &str,
    opportunities: &[&str],
) -> Result<Vec<(String, String)>, StoreError> {
    let DbConnection::Postgres(inner) = connection else {
        let mut docs = docs_of_nobody(connection, account_id)?;
        for id in opportunities {
            docs.extend(docs_of_opportunity(connection, account_id, id)?);
        }
        docs.retain(|(collection, _)| collection != Collection::Offers.as_str());
        docs.extend(docs_of_offers(connection, account_id)?);
        return Ok(docs);
    };
    // One round trip, and each part finds its own index.
    let live = || {
        records::table
            .filter(records::account_id.eq(account_id))
            .filter(records::deleted_rev.is_null())
            .select((records::collection, records::doc))
    };
    let offers = Collection::Offers.as_str();
    let own = live()
        .filter(records::opportunity_id.eq_any(opportunities))
        .filter(records::collection.ne(offers));
    let nobodys = live()
        .filter(records::opportunity_id.is_null())
        .filter(records::collection.ne_all([Collection::Conflicts.as_str(), offers]));
    let docs = own.union_all(nobodys).union_all(live().filter(records::collection.eq(offers)));
    Ok(docs.load(inner)?)
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

/// Two open opportunities of the account, or as many as there are.
///
/// # Errors
/// That the database is unavailable.
pub fn two_open(
    connection: &mut DbConnection,
    account_id: &str,
) -> Result<Vec<String>, StoreError> {
    // The text is canonical JSON: this is the member and nothing else, see `list`.
    let found = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::collection.eq(Collection::Opportunities.as_str()))
        .filter(records::deleted_rev.is_null())
        .filter(records::doc.not_like("%\"closed\":\"%"))
        .select(records::id)
        .limit(2)
        .load(connection)?;
    Ok(found)
}
