//! Providers that change their keys, are out of reach, or answer with anything else than they should.

use crate::oidc::{Stage, sign_in};
use afterview_api::auth::oidc::{ProviderSettings, Providers};
use afterview_api::error::Code;
use afterview_tests::oidc::{APP, Answer, Gate, Kind, NONCE, OidcDouble, TestKey};
use afterview_tests::{ManualClock, START, TestApp, at};
use chrono::TimeDelta;
use futures_util::FutureExt;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

#[actix_web::test]
async fn new_keys_are_found_at_once_and_old_ones_are_forgotten() {
    let stage = Stage::set().await;
    let old = stage.provider.key();
    stage.sign_in(&stage.provider.token("anna")).await.expect(200);
    stage.provider.rotate();
    stage.sign_in(&stage.provider.token("anna")).await.expect(200);
    let late = old.token(&stage.provider.claims("anna"));
    stage.sign_in(&late).await.expect_problem("invalid_id_token");
}

#[actix_web::test]
async fn made_up_names_of_keys_ask_the_provider_once_a_minute() {
    for (app, provider) in TestApp::each_with_provider().await {
        let client = app.anonymous();
        let junk = TestKey::generate(Kind::Es256, "made-up").token(&provider.claims("anna"));
        let refused = async |times: usize| {
            for _ in 0..times {
                sign_in(&client, &junk).await.expect_problem("invalid_id_token");
            }
        };
        refused(1).await;
        assert_eq!(provider.key_requests(), 1, "what was just fetched is not fetched again");
        refused(5).await;
        assert_eq!(provider.key_requests(), 2);
        app.clock.advance(TimeDelta::seconds(59));
        refused(5).await;
        assert_eq!(provider.key_requests(), 2);
        app.clock.advance(TimeDelta::seconds(1));
        refused(5).await;
        assert_eq!(provider.key_requests(), 3);
        sign_in(&client, &provider.token("anna")).await.expect(200);
        assert_eq!((provider.key_requests(), provider.description_requests()), (3, 3));
    }
}

#[actix_web::test]
async fn keys_are_kept_as_long_as_the_provider_says_within_limits() {
    for (said, kept) in [
        (None, 3600),
        (Some("public, max-age=7200"), 7200),
        (Some("max-age=0"), 300),
        (Some("no-store"), 3600),
        (Some("max-age=31536000"), 86_400),
    ] {
        let checker = Checker::new(Duration::from_secs(60)).await;
        if let Some(value) = said {
            checker.double.set_cache_control(value);
        }
        for (seconds, requests) in [(0, 1), (kept - 1, 1), (1, 2)] {
            checker.clock.advance(TimeDelta::seconds(seconds));
            assert!(checker.verify().await.is_ok());
            assert_eq!(checker.double.key_requests(), requests, "{said:?} after {seconds}");
        }
    }
}

#[actix_web::test]
async fn while_the_provider_is_down_its_keys_are_used_for_a_day() {
    for (app, provider) in TestApp::each_with_provider().await {
        let client = app.anonymous();
        let anna = async || sign_in(&client, &provider.token("anna")).await;
        anna().await.expect(200);
        provider.answer_everything(Answer::DropBefore);
        app.clock.advance(TimeDelta::hours(1));
        for _ in 0..3 {
            anna().await.expect(200);
        }
        assert_eq!(provider.description_requests(), 2, "and nobody keeps asking");
        app.clock.advance(TimeDelta::hours(23) - TimeDelta::seconds(1));
        anna().await.expect(200);
        app.clock.advance(TimeDelta::seconds(2));
        let refused = anna().await;
        refused.expect_problem("unavailable");
        assert_eq!((refused.status, refused.header("retry-after")), (503, "2"));
        provider.answer_everything(Answer::Ok);
        app.clock.advance(TimeDelta::seconds(2));
        anna().await.expect(200);
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

/// The code that checks tokens, without a server around it.
struct Checker {
    clock: ManualClock,
    double: OidcDouble,
    providers: Arc<Providers>,
}

impl Checker {
    async fn new(timeout: Duration) -> Self {
        let clock = ManualClock::new(at(START));
        let double = OidcDouble::start(&clock).await;
        let settings = ProviderSettings {
            name: "test".to_owned(),
            issuer: double.issuer().to_owned(),
            audiences: vec![APP.to_owned()],
        };
        let providers = Providers::new(vec![settings], timeout, Arc::new(clock.clone())).unwrap();
        Self { clock, double, providers: Arc::new(providers) }
    }

    async fn verify(&self) -> Result<String, Code> {
        let verified = self.providers.verify("test", &self.double.token("anna"), NONCE).await;
        verified.map(|identity| identity.subject).map_err(|error| error.code())
    }
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
async fn all_who_wait_for_the_keys_share_one_request() {
    let checker = Checker::new(Duration::from_secs(60)).await;
    let gate = Gate::default();
    checker.double.script_description([Answer::Ok.behind(&gate)]);
    let mut all: Vec<_> = (0..10).map(|_| Box::pin(checker.verify())).collect();
    // Each has come as far as it can when the gate is opened.
    for one in &mut all {
        assert!(one.now_or_never().is_none());
    }
    gate.open();
    for outcome in futures_util::future::join_all(all).await {
        assert_eq!(outcome, Ok("anna".to_owned()));
    }
    assert_eq!((checker.double.description_requests(), checker.double.key_requests()), (1, 1));
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

#[actix_web::test]
async fn who_has_a_known_key_does_not_wait_for_the_search_for_another() {
    let checker = Checker::new(Duration::from_secs(60)).await;
    assert!(checker.verify().await.is_ok());
    let gate = Gate::default();
    checker.double.script_description([Answer::Ok.behind(&gate)]);
    let junk = TestKey::generate(Kind::Es256, "made-up").token(&checker.double.claims("anna"));
    let mut search = Box::pin(checker.providers.verify("test", &junk, NONCE));
    assert!((&mut search).now_or_never().is_none());
    assert!(checker.verify().await.is_ok());
    gate.open();
    assert_eq!(search.await.unwrap_err().code(), Code::InvalidIdToken);
}
