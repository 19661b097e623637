//! A row that nearly every unit changes: the head of an account's log.
//!
//! diesel prepares an `UPDATE` anew at every use, for its columns might be others. This one always names
//! the same ones.
//!
//! **Must never** run a statement without the account.

use super::StoreError;
use super::connection::{DbConnection, LogHead, on_backend};
use diesel::backend::Backend;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Text};
use diesel::sqlite::SqliteConnection;

/// Writes the head of an account's log.
pub(super) fn move_head(
    connection: &mut DbConnection,
    account_id: &str,
    head: LogHead,
) -> Result<(), StoreError> {
    on_backend!(connection, inner => MoveHead { account_id, head }.execute(inner))?;
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

impl<DB> QueryFragment<DB> for MoveHead<'_>
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text>,
    i64: ToSql<BigInt, DB>,
    str: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
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
impl RunQueryDsl<SqliteConnection> for MoveHead<'_> {}
