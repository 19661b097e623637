//! What is kept for each push service: its token, its connection, and whether it works.

use crate::web_push::{Stage, again, is_delivered, send};
use afterview_api::notifications::retry::Cause;
use afterview_api::notifications::web_push::{Client, Options, VapidKeys};
use afterview_api::outbound::Reach;
use afterview_tests::push_service::{Answer, Browser, Gate, PushService};
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;

fn browsers(double: &PushService, count: usize) -> Vec<Browser> {
    (0..count).map(|_| double.subscribe()).collect()
}

#[actix_web::test]
async fn a_token_is_made_once_for_a_push_service_and_anew_at_four_fifths_of_its_life() {
    let stage = Stage::set().await;
    let browsers = browsers(&stage.double, 20);
    assert!(stage.send_to_all(&browsers).await.iter().all(is_delivered));
    let mut tokens = Vec::new();
    for seconds in [0, 34_559, 1, 34_559, 1] {
        stage.clock.advance(TimeDelta::seconds(seconds));
        assert!(is_delivered(&stage.send(&browsers[0]).await));
        let arrived = stage.double.messages();
        tokens.push(arrived.last().unwrap().authorization.clone());
    }
    let arrived = stage.double.messages();
    assert!(arrived[..20].iter().all(|message| message.authorization == tokens[0]));
    assert_eq!(tokens[0], tokens[1]);
    assert_ne!(tokens[1], tokens[2]);
    assert_eq!(tokens[2], tokens[3]);
    assert_ne!(tokens[3], tokens[4]);
    assert_eq!(stage.double.faults(), [""; 0], "each was good when it was used");
}

#[actix_web::test]
async fn each_push_service_gets_a_token_of_its_own() {
    let stage = Stage::set().await;
    let other = PushService::start_at(Arc::new(stage.clock.clone())).await;
    for browser in [stage.double.subscribe(), other.subscribe()] {
        assert!(is_delivered(&stage.send(&browser).await));
    }
    let [first, second] = [&stage.double, &other].map(|double| double.messages().remove(0));
    assert_ne!(first.authorization, second.authorization);
    assert_eq!(other.faults(), [""; 0], "it is the audience");
}

#[actix_web::test]
async fn without_a_contact_none_is_named() {
    let stage = Stage::with(|options| options.contact = None).await;
    let _ = stage.send(&stage.double.subscribe()).await;
    assert_eq!(stage.double.faults(), ["vapid: no contact"]);
}

#[actix_web::test]
async fn clocks_that_differ_by_hours_do_no_harm() {
    let stage = Stage::set().await;
    for hours in [-11, 11] {
        let clock = afterview_tests::ManualClock::new(stage.clock.get() + TimeDelta::hours(hours));
        let keys = VapidKeys::load_or_create(stage.folder.path()).unwrap();
        let contact = Some(crate::web_push::CONTACT.to_owned());
        let options = Options { reach: Reach::Anywhere, contact, ..Options::default() };
        let client = Client::new(keys, &options, Arc::new(clock)).unwrap();
        let browser = stage.double.subscribe();
        let verdict = send(&client, &browser, &crate::web_push::reminder()).await;
        assert!(is_delivered(&verdict), "{hours} {:?}", stage.double.faults());
    }
}

#[actix_web::test]
async fn one_after_the_other_they_share_a_connection() {
    let stage = Stage::set().await;
    for browser in browsers(&stage.double, 10) {
        assert!(is_delivered(&stage.send(&browser).await));
    }
    assert_eq!(stage.double.connections(), 1);
}

#[actix_web::test]
async fn no_more_messages_are_on_their_way_than_allowed() {
    let stage = Stage::with(|options| options.in_flight = 3).await;
    let browsers = browsers(&stage.double, 5);
    let gate = Gate::default();
    for browser in &browsers {
        stage.double.script(browser, [Answer::Ok.behind(&gate)]);
    }
    let watching = async {
        stage.double.arrived(3).await;
        assert_eq!(stage.double.messages().len(), 3);
        gate.open();
    };
    let (verdicts, ()) = tokio::join!(stage.send_to_all(&browsers), watching);
    assert!(verdicts.iter().all(is_delivered));
    assert_eq!(stage.double.messages().len(), 5);
}

#[actix_web::test]
async fn an_answer_that_does_not_come_in_time_is_given_up() {
    let stage = Stage::with(|options| options.timeout = Duration::from_millis(500)).await;
    let browser = stage.double.subscribe();
    stage.double.script(&browser, [Answer::Ok.behind(&Gate::default())]);
    assert_eq!(stage.send(&browser).await, again(Cause::TimedOut, None));
    assert!(is_delivered(&stage.send(&browser).await));
}

#[actix_web::test]
async fn a_connection_that_breaks_is_reported_and_nothing_is_sent_twice() {
    let stage = Stage::set().await;
    let browser = stage.double.subscribe();
    stage.double.script(&browser, [Answer::DropAfter, Answer::DropBefore]);
    assert_eq!(stage.send(&browser).await, again(Cause::Unreachable, None));
    assert_eq!(stage.double.messages().len(), 1);
    assert_eq!(stage.send(&browser).await, again(Cause::Unreachable, None));
    assert_eq!(stage.double.messages().len(), 1);
    assert!(is_delivered(&stage.send(&browser).await));
}

#[actix_web::test]
async fn a_push_service_that_is_not_there_is_unreachable() {
    let stage = Stage::set().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}/push/1", listener.local_addr().unwrap());
    drop(listener);
    let browser = stage.double.subscribe().at(&nobody);
    assert_eq!(stage.send(&browser).await, again(Cause::Unreachable, None));
}

#[actix_web::test]
async fn one_that_fails_is_left_alone_for_a_while_and_stops_no_other() {
    let stage = Stage::set().await;
    let other = PushService::start_at(Arc::new(stage.clock.clone())).await;
    let (browser, elsewhere) = (stage.double.subscribe(), other.subscribe());
    stage.double.script(&browser, vec![Answer::html(502); 6]);
    for _ in 0..5 {
        assert_eq!(stage.send(&browser).await, again(Cause::Failed, None));
    }
    stage.clock.advance(TimeDelta::seconds(10));
    assert_eq!(stage.send(&browser).await, again(Cause::Paused, Some(20)));
    assert_eq!(stage.double.messages().len(), 5);
    assert!(is_delivered(&stage.send(&elsewhere).await));

    stage.clock.advance(TimeDelta::seconds(20));
    assert_eq!(stage.send(&browser).await, again(Cause::Failed, None), "it went to see");
    stage.clock.advance(TimeDelta::seconds(30));
    assert!(is_delivered(&stage.send(&browser).await));
}

#[actix_web::test]
async fn a_used_up_quota_is_no_failure_of_the_push_service() {
    let stage = Stage::set().await;
    let [browser, other] = [(); 2].map(|()| stage.double.subscribe());
    stage.double.script(&browser, vec![Answer::html(429); 9]);
    for _ in 0..9 {
        assert_eq!(stage.send(&browser).await, again(Cause::Quota, None));
    }
    assert!(is_delivered(&stage.send(&other).await));
}
