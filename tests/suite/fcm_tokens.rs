//! The sender's access tokens: one for everybody, renewed in time, and none for a refused account.

use crate::fcm::{Stage, retry, send};
use afterview_api::notifications::Verdict;
use afterview_api::notifications::fcm::{Client, Options, ServiceAccount};
use afterview_api::notifications::retry::{Cause, Retry};
use afterview_tests::firebase::{Answer, Gate};
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;

fn is_delivered(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Delivered { .. })
}

#[actix_web::test]
async fn twenty_messages_at_once_ask_for_one_token() {
    let stage = Stage::set().await;
    assert!(stage.send_many(20).await.iter().all(is_delivered));
    assert_eq!(stage.double.token_requests(), 1);
    assert_eq!(stage.double.faults(), [""; 0], "the assertion is what Google wants");
}

#[actix_web::test]
async fn a_token_is_renewed_at_four_fifths_of_its_life() {
    let stage = Stage::set().await;
    stage.double.set_token_life(1000);
    for (seconds, requests) in [(0, 1), (799, 1), (1, 2), (799, 2), (1, 3)] {
        stage.clock.advance(TimeDelta::seconds(seconds));
        assert!(is_delivered(&stage.send("device").await));
        assert_eq!(stage.double.token_requests(), requests);
    }
}

#[actix_web::test]
async fn while_one_renews_the_token_the_others_go_on_with_the_old_one() {
    let stage = Stage::set().await;
    stage.double.set_token_life(1000);
    assert!(is_delivered(&stage.send("device").await));
    stage.clock.advance(TimeDelta::seconds(900));
    let gate = Gate::default();
    stage.double.script_tokens([Answer::Ok.behind(&gate)]);
    let others = async {
        stage.double.arrived(4).await;
        gate.open();
    };
    let (verdicts, ()) = tokio::join!(stage.send_many(4), others);
    assert!(verdicts.iter().all(is_delivered));
    stage.clock.advance(TimeDelta::seconds(60));
    assert!(is_delivered(&stage.send("device").await));
    assert_eq!(stage.double.token_requests(), 2, "the renewal did not have to be given up");
}

#[actix_web::test]
async fn a_failed_renewal_leaves_the_old_token_until_its_end() {
    let stage = Stage::set().await;
    stage.double.set_token_life(1000);
    assert!(is_delivered(&stage.send("device").await));
    stage.double.script_tokens(vec![Answer::html(503).retry_after("40"); 3]);
    stage.clock.advance(TimeDelta::seconds(900));
    assert!(is_delivered(&stage.send("device").await));
    assert!(is_delivered(&stage.send("device").await), "no second attempt in the same moment");
    assert_eq!(stage.double.token_requests(), 2);
    stage.clock.advance(TimeDelta::seconds(30));
    assert!(is_delivered(&stage.send("device").await));
    assert_eq!(stage.double.token_requests(), 3);
    stage.clock.advance(TimeDelta::seconds(70));
    let asked = Some(Duration::from_secs(40));
    let expected = Verdict::Retry(Retry { asked, ..Retry::of(Cause::Failed) });
    assert_eq!(stage.send("device").await, expected);
    assert!(is_delivered(&stage.send("device").await));
}

#[actix_web::test]
async fn those_who_waited_for_a_token_share_the_failure() {
    let stage = Stage::set().await;
    stage.double.script_tokens([Answer::html(502)]);
    let verdicts = stage.send_many(20).await;
    assert_eq!(verdicts, vec![retry(Cause::Failed); 20]);
    assert_eq!(stage.double.token_requests(), 1);
    assert_eq!(stage.double.messages(), []);
}

#[actix_web::test]
async fn a_refused_account_is_never_tried_again() {
    let stage = Stage::set().await;
    stage.double.script_tokens([Answer::oauth(400, "invalid_grant")]);
    let detail = "400 invalid_grant".to_owned();
    let refused = Verdict::CredentialsRefused { detail };
    assert_eq!(stage.send_many(20).await, vec![refused.clone(); 20]);
    stage.clock.advance(TimeDelta::days(1));
    assert_eq!(stage.send("device").await, refused);
    assert_eq!(stage.double.token_requests(), 1);
}

#[actix_web::test]
async fn an_account_that_is_refused_at_a_renewal_sends_nothing_more() {
    let stage = Stage::set().await;
    assert!(is_delivered(&stage.send("device").await));
    stage.double.script_tokens([Answer::oauth(401, "invalid_client")]);
    stage.clock.advance(TimeDelta::minutes(50));
    for _ in 0..2 {
        assert!(matches!(stage.send("device").await, Verdict::CredentialsRefused { .. }));
    }
    assert_eq!(stage.double.messages().len(), 1);
    assert_eq!(stage.double.token_requests(), 2);
}

#[actix_web::test]
async fn a_token_that_is_refused_to_many_is_renewed_once() {
    let stage = Stage::set().await;
    assert!(is_delivered(&stage.send("device").await));
    stage.double.revoke_tokens();
    assert!(stage.send_many(20).await.iter().all(is_delivered));
    assert_eq!(stage.double.token_requests(), 2);
}

#[actix_web::test]
async fn an_unintelligible_grant_is_no_token() {
    let stage = Stage::set().await;
    for body in
        ["<html>", r#"{"access_token": "a"}"#, r#"{"access_token": "a b", "expires_in": 9}"#]
    {
        let body = serde_json::from_str(body).unwrap_or_else(|_| body.into());
        stage.double.script_tokens([Answer::Status { status: 200, body, retry_after: None }]);
        assert_eq!(stage.send("device").await, retry(Cause::Failed));
    }
    assert!(is_delivered(&stage.send("device").await));
}

#[actix_web::test]
async fn an_assertion_of_another_hour_is_refused_for_good() {
    let stage = Stage::set().await;
    let behind = afterview_tests::ManualClock::new(afterview_tests::at("2026-05-06T12:00:00Z"));
    let file = stage.double.credentials_file(stage.folder.path());
    let account = ServiceAccount::read(&file).unwrap();
    let options = Options { base_url: stage.double.base_url().to_owned(), ..Options::default() };
    let client = Client::new(account, &options, Arc::new(behind)).unwrap();
    assert!(matches!(send(&client, "device").await, Verdict::CredentialsRefused { .. }));
    assert_eq!(stage.double.faults(), ["assertion: not within its hour"]);
}

#[actix_web::test]
async fn messages_do_not_travel_in_the_clear() {
    let stage = Stage::set().await;
    let file = stage.double.credentials_file(stage.folder.path());
    let account = ServiceAccount::read(&file).unwrap();
    let options = Options { base_url: "http://fcm.example.org".to_owned(), ..Options::default() };
    let error = Client::new(account, &options, Arc::new(stage.clock.clone())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot send: the address of Firebase must be an https address, \
         or an http address of this machine itself"
    );
}
