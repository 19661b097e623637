//! The statements of sync that run by the hundred, on SQLite.
//!
//! Through `DbConnection` the text of a statement is built anew at every use, to look the prepared
//! statement up by it: about a tenth of the time of the writing thread in a push of 100. Here each
//! statement is known by its type. What they do must be the same on every backend.
//!
//! **Must never** run a statement without the account.

use super::StoreError;
use super::feed::Row;
use super::log::{MutationRow, RecordRow, RecordValues};
use super::pending::ChangeRow;
use super::schema::{account_sync, lost_intervals, mutations, record_revs, records};
use afterview_domain::sync::Known;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};

/// The row of a record, alive or not.
pub(super) fn find_record(
    connection: &mut SqliteConnection,
    account_id: &str,
    collection: &str,
    id: &str,
) -> Result<Option<RecordRow>, StoreError> {
    let found = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::collection.eq(collection))
        .filter(records::id.eq(id))
        .select((
            records::rev,
            records::created_rev,
            records::deleted_rev,
            records::cascade_of,
            records::doc,
            records::field_meta,
            records::extra,
        ))
        .get_result(connection)
        .optional()?;
    Ok(found)
}

/// Writes rows of new records.
pub(super) fn insert_records(
    connection: &mut SqliteConnection,
    rows: &[RecordValues<'_>],
) -> Result<(), StoreError> {
    for row in rows {
        diesel::insert_into(records::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// Writes rows of records in place of earlier ones.
pub(super) fn update_records(
    connection: &mut SqliteConnection,
    rows: &[RecordValues<'_>],
) -> Result<(), StoreError> {
    for row in rows {
        UpdateRecord(row).execute(connection)?;
    }
    Ok(())
}

/// Not made by diesel, for whom an update has no type to be known by. Leaves the key alone, so that its
/// index is, too.
struct UpdateRecord<'a>(&'a RecordValues<'a>);

impl QueryId for UpdateRecord<'_> {
    type QueryId = UpdateRecord<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Sqlite> for UpdateRecord<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let row = self.0;
        out.push_sql("UPDATE records SET rev = ");
        out.push_bind_param::<BigInt, _>(&row.rev)?;
        out.push_sql(", created_rev = ");
        out.push_bind_param::<BigInt, _>(&row.created_rev)?;
        out.push_sql(", deleted_rev = ");
        out.push_bind_param::<Nullable<BigInt>, _>(&row.deleted_rev)?;
        out.push_sql(", cascade_of = ");
        out.push_bind_param::<Nullable<Text>, _>(&row.cascade_of)?;
        out.push_sql(", txn = ");
        out.push_bind_param::<BigInt, _>(&row.txn)?;
        out.push_sql(", opportunity_id = ");
        out.push_bind_param::<Nullable<Text>, _>(&row.opportunity_id)?;
        out.push_sql(", sort_at = ");
        out.push_bind_param::<Nullable<BigInt>, _>(&row.sort_at)?;
        out.push_sql(", doc = ");
        out.push_bind_param::<Text, _>(&row.doc)?;
        out.push_sql(", field_meta = ");
        out.push_bind_param::<Text, _>(&row.field_meta)?;
        out.push_sql(", extra = ");
        out.push_bind_param::<Nullable<Text>, _>(&row.extra)?;
        out.push_sql(" WHERE account_id = ");
        out.push_bind_param::<Text, _>(row.account_id)?;
        out.push_sql(" AND collection = ");
        out.push_bind_param::<Text, _>(row.collection)?;
        out.push_sql(" AND id = ");
        out.push_bind_param::<Text, _>(row.id)
    }
}

impl RunQueryDsl<SqliteConnection> for UpdateRecord<'_> {}

#[derive(Insertable)]
#[diesel(table_name = record_revs, treat_none_as_default_value = false)]
struct ChangeValues<'a> {
    account_id: &'a str,
    rev: i64,
    collection: &'a str,
    id: &'a str,
    device_id: &'a str,
    mutation_id: Option<&'a str>,
    changed: &'a str,
}

/// Writes rows of the history, made by `device_id`.
pub(super) fn insert_changes(
    connection: &mut SqliteConnection,
    (account_id, device_id): (&str, &str),
    rows: &[ChangeRow],
) -> Result<(), StoreError> {
    for row in rows {
        let values = ChangeValues {
            account_id,
            rev: row.rev,
            collection: row.collection.as_str(),
            id: &row.id,
            device_id,
            mutation_id: row.mutation.as_deref(),
            changed: &row.changed,
        };
        diesel::insert_into(record_revs::table).values(values).execute(connection)?;
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = mutations, treat_none_as_default_value = false)]
struct LedgerValues<'a> {
    account_id: &'a str,
    mutation_id: &'a str,
    device_id: &'a str,
    fingerprint: &'a str,
    status: &'a str,
    rev: Option<i64>,
    result: &'a str,
    received_at: i64,
}

/// Writes rows of the ledger, received from `device_id` at `received_at` (Unix milliseconds).
pub(super) fn insert_mutations(
    connection: &mut SqliteConnection,
    (account_id, device_id): (&str, &str),
    received_at: i64,
    rows: &[&Known],
) -> Result<(), StoreError> {
    for row in rows {
        let values = LedgerValues {
            account_id,
            mutation_id: &row.id,
            device_id,
            fingerprint: &row.fingerprint,
            status: row.status.as_str(),
            rev: row.rev,
            result: &row.result,
            received_at,
        };
        diesel::insert_into(mutations::table).values(values).execute(connection)?;
    }
    Ok(())
}

/// The rows of those records of `collection` that there are, alive or not, by id.
pub(super) fn find_records(
    connection: &mut SqliteConnection,
    account_id: &str,
    collection: &str,
    ids: &[&str],
) -> Result<Vec<(String, RecordRow)>, StoreError> {
    let ids = listed(ids)?;
    Ok(FindRecords { account_id, collection, ids }.load(connection)?)
}

/// What the ledger has about those of some mutations that it knows, by identifier.
pub(super) fn find_mutations(
    connection: &mut SqliteConnection,
    account_id: &str,
    ids: &[&str],
) -> Result<Vec<(String, MutationRow)>, StoreError> {
    let ids = listed(ids)?;
    Ok(FindMutations { account_id, ids }.load(connection)?)
}

/// As a JSON text: one value to bind, however many there are.
fn listed(ids: &[&str]) -> Result<String, StoreError> {
    serde_json::to_string(ids).map_err(|error| StoreError::Corrupt(error.to_string()))
}

struct FindRecords<'a> {
    account_id: &'a str,
    collection: &'a str,
    ids: String,
}

