//! Signing up, in, on and out.
//!
//! **Must never** look a session up without its account.

use crate::app::AppState;
use crate::auth::caller::ALL_SCOPES;
use crate::auth::tokens::LIFETIME_SECS;
use crate::dto::auth::{DeviceBody, LoginBody, RegisterBody, SessionTokens};
use crate::error::{ApiError, Code};
use crate::store::accounts::NewAccount;
use crate::store::sessions::SessionRow;
use crate::store::{AccountWrite, DbConnection, accounts, epoch, sessions};
use afterview_domain::clock::Instant;
use afterview_domain::entities::{Collection, PREFERENCES_ID};
use afterview_domain::sync;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A session that is not refreshed for so long ends, in milliseconds.
const IDLE_MILLIS: i64 = 60 * 24 * 60 * 60 * 1_000;

/// A session ends after so long however often it is refreshed, in milliseconds.
const ABSOLUTE_MILLIS: i64 = 365 * 24 * 60 * 60 * 1_000;

/// For so long after a rotation the token before still works: the answer may have got lost.
const GRACE_MILLIS: i64 = 60 * 1_000;

/// What begins every refresh token, so that scanners can recognise a leaked one.
const REFRESH_PREFIX: &str = "afr_";

/// Makes an account with its settings and a first session.
///
/// # Errors
/// [`Code::EmailTaken`]; [`Code::Unavailable`].
pub async fn register(state: &AppState, body: RegisterBody) -> Result<SessionTokens, ApiError> {
    let now = state.clock.now();
    let password_hash = state.passwords.hash(body.password).await?;
    let account = NewAccount {
        account_id: state.ids.record_id(now),
        email: body.email.trim().to_lowercase(),
        password_hash,
        epoch: epoch::fresh(state.ids.as_ref()),
        created_at: now.timestamp_millis(),
    };
    let (session, tokens) = new_session(state, &account.account_id, &body.device, now)?;
    let mut preferences = Map::new();
    if let Some(zone) = body.time_zone {
        preferences.insert("time_zone".to_owned(), Value::from(zone));
    }
    let account_id = account.account_id.clone();
    let write = move |connection: &mut DbConnection| {
        if !accounts::insert(connection, &account)? {
            return Err(ApiError::new(Code::EmailTaken, "sign in instead, or use another address"));
        }
        sessions::insert(connection, &session)?;
        let mut unit =
            AccountWrite::begin(connection, &account.account_id, &session.session_id, now)?;
        sync::create(&mut unit, Collection::Preferences, PREFERENCES_ID, &preferences)?;
        Ok(unit.finish()?)
    };
    state.store.write_unsynced(&account_id, write).await?;
    Ok(tokens)
}

/// Opens a session for a known account.
///
/// # Errors
/// [`Code::WrongCredentials`] for an unknown address and a wrong password alike.
pub async fn login(state: &AppState, body: LoginBody) -> Result<SessionTokens, ApiError> {
    let email = body.email.trim().to_lowercase();
    let found = state
        .store
        .read_directory(move |connection| {
            Ok::<_, ApiError>(accounts::by_email(connection, &email)?)
        })
        .await?;
    let (account_id, hash) = match found {
        Some(found) => (Some(found.account_id), found.password_hash),
        None => (None, None),
    };
    let matches = state.passwords.verify(body.password, hash).await?;
    let Some(account_id) = account_id.filter(|_| matches) else {
        return Err(ApiError::new(Code::WrongCredentials, "check both and try again"));
    };
    let (session, tokens) = new_session(state, &account_id, &body.device, state.clock.now())?;
    let store_session = move |connection: &mut DbConnection| {
        sessions::insert(connection, &session).map_err(ApiError::from)
    };
    state.store.write_unsynced(&account_id, store_session).await?;
    Ok(tokens)
}

/// Exchanges a refresh token for its successor and a new access token.
///
/// # Errors
/// [`Code::InvalidRefreshToken`]. A token that was exchanged before and comes again after the
/// grace ends its session: somebody else has it.
pub async fn refresh(state: &AppState, token: &str) -> Result<SessionTokens, ApiError> {
    let now = state.clock.now();
    let (account_id, session_id) = names(token).ok_or_else(refused)?;
    let presented = digest(token);
    let successor = refresh_token(state, &account_id, &session_id);
    let access =
        state.tokens.issue(&account_id, &session_id, ALL_SCOPES, state.ids.record_id(now), now)?;
    let successor_hash = digest(&successor);
    let (account, session) = (account_id.clone(), session_id.clone());
    let rotate = move |connection: &mut DbConnection| {
        rotate(connection, &account, &session, &presented, &successor_hash, now.timestamp_millis())
    };
    match state.store.write_unsynced(&account_id, rotate).await? {
        Rotation::Done => Ok(session_tokens(&account_id, &session_id, access, successor)),
        Rotation::Reused => {
            tracing::warn!(session_id, "a used refresh token came again; the session is ended");
            shut_out(state, &account_id, &session_id, now);
            Err(refused())
        }
        Rotation::Refused => Err(refused()),
    }
}

