//! The ring of signing keys: Ed25519, made at first start, kept in one file of the owner's.
//!
//! A new key signs only when every node has read it and whoever verifies tokens elsewhere has fetched it;
//! an old one verifies until the last token that it signed has run out.
//! **Must never** show a private key, or replace a file that it cannot read.

use crate::auth::tokens::ACCEPTED_SECS;
use crate::secret_file::{read_or_make, replace};
use crate::store::OpenError;
use afterview_domain::clock::{Instant, format_instant};
use afterview_domain::entities::parse::parse_instant;
use afterview_domain::hex::hex;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::Path;

/// How long before it signs a new key is published. Nodes read the file once a minute, and the key set may
/// be kept for five.
pub const LEAD_SECS: i64 = 10 * 60;

/// The file in the secrets folder. The newest key whose time has come signs; all of them verify.
const FILE: &str = "signing-keys.json";

#[derive(Serialize, Deserialize)]
struct StoredKey {
    kid: String,
    pkcs8: String,
    created_at: String,
    /// From when on it signs; at once where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signs_from: Option<String>,
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
    /// From when on it signs.
    pub signs_from: Instant,
}

/// The keys, newest first.
pub struct KeyRing(Vec<Key>);

impl KeyRing {
    /// Reads the ring from `folder`, or makes a first key there.
    ///
    /// # Errors
    /// One sentence when the folder cannot be used or the file is damaged.
    pub fn load_or_make(folder: &Path, now: Instant) -> Result<Self, OpenError> {
        let failed = |why: &dyn std::fmt::Display| failed(folder, why);
        let first =
            || serde_json::to_vec_pretty(&[make_key(now)?]).map_err(|error| error.to_string());
        let text = read_or_make(folder, FILE, first).map_err(|why| failed(&why))?;
        let stored: Vec<StoredKey> =
            serde_json::from_slice(&text).map_err(|error| failed(&error))?;
        Self::of(&stored).map_err(|why| failed(&why))
    }

    fn of(stored: &[StoredKey]) -> Result<Self, String> {
        let keys: Vec<Key> = stored.iter().map(ready).collect::<Result<_, String>>()?;
        if keys.is_empty() { Err("the file holds no key".to_owned()) } else { Ok(Self(keys)) }
    }

    /// Whether there is a ring in `folder`; one that is there is read.
    ///
    /// # Errors
    /// As [`KeyRing::load_or_make`].
    pub fn inspect(folder: &Path, now: Instant) -> Result<bool, OpenError> {
        let is_there = folder.join(FILE).exists();
        if is_there {
            Self::load_or_make(folder, now)?;
        }
        Ok(is_there)
    }

    /// Reads the ring again.
    ///
    /// # Errors
    /// As [`KeyRing::load_or_make`], and that the file is gone.
    pub fn reload(folder: &Path) -> Result<Self, OpenError> {
        Self::of(&stored(folder)?).map_err(|why| failed(folder, &why))
    }

    /// Adds a key that signs ten minutes from `now`, and takes those away that nobody needs any more. With
    /// `at_once` the new key is the only one: every access token is refused from then on.
    ///
    /// # Errors
    /// One sentence when the file cannot be read or replaced.
    pub fn rotate(folder: &Path, now: Instant, at_once: bool) -> Result<Rotation, OpenError> {
        let before = stored(folder)?;
        let mut key = make_key(now).map_err(|why| failed(folder, &why))?;
        let signs_from = if at_once { now } else { now + TimeDelta::seconds(LEAD_SECS) };
        key.signs_from = Some(format_instant(signs_from));
        let ring = Self::of(&before).map_err(|why| failed(folder, &why))?;
        let needed = if at_once { Vec::new() } else { ring.needed(now) };
        let mut keys = vec![key];
        let (kept, dropped): (Vec<_>, Vec<_>) =
            before.into_iter().partition(|key| needed.contains(&key.kid));
        keys.extend(kept);
        let text = serde_json::to_vec_pretty(&keys).map_err(|error| failed(folder, &error))?;
        replace(folder, FILE, &text).map_err(|why| failed(folder, &why))?;
        Ok(Rotation {
            kid: keys.first().map(|key| key.kid.clone()).unwrap_or_default(),
            signs_from,
            dropped: dropped.into_iter().map(|key| key.kid).collect(),
        })
    }

