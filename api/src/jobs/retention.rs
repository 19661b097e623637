//! Once a day, for every account: what has grown too old is closed, deleted or forgotten.
//!
//! What is old is found by the readers; the writer gets small units, one after the other, so that
//! nobody waits for them. Every unit is good by itself, and what is done is not found again: a server
//! that stops in between goes on the next time. **Must never** hold the server up or end it.

use crate::app::AppState;
use crate::auth::sessions::IDLE_MILLIS;
use crate::error::ApiError;
use crate::store::webhooks::queue;
use crate::store::{AccountWrite, DbConnection, Store, deliveries, history, retention as old};
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use afterview_domain::ids::IdSource;
use afterview_domain::sync::retention::{self, Due, HISTORY, LEDGER, QUESTION, TOMBSTONE_CONTENT};
use chrono::TimeDelta;
use serde_json::{Map, Value};
use std::sync::Weak;
use std::time::Duration;

/// How long a server is left alone after its start: it has better things to do then.
const FIRST_WAIT: Duration = Duration::from_secs(3 * 60);

/// By how much longer at most, in milliseconds. Servers that start together do not sweep together.
const JITTER_MILLIS: u64 = 10 * 60 * 1_000;

/// The time between two sweeps. All periods are days.
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// How many accounts are named at once.
const ACCOUNTS: i64 = 100;

/// The most rows of one unit, so that the writing thread is soon free for others.
const BATCH: i64 = 200;

/// For how long it is kept what became of notifications.
pub const NOTIFICATIONS: TimeDelta = TimeDelta::days(90);

/// For how long it is kept what became of events.
pub const WEBHOOK_DELIVERIES: TimeDelta = TimeDelta::days(30);

/// Who the log names for what the calendar did.
const DEVICE: &str = "server";

/// What a sweep did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Conflicts that stopped asking.
    pub closed: usize,
    /// Conflicts that were deleted.
    pub deleted: usize,
    /// Tombstones whose content was forgotten.
    pub purged: usize,
    /// Tombstones that were forgotten altogether.
    pub collected: usize,
    /// Rows of history that were deleted.
    pub history: usize,
    /// Mutations that the ledger forgot.
    pub mutations: usize,
    /// Attempts to bring a notification somewhere that were forgotten.
    pub notifications: usize,
    /// Events and what became of them that were forgotten.
    pub events: usize,
    /// Used refresh tokens, ended personal tokens and unused tokens of mails that were forgotten.
    pub tokens: usize,
    /// Accounts that were given up, each with a line in the server's log.
    pub failed: usize,
}

/// Sweeps once a day as long as the server lives.
pub async fn run(state: Weak<AppState>) {
    let Some(wait) = state.upgrade().map(|state| first_wait(&*state.ids)) else { return };
    actix_web::rt::time::sleep(wait).await;
    while let Some(store) = state.upgrade().map(|state| state.store.clone()) {
        match sweep(&store).await {
            Ok(swept) => tracing::info!(?swept, "what had grown too old is gone"),
            Err(error) => tracing::error!(cause = %error, "nothing was swept; trying again later"),
        }
        drop(store);
        actix_web::rt::time::sleep(EVERY).await;
    }
}

fn first_wait(ids: &dyn IdSource) -> Duration {
    let mut bytes = [0_u8; 8];
    ids.fill(&mut bytes);
    let jitter = u64::from_be_bytes(bytes) % JITTER_MILLIS;
    FIRST_WAIT.saturating_add(Duration::from_millis(jitter))
}

/// Goes over all accounts once.
///
/// # Errors
/// That the accounts cannot be named. What fails within one account is logged and counted.
pub async fn sweep(store: &Store) -> Result<Swept, ApiError> {
    sweep_down_to(store, retention::MAX_TOMBSTONES).await
}

