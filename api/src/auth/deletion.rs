//! Asking for the deletion of an account: it is locked at once, and a job deletes every row of it.
//!
//! **Must never** act on a session alone that may have lain around for weeks: whoever deletes everything
//! has just signed in.

use crate::app::AppState;
use crate::auth::audit::{self, Kind};
use crate::auth::caller::{Account, SignedIn};
use crate::auth::sessions::{end_others, shut_out};
use crate::error::{ApiError, Code};
use crate::store::audit::EventRow;
use crate::store::{
    DbConnection, StoreError, access_tokens, accounts, audit as trail, erasure, identities,
    sessions,
};
use afterview_domain::clock::Instant;

/// How long ago a sign-in is a recent one, in milliseconds.
pub const RECENT_MILLIS: i64 = 10 * 60 * 1_000;

/// Locks the caller's account for its deletion. A guest, who cannot sign in again, need not.
///
/// # Errors
/// [`Code::RecentSignInRequired`]; [`Code::Unavailable`].
pub async fn request(
    state: &AppState,
    SignedIn(caller): &SignedIn<Account>,
) -> Result<(), ApiError> {
    let now = state.clock.now();
    let (account_id, session_id) = (caller.account_id().to_owned(), caller.session_id().to_owned());
    let kind = Kind::DeletionRequested;
    let event = audit::event(state, &account_id, kind, Some(&session_id), None, now);
    let lock = move |connection: &mut DbConnection| {
        if !may_delete(connection, &account_id, &session_id, now)? {
            let detail = "sign in again on this device, and repeat this within ten minutes";
            return Err(ApiError::new(Code::RecentSignInRequired, detail));
        }
        Ok(lock(connection, &event, now)?)
    };
    let ended = state.store.write_unsynced(caller.account_id(), lock).await?;
    settle(state, caller.account_id(), &ended, now);
    Ok(())
}

/// Locks the account whose address and password were just proven, by nobody who is signed in.
///
/// # Errors
/// [`Code::Unavailable`].
pub async fn request_by_password(state: &AppState, account_id: &str) -> Result<(), ApiError> {
    let now = state.clock.now();
    let event = audit::event(state, account_id, Kind::DeletionRequested, None, None, now);
    let lock =
        move |connection: &mut DbConnection| Ok::<_, ApiError>(lock(connection, &event, now)?);
    let ended = state.store.write_unsynced(account_id, lock).await?;
    settle(state, account_id, &ended, now);
    Ok(())
}

fn may_delete(
    connection: &mut DbConnection,
    account_id: &str,
    session_id: &str,
    now: Instant,
) -> Result<bool, StoreError> {
    let account = accounts::find(connection, account_id)?;
    let is_guest =
        account.password_hash.is_none() && identities::of(connection, account_id)?.is_empty();
    let session = sessions::find(connection, account_id, session_id)?;
    let since = now.timestamp_millis() - RECENT_MILLIS;
    Ok(is_guest || session.is_some_and(|session| session.created_at >= since))
}

/// Locks the account and names the sessions and tokens that ended with it.
fn lock(
    connection: &mut DbConnection,
    event: &EventRow,
    now: Instant,
) -> Result<Vec<String>, StoreError> {
    let (account_id, millis) = (event.account_id.as_str(), now.timestamp_millis());
    trail::insert(connection, event)?;
    erasure::lock(connection, account_id, millis)?;
    let mut ended = end_others(connection, account_id, None, now)?;
    ended.extend(access_tokens::revoke_all(connection, account_id, millis)?);
    Ok(ended)
}

fn settle(state: &AppState, account_id: &str, ended: &[String], now: Instant) {
    for session_id in ended {
        shut_out(state, account_id, session_id, now);
    }
    state.jobs.erasure.notify_one();
}
