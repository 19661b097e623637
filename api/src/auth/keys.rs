//! The ring of signing keys: Ed25519, made at first start, kept in one file of the owner's.
//!
//! **Must never** overwrite a key file or show a private key.

use crate::secret_file::read_or_make;
use crate::store::OpenError;
use afterview_domain::clock::{Instant, format_instant};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::Path;

/// The file in the secrets folder. The first key signs; all of them verify.
const FILE: &str = "signing-keys.json";

#[derive(Serialize, Deserialize)]
struct StoredKey {
    kid: String,
    pkcs8: String,
    created_at: String,
}

/// A public key as the JWKS shows it (RFC 7517, RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Jwk {
    /// Key type, `OKP`.
    #[schema(examples("OKP"))]
    pub kty: String,
    /// Curve, `Ed25519`.
    #[schema(examples("Ed25519"))]
    pub crv: String,
    /// The public key, base64url.
    pub x: String,
    /// Name of the key, as in the header of a token.
    pub kid: String,
    /// Algorithm, `EdDSA`.
    #[schema(examples("EdDSA"))]
    pub alg: String,
    /// What the key is for, `sig`.
    #[serde(rename = "use")]
    #[schema(examples("sig"))]
    pub use_for: String,
}

/// One key ready for use.
pub struct Key {
    /// Its public side.
    pub public: Jwk,
    /// Signs.
    pub encoding: EncodingKey,
    /// Verifies.
    pub decoding: DecodingKey,
}

/// The keys, newest first.
pub struct KeyRing(Vec<Key>);

impl KeyRing {
    /// Reads the ring from `folder`, or makes a first key there.
    ///
    /// # Errors
    /// One sentence when the folder cannot be used or the file is damaged.
    pub fn load_or_make(folder: &Path, now: Instant) -> Result<Self, OpenError> {
        let path = folder.join(FILE);
        let failed = |why: &dyn std::fmt::Display| {
            OpenError(format!("cannot use the signing keys in {}: {why}", path.display()))
        };
        let first =
            || serde_json::to_vec_pretty(&[make_key(now)?]).map_err(|error| error.to_string());
        let text = read_or_make(folder, FILE, first).map_err(|why| failed(&why))?;
        let stored: Vec<StoredKey> =
            serde_json::from_slice(&text).map_err(|error| failed(&error))?;
        let keys: Result<Vec<Key>, String> = stored.iter().map(ready).collect();
        match keys.map_err(|why| failed(&why))? {
            keys if keys.is_empty() => Err(failed(&"the file holds no key")),
            keys => Ok(Self(keys)),
        }
    }

    /// The key that signs.
    #[must_use]
    pub fn signing(&self) -> Option<&Key> {
        self.0.first()
    }

    /// The key called `kid`.
    #[must_use]
    pub fn find(&self, kid: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.public.kid == kid)
    }

    /// The public sides, newest first.
    #[must_use]
    pub fn public_keys(&self) -> Vec<Jwk> {
        self.0.iter().map(|key| key.public.clone()).collect()
    }
}

fn make_key(now: Instant) -> Result<StoredKey, String> {
    let pair =
        Ed25519KeyPair::generate().map_err(|_opaque| "the library made no key".to_owned())?;
    let pkcs8 = pair.to_pkcs8v1().map_err(|_opaque| "the key cannot be written".to_owned())?;
    Ok(StoredKey {
        kid: key_id(pair.public_key().as_ref()),
        pkcs8: URL_SAFE_NO_PAD.encode(pkcs8.as_ref()),
        created_at: format_instant(now),
    })
}

fn key_id(public: &[u8]) -> String {
    Sha256::digest(public).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn ready(stored: &StoredKey) -> Result<Key, String> {
    let damaged = |why: &dyn std::fmt::Display| format!("key {} is damaged: {why}", stored.kid);
    let pkcs8 = URL_SAFE_NO_PAD.decode(&stored.pkcs8).map_err(|error| damaged(&error))?;
    let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|error| damaged(&error))?;
    let public = pair.public_key().as_ref();
    Ok(Key {
        public: Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            x: URL_SAFE_NO_PAD.encode(public),
            kid: stored.kid.clone(),
            alg: "EdDSA".to_owned(),
            use_for: "sig".to_owned(),
        },
        encoding: EncodingKey::from_ed_der(&pkcs8),
        decoding: DecodingKey::from_ed_der(public),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterview_domain::clock::from_millis;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_first_start_makes_a_key_that_the_next_start_finds_and_others_cannot_read() {
        let folder = tempfile::tempdir().expect("folder");
        let secrets = folder.path().join("secrets");
        let made = KeyRing::load_or_make(&secrets, from_millis(0)).expect("made").public_keys();
        let found = KeyRing::load_or_make(&secrets, from_millis(1)).expect("found").public_keys();
        assert_eq!(made, found);
        let mode = fs::metadata(secrets.join(FILE)).expect("file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_refused_and_not_replaced() {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(folder.path().join(FILE), "not json").expect("written");
        assert!(KeyRing::load_or_make(folder.path(), from_millis(0)).is_err());
        assert_eq!(fs::read_to_string(folder.path().join(FILE)).expect("kept"), "not json");
    }
}
