//! A row that nearly every unit changes, on PostgreSQL: the head of the log.
//!
//! diesel prepares no `UPDATE` whose columns it takes from values, for their number might differ. This
//! one always names the same ones.
//!
//! **Must never** run a statement without the account.

use crate::store::StoreError;
use crate::store::connection::LogHead;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text};

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