/// As [`sweep`], leaving each account at most `tombstones` tombstones.
///
/// # Errors
/// As [`sweep`].
pub async fn sweep_down_to(store: &Store, tombstones: i64) -> Result<Swept, ApiError> {
    let (mut swept, mut after) = (Swept::default(), String::new());
    loop {
        let from = after.clone();
        let named = store.read_directory(move |connection| {
            old::accounts_after(connection, &from, ACCOUNTS).map_err(ApiError::from)
        });
        let accounts = named.await?;
        let Some(last) = accounts.last() else { return Ok(swept) };
        after.clone_from(last);
        for account_id in &accounts {
            if let Err(error) = account(store, account_id, tombstones, &mut swept).await {
                tracing::error!(account_id, cause = %error, "an account was not swept");
                swept.failed += 1;
            }
        }
    }
}

async fn account(
    store: &Store,
    account_id: &str,
    tombstones: i64,
    swept: &mut Swept,
) -> Result<(), ApiError> {
    conflicts(store, account_id, swept).await?;
    contents(store, account_id, swept).await?;
    notifications(store, account_id, swept).await?;
    events(store, account_id, swept).await?;
    tokens(store, account_id, swept).await?;
    while remains(store, account_id, tombstones, swept).await? {}
    Ok(())
}

/// Closes and deletes old conflicts.
async fn conflicts(store: &Store, account_id: &str, swept: &mut Swept) -> Result<(), ApiError> {
    let mut after = -1;
    loop {
        let (account, now) = (account_id.to_owned(), store.now());
        let found = store
            .read(account_id, move |connection| {
                let limit = usize::try_from(BATCH).unwrap_or_default();
                let listed = history::conflicts(connection, &account, None, after, limit)?;
                let until = retention::horizon(now, QUESTION);
                let last = listed.last().map(|last| last.created_rev);
                let old = listed.iter().filter(|conflict| conflict.created_rev <= until);
                let due = old.filter_map(|old| due(old.created_rev, &old.doc, now).transpose());
                let due = due.collect::<Result<Vec<_>, ApiError>>()?;
                Ok::<_, ApiError>((due, last.filter(|last| *last <= until)))
            })
            .await?;
        let (due, last) = found;
        enforce(store, account_id, due, swept).await?;
        // Beyond that, none is old.
        let Some(last) = last else { return Ok(()) };
        after = last;
    }
}

/// The name of a conflict if something is due about it.
fn due(
    created_rev: i64,
    doc: &str,
    now: Instant,
) -> Result<Option<(Collection, String)>, ApiError> {
    let doc: Map<String, Value> = serde_json::from_str(doc).map_err(ApiError::internal)?;
    let id = doc.get("id").and_then(Value::as_str).unwrap_or_default();
    let due = retention::due_of_conflict(created_rev, &doc, now);
    Ok(due.map(|_| (Collection::Conflicts, id.to_owned())))
}

/// Forgets the content of old tombstones.
async fn contents(store: &Store, account_id: &str, swept: &mut Swept) -> Result<(), ApiError> {
    let mut after = -1;
    loop {
        let account = account_id.to_owned();
        let span = (after, retention::horizon(store.now(), TOMBSTONE_CONTENT));
        let found = store.read(account_id, move |connection| {
            old::tombstones_with_content(connection, &account, span, BATCH).map_err(ApiError::from)
        });
        let found = found.await?;
        let Some(last) = found.last() else { return Ok(()) };
        after = last.deleted_rev;
        let names = found.into_iter().map(|gone| (gone.collection, gone.id));
        enforce(store, account_id, names.collect(), swept).await?;
    }
}

/// Forgets what became of old notifications.
async fn notifications(store: &Store, account_id: &str, swept: &mut Swept) -> Result<(), ApiError> {
    let (account, until) =
        (account_id.to_owned(), (store.now() - NOTIFICATIONS).timestamp_millis());
    let is_old = move |connection: &mut DbConnection| {
        deliveries::any_until(connection, &account, until).map_err(ApiError::from)
    };
    if store.read(account_id, is_old).await? {
        let account = account_id.to_owned();
        let forget = move |connection: &mut DbConnection| {
            deliveries::forget(connection, &account, until).map_err(ApiError::from)
        };
        swept.notifications += store.write_unsynced(account_id, forget).await?;
    }
    Ok(())
}

