//! Providers that are out of reach, or answer with anything else than they should.

use crate::oidc::{Stage, sign_in};
use crate::oidc_keys::Checker;
use afterview_api::error::Code;
use afterview_tests::TestApp;
use afterview_tests::oidc::{Answer, Gate};
use chrono::TimeDelta;
use serde_json::json;
use std::time::Duration;

/// What a provider may answer instead of its description or its keys.
fn nonsense() -> Vec<Answer> {
    let located = |status| Answer::Located { status, location: "/keys".to_owned() };
    vec![
        Answer::html(200),
        Answer::html(500),
        Answer::status(500, json!({})),
        Answer::status(404, json!({})),
        Answer::status(201, json!({})),
        located(301),
        located(302),
        located(307),
        Answer::DropBefore,
        Answer::DropAfter,
        Answer::status(200, json!(null)),
        Answer::status(200, json!([])),
        Answer::status(200, json!({"keys": "none", "issuer": 5})),
        // Good at its beginning, and without an end within the limit.
        Answer::status(200, json!({"keys": [], "padding": "x".repeat(300 * 1024)})),
    ]
}

#[actix_web::test]
async fn whatever_a_provider_answers_sign_in_fails_and_the_server_goes_on() {
    for (app, provider) in TestApp::each_with_provider().await {
        let client = app.anonymous();
        let elsewhere = |name: &str, value: &str| {
            let mut description = provider.description();
            description[name] = json!(value);
            Answer::status(200, description)
        };
        let mut descriptions = nonsense();
        descriptions.push(elsewhere("issuer", "https://accounts.example.org"));
        descriptions.push(elsewhere("issuer", &format!("{}/", provider.issuer())));
        descriptions.push(elsewhere("jwks_uri", "http://keys.example.org/keys"));
        descriptions.push(elsewhere("jwks_uri", "file:///etc/passwd"));
        descriptions.push(elsewhere("jwks_uri", "/keys"));
        let scripts = [(descriptions, true), (nonsense(), false)];
        for (answers, of_description) in scripts {
            for answer in answers {
                let what = format!("{answer:.200?}");
                match of_description {
                    true => provider.script_description([answer]),
                    false => provider.script_keys([answer]),
                }
                let refused = sign_in(&client, &provider.token("anna")).await;
                assert_eq!(refused.status, 503, "{what}: {}", refused.text);
                refused.expect_problem("unavailable");
                app.clock.advance(TimeDelta::seconds(2));
            }
        }
        assert_eq!(client.get("/readyz").await.status, 200);
        sign_in(&client, &provider.token("anna")).await.expect(200);
    }
}

#[actix_web::test]
async fn a_key_that_cannot_be_looked_up_is_not_called_wrong() {
    for (app, provider) in TestApp::each_with_provider().await {
        let client = app.anonymous();
        sign_in(&client, &provider.token("anna")).await.expect(200);
        provider.rotate();
        provider.answer_everything(Answer::html(502));
        let token = provider.token("anna");
        for _ in 0..2 {
            sign_in(&client, &token).await.expect_problem("unavailable");
        }
        assert_eq!(provider.description_requests(), 2);
        provider.answer_everything(Answer::Ok);
        app.clock.advance(TimeDelta::seconds(60));
        sign_in(&client, &token).await.expect(200);
    }
}

#[actix_web::test]
async fn after_a_failure_without_keys_the_provider_has_a_moment_of_peace() {
    for (app, provider) in TestApp::each_with_provider().await {
        let client = app.anonymous();
        provider.script_description([Answer::html(500)]);
        for _ in 0..5 {
            sign_in(&client, &provider.token("anna")).await.expect_problem("unavailable");
        }
        assert_eq!(provider.description_requests(), 1);
        app.clock.advance(TimeDelta::seconds(2));
        sign_in(&client, &provider.token("anna")).await.expect(200);
    }
}

#[actix_web::test]
async fn a_key_set_without_a_key_of_use_refuses_everybody() {
    let stage = Stage::set().await;
    let secret = json!({"kty": "oct", "alg": "HS256", "kid": "key-1", "k": "AAAA"});
    stage.provider.script_keys(vec![Answer::status(200, json!({"keys": [secret]})); 4]);
    let token = stage.provider.token("anna");
    stage.sign_in(&token).await.expect_problem("invalid_id_token");
}

#[actix_web::test]
async fn a_provider_that_never_answers_is_given_up() {
    let checker = Checker::new(Duration::from_millis(50)).await;
    for keys_are_slow in [false, true] {
        let gate = Gate::default();
        match keys_are_slow {
            true => checker.double.script_keys([Answer::Ok.behind(&gate)]),
            false => checker.double.script_description([Answer::Ok.behind(&gate)]),
        }
        assert_eq!(checker.verify().await, Err(Code::Unavailable));
        checker.clock.advance(TimeDelta::seconds(2));
    }
}

#[actix_web::test]
async fn all_who_wait_for_the_keys_share_a_failure() {
    let checker = Checker::new(Duration::from_secs(60)).await;
    checker.double.script_description([Answer::html(500)]);
    let all: Vec<_> = (0..10).map(|_| Box::pin(checker.verify())).collect();
    for outcome in futures_util::future::join_all(all).await {
        assert_eq!(outcome, Err(Code::Unavailable));
    }
    assert_eq!(checker.double.description_requests(), 1);
}