impl Query for FindRecords<'_> {
    type SqlType =
        (Text, (BigInt, BigInt, Nullable<BigInt>, Nullable<Text>, Text, Text, Nullable<Text>));
}

impl QueryId for FindRecords<'_> {
    type QueryId = FindRecords<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Sqlite> for FindRecords<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(
            "SELECT records.id, rev, created_rev, deleted_rev, cascade_of, doc, field_meta, extra \
             FROM json_each(",
        );
        out.push_bind_param::<Text, _>(&self.ids)?;
        out.push_sql(") AS one CROSS JOIN records ON records.id = one.value AND account_id = ");
        out.push_bind_param::<Text, _>(self.account_id)?;
        out.push_sql(" AND collection = ");
        out.push_bind_param::<Text, _>(self.collection)
    }
}

impl RunQueryDsl<SqliteConnection> for FindRecords<'_> {}

struct FindMutations<'a> {
    account_id: &'a str,
    ids: String,
}

impl Query for FindMutations<'_> {
    type SqlType = (Text, (Text, Text, Nullable<BigInt>, Text));
}

impl QueryId for FindMutations<'_> {
    type QueryId = FindMutations<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Sqlite> for FindMutations<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("SELECT mutation_id, fingerprint, status, rev, result FROM json_each(");
        out.push_bind_param::<Text, _>(&self.ids)?;
        out.push_sql(
            ") AS one CROSS JOIN mutations ON mutations.mutation_id = one.value AND account_id = ",
        );
        out.push_bind_param::<Text, _>(self.account_id)
    }
}

