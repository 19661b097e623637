//! Access tokens: signed JWTs (RFC 9068, RFC 8725) that say which session may do what.
//!
//! **Must never** accept another algorithm or type than its own, or say why a token was refused.

use crate::auth::keys::{Jwk, KeyRing};
use crate::error::{ApiError, Code};
use afterview_domain::clock::Instant;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use lru::LruCache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// How long an access token lives, in seconds.
pub const LIFETIME_SECS: i64 = 15 * 60;

/// By how much the clocks of nodes may differ, in seconds: so much longer a token is accepted.
pub const LEEWAY_SECS: i64 = 30;

/// For how long after it was made a token may be accepted, in seconds.
pub const ACCEPTED_SECS: i64 = LIFETIME_SECS + LEEWAY_SECS;

/// The media type in the header of every access token.
const TYPE: &str = "at+jwt";

/// For whom access tokens are made.
const AUDIENCE: &str = "afterview";

/// The most verified tokens remembered: checking a signature costs about half as much as all the rest of a read. By
/// estimate each takes 650 bytes, so 10 MB when there are so many phones at once.
const REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(16_383);

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who made it: the public address of the server.
    pub iss: String,
    /// For whom: this API.
    pub aud: String,
    /// The account.
    pub sub: String,
    /// The session, which is a device.
    pub sid: String,
    /// What it allows, separated by blanks.
    pub scope: String,
    /// When it was made, Unix seconds.
    pub iat: i64,
    /// When it ends, Unix seconds.
    pub exp: i64,
    /// Its own identifier.
    pub jti: String,
}

/// Makes and checks access tokens.
pub struct Tokens {
    keys: RwLock<KeyRing>,
    issuer: String,
    verified: Mutex<LruCache<[u8; 32], Arc<Claims>>>,
    /// Ended sessions, until their last access token has run out (Unix seconds).
    revoked: RwLock<HashMap<String, i64>>,
}

impl Tokens {
    /// Signs with `keys` as `issuer`.
    #[must_use]
    pub fn new(keys: KeyRing, issuer: String) -> Self {
        let verified = Mutex::new(LruCache::new(REMEMBERED));
        Self { keys: RwLock::new(keys), issuer, verified, revoked: RwLock::default() }
    }

    /// Signs and verifies with other keys from now on. Says whether they differ from those before.
    pub fn use_keys(&self, keys: KeyRing) -> bool {
        let before = self.keys().public_keys();
        if before == keys.public_keys() {
            return false;
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        // Tokens whose key is gone must not be remembered as good.
        self.verified.lock().unwrap_or_else(PoisonError::into_inner).clear();
        true
    }

    fn keys(&self) -> std::sync::RwLockReadGuard<'_, KeyRing> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A token for one session.
    ///
    /// # Errors
    /// [`Code::Internal`] when signing fails.
    pub fn issue(
        &self,
        account_id: &str,
        session_id: &str,
        scope: &str,
        jti: String,
        now: Instant,
    ) -> Result<String, ApiError> {
        let keys = self.keys();
        let key = keys.signing(now).ok_or_else(|| ApiError::internal("no signing key"))?;
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: account_id.to_owned(),
            sid: session_id.to_owned(),
            scope: scope.to_owned(),
            iat: now.timestamp(),
            exp: now.timestamp() + LIFETIME_SECS,
            jti,
        };
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some(key.public.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        encode(&header, &claims, &key.encoding).map_err(ApiError::internal)
    }

    /// What a token says, if it is ours, unexpired and its session still open.
    ///
    /// # Errors
    /// [`Code::Unauthenticated`], always with the same words.
    pub fn verify(&self, token: &str, now: Instant) -> Result<Arc<Claims>, ApiError> {
        let refused = || {
            ApiError::new(
                Code::Unauthenticated,
                "the access token is missing, expired or not valid",
            )
        };
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let known =
            self.verified.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        let claims = match known {
            Some(claims) => claims,
            None => {
                let claims = Arc::new(self.check(token).ok_or_else(refused)?);
                let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
                verified.put(digest, Arc::clone(&claims));
                claims
            }
        };
        // A token from the future is as good as any that we signed: a clock was put back.
        let holds = now.timestamp() < claims.exp + LEEWAY_SECS;
        if holds && !self.is_revoked(&claims.sid) { Ok(claims) } else { Err(refused()) }
    }

    /// Everything but time and revocation: algorithm, type, key, signature, issuer, audience.
    fn check(&self, token: &str) -> Option<Claims> {
        let header = decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TYPE) || header.alg != Algorithm::EdDSA {
            return None;
        }
        let keys = self.keys();
        let key = keys.find(header.kid.as_deref()?)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Expiry is compared with the clock that was handed in, at every use.
        validation.validate_exp = false;
        decode(token, &key.decoding, &validation).ok().map(|data| data.claims)
    }

    /// Refuses the tokens of an ended session from now on.
    pub fn revoke(&self, session_id: &str, now: Instant) {
        let mut revoked = self.revoked.write().unwrap_or_else(PoisonError::into_inner);
        revoked.retain(|_, until| *until > now.timestamp());
        revoked.insert(session_id.to_owned(), now.timestamp() + ACCEPTED_SECS);
    }

    /// Whether a session was ended while tokens of it may still be unexpired.
    #[must_use]
    pub fn is_revoked(&self, session_id: &str) -> bool {
        self.revoked.read().unwrap_or_else(PoisonError::into_inner).contains_key(session_id)
    }

    /// Who makes the tokens: the public address of the server.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The public keys.
    #[must_use]
    pub fn public_keys(&self) -> Vec<Jwk> {
        self.keys().public_keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterview_domain::clock::from_millis;

    #[test]
    fn a_token_holds_across_a_rotation_and_is_refused_when_its_key_was_stolen() {
        let folder = tempfile::tempdir().expect("folder");
        let at = |secs: i64| from_millis(secs * 1_000);
        let keys = KeyRing::load_or_make(folder.path(), at(0)).expect("made");
        let tokens = Tokens::new(keys, "http://afterview.test".to_owned());
        let issue =
            |secs| tokens.issue("a", "s", "read", "j".to_owned(), at(secs)).expect("signed");
        let holds = |token: &str, secs| tokens.verify(token, at(secs)).is_ok();
        let reload = || tokens.use_keys(KeyRing::reload(folder.path()).expect("read"));
        let before = issue(100);
        KeyRing::rotate(folder.path(), at(100), false).expect("rotated");
        assert!(reload());
        assert!(!reload(), "the same keys again");
        let after = issue(800);
        assert!(holds(&before, 800) && holds(&after, 800));
        KeyRing::rotate(folder.path(), at(800), true).expect("rotated");
        assert!(reload());
        assert!(!holds(&before, 801) && !holds(&after, 801), "although they were verified before");
        assert!(holds(&issue(801), 801));
    }

    #[test]
    fn clocks_may_differ_by_half_a_minute_and_be_put_back() {
        let folder = tempfile::tempdir().expect("folder");
        let at = |secs: i64| from_millis(secs * 1_000);
        let keys = KeyRing::load_or_make(folder.path(), at(0)).expect("made");
        let tokens = Tokens::new(keys, "http://afterview.test".to_owned());
        let token = tokens.issue("a", "s", "read", "j".to_owned(), at(1_000)).expect("signed");
        for (secs, holds) in [(0, true), (1_929, true), (1_930, false)] {
            assert_eq!(tokens.verify(&token, at(secs)).is_ok(), holds, "{secs}");
        }
    }
}
