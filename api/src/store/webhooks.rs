//! Where accounts have their events sent. What is on its way is in `queue.rs`.
//!
//! **Must never** show an address or a secret: rows have no `Debug`.

pub mod queue;

use super::schema::{account_sync, webhook_deliveries as deliveries, webhooks};
use super::{DbConnection, StoreError};
use diesel::prelude::*;

/// Its owner disabled it.
pub const BY_OWNER: &str = "by_owner";
/// The receiver answered that it is gone.
pub const GONE: &str = "gone";
/// For days nothing arrived.
pub const FAILING: &str = "failing";

/// A webhook as stored. Times are Unix milliseconds.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = webhooks, treat_none_as_default_value = false)]
pub struct WebhookRow {
    /// Whose it is.
    pub account_id: String,
    /// Its identifier.
    pub webhook_id: String,
    /// Where events go. Its path and query may hold a secret of the receiver's.
    pub url: String,
    /// What its owner calls it.
    pub description: Option<String>,
    /// Names of events, separated by blanks; empty: all.
    pub events: String,
    /// What deliveries are signed with.
    pub secret: String,
    /// The secret before.
    pub previous_secret: Option<String>,
    /// Until when that one signs, too.
    pub previous_until: Option<i64>,
    /// When it was made.
    pub created_at: i64,
    /// When its owner last changed it.
    pub updated_at: i64,
    /// Since when nothing is sent.
    pub disabled_at: Option<i64>,
    /// Why: [`BY_OWNER`], [`GONE`] or [`FAILING`].
    pub disabled_reason: Option<String>,
    /// Failures since the last success.
    pub failures: i32,
    /// The last success.
    pub last_delivered_at: Option<i64>,
    /// After a failure nothing is tried before this.
    pub paused_until: Option<i64>,
    /// When the next delivery is due; `None`: none waits.
    pub due_at: Option<i64>,
    /// Until then a node is at it.
    pub leased_until: Option<i64>,
}

impl WebhookRow {
    /// Whether it gets events of that name.
    #[must_use]
    pub fn wants(&self, event: &str) -> bool {
        self.events.is_empty() || self.events.split(' ').any(|name| name == event)
    }

    /// Forgets the failures so far.
    pub fn begin_anew(&mut self) {
        (self.failures, self.paused_until) = (0, None);
    }

    /// Nothing is sent any more from `now` (Unix milliseconds) on, if it was until then.
    pub fn disable(&mut self, reason: &str, now: i64) {
        if self.disabled_at.is_none() {
            (self.disabled_at, self.disabled_reason) = (Some(now), Some(reason.to_owned()));
        }
    }
}

/// The webhooks of an account, oldest first.
///
/// # Errors
/// That the database is unavailable.
pub fn of_account(
    connection: &mut DbConnection,
    account_id: &str,
) -> Result<Vec<WebhookRow>, StoreError> {
    let found = webhooks::table
        .filter(webhooks::account_id.eq(account_id))
        .order((webhooks::created_at, webhooks::webhook_id))
        .select(WebhookRow::as_select())
        .load(connection)?;
    Ok(found)
}

/// The webhook of that name.
///
/// # Errors
/// That the database is unavailable.
pub fn find(
    connection: &mut DbConnection,
    account_id: &str,
    webhook_id: &str,
) -> Result<Option<WebhookRow>, StoreError> {
    let row = webhooks::table.find((account_id, webhook_id));
    Ok(row.select(WebhookRow::as_select()).get_result(connection).optional()?)
}

/// Stores a new webhook.
///
/// # Errors
/// That the database is unavailable.
pub fn insert(connection: &mut DbConnection, webhook: &WebhookRow) -> Result<(), StoreError> {
    diesel::insert_into(webhooks::table).values(webhook).execute(connection)?;
    count_enabled(connection, &webhook.account_id)
}

/// Stores what has become of a webhook, but for its lease, which changes without the account's lock. If it is
/// disabled, what was on its way to it is dropped.
///
/// # Errors
/// That the database is unavailable.
pub fn update(connection: &mut DbConnection, webhook: &mut WebhookRow) -> Result<(), StoreError> {
    let name = (webhook.account_id.as_str(), webhook.webhook_id.as_str());
    if webhook.disabled_at.is_some() {
        queue::drop_waiting(connection, name)?;
    }
    webhook.due_at = queue::next_of(connection, name)?;
    let row = webhooks::table.find((&webhook.account_id, &webhook.webhook_id));
    let told = (
        webhooks::url.eq(&webhook.url),
        webhooks::description.eq(&webhook.description),
        webhooks::events.eq(&webhook.events),
        webhooks::secret.eq(&webhook.secret),
        webhooks::previous_secret.eq(&webhook.previous_secret),
        webhooks::previous_until.eq(webhook.previous_until),
        webhooks::updated_at.eq(webhook.updated_at),
    );
    let found_out = (
        webhooks::disabled_at.eq(webhook.disabled_at),
        webhooks::disabled_reason.eq(&webhook.disabled_reason),
        webhooks::failures.eq(webhook.failures),
        webhooks::last_delivered_at.eq(webhook.last_delivered_at),
        webhooks::paused_until.eq(webhook.paused_until),
        webhooks::due_at.eq(webhook.due_at),
    );
    diesel::update(row).set((told, found_out)).execute(connection)?;
    count_enabled(connection, &webhook.account_id)
}

/// Deletes a webhook with everything on its way to it, and gives back what it was.
///
/// # Errors
/// That the database is unavailable.
pub fn delete(
    connection: &mut DbConnection,
    account_id: &str,
    webhook_id: &str,
) -> Result<Option<WebhookRow>, StoreError> {
    let Some(gone) = find(connection, account_id, webhook_id)? else { return Ok(None) };
    let rows = deliveries::table
        .filter(deliveries::account_id.eq(account_id))
        .filter(deliveries::webhook_id.eq(webhook_id));
    diesel::delete(rows).execute(connection)?;
    diesel::delete(webhooks::table.find((account_id, webhook_id))).execute(connection)?;
    count_enabled(connection, account_id)?;
    Ok(Some(gone))
}

/// Deletes every webhook of an account, so that nothing is sent from now on.
///
/// # Errors
/// That the database is unavailable.
pub fn clear(connection: &mut DbConnection, account_id: &str) -> Result<(), StoreError> {
    diesel::delete(webhooks::table.filter(webhooks::account_id.eq(account_id)))
        .execute(connection)?;
    count_enabled(connection, account_id)
}

/// Writes down how many are enabled, where every write sees it.
fn count_enabled(connection: &mut DbConnection, account_id: &str) -> Result<(), StoreError> {
    let enabled: i64 = webhooks::table
        .filter(webhooks::account_id.eq(account_id))
        .filter(webhooks::disabled_at.is_null())
        .count()
        .get_result(connection)?;
    diesel::update(account_sync::table.find(account_id))
        .set(account_sync::webhooks.eq(enabled))
        .execute(connection)?;
    Ok(())
}
