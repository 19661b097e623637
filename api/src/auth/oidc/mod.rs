//! Providers of identities (OpenID Connect): who somebody is, as an ID token says it.
//!
//! **Must never** find an account by an address: an identity is issuer and subject, nothing else.

use crate::auth::digest;
use crate::error::ApiError;

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

/// The configured providers.
#[derive(Debug, Default)]
pub struct Providers;

impl Providers {
    /// Who `id_token` says somebody is. `nonce` is what the app kept; the token has its SHA-256.
    ///
    /// # Errors
    /// [`Code::NotFound`](crate::error::Code::NotFound) for a provider that is not configured.
    pub async fn verify(
        &self,
        provider: &str,
        _id_token: &str,
        _nonce: &str,
    ) -> Result<Identity, ApiError> {
        std::future::ready(Err(ApiError::not_found("provider", provider))).await
    }
}
