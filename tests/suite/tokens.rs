//! Access tokens from outside: how they are signed, and which are not accepted.

use crate::forge::{decoded, encoded};
use crate::support::redacted;
use afterview_tests::{Answer, Client, TestApp};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::{Value, json};

async fn with_authorization(client: &Client, value: &str) -> Answer {
    client.raw(Method::GET, "/v1/preferences", &[("authorization", value)], Vec::new()).await
}

#[actix_web::test]
async fn the_published_key_is_the_one_that_the_token_names() {
    let app = TestApp::start().await;
    let client = app.user("anna").await;
    let (header, claims) = decoded(client.token());
    let published = app.anonymous().get("/.well-known/jwks.json").await;
    assert_eq!(published.header("cache-control"), "public, max-age=300");
    let keys = published.expect(200);
    let kid = header["kid"].as_str().unwrap();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    insta::assert_json_snapshot!(redacted(keys["keys"][0].clone(), &["kid", "x"]), @r#"
    {
      "alg": "EdDSA",
      "crv": "Ed25519",
      "kid": "[kid]",
      "kty": "OKP",
      "use": "sig",
      "x": "[x]"
    }
    "#);
    assert_eq!(keys["keys"][0]["kid"], kid);
    let key = URL_SAFE_NO_PAD.decode(keys["keys"][0]["x"].as_str().unwrap()).unwrap();
    assert_eq!(key.len(), 32);
    assert_eq!(header, json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid}));
    insta::assert_json_snapshot!(redacted(claims, &["sub", "sid", "jti"]), @r#"
    {
      "aud": "afterview",
      "exp": 1778095200,
      "iat": 1778094300,
      "iss": "http://afterview.test",
      "jti": "[jti]",
      "scope": "read write sync calendar webhooks account",
      "sid": "[sid]",
      "sub": "[sub]"
    }
    "#);
}

#[actix_web::test]
async fn keys_and_tokens_outlive_a_restart() {
    let app = TestApp::start().await;
    let client = app.user("anna").await;
    let keys = client.get("/.well-known/jwks.json").await.expect(200);
    let app = app.restart().await;
    let again = app.anonymous().with_token(client.token());
    again.get("/v1/preferences").await.expect(200);
    assert_eq!(again.get("/.well-known/jwks.json").await.expect(200), keys);
}

#[actix_web::test]
async fn a_token_that_was_tampered_with_is_refused() {
    let app = TestApp::start().await;
    let (anna, eve) = (app.user("anna").await, app.user("eve").await);
    let (header, claims) = decoded(anna.token());
    let signature = anna.token().rsplit('.').next().unwrap();
    let changed = |part: &Value, name: &str, value: Value| {
        let mut part = part.clone();
        part[name] = value;
        encoded(&part)
    };
    let (head, body) = (encoded(&header), encoded(&claims));
    let of_eve = decoded(eve.token()).1;
    let forgeries = [
        format!("{head}.{}.{signature}", changed(&claims, "sub", of_eve["sub"].clone())),
        format!("{head}.{}.{signature}", changed(&claims, "exp", json!(4_102_444_800_i64))),
        format!("{head}.{}.{signature}", encoded(&of_eve)),
        format!("{}.{body}.", changed(&header, "alg", json!("none"))),
        format!("{}.{body}.{signature}", changed(&header, "alg", json!("none"))),
        format!("{}.{body}.{signature}", changed(&header, "alg", json!("HS256"))),
        format!("{}.{body}.{signature}", changed(&header, "kid", json!("other"))),
        format!("{}.{body}.{signature}", changed(&header, "typ", json!("JWT"))),
        format!("{head}.{body}.{}", "A".repeat(86)),
        format!("{head}.{body}."),
        format!("{head}.{body}"),
        format!("{}x", anna.token()),
    ];
    for forgery in forgeries {
        let refused = anna.with_token(&forgery).get("/v1/preferences").await;
        refused.expect_problem("unauthenticated");
        assert_eq!((refused.status, refused.header("www-authenticate")), (401, "Bearer"));
    }
    anna.get("/v1/preferences").await.expect(200);
}

#[actix_web::test]
async fn without_a_bearer_token_the_answer_says_what_is_asked_for() {
    let app = TestApp::start().await;
    let (client, anna) = (app.anonymous(), app.user("anna").await);
    for header in ["", "Bearer", "Bearer ", "Basic YW5uYTpzZWNyZXQ=", anna.token(), "Bearer a.b.c"]
    {
        let refused = with_authorization(&client, header).await;
        refused.expect_problem("unauthenticated");
        assert_eq!(refused.header("www-authenticate"), "Bearer", "{header}");
    }
    let missing = client.get("/v1/preferences").await;
    assert_eq!(missing.header("www-authenticate"), "Bearer");
    missing.expect_problem("unauthenticated");
    // The scheme is read without regard to case (RFC 9110).
    let odd = with_authorization(&client, &format!("bEARER {}", anna.token())).await;
    odd.expect(200);
}

#[actix_web::test]
async fn a_refresh_token_is_no_access_token() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let swapped = anna.with_token(&anna.refresh_token);
    swapped.get("/v1/preferences").await.expect_problem("unauthenticated");
    let body = json!({ "refresh_token": anna.token() });
    let refused = anna.post("/v1/auth/refresh", body).await;
    assert!([401, 422].contains(&refused.status), "{}", refused.text);
}
