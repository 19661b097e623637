//! The tables that a copy moves: their rows as they are, and the statements that move them.
//!
//! A row has every column of its table in `schema.rs`, in that order: a column that is missing here
//! does not compile, and a table that is missing fails a test.
//!
//! **Must never** look into a row, or run a statement without the account.

use super::super::schema::{
    account_sync, accounts, idempotency_keys, lost_intervals, mutations, plans, record_revs,
    records, reminders, sessions, stream_tickets, used_refresh_tokens,
};
use super::super::{DbConnection, StoreError};
use diesel::backend::Backend;
use diesel::expression::Expression;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, BigInt, HasSqlType, Text};
use diesel::sqlite::SqliteConnection;
use std::collections::BTreeMap;

/// So many rows are in memory at most.
pub(super) const BATCH_ROWS: usize = 500;

/// A row of some table.
pub(super) trait Row: Sized + PartialEq {
    /// The rows of an account that follow `after` in the order of the key, as many as fit in a batch.
    fn batch(
        connection: &mut DbConnection,
        account_id: &str,
        after: Option<&Self>,
    ) -> Result<Vec<Self>, StoreError>;

    /// Writes rows of one account.
    fn insert(connection: &mut DbConnection, rows: &[Self]) -> Result<(), StoreError>;

    /// Deletes the rows of an account.
    fn delete(connection: &mut DbConnection, account_id: &str) -> Result<(), StoreError>;
}

/// Makes the row of a table. The column after `by` orders the rows of an account and names each, but
/// for `account_id` itself, which says that an account has one row.
macro_rules! row {
    ($row:ident of $table:ident by $key:ident { $($column:ident: $type:ty,)* }) => {
        #[derive(Debug, PartialEq, Queryable, Insertable)]
        #[diesel(table_name = $table, treat_none_as_default_value = false)]
        pub(super) struct $row {
            account_id: String,
            $($column: $type,)*
        }

        impl Row for $row {
            fn batch(
                connection: &mut DbConnection,
                account_id: &str,
                after: Option<&Self>,
            ) -> Result<Vec<Self>, StoreError> {
                let limit = i64::try_from(BATCH_ROWS).unwrap_or(i64::MAX);
                let own = $table::table.filter($table::account_id.eq(account_id));
                let rows = match after {
                    None => own.order($table::$key).limit(limit).load(connection)?,
                    Some(last) => own
                        .filter($table::$key.gt(&last.$key))
                        .order($table::$key)
                        .limit(limit)
                        .load(connection)?,
                };
                Ok(rows)
            }

            fn insert(connection: &mut DbConnection, rows: &[Self]) -> Result<(), StoreError> {
                /// Each column as an array, so that a batch is one statement of a constant text.
                struct Columns<'a> {
                    account_id: &'a str,
                    $($column: Vec<&'a $type>,)*
                }

                impl QueryId for Columns<'_> {
                    type QueryId = Columns<'static>;
                    const HAS_STATIC_QUERY_ID: bool = true;
                }

                impl QueryFragment<Pg> for Columns<'_> {
                    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                        out.push_sql(concat!(
                            "INSERT INTO ", stringify!($table), " (account_id",
                            $(", ", stringify!($column),)* ") SELECT "
                        ));
                        out.push_bind_param::<Text, _>(self.account_id)?;
                        out.push_sql(", new.* FROM unnest(");
                        let mut separator = "";
                        $(
                            out.push_sql(separator);
                            separator = ", ";
                            out.push_bind_param::<
                                Array<<$table::$column as Expression>::SqlType>, _
                            >(&self.$column)?;
                        )*
                        let _ = separator;
                        out.push_sql(") AS new");
                        Ok(())
                    }
                }

                impl RunQueryDsl<PgConnection> for Columns<'_> {}

                let Some(first) = rows.first() else { return Ok(()) };
                match connection {
                    DbConnection::Postgres(postgres) => {
                        let columns = Columns {
                            account_id: &first.account_id,
                            $($column: rows.iter().map(|row| &row.$column).collect(),)*
                        };
                        columns.execute(postgres)?;
                    }
                    DbConnection::Sqlite(sqlite) => {
                        for row in rows {
                            diesel::insert_into($table::table).values(row).execute(sqlite)?;
                        }
                    }
                }
                Ok(())
            }

            fn delete(connection: &mut DbConnection, account_id: &str) -> Result<(), StoreError> {
                diesel::delete($table::table.filter($table::account_id.eq(account_id)))
                    .execute(connection)?;
                Ok(())
            }
        }
    };
}

row!(AccountRow of accounts by account_id {
    email: Option<String>,
    password_hash: Option<String>,
    created_at: i64,
});

