//! What a unit notes beside its records, on PostgreSQL: the history and the ledger of mutations.
//!
//! **Must never** run a statement without the account.

use crate::store::StoreError;
use crate::store::pending::ChangeRow;
use afterview_domain::sync::Known;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Text};

/// Writes rows of the history, made by `device_id`.
pub(in crate::store) fn insert_changes(
    connection: &mut PgConnection,
    (account_id, device_id): (&str, &str),
    rows: &[ChangeRow],
) -> Result<(), StoreError> {
    if !rows.is_empty() {
        InsertChanges { account_id, device_id, rows: ChangeColumns::of(rows) }
            .execute(connection)?;
    }
    Ok(())
}

struct ChangeColumns<'a> {
    rev: Vec<i64>,
    collection: Vec<&'a str>,
    id: Vec<&'a str>,
    mutation_id: Vec<Option<&'a str>>,
    changed: Vec<&'a str>,
}

impl<'a> ChangeColumns<'a> {
    fn of(rows: &'a [ChangeRow]) -> Self {
        Self {
            rev: rows.iter().map(|row| row.rev).collect(),
            collection: rows.iter().map(|row| row.collection.as_str()).collect(),
            id: rows.iter().map(|row| row.id.as_str()).collect(),
            mutation_id: rows.iter().map(|row| row.mutation.as_deref()).collect(),
            changed: rows.iter().map(|row| row.changed.as_str()).collect(),
        }
    }
}

struct InsertChanges<'a> {
    account_id: &'a str,
    device_id: &'a str,
    rows: ChangeColumns<'a>,
}

impl QueryId for InsertChanges<'_> {
    type QueryId = InsertChanges<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for InsertChanges<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO record_revs (account_id, device_id, rev, collection, id, mutation_id, \
             changed) SELECT ",
        );
        out.push_bind_param::<Text, _>(self.account_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(self.device_id)?;
        out.push_sql(", new.* FROM unnest(");
        out.push_bind_param::<Array<BigInt>, _>(&self.rows.rev)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.rows.collection)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.rows.id)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.rows.mutation_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.rows.changed)?;
        out.push_sql(") AS new");
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for InsertChanges<'_> {}

/// Writes rows of the ledger, received from `device_id` at `received_at` (Unix milliseconds).
pub(in crate::store) fn insert_mutations(
    connection: &mut PgConnection,
    (account_id, device_id): (&str, &str),
    received_at: i64,
    rows: &[&Known],
) -> Result<(), StoreError> {
    if !rows.is_empty() {
        let rows = LedgerColumns::of(rows);
        InsertMutations { account_id, device_id, received_at, rows }.execute(connection)?;
    }
    Ok(())
}

struct LedgerColumns<'a> {
    mutation_id: Vec<&'a str>,
    fingerprint: Vec<&'a str>,
    status: Vec<&'a str>,
    rev: Vec<Option<i64>>,
    result: Vec<&'a str>,
}

impl<'a> LedgerColumns<'a> {
    fn of(rows: &[&'a Known]) -> Self {
        Self {
            mutation_id: rows.iter().map(|row| row.id.as_str()).collect(),
            fingerprint: rows.iter().map(|row| row.fingerprint.as_str()).collect(),
            status: rows.iter().map(|row| row.status.as_str()).collect(),
            rev: rows.iter().map(|row| row.rev).collect(),
            result: rows.iter().map(|row| row.result.as_str()).collect(),
        }
    }
}

struct InsertMutations<'a> {
    account_id: &'a str,
    device_id: &'a str,
    received_at: i64,
    rows: LedgerColumns<'a>,
}

impl QueryId for InsertMutations<'_> {
    type QueryId = InsertMutations<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for InsertMutations<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO mutations (account_id, device_id, received_at, mutation_id, fingerprint, \
             status, rev, result) SELECT ",
        );
        out.push_bind_param::<Text, _>(self.account_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(self.device_id)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&self.received_at)?;
        out.push_sql(", new.* FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.rows.mutation_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.rows.fingerprint)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.rows.status)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<BigInt>>, _>(&self.rows.rev)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.rows.result)?;
        out.push_sql(") AS new");
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for InsertMutations<'_> {}
