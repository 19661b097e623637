//! Is this ID token one of the provider's, for one of our apps, for this sign-in, now?
//!
//! The library below checks the signature; what the token claims is checked here, because the library knows
//! only the time of the system, and takes lists where one issuer must be named.
//!
//! **Must never** put anything of a token into a reason: reasons are logged.

use super::key_set::{Key, Wanted};
use crate::auth::digest;
use afterview_domain::clock::Instant;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashSet;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// So far, in seconds, the clocks of the provider and of this server may differ.
pub(super) const LEEWAY_SECS: u64 = 60;

/// The longest name of a person at a provider (OpenID Connect Core, section 2).
const MAX_SUBJECT: usize = 255;

/// The longest e-mail address that is kept.
const MAX_EMAIL: usize = 254;

const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// What a token must fit.
pub(super) struct Expected<'e> {
    pub(super) issuer: &'e str,
    /// The identifiers of our apps.
    pub(super) audiences: &'e [String],
    /// What the app kept; the token has its digest.
    pub(super) nonce: &'e str,
    pub(super) now: Instant,
}

/// Whom a good token names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) subject: String,
    pub(super) email: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: String,
    email: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Which key a token says it was signed with.
///
/// # Errors
/// Why no key can be the right one.
pub(super) fn wanted(token: &str) -> Result<Wanted, &'static str> {
    let header = decode_header(token).map_err(|_unreadable| "its header cannot be read")?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err("it is signed by an algorithm that is not allowed");
    }
    if header.crit.is_some() {
        return Err("it demands an extension");
    }
    Ok(Wanted { name: header.kid, algorithm: header.alg })
}

/// Whom `token` names, if `key` signed it and all of it is as it must be.
///
/// # Errors
/// The first thing that is not.
pub(super) fn check(
    token: &str,
    key: &Key,
    expected: &Expected<'_>,
) -> Result<Person, &'static str> {
    let mut signature_only = Validation::new(key.algorithm);
    signature_only.required_spec_claims = HashSet::new();
    signature_only.validate_exp = false;
    signature_only.validate_aud = false;
    let claims = match decode::<Claims>(token, &key.decoding, &signature_only) {
        Ok(decoded) => decoded.claims,
        Err(error) => return Err(why(error.kind())),
    };
    if claims.iss != expected.issuer {
        return Err("another issuer");
    }
    for_us(&claims, expected.audiences)?;
    timely(&claims, expected.now)?;
    let nonce = digest(expected.nonce);
    if !bool::from(claims.nonce.as_bytes().ct_eq(nonce.as_bytes())) {
        return Err("another nonce");
    }
    let subject = claims.sub;
    if !is_text(&subject, MAX_SUBJECT) || subject.is_empty() {
        return Err("a subject that is no name");
    }
    let email = match claims.email {
        Some(Value::String(email)) if is_text(&email, MAX_EMAIL) => Some(email),
        _ => None,
    };
    Ok(Person { subject, email })
}

/// Texts of the library may quote the token.
fn why(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSignature => "another signature",
        ErrorKind::InvalidAlgorithm => "another algorithm than that of the key",
        ErrorKind::Json(_) => "a claim is missing or of another kind",
        _ => "it cannot be read",
    }
}

/// With several audiences, the token must have been made for one of our apps: any of them can show it.
fn for_us(claims: &Claims, ours: &[String]) -> Result<(), &'static str> {
    let is_ours = |audience: &String| ours.contains(audience);
    match &claims.aud {
        Audience::One(one) if is_ours(one) => Ok(()),
        Audience::Several(several) if several.iter().any(is_ours) => {
            let made_for_us = several.len() == 1 || claims.azp.as_ref().is_some_and(is_ours);
            made_for_us.then_some(()).ok_or("several audiences, made for another one")
        }
        _ => Err("another audience"),
    }
}

fn timely(claims: &Claims, now: Instant) -> Result<(), &'static str> {
    const NO_TIME: &str = "a time that is none";
    let seconds = |time: f64| {
        Duration::try_from_secs_f64(time).map(|time| time.as_secs()).map_err(|_outside| NO_TIME)
    };
    let now = u64::try_from(now.timestamp()).map_err(|_before_1970| NO_TIME)?;
    if now >= seconds(claims.exp)?.saturating_add(LEEWAY_SECS) {
        return Err("its time is over");
    }
    let latest = now.saturating_add(LEEWAY_SECS);
    if seconds(claims.iat)? > latest {
        return Err("made in the future");
    }
    if let Some(begin) = claims.nbf
        && seconds(begin)? > latest
    {
        return Err("its time has not begun");
    }
    Ok(())
}

/// Whether it can be stored and shown: PostgreSQL takes no zero in a text, and people no control characters.
fn is_text(text: &str, longest: usize) -> bool {
    text.chars().count() <= longest && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests;
