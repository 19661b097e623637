//! The tables that a copy moves. One of `schema.rs` that is missing here fails a test.
//!
//! **Must never** look into a row, or run a statement without the account.

use super::super::{DbConnection, StoreError};
use super::rows::{
    AccessTokenRow, AccountRow, AuditRow, BATCH_ROWS, CalendarFeedRow, ChangeRow, DeliveryRow,
    DeviceRow, ErasedRow, IdempotencyRow, IdentityRow, LogRow, LostIntervalRow, MutationRow,
    PlanRow, RecordRow, ReminderRow, ResetRow, Row, SessionRow, TicketRow, UsedTokenRow,
    WebhookDeliveryRow, WebhookRow,
};
use diesel::backend::Backend;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Text};
use diesel::sqlite::SqliteConnection;
use std::collections::BTreeMap;

type Move = fn(&mut DbConnection, &mut DbConnection, &str, &mut dyn FnMut(usize) -> Flow) -> Moved;
type Compare = fn(&mut DbConnection, &mut DbConnection, &str) -> Result<bool, StoreError>;

/// Whether a copy goes on.
pub(in crate::store) type Flow = std::ops::ControlFlow<()>;

/// What becomes of a table of one account.
pub(in crate::store) type Moved = Result<Flow, StoreError>;

/// One table as a copy sees it.
pub(in crate::store) struct Table {
    /// Its name.
    pub(in crate::store) name: &'static str,
    /// Moves the rows of an account from the first connection to the second.
    pub(in crate::store) copy: Move,
    /// Whether both have the same rows of an account.
    pub(super) is_equal: Compare,
    /// Deletes the rows of an account.
    pub(in crate::store) delete: fn(&mut DbConnection, &str) -> Result<(), StoreError>,
    /// Deletes a batch of them, and says how many they were.
    pub(in crate::store) delete_some: fn(&mut DbConnection, &str) -> Result<usize, StoreError>,
}

impl Table {
    const fn of<R: Row>(name: &'static str) -> Self {
        Self {
            name,
            copy: copy::<R>,
            is_equal: is_equal::<R>,
            delete: R::delete,
            delete_some: R::delete_some,
        }
    }
}

/// Every table, in the order in which an account is copied.
pub(in crate::store) const TABLES: &[Table] = &[
    Table::of::<AccountRow>("accounts"),
    Table::of::<SessionRow>("sessions"),
    Table::of::<UsedTokenRow>("used_refresh_tokens"),
    Table::of::<LogRow>("account_sync"),
    Table::of::<RecordRow>("records"),
    Table::of::<ChangeRow>("record_revs"),
    Table::of::<MutationRow>("mutations"),
    Table::of::<LostIntervalRow>("lost_intervals"),
    Table::of::<TicketRow>("stream_tickets"),
    Table::of::<IdempotencyRow>("idempotency_keys"),
    Table::of::<PlanRow>("plans"),
    Table::of::<ReminderRow>("reminders"),
    Table::of::<DeviceRow>("devices"),
    Table::of::<DeliveryRow>("deliveries"),
    Table::of::<IdentityRow>("identities"),
    Table::of::<ResetRow>("password_resets"),
    Table::of::<AccessTokenRow>("access_tokens"),
    Table::of::<AuditRow>("audit_events"),
    Table::of::<WebhookRow>("webhooks"),
    Table::of::<WebhookDeliveryRow>("webhook_deliveries"),
    Table::of::<CalendarFeedRow>("calendar_feeds"),
    Table::of::<ErasedRow>("erased_accounts"),
];

fn copy<R: Row>(
    source: &mut DbConnection,
    target: &mut DbConnection,
    account_id: &str,
    told: &mut dyn FnMut(usize) -> Flow,
) -> Moved {
    let mut last = None;
    loop {
        let mut rows = R::batch(source, account_id, last.as_ref())?;
        R::insert(target, &rows)?;
        if told(rows.len()).is_break() {
            return Ok(Flow::Break(()));
        }
        if rows.len() < BATCH_ROWS {
            return Ok(Flow::Continue(()));
        }
        last = rows.pop();
    }
}

fn is_equal<R: Row>(
    source: &mut DbConnection,
    target: &mut DbConnection,
    account_id: &str,
) -> Result<bool, StoreError> {
    let mut last = None;
    loop {
        let mut rows = R::batch(source, account_id, last.as_ref())?;
        if rows != R::batch(target, account_id, last.as_ref())? {
            return Ok(false);
        }
        if rows.len() < BATCH_ROWS {
            return Ok(true);
        }
        last = rows.pop();
    }
}

/// How many rows every table has of an account.
pub(in crate::store) fn counts(
    connection: &mut DbConnection,
    account_id: &str,
) -> Result<BTreeMap<String, i64>, StoreError> {
    let query = Counts { account_id };
    let rows: Vec<(String, i64)> = match connection {
        DbConnection::Postgres(postgres) => query.load(postgres)?,
        DbConnection::Sqlite(sqlite) => query.load(sqlite)?,
    };
    Ok(rows.into_iter().collect())
}

/// One statement for all tables: over a network it is the number of them that costs.
struct Counts<'a> {
    account_id: &'a str,
}

impl Query for Counts<'_> {
    type SqlType = (Text, BigInt);
}

impl QueryId for Counts<'_> {
    type QueryId = Counts<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<D> QueryFragment<D> for Counts<'_>
where
    D: Backend + HasSqlType<Text>,
    str: ToSql<Text, D>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, D>) -> QueryResult<()> {
        let mut separator = "SELECT '";
        for table in TABLES {
            for part in [separator, table.name, "', count(*) FROM ", table.name] {
                out.push_sql(part);
            }
            out.push_sql(" WHERE account_id = ");
            out.push_bind_param::<Text, _>(self.account_id)?;
            separator = " UNION ALL SELECT '";
        }
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for Counts<'_> {}
impl RunQueryDsl<SqliteConnection> for Counts<'_> {}

#[cfg(test)]
mod tests {
    use super::TABLES;

    #[test]
    fn every_table_of_the_schema_is_copied() {
        let schema = include_str!("../schema.rs").split("diesel::table! {").skip(1);
        let declared = schema.map(|table| table.split_whitespace().next().expect("a name"));
        let mut declared: Vec<&str> = declared.collect();
        let mut copied: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        declared.sort_unstable();
        copied.sort_unstable();
        assert_eq!(copied, declared);
    }
}
