//! What a push is going to ask for, in one statement for each collection, on PostgreSQL.
//!
//! **Must never** run a statement without the account.

use super::Columns;
use crate::store::StoreError;
use crate::store::log::{MutationRow, RecordRow};
use diesel::dsl::SqlTypeOf;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Text};

/// The rows of those records of `collection` that there are, alive or not, by id.
pub(in crate::store) fn find_records(
    connection: &mut PgConnection,
    account_id: &str,
    collection: &str,
    ids: &[&str],
) -> Result<Vec<(String, RecordRow)>, StoreError> {
    Ok(FindRecords { account_id, collection, ids }.load(connection)?)
}

/// Each is looked up by its key. Asked for one that is any of these, PostgreSQL goes through the whole collection of
/// the account where most accounts have few records, and this one may have 50,000.
struct FindRecords<'a> {
    account_id: &'a str,
    collection: &'a str,
    ids: &'a [&'a str],
}

impl Query for FindRecords<'_> {
    type SqlType = (Text, SqlTypeOf<Columns>);
}

impl QueryId for FindRecords<'_> {
    type QueryId = FindRecords<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for FindRecords<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT one.id, found.rev, found.created_rev, found.deleted_rev, found.cascade_of, found.doc, \
             found.field_meta, found.extra FROM unnest(",
        );
        out.push_bind_param::<Array<Text>, _>(self.ids)?;
        out.push_sql(
            ") AS one (id), LATERAL (SELECT * FROM records WHERE records.id = one.id AND records.collection = ",
        );
        out.push_bind_param::<Text, _>(self.collection)?;
        out.push_sql(" AND records.account_id = ");
        out.push_bind_param::<Text, _>(self.account_id)?;
        // Which keeps the two apart.
        out.push_sql(" OFFSET 0) AS found");
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for FindRecords<'_> {}

/// What the ledger has about those of some mutations that it knows, by identifier.
pub(in crate::store) fn find_mutations(
    connection: &mut PgConnection,
    account_id: &str,
    ids: &[&str],
) -> Result<Vec<(String, MutationRow)>, StoreError> {
    Ok(FindMutations { account_id, ids }.load(connection)?)
}

/// Each is looked up by its key. Asked for one that is any of these, PostgreSQL may well go through all that the
/// ledger has of the account and compare each with all of these; and so would a plan that was made while the ledger
/// was empty. It grows by thousands of rows before anybody looks at it again, so this is planned at every use.
struct FindMutations<'a> {
    account_id: &'a str,
    ids: &'a [&'a str],
}

impl Query for FindMutations<'_> {
    type SqlType = (Text, (Text, Text, Nullable<BigInt>, Text));
}

impl QueryId for FindMutations<'_> {
    type QueryId = FindMutations<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for FindMutations<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT one.id, known.fingerprint, known.status, known.rev, known.result FROM unnest(",
        );
        out.push_bind_param::<Array<Text>, _>(self.ids)?;
        out.push_sql(
            ") AS one (id), LATERAL (SELECT fingerprint, status, rev, result FROM mutations \
             WHERE mutations.mutation_id = one.id AND mutations.account_id = ",
        );
        out.push_bind_param::<Text, _>(self.account_id)?;
        // Which keeps the two apart.
        out.push_sql(" OFFSET 0) AS known");
        out.unsafe_to_cache_prepared();
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for FindMutations<'_> {}
