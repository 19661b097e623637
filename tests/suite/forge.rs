//! Access tokens made by hand, with the very key of the servers or with others: what the servers would
//! never make, and have to refuse.
//!
//! Nothing here comes from the library by which the servers make and check theirs.

use afterview_tests::TestApp;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The header and the claims of a token.
pub(crate) fn decoded(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| {
        URL_SAFE_NO_PAD.decode(part).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok())
    });
    (parts.next().unwrap().unwrap(), parts.next().unwrap().unwrap())
}

/// One part of a token.
pub(crate) fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

/// `part` with another value for `name`; null takes it out.
pub(crate) fn changed(part: &Value, name: &str, value: Value) -> Value {
    let mut part = part.clone();
    match value {
        Value::Null => drop(part.as_object_mut().unwrap().remove(name)),
        value => part[name] = value,
    }
    part
}

/// Whoever has the key of the servers and a good token of theirs.
pub(crate) struct Forge {
    key: Ed25519KeyPair,
    /// The header of the good token.
    pub(crate) header: Value,
    /// Its claims.
    pub(crate) claims: Value,
    good: String,
}

impl Forge {
    /// Takes the key from the folder of secrets.
    pub(crate) fn of(app: &TestApp, good: &str) -> Self {
        let stored = std::fs::read_to_string(app.secrets().join("signing-keys.json")).unwrap();
        let stored: Value = serde_json::from_str(&stored).unwrap();
        let pkcs8 = URL_SAFE_NO_PAD.decode(stored[0]["pkcs8"].as_str().unwrap()).unwrap();
        let (header, claims) = decoded(good);
        assert_eq!(header["kid"], stored[0]["kid"]);
        let key = Ed25519KeyPair::from_pkcs8(&pkcs8).unwrap();
        Self { key, header, claims, good: good.to_owned() }
    }

    /// A token that is signed as the servers do it.
    pub(crate) fn signed(&self, header: &Value, claims: &Value) -> String {
        sealed(header, claims, |message| self.key.sign(message).as_ref().to_vec())
    }

    /// The good token with other claims, well signed.
    pub(crate) fn with_claim(&self, name: &str, value: Value) -> String {
        self.signed(&self.header, &changed(&self.claims, name, value))
    }

    /// The good token with another header, well signed.
    pub(crate) fn with_header(&self, name: &str, value: Value) -> String {
        self.signed(&changed(&self.header, name, value), &self.claims)
    }

    /// Every way of saying that a token is signed in another way than it has to be, or not at all.
    pub(crate) fn other_algorithms(&self) -> Vec<(&'static str, String)> {
        let claim = |algorithm: &str| changed(&self.header, "alg", json!(algorithm));
        let own = signature_of(&self.good);
        let public = self.key.public_key().as_ref();
        let text = URL_SAFE_NO_PAD.encode(public);
        let mac = |secret: &[u8]| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            sealed(&claim("HS256"), &self.claims, |it| hmac::sign(&key, it).as_ref().to_vec())
        };
        let bare = |name: &str| sealed(&claim(name), &self.claims, |_| Vec::new());
        vec![
            ("ES256", sealed(&claim("ES256"), &self.claims, by_curve)),
            ("a signature of ES256 as EdDSA", sealed(&self.header, &self.claims, by_curve)),
            ("ES256 in name only", self.signed(&claim("ES256"), &self.claims)),
            ("HS256 with the public key", mac(public)),
            ("HS256 with the public key as text", mac(text.as_bytes())),
            ("none", bare("none")),
            ("None", bare("None")),
            ("none with a signature", sealed(&claim("none"), &self.claims, |_| own.clone())),
            ("no algorithm", self.with_header("alg", Value::Null)),
            ("no signature", bare("EdDSA")),
        ]
    }

    /// Tokens signed by somebody who has another key of the same kind.
    pub(crate) fn other_keys(&self) -> Vec<(&'static str, String)> {
        let other = Ed25519KeyPair::generate().unwrap();
        let sign = |header: &Value| {
            sealed(header, &self.claims, |message| other.sign(message).as_ref().to_vec())
        };
        let public = URL_SAFE_NO_PAD.encode(other.public_key().as_ref());
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": public, "kid": self.header["kid"]});
        vec![
            ("another key under our name", sign(&self.header)),
            ("a key that the token brings along", sign(&changed(&self.header, "jwk", jwk))),
            ("another key of another name", sign(&changed(&self.header, "kid", json!("other")))),
        ]
    }

    /// The good token with something exchanged and the signature left as it was.
    pub(crate) fn tampered(&self, other: &Value) -> Vec<(&'static str, String)> {
        let parts: Vec<&str> = self.good.split('.').collect();
        let [head, body, signature] = parts.as_slice() else { panic!("{}", self.good) };
        let with = |claims: &Value| format!("{head}.{}.{signature}", encoded(claims));
        let long = changed(&self.claims, "exp", json!(4_102_444_800_i64));
        let mut bits = signature_of(&self.good);
        bits[0] ^= 1;
        vec![
            ("another account", with(&changed(&self.claims, "sub", other["sub"].clone()))),
            ("another session", with(&changed(&self.claims, "sid", other["sid"].clone()))),
            ("a longer life", with(&long)),
            ("another signature", format!("{head}.{body}.{}", URL_SAFE_NO_PAD.encode(bits))),
            ("something behind it", format!("{}x", self.good)),
            ("a fourth part", format!("{}.x", self.good)),
            ("two parts", format!("{head}.{body}")),
        ]
    }
}

fn sealed(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", encoded(header), encoded(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

fn signature_of(token: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(token.rsplit('.').next().unwrap()).unwrap()
}

/// A good signature by a fresh key of the curve P-256.
fn by_curve(message: &[u8]) -> Vec<u8> {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    key.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
}

/// A personal access token that could be one, of 43 characters and their CRC-32 in base62.
pub(crate) fn personal(chars: &str) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    assert_eq!(chars.len(), 43);
    let crc = !chars.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    });
    let mut check = String::new();
    for place in (0..6).rev() {
        let digit = u64::from(crc) / 62_u64.pow(place) % 62;
        check.push(char::from(DIGITS[usize::try_from(digit).unwrap()]));
    }
    format!("aft_{chars}{check}")
}
