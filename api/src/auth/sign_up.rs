//! How accounts begin: with a password, as a guest, or through a provider of identities; and how a guest
//! becomes more than that without losing anything.
//!
//! **Must never** give an account a second address, or an identity to two accounts.

use crate::app::AppState;
use crate::auth::audit::{self, Kind};
use crate::auth::caller::{Account, SignedIn};
use crate::auth::sessions::Opening;
use crate::auth::sign_in::joined;
use crate::dto::account::UpgradeBody;
use crate::dto::auth::{DeviceBody, GuestBody, RegisterBody, SessionTokens};
use crate::error::{ApiError, Code};
use crate::store::accounts::NewAccount;
use crate::store::identities::IdentityRow;
use crate::store::{AccountWrite, DbConnection, accounts, audit as trail, epoch, identities};
use afterview_domain::clock::Instant;
use afterview_domain::entities::{Collection, FaultCode, PREFERENCES_ID};
use afterview_domain::sync;
use serde_json::{Map, Value};

/// Makes an account with its settings and a first session.
///
/// # Errors
/// [`Code::EmailTaken`]; [`Code::Unavailable`].
pub async fn register(state: &AppState, body: RegisterBody) -> Result<SessionTokens, ApiError> {
    let email = address(&body.email)?;
    let password_hash = state.passwords.hash(body.password).await?;
    let new = Newcomer { email: Some(email), password_hash: Some(password_hash), identity: None };
    new.settle(state, &body.device, body.time_zone, "password").await
}

/// Makes an account that only this device can reach.
///
/// # Errors
/// [`Code::Unavailable`].
pub async fn guest(state: &AppState, body: GuestBody) -> Result<SessionTokens, ApiError> {
    let new = Newcomer { email: None, password_hash: None, identity: None };
    new.settle(state, &body.device, body.time_zone, "guest").await
}

/// An account that is about to be made.
pub(super) struct Newcomer {
    pub(super) email: Option<String>,
    pub(super) password_hash: Option<String>,
    /// Whoever it is elsewhere; the account's identifier is filled in.
    pub(super) identity: Option<IdentityRow>,
}

impl Newcomer {
    /// Makes the account. `how` goes into the audit trail.
    ///
    /// # Errors
    /// [`Code::EmailTaken`]; [`Code::IdentityTaken`]; [`Code::Unavailable`].
    pub(super) async fn settle(
        self,
        state: &AppState,
        device: &DeviceBody,
        time_zone: Option<String>,
        how: &str,
    ) -> Result<SessionTokens, ApiError> {
        let now = state.clock.now();
        let account = NewAccount {
            account_id: state.ids.record_id(now),
            email: self.email,
            password_hash: self.password_hash,
            epoch: epoch::fresh(state.ids.as_ref()),
            created_at: now.timestamp_millis(),
        };
        let account_id = account.account_id.clone();
        let identity = self
            .identity
            .map(|identity| IdentityRow { account_id: account_id.clone(), ..identity });
        let kind = (Kind::Registered, how);
        let (opening, tokens) = Opening::new(state, &account_id, device, kind, now)?;
        let zone = time_zone.map(|zone| ("time_zone".to_owned(), Value::from(zone)));
        let preferences: Map<String, Value> = zone.into_iter().collect();
        let write = move |connection: &mut DbConnection| {
            if !accounts::insert(connection, &account)? {
                return Err(taken(Code::EmailTaken));
            }
            if let Some(identity) = &identity
                && !identities::insert(connection, identity)?
            {
                return Err(taken(Code::IdentityTaken));
            }
            opening.store(connection)?;
            begin(connection, &opening, &preferences, now)
        };
        state.store.write_new(&account_id, write).await?;
        Ok(tokens)
    }
}

