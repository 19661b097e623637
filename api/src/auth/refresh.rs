//! Refresh tokens: each works once and is exchanged for its successor.
//!
//! The successor is made from the token before and a salt that the session keeps, so whoever lost the
//! answer gets the very same one again, however often and from however many requests at once. Neither
//! the token alone nor what is stored alone is enough to make it.
//!
//! **Must never** store a token, only its digest.

use crate::app::AppState;
use crate::auth::audit::{self, Kind};
use crate::auth::sessions::{ABSOLUTE_MILLIS, IDLE_MILLIS, session_tokens, shut_out};
use crate::auth::{digest, secret};
use crate::dto::auth::SessionTokens;
use crate::error::{ApiError, Code};
use crate::store::audit::EventRow;
use crate::store::sessions::SessionRow;
use crate::store::{DbConnection, audit as trail, sessions};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

/// For so long after a rotation the token before still gets the same answer: the first may have got lost.
pub const GRACE_MILLIS: i64 = 60 * 1_000;

/// What begins every refresh token, so that scanners can recognise a leaked one.
const PREFIX: &str = "afr_";

/// The first refresh token of a session: `afr_<account>.<session>.<256 random bits>`. Naming both keeps
/// the look-up inside the account.
pub(super) fn refresh_token(state: &AppState, account_id: &str, session_id: &str) -> String {
    format!("{PREFIX}{account_id}.{session_id}.{}", secret(state))
}

/// Exchanges a refresh token for its successor and a new access token.
///
/// # Errors
/// [`Code::InvalidRefreshToken`]. A token that was exchanged before and comes again after the
/// grace ends its session: somebody else has it.
pub async fn refresh(state: &AppState, token: &str) -> Result<SessionTokens, ApiError> {
    let now = state.clock.now();
    let (account_id, session_id) = names(token).ok_or_else(refused)?;
    let about = Some(session_id.clone());
    let event = audit::event(state, &account_id, Kind::RefreshTokenReused, None, about, now);
    let presented = Presented {
        token: token.to_owned(),
        account_id: account_id.clone(),
        session_id: session_id.clone(),
        salt: secret(state),
        now: now.timestamp_millis(),
        event,
    };
    let exchange = move |connection: &mut DbConnection| presented.exchange(connection);
    match state.store.write_unsynced(&account_id, exchange).await {
        Ok(Exchange::Successor(successor)) => {
            session_tokens(state, &account_id, &session_id, successor, now)
        }
        Ok(Exchange::Reused) => {
            tracing::warn!(session_id, "a used refresh token came again; the session is ended");
            shut_out(state, &account_id, &session_id, now);
            Err(refused())
        }
        Ok(Exchange::Refused) => Err(refused()),
        // There is no such account any more.
        Err(error) if error.code() == Code::Unauthenticated => Err(refused()),
        Err(error) => Err(error),
    }
}

enum Exchange {
    Successor(String),
    Reused,
    Refused,
}

/// A refresh token that somebody shows.
struct Presented {
    token: String,
    account_id: String,
    session_id: String,
    /// What its successor is made with, if it has none yet.
    salt: String,
    now: i64,
    event: EventRow,
}

impl Presented {
    fn exchange(&self, connection: &mut DbConnection) -> Result<Exchange, ApiError> {
        let found = sessions::find(connection, &self.account_id, &self.session_id)?;
        let open =
            |session: &SessionRow| session.revoked_at.is_none() && session.expires_at > self.now;
        let Some(session) = found.filter(open) else { return Ok(Exchange::Refused) };
        let presented = digest(&self.token);
        if same(&presented, &session.refresh_hash) {
            return self.rotate(connection, session, &presented);
        }
        // Only somebody who had the token can present its digest: made-up ones end nothing.
        let used_at =
            sessions::used_at(connection, &self.account_id, &self.session_id, &presented)?;
        let Some(used_at) = used_at else { return Ok(Exchange::Refused) };
        let again = session.rotation_salt.as_deref().and_then(|salt| self.successor(salt));
        let latest = again.filter(|token| same(&digest(token), &session.refresh_hash));
        if let Some(successor) = latest.filter(|_| self.now - used_at <= GRACE_MILLIS) {
            return Ok(Exchange::Successor(successor));
        }
        sessions::revoke(connection, &self.account_id, &self.session_id, self.now)?;
        trail::insert(connection, &self.event)?;
        Ok(Exchange::Reused)
    }

    fn rotate(
        &self,
        connection: &mut DbConnection,
        mut session: SessionRow,
        used: &str,
    ) -> Result<Exchange, ApiError> {
        let made = self.successor(&self.salt);
        let successor = made.ok_or_else(|| ApiError::internal("a salt of ours is not base64"))?;
        session.refresh_hash = digest(&successor);
        session.rotation_salt = Some(self.salt.clone());
        session.rotated_at = self.now;
        session.expires_at = (self.now + IDLE_MILLIS).min(session.created_at + ABSOLUTE_MILLIS);
        sessions::rotate(connection, &session, used)?;
        Ok(Exchange::Successor(successor))
    }

    fn successor(&self, salt: &str) -> Option<String> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &URL_SAFE_NO_PAD.decode(salt).ok()?);
        let made = hmac::sign(&key, self.token.as_bytes());
        let (account_id, session_id) = (&self.account_id, &self.session_id);
        Some(format!("{PREFIX}{account_id}.{session_id}.{}", URL_SAFE_NO_PAD.encode(made)))
    }
}

/// The account and the session that a token names. Public for fuzzing only.
#[doc(hidden)]
#[must_use]
pub fn names(token: &str) -> Option<(String, String)> {
    let mut parts = token.strip_prefix(PREFIX)?.splitn(3, '.');
    let (account_id, session_id) = (parts.next()?, parts.next()?);
    parts.next()?;
    Some((account_id.to_owned(), session_id.to_owned()))
}

fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

fn refused() -> ApiError {
    ApiError::new(Code::InvalidRefreshToken, "sign in again")
}
