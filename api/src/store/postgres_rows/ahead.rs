//! What a push is going to ask for, in one statement for each collection, on PostgreSQL.
//!
//! **Must never** run a statement without the account.

use super::COLUMNS;
use crate::store::StoreError;
use crate::store::log::{MutationRow, RecordRow};
use crate::store::schema::{mutations, records};
use diesel::pg::PgConnection;
use diesel::prelude::*;

/// The rows of those records of `collection` that there are, alive or not, by id.
pub(in crate::store) fn find_records(
    connection: &mut PgConnection,
    account_id: &str,
    collection: &str,
    ids: &[&str],
) -> Result<Vec<(String, RecordRow)>, StoreError> {
    let found = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::collection.eq(collection))
        .filter(records::id.eq_any(ids))
        .select((records::id, COLUMNS))
        .load(connection)?;
    Ok(found)
}

/// What the ledger has about those of some mutations that it knows, by identifier.
pub(in crate::store) fn find_mutations(
    connection: &mut PgConnection,
    account_id: &str,
    ids: &[&str],
) -> Result<Vec<(String, MutationRow)>, StoreError> {
    let columns = (mutations::fingerprint, mutations::status, mutations::rev, mutations::result);
    let found = mutations::table
        .filter(mutations::account_id.eq(account_id))
        .filter(mutations::mutation_id.eq_any(ids))
        .select((mutations::mutation_id, columns))
        .load(connection)?;
    Ok(found)
}
