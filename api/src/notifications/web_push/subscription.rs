//! Where a message goes and for whom it is encrypted: what a browser gives to a page that subscribes.
//!
//! **Must never** show a subscription: whoever has its address can send to it, and whoever has its
//! secrets can write what the browser takes for ours.

use crate::notifications::fcm::endpoint::is_loopback;
use aws_lc_rs::agreement::{ECDH_P256, ParsedPublicKey, UnparsedPublicKey};
use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use reqwest::Url;
use std::fmt;

/// The longest address of a subscription, in bytes. Real ones have some hundred.
pub const MAX_ENDPOINT_BYTES: usize = 2048;

/// Bytes of an uncompressed point of P-256.
pub(super) const POINT_BYTES: usize = 65;

/// Bytes of the secret that browser and server share (RFC 8291, section 3.2).
pub(super) const AUTH_BYTES: usize = 16;

/// Browsers leave the padding out, some libraries write it.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One thing that is wrong with a subscription. The value itself is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} {detail}")]
pub struct Problem {
    /// Which part of it: `endpoint`, `p256dh` or `auth`.
    pub field: &'static str,
    /// What it must be, as the end of a sentence about it.
    pub detail: &'static str,
}

/// A subscription of one browser, or one app that has UnifiedPush.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscription {
    endpoint: Url,
    p256dh: [u8; POINT_BYTES],
    auth: [u8; AUTH_BYTES],
}

impl fmt::Debug for Subscription {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Subscription [hidden]")
    }
}

impl Subscription {
    /// Reads what `PushSubscription.toJSON()` gives: the address of the subscription at its push
    /// service, https (or http on this machine itself), at most [`MAX_ENDPOINT_BYTES`]; the browser's
    /// public key, an uncompressed point of P-256; the shared secret of 16 bytes. Both are base64url,
    /// with or without padding.
    ///
    /// Whether the address is within reach is not looked at here: see [`super::Client::check`].
    ///
    /// # Errors
    /// Everything that is wrong, each in one sentence.
    pub fn parse(endpoint: &str, p256dh: &str, auth: &str) -> Result<Self, Vec<Problem>> {
        let read = (read_endpoint(endpoint), read_point(p256dh), read_auth(auth));
        if let (Ok(endpoint), Ok(p256dh), Ok(auth)) = read {
            return Ok(Self { endpoint, p256dh, auth });
        }
        let problem =
            |field, found: Option<&'static str>| found.map(|detail| Problem { field, detail });
        let (endpoint, p256dh, auth) = read;
        Err([
            problem("endpoint", endpoint.err()),
            problem("p256dh", p256dh.err()),
            problem("auth", auth.err()),
        ]
        .into_iter()
        .flatten()
        .collect())
    }

    /// Its address at the push service. A secret.
    pub(super) fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// The push service: scheme, host and port of the address, as `aud` names it.
    pub(super) fn origin(&self) -> String {
        self.endpoint.origin().ascii_serialization()
    }

    /// The browser's public key.
    pub(super) fn p256dh(&self) -> &[u8; POINT_BYTES] {
        &self.p256dh
    }

    /// The secret that only browser and server know.
    pub(super) fn auth(&self) -> &[u8; AUTH_BYTES] {
        &self.auth
    }
}

fn read_endpoint(text: &str) -> Result<Url, &'static str> {
    const EXPECTED: &str = "must be an https address, or an http address of this machine itself";
    if text.len() > MAX_ENDPOINT_BYTES {
        return Err("must not have more than 2048 bytes");
    }
    let url = Url::parse(text).map_err(|_unreadable| EXPECTED)?;
    let allowed = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if !allowed || url.host_str().is_none_or(str::is_empty) {
        return Err(EXPECTED);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or a password");
    }
    if url.fragment().is_some() {
        return Err("must not have a part behind #");
    }
    Ok(url)
}

fn read_point(text: &str) -> Result<[u8; POINT_BYTES], &'static str> {
    const EXPECTED: &str = "must be an uncompressed point of P-256 (65 bytes) in base64url";
    let point: [u8; POINT_BYTES] = read_bytes(text).ok_or(EXPECTED)?;
    // A form of as many bytes exists that browsers never write.
    let uncompressed = point.first() == Some(&4);
    let parsed = ParsedPublicKey::try_from(UnparsedPublicKey::new(&ECDH_P256, point));
    if uncompressed && parsed.is_ok() { Ok(point) } else { Err(EXPECTED) }
}

