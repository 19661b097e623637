//! Encryption of a message for one browser: RFC 8291 with the content coding `aes128gcm` of RFC 8188.
//!
//! The key agreement, the key derivation and the cipher are the library's that TLS and tokens use as
//! well; what is here is how the standard puts them together. Its own example is a test.
//!
//! Every message is filled up to the same length, so that whoever carries it learns nothing from its
//! length.
//!
//! **Must never** use a key or a salt twice, and never show a text or a secret.

use super::message::MAX_MESSAGE_BYTES;
use super::subscription::{AUTH_BYTES, POINT_BYTES, Subscription};
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

/// The length of a record, which the receiver learns from the head. There is one, and it is shorter.
const RECORD_SIZE: u32 = 4096;

const SALT_BYTES: usize = 16;

/// What a new body is encrypted with, besides what the subscription holds.
struct Fresh {
    key: PrivateKey,
    salt: [u8; SALT_BYTES],
}

/// The body of a request that brings `message` to the browser of `to`: always 4096 bytes. `None` if
/// the message has more than [`MAX_MESSAGE_BYTES`], or the library gives no key.
pub(super) fn encrypt(to: &Subscription, message: &[u8]) -> Option<Vec<u8>> {
    let mut record = message.to_vec();
    // The mark of the end (RFC 8188, section 2); everything behind it is zero.
    record.push(2);
    if record.len() > MAX_MESSAGE_BYTES + 1 {
        return None;
    }
    record.resize(MAX_MESSAGE_BYTES + 1, 0);
    let mut salt = [0; SALT_BYTES];
    aws_lc_rs::rand::fill(&mut salt).ok()?;
    seal(to, &Fresh { key: PrivateKey::generate(&ECDH_P256).ok()?, salt }, record)
}

fn seal(to: &Subscription, fresh: &Fresh, mut record: Vec<u8>) -> Option<Vec<u8>> {
    let public = fresh.key.compute_public_key().ok()?;
    let public: &[u8; POINT_BYTES] = public.as_ref().try_into().ok()?;
    let theirs = UnparsedPublicKey::new(&ECDH_P256, to.p256dh());
    let secret = agree(&fresh.key, theirs, (), |secret| {
        input_key(to.auth(), secret, to.p256dh(), public).ok_or(())
    });
    let derived = Salt::new(HKDF_SHA256, &fresh.salt).extract(&secret.ok()?);
    let key: [u8; 16] = expand(&derived, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; 12] = expand(&derived, &[b"Content-Encoding: nonce\0"])?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)
        .ok()?;

    let mut body = fresh.salt.to_vec();
    body.extend(RECORD_SIZE.to_be_bytes());
    body.push(u8::try_from(public.len()).ok()?);
    body.extend(public);
    body.append(&mut record);
    Some(body)
}

/// The input keying material of RFC 8291, section 3.4: what both sides agreed upon, the secret that
/// only they know, and both public keys.
fn input_key(
    auth: &[u8; AUTH_BYTES],
    agreed: &[u8],
    theirs: &[u8; POINT_BYTES],
    ours: &[u8; POINT_BYTES],
) -> Option<[u8; 32]> {
    let derived = Salt::new(HKDF_SHA256, auth).extract(agreed);
    expand(&derived, &[b"WebPush: info\0", theirs, ours])
}

fn expand<const COUNT: usize>(key: &Prk, info: &[&[u8]]) -> Option<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    key.expand(info, Length(COUNT)).ok()?.fill(&mut bytes).ok()?;
    Some(bytes)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    const PUBLIC: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).expect("base64url")
    }

    fn subscription() -> Subscription {
        Subscription::parse("https://push.example.org/x", PUBLIC, AUTH).expect("a subscription")
    }

    #[test]
    fn the_example_of_rfc_8291_comes_out_as_printed_in_its_appendix_a() {
        let own = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        let fresh = Fresh {
            key: PrivateKey::from_private_key(&ECDH_P256, &own).expect("a key"),
            salt: bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().expect("16 bytes"),
        };
        let message = b"When I grow up, I want to be a watermelon\x02";
        let body = seal(&subscription(), &fresh, message.to_vec()).expect("a body");
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIg\
                        Dll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVB\
                        St2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(body), expected);
    }

    #[test]
    fn the_length_of_a_body_tells_nothing_of_the_message() {
        for length in [0, 1, 100, MAX_MESSAGE_BYTES] {
            let body = encrypt(&subscription(), &vec![b'x'; length]).expect("a body");
            assert_eq!(body.len(), 4096);
        }
    }

    #[test]
    fn a_message_that_is_too_long_is_not_cut() {
        assert_eq!(encrypt(&subscription(), &[b'x'; MAX_MESSAGE_BYTES + 1]), None);
    }

    #[test]
    fn no_two_bodies_share_a_salt_or_a_key() {
        let [first, second] = [(); 2].map(|()| encrypt(&subscription(), b"x").expect("a body"));
        assert_ne!(first[..16], second[..16], "salt");
        assert_eq!(first[16..21], second[16..21], "size of a record, length of the key");
        assert_ne!(first[21..86], second[21..86], "key");
        assert_ne!(first[86..], second[86..]);
    }
}
