//! The browser's side of a subscription: its keys, and what it makes of a body (RFC 8188, RFC 8291).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::encoding::{AsBigEndian, EcPrivateKeyBin};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::sync::Arc;

/// A subscription as its browser has it.
#[derive(Debug, Clone)]
pub struct Browser {
    /// Its name at the push service: the last part of its address.
    pub(super) id: String,
    /// Its address.
    pub endpoint: String,
    /// The public key, 65 bytes in base64url.
    pub p256dh: String,
    /// The shared secret, 16 bytes in base64url.
    pub auth: String,
    key: Arc<PrivateKey>,
}

impl Browser {
    pub(super) fn new(id: String, endpoint: String) -> Self {
        let key = PrivateKey::generate(&ECDH_P256).unwrap();
        let mut auth = [0; 16];
        aws_lc_rs::rand::fill(&mut auth).unwrap();
        Self {
            id,
            endpoint,
            p256dh: URL_SAFE_NO_PAD.encode(key.compute_public_key().unwrap()),
            auth: URL_SAFE_NO_PAD.encode(auth),
            key: Arc::new(key),
        }
    }

    /// The same with another address.
    #[must_use]
    pub fn at(&self, endpoint: &str) -> Self {
        Self { endpoint: endpoint.to_owned(), ..self.clone() }
    }

    /// The private key, 32 bytes in base64url, for those who decrypt elsewhere.
    #[must_use]
    pub fn private_key(&self) -> String {
        let bytes: EcPrivateKeyBin<'_> = self.key.as_be_bytes().unwrap();
        URL_SAFE_NO_PAD.encode(bytes.as_ref())
    }

    /// The message in `body`, or what is wrong with it.
    ///
    /// # Errors
    /// Which part of the body is not what it must be.
    pub fn decrypt(&self, body: &[u8]) -> Result<Vec<u8>, &'static str> {
        // salt (16) | size of a record (4) | length of the key (1) | key | record
        let (salt, rest) = body.split_at_checked(16).ok_or("no salt")?;
        let (size, rest) = rest.split_at_checked(4).ok_or("no size of a record")?;
        let (length, rest) = rest.split_first().ok_or("no length of the key")?;
        let (sender, record) = rest.split_at_checked((*length).into()).ok_or("no key")?;
        let size = u32::from_be_bytes(size.try_into().unwrap());
        if record.len() > usize::try_from(size).unwrap() {
            return Err("more than one record");
        }
        let theirs = UnparsedPublicKey::new(&ECDH_P256, sender);
        let agreed = agree(&self.key, theirs, "the key is none", |secret| Ok(secret.to_vec()))?;
        let [auth, own] = [&self.auth, &self.p256dh].map(|text| URL_SAFE_NO_PAD.decode(text));
        let info = [b"WebPush: info\0", &own.unwrap()[..], sender].concat();
        let input = hkdf(&auth.unwrap(), &agreed, &info);
        let key = hkdf(salt, &input, b"Content-Encoding: aes128gcm\0");
        let nonce = hkdf(salt, &input, b"Content-Encoding: nonce\0");
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16]).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).unwrap();
        let mut record = record.to_vec();
        let opened = key.open_in_place(nonce, Aad::empty(), &mut record);
        let opened = opened.map_err(|_none| "the record does not decrypt")?;
        let end = opened.iter().rposition(|byte| *byte != 0).ok_or("no end")?;
        if opened[end] != 2 { Err("not the last record") } else { Ok(opened[..end].to_vec()) }
    }
}

/// The first 32 bytes of HKDF with SHA-256 (RFC 5869), written out.
fn hkdf(salt: &[u8], input: &[u8], info: &[u8]) -> Vec<u8> {
    let extracted = sign(&Key::new(HMAC_SHA256, salt), input);
    let expanded = sign(&Key::new(HMAC_SHA256, extracted.as_ref()), &[info, &[1]].concat());
    expanded.as_ref().to_vec()
}
