//! Signing in on a device: with a password, or with an ID token of a provider of identities.
//!
//! **Must never** say or show by its time whether an address has an account.

use crate::app::AppState;
use crate::auth::oidc::Identity;
use crate::auth::sessions;
use crate::auth::sign_up::Newcomer;
use crate::dto::auth::{LoginBody, OidcBody, SessionTokens};
use crate::error::{ApiError, Code};
use crate::store::identities::IdentityRow;
use crate::store::{DbConnection, accounts, identities};
use afterview_domain::clock::Instant;

/// Opens a session for a known account.
///
/// # Errors
/// [`Code::WrongCredentials`] for an unknown address and a wrong password alike.
pub async fn login(state: &AppState, body: LoginBody) -> Result<SessionTokens, ApiError> {
    let account_id = check(state, &body.email, body.password).await?;
    sessions::open(state, &account_id, &body.device, "password").await
}

/// Whose the address and the password are.
///
/// # Errors
/// As [`login`].
pub async fn check(state: &AppState, email: &str, password: String) -> Result<String, ApiError> {
    let email = email.trim().to_lowercase();
    state.rates.password(&email)?;
    let find = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(accounts::by_email(connection, &email)?)
    };
    let (account_id, hash) = match state.store.read_directory(find).await? {
        Some(found) => (Some(found.account_id), found.password_hash),
        None => (None, None),
    };
    let matches = state.passwords.verify(password, hash).await?;
    account_id.filter(|_| matches).ok_or_else(wrong)
}

/// The address or the password is wrong.
pub(super) fn wrong() -> ApiError {
    ApiError::new(Code::WrongCredentials, "check both and try again")
}

/// Opens a session for whoever the provider says it is; who comes for the first time gets an account.
///
/// # Errors
/// [`Code::NotFound`] for a provider that is not configured; [`Code::InvalidIdToken`];
/// [`Code::Unavailable`], also when the provider is out of reach.
pub async fn oidc(
    state: &AppState,
    provider: &str,
    body: OidcBody,
) -> Result<SessionTokens, ApiError> {
    let identity = state.oidc.verify(provider, &body.id_token, &body.nonce).await?;
    let row = joined(identity, state.clock.now());
    if let Some(account_id) = owner(state, &row.identity_hash).await? {
        return sessions::open(state, &account_id, &body.device, provider).await;
    }
    let hash = row.identity_hash.clone();
    let new = Newcomer { email: None, password_hash: None, identity: Some(row) };
    match new.settle(state, &body.device, body.time_zone, provider).await {
        // Two devices of one person came for the first time, at the same moment.
        Err(error) if error.code() == Code::IdentityTaken => {
            let account_id = owner(state, &hash).await?.ok_or(error)?;
            sessions::open(state, &account_id, &body.device, provider).await
        }
        outcome => outcome,
    }
}

async fn owner(state: &AppState, hash: &str) -> Result<Option<String>, ApiError> {
    let hash = hash.to_owned();
    let find = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(identities::owner(connection, &hash)?)
    };
    state.store.read_directory(find).await
}

/// An identity as it is stored, without its account.
pub(super) fn joined(identity: Identity, now: Instant) -> IdentityRow {
    IdentityRow {
        account_id: String::new(),
        identity_hash: identity.hash(),
        provider: identity.provider,
        issuer: identity.issuer,
        subject: identity.subject,
        email: identity.email,
        created_at: now.timestamp_millis(),
    }
}
