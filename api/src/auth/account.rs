//! What an account is to its owner: its address, its ways in, and the trail of what happened at its door.

use crate::app::AppState;
use crate::auth::audit::{self, Kind};
use crate::auth::caller::{Account, SignedIn};
use crate::auth::password_changes::prove;
use crate::auth::sign_up::{address, taken};
use crate::dto::account::EmailBody;
use crate::error::{ApiError, Code};
use crate::store::accounts::AccountView;
use crate::store::audit::EventRow;
use crate::store::identities::IdentityRow;
use crate::store::{DbConnection, accounts, audit as trail, identities, resets};

/// The account and who it is elsewhere.
///
/// # Errors
/// [`Code::Unavailable`].
pub async fn read(
    state: &AppState,
    account_id: &str,
) -> Result<(AccountView, Vec<IdentityRow>), ApiError> {
    let account = account_id.to_owned();
    let find = move |connection: &mut DbConnection| {
        let found = accounts::find(connection, &account)?;
        Ok::<_, ApiError>((found, identities::of(connection, &account)?))
    };
    state.store.read(account_id, find).await
}

/// Gives the account another address; whoever asks knows its password.
///
/// # Errors
/// [`Code::EmailTaken`]; [`Code::WrongCredentials`]; [`Code::WrongState`] when it has no password;
/// [`Code::Unavailable`].
pub async fn change_email(
    state: &AppState,
    SignedIn(caller): &SignedIn<Account>,
    body: EmailBody,
) -> Result<(), ApiError> {
    let email = address(&body.email)?;
    prove(state, caller.account_id(), body.password).await?;
    let (account_id, now) = (caller.account_id().to_owned(), state.clock.now());
    let session_id = Some(caller.session_id());
    let event = audit::event(state, &account_id, Kind::EmailChanged, session_id, None, now);
    let change = move |connection: &mut DbConnection| {
        if !accounts::set_email(connection, &account_id, &email)? {
            return Err(taken(Code::EmailTaken));
        }
        // A mail to the old address sets no password any more.
        resets::clear(connection, &account_id)?;
        Ok(trail::insert(connection, &event)?)
    };
    state.store.write_unsynced(caller.account_id(), change).await
}

/// A page of the audit trail, newest first: `limit` events before the one called `before`.
///
/// # Errors
/// [`Code::Unavailable`].
pub async fn trail(
    state: &AppState,
    account_id: &str,
    before: Option<String>,
    limit: i64,
) -> Result<Vec<EventRow>, ApiError> {
    let account = account_id.to_owned();
    let read = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(trail::page(connection, &account, before.as_deref(), limit)?)
    };
    state.store.read(account_id, read).await
}
