use super::super::key_set::KeySet;
use super::*;
use afterview_domain::clock::from_millis;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;
use serde_json::value::RawValue;
use std::sync::Arc;

const ISSUER: &str = "https://accounts.example.org";
const NONCE: &str = "what the app kept";
const NOW: i64 = 1_778_094_300;

struct Signer {
    private: EncodingKey,
    public: Arc<Key>,
}

fn signer() -> Signer {
    let pair = Ed25519KeyPair::generate().expect("a key");
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let set = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": x }] }).to_string();
    let only = Wanted { name: None, algorithm: Algorithm::EdDSA };
    let public = KeySet::read(set.as_bytes()).and_then(|set| set.find(&only)).expect("the key");
    let pkcs8 = pair.to_pkcs8v1().expect("a private key");
    Signer { private: EncodingKey::from_ed_der(pkcs8.as_ref()), public }
}

/// What becomes of a good token with these claims instead; null takes one away.
fn checked(changes: &[(&str, Value)]) -> Result<Person, &'static str> {
    let mut claims = json!({
        "iss": ISSUER, "aud": "app", "sub": "anna", "nonce": digest(NONCE),
        "iat": NOW, "exp": NOW + 3600, "email": "anna@example.org",
    });
    for (name, value) in changes {
        claims[*name] = value.clone();
        if value.is_null() {
            claims.as_object_mut().expect("claims").remove(*name);
        }
    }
    let signer = signer();
    let token = encode(&Header::new(Algorithm::EdDSA), &claims, &signer.private).expect("a token");
    let audiences = ["app".to_owned(), "web".to_owned()];
    let expected = Expected {
        issuer: ISSUER,
        audiences: &audiences,
        nonce: NONCE,
        now: from_millis(NOW * 1000),
    };
    check(&token, &signer.public, &expected)
}

fn accepted(changes: &[(&str, Value)]) -> bool {
    checked(changes).is_ok()
}

#[test]
fn a_good_token_names_a_person() {
    let anna = Person { subject: "anna".to_owned(), email: Some("anna@example.org".to_owned()) };
    assert_eq!(checked(&[]), Ok(anna));
}

#[test]
fn every_claim_that_is_needed_is_needed_in_its_kind() {
    let kinds = "a claim is missing or of another kind";
    for name in ["iss", "sub", "aud", "iat", "exp", "nonce"] {
        for value in [json!(null), json!({}), json!(true)] {
            assert_eq!(checked(&[(name, value.clone())]), Err(kinds), "{name} {value}");
        }
    }
    for (name, value) in [
        ("iss", json!([ISSUER])),
        ("exp", json!("2030-01-01")),
        ("azp", json!(["app"])),
        ("nbf", json!("now")),
        ("sub", json!(5)),
    ] {
        assert_eq!(checked(&[(name, value.clone())]), Err(kinds), "{name} {value}");
    }
}

#[test]
fn clocks_may_differ_by_a_minute_and_no_more() {
    let leeway = 60;
    for (name, value, good) in [
        ("exp", NOW - leeway + 1, true),
        ("exp", NOW - leeway, false),
        ("exp", -1, false),
        ("iat", NOW + leeway, true),
        ("iat", NOW + leeway + 1, false),
        ("iat", 0, true),
        ("iat", -1, false),
        ("nbf", NOW + leeway, true),
        ("nbf", NOW + leeway + 1, false),
    ] {
        assert_eq!(accepted(&[(name, json!(value))]), good, "{name} {value}");
    }
    assert!(accepted(&[("exp", json!(1_778_097_900.5))]), "a fraction is a number, too");
    assert!(!accepted(&[("exp", json!(1e300))]));
}

#[test]
fn the_audience_is_one_of_our_apps() {
    for (aud, azp, good) in [
        (json!("app"), json!(null), true),
        (json!("web"), json!(null), true),
        (json!(["web"]), json!(null), true),
        // On Android the token for the server is asked for by an app with a name of its own.
        (json!("web"), json!("android"), true),
        (json!("other"), json!(null), false),
        (json!("other"), json!("app"), false),
        (json!([]), json!("app"), false),
        (json!(["app", "other"]), json!("app"), true),
        (json!(["app", "other"]), json!("web"), true),
        (json!(["app", "other"]), json!("other"), false),
        (json!(["app", "other"]), json!(null), false),
        (json!(["app", "web"]), json!(null), false),
        (json!(["app", "app"]), json!(null), false),
        (json!(["other", "another"]), json!("app"), false),
        (json!(["app", 5]), json!("app"), false),
        (json!("App"), json!(null), false),
        (json!(""), json!(null), false),
    ] {
        assert_eq!(accepted(&[("aud", aud.clone()), ("azp", azp.clone())]), good, "{aud} {azp}");
    }
}

