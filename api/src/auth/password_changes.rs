//! Changing a password: by whoever knows it, or by whoever reads the mail of the account's address.
//!
//! **Must never** say or show by its time whether an address has an account, or log a token where
//! anybody but a developer on his own machine could read it.

use crate::app::AppState;
use crate::auth::audit::{self, Kind};
use crate::auth::caller::{Account, SignedIn};
use crate::auth::sessions::{end_others, shut_out};
use crate::auth::{digest, secret};
use crate::dto::account::{ChangePasswordBody, ResetBody};
use crate::error::{ApiError, Code};
use crate::mail::Letter;
use crate::metrics::Transport;
use crate::store::audit::EventRow;
use crate::store::resets::ResetRow;
use crate::store::{DbConnection, access_tokens, accounts, audit as trail, calendar_feeds, resets};
use crate::traces;
use actix_web::web;
use afterview_domain::clock::Instant;
use tracing::Instrument;

/// For how long a token that sets a password works, in milliseconds.
const LIFETIME_MILLIS: i64 = 30 * 60 * 1_000;

/// The most such mails of an account within [`resets::KEPT_MILLIS`]: whoever asks in the name of somebody
/// else cannot flood a mailbox.
const MAX_MAILS: i64 = 3;

/// What begins every such token.
const PREFIX: &str = "afp_";

/// Changes the password and ends every other session. Personal tokens go on.
///
/// # Errors
/// [`Code::WrongCredentials`] when the present password is another; [`Code::WrongState`] when the account
/// has none; [`Code::Unavailable`].
pub async fn change(
    state: &AppState,
    SignedIn(caller): &SignedIn<Account>,
    body: ChangePasswordBody,
) -> Result<(), ApiError> {
    prove(state, caller.account_id(), body.current_password).await?;
    let (account_id, now) = (caller.account_id().to_owned(), state.clock.now());
    let session_id = caller.session_id().to_owned();
    let kind = Kind::PasswordChanged;
    let event = audit::event(state, &account_id, kind, Some(&session_id), None, now);
    let hash = state.passwords.hash(body.new_password).await?;
    let change = move |connection: &mut DbConnection| {
        accounts::set_password(connection, &account_id, &hash)?;
        resets::clear(connection, &account_id)?;
        trail::insert(connection, &event)?;
        Ok::<_, ApiError>(end_others(connection, &account_id, Some(&session_id), now)?)
    };
    for ended in state.store.write_unsynced(caller.account_id(), change).await? {
        shut_out(state, caller.account_id(), &ended, now);
    }
    Ok(())
}

/// Makes sure that whoever is signed in knows the password of the account.
///
/// # Errors
/// As [`change`].
pub(super) async fn prove(
    state: &AppState,
    account_id: &str,
    password: String,
) -> Result<(), ApiError> {
    state.rates.password(account_id)?;
    let account = account_id.to_owned();
    let find = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(accounts::find(connection, &account)?)
    };
    let Some(hash) = state.store.read(account_id, find).await?.password_hash else {
        let detail = "the account has no password; POST /v1/account/upgrade gives it one";
        return Err(ApiError::new(Code::WrongState, detail));
    };
    if state.passwords.verify(password, Some(hash)).await? {
        return Ok(());
    }
    Err(ApiError::new(Code::WrongCredentials, "the present password is another"))
}

/// Sends a mail by which the password can be set anew, if the address has an account that has not had too
/// many. The answer does not wait for it: it would tell by its time whether there is one.
///
/// The tokens of earlier mails go on: mails overtake each other, and otherwise a stranger who keeps asking
/// would keep the owner out. Using one ends them all.
pub fn forget(state: &web::Data<AppState>, email: &str) {
    // What is random is drawn for unknown addresses, too.
    let (email, secret) = (email.trim().to_lowercase(), secret(state));
    let now = state.clock.now();
    let event = audit::event(state, "", Kind::PasswordResetRequested, None, None, now);
    let state = state.clone();
    actix_web::rt::spawn(async move {
        if let Err(error) = send(&state, &email, &secret, event, now).await {
            tracing::error!(cause = %error, "a mail to set a password anew was not sent");
        }
    });
}