/// Writes the first record of a new account: its settings.
fn begin(
    connection: &mut DbConnection,
    opening: &Opening,
    preferences: &Map<String, Value>,
    now: Instant,
) -> Result<(), ApiError> {
    let session = &opening.session;
    let mut unit = AccountWrite::begin(connection, &session.account_id, &session.session_id, now)?;
    sync::create(&mut unit, Collection::Preferences, PREFERENCES_ID, preferences)?;
    unit.finish()?;
    Ok(())
}

/// Gives an account a way to sign in elsewhere: an address with a password, or an identity.
///
/// # Errors
/// [`Code::WrongState`] when it has an address already; [`Code::EmailTaken`]; [`Code::IdentityTaken`];
/// [`Code::InvalidIdToken`]; [`Code::Unavailable`].
pub async fn upgrade(
    state: &AppState,
    SignedIn(caller): &SignedIn<Account>,
    body: UpgradeBody,
) -> Result<(), ApiError> {
    let way = Way::of(state, body).await?;
    let how = way.name().to_owned();
    let (account_id, now) = (caller.account_id().to_owned(), state.clock.now());
    let session_id = Some(caller.session_id());
    let event = audit::event(state, &account_id, Kind::Upgraded, session_id, Some(how), now);
    let join = move |connection: &mut DbConnection| {
        way.open(connection, &account_id)?;
        Ok::<_, ApiError>(trail::insert(connection, &event)?)
    };
    state.store.write_unsynced(caller.account_id(), join).await
}

/// A way to sign in that an account is to get.
enum Way {
    Password { email: String, hash: String },
    Identity(IdentityRow),
}

impl Way {
    async fn of(state: &AppState, body: UpgradeBody) -> Result<Self, ApiError> {
        let UpgradeBody { email, password, provider, id_token, nonce } = body;
        match (email, password, provider, id_token, nonce) {
            (Some(email), Some(password), None, None, None) => {
                let email = address(&email)?;
                Ok(Self::Password { email, hash: state.passwords.hash(password).await? })
            }
            (None, None, Some(provider), Some(id_token), Some(nonce)) => {
                let identity = state.oidc.verify(&provider, &id_token, &nonce).await?;
                Ok(Self::Identity(joined(identity, state.clock.now())))
            }
            _ => Err(ApiError::field(
                "",
                FaultCode::Inconsistent,
                "give either email and password, or provider, id_token and nonce",
            )),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Password { .. } => "password",
            Self::Identity(identity) => &identity.provider,
        }
    }

    fn open(&self, connection: &mut DbConnection, account_id: &str) -> Result<(), ApiError> {
        match self {
            Self::Password { email, hash } => {
                if accounts::find(connection, account_id)?.email.is_some() {
                    let detail = "the account has an address; change it by PATCH /v1/account";
                    return Err(ApiError::new(Code::WrongState, detail));
                }
                if !accounts::set_email(connection, account_id, email)? {
                    return Err(taken(Code::EmailTaken));
                }
                accounts::set_password(connection, account_id, hash)?;
            }
            Self::Identity(identity) => {
                let own = identities::of(connection, account_id)?;
                if own.iter().any(|known| known.identity_hash == identity.identity_hash) {
                    return Ok(());
                }
                let mine = IdentityRow { account_id: account_id.to_owned(), ..identity.clone() };
                if !identities::insert(connection, &mine)? {
                    return Err(taken(Code::IdentityTaken));
                }
            }
        }
        Ok(())
    }
}

/// An address as it is stored, in lower case.
///
/// # Errors
/// [`Code::ValidationFailed`] when it can be none.
pub(super) fn address(given: &str) -> Result<String, ApiError> {
    let address = given.trim();
    let plausible =
        address.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    if !plausible || address.contains(char::is_whitespace) {
        return Err(ApiError::field(
            "/email",
            FaultCode::Format,
            "expected an e-mail address such as anna@example.org",
        ));
    }
    Ok(address.to_lowercase())
}

/// Somebody else has it.
pub(super) fn taken(code: Code) -> ApiError {
    let detail = match code {
        Code::EmailTaken => "sign in instead, or use another address",
        _ => "sign in with it instead",
    };
    ApiError::new(code, detail)
}
