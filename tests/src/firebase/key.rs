//! The key of the test's service account, made once in a process and never written into the project.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::DecodingKey;
use std::sync::OnceLock;

/// Its name.
pub(super) const KEY_ID: &str = "test-key-1";

pub(super) struct TestKey {
    /// The private half, as Google writes it: PKCS #8 in PEM.
    pub(super) pem: String,
    /// The public half.
    pub(super) public: DecodingKey,
}

pub(super) fn test_key() -> &'static TestKey {
    static KEY: OnceLock<TestKey> = OnceLock::new();
    KEY.get_or_init(|| {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let text = STANDARD.encode(der.as_ref());
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            lines.join("\n")
        );
        let public = DecodingKey::from_rsa_der(pair.public_key().as_ref());
        TestKey { pem, public }
    })
}
