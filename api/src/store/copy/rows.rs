//! The rows that a copy moves, as they are, and the statements that move them.
//!
//! A row has every column of its table in `schema.rs`, in that order: one that lacks a column does not
//! compile.
//!
//! **Must never** look into a row, or run a statement without the account.

use super::super::schema::{
    access_tokens, account_sync, accounts, audit_events, calendar_feeds, deliveries, devices,
    erased_accounts, idempotency_keys, identities, lost_intervals, mutations, password_resets,
    plans, record_revs, records, reminders, sessions, stream_tickets, used_refresh_tokens,
    webhook_deliveries, webhooks,
};
use super::super::{DbConnection, StoreError};
use diesel::expression::Expression;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, Text};

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

    /// Deletes the first batch of the rows of an account, and says how many they were.
    fn delete_some(connection: &mut DbConnection, account_id: &str) -> Result<usize, StoreError>;
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

            fn delete_some(
                connection: &mut DbConnection,
                account_id: &str,
            ) -> Result<usize, StoreError> {
                let rows = Self::batch(connection, account_id, None)?;
                let Some(last) = rows.last() else { return Ok(0) };
                let first = $table::table
                    .filter($table::account_id.eq(account_id))
                    .filter($table::$key.le(&last.$key));
                Ok(diesel::delete(first).execute(connection)?)
            }
        }
    };
}

row!(AccountRow of accounts by account_id {
    email: Option<String>,
    password_hash: Option<String>,
    created_at: i64,
    locked_at: Option<i64>,
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
    rotation_salt: Option<String>,
    watermelondb_pulls: Option<String>,
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
    webhooks: i64,
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
    leased_until: Option<i64>,
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
    leased_until: Option<i64>,
    dispatched_at: Option<i64>,
    outcome: Option<String>,
    attempts: i32,
});

row!(DeviceRow of devices by session_id {
    session_id: String,
    reported_at: i64,
    time_zone: Option<String>,
    locale: Option<String>,
    app_version: Option<String>,
    scheduled_through: i64,
    push_kind: Option<String>,
    push_address: Option<String>,
    push_keys: Option<String>,
    push_hash: Option<String>,
    push_refused_at: Option<i64>,
    parked_until: Option<i64>,
    poked_at: Option<i64>,
});

row!(DeliveryRow of deliveries by id {
    id: String,
    attempted_at: i64,
    purpose: String,
    action_key: Option<String>,
    follow_up_id: Option<String>,
    kind: Option<String>,
    occurrence: i64,
    session_id: Option<String>,
    way: Option<String>,
    outcome: String,
    detail: Option<String>,
});

row!(IdentityRow of identities by identity_hash {
    identity_hash: String,
    provider: String,
    issuer: String,
    subject: String,
    email: Option<String>,
    created_at: i64,
});

row!(ResetRow of password_resets by token_hash {
    token_hash: String,
    created_at: i64,
    expires_at: i64,
});

row!(AccessTokenRow of access_tokens by token_id {
    token_id: String,
    name: String,
    token_hash: String,
    scope: String,
    created_at: i64,
    expires_at: i64,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
});

row!(AuditRow of audit_events by id {
    id: String,
    at: i64,
    kind: String,
    session_id: Option<String>,
    about: Option<String>,
});

row!(WebhookRow of webhooks by webhook_id {
    webhook_id: String,
    url: String,
    description: Option<String>,
    events: String,
    secret: String,
    previous_secret: Option<String>,
    previous_until: Option<i64>,
    created_at: i64,
    updated_at: i64,
    disabled_at: Option<i64>,
    disabled_reason: Option<String>,
    failures: i32,
    last_delivered_at: Option<i64>,
    paused_until: Option<i64>,
    due_at: Option<i64>,
    leased_until: Option<i64>,
});

row!(WebhookDeliveryRow of webhook_deliveries by id {
    id: String,
    webhook_id: String,
    event: String,
    payload: Option<String>,
    created_at: i64,
    attempts: i32,
    attempted_at: Option<i64>,
    last_status: Option<i32>,
    detail: Option<String>,
    outcome: String,
    next_attempt_at: Option<i64>,
});

row!(CalendarFeedRow of calendar_feeds by feed_id {
    feed_id: String,
    name: String,
    secret_hash: String,
    detail: String,
    components: String,
    alarms: i32,
    created_at: i64,
    last_read_at: Option<i64>,
});

row!(ErasedRow of erased_accounts by account_id {
    erased_at: i64,
});
