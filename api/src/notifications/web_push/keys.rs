//! The key by which push services know this server (VAPID, RFC 8292): P-256, made at first start.
//!
//! A browser subscribes for one key. With another one its subscription is refused, and the person has
//! to come back to the app; whoever loses the file loses all subscriptions.
//!
//! **Must never** overwrite the file or show the private half or a token.

use crate::notifications::Secret;
use crate::secret_file::read_or_make;
use crate::store::OpenError;
use afterview_domain::clock::Instant;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::path::Path;

/// The file in the secrets folder.
const FILE: &str = "web-push-key.json";

#[derive(Serialize, Deserialize)]
struct StoredKey {
    pkcs8: String,
}

#[derive(Serialize)]
struct Claims<'c> {
    aud: &'c str,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'c str>,
}

/// The key, ready to sign.
pub struct VapidKeys {
    signing: EncodingKey,
    public: String,
}

impl std::fmt::Debug for VapidKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("VapidKeys").field("public", &self.public).finish_non_exhaustive()
    }
}

impl VapidKeys {
    /// Reads the key from `secrets_dir`, or makes one there, which only its owner may read.
    ///
    /// # Errors
    /// One sentence when the folder cannot be used or the file is damaged.
    pub fn load_or_create(secrets_dir: &Path) -> Result<Self, OpenError> {
        let path = secrets_dir.join(FILE);
        let failed = |why: &dyn Display| {
            OpenError(format!("cannot use the key of Web Push in {}: {why}", path.display()))
        };
        let text = read_or_make(secrets_dir, FILE, make).map_err(|why| failed(&why))?;
        // The library's own words may repeat what they are about.
        let stored: StoredKey = serde_json::from_slice(&text)
            .map_err(|_secret| failed(&"it is not the JSON of a key"))?;
        let pkcs8 = URL_SAFE_NO_PAD
            .decode(&stored.pkcs8)
            .map_err(|_secret| failed(&"it holds no base64url"))?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8)
            .map_err(|_secret| failed(&"it holds no key of the curve P-256"))?;
        Ok(Self {
            signing: EncodingKey::from_ec_der(&pkcs8),
            public: URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()),
        })
    }

    /// The public half, as `applicationServerKey` takes it: the uncompressed point, 65 bytes, in
    /// base64url without padding.
    #[must_use]
    pub fn public_key(&self) -> &str {
        &self.public
    }

    /// What the header `Authorization` says to the push service with the origin `audience` (RFC 8292,
    /// section 3), good until `expires_at`. `contact` is an address of the operator, `https:` or
    /// `mailto:`. `None` if the key cannot sign.
    pub(super) fn authorization(
        &self,
        audience: &str,
        contact: Option<&str>,
        expires_at: Instant,
    ) -> Option<Secret> {
        let claims = Claims { aud: audience, exp: expires_at.timestamp(), sub: contact };
        let header = Header::new(Algorithm::ES256);
        let token = jsonwebtoken::encode(&header, &claims, &self.signing).ok()?;
        Some(Secret::new(format!("vapid t={token},k={}", self.public)))
    }
}

fn make() -> Result<Vec<u8>, String> {
    let opaque = "the library made no key";
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
        .map_err(|_opaque| opaque.to_owned())?;
    let pkcs8 = pair.to_pkcs8v1().map_err(|_opaque| opaque.to_owned())?;
    let stored = StoredKey { pkcs8: URL_SAFE_NO_PAD.encode(pkcs8.as_ref()) };
    serde_json::to_vec_pretty(&stored).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_first_start_makes_a_key_that_the_next_start_finds_and_others_cannot_read() {
        let folder = tempfile::tempdir().expect("folder");
        let secrets = folder.path().join("secrets");
        let made = VapidKeys::load_or_create(&secrets).expect("made");
        let found = VapidKeys::load_or_create(&secrets).expect("found");
        assert_eq!(made.public_key(), found.public_key());
        let mode = fs::metadata(secrets.join(FILE)).expect("file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let point = URL_SAFE_NO_PAD.decode(made.public_key()).expect("base64url");
        assert_eq!((point.len(), point[0]), (65, 4));
    }

    #[test]
    fn two_servers_have_two_keys() {
        let keys = [(); 2].map(|()| {
            let folder = tempfile::tempdir().expect("folder");
            VapidKeys::load_or_create(folder.path()).expect("made").public_key().to_owned()
        });
        assert_ne!(keys[0], keys[1]);
    }

    #[test]
    fn a_damaged_file_is_refused_in_words_that_show_nothing_of_it_and_is_not_replaced() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join(FILE);
        for (content, why) in [
            ("", "it is not the JSON of a key"),
            ("hunter2", "it is not the JSON of a key"),
            (r#"{"pkcs8": 2}"#, "it is not the JSON of a key"),
            (r#"{"pkcs8": "hunter=2"}"#, "it holds no base64url"),
            (r#"{"pkcs8": "aHVudGVyMg"}"#, "it holds no key of the curve P-256"),
        ] {
            fs::write(&path, content).expect("written");
            let error = VapidKeys::load_or_create(folder.path()).expect_err("refused");
            let place = path.display();
            assert_eq!(error.0, format!("cannot use the key of Web Push in {place}: {why}"));
            assert_eq!(fs::read_to_string(&path).expect("kept"), content);
        }
    }
}
