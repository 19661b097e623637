//! Claims on due work, by which any number of nodes share it without a leader.
//!
//! A claim sets `leased_until`: until then nobody else takes the row. Whoever is lost in between loses
//! its leases by the passing of time, and another node does the work. So it may be done twice, never not
//! at all. The clocks of the nodes must agree to within much less than a lease.
//!
//! **Must never** leave a row locked beyond the claim itself: what takes long happens outside.

mod finish;

pub use finish::{Finished, finish_reminders, pass_over};

use super::schema::{plans, reminders};
use super::{DbConnection, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};
use std::collections::BTreeSet;

/// A reminder that is due and that nobody else takes before `leased_until`. Times are Unix
/// milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct ClaimedReminder {
    /// Whose it is.
    #[diesel(sql_type = Text)]
    pub account_id: String,
    /// The action. With `remind_at` it names the notification on every device.
    #[diesel(sql_type = Text)]
    pub action_key: String,
    /// The follow-up record that belongs to it.
    #[diesel(sql_type = Text)]
    pub follow_up_id: String,
    /// The opportunity.
    #[diesel(sql_type = Text)]
    pub opportunity_id: String,
    /// What.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// When to remind; quiet hours and a snooze are in it already.
    #[diesel(sql_type = BigInt)]
    pub remind_at: i64,
    /// From when on it is of no use.
    #[diesel(sql_type = BigInt)]
    pub useful_until: i64,
    /// Stamp of the write that set it.
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    /// The end of this claim. No other claim on the same reminder ends then.
    #[diesel(sql_type = BigInt)]
    pub leased_until: i64,
    /// How often it was claimed, this time included.
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
}

/// A plan that has changed by itself and that nobody else makes anew before the claim ends.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct ClaimedPlan {
    /// Whose it is.
    #[diesel(sql_type = Text)]
    pub account_id: String,
    /// The opportunity.
    #[diesel(sql_type = Text)]
    pub opportunity_id: String,
}

/// What became of a reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody has it.
    Sent,
    /// Nobody could be reached, and nobody will be.
    Failed,
    /// It was of no use any more before it could be sent.
    Expired,
}

impl Outcome {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }
}

/// Claims at most `limit` reminders that are due at `now`, the oldest first, until `lease_until` (Unix
/// milliseconds). Those that another node holds are passed over.
///
/// # Errors
/// That the database is unavailable.
pub fn claim_reminders(
    connection: &mut DbConnection,
    now: i64,
    lease_until: i64,
    limit: i64,
) -> Result<Vec<ClaimedReminder>, StoreError> {
    let claim = format!(
        "WITH due AS MATERIALIZED (
             SELECT account_id AS due_account, action_key AS due_action FROM reminders
             WHERE dispatched_at IS NULL AND remind_at <= $1
                 AND (leased_until IS NULL OR leased_until <= $1)
             ORDER BY remind_at LIMIT $2 {})
         UPDATE reminders SET leased_until = $3, attempts = attempts + 1 FROM due
         WHERE account_id = due_account AND action_key = due_action
         RETURNING account_id, action_key, follow_up_id, opportunity_id, kind, remind_at,
             useful_until, version, leased_until, attempts",
        connection.passing_over_locked()
    );
    let claimed = diesel::sql_query(claim)
        .bind::<BigInt, _>(now)
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(lease_until);
    let mut claimed: Vec<ClaimedReminder> = claimed.load(connection)?;
    claimed.sort_by_key(|one| one.remind_at);
    Ok(claimed)
}

/// Claims at most `limit` plans that have changed by themselves at `now`, the oldest first, until
/// `lease_until` (Unix milliseconds). Those that another node holds are passed over.
///
/// # Errors
/// That the database is unavailable.
pub fn claim_plans(
    connection: &mut DbConnection,
    now: i64,
    lease_until: i64,
    limit: i64,
) -> Result<Vec<ClaimedPlan>, StoreError> {
    let claim = format!(
        "WITH due AS MATERIALIZED (
             SELECT account_id AS due_account, opportunity_id AS due_opportunity FROM plans
             WHERE next_change_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
             ORDER BY next_change_at LIMIT $2 {})
         UPDATE plans SET leased_until = $3 FROM due
         WHERE account_id = due_account AND opportunity_id = due_opportunity
         RETURNING account_id, opportunity_id",
        connection.passing_over_locked()
    );
    let claimed = diesel::sql_query(claim)
        .bind::<BigInt, _>(now)
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(lease_until);
    Ok(claimed.load(connection)?)
}