row!(SessionRow of sessions by session_id {
    session_id: String,
    device_name: Option<String>,
    platform: Option<String>,
    app_id: Option<String>,
    app_version: Option<String>,
    refresh_hash: String,
    rotated_at: i64,
    created_at: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
});

row!(UsedTokenRow of used_refresh_tokens by token_hash {
    token_hash: String,
    session_id: String,
    used_at: i64,
});

row!(LogRow of account_sync by account_id {
    epoch: i64,
    last_stamp: i64,
    gc_floor: i64,
    digest: i64,
    live_records: i64,
});

row!(RecordRow of records by rev {
    collection: String,
    id: String,
    rev: i64,
    created_rev: i64,
    deleted_rev: Option<i64>,
    cascade_of: Option<String>,
    txn: i64,
    opportunity_id: Option<String>,
    sort_at: Option<i64>,
    doc: String,
    field_meta: String,
    extra: Option<String>,
});

row!(ChangeRow of record_revs by rev {
    rev: i64,
    collection: String,
    id: String,
    device_id: String,
    mutation_id: Option<String>,
    changed: String,
});

row!(MutationRow of mutations by mutation_id {
    mutation_id: String,
    device_id: String,
    fingerprint: String,
    status: String,
    rev: Option<i64>,
    result: String,
    received_at: i64,
});

row!(LostIntervalRow of lost_intervals by epoch {
    epoch: i64,
    invalid_from: i64,
    invalid_to: i64,
});

row!(TicketRow of stream_tickets by ticket_hash {
    ticket_hash: String,
    session_id: String,
    expires_at: i64,
});

row!(IdempotencyRow of idempotency_keys by key {
    key: String,
    request_hash: String,
    status: i32,
    etag: Option<i64>,
    location: Option<String>,
    body: String,
    created_at: i64,
});

row!(PlanRow of plans by opportunity_id {
    opportunity_id: String,
    versions: String,
    next_change_at: Option<i64>,
    outline: String,
    changed_at: Option<i64>,
    changes: String,
});

row!(ReminderRow of reminders by action_key {
    action_key: String,
    opportunity_id: String,
    follow_up_id: String,
    kind: String,
    remind_at: i64,
    ideal: i64,
    snoozed_until: Option<i64>,
    useful_until: i64,
    version: i64,
});

/// How a change of a table shows in an account that was copied before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watched {
    /// In the head of the log or in the number of rows.
    ByLog,
    /// In the rows alone, so they are compared.
    ByRows,
}

type Move = fn(&mut DbConnection, &mut DbConnection, &str, &mut dyn FnMut(usize) -> Flow) -> Moved;
type Compare = fn(&mut DbConnection, &mut DbConnection, &str) -> Result<bool, StoreError>;

/// Whether a copy goes on.
pub(super) type Flow = std::ops::ControlFlow<()>;

/// What becomes of a table of one account.
pub(super) type Moved = Result<Flow, StoreError>;

/// One table as a copy sees it.
pub(super) struct Table {
    /// Its name.
    pub(super) name: &'static str,
    /// How a change shows.
    pub(super) watched: Watched,
    /// Moves the rows of an account from the first connection to the second.
    pub(super) copy: Move,
    /// Whether both have the same rows of an account.
    pub(super) is_equal: Compare,
    /// Deletes the rows of an account.
    pub(super) delete: fn(&mut DbConnection, &str) -> Result<(), StoreError>,
}

impl Table {
    const fn of<R: Row>(name: &'static str, watched: Watched) -> Self {
        Self { name, watched, copy: copy::<R>, is_equal: is_equal::<R>, delete: R::delete }
    }
}

/// Every table, in the order in which an account is copied.
pub(super) const TABLES: &[Table] = &[
    Table::of::<AccountRow>("accounts", Watched::ByRows),
    Table::of::<SessionRow>("sessions", Watched::ByRows),
    Table::of::<UsedTokenRow>("used_refresh_tokens", Watched::ByRows),
    Table::of::<LogRow>("account_sync", Watched::ByRows),
    Table::of::<RecordRow>("records", Watched::ByLog),
    Table::of::<ChangeRow>("record_revs", Watched::ByLog),
    Table::of::<MutationRow>("mutations", Watched::ByLog),
    Table::of::<LostIntervalRow>("lost_intervals", Watched::ByRows),
    Table::of::<TicketRow>("stream_tickets", Watched::ByRows),
    Table::of::<IdempotencyRow>("idempotency_keys", Watched::ByRows),
    Table::of::<PlanRow>("plans", Watched::ByRows),
    Table::of::<ReminderRow>("reminders", Watched::ByRows),
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
pub(super) fn counts(
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