/// Forgets what became of old events.
async fn events(store: &Store, account_id: &str, swept: &mut Swept) -> Result<(), ApiError> {
    let (account, until) =
        (account_id.to_owned(), (store.now() - WEBHOOK_DELIVERIES).timestamp_millis());
    let are_old = move |connection: &mut DbConnection| {
        queue::any_until(connection, &account, until).map_err(ApiError::from)
    };
    if store.read(account_id, are_old).await? {
        let account = account_id.to_owned();
        let forget = move |connection: &mut DbConnection| {
            queue::forget(connection, &account, until).map_err(ApiError::from)
        };
        swept.events += store.write_unsynced(account_id, forget).await?;
    }
    Ok(())
}

/// Forgets tokens that open nothing, and by which no theft can be noticed that matters: a session that
/// rested so long has ended.
async fn tokens(store: &Store, account_id: &str, swept: &mut Swept) -> Result<(), ApiError> {
    let (account, until) = (account_id.to_owned(), store.now().timestamp_millis() - IDLE_MILLIS);
    let are_old = move |connection: &mut DbConnection| {
        old::any_tokens(connection, &account, until).map_err(ApiError::from)
    };
    if store.read(account_id, are_old).await? {
        let account = account_id.to_owned();
        let forget = move |connection: &mut DbConnection| {
            old::forget_tokens(connection, &account, until).map_err(ApiError::from)
        };
        swept.tokens += store.write_unsynced(account_id, forget).await?;
    }
    Ok(())
}

/// Does in one unit what is due about these records.
async fn enforce(
    store: &Store,
    account_id: &str,
    names: Vec<(Collection, String)>,
    swept: &mut Swept,
) -> Result<(), ApiError> {
    if names.is_empty() {
        return Ok(());
    }
    let work = move |unit: &mut AccountWrite<'_>| {
        let done = names.iter().map(|(collection, id)| retention::enforce(unit, *collection, id));
        done.collect::<Result<Vec<_>, _>>().map_err(ApiError::from)
    };
    for done in store.write(account_id, DEVICE, work).await?.into_iter().flatten() {
        match done {
            Due::Closing => swept.closed += 1,
            Due::Deletion => swept.deleted += 1,
            Due::Purge => swept.purged += 1,
        }
    }
    Ok(())
}

/// Deletes a part of the history, of the ledger and of the tombstones beyond the limit; `false` if there
/// was nothing to delete.
async fn remains(
    store: &Store,
    account_id: &str,
    tombstones: i64,
    swept: &mut Swept,
) -> Result<bool, ApiError> {
    let now = store.now();
    let (history, ledger) = (retention::horizon(now, HISTORY), retention::horizon(now, LEDGER));
    let account = account_id.to_owned();
    let found = store.read(account_id, move |connection| {
        let kept = old::tombstones(connection, &account)?;
        let old_rows = old::has_history(connection, &account, history)?
            || old::has_mutations(connection, &account, ledger)?;
        Ok::<_, ApiError>((retention::excess(kept, tombstones).min(BATCH), old_rows))
    });
    let (excess, old_rows) = found.await?;
    if excess == 0 && !old_rows {
        return Ok(false);
    }
    let work = move |unit: &mut AccountWrite<'_>| {
        let rows = unit.forget_history(history, BATCH)?;
        let mutations = unit.forget_mutations(ledger, BATCH)?;
        Ok::<_, ApiError>((rows, mutations, unit.collect_tombstones(excess)?))
    };
    let (rows, mutations, collected) = store.write(account_id, DEVICE, work).await?;
    swept.history += rows;
    swept.mutations += mutations;
    swept.collected += collected;
    Ok(true)
}
