//! Who sends (RFC 8292): the signed token in the header `Authorization`, as a strict service reads it.

use afterview_domain::clock::Instant;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;

const DAY_S: i64 = 24 * 60 * 60;

#[derive(Deserialize)]
struct Claims {
    exp: i64,
    sub: Option<String>,
}

/// The key that signed the header, if that is what `origin` wants at `now`.
pub(super) fn signer(header: &str, origin: &str, now: Instant) -> Result<String, String> {
    let (scheme, rest) = header.split_once(' ').ok_or("no scheme")?;
    if !scheme.eq_ignore_ascii_case("vapid") {
        return Err("another scheme".to_owned());
    }
    let part = |name: &str| {
        let mut parts = rest.split(',').filter_map(|part| part.trim().split_once('='));
        parts.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    };
    let token = part("t").ok_or("no token")?;
    let key = part("k").ok_or("no key")?;
    let point = URL_SAFE_NO_PAD.decode(&key).map_err(|_none| "the key is no base64url")?;
    let mut validation = Validation::new(Algorithm::ES256);
    // Time is the double's own: it is checked below.
    validation.validate_exp = false;
    validation.set_audience(&[origin]);
    validation.set_required_spec_claims(&["aud", "exp"]);
    let claims = decode::<Claims>(&token, &DecodingKey::from_ec_der(&point), &validation);
    let claims = claims.map_err(|error| error.to_string())?.claims;
    let left = claims.exp - now.timestamp();
    if !(1..=DAY_S).contains(&left) {
        return Err(format!("the token is good for {left} s"));
    }
    // Optional in the standard; Apple wants it.
    let contact = claims.sub.ok_or("no contact")?;
    if !contact.starts_with("https:") && !contact.starts_with("mailto:") {
        return Err("the contact is no address".to_owned());
    }
    Ok(key)
}
