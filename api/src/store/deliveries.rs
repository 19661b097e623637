//! Attempts to bring a notification to a device, and what became of them.
//!
//! **Must never** hold what a notification said, or an address.

use super::schema::deliveries;
use super::{DbConnection, StoreError};
use diesel::prelude::*;

/// One attempt as stored. Times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = deliveries)]
pub struct DeliveryRow {
    /// Whose it is.
    pub account_id: String,
    /// When.
    pub attempted_at: i64,
    /// Its name.
    pub id: String,
    /// `reminder` or `test`.
    pub purpose: String,
    /// The action of which it reminded.
    pub action_key: Option<String>,
    /// The follow-up record that belongs to it.
    pub follow_up_id: Option<String>,
    /// What.
    pub kind: Option<String>,
    /// When it was due. With `action_key` it names the reminder on every device.
    pub occurrence: i64,
    /// To which device; `None`: to none.
    pub session_id: Option<String>,
    /// `fcm`, `web_push` or `log`; `None`: nothing was sent.
    pub way: Option<String>,
    /// What became of it.
    pub outcome: String,
    /// What the provider said, identifiers only.
    pub detail: Option<String>,
}

/// Notes attempts.
///
/// # Errors
/// That the database is unavailable.
pub fn note(connection: &mut DbConnection, attempts: &[DeliveryRow]) -> Result<(), StoreError> {
    for attempt in attempts {
        diesel::insert_into(deliveries::table).values(attempt).execute(connection)?;
    }
    Ok(())
}

/// An attempt that was the last one for a device.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Done {
    /// The action.
    pub action_key: Option<String>,
    /// When the reminder was due.
    pub occurrence: i64,
    /// The device.
    pub session_id: Option<String>,
    /// What became of it.
    pub outcome: String,
}

/// The attempts for the reminders of these actions whose outcome is one of `outcomes`.
///
/// # Errors
/// That the database is unavailable.
pub fn done_with(
    connection: &mut DbConnection,
    account_id: &str,
    action_keys: &[&str],
    outcomes: &[&str],
) -> Result<Vec<Done>, StoreError> {
    let found = deliveries::table
        .filter(deliveries::account_id.eq(account_id))
        .filter(deliveries::action_key.eq_any(action_keys))
        .filter(deliveries::outcome.eq_any(outcomes))
        .order((deliveries::attempted_at, deliveries::id))
        .select((
            deliveries::action_key,
            deliveries::occurrence,
            deliveries::session_id,
            deliveries::outcome,
        ))
        .load(connection)?;
    Ok(found)
}

/// A page of attempts, the newest first, from behind `after` (time and name) on, with the name of the
/// device.
///
/// # Errors
/// That the database is unavailable.
pub fn page(
    connection: &mut DbConnection,
    account_id: &str,
    follow_up_id: Option<&str>,
    after: Option<(i64, &str)>,
    limit: i64,
) -> Result<Vec<DeliveryRow>, StoreError> {
    let mut query = deliveries::table
        .filter(deliveries::account_id.eq(account_id))
        .order((deliveries::attempted_at.desc(), deliveries::id.desc()))
        .limit(limit)
        .select(DeliveryRow::as_select())
        .into_boxed();
    if let Some(follow_up_id) = follow_up_id {
        query = query.filter(deliveries::follow_up_id.eq(follow_up_id));
    }
    if let Some((at, id)) = after {
        let earlier = deliveries::attempted_at.lt(at);
        let same = deliveries::attempted_at.eq(at).and(deliveries::id.lt(id));
        query = query.filter(earlier.or(same));
    }
    Ok(query.load(connection)?)
}

/// Whether the account has attempts made at `until` (Unix milliseconds) or before.
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
        .filter(deliveries::attempted_at.le(until));
    Ok(diesel::select(diesel::dsl::exists(old)).get_result(connection)?)
}

/// Deletes the attempts of an account made at `until` (Unix milliseconds) or before, and says how many
/// went.
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
        .filter(deliveries::attempted_at.le(until));
    Ok(diesel::delete(old).execute(connection)?)
}
