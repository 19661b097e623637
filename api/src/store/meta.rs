//! Records with when they were made and when each of their fields was changed.
//!
//! **Must never** run a statement without the account, or judge the content of a record.

use super::log::RecordRow;
use super::schema::records;
use super::{DbConnection, StoreError};
use afterview_domain::entities::Collection;
use afterview_domain::sync::Record;
use diesel::prelude::*;

/// Every live record of one collection of the account, with who changed its fields and when.
///
/// # Errors
/// That the database is unavailable or a record corrupt.
pub fn of_collection(
    connection: &mut DbConnection,
    account_id: &str,
    collection: Collection,
) -> Result<Vec<Record>, StoreError> {
    let rows: Vec<(String, RecordRow)> = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::collection.eq(collection.as_str()))
        .filter(records::deleted_rev.is_null())
        .select((
            records::id,
            (
                records::rev,
                records::created_rev,
                records::deleted_rev,
                records::cascade_of,
                records::doc,
                records::field_meta,
                records::extra,
            ),
        ))
        .load(connection)?;
    rows.into_iter().map(|(id, row)| row.into_record(collection, &id)).collect()
}

/// The newest stamp of what belongs to each opportunity, itself and what was deleted included; `None` stands
/// for what belongs to none. It never falls, for of what is deleted the name stays.
///
/// # Errors
/// That the database is unavailable.
pub fn newest(
    connection: &mut DbConnection,
    account_id: &str,
) -> Result<Vec<(Option<String>, i64)>, StoreError> {
    let found: Vec<(Option<String>, Option<i64>)> = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::collection.ne(Collection::Conflicts.as_str()))
        .group_by(records::opportunity_id)
        .select((records::opportunity_id, diesel::dsl::max(records::rev)))
        .load(connection)?;
    Ok(found.into_iter().filter_map(|(id, newest)| Some((id, newest?))).collect())
}
