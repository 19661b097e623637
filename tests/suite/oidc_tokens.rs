//! ID tokens that are not good: all get the same answer, whatever is wrong with them.

use crate::oidc::Stage;
use crate::support::without_request_id;
use afterview_tests::oidc::{Kind, TestKey, unsigned, with_secret};
use serde_json::{Value, json};

impl Stage {
    /// A token of `anna` with other values of these claims; null takes one away.
    fn token_with(&self, changes: &Value) -> String {
        let mut claims = self.provider.claims("anna");
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            }
        }
        self.provider.key().token(&claims)
    }

    /// They are refused in the same words.
    async fn all_refused(&self, tokens: &[(&str, String)]) {
        for (what, token) in tokens {
            let refused = self.sign_in(token).await;
            assert_eq!(refused.status, 401, "{what}: {}", refused.text);
            let problem = without_request_id(refused.expect_problem("invalid_id_token"));
            let expected = json!({
                "type": "/problems/invalid_id_token", "title": "The ID token is not valid",
                "status": 401, "detail": "sign in with the provider again",
                "code": "invalid_id_token",
            });
            assert_eq!(problem, expected, "{what}");
        }
        assert_eq!(self.app.databases().count("accounts"), 0);
    }
}

#[actix_web::test]
async fn a_token_for_another_sign_in_app_issuer_or_time_is_refused() {
    let stage = Stage::set().await;
    let now = stage.app.clock.get().timestamp();
    let token = |changes| stage.token_with(&changes);
    stage
        .all_refused(&[
            ("wrong nonce", token(json!({"nonce": "a".repeat(64)}))),
            ("no nonce", token(json!({"nonce": null}))),
            ("the nonce itself", token(json!({"nonce": afterview_tests::oidc::NONCE}))),
            ("wrong audience", token(json!({"aud": "somebody-else"}))),
            ("several audiences", token(json!({"aud": ["afterview-app", "somebody-else"]}))),
            ("wrong issuer", token(json!({"iss": "https://accounts.example.org"}))),
            ("expired", token(json!({"exp": now - 60}))),
            ("no end", token(json!({"exp": null}))),
            ("made in the future", token(json!({"iat": now + 61}))),
            ("no beginning", token(json!({"iat": null}))),
            ("nobody", token(json!({"sub": ""}))),
        ])
        .await;
    stage.sign_in(&token(json!({"exp": now - 59, "iat": now + 60}))).await.expect(200);
    let ours = json!({"aud": ["afterview-app", "somebody-else"], "azp": "afterview-web"});
    stage.sign_in(&token(ours)).await.expect(200);
}

#[actix_web::test]
async fn a_token_that_the_provider_did_not_sign_is_refused() {
    let stage = Stage::set().await;
    let rsa = stage.provider.add_key(Kind::Rs256);
    let claims = stage.provider.claims("anna");
    let own = stage.provider.key();
    let header = |algorithm: &str, key: &str| json!({"alg": algorithm, "kid": key});
    let wrong = TestKey::generate(Kind::Es256, &own.name);
    let shared = header("HS256", &rsa.name);
    let modulus = rsa.jwk()["n"].to_string();
    let mut tampered = own.token(&claims);
    tampered.insert(tampered.rfind('.').unwrap(), 'A');
    stage
        .all_refused(&[
            ("alg none", unsigned(&header("none", &own.name), &claims)),
            ("alg None", unsigned(&header("None", &own.name), &claims)),
            ("no signature", unsigned(&header("ES256", &own.name), &claims)),
            ("HS256 with the public key", with_secret(&shared, &claims, rsa.public())),
            ("HS256 with the modulus", with_secret(&shared, &claims, modulus.as_bytes())),
            ("RS256 in name only", own.token_with(&header("RS256", &own.name), &claims)),
            ("a key of another kind", own.token_with(&header("ES256", &rsa.name), &claims)),
            ("wrong key", wrong.token(&claims)),
            ("no kid with several keys", own.token_with(&json!({"alg": "ES256"}), &claims)),
            ("tampered", tampered),
        ])
        .await;
}

#[actix_web::test]
async fn a_key_in_the_token_itself_means_nothing() {
    let stage = Stage::set().await;
    let claims = stage.provider.claims("anna");
    let thief = TestKey::generate(Kind::Es256, "thief");
    let url = format!("{}/keys", stage.other.issuer());
    let own = stage.provider.key().name.clone();
    stage
        .all_refused(&[
            (
                "jwk",
                thief.token_with(&json!({"alg": "ES256", "kid": own, "jwk": thief.jwk()}), &claims),
            ),
            ("jku", thief.token_with(&json!({"alg": "ES256", "kid": "x", "jku": url}), &claims)),
        ])
        .await;
    assert_eq!(stage.other.key_requests(), 0);
}

#[actix_web::test]
async fn a_token_without_the_name_of_a_key_is_taken_where_there_is_one_key() {
    let stage = Stage::set().await;
    let claims = stage.provider.claims("anna");
    let token = stage.provider.key().token_with(&json!({"alg": "ES256"}), &claims);
    stage.sign_in(&token).await.expect(200);
}

#[actix_web::test]
async fn junk_is_refused_and_the_provider_never_hears_of_it() {
    let stage = Stage::set().await;
    let long = "a".repeat(16_000);
    for junk in ["x", "..", "a.b.c", "a.b.c.d", "e30.e30.", "null", "žluť.o.č", "\u{1}", &long] {
        let refused = stage.sign_in(junk).await;
        refused.expect_problem("invalid_id_token");
        assert_eq!(refused.status, 401);
    }
    stage.sign_in("").await.expect_problem("validation_failed");
    assert_eq!(stage.provider.description_requests(), 0);
}
