//! Who may follow the live stream: a caller with an access token, or with a ticket got for one.
//!
//! A browser's `EventSource` cannot send headers, and an access token in an address would end up in
//! logs. A ticket may: it works once and for a minute.
//!
//! **Must never** store or log a ticket, only its digest.

use crate::app::AppState;
use crate::auth::caller::{Caller, SignedIn, Sync};
use crate::auth::tokens::LIFETIME_SECS;
use crate::auth::{digest, secret};
use crate::error::{ApiError, Code};
use crate::store::tickets::TicketRow;
use crate::store::{DbConnection, sessions, tickets};
use afterview_domain::clock::Instant;

/// How long a ticket works, in seconds.
pub const TICKET_SECS: i64 = 60;

/// What somebody may follow, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The account.
    pub account_id: String,
    /// The session, which is a device.
    pub session_id: String,
    /// When it ends, Unix seconds.
    pub ends_at: i64,
}

impl From<&Caller<Sync>> for Grant {
    fn from(caller: &Caller<Sync>) -> Self {
        Self {
            account_id: caller.account_id().to_owned(),
            session_id: caller.session_id().to_owned(),
            ends_at: caller.expires_at(),
        }
    }
}

impl Grant {
    /// Whether it still holds: neither over nor its session ended.
    #[must_use]
    pub fn holds(&self, state: &AppState, now: Instant) -> bool {
        now.timestamp() < self.ends_at && !state.tokens.is_revoked(&self.session_id)
    }
}

/// Makes a ticket for the caller's account: `<account>.<256 random bits>`, so that looking it up
/// stays inside the account.
///
/// # Errors
/// [`Code::Unavailable`].
pub async fn issue(
    state: &AppState,
    SignedIn(caller): &SignedIn<Sync>,
) -> Result<String, ApiError> {
    let now = state.clock.now().timestamp_millis();
    let ticket = format!("{}.{}", caller.account_id(), secret(state));
    let row = TicketRow {
        account_id: caller.account_id().to_owned(),
        ticket_hash: digest(&ticket),
        session_id: caller.session_id().to_owned(),
        expires_at: now + TICKET_SECS * 1_000,
    };
    let insert = move |connection: &mut DbConnection| {
        tickets::insert(connection, &row, now).map_err(ApiError::from)
    };
    state.store.write_unsynced(caller.account_id(), insert).await?;
    Ok(ticket)
}

/// Uses a ticket up. What it opens lasts as long as an access token made at this moment.
///
/// # Errors
/// [`Code::Unauthenticated`], with the same words for a used, an expired and a made-up one, and when
/// its session has ended.
pub async fn redeem(state: &AppState, ticket: &str) -> Result<Grant, ApiError> {
    let refused =
        || ApiError::new(Code::Unauthenticated, "the ticket is used, expired or not valid");
    let (account_id, _) = ticket.split_once('.').ok_or_else(refused)?;
    let (hash, now, account) = (digest(ticket), state.clock.now(), account_id.to_owned());
    let take = move |connection: &mut DbConnection| {
        let millis = now.timestamp_millis();
        let Some(session_id) = tickets::take(connection, &account, &hash, millis)? else {
            return Ok(None);
        };
        let session = sessions::find(connection, &account, &session_id)?;
        let open = session.filter(|session| session.revoked_at.is_none());
        Ok::<_, ApiError>(open.map(|session| (session.account_id, session.session_id)))
    };
    let taken = match state.store.write_unsynced(account_id, take).await {
        // There is no such account.
        Err(error) if error.code() == Code::Unauthenticated => None,
        outcome => outcome?,
    };
    let (account_id, session_id) = taken.ok_or_else(refused)?;
    Ok(Grant { account_id, session_id, ends_at: now.timestamp() + LIFETIME_SECS })
}