    /// The names of the keys that sign now or later, or whose tokens may be unexpired.
    fn needed(&self, now: Instant) -> Vec<String> {
        let mut retired_at = None;
        let mut needed = Vec::new();
        for key in &self.0 {
            let last_token_ends = retired_at.map(|at| at + TimeDelta::seconds(ACCEPTED_SECS));
            if last_token_ends.is_none_or(|ends| now < ends) {
                needed.push(key.public.kid.clone());
            }
            if key.signs_from <= now {
                retired_at = Some(retired_at.unwrap_or(key.signs_from));
            }
        }
        needed
    }

    /// The key that signs.
    #[must_use]
    pub fn signing(&self, now: Instant) -> Option<&Key> {
        self.0.iter().find(|key| key.signs_from <= now).or(self.0.last())
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

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The name of the new key.
    pub kid: String,
    /// From when on it signs.
    pub signs_from: Instant,
    /// The names of the keys that were taken away.
    pub dropped: Vec<String>,
}

fn failed(folder: &Path, why: &dyn std::fmt::Display) -> OpenError {
    let path = folder.join(FILE);
    OpenError(format!("cannot use the signing keys in {}: {why}", path.display()))
}

fn stored(folder: &Path) -> Result<Vec<StoredKey>, OpenError> {
    let text = std::fs::read(folder.join(FILE)).map_err(|error| failed(folder, &error))?;
    serde_json::from_slice(&text).map_err(|error| failed(folder, &error))
}

fn make_key(now: Instant) -> Result<StoredKey, String> {
    let pair =
        Ed25519KeyPair::generate().map_err(|_opaque| "the library made no key".to_owned())?;
    let pkcs8 = pair.to_pkcs8v1().map_err(|_opaque| "the key cannot be written".to_owned())?;
    Ok(StoredKey {
        kid: key_id(pair.public_key().as_ref()),
        pkcs8: URL_SAFE_NO_PAD.encode(pkcs8.as_ref()),
        created_at: format_instant(now),
        signs_from: None,
    })
}

fn key_id(public: &[u8]) -> String {
    hex(Sha256::digest(public).into_iter().take(8))
}

fn ready(stored: &StoredKey) -> Result<Key, String> {
    let damaged = |why: &dyn std::fmt::Display| format!("key {} is damaged: {why}", stored.kid);
    let pkcs8 = URL_SAFE_NO_PAD.decode(&stored.pkcs8).map_err(|error| damaged(&error))?;
    let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|error| damaged(&error))?;
    let public = pair.public_key().as_ref();
    let signs_from = stored.signs_from.as_ref().unwrap_or(&stored.created_at);
    let signs_from = parse_instant(signs_from).map_err(|(_, detail)| damaged(&detail))?;
    Ok(Key {
        signs_from,
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
    fn a_new_key_signs_after_ten_minutes_and_an_old_one_goes_when_its_last_token_has() {
        let folder = tempfile::tempdir().expect("folder");
        let at = |secs: i64| from_millis(secs * 1_000);
        let first = KeyRing::load_or_make(folder.path(), at(0)).expect("made");
        let old = first.public_keys().remove(0).kid;
        let rotation = KeyRing::rotate(folder.path(), at(100), false).expect("rotated");
        assert_eq!((rotation.signs_from, rotation.dropped), (at(700), Vec::new()));
        let ring = KeyRing::reload(folder.path()).expect("read");
        let signing = |secs| ring.signing(at(secs)).map(|key| key.public.kid.clone());
        assert_eq!(signing(699), Some(old.clone()));
        assert_eq!(signing(700), Some(rotation.kid.clone()));
        assert!(ring.find(&old).is_some());
        let soon = KeyRing::rotate(folder.path(), at(700 + ACCEPTED_SECS - 1), false);
        assert_eq!(soon.expect("rotated").dropped, [""; 0]);
        let late = KeyRing::rotate(folder.path(), at(700 + ACCEPTED_SECS), false);
        assert_eq!(late.expect("rotated").dropped, [old]);
        let kids = |ring: &KeyRing| ring.public_keys().len();
        assert_eq!(kids(&KeyRing::reload(folder.path()).expect("read")), 3);
        let stolen = KeyRing::rotate(folder.path(), at(5_000), true).expect("rotated");
        let ring = KeyRing::reload(folder.path()).expect("read");
        assert_eq!((kids(&ring), stolen.dropped.len()), (1, 3));
        assert_eq!(ring.signing(at(5_000)).map(|key| &key.public.kid), Some(&stolen.kid));
        let mode = fs::metadata(folder.path().join(FILE)).expect("file").permissions().mode();
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
