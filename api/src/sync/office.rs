//! The office in whose calendar the days of a record are counted.
//!
//! **Must never** guess more than the planner does: without a zone the candidate's own is assumed.

use crate::error::ApiError;
use crate::store::DbConnection;
use crate::store::records::find_doc;
use afterview_domain::calendar::BusinessOffice;
use afterview_domain::entities::opportunity::Office;
use afterview_domain::entities::{Collection, Opportunity, PREFERENCES_ID, Preferences};
use serde::de::DeserializeOwned;

/// The office of an opportunity; `None` if there is no such opportunity.
///
/// # Errors
/// That the database is unavailable or a record corrupt.
pub fn of_opportunity(
    connection: &mut DbConnection,
    account_id: &str,
    id: &str,
) -> Result<Option<BusinessOffice>, ApiError> {
    let found: Option<Opportunity> = find(connection, account_id, Collection::Opportunities, id)?;
    let office = found.map(|opportunity| opportunity.office);
    office.map(|office| of(connection, account_id, &office)).transpose()
}

/// An office as described, seen by this account's candidate.
///
/// # Errors
/// That the database is unavailable or a record corrupt.
pub fn of(
    connection: &mut DbConnection,
    account_id: &str,
    office: &Office,
) -> Result<BusinessOffice, ApiError> {
    let preferences: Option<Preferences> =
        find(connection, account_id, Collection::Preferences, PREFERENCES_ID)?;
    let preferences =
        preferences.ok_or_else(|| ApiError::internal("an account without preferences"))?;
    Ok(BusinessOffice::new(office, preferences.time_zone))
}

fn find<T: DeserializeOwned>(
    connection: &mut DbConnection,
    account_id: &str,
    collection: Collection,
    id: &str,
) -> Result<Option<T>, ApiError> {
    let found = find_doc(connection, account_id, collection, id)?;
    let parsed = found.map(|found| serde_json::from_str(&found.doc)).transpose();
    parsed.map_err(|error| {
        ApiError::internal(format!("{}/{id} is corrupt: {error}", collection.as_str()))
    })
}
