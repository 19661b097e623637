//! Reminders that fell due between a backup and its return.
//!
//! The lost server has sent most of them. Sending all again would be a burst of old news; each still stands in
//! the agenda. So only those are left to be sent of which a later database says that they are still to be sent,
//! and those that are yet to come.
//!
//! **Must never** make a reminder due.

use super::super::deliveries::{self, DeliveryRow};
use super::super::dispatch::Outcome;
use super::super::schema::reminders;
use super::super::{DbConnection, StoreError};
use afterview_domain::clock::Instant;
use diesel::prelude::*;
use std::collections::BTreeMap;

/// What the list of attempts says of a reminder that nobody sends any more.
const RESTORED: &str = "restored";

#[derive(Queryable)]
struct Open {
    action_key: String,
    follow_up_id: String,
    kind: String,
    remind_at: i64,
    attempts: i32,
}

/// What became of a reminder, and how often it was claimed.
type Fate = (Option<i64>, Option<String>, i32);

/// Settles the reminders of one account that were to be sent when the backup was made, and says how many were
/// due and are not sent any more, although nothing is known about them. `later`, if the account is in there, is
/// looked at as that account.
pub(super) fn settle(
    restored: &mut DbConnection,
    later: Option<&mut DbConnection>,
    account_id: &str,
    now: Instant,
) -> Result<usize, StoreError> {
    let fates = match later {
        Some(later) => fates(later, account_id)?,
        None => BTreeMap::new(),
    };
    let mut silenced = 0;
    for open in open(restored, account_id)? {
        let fate = match fates.get(&(open.action_key.clone(), open.remind_at)) {
            Some((None, ..)) => continue,
            Some(done) => done.clone(),
            None if open.remind_at > now.timestamp_millis() => continue,
            None => {
                silenced += 1;
                deliveries::note(restored, &[attempt(account_id, &open, now)])?;
                let expired = Outcome::Expired.as_str().to_owned();
                (Some(now.timestamp_millis()), Some(expired), open.attempts)
            }
        };
        let (dispatched_at, outcome, attempts) = fate;
        diesel::update(reminders::table.find((account_id, &open.action_key)))
            .set((
                reminders::dispatched_at.eq(dispatched_at),
                reminders::outcome.eq(outcome),
                reminders::attempts.eq(attempts),
                reminders::leased_until.eq(None::<i64>),
            ))
            .execute(restored)?;
    }
    Ok(silenced)
}

fn open(connection: &mut DbConnection, account_id: &str) -> Result<Vec<Open>, StoreError> {
    let found = reminders::table
        .filter(reminders::account_id.eq(account_id))
        .filter(reminders::dispatched_at.is_null())
        .select((
            reminders::action_key,
            reminders::follow_up_id,
            reminders::kind,
            reminders::remind_at,
            reminders::attempts,
        ))
        .load(connection)?;
    Ok(found)
}

/// By action and time.
fn fates(
    later: &mut DbConnection,
    account_id: &str,
) -> Result<BTreeMap<(String, i64), Fate>, StoreError> {
    let found: Vec<(String, i64, Fate)> = reminders::table
        .filter(reminders::account_id.eq(account_id))
        .select((
            reminders::action_key,
            reminders::remind_at,
            (reminders::dispatched_at, reminders::outcome, reminders::attempts),
        ))
        .load(later)?;
    Ok(found.into_iter().map(|(key, at, fate)| ((key, at), fate)).collect())
}

fn attempt(account_id: &str, open: &Open, now: Instant) -> DeliveryRow {
    DeliveryRow {
        account_id: account_id.to_owned(),
        id: deliveries::name(now, &open.action_key, None, open.attempts),
        attempted_at: now.timestamp_millis(),
        purpose: "reminder".to_owned(),
        action_key: Some(open.action_key.clone()),
        follow_up_id: Some(open.follow_up_id.clone()),
        kind: Some(open.kind.clone()),
        occurrence: open.remind_at,
        session_id: None,
        way: None,
        outcome: deliveries::EXPIRED.to_owned(),
        detail: Some(RESTORED.to_owned()),
    }
}
