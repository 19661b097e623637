//! Events on their way to webhooks, and what became of them.
//!
//! What is claimed is a webhook, not a delivery: so each has at most one request under way, on whatever
//! node, and one with a thousand deliveries is one claim among others.
//!
//! **Must never** hold an answer, or a body that need not be sent any more.

use super::super::schema::{webhook_deliveries as deliveries, webhooks};
use super::super::{DbConnection, StoreError};
use super::WebhookRow;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// It is to be sent.
pub const WAITING: &str = "waiting";
/// The receiver took it.
pub const DELIVERED: &str = "delivered";
/// The receiver did not take it, and it is not tried again.
pub const FAILED: &str = "failed";
/// The webhook was disabled before it arrived.
pub const DROPPED: &str = "dropped";

/// An event on its way to one webhook. Times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = deliveries, treat_none_as_null = true, treat_none_as_default_value = false)]
#[diesel(primary_key(account_id, id))]
pub struct QueuedRow {
    /// Whose it is.
    pub account_id: String,
    /// Its name, by which the receiver knows it; names are in the order of time.
    pub id: String,
    /// Where it goes.
    pub webhook_id: String,
    /// The name of the event.
    pub event: String,
    /// The body, as long as it may be sent.
    pub payload: Option<String>,
    /// When it happened.
    pub created_at: i64,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was last tried.
    pub attempted_at: Option<i64>,
    /// The status of the last answer.
    pub last_status: Option<i32>,
    /// What else there is to say of the last attempt.
    pub detail: Option<String>,
    /// [`WAITING`], [`DELIVERED`], [`FAILED`] or [`DROPPED`].
    pub outcome: String,
    /// When it is tried next.
    pub next_attempt_at: Option<i64>,
}

/// Puts deliveries of one account on their way, unless they are there already. Each has `next_attempt_at`.
///
/// # Errors
/// That the database is unavailable.
pub fn enqueue(connection: &mut DbConnection, rows: &[QueuedRow]) -> Result<(), StoreError> {
    for row in rows {
        let insert = diesel::insert_into(deliveries::table).values(row).on_conflict_do_nothing();
        let new = match connection {
            DbConnection::Postgres(postgres) => insert.execute(postgres)?,
            DbConnection::Sqlite(sqlite) => insert.execute(sqlite)?,
        };
        if new == 0 {
            continue;
        }
        let sooner = webhooks::table
            .find((&row.account_id, &row.webhook_id))
            .filter(webhooks::due_at.is_null().or(webhooks::due_at.gt(row.next_attempt_at)));
        diesel::update(sooner).set(webhooks::due_at.eq(row.next_attempt_at)).execute(connection)?;
    }
    Ok(())
}

/// A webhook that has something to be sent, and that nobody else takes before `leased_until`.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct ClaimedWebhook {
    /// Whose it is.
    #[diesel(sql_type = Text)]
    pub account_id: String,
    /// Which one.
    #[diesel(sql_type = Text)]
    pub webhook_id: String,
    /// The end of this claim.
    #[diesel(sql_type = BigInt)]
    pub leased_until: i64,
}

/// Claims at most `limit` webhooks with something due at `now`, the oldest first, until `lease_until` (Unix
/// milliseconds). Those that another node holds are passed over.
///
/// # Errors
/// That the database is unavailable.
pub fn claim(
    connection: &mut DbConnection,
    now: i64,
    lease_until: i64,
    limit: i64,
) -> Result<Vec<ClaimedWebhook>, StoreError> {
    let claim = format!(
        "WITH due AS MATERIALIZED (
             SELECT account_id AS due_account, webhook_id AS due_webhook FROM webhooks
             WHERE due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
             ORDER BY due_at LIMIT $2 {})
         UPDATE webhooks SET leased_until = $3 FROM due
         WHERE account_id = due_account AND webhook_id = due_webhook
         RETURNING account_id, webhook_id, leased_until",
        connection.passing_over_locked()
    );
    let claimed = diesel::sql_query(claim)
        .bind::<BigInt, _>(now)
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(lease_until);
    Ok(claimed.load(connection)?)
}

/// When the next webhook of any account can be claimed, in Unix milliseconds: when something is due, or when
/// the lease ends of one that has something due at `now`.
///
/// # Errors
/// That the database is unavailable.
pub fn next_due(connection: &mut DbConnection, now: i64) -> Result<Option<i64>, StoreError> {
    let free: Option<i64> = webhooks::table
        .filter(webhooks::due_at.is_not_null())
        .filter(webhooks::leased_until.is_null())
        .select(diesel::dsl::min(webhooks::due_at))
        .get_result(connection)?;
    let held: Option<i64> = webhooks::table
        .filter(webhooks::due_at.le(now))
        .select(diesel::dsl::min(webhooks::leased_until))
        .get_result(connection)?;
    Ok(free.into_iter().chain(held).min())
}

/// How many webhooks of all accounts have something on its way, counted up to `limit`.
///
/// # Errors
/// That the database is unavailable.
pub fn count_waiting(connection: &mut DbConnection, limit: i64) -> Result<i64, StoreError> {
    let some = webhooks::table
        .filter(webhooks::due_at.is_not_null())
        .select(webhooks::due_at)
        .limit(limit);
    Ok(some.count().get_result(connection)?)
}

