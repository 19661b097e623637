//! The keys that a provider signs with, as its key set (RFC 7517) shows them.
//!
//! **Must never** take a key for another algorithm than its own: which one that is follows from the kind of
//! the key, and a secret shared by both sides is no key here at all.

use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use std::sync::Arc;

/// A key that tokens can be checked with.
pub(super) struct Key {
    name: Option<String>,
    /// The one algorithm that it is for.
    pub(super) algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
}

/// What the header of a token says of its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) name: Option<String>,
    pub(super) algorithm: Algorithm,
}

/// The keys of a provider that can be used.
pub(super) struct KeySet(Vec<Arc<Key>>);

impl KeySet {
    /// Reads a key set. Keys of other kinds, or for something else, are passed over; so is what cannot be
    /// read as a key.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<serde_json::Value>,
        }
        let document: Document = serde_json::from_slice(body).ok()?;
        Some(Self(document.keys.into_iter().filter_map(usable).map(Arc::new).collect()))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The key that a token wants: the only one with that name and algorithm. A token that names none
    /// gets the only one that there is.
    pub(super) fn find(&self, wanted: &Wanted) -> Option<Arc<Key>> {
        let named = |key: &&Arc<Key>| wanted.name.is_none() || key.name == wanted.name;
        let mut found = self.0.iter().filter(named);
        let only = found.next()?;
        let fits = found.next().is_none() && only.algorithm == wanted.algorithm;
        fits.then(|| Arc::clone(only))
    }
}

fn usable(value: serde_json::Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let algorithm = algorithm_of(&jwk.algorithm)?;
    let common = &jwk.common;
    let says_so = common.key_algorithm.is_none_or(|said| said == KeyAlgorithm::from(algorithm));
    let signs = common.public_key_use.as_ref().is_none_or(|said| *said == PublicKeyUse::Signature);
    let verifies =
        common.key_operations.as_ref().is_none_or(|said| said.contains(&KeyOperations::Verify));
    if !(says_so && signs && verifies) {
        return None;
    }
    let decoding = DecodingKey::from_jwk(&jwk).ok()?;
    Some(Key { name: jwk.common.key_id, algorithm, decoding })
}

fn algorithm_of(parameters: &AlgorithmParameters) -> Option<Algorithm> {
    match parameters {
        AlgorithmParameters::RSA(_) => Some(Algorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            Some(Algorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            Some(Algorithm::EdDSA)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn key(name: &str, extra: &[(&str, Value)]) -> Value {
        let mut key = json!({ "kty": "OKP", "crv": "Ed25519", "kid": name, "x": "AAAA" });
        for (name, value) in extra {
            key[*name] = value.clone();
        }
        key
    }

    fn set(keys: &[Value]) -> KeySet {
        KeySet::read(json!({ "keys": keys }).to_string().as_bytes()).expect("a key set")
    }

    fn wanted(name: Option<&str>, algorithm: Algorithm) -> Wanted {
        Wanted { name: name.map(str::to_owned), algorithm }
    }

    #[test]
    fn a_key_is_found_by_its_name_and_for_its_own_algorithm_only() {
        let keys = set(&[key("a", &[]), key("b", &[])]);
        assert!(keys.find(&wanted(Some("a"), Algorithm::EdDSA)).is_some());
        assert!(keys.find(&wanted(Some("a"), Algorithm::ES256)).is_none());
        assert!(keys.find(&wanted(Some("c"), Algorithm::EdDSA)).is_none());
    }

    #[test]
    fn without_a_name_the_only_key_is_meant_and_a_doubtful_name_means_none() {
        let nameless = wanted(None, Algorithm::EdDSA);
        assert!(set(&[key("a", &[])]).find(&nameless).is_some());
        assert!(set(&[key("a", &[]), key("b", &[])]).find(&nameless).is_none());
        assert!(set(&[]).find(&nameless).is_none());
        let twice = set(&[key("a", &[]), key("a", &[])]);
        assert!(twice.find(&wanted(Some("a"), Algorithm::EdDSA)).is_none());
    }

    #[test]
    fn keys_for_something_else_and_what_is_no_key_are_passed_over() {
        let keys = set(&[
            key("encrypts", &[("use", json!("enc"))]),
            key("signs only", &[("key_ops", json!(["sign"]))]),
            key("of another algorithm", &[("alg", json!("ES256"))]),
            key("of no known algorithm", &[("alg", json!("Ed448"))]),
            key("of another curve", &[("crv", json!("Ed448"))]),
            key("of a strange name", &[("kid", json!(5))]),
            key("damaged", &[("x", json!("!"))]),
            json!({ "kty": "oct", "kid": "shared", "alg": "HS256", "k": "AAAA" }),
            json!({ "kty": "EC", "crv": "P-384", "kid": "longer", "x": "AAAA", "y": "AAAA" }),
            json!("no key"),
            json!(null),
            key("good", &[("use", json!("sig")), ("alg", json!("EdDSA"))]),
            key("verifies", &[("key_ops", json!(["verify"]))]),
        ]);
        assert_eq!(keys.len(), 2);
        assert!(keys.find(&wanted(Some("good"), Algorithm::EdDSA)).is_some());
        assert!(keys.find(&wanted(Some("verifies"), Algorithm::EdDSA)).is_some());
    }

    #[test]
    fn what_is_no_key_set_is_none() {
        for text in ["", "null", "[]", "{}", "{\"keys\": {}}", "<html>"] {
            assert!(KeySet::read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
