//! Plans anew, at its time, what changes although nobody writes: a window that opens, a promise that
//! is missed.
//!
//! One look at an index finds the next moment of all accounts; no account is ever polled. Nodes share the
//! work: each claims a batch of plans, makes them anew and goes on.
//! **Must never** hold the server up or end it: what fails is logged and tried again later.

use crate::app::AppState;
use crate::error::ApiError;
use crate::jobs;
use crate::planning::replan;
use crate::store::{Store, StoreError, dispatch, plans, records};
use afterview_domain::clock::{Instant, from_millis};
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How many opportunities, and of how many accounts, are looked up at once by the start-up; how many are claimed
/// at once when their time has come. What a node claims has to be planned before the lease ends.
const BATCH: i64 = 500;
const ACCOUNTS: i64 = 100;
const CLAIM: i64 = 100;

/// Who the log names for what the calendar did.
const DEVICE: &str = "server";

/// Plans anew whatever is due as long as the server lives: first what another version planned, then
/// what time changes.
pub async fn run(state: Weak<AppState>) {
    let mut current = false;
    while let Some(state) = state.upgrade() {
        let outcome = round(&state, &mut current).await;
        drop(state);
        let wait = outcome.unwrap_or_else(|error| {
            tracing::error!(cause = %error, "plans were not renewed; trying again");
            jobs::LONGEST_WAIT
        });
        actix_web::rt::time::sleep(wait).await;
    }
}

/// One round; how long to wait for the next.
async fn round(state: &Arc<AppState>, current: &mut bool) -> Result<Duration, ApiError> {
    if !*current {
        renew(&state.store).await?;
        *current = true;
    }
    let next = due(&state.store).await?;
    Ok(jobs::wait_until(next, state.clock.now()))
}

/// Plans anew everything that has changed by itself and that no other node is at, and says when to look
/// again.
///
/// # Errors
/// That the database is unavailable or a record corrupt.
pub async fn due(store: &Store) -> Result<Option<Instant>, ApiError> {
    loop {
        let now = store.now();
        let millis = now.timestamp_millis();
        let next = store.read_directory(move |connection| {
            Ok::<_, ApiError>(dispatch::next_change(connection, millis)?)
        });
        let next = next.await?.map(from_millis);
        if next.is_none_or(|next| next > now) {
            return Ok(next);
        }
        let lease_until = (now + jobs::LEASE).timestamp_millis();
        let claimed = store.write_directory(move |connection| {
            Ok::<_, ApiError>(dispatch::claim_plans(connection, millis, lease_until, CLAIM)?)
        });
        let claimed = claimed.await?;
        if claimed.is_empty() {
            return Ok(Some(now + jobs::OUTRUN_WAIT));
        }
        let claimed = claimed.into_iter().map(|plan| (plan.account_id, plan.opportunity_id));
        plan_anew(store, claimed.collect()).await?;
    }
}

/// Plans anew every opportunity whose plan another version made, or none. Some accounts at a time: one look at
/// all of them would keep a reader for seconds where there are many.
///
/// # Errors
/// That the database is unavailable or a record corrupt.
pub async fn renew(store: &Store) -> Result<(), ApiError> {
    let mut after = String::new();
    loop {
        let (behind, versions) = (after.clone(), replan::versions());
        let found = store.read_directory(move |connection| {
            let accounts = records::accounts_behind(connection, &behind, ACCOUNTS)?;
            let outdated = plans::of_other_versions(connection, &accounts, &versions, BATCH)?;
            Ok::<_, ApiError>((accounts, outdated))
        });
        let (accounts, outdated) = found.await?;
        if !outdated.is_empty() {
            plan_anew(store, outdated).await?;
        } else if let Some(last) = accounts.into_iter().next_back() {
            after = last;
        } else {
            return Ok(());
        }
    }
}

/// One account's trouble does not keep the others waiting: it is logged, and the first is the answer in the
/// end. That the database is away is everybody's.
async fn plan_anew(store: &Store, opportunities: Vec<(String, String)>) -> Result<(), ApiError> {
    let mut by_account: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (account_id, opportunity_id) in opportunities {
        by_account.entry(account_id).or_default().push(opportunity_id);
    }
    let mut outcome = Ok(());
    for (account_id, ids) in by_account {
        let work = move |unit: &mut crate::store::AccountWrite<'_>| {
            ids.iter().try_for_each(|id| replan::in_time(unit, id))
        };
        match store.write(&account_id, DEVICE, work).await {
            Ok(()) => {}
            Err(error @ StoreError::Unavailable(_)) => return Err(error.into()),
            Err(error) => {
                tracing::error!(account_id, cause = %error, "plans were not made anew");
                outcome = outcome.and(Err(error));
            }
        }
    }
    Ok(outcome?)
}
