//! Providers of identities (OpenID Connect): who somebody is, as an ID token says it.
//!
//! Apps get the token from the provider by themselves; here it is only checked: by whom (`settings`), with
//! which key (`discovery`, `key_set`, `cache`), and what it claims (`token`). With `jsonwebtoken`, which signs
//! our own tokens: the crate `openidconnect` (4.1.0) would bring a second family of cryptographic libraries,
//! `rsa` among them.
//!
//! **Must never** find an account by an address: an identity is issuer and subject, nothing else. And never
//! say to whoever shows a token why it is refused.

mod cache;
mod discovery;
mod key_set;
mod settings;
mod token;

pub use discovery::FetchError;
#[doc(hidden)]
pub use discovery::max_age;
pub use settings::{ProviderSettings, read};

use crate::auth::digest;
use crate::config::Config;
use crate::error::{ApiError, Code};
use crate::store::OpenError;
use afterview_domain::clock::{Clock, Instant};
use cache::KeyCache;
use discovery::Source;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use token::{Expected, Person};

/// The longest wait for a provider.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Somebody whom a provider knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider's name in the settings.
    pub provider: String,
    /// The provider's address.
    pub issuer: String,
    /// Who it is there; never given to anybody else.
    pub subject: String,
    /// The address that the provider told, if any; for the owner to read.
    pub email: Option<String>,
}

impl Identity {
    /// By what the identity is looked up: SHA-256 of issuer and subject in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> String {
        digest(&format!("{}\0{}", self.issuer, self.subject))
    }
}

/// Why there is no identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// The token is not good; why, for the log only.
    Token(&'static str),
    /// The provider cannot be asked for its keys.
    OutOfReach,
}

impl Refusal {
    const NO_SUCH_KEY: Self = Self::Token("a key that the provider does not have");
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Token(_) => Self::new(Code::InvalidIdToken, "sign in with the provider again"),
            Refusal::OutOfReach => Self::new(
                Code::Unavailable,
                "the provider is out of reach; please try again in a moment",
            ),
        }
    }
}

/// Whom a token names, by a set of keys as a provider sends it: what [`Providers::verify`] does without a
/// provider. Public for fuzzing only.
#[doc(hidden)]
#[must_use]
pub fn judge(
    keys: &[u8],
    id_token: &str,
    settings: &ProviderSettings,
    nonce: &str,
    now: Instant,
) -> Option<(String, Option<String>)> {
    let keys = key_set::KeySet::read(keys)?;
    let key = keys.find(&token::wanted(id_token).ok()?)?;
    let ProviderSettings { issuer, audiences, .. } = settings;
    let person = token::check(id_token, &key, &Expected { issuer, audiences, nonce, now }).ok()?;
    Some((person.subject, person.email))
}

struct Provider {
    settings: ProviderSettings,
    keys: KeyCache,
}

/// The configured providers.
pub struct Providers {
    by_name: BTreeMap<String, Provider>,
    clock: Arc<dyn Clock>,
}

impl Providers {
    /// Those of the file that the settings name; none if they name no file.
    ///
    /// # Errors
    /// One sentence for each fault of the file.
    pub fn from_config(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let settings = config.oidc.as_deref().map(read).transpose()?;
        Self::new(settings.unwrap_or_default(), TIMEOUT, clock)
    }

    /// Providers that have `timeout` for each answer. None is asked for anything before it is needed.
    ///
    /// # Errors
    /// One sentence: a provider's address or the library for TLS cannot be used.
    pub fn new(
        settings: Vec<ProviderSettings>,
        timeout: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let mut by_name = BTreeMap::new();
        for settings in settings {
            let name = settings.name.clone();
            let source = Source::new(&settings.issuer, timeout)
                .map_err(|why| OpenError(format!("cannot use the provider {name}: {why}")))?;
            let keys = KeyCache::new(name.clone(), source, Arc::clone(&clock));
            by_name.insert(name, Provider { settings, keys });
        }
        Ok(Self { by_name, clock })
    }

    /// Who `id_token` says somebody is. `nonce` is what the app kept; the token has its SHA-256.
    ///
    /// # Errors
    /// [`Code::NotFound`] for a provider that is not configured; [`Code::InvalidIdToken`];
    /// [`Code::Unavailable`] when the provider's keys are needed and cannot be had.
    pub async fn verify(
        &self,
        provider: &str,
        id_token: &str,
        nonce: &str,
    ) -> Result<Identity, ApiError> {
        let known =
            self.by_name.get(provider).ok_or_else(|| ApiError::not_found("provider", provider))?;
        let person = known.person(id_token, nonce, &*self.clock).await.map_err(|refusal| {
            if let Refusal::Token(why) = refusal {
                tracing::debug!(provider, why, "an ID token was refused");
            }
            ApiError::from(refusal)
        })?;
        Ok(Identity {
            provider: provider.to_owned(),
            issuer: known.settings.issuer.clone(),
            subject: person.subject,
            email: person.email,
        })
    }

    /// Asks every provider for its keys, and gives for each its name and the number of those that can be
    /// used.
    pub async fn probe(&self) -> Vec<(&str, Result<usize, FetchError>)> {
        let mut found = Vec::new();
        for (name, provider) in &self.by_name {
            found.push((name.as_str(), provider.keys.probe().await));
        }
        found
    }
}

impl Provider {
    async fn person(
        &self,
        id_token: &str,
        nonce: &str,
        clock: &dyn Clock,
    ) -> Result<Person, Refusal> {
        let wanted = token::wanted(id_token).map_err(Refusal::Token)?;
        let key = self.keys.find(&wanted).await?;
        let ProviderSettings { issuer, audiences, .. } = &self.settings;
        let expected = Expected { issuer, audiences, nonce, now: clock.now() };
        token::check(id_token, &key, &expected).map_err(Refusal::Token)
    }
}
