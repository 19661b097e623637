//! Attempts as rows of PostgreSQL: one array for each column, so that a hundred of them are one statement.
//!
//! **Must never** decide what is noted.

use super::DeliveryRow;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Text};

/// Writes rows of new attempts.
pub(super) fn insert(connection: &mut PgConnection, rows: &[DeliveryRow]) -> QueryResult<()> {
    if !rows.is_empty() {
        InsertDeliveries::of(rows).execute(connection)?;
    }
    Ok(())
}

/// The columns of some attempts, each as an array.
struct InsertDeliveries<'a> {
    account_id: Vec<&'a str>,
    id: Vec<&'a str>,
    attempted_at: Vec<i64>,
    purpose: Vec<&'a str>,
    action_key: Vec<Option<&'a str>>,
    follow_up_id: Vec<Option<&'a str>>,
    kind: Vec<Option<&'a str>>,
    occurrence: Vec<i64>,
    session_id: Vec<Option<&'a str>>,
    way: Vec<Option<&'a str>>,
    outcome: Vec<&'a str>,
    detail: Vec<Option<&'a str>>,
}

impl<'a> InsertDeliveries<'a> {
    fn of(rows: &'a [DeliveryRow]) -> Self {
        Self {
            account_id: rows.iter().map(|row| row.account_id.as_str()).collect(),
            id: rows.iter().map(|row| row.id.as_str()).collect(),
            attempted_at: rows.iter().map(|row| row.attempted_at).collect(),
            purpose: rows.iter().map(|row| row.purpose.as_str()).collect(),
            action_key: rows.iter().map(|row| row.action_key.as_deref()).collect(),
            follow_up_id: rows.iter().map(|row| row.follow_up_id.as_deref()).collect(),
            kind: rows.iter().map(|row| row.kind.as_deref()).collect(),
            occurrence: rows.iter().map(|row| row.occurrence).collect(),
            session_id: rows.iter().map(|row| row.session_id.as_deref()).collect(),
            way: rows.iter().map(|row| row.way.as_deref()).collect(),
            outcome: rows.iter().map(|row| row.outcome.as_str()).collect(),
            detail: rows.iter().map(|row| row.detail.as_deref()).collect(),
        }
    }
}

impl QueryId for InsertDeliveries<'_> {
    type QueryId = InsertDeliveries<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for InsertDeliveries<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO deliveries (account_id, id, attempted_at, purpose, action_key, \
             follow_up_id, kind, occurrence, session_id, way, outcome, detail) \
             SELECT * FROM unnest(",
        );
        out.push_bind_param::<Array<Text>, _>(&self.account_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.id)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.attempted_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.purpose)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.action_key)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.follow_up_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.kind)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.occurrence)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.session_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.way)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.outcome)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.detail)?;
        out.push_sql(")");
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for InsertDeliveries<'_> {}
