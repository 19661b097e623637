//! The keys of a provider: how long they are kept, and when they are asked for anew.

use crate::oidc::{Stage, sign_in};
use afterview_api::auth::oidc::{ProviderSettings, Providers};
use afterview_api::error::Code;
use afterview_tests::oidc::{APP, Answer, Gate, Kind, NONCE, OidcDouble, TestKey};
use afterview_tests::{ManualClock, START, TestApp, at};
use chrono::TimeDelta;
use futures_util::FutureExt;
use std::sync::Arc;
use std::time::Duration;

/// The code that checks tokens, without a server around it.
pub(crate) struct Checker {
    pub(crate) clock: ManualClock,
    pub(crate) double: OidcDouble,
    providers: Arc<Providers>,
}

impl Checker {
    pub(crate) async fn new(timeout: Duration) -> Self {
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

    pub(crate) async fn verify(&self) -> Result<String, Code> {
        let verified = self.providers.verify("test", &self.double.token("anna"), NONCE).await;
        verified.map(|identity| identity.subject).map_err(|error| error.code())
    }
}

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