impl RunQueryDsl<SqliteConnection> for FindMutations<'_> {}

/// What the ledger has about a mutation: fingerprint, status, revision, result.
pub(super) fn find_mutation(
    connection: &mut SqliteConnection,
    account_id: &str,
    mutation_id: &str,
) -> Result<Option<MutationRow>, StoreError> {
    let found = mutations::table
        .find((account_id, mutation_id))
        .select((mutations::fingerprint, mutations::status, mutations::rev, mutations::result))
        .get_result(connection)
        .optional()?;
    Ok(found)
}

/// Newest stamp, epoch, floor, digest and number of live records of an account's log.
pub(super) fn log_state(
    connection: &mut SqliteConnection,
    account_id: &str,
) -> Result<(i64, i64, i64, i64, i64), StoreError> {
    account_sync::table
        .find(account_id)
        .select((
            account_sync::last_stamp,
            account_sync::epoch,
            account_sync::gc_floor,
            account_sync::digest,
            account_sync::live_records,
        ))
        .get_result(connection)
        .optional()?
        .ok_or(StoreError::UnknownAccount)
}

/// Start and end of what restores lost.
pub(super) fn lost_intervals(
    connection: &mut SqliteConnection,
    account_id: &str,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let lost = lost_intervals::table
        .filter(lost_intervals::account_id.eq(account_id))
        .select((lost_intervals::invalid_from, lost_intervals::invalid_to))
        .load(connection)?;
    Ok(lost)
}

/// Up to `limit` records with revisions in `(after, until]`, in their order.
pub(super) fn changes(
    connection: &mut SqliteConnection,
    account_id: &str,
    (after, until): (i64, i64),
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    Ok(Changes { account_id, after, until, limit }.load(connection)?)
}

struct Changes<'a> {
    account_id: &'a str,
    after: i64,
    until: i64,
    limit: i64,
}

impl Query for Changes<'_> {
    type SqlType =
        (Text, Text, BigInt, BigInt, Nullable<BigInt>, Nullable<Text>, Text, Nullable<Text>);
}

impl QueryId for Changes<'_> {
    type QueryId = Changes<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Sqlite> for Changes<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(
            "SELECT collection, id, rev, txn, deleted_rev, cascade_of, doc, extra FROM records \
             WHERE account_id = ",
        );
        out.push_bind_param::<Text, _>(self.account_id)?;
        out.push_sql(" AND rev > ");
        out.push_bind_param::<BigInt, _>(&self.after)?;
        out.push_sql(" AND rev <= ");
        out.push_bind_param::<BigInt, _>(&self.until)?;
        // A bound limit alone would have SQLite compile the statement again at every use.
        out.push_sql(" ORDER BY rev LIMIT 0 + ");
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

impl RunQueryDsl<SqliteConnection> for Changes<'_> {}

/// How many records, deleted ones included, belong to an opportunity, counted up to `limit`.
pub(super) fn count_records(
    connection: &mut SqliteConnection,
    account_id: &str,
    opportunity_id: &str,
    limit: i64,
) -> Result<i64, StoreError> {
    Ok(CountRecords { account_id, opportunity_id, limit }.get_result(connection)?)
}

struct CountRecords<'a> {
    account_id: &'a str,
    opportunity_id: &'a str,
    limit: i64,
}

impl Query for CountRecords<'_> {
    type SqlType = BigInt;
}

impl QueryId for CountRecords<'_> {
    type QueryId = CountRecords<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Sqlite> for CountRecords<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FROM (SELECT 1 FROM records WHERE account_id = ");
        out.push_bind_param::<Text, _>(self.account_id)?;
        out.push_sql(" AND opportunity_id = ");
        out.push_bind_param::<Text, _>(self.opportunity_id)?;
        out.push_sql(" LIMIT 0 + ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(")");
        Ok(())
    }
}

impl RunQueryDsl<SqliteConnection> for CountRecords<'_> {}
