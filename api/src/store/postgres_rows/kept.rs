//! Rows that nearly every unit changes, on PostgreSQL: the head of the log and what is kept of a plan.
//!
//! diesel prepares no `UPDATE` whose columns it takes from values, for their number might differ. These
//! always name the same ones.
//!
//! **Must never** run a statement without the account.

use crate::store::StoreError;
use crate::store::connection::LogHead;
use crate::store::plans::KeptPlan;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, Text};

/// Writes the head of an account's log.
pub(in crate::store) fn move_head(
    connection: &mut PgConnection,
    account_id: &str,
    head: LogHead,
) -> Result<(), StoreError> {
    MoveHead { account_id, head }.execute(connection)?;
    Ok(())
}

struct MoveHead<'a> {
    account_id: &'a str,
    head: LogHead,
}

impl QueryId for MoveHead<'_> {
    type QueryId = MoveHead<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for MoveHead<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("UPDATE account_sync SET last_stamp = ");
        out.push_bind_param::<BigInt, _>(&self.head.last_stamp)?;
        out.push_sql(", digest = ");
        out.push_bind_param::<BigInt, _>(&self.head.digest)?;
        out.push_sql(", live_records = ");
        out.push_bind_param::<BigInt, _>(&self.head.live_records)?;
        out.push_sql(" WHERE account_id = ");
        out.push_bind_param::<Text, _>(self.account_id)
    }
}

impl RunQueryDsl<PgConnection> for MoveHead<'_> {}

/// Keeps a plan in place of what was kept; whoever had claimed it holds it no longer.
pub(in crate::store) fn keep_plan(
    connection: &mut PgConnection,
    account_id: &str,
    opportunity_id: &str,
    plan: &KeptPlan,
) -> Result<(), StoreError> {
    KeepPlan { account_id, opportunity_id, plan }.execute(connection)?;
    Ok(())
}

struct KeepPlan<'a> {
    account_id: &'a str,
    opportunity_id: &'a str,
    plan: &'a KeptPlan,
}

impl QueryId for KeepPlan<'_> {
    type QueryId = KeepPlan<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for KeepPlan<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO plans (account_id, opportunity_id, versions, next_change_at, outline, \
             changed_at, changes) VALUES (",
        );
        out.push_bind_param::<Text, _>(self.account_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(self.opportunity_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(&self.plan.versions)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<BigInt>, _>(&self.plan.next_change_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(&self.plan.outline)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<BigInt>, _>(&self.plan.changed_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(&self.plan.changes)?;
        out.push_sql(
            ") ON CONFLICT (account_id, opportunity_id) DO UPDATE SET \
             versions = excluded.versions, next_change_at = excluded.next_change_at, \
             outline = excluded.outline, changed_at = excluded.changed_at, \
             changes = excluded.changes, leased_until = NULL",
        );
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for KeepPlan<'_> {}
