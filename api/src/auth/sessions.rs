//! Sessions: a device that signed in. Opened here, listed, and ended.
//!
//! **Must never** look a session up without its account.

use crate::app::AppState;
use crate::auth::audit::{self, Kind};
use crate::auth::caller::ALL_SCOPES;
use crate::auth::refresh::refresh_token;
use crate::auth::tokens::LIFETIME_SECS;
use crate::auth::{MAX_SESSIONS, digest};
use crate::dto::auth::{DeviceBody, SessionTokens};
use crate::error::ApiError;
use crate::store::audit::EventRow;
use crate::store::sessions::SessionRow;
use crate::store::{DbConnection, StoreError, audit as trail, sessions};
use afterview_domain::clock::Instant;

/// A session that is not refreshed for so long ends, in milliseconds.
pub const IDLE_MILLIS: i64 = 60 * 24 * 60 * 60 * 1_000;

/// A session ends after so long however often it is refreshed, in milliseconds.
pub const ABSOLUTE_MILLIS: i64 = 365 * 24 * 60 * 60 * 1_000;

/// A session that is about to be opened, with what is to be noted about it.
#[derive(Clone)]
pub(super) struct Opening {
    /// The session.
    pub(super) session: SessionRow,
    /// What the audit trail says of it.
    event: EventRow,
    /// What it says if others have to make room.
    displaced: EventRow,
}

impl Opening {
    /// A session on `device`, and the tokens for it. `how` somebody signed in goes into the trail.
    ///
    /// # Errors
    /// [`Code::Internal`](crate::error::Code::Internal) when the access token cannot be signed.
    pub(super) fn new(
        state: &AppState,
        account_id: &str,
        device: &DeviceBody,
        (kind, how): (Kind, &str),
        now: Instant,
    ) -> Result<(Self, SessionTokens), ApiError> {
        let session_id = state.ids.record_id(now);
        let refresh = refresh_token(state, account_id, &session_id);
        let tokens = session_tokens(state, account_id, &session_id, refresh, now)?;
        let millis = now.timestamp_millis();
        let session = SessionRow {
            account_id: account_id.to_owned(),
            session_id: session_id.clone(),
            device_name: device.name.clone(),
            platform: device.platform.clone(),
            app_id: device.app_id.clone(),
            app_version: device.app_version.clone(),
            refresh_hash: digest(&tokens.refresh_token),
            rotated_at: millis,
            created_at: millis,
            expires_at: millis + IDLE_MILLIS,
            revoked_at: None,
            rotation_salt: None,
        };
        let event =
            |kind, about| audit::event(state, account_id, kind, Some(&session_id), about, now);
        let event_of_it = event(kind, Some(how.to_owned()));
        let displaced = event(Kind::SessionDisplaced, None);
        Ok((Self { session, event: event_of_it, displaced }, tokens))
    }

    /// Stores the session. Where the account has as many as it may, the one that was used least recently is
    /// ended and given back: refusing would lock out whoever cannot reach the others any more.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub(super) fn store(&self, connection: &mut DbConnection) -> Result<Vec<String>, StoreError> {
        let Self { session, event, displaced } = self;
        let open = sessions::open(connection, &session.account_id, session.created_at)?;
        let ended: Vec<String> =
            open.into_iter().skip(MAX_SESSIONS - 1).map(|old| old.session_id).collect();
        for old in &ended {
            sessions::revoke(connection, &session.account_id, old, session.created_at)?;
        }
        sessions::insert(connection, session)?;
        trail::insert(connection, event)?;
        if !ended.is_empty() {
            let about = Some(ended.join(" "));
            trail::insert(connection, &EventRow { about, ..displaced.clone() })?;
        }
        Ok(ended)
    }
}

