//! The sender's connection to Firebase: how many, how many messages at a time, and how it ends.

use crate::fcm::{Stage, retry};
use afterview_api::notifications::Verdict;
use afterview_api::notifications::retry::{Cause, Retry};
use afterview_tests::firebase::{Answer, Gate};
use chrono::TimeDelta;
use std::time::Duration;

fn all_delivered(verdicts: &[Verdict]) -> bool {
    verdicts.iter().all(|verdict| matches!(verdict, Verdict::Delivered { .. }))
}

#[actix_web::test]
async fn two_hundred_messages_share_one_http2_connection_and_one_token() {
    let stage = Stage::set().await;
    assert!(all_delivered(&stage.send_many(200).await));
    assert_eq!(stage.double.connections(), 1);
    assert_eq!(stage.double.token_requests(), 1);
    let messages = stage.double.messages();
    assert_eq!(messages.len(), 200);
    assert!(messages.iter().all(|message| message.http2));
}

#[actix_web::test]
async fn no_more_messages_are_on_their_way_than_allowed() {
    let stage = Stage::with(|options| options.in_flight = 3).await;
    let gate = Gate::default();
    for number in 0..5 {
        stage.double.script(&format!("device-{number}"), [Answer::Ok.behind(&gate)]);
    }
    let watching = async {
        stage.double.arrived(3).await;
        assert_eq!(stage.double.messages().len(), 3);
        gate.open();
    };
    let (verdicts, ()) = tokio::join!(stage.send_many(5), watching);
    assert!(all_delivered(&verdicts));
    assert_eq!(stage.double.messages().len(), 5);
}

#[actix_web::test]
async fn an_answer_that_does_not_come_in_time_is_given_up_and_the_connection_kept() {
    let stage = Stage::with(|options| options.timeout = Duration::from_millis(500)).await;
    stage.double.script("slow", [Answer::Ok.behind(&Gate::default())]);
    assert_eq!(stage.send("slow").await, retry(Cause::TimedOut));
    assert!(all_delivered(&[stage.send("quick").await]));
    assert_eq!(stage.double.messages().len(), 2);
    assert_eq!(stage.double.connections(), 1);
}

#[actix_web::test]
async fn a_connection_that_breaks_is_reported_and_nothing_is_sent_twice() {
    let stage = Stage::set().await;
    stage.double.script("after", [Answer::DropAfter]);
    assert_eq!(stage.send("after").await, retry(Cause::Unreachable));
    assert_eq!(stage.double.messages().len(), 1);
    stage.double.script("before", [Answer::DropBefore]);
    assert_eq!(stage.send("before").await, retry(Cause::Unreachable));
    assert_eq!(stage.double.messages().len(), 1);
    assert!(all_delivered(&[stage.send("later").await]));
}

#[actix_web::test]
async fn a_connection_that_says_goodbye_is_replaced_and_nothing_is_lost() {
    let stage = Stage::set().await;
    stage.double.script("device-7", [Answer::GoAway]);
    assert!(all_delivered(&stage.send_many(20).await));
    assert!(all_delivered(&stage.send_many(20).await));
    assert_eq!(stage.double.messages().len(), 40);
    assert_eq!(stage.double.connections(), 2);
}

#[actix_web::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let stage = Stage::with(|options| options.base_url = nobody).await;
    assert_eq!(stage.send("device").await, retry(Cause::Unreachable));
}

#[actix_web::test]
async fn after_five_failures_nothing_is_sent_until_one_message_went_to_see() {
    let stage = Stage::set().await;
    stage.double.script("device", vec![Answer::html(502); 6]);
    for _ in 0..5 {
        assert_eq!(stage.send("device").await, retry(Cause::Failed));
    }
    stage.clock.advance(TimeDelta::seconds(10));
    let asked = Some(Duration::from_secs(20));
    let paused = Verdict::Retry(Retry { asked, ..Retry::of(Cause::Paused) });
    assert_eq!(stage.send("device").await, paused);
    assert_eq!(stage.double.messages().len(), 5);

    stage.clock.advance(TimeDelta::seconds(20));
    assert_eq!(stage.send("device").await, retry(Cause::Failed), "the one that went to see");
    stage.clock.advance(TimeDelta::seconds(30));
    assert!(all_delivered(&stage.send_many(1).await));
    assert!(all_delivered(&stage.send_many(10).await));
}

#[actix_web::test]
async fn a_used_up_quota_is_no_failure_of_the_provider() {
    let stage = Stage::set().await;
    stage.double.script("device", vec![Answer::quota("device:device"); 9]);
    for _ in 0..9 {
        assert!(matches!(stage.send("device").await, Verdict::Retry(_)));
    }
    assert!(all_delivered(&[stage.send("other").await]));
}
