//! Who is calling, and what they may do.
//!
//! A session is a device. Its access token is a signed JWT of 15 minutes, its refresh token an
//! opaque secret that changes at every use. Programs of an account's owner have personal tokens.
//! Handlers name the scope that they need in their signature, as [`Caller<scope>`](caller::Caller), and
//! [`SignedIn<scope>`](caller::SignedIn) where a personal token does not do.
//!
//! **Must never** store, log or print a password or a token, only their digests.

pub mod access_tokens;
pub mod account;
pub mod audit;
pub mod calendar_feeds;
pub mod caller;
pub mod deletion;
pub mod devices;
pub mod keys;
pub mod oidc;
pub mod password_changes;
pub mod passwords;
pub mod refresh;
pub mod sessions;
pub mod sign_in;
pub mod sign_up;
pub mod tickets;
pub mod tokens;

pub use caller::{Caller, SignedIn};

use crate::app::AppState;
use afterview_domain::hex::hex;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The most open sessions of an account. A further sign-in ends the one used least recently.
pub const MAX_SESSIONS: usize = 20;

/// The most personal access tokens of an account.
pub const MAX_ACCESS_TOKENS: usize = 20;

/// The most calendar feeds of an account.
pub const MAX_CALENDAR_FEEDS: usize = 10;

/// SHA-256 in hexadecimal: how tokens are stored.
pub(crate) fn digest(token: &str) -> String {
    hex(Sha256::digest(token.as_bytes()))
}

/// 256 random bits in base64url.
fn secret(state: &AppState) -> String {
    let mut secret = [0_u8; 32];
    state.ids.fill(&mut secret);
    URL_SAFE_NO_PAD.encode(secret)
}
