//! What is not let in: at every operation that needs a token, every token that is none of ours, or not
//! any more. All of them get the same answer, so nobody learns how far a forgery came.

use crate::forge::{Forge, decoded, personal};
use crate::operations::closed;
use crate::support::without_request_id;
use afterview_tests::{Answer, Client, TestApp};
use chrono::TimeDelta;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

type Named = (&'static str, String);

/// An answer without what differs between any two.
fn told(answer: &Answer) -> (u16, HeaderMap, Value) {
    let mut headers = answer.headers.clone();
    headers.remove("x-request-id");
    (answer.status, headers, without_request_id(answer.json()))
}

/// Shows every token at every operation that needs one.
async fn refused_everywhere(client: &Client, tokens: &[Named]) {
    let example = client.with_token("x").get("/v1/preferences").await;
    // Where any JSON would be taken for content, the same is said in plain text.
    let plain = client.with_token("x").get("/v1/compat/rxdb/contacts/pull").await;
    let (expected, in_plain_text) = (told(&example), told(&plain));
    assert_eq!((example.status, example.header("www-authenticate")), (401, "Bearer"));
    for operation in closed(client).await {
        for (name, token) in tokens {
            let answer = operation.ask(&client.with_token(token)).await;
            answer.expect_problem("unauthenticated");
            let expected = if answer.is_plain() { &in_plain_text } else { &expected };
            assert_eq!(&told(&answer), expected, "{name}: {operation:?}");
        }
    }
}

#[actix_web::test]
async fn an_access_token_that_is_not_ours_opens_nothing() {
    let app = TestApp::start().await;
    let (anna, eve) = (app.user("anna").await, app.user("eve").await);
    let forge = Forge::of(&app, anna.token());
    let mut tokens = [forge.other_algorithms(), forge.other_keys()].concat();
    tokens.extend(forge.tampered(&decoded(eve.token()).1));
    refused_everywhere(&anna, &tokens).await;
    anna.get("/v1/preferences").await.expect(200);
}

/// Even if our own key signed it: it was made for something else.
#[actix_web::test]
async fn an_access_token_that_we_made_for_another_purpose_opens_nothing() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let forge = Forge::of(&app, anna.token());
    let mut tokens = Vec::new();
    for (name, value) in [
        ("typ", json!("JWT")),
        ("typ", json!("application/jwt")),
        ("typ", Value::Null),
        ("kid", json!("other")),
        ("kid", json!("")),
        ("kid", Value::Null),
    ] {
        tokens.push((name, forge.with_header(name, value)));
    }
    for (name, value) in [
        ("aud", json!("another service")),
        ("aud", Value::Null),
        ("iss", json!("http://another.test")),
        ("iss", json!("http://afterview.test/")),
        ("iss", Value::Null),
        ("sub", Value::Null),
        ("sid", Value::Null),
        ("scope", Value::Null),
        ("exp", json!("never")),
        ("exp", Value::Null),
    ] {
        tokens.push((name, forge.with_claim(name, value)));
    }
    refused_everywhere(&anna, &tokens).await;
    // It is not the hand that signs: the same claims and header by the same hand are good.
    let by_hand = forge.signed(&forge.header, &forge.claims);
    anna.with_token(&by_hand).get("/v1/preferences").await.expect(200);
}

#[actix_web::test]
async fn an_access_token_that_was_good_once_opens_nothing() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let old = anna.token().to_owned();
    // Clocks may differ by half a minute.
    app.clock.advance(TimeDelta::minutes(15) + TimeDelta::seconds(30));
    let (mut anna, eve) = (anna, app.user("eve").await);
    anna.refresh().await;
    assert_eq!(eve.post("/v1/auth/logout", json!({})).await.status, 204);
    let secret = anna.refresh_token.clone();
    let tokens = [("expired", old), ("ended", eve.token().to_owned()), ("refresh", secret)];
    refused_everywhere(&anna, &tokens).await;
    anna.get("/v1/preferences").await.expect(200);
}

/// A personal token of the caller's account that allows everything, and its name.
async fn made(client: &Client, days: i64) -> (String, String) {
    let all = crate::operations::SCOPES;
    let body = json!({"name": "a program", "scopes": all, "expires_in_days": days});
    let made = client.post("/v1/auth/tokens", body).await.expect(201);
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("token"), text("id"))
}

#[actix_web::test]
async fn a_personal_token_that_is_none_or_none_any_more_opens_nothing() {
    let app = TestApp::start().await;
    let mut anna = app.user("anna").await;
    let ((short, _), (ended, name), (good, _)) =
        (made(&anna, 1).await, made(&anna, 2).await, made(&anna, 2).await);
    for token in [&short, &ended, &good] {
        anna.with_token(token).get("/v1/preferences").await.expect(200);
    }
    app.clock.advance(TimeDelta::days(1));
    anna.refresh().await;
    assert_eq!(anna.delete(&format!("/v1/auth/tokens/{name}")).await.status, 204);
    // A check of our own agrees with the server's, so the unknown one is not just malformed.
    assert_eq!(personal(&good[4..47]), good);
    let mut mistyped = good.clone().into_bytes();
    mistyped[20] ^= 1;
    let tokens = [
        ("empty", "aft_".to_owned()),
        ("malformed", "aft_x".to_owned()),
        ("mistyped", String::from_utf8(mistyped).unwrap()),
        ("in capitals", good.to_uppercase()),
        ("unknown", personal(&"x".repeat(43))),
        ("its name in its place", format!("aft_{name}")),
        ("expired", short),
        ("ended", ended),
    ];
    refused_everywhere(&anna, &tokens).await;
    anna.with_token(&good).get("/v1/preferences").await.expect(200);
}