fn read_auth(text: &str) -> Result<[u8; AUTH_BYTES], &'static str> {
    read_bytes(text).ok_or("must be 16 bytes in base64url")
}

fn read_bytes<const COUNT: usize>(text: &str) -> Option<[u8; COUNT]> {
    // Nothing that long has so few bytes.
    if text.len() > 2 * COUNT {
        return None;
    }
    BASE64URL.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDPOINT: &str = "https://push.example.org/s/abc?up=1";
    /// The receiver of the example in RFC 8291, appendix A.
    const POINT: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    fn problems(endpoint: &str, p256dh: &str, auth: &str) -> Vec<String> {
        let problems = Subscription::parse(endpoint, p256dh, auth).expect_err("problems");
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_browser_gives_is_read_with_and_without_padding() {
        let plain = Subscription::parse(ENDPOINT, POINT, AUTH).expect("a subscription");
        let padded =
            Subscription::parse(ENDPOINT, &format!("{POINT}="), &format!("{AUTH}==")).expect("it");
        assert_eq!(plain, padded);
        assert_eq!(plain.origin(), "https://push.example.org");
        assert_eq!(plain.endpoint().as_str(), ENDPOINT);
    }

    #[test]
    fn all_problems_come_together_and_repeat_nothing() {
        assert_eq!(
            problems("hunter2", "hunter2", "hunter2"),
            [
                "endpoint must be an https address, or an http address of this machine itself",
                "p256dh must be an uncompressed point of P-256 (65 bytes) in base64url",
                "auth must be 16 bytes in base64url",
            ]
        );
    }

    #[test]
    fn an_address_is_https_or_on_this_machine_and_not_too_long() {
        for good in [
            "https://push.example.org:8443/x",
            "http://127.0.0.1:9000/x",
            "http://localhost:9000/x",
        ] {
            assert!(Subscription::parse(good, POINT, AUTH).is_ok(), "{good}");
        }
        let long = format!("https://push.example.org/{}", "x".repeat(2048));
        for (bad, why) in [
            ("http://push.example.org/x", "be an https address, or an http address of this"),
            ("http://192.168.0.1/x", "be an https address, or an http address of this"),
            ("ftp://127.0.0.1/x", "be an https address, or an http address of this"),
            ("https://", "be an https address, or an http address of this"),
            ("", "be an https address, or an http address of this"),
            ("https://user:secret@push.example.org/x", "not hold a user name or a password"),
            ("https://push.example.org/x#y", "not have a part behind #"),
            (&long, "not have more than 2048 bytes"),
        ] {
            let found = problems(bad, POINT, AUTH);
            assert_eq!(found.len(), 1, "{bad}");
            assert!(found[0].starts_with(&format!("endpoint must {why}")), "{}", found[0]);
        }
    }

    #[test]
    fn a_key_is_a_point_on_the_curve_in_the_one_form() {
        let mut bytes = BASE64URL.decode(POINT).expect("bytes");
        let is_refused = |bytes: &[u8]| {
            let text = BASE64URL.encode(bytes);
            problems(ENDPOINT, &text, AUTH)[0].starts_with("p256dh must be an uncompressed point")
        };
        assert!(is_refused(&bytes[..64]));
        assert!(is_refused(&[&bytes[..], &[0]].concat()));
        assert!(is_refused(&[0; 65]));
        let compressed = [&[2], &bytes[1..33]].concat();
        assert!(is_refused(&compressed));
        bytes[0] = 6;
        assert!(is_refused(&bytes), "the hybrid form");
        bytes[0] = 4;
        bytes[64] ^= 1;
        assert!(is_refused(&bytes), "beside the curve");
        assert!(is_refused(&[4; 100_000]));
    }

    #[test]
    fn a_secret_has_sixteen_bytes() {
        for bad in ["", "AAAA", "BTBZMqHH6r4Tts7J_aSI", "BTBZMqHH6r4Tts7J/aSIgg", " "] {
            assert_eq!(problems(ENDPOINT, POINT, bad), ["auth must be 16 bytes in base64url"]);
        }
    }

    #[test]
    fn debug_output_hides_everything() {
        let subscription = Subscription::parse(ENDPOINT, POINT, AUTH).expect("a subscription");
        assert_eq!(format!("{subscription:?}"), "Subscription [hidden]");
    }
}
