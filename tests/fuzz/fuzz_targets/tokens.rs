//! Any text as a token, any edit of a good one, any claims that were signed, any set of keys: nothing
//! opens anything that was not signed by the right key, for us, for this.

#![no_main]

use afterview_api::auth::keys::KeyRing;
use afterview_api::auth::oidc::{ProviderSettings, judge};
use afterview_api::auth::tokens::Tokens;
use afterview_api::auth::{access_tokens, calendar_feeds, refresh};
use afterview_domain::clock::{Instant, from_millis};
use arbitrary::{Result, Unstructured};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Header, encode};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const NOW_SECS: i64 = 1_778_090_000;
const ISSUER: &str = "https://accounts.example.org";
const NONCE: &str = "kept by the app";

/// Keys of ours, which play the provider's, too.
struct Scene {
    keys: KeyRing,
    tokens: Tokens,
    /// A good access token.
    good: String,
    /// The provider's keys as it shows them.
    shown: String,
    provider: ProviderSettings,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let ring = || KeyRing::load_or_make(folder.path(), from_millis(0)).expect("keys");
    let tokens = Tokens::new(ring(), ISSUER.to_owned());
    let good = tokens.issue("a", "s", "read", "j".to_owned(), now()).expect("signed");
    let shown = json!({ "keys": tokens.public_keys() }).to_string();
    let provider = ProviderSettings {
        name: "test".to_owned(),
        issuer: ISSUER.to_owned(),
        audiences: vec!["app".to_owned()],
    };
    Scene { keys: ring(), tokens, good, shown, provider }
});

fn now() -> Instant {
    from_millis(NOW_SECS * 1_000)
}

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    any_text(&text);
    let mut bytes = Unstructured::new(data);
    // The bytes may be at their end.
    let _ = match bytes.arbitrary::<u8>().unwrap_or_default() % 4 {
        0 => edited(&mut bytes),
        1 => unsigned(&mut bytes),
        2 => id_token(&mut bytes),
        _ => strange_keys(&mut bytes),
    };
});

fn any_text(text: &str) {
    let Scene { tokens, good, provider, shown, .. } = &*SCENE;
    assert!(text == good || tokens.verify(text, now()).is_err(), "accepted: {text}");
    assert_eq!(judge(shown.as_bytes(), text, provider, NONCE, now()), None);
    assert_eq!(judge(text.as_bytes(), good, provider, NONCE, now()), None);
    if access_tokens::is_well_formed(text) {
        assert!(text.len() == 53 && text.starts_with(access_tokens::PREFIX), "{text}");
    }
    assert!(!calendar_feeds::is_well_formed(text) || text.len() == 43);
    if let Some((account, session)) = refresh::names(text) {
        assert!(text.starts_with(&format!("afr_{account}.{session}.")), "{text}");
    }
}

/// A good token with some bytes changed.
fn edited(bytes: &mut Unstructured<'_>) -> Result<()> {
    let mut token = SCENE.good.clone().into_bytes();
    for _ in 0..bytes.int_in_range(1..=4_u8)? {
        let place = bytes.choose_index(token.len())?;
        token[place] = bytes.arbitrary()?;
    }
    any_text(&String::from_utf8_lossy(&token));
    Ok(())
}

/// A token of three parts that nobody signed.
fn unsigned(bytes: &mut Unstructured<'_>) -> Result<()> {
    let mut good = SCENE.good.split('.');
    let (header, claims, signature) = (good.next(), good.next(), good.next());
    let mut part = |good: Option<&str>| -> Result<String> {
        let length = bytes.int_in_range(0..=255_usize)?.min(bytes.len());
        let written = URL_SAFE_NO_PAD.encode(bytes.bytes(length)?);
        Ok(if length == 0 { good.unwrap_or_default().to_owned() } else { written })
    };
    let (header, claims, signature) = (part(header)?, part(claims)?, part(signature)?);
    any_text(&format!("{header}.{claims}.{signature}"));
    Ok(())
}

/// Any claims, really signed: they open only what they must.
fn id_token(bytes: &mut Unstructured<'_>) -> Result<()> {
    let Scene { keys, provider, shown, .. } = &*SCENE;
    let key = keys.signing(now()).expect("a key");
    let nonce: String = Sha256::digest(NONCE).iter().map(|byte| format!("{byte:02x}")).collect();
    let good = json!({
        "iss": ISSUER, "sub": "somebody", "aud": "app", "exp": NOW_SECS + 600, "iat": NOW_SECS,
        "nonce": nonce, "email": "somebody@example.org",
    });
    let mut claims = good.as_object().cloned().unwrap_or_default();
    let names: Vec<String> =
        claims.keys().cloned().chain(["azp", "nbf"].map(str::to_owned)).collect();
    while bytes.arbitrary()? {
        let name = bytes.choose(&names)?.clone();
        claims.insert(name, odd(bytes)?);
    }
    let header = Header { kid: Some(key.public.kid.clone()), ..Header::new(Algorithm::EdDSA) };
    let token = encode(&header, &claims, &key.encoding).expect("signed");
    let Some((subject, email)) = judge(shown.as_bytes(), &token, provider, NONCE, now()) else {
        return Ok(());
    };
    assert_eq!(claims.get("iss"), good.get("iss"));
    assert_eq!(claims.get("nonce"), good.get("nonce"));
    assert!(claims.get("aud").is_some_and(|aud| aud.to_string().contains("\"app\"")), "{claims:?}");
    let end = claims.get("exp").and_then(Value::as_f64).expect("a number");
    assert!(end + 60.0 >= f64::from(u32::try_from(NOW_SECS).expect("fits")), "{claims:?}");
    assert!(!subject.is_empty() && !subject.contains('\0') && subject.chars().count() <= 255);
    assert!(email.is_none_or(|email| !email.contains('\0') && email.chars().count() <= 254));
    Ok(())
}

fn odd(bytes: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match bytes.int_in_range(0..=6_u8)? {
        0 => Value::Null,
        1 => json!(bytes.arbitrary::<f64>()?),
        2 => json!(NOW_SECS + i64::from(bytes.arbitrary::<i16>()?)),
        3 => json!(bytes.arbitrary::<i64>()?),
        4 => json!(bytes.arbitrary::<String>()?),
        5 => json!(bytes.arbitrary::<Vec<String>>()?),
        _ => json!(["app", "other"]),
    })
}

/// A set of keys with one that was changed: it never makes a token good that is none.
fn strange_keys(bytes: &mut Unstructured<'_>) -> Result<()> {
    let Scene { shown, good, provider, .. } = &*SCENE;
    let mut set: Map<String, Value> = serde_json::from_str(shown).expect("JSON");
    if let Some(Value::Object(key)) = set.get_mut("keys").and_then(|keys| keys.get_mut(0)) {
        let names = ["kty", "crv", "x", "y", "n", "e", "k", "kid", "alg", "use", "key_ops"];
        while bytes.arbitrary()? {
            let words =
                ["oct", "OKP", "RSA", "EC", "P-256", "Ed25519", "HS256", "AQAB", "AAAA", "sig"];
            let value = if bytes.arbitrary()? { json!(bytes.choose(&words)?) } else { odd(bytes)? };
            key.insert((*bytes.choose(&names)?).to_owned(), value);
        }
    }
    assert_eq!(judge(json!(set).to_string().as_bytes(), good, provider, NONCE, now()), None);
    Ok(())
}