#[test]
fn issuer_and_nonce_fit_to_the_letter() {
    for issuer in ["https://accounts.example.org/", "accounts.example.org", ""] {
        assert_eq!(checked(&[("iss", json!(issuer))]), Err("another issuer"), "{issuer}");
    }
    let shouted = digest(NONCE).to_uppercase();
    for nonce in [NONCE, &shouted, &digest("another"), ""] {
        assert_eq!(checked(&[("nonce", json!(nonce))]), Err("another nonce"), "{nonce}");
    }
}

#[test]
fn a_subject_has_1_to_255_characters() {
    for (subject, good) in [
        ("x".repeat(255), true),
        ("é".repeat(255), true),
        ("x".repeat(256), false),
        (String::new(), false),
        ("an\0na".to_owned(), false),
        ("an\nna".to_owned(), false),
    ] {
        assert_eq!(accepted(&[("sub", json!(subject))]), good, "{subject:?}");
    }
}

#[test]
fn an_address_that_cannot_be_one_is_left_out() {
    let long = "x".repeat(255);
    for email in [json!(null), json!(5), json!(["a@b.c"]), json!(long), json!("a\0@b.c")] {
        let person = checked(&[("email", email.clone())]);
        assert_eq!(person.map(|person| person.email), Ok(None), "{email}");
    }
}

#[test]
fn another_key_and_a_changed_token_are_noticed() {
    let (one, other) = (signer(), signer());
    let claims = json!({ "iss": ISSUER });
    let token = encode(&Header::new(Algorithm::EdDSA), &claims, &one.private).expect("a token");
    let expected =
        Expected { issuer: ISSUER, audiences: &[], nonce: NONCE, now: from_millis(NOW * 1000) };
    assert_eq!(check(&token, &other.public, &expected), Err("another signature"));
    let changed = token.replacen('.', ".e", 1);
    assert_eq!(check(&changed, &one.public, &expected), Err("another signature"));
}

#[test]
fn a_claim_that_is_there_twice_is_not_chosen_from() {
    let signer = signer();
    let good = json!({
        "iss": ISSUER, "aud": "app", "sub": "anna", "nonce": digest(NONCE), "iat": NOW, "exp": NOW + 60,
    })
    .to_string();
    let expected = Expected {
        issuer: ISSUER,
        audiences: &["app".to_owned()],
        nonce: NONCE,
        now: from_millis(NOW * 1000),
    };
    let checked = |claims: String| {
        let claims = RawValue::from_string(claims).expect("JSON");
        let token = encode(&Header::new(Algorithm::EdDSA), &claims, &signer.private);
        check(&token.expect("a token"), &signer.public, &expected).is_ok()
    };
    assert!(checked(good.clone()));
    for again in [r#""sub":"eve""#, r#""aud":"app""#, r#""exp":1"#] {
        assert!(!checked(good.replacen('{', &format!("{{{again},"), 1)), "{again}");
    }
}

#[test]
fn headers_that_no_key_can_fit_are_refused_before_any_key_is_asked_for() {
    let token = |header: &str| format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(header));
    let not_allowed = "it is signed by an algorithm that is not allowed";
    let unreadable = "its header cannot be read";
    for (header, expected) in [
        (r#"{"alg":"HS256"}"#, not_allowed),
        (r#"{"alg":"RS512"}"#, not_allowed),
        (r#"{"alg":"PS256"}"#, not_allowed),
        (r#"{"alg":"none"}"#, unreadable),
        (r#"{"alg":"rs256"}"#, unreadable),
        (r#"{"alg":"RS256","alg":"EdDSA"}"#, unreadable),
        (r#"{"alg":"RS256","crit":["exp"]}"#, "it demands an extension"),
        ("{}", unreadable),
        ("", unreadable),
    ] {
        assert_eq!(wanted(&token(header)), Err(expected), "{header}");
    }
    for junk in ["", ".", "..", "a.b", "a.b.c", "a.b.c.d", "\0", "ö.ö.ö"] {
        assert_eq!(wanted(junk), Err(unreadable), "{junk}");
    }
    let good = Wanted { name: Some("k".to_owned()), algorithm: Algorithm::RS256 };
    assert_eq!(wanted(&token(r#"{"alg":"RS256","kid":"k"}"#)), Ok(good));
}