/// Ends a session; its access tokens stop working at once.
///
/// # Errors
/// [`Code::Unavailable`].
pub async fn logout(state: &AppState, account_id: &str, session_id: &str) -> Result<(), ApiError> {
    let now = state.clock.now();
    let (account, session) = (account_id.to_owned(), session_id.to_owned());
    let end = move |connection: &mut DbConnection| {
        sessions::revoke(connection, &account, &session, now.timestamp_millis())
            .map_err(ApiError::from)
    };
    state.store.write_unsynced(account_id, end).await?;
    shut_out(state, account_id, session_id, now);
    Ok(())
}

/// Refuses the access tokens of an ended session and ends its live streams.
fn shut_out(state: &AppState, account_id: &str, session_id: &str, now: Instant) {
    state.tokens.revoke(session_id, now);
    state.live.wake(account_id);
}

enum Rotation {
    Done,
    Reused,
    Refused,
}

fn rotate(
    connection: &mut DbConnection,
    account_id: &str,
    session_id: &str,
    presented: &str,
    successor: &str,
    now: i64,
) -> Result<Rotation, ApiError> {
    let Some(mut session) = sessions::find(connection, account_id, session_id)? else {
        return Ok(Rotation::Refused);
    };
    if session.revoked_at.is_some() || session.expires_at <= now {
        return Ok(Rotation::Refused);
    }
    if same(presented, &session.refresh_hash) {
        let used = std::mem::replace(&mut session.refresh_hash, successor.to_owned());
        session.rotated_at = now;
        session.expires_at = (now + IDLE_MILLIS).min(session.created_at + ABSOLUTE_MILLIS);
        sessions::rotate(connection, &session, &used)?;
        return Ok(Rotation::Done);
    }
    // Only somebody who had the token can present its digest: made-up ones end nothing.
    let Some(used_at) = sessions::used_at(connection, account_id, session_id, presented)? else {
        return Ok(Rotation::Refused);
    };
    let latest = used_at == session.rotated_at;
    if latest && now - used_at <= GRACE_MILLIS {
        let displaced = std::mem::replace(&mut session.refresh_hash, successor.to_owned());
        sessions::replace_successor(connection, &session, &displaced)?;
        return Ok(Rotation::Done);
    }
    sessions::revoke(connection, account_id, session_id, now)?;
    Ok(Rotation::Reused)
}

fn new_session(
    state: &AppState,
    account_id: &str,
    device: &DeviceBody,
    now: Instant,
) -> Result<(SessionRow, SessionTokens), ApiError> {
    let session_id = state.ids.record_id(now);
    let refresh = refresh_token(state, account_id, &session_id);
    let access =
        state.tokens.issue(account_id, &session_id, ALL_SCOPES, state.ids.record_id(now), now)?;
    let millis = now.timestamp_millis();
    let session = SessionRow {
        account_id: account_id.to_owned(),
        session_id: session_id.clone(),
        device_name: device.name.clone(),
        platform: device.platform.clone(),
        app_id: device.app_id.clone(),
        app_version: device.app_version.clone(),
        refresh_hash: digest(&refresh),
        rotated_at: millis,
        created_at: millis,
        expires_at: millis + IDLE_MILLIS,
        revoked_at: None,
    };
    Ok((session, session_tokens(account_id, &session_id, access, refresh)))
}

fn session_tokens(
    account_id: &str,
    session_id: &str,
    access: String,
    refresh: String,
) -> SessionTokens {
    SessionTokens {
        account_id: account_id.to_owned(),
        session_id: session_id.to_owned(),
        access_token: access,
        token_type: "Bearer".to_owned(),
        expires_in: LIFETIME_SECS,
        refresh_token: refresh,
        scope: ALL_SCOPES.to_owned(),
    }
}

/// `afr_<account>.<session>.<256 random bits>`: naming both keeps the look-up inside the account.
fn refresh_token(state: &AppState, account_id: &str, session_id: &str) -> String {
    let mut secret = [0_u8; 32];
    state.ids.fill(&mut secret);
    format!("{REFRESH_PREFIX}{account_id}.{session_id}.{}", URL_SAFE_NO_PAD.encode(secret))
}

fn names(token: &str) -> Option<(String, String)> {
    let mut parts = token.strip_prefix(REFRESH_PREFIX)?.splitn(3, '.');
    let (account_id, session_id) = (parts.next()?, parts.next()?);
    parts.next()?;
    Some((account_id.to_owned(), session_id.to_owned()))
}

pub(super) fn digest(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

fn refused() -> ApiError {
    ApiError::new(Code::InvalidRefreshToken, "sign in again")
}
