//! Plans anew, at its time, what changes although nobody writes: a window that opens, a promise that
//! is missed.
//!
//! One look at an index finds the next moment of all accounts; no account is ever polled.
//! **Must never** hold the server up or end it: what fails is logged and tried again later.

use crate::app::AppState;
use crate::error::ApiError;
use crate::planning::replan;
use crate::store::{Store, plans};
use afterview_domain::clock::Instant;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How many opportunities are looked up at once.
const BATCH: i64 = 500;

/// The longest wait. A write may bring a moment that is nearer than the one waited for, and a
/// machine may sleep; both are noticed after this long at the latest.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

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
            LONGEST_WAIT
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
    let wait = next.map(|next| next - state.clock.now());
    Ok(wait.and_then(|wait| wait.to_std().ok()).map_or(LONGEST_WAIT, |w| w.min(LONGEST_WAIT)))
}

/// Plans anew everything that has changed by itself, and says when something does next.
///
/// # Errors
/// That the database is unavailable or a record corrupt.
pub async fn due(store: &Store) -> Result<Option<Instant>, ApiError> {
    loop {
        let now = store.now().timestamp_millis();
        let found = store.read_directory(move |connection| {
            let due = plans::changed_by(connection, now, BATCH)?;
            Ok::<_, ApiError>((due, plans::next_change(connection)?))
        });
        let (due, next) = found.await?;
        if due.is_empty() {
            return Ok(next.map(afterview_domain::clock::from_millis));
        }
        plan_anew(store, due).await?;
    }
}

/// Plans anew every opportunity whose plan another version made, or none.
///
/// # Errors
/// That the database is unavailable or a record corrupt.
pub async fn renew(store: &Store) -> Result<(), ApiError> {
    loop {
        let versions = replan::versions();
        let found = store.read_directory(move |connection| {
            Ok::<_, ApiError>(plans::of_other_versions(connection, &versions, BATCH)?)
        });
        let outdated = found.await?;
        if outdated.is_empty() {
            return Ok(());
        }
        plan_anew(store, outdated).await?;
    }
}

async fn plan_anew(store: &Store, opportunities: Vec<(String, String)>) -> Result<(), ApiError> {
    let mut by_account: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (account_id, opportunity_id) in opportunities {
        by_account.entry(account_id).or_default().push(opportunity_id);
    }
    for (account_id, ids) in by_account {
        let work = move |unit: &mut crate::store::AccountWrite<'_>| {
            ids.iter().try_for_each(|id| replan::in_time(unit, id))
        };
        store.write(&account_id, DEVICE, work).await?;
    }
    Ok(())
}
