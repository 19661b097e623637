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

/// The newest stamp of a collection among what belongs to one opportunity, itself and what was deleted
/// included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// The opportunity; `None` for what belongs to none.
    pub opportunity_id: Option<String>,
    /// The name of the collection.
    pub collection: String,
    /// The stamp. It never falls, for of what is deleted the name stays.
    pub rev: i64,
}

/// The newest stamps of everything but conflicts.
///
/// # Errors
/// That the database is unavailable.
pub fn newest(connection: &mut DbConnection, account_id: &str) -> Result<Vec<Newest>, StoreError> {
    let found: Vec<(Option<String>, String, Option<i64>)> = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::collection.ne(Collection::Conflicts.as_str()))
        .group_by((records::opportunity_id, records::collection))
        .select((records::opportunity_id, records::collection, diesel::dsl::max(records::rev)))
        .load(connection)?;
    let whole = found.into_iter().filter_map(|(opportunity_id, collection, rev)| {
        Some(Newest { opportunity_id, collection, rev: rev? })
    });
    Ok(whole.collect())
}