impl DbConnection {
    /// What a claim adds to the rows that it looks for. SQLite has one writer, who never meets a locked
    /// row.
    pub(super) fn passing_over_locked(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "FOR UPDATE SKIP LOCKED",
            Self::Sqlite(_) => "",
        }
    }
}

/// When the next reminder of any account can be claimed, in Unix milliseconds: when it is due, or when
/// the lease ends of one that is due at `now`. While something is due that nobody holds, ends of leases do
/// not matter and are not looked for: that reads everything that is due.
///
/// # Errors
/// That the database is unavailable.
pub fn next_due(connection: &mut DbConnection, now: i64) -> Result<Option<i64>, StoreError> {
    let free: Option<i64> = reminders::table
        .filter(reminders::dispatched_at.is_null())
        .filter(reminders::leased_until.is_null())
        .select(diesel::dsl::min(reminders::remind_at))
        .get_result(connection)?;
    if free.is_some_and(|free| free <= now) {
        return Ok(free);
    }
    let held: Option<i64> = reminders::table
        .filter(reminders::dispatched_at.is_null())
        .filter(reminders::remind_at.le(now))
        .select(diesel::dsl::min(reminders::leased_until))
        .get_result(connection)?;
    Ok(free.into_iter().chain(held).min())
}

/// When the next plan of any account that changes by itself can be claimed, in Unix milliseconds: when
/// it changes, or when the lease ends of one that has changed at `now`.
///
/// # Errors
/// That the database is unavailable.
pub fn next_change(connection: &mut DbConnection, now: i64) -> Result<Option<i64>, StoreError> {
    let free: Option<i64> = plans::table
        .filter(plans::next_change_at.is_not_null())
        .filter(plans::leased_until.is_null())
        .select(diesel::dsl::min(plans::next_change_at))
        .get_result(connection)?;
    let held: Option<i64> = plans::table
        .filter(plans::next_change_at.le(now))
        .select(diesel::dsl::min(plans::leased_until))
        .get_result(connection)?;
    Ok(free.into_iter().chain(held).min())
}

/// Those of `claimed`, all of one account and one claim, that stand as they were claimed: not replaced by
/// another time, not done by another node, and still held.
///
/// # Errors
/// That the database is unavailable.
pub fn still_standing(
    connection: &mut DbConnection,
    account_id: &str,
    mut claimed: Vec<ClaimedReminder>,
) -> Result<Vec<ClaimedReminder>, StoreError> {
    let Some(leased_until) = claimed.first().map(|one| one.leased_until) else {
        return Ok(claimed);
    };
    // The end of the claim names its rows. Their keys would make another statement for every number.
    let standing: Vec<(String, i64)> = reminders::table
        .filter(reminders::account_id.eq(account_id))
        .filter(reminders::leased_until.eq(leased_until))
        .filter(reminders::dispatched_at.is_null())
        .select((reminders::action_key, reminders::remind_at))
        .load(connection)?;
    let standing: BTreeSet<(&str, i64)> =
        standing.iter().map(|(key, remind_at)| (key.as_str(), *remind_at)).collect();
    claimed.retain(|one| {
        one.leased_until == leased_until
            && standing.contains(&(one.action_key.as_str(), one.remind_at))
    });
    Ok(claimed)
}

/// Ends the claim on a reminder so that it is claimed again from `retry_at` (Unix milliseconds) on, and
/// says whether it did: not if the claim has ended otherwise.
///
/// # Errors
/// That the database is unavailable.
pub fn give_back(
    connection: &mut DbConnection,
    claimed: &ClaimedReminder,
    retry_at: i64,
) -> Result<bool, StoreError> {
    let held = reminders::table
        .find((&claimed.account_id, &claimed.action_key))
        .filter(reminders::leased_until.eq(claimed.leased_until))
        .filter(reminders::dispatched_at.is_null());
    let given =
        diesel::update(held).set(reminders::leased_until.eq(retry_at)).execute(connection)?;
    Ok(given == 1)
}

#[cfg(test)]
mod tests;
