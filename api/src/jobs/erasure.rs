//! Deleting accounts whose owners asked for it.
//!
//! What they wrote goes at once, in small units, so that nobody waits for them. The account's own row and its
//! ended sessions and tokens go when no access token of it can be unexpired: until then a node that was just
//! started has to know whom to refuse. Every unit is good by itself; a server that stops in between, or
//! another node, goes on. **Must never** hold the server up or end it.

use crate::app::AppState;
use crate::auth::tokens::ACCEPTED_SECS;
use crate::error::ApiError;
use crate::jobs::LONGEST_WAIT;
use crate::store::erasure::{self, Locked};
use crate::store::{DbConnection, Store, StoreError};
use std::sync::Weak;

/// Deletes what is to be deleted as long as the server lives: soon after it was asked for.
pub async fn run(state: Weak<AppState>) {
    while let Some((store, asked)) =
        state.upgrade().map(|state| (state.store.clone(), state.jobs.erasure.clone()))
    {
        if let Err(error) = due(&store).await {
            tracing::error!(cause = %error, "accounts were not deleted; trying again later");
        }
        drop(store);
        // Another node may have been asked, or have been lost in the middle of it.
        let _ = actix_web::rt::time::timeout(LONGEST_WAIT, asked.notified()).await;
    }
}

/// Deletes whatever may be deleted by now, one account after the other. One account's trouble does not keep
/// the others waiting.
///
/// # Errors
/// That the accounts cannot be named, or the first that could not be deleted.
pub async fn due(store: &Store) -> Result<(), ApiError> {
    let named = store.read_directory(|connection| Ok::<_, ApiError>(erasure::locked(connection)?));
    let mut outcome = Ok(());
    for account in named.await? {
        match erase(store, &account).await {
            // Another node was quicker.
            Ok(()) | Err(StoreError::UnknownAccount) => {}
            Err(error) => {
                let account_id = &account.account_id;
                tracing::error!(account_id, cause = %error, "an account was not deleted");
                outcome = outcome.and(Err(error.into()));
            }
        }
    }
    outcome
}

async fn erase(store: &Store, account: &Locked) -> Result<(), StoreError> {
    let account_id = &account.account_id;
    loop {
        let own = account_id.clone();
        let some = move |connection: &mut DbConnection| erasure::erase_some(connection, &own);
        if !store.write_unsynced(account_id, some).await? {
            break;
        }
    }
    let now = store.now().timestamp_millis();
    let age_secs = (now - account.locked_at) / 1_000;
    if age_secs <= ACCEPTED_SECS {
        return Ok(());
    }
    let own = account_id.clone();
    let rest = move |connection: &mut DbConnection| erasure::erase_rest(connection, &own, now);
    store.write_unsynced(account_id, rest).await?;
    tracing::info!(account_id, "an account was deleted");
    Ok(())
}
