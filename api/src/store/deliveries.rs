//! Attempts to bring a notification to a device, and what became of them.
//!
//! **Must never** hold what a notification said, or an address.

mod rows;

use super::schema::{deliveries, reminders};
use super::{AccountWrite, DbConnection, StoreError};
use afterview_domain::clock::{Instant, from_millis};
use afterview_domain::ids::ordered_id;
use chrono::TimeDelta;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

/// One attempt as stored. Times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = deliveries, treat_none_as_default_value = false)]
pub struct DeliveryRow {
    /// Whose it is.
    pub account_id: String,
    /// Its name; names are in the order of time.
    pub id: String,
    /// When.
    pub attempted_at: i64,
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

/// Outcomes by which somebody has the reminder.
pub const ARRIVED: [&str; 2] = ["delivered", "on_device"];

/// Nothing is attempted before it is due, by clocks of nodes that differ by less than this.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(1);

/// The outcome of a reminder that came to nobody as long as it was of use.
pub const EXPIRED: &str = "expired";

/// The name of an attempt made at `now` for a reminder that was claimed so often. No two attempts for the
/// same device belong to the same claim.
#[must_use]
pub fn name(now: Instant, action_key: &str, session_id: Option<&str>, claims: i32) -> String {
    let mut digest = Sha256::new();
    digest.update(action_key);
    digest.update([0]);
    digest.update(session_id.unwrap_or_default());
    digest.update(claims.to_be_bytes());
    let [a, b, c, d, e, f, g, h, i, j, ..] = <[u8; 32]>::from(digest.finalize());
    ordered_id(now, [a, b, c, d, e, f, g, h, i, j])
}

/// Notes attempts.
///
/// # Errors
/// That the database is unavailable.
pub fn note(connection: &mut DbConnection, attempts: &[DeliveryRow]) -> Result<(), StoreError> {
    match connection {
        DbConnection::Postgres(connection) => rows::insert(connection, attempts)?,
        DbConnection::Sqlite(connection) => {
            for attempt in attempts {
                diesel::insert_into(deliveries::table).values(attempt).execute(connection)?;
            }
        }
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

/// The attempts for these reminders, each named by its action and when it was due (Unix milliseconds), whose
/// outcome is one of `outcomes`.
///
/// # Errors
/// That the database is unavailable.
pub fn done_with(
    connection: &mut DbConnection,
    account_id: &str,
    reminders: &[(&str, i64)],
    outcomes: &[&str],
) -> Result<Vec<Done>, StoreError> {
    let Some(first) = reminders.iter().map(|(_, occurrence)| *occurrence).min() else {
        return Ok(Vec::new());
    };
    // Names are in the order of time, so the key alone finds what was done since the first was due. That is
    // little, and one statement for any number of reminders.
    let since = ordered_id(from_millis(first) - CLOCKS_DIFFER, [0; 10]);
    let mut found: Vec<Done> = deliveries::table
        .filter(deliveries::account_id.eq(account_id))
        .filter(deliveries::id.ge(since))
        .select((
            deliveries::action_key,
            deliveries::occurrence,
            deliveries::session_id,
            deliveries::outcome,
        ))
        .load(connection)?;
    found.retain(|one| {
        let name = (one.action_key.as_deref().unwrap_or_default(), one.occurrence);
        outcomes.contains(&one.outcome.as_str()) && reminders.contains(&name)
    });
    Ok(found)
}

impl AccountWrite<'_> {
    /// Notes that those reminders of these actions that were due and came to nobody have expired.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn note_expired(&mut self, action_keys: &[&str]) -> Result<(), StoreError> {
        let (account_id, now) = (self.account_id(), self.now());
        let attempted_at = now.timestamp_millis();
        let due: Vec<(String, String, String, i64, i32)> = reminders::table
            .filter(reminders::account_id.eq(account_id))
            .filter(reminders::action_key.eq_any(action_keys))
            .filter(reminders::dispatched_at.is_null())
            .filter(reminders::remind_at.le(attempted_at))
            .select((
                reminders::action_key,
                reminders::follow_up_id,
                reminders::kind,
                reminders::remind_at,
                reminders::attempts,
            ))
            .load(self.connection()?)?;
        let names: Vec<(&str, i64)> = due.iter().map(|one| (one.0.as_str(), one.3)).collect();
        let came = done_with(self.connection()?, account_id, &names, &ARRIVED)?;
        for (action_key, follow_up_id, kind, occurrence, claims) in due {
            let has_come = came.iter().any(|one| {
                one.action_key.as_ref() == Some(&action_key) && one.occurrence == occurrence
            });
            if has_come {
                continue;
            }
            let expired = DeliveryRow {
                account_id: account_id.to_owned(),
                id: name(now, &action_key, None, claims),
                attempted_at,
                purpose: "reminder".to_owned(),
                action_key: Some(action_key),
                follow_up_id: Some(follow_up_id),
                kind: Some(kind),
                occurrence,
                session_id: None,
                way: None,
                outcome: EXPIRED.to_owned(),
                detail: None,
            };
            note(self.connection()?, &[expired])?;
        }
        Ok(())
    }
}

/// A page of attempts, the newest first, from behind the one called `after` on.
///
/// # Errors
/// That the database is unavailable.
pub fn page(
    connection: &mut DbConnection,
    account_id: &str,
    follow_up_id: Option<&str>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<DeliveryRow>, StoreError> {
    let mut query = deliveries::table
        .filter(deliveries::account_id.eq(account_id))
        .order(deliveries::id.desc())
        .limit(limit)
        .select(DeliveryRow::as_select())
        .into_boxed();
    if let Some(follow_up_id) = follow_up_id {
        query = query.filter(deliveries::follow_up_id.eq(follow_up_id));
    }
    if let Some(after) = after {
        query = query.filter(deliveries::id.lt(after));
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