/// Opens a session of an account that exists.
///
/// # Errors
/// [`Code::Unavailable`](crate::error::Code::Unavailable).
pub(super) async fn open(
    state: &AppState,
    account_id: &str,
    device: &DeviceBody,
    how: &str,
) -> Result<SessionTokens, ApiError> {
    let now = state.clock.now();
    let (opening, tokens) = Opening::new(state, account_id, device, (Kind::SignedIn, how), now)?;
    let store = move |connection: &mut DbConnection| Ok::<_, ApiError>(opening.store(connection)?);
    for ended in state.store.write_unsynced(account_id, store).await? {
        shut_out(state, account_id, &ended, now);
    }
    Ok(tokens)
}

/// The open sessions of an account, the one used last first.
///
/// # Errors
/// [`Code::Unavailable`](crate::error::Code::Unavailable).
pub async fn list(state: &AppState, account_id: &str) -> Result<Vec<SessionRow>, ApiError> {
    let (account, now) = (account_id.to_owned(), state.clock.now().timestamp_millis());
    let read = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(sessions::open(connection, &account, now)?)
    };
    state.store.read(account_id, read).await
}

/// Ends a session; its access tokens stop working at once. `by` says who asked for it.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound) if the account has no such open session; [`Code::Unavailable`](crate::error::Code::Unavailable).
pub async fn end(
    state: &AppState,
    account_id: &str,
    session_id: &str,
    by: &str,
) -> Result<(), ApiError> {
    let now = state.clock.now();
    let event = if session_id == by {
        audit::event(state, account_id, Kind::SignedOut, Some(by), None, now)
    } else {
        let about = Some(session_id.to_owned());
        audit::event(state, account_id, Kind::SessionRevoked, Some(by), about, now)
    };
    let (account, session) = (account_id.to_owned(), session_id.to_owned());
    let end = move |connection: &mut DbConnection| {
        let millis = now.timestamp_millis();
        let found = sessions::find(connection, &account, &session)?;
        if !found.is_some_and(|found| found.revoked_at.is_none() && found.expires_at > millis) {
            return Err(ApiError::not_found("session", &session));
        }
        sessions::revoke(connection, &account, &session, millis)?;
        Ok::<_, ApiError>(trail::insert(connection, &event)?)
    };
    state.store.write_unsynced(account_id, end).await?;
    shut_out(state, account_id, session_id, now);
    Ok(())
}

/// Ends every open session of an account but `kept`, inside of a transaction, and names them.
///
/// # Errors
/// That the database is unavailable.
pub(super) fn end_others(
    connection: &mut DbConnection,
    account_id: &str,
    kept: Option<&str>,
    now: Instant,
) -> Result<Vec<String>, StoreError> {
    let millis = now.timestamp_millis();
    let open = sessions::open(connection, account_id, millis)?.into_iter();
    let ended: Vec<String> =
        open.map(|one| one.session_id).filter(|id| Some(id.as_str()) != kept).collect();
    for session_id in &ended {
        sessions::revoke(connection, account_id, session_id, millis)?;
    }
    Ok(ended)
}

/// Refuses the access tokens of an ended session, or an ended personal token, and ends its live streams.
pub(crate) fn shut_out(state: &AppState, account_id: &str, session_id: &str, now: Instant) {
    state.tokens.revoke(session_id, now);
    state.live.wake(account_id);
}

/// A refresh token as it is answered, with a new access token beside it.
///
/// # Errors
/// [`Code::Internal`](crate::error::Code::Internal) when the access token cannot be signed.
pub(super) fn session_tokens(
    state: &AppState,
    account_id: &str,
    session_id: &str,
    refresh: String,
    now: Instant,
) -> Result<SessionTokens, ApiError> {
    let jti = state.ids.record_id(now);
    Ok(SessionTokens {
        account_id: account_id.to_owned(),
        session_id: session_id.to_owned(),
        access_token: state.tokens.issue(account_id, session_id, ALL_SCOPES, jti, now)?,
        token_type: "Bearer".to_owned(),
        expires_in: LIFETIME_SECS,
        refresh_token: refresh,
        scope: ALL_SCOPES.to_owned(),
    })
}