async fn send(
    state: &AppState,
    email: &str,
    secret: &str,
    event: EventRow,
    now: Instant,
) -> Result<(), ApiError> {
    let wanted = email.to_owned();
    let find = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(accounts::by_email(connection, &wanted)?)
    };
    let Some(found) = state.store.read_directory(find).await? else { return Ok(()) };
    let token = format!("{PREFIX}{}.{secret}", found.account_id);
    let reset = ResetRow {
        account_id: found.account_id.clone(),
        token_hash: digest(&token),
        created_at: event.at,
        expires_at: event.at + LIFETIME_MILLIS,
    };
    let event = EventRow { account_id: found.account_id.clone(), ..event };
    let id = event.id.clone();
    let store = move |connection: &mut DbConnection| {
        if resets::recent(connection, &reset.account_id, event.at)? >= MAX_MAILS {
            return Ok(false);
        }
        resets::insert(connection, &reset)?;
        trail::insert(connection, &event)?;
        Ok::<_, ApiError>(true)
    };
    if !state.store.write_unsynced(&found.account_id, store).await? {
        return Ok(());
    }
    let link = format!("{}/account/reset?token={token}", state.tokens.issuer());
    if state.mailer.is_configured() {
        let (subject, body) = words(&link);
        let letter = Letter { to: email, subject, body: &body, at: now, id: &id };
        let began = std::time::Instant::now();
        let sent = state.mailer.send(letter).instrument(traces::send(Transport::Mail)).await;
        let outcome = if sent.is_ok() { "delivered" } else { "failed" };
        state.sends.note(Transport::Mail, outcome, began);
        return sent.map_err(ApiError::internal);
    }
    if is_this_machine(state.tokens.issuer()) {
        tracing::warn!("without AFTERVIEW_SMTP_URL nobody gets mail; to set the password: {link}");
    } else {
        tracing::error!("a password was to be set anew, and AFTERVIEW_SMTP_URL is not set");
    }
    Ok(())
}

fn words(link: &str) -> (&'static str, String) {
    let body = format!(
        "Somebody, probably you, asked to set a new password for your Afterview account.\n\n\
         To do so, open this page within 30 minutes:\n\n{link}\n\n\
         It works once and signs all devices out. If it was not you, do nothing: nothing was changed.\n"
    );
    ("Set a new password for Afterview", body)
}

/// Whether the server is one that only its own machine reaches.
fn is_this_machine(public_url: &str) -> bool {
    let host = public_url.strip_prefix("http://").unwrap_or_default();
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|local| {
        host.strip_prefix(local).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    })
}

/// Sets the password by a token of a mail, and ends every session and personal token: somebody else may
/// have had the old one.
///
/// # Errors
/// [`Code::InvalidResetToken`], with the same words for a used, an expired and a made-up one;
/// [`Code::Unavailable`].
pub async fn reset(state: &AppState, body: ResetBody) -> Result<(), ApiError> {
    let refused = || ApiError::new(Code::InvalidResetToken, "ask for another mail");
    let named = body.token.strip_prefix(PREFIX).and_then(|rest| rest.split_once('.'));
    let account_id = named.map(|(account_id, _)| account_id.to_owned()).ok_or_else(refused)?;
    let (hash, now) = (digest(&body.token), state.clock.now());
    let millis = now.timestamp_millis();
    // Hashing a password costs much: only for tokens that are good.
    let (account, wanted) = (account_id.clone(), hash.clone());
    let holds = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(resets::holds(connection, &account, &wanted, millis)?)
    };
    if !state.store.read(&account_id, holds).await? {
        return Err(refused());
    }
    let password = state.passwords.hash(body.new_password).await?;
    let event = audit::event(state, &account_id, Kind::PasswordReset, None, None, now);
    let account = account_id.clone();
    let set = move |connection: &mut DbConnection| {
        if !resets::holds(connection, &account, &hash, millis)? {
            return Err(refused());
        }
        accounts::set_password(connection, &account, &password)?;
        resets::clear(connection, &account)?;
        calendar_feeds::clear(connection, &account)?;
        trail::insert(connection, &event)?;
        let mut ended = end_others(connection, &account, None, now)?;
        ended.extend(access_tokens::revoke_all(connection, &account, millis)?);
        Ok(ended)
    };
    for ended in state.store.write_unsynced(&account_id, set).await? {
        shut_out(state, &account_id, &ended, now);
    }
    Ok(())
}
