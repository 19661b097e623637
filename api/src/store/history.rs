//! What became of one record over time, and the conflicts that the candidate has not looked at.
//!
//! **Must never** run a statement without the account.

use super::records::ListedDoc;
use super::schema::{record_revs, records};
use super::{DbConnection, StoreError};
use afterview_domain::entities::Collection;
use afterview_domain::sync::FieldMeta;
use diesel::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One change of one record.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct StoredChange {
    /// The revision that it made.
    pub rev: i64,
    /// The device (session) that made it.
    pub device_id: String,
    /// The mutation that brought it; none for a change by REST.
    pub mutation_id: Option<String>,
    /// Per field the value before and after, as JSON text.
    pub changed: String,
}

/// One change of some record.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct AnyChange {
    /// The collection of the record.
    pub collection: String,
    /// The record.
    pub id: String,
    /// The revision that it made.
    pub rev: i64,
    /// The device (session) that made it.
    pub device_id: String,
    /// Per field the value before and after, as JSON text.
    pub changed: String,
}

/// Up to `limit` changes of any record above the revision `after`, the oldest first.
///
/// # Errors
/// That the database is unavailable.
pub fn after(
    connection: &mut DbConnection,
    account_id: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<AnyChange>, StoreError> {
    let changes = record_revs::table
        .filter(record_revs::account_id.eq(account_id))
        .filter(record_revs::rev.gt(after))
        .select((
            record_revs::collection,
            record_revs::id,
            record_revs::rev,
            record_revs::device_id,
            record_revs::changed,
        ))
        .order(record_revs::rev)
        .limit(limit)
        .load(connection)?;
    Ok(changes)
}

/// The creation of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    /// Its first revision.
    pub rev: i64,
    /// The device (session) that made it.
    pub device_id: String,
}

/// The creation of a record, alive or not. `None` if there never was such a record, or if what it was
/// has been forgotten.
///
/// # Errors
/// That the database is unavailable or the row corrupt.
pub fn creation_of(
    connection: &mut DbConnection,
    account_id: &str,
    collection: Collection,
    id: &str,
) -> Result<Option<Creation>, StoreError> {
    let row: Option<String> = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::collection.eq(collection.as_str()))
        .filter(records::id.eq(id))
        .select(records::field_meta)
        .get_result(connection)
        .optional()?;
    let Some(field_meta) = row else { return Ok(None) };
    let mut field_meta: BTreeMap<String, FieldMeta> = serde_json::from_str(&field_meta)
        .map_err(|error| StoreError::Corrupt(format!("{}/{id}: {error}", collection.as_str())))?;
    // A record that came back from its deletion has a new `created_rev`; `*` is the first one.
    Ok(field_meta.remove("*").map(|meta| Creation { rev: meta.rev, device_id: meta.device }))
}

/// Up to `limit` changes of one record below the revision `before`, the newest first.
///
/// # Errors
/// That the database is unavailable.
pub fn history_of(
    connection: &mut DbConnection,
    account_id: &str,
    (collection, id): (Collection, &str),
    before: i64,
    limit: i64,
) -> Result<Vec<StoredChange>, StoreError> {
    let changes = record_revs::table
        .filter(record_revs::account_id.eq(account_id))
        .filter(record_revs::collection.eq(collection.as_str()))
        .filter(record_revs::id.eq(id))
        .filter(record_revs::rev.lt(before))
        .select((
            record_revs::rev,
            record_revs::device_id,
            record_revs::mutation_id,
            record_revs::changed,
        ))
        .order(record_revs::rev.desc())
        .limit(limit)
        .load(connection)?;
    Ok(changes)
}

/// How many conflicts are read at once while looking for those in one state.
const CONFLICTS_AT_ONCE: i64 = 200;

/// Up to `limit` conflicts in the order of their creation, after the creation stamp `after`; with
/// `state`, only those in it.
///
/// # Errors
/// That the database is unavailable or a row corrupt.
pub fn conflicts(
    connection: &mut DbConnection,
    account_id: &str,
    state: Option<&str>,
    after: i64,
    limit: usize,
) -> Result<Vec<ListedDoc>, StoreError> {
    let (mut found, mut after) = (Vec::new(), after);
    loop {
        let mut select = records::table
            .filter(records::account_id.eq(account_id))
            .filter(records::collection.eq(Collection::Conflicts.as_str()))
            .filter(records::deleted_rev.is_null())
            .filter(records::created_rev.gt(after))
            .select((records::created_rev, records::doc))
            .order(records::created_rev)
            .limit(CONFLICTS_AT_ONCE)
            .into_boxed();
        if let Some(state) = state {
            // Leaves out nearly all of the others; fields inside may be called `state`, too.
            select = select.filter(records::doc.like(format!("%\"state\":\"{state}\"%")));
        }
        let rows: Vec<ListedDoc> = select.load(connection)?;
        let Some(last) = rows.last() else { return Ok(found) };
        after = last.created_rev;
        for row in rows {
            if is_in_state(&row.doc, state)? {
                found.push(row);
            }
            if found.len() >= limit {
                return Ok(found);
            }
        }
    }
}

#[derive(Deserialize)]
struct Stateful<'d> {
    state: &'d str,
}

/// Whether the conflict itself is in that state.
fn is_in_state(doc: &str, state: Option<&str>) -> Result<bool, StoreError> {
    let Some(state) = state else { return Ok(true) };
    let conflict: Stateful<'_> = serde_json::from_str(doc)
        .map_err(|error| StoreError::Corrupt(format!("conflicts: {error}")))?;
    Ok(conflict.state == state)
}
