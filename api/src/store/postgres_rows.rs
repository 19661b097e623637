//! The statements of sync that run by the hundred, on PostgreSQL.
//!
//! Rows travel as one array for each column, so that a hundred of them are one statement. What the
//! statements do must be the same on every backend; those that read have the same words as their twins in
//! `sqlite_rows.rs`, because there each has to be known by its type.
//!
//! **Must never** run a statement without the account.

mod ahead;
mod kept;
mod notes;

use super::StoreError;
use super::feed::Row;
use super::log::{MutationRow, RecordRow, RecordValues};
use super::schema::{account_sync, lost_intervals, mutations, records};
pub(super) use ahead::{find_mutations, find_records};
pub(super) use kept::{keep_plans, keep_reminders, kept_and_counted};
pub(super) use notes::{insert_changes, insert_mutations};

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Text};

/// The row of a record, alive or not.
pub(super) fn find_record(
    connection: &mut PgConnection,
    account_id: &str,
    collection: &str,
    id: &str,
) -> Result<Option<RecordRow>, StoreError> {
    if id.contains('\0') {
        // A device may ask for whatever it likes; here such a text is not even a text.
        return Ok(None);
    }
    let found = records::table
        .find((account_id, collection, id))
        .select(COLUMNS)
        .get_result(connection)
        .optional()?;
    Ok(found)
}

/// The columns of [`RecordRow`].
type Columns = (
    records::rev,
    records::created_rev,
    records::deleted_rev,
    records::cascade_of,
    records::doc,
    records::field_meta,
    records::extra,
);

const COLUMNS: Columns = (
    records::rev,
    records::created_rev,
    records::deleted_rev,
    records::cascade_of,
    records::doc,
    records::field_meta,
    records::extra,
);

/// The columns of some records, each as an array.
struct RecordColumns<'a> {
    account_id: &'a str,
    collection: Vec<&'a str>,
    id: Vec<&'a str>,
    rev: Vec<i64>,
    created_rev: Vec<i64>,
    deleted_rev: Vec<Option<i64>>,
    cascade_of: Vec<Option<&'a str>>,
    txn: Vec<i64>,
    opportunity_id: Vec<Option<&'a str>>,
    sort_at: Vec<Option<i64>>,
    doc: Vec<&'a str>,
    field_meta: Vec<&'a str>,
    extra: Vec<Option<&'a str>>,
}

impl<'a> RecordColumns<'a> {
    /// `None` for no rows. All belong to one account, as everything that one unit writes.
    fn of(rows: &'a [RecordValues<'a>]) -> Option<Self> {
        Some(Self {
            account_id: rows.first()?.account_id,
            collection: rows.iter().map(|row| row.collection).collect(),
            id: rows.iter().map(|row| row.id).collect(),
            rev: rows.iter().map(|row| row.rev).collect(),
            created_rev: rows.iter().map(|row| row.created_rev).collect(),
            deleted_rev: rows.iter().map(|row| row.deleted_rev).collect(),
            cascade_of: rows.iter().map(|row| row.cascade_of).collect(),
            txn: rows.iter().map(|row| row.txn).collect(),
            opportunity_id: rows.iter().map(|row| row.opportunity_id).collect(),
            sort_at: rows.iter().map(|row| row.sort_at).collect(),
            doc: rows.iter().map(|row| row.doc.as_str()).collect(),
            field_meta: rows.iter().map(|row| row.field_meta.as_str()).collect(),
            extra: rows.iter().map(|row| row.extra.as_deref()).collect(),
        })
    }

    /// `INSERT INTO records ... SELECT ...`.
    fn push_insert<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO records (account_id, collection, id, rev, created_rev, deleted_rev, \
             cascade_of, txn, opportunity_id, sort_at, doc, field_meta, extra) SELECT ",
        );
        out.push_bind_param::<Text, _>(self.account_id)?;
        out.push_sql(", new.* FROM ");
        self.push_rows(&mut out)
    }

    /// `unnest(...) AS new (...)`.
    fn push_rows<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.collection)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.id)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.rev)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.created_rev)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<BigInt>>, _>(&self.deleted_rev)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.cascade_of)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.txn)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.opportunity_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<BigInt>>, _>(&self.sort_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.doc)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.field_meta)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.extra)?;
        out.push_sql(
            ") AS new (collection, id, rev, created_rev, deleted_rev, cascade_of, txn, \
             opportunity_id, sort_at, doc, field_meta, extra)",
        );
        Ok(())
    }
}

/// Writes rows of new records.
pub(super) fn insert_records(
    connection: &mut PgConnection,
    rows: &[RecordValues<'_>],
) -> Result<(), StoreError> {
    if let Some(columns) = RecordColumns::of(rows) {
        InsertRecords(columns).execute(connection)?;
    }
    Ok(())
}

struct InsertRecords<'a>(RecordColumns<'a>);

impl QueryId for InsertRecords<'_> {
    type QueryId = InsertRecords<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for InsertRecords<'_> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.push_insert(out)
    }
}

impl RunQueryDsl<PgConnection> for InsertRecords<'_> {}

/// Writes rows of records in place of earlier ones.
pub(super) fn update_records(
    connection: &mut PgConnection,
    rows: &[RecordValues<'_>],
) -> Result<(), StoreError> {
    if let Some(columns) = RecordColumns::of(rows) {
        UpdateRecords(columns).execute(connection)?;
    }
    Ok(())
}

/// An insertion in which every row is there already: so each is found by its key. Joined with `UPDATE`, PostgreSQL
/// goes through all records of the account where most accounts have few, and this one may have 50,000.
struct UpdateRecords<'a>(RecordColumns<'a>);

impl QueryId for UpdateRecords<'_> {
    type QueryId = UpdateRecords<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for UpdateRecords<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.push_insert(out.reborrow())?;
        out.push_sql(
            " ON CONFLICT ON CONSTRAINT records_key DO UPDATE SET rev = excluded.rev, \
             created_rev = excluded.created_rev, deleted_rev = excluded.deleted_rev, \
             cascade_of = excluded.cascade_of, txn = excluded.txn, \
             opportunity_id = excluded.opportunity_id, sort_at = excluded.sort_at, \
             doc = excluded.doc, field_meta = excluded.field_meta, extra = excluded.extra",
        );
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for UpdateRecords<'_> {}

/// What the ledger has about a mutation: fingerprint, status, revision, result.
pub(super) fn find_mutation(
    connection: &mut PgConnection,
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
    connection: &mut PgConnection,
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
    connection: &mut PgConnection,
    account_id: &str,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let lost = lost_intervals::table
        .filter(lost_intervals::account_id.eq(account_id))
        .select((lost_intervals::invalid_from, lost_intervals::invalid_to))
        .order(lost_intervals::invalid_from)
        .load(connection)?;
    Ok(lost)
}

/// Up to `limit` records with revisions in `(after, until]`, in their order.
pub(super) fn changes(
    connection: &mut PgConnection,
    account_id: &str,
    (after, until): (i64, i64),
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    let rows = records::table
        .filter(records::account_id.eq(account_id))
        .filter(records::rev.gt(after))
        .filter(records::rev.le(until))
        .select(super::feed::COLUMNS)
        .order(records::rev)
        .limit(limit)
        .load(connection)?;
    Ok(rows)
}