/// A claimed webhook that is still held and enabled, with at most `limit` deliveries that are due at `now`
/// (Unix milliseconds), oldest first.
///
/// # Errors
/// That the database is unavailable.
pub fn take(
    connection: &mut DbConnection,
    claimed: &ClaimedWebhook,
    now: i64,
    limit: i64,
) -> Result<Option<(WebhookRow, Vec<QueuedRow>)>, StoreError> {
    let held = super::find(connection, &claimed.account_id, &claimed.webhook_id)?
        .filter(|row| row.leased_until == Some(claimed.leased_until) && row.disabled_at.is_none());
    let Some(webhook) = held else { return Ok(None) };
    let due = deliveries::table
        .filter(deliveries::account_id.eq(&claimed.account_id))
        .filter(deliveries::webhook_id.eq(&claimed.webhook_id))
        .filter(deliveries::next_attempt_at.le(now))
        .order((deliveries::next_attempt_at, deliveries::id))
        .limit(limit)
        .select(QueuedRow::as_select())
        .load(connection)?;
    Ok(Some((webhook, due)))
}

/// Ends a claim, unless it has ended already.
///
/// # Errors
/// That the database is unavailable.
pub fn release(connection: &mut DbConnection, claimed: &ClaimedWebhook) -> Result<(), StoreError> {
    let held = webhooks::table
        .find((&claimed.account_id, &claimed.webhook_id))
        .filter(webhooks::leased_until.eq(claimed.leased_until));
    diesel::update(held).set(webhooks::leased_until.eq(None::<i64>)).execute(connection)?;
    Ok(())
}

/// Notes a delivery that was never on its way: it was tried once, by itself.
///
/// # Errors
/// That the database is unavailable.
pub fn note_single(connection: &mut DbConnection, row: &QueuedRow) -> Result<(), StoreError> {
    diesel::insert_into(deliveries::table).values(row).execute(connection)?;
    Ok(())
}

/// Notes what an attempt came to, unless the delivery is done with already.
///
/// # Errors
/// That the database is unavailable.
pub fn note(connection: &mut DbConnection, row: &QueuedRow) -> Result<(), StoreError> {
    let waiting =
        deliveries::table.find((&row.account_id, &row.id)).filter(deliveries::outcome.eq(WAITING));
    diesel::update(waiting).set(row).execute(connection)?;
    Ok(())
}

/// Has what waits for a webhook wait until `until` (Unix milliseconds) at least, but for events that happened
/// at `created_until` or before, whose time would be over then.
///
/// # Errors
/// That the database is unavailable.
pub fn pause(
    connection: &mut DbConnection,
    (account_id, webhook_id): (&str, &str),
    until: i64,
    created_until: i64,
) -> Result<(), StoreError> {
    let sooner = deliveries::table
        .filter(deliveries::account_id.eq(account_id))
        .filter(deliveries::webhook_id.eq(webhook_id))
        .filter(deliveries::created_at.gt(created_until))
        .filter(deliveries::next_attempt_at.lt(until));
    diesel::update(sooner).set(deliveries::next_attempt_at.eq(until)).execute(connection)?;
    Ok(())
}

/// Gives up everything that waits for a webhook.
pub(super) fn drop_waiting(
    connection: &mut DbConnection,
    (account_id, webhook_id): (&str, &str),
) -> Result<(), StoreError> {
    let waiting = deliveries::table
        .filter(deliveries::account_id.eq(account_id))
        .filter(deliveries::webhook_id.eq(webhook_id))
        .filter(deliveries::next_attempt_at.is_not_null());
    let dropped = (
        deliveries::outcome.eq(DROPPED),
        deliveries::payload.eq(None::<String>),
        deliveries::next_attempt_at.eq(None::<i64>),
    );
    diesel::update(waiting).set(dropped).execute(connection)?;
    Ok(())
}

/// When something for a webhook is to be sent next.
pub(super) fn next_of(
    connection: &mut DbConnection,
    (account_id, webhook_id): (&str, &str),
) -> Result<Option<i64>, StoreError> {
    let next = deliveries::table
        .filter(deliveries::account_id.eq(account_id))
        .filter(deliveries::webhook_id.eq(webhook_id))
        .filter(deliveries::next_attempt_at.is_not_null())
        .select(diesel::dsl::min(deliveries::next_attempt_at))
        .get_result(connection)?;
    Ok(next)
}

/// A page of deliveries to a webhook, the newest first, from behind the one called `after` on.
///
/// # Errors
/// That the database is unavailable.
pub fn page(
    connection: &mut DbConnection,
    (account_id, webhook_id): (&str, &str),
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<QueuedRow>, StoreError> {
    let mut query = deliveries::table
        .filter(deliveries::account_id.eq(account_id))
        .filter(deliveries::webhook_id.eq(webhook_id))
        .order(deliveries::id.desc())
        .limit(limit)
        .select(QueuedRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(deliveries::id.lt(after));
    }
    Ok(query.load(connection)?)
}

/// Whether the account has deliveries of events that happened at `until` (Unix milliseconds) or before.
///
/// # Errors
/// That the database is unavailable.
pub fn any_until(
    connection: &mut DbConnection,
    account_id: &str,
    until: i64,
) -> Result<bool, StoreError> {
    let old = deliveries::table
        .filter(deliveries::account_id.eq(account_id))
        .filter(deliveries::created_at.le(until));
    Ok(diesel::select(diesel::dsl::exists(old)).get_result(connection)?)
}

/// Deletes the deliveries of an account of events that happened at `until` (Unix milliseconds) or before,
/// and says how many went.
///
/// # Errors
/// That the database is unavailable.
pub fn forget(
    connection: &mut DbConnection,
    account_id: &str,
    until: i64,
) -> Result<usize, StoreError> {
    let old = deliveries::table
        .filter(deliveries::account_id.eq(account_id))
        .filter(deliveries::created_at.le(until));
    Ok(diesel::delete(old).execute(connection)?)
}
