//! The service account: who sends, for which project, and the signature that proves it.
//!
//! The file is the one that the Firebase console gives out. The key in it signs an assertion
//! (RFC 7523), for which the `token_uri` hands out an access token.
//!
//! **Must never** show the private key or an assertion, in whatever error.

use super::endpoint::endpoint;
use crate::notifications::Secret;
use crate::store::OpenError;
use afterview_domain::clock::Instant;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::Url;
use serde::Deserialize;
use serde_json::json;
use std::path::Path;

/// What the access token is asked for: sending, and nothing else.
pub const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";

/// How long an assertion is good for, in seconds: the hour that Google allows.
const ASSERTION_LIFE_S: i64 = 60 * 60;

/// A service account, ready to sign.
pub struct ServiceAccount {
    client_email: String,
    project: String,
    key_id: String,
    key: RsaKeyPair,
    token_uri: Url,
}

impl std::fmt::Debug for ServiceAccount {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ServiceAccount")
            .field("client_email", &self.client_email)
            .field("project", &self.project)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    project_id: String,
    #[serde(default)]
    private_key_id: String,
    #[serde(default)]
    private_key: String,
    #[serde(default)]
    client_email: String,
    #[serde(default)]
    token_uri: String,
}

impl ServiceAccount {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// One sentence that names the file, and of its content at most the names of fields.
    pub fn read(path: &Path) -> Result<Self, OpenError> {
        let failed = |why: &dyn std::fmt::Display| {
            OpenError(format!("the service account file {} {why}", path.display()))
        };
        let text =
            std::fs::read(path).map_err(|error| failed(&format!("cannot be read: {error}")))?;
        Self::parse(&text).map_err(|why| failed(&why))
    }

    /// Reads the content of such a file.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence about it.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        // The library's own words may repeat what they are about.
        let file: File = serde_json::from_slice(text)
            .map_err(|_secret| "is not the JSON of a service account".to_owned())?;
        if file.r#type != "service_account" {
            return Err("has no type service_account".to_owned());
        }
        for (name, value) in [
            ("project_id", &file.project_id),
            ("private_key_id", &file.private_key_id),
            ("private_key", &file.private_key),
            ("client_email", &file.client_email),
            ("token_uri", &file.token_uri),
        ] {
            if value.is_empty() {
                return Err(format!("has no {name}"));
            }
        }
        // It becomes a part of an address.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':');
        if !file.project_id.bytes().all(plain) {
            return Err("has a project_id that is none".to_owned());
        }
        let token_uri =
            endpoint(&file.token_uri).map_err(|why| format!("has a token_uri that {why}"))?;
        let key = read_key(&file.private_key)
            .ok_or_else(|| "has a private_key that is no RSA key in PEM".to_owned())?;
        Ok(Self {
            client_email: file.client_email,
            project: file.project_id,
            key_id: file.private_key_id,
            key,
            token_uri,
        })
    }

    /// The project that messages are sent for.
    #[must_use]
    pub fn project(&self) -> &str {
        &self.project
    }

    /// Where assertions are exchanged for access tokens.
    #[must_use]
    pub fn token_uri(&self) -> &Url {
        &self.token_uri
    }

    /// A signed assertion (RS256) made at `now`; `None` if the key cannot sign.
    #[must_use]
    pub fn assertion(&self, now: Instant) -> Option<Secret> {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.key_id });
        let issued = now.timestamp();
        let claims = json!({
            "iss": self.client_email,
            "scope": SCOPE,
            "aud": self.token_uri.as_str(),
            "iat": issued,
            "exp": issued + ASSERTION_LIFE_S,
        });
        let [header, claims] =
            [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = format!("{header}.{claims}");
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .ok()?;
        Some(Secret::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

/// A key in PEM (RFC 7468): PKCS #8, as Google writes it, or PKCS #1.
fn read_key(pem: &str) -> Option<RsaKeyPair> {
    let inner = |label: &str| {
        let (_, rest) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
        let (text, _) = rest.split_once(&format!("-----END {label}-----"))?;
        STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).ok()
    };
    if let Some(der) = inner("PRIVATE KEY") {
        return RsaKeyPair::from_pkcs8(&der).ok();
    }
    RsaKeyPair::from_der(&inner("RSA PRIVATE KEY")?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(changes: &[(&str, &str)]) -> Vec<u8> {
        let mut file = json!({
            "type": "service_account",
            "project_id": "p",
            "private_key_id": "k",
            "private_key": "hunter2",
            "client_email": "sender@p.iam.gserviceaccount.com",
            "token_uri": "https://oauth2.googleapis.com/token",
        });
        for (name, value) in changes {
            file[*name] = (*value).into();
        }
        file.to_string().into_bytes()
    }

    fn refused(text: &[u8]) -> String {
        ServiceAccount::parse(text).expect_err("a refusal")
    }

    #[test]
    fn what_is_wrong_is_said_in_one_sentence_without_the_key() {
        for (change, why) in [
            (("type", "authorized_user"), "has no type service_account"),
            (("project_id", ""), "has no project_id"),
            (("project_id", "../other"), "has a project_id that is none"),
            (("private_key_id", ""), "has no private_key_id"),
            (("private_key", ""), "has no private_key"),
            (("private_key", "hunter2"), "has a private_key that is no RSA key in PEM"),
            (("client_email", ""), "has no client_email"),
            (("token_uri", ""), "has no token_uri"),
            (
                ("token_uri", "http://oauth2.googleapis.com/token"),
                "has a token_uri that must be an https address, \
                 or an http address of this machine itself",
            ),
        ] {
            assert_eq!(refused(&file(&[change])), why);
        }
        assert_eq!(refused(b"hunter2"), "is not the JSON of a service account");
        assert_eq!(refused(br#"{"private_key": 5}"#), "is not the JSON of a service account");
    }

    #[test]
    fn a_pem_around_something_else_is_no_key() {
        for inner in ["", "AAAA", "not base64"] {
            for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"] {
                let pem = format!("-----BEGIN {label}-----\n{inner}\n-----END {label}-----\n");
                let why = refused(&file(&[("private_key", &pem)]));
                assert_eq!(why, "has a private_key that is no RSA key in PEM");
            }
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = ServiceAccount::read(Path::new("/nowhere/key.json")).expect_err("none");
        assert!(
            error.0.starts_with("the service account file /nowhere/key.json cannot be read: "),
            "{error}"
        );
    }
}
