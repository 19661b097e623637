//! What a browser reads, what its push service learns, and what nobody may read in a log.

use crate::fcm_messages::Lines;
use crate::web_push::{Stage, is_delivered, reminder, send, subscription};
use afterview_api::notifications::web_push::Options;
use afterview_api::notifications::{Reminder, Verdict};
use afterview_api::outbound::Reach;
use afterview_tests::at;
use afterview_tests::push_service::Answer;
use serde_json::json;
use tracing::level_filters::LevelFilter;

#[actix_web::test]
async fn the_browser_reads_what_was_sent() {
    let stage = Stage::set().await;
    let browser = stage.double.subscribe();
    assert!(is_delivered(&stage.send(&browser).await));
    assert_eq!(stage.double.faults(), [""; 0]);
    let arrived = stage.double.messages().remove(0);
    let expected = json!({
        "type": "reminder",
        "title": "Now is a good time",
        "body": "Ask where things stand.",
        "follow_up_id": "acb84dc0-78e9-5d1a-aecd-c290d128f679",
        "occurrence": "2026-05-06T19:00:00Z",
        "v": "1778094000123",
    });
    assert_eq!(arrived.message, expected);
    assert_eq!(arrived.endpoint, browser.endpoint);
}

#[actix_web::test]
async fn the_push_service_learns_until_when_how_urgent_and_what_it_replaces() {
    let stage = Stage::set().await;
    let browser = stage.double.subscribe();
    let later = Reminder { occurrence: at("2026-05-06T20:00:00Z"), ..reminder() };
    let other = Reminder { follow_up_id: "another".to_owned(), ..reminder() };
    let late = Reminder { useful_until: at("2026-05-06T19:04:59Z"), ..reminder() };
    let distant = Reminder { useful_until: at("2027-05-06T19:05:00Z"), ..reminder() };
    for reminder in [&reminder(), &later, &other, &late, &distant] {
        assert!(is_delivered(&send(&stage.client, &browser, reminder).await));
    }
    let arrived = stage.double.messages();
    let ttls: Vec<u32> = arrived.iter().map(|message| message.ttl_s).collect();
    assert_eq!(ttls, [7200, 7200, 7200, 0, 2_419_200]);
    assert!(arrived.iter().all(|message| message.urgency == "high"));
    assert_eq!(arrived[0].topic.len(), 32);
    assert_eq!(arrived[0].topic, arrived[1].topic, "the later one replaces the first");
    assert_ne!(arrived[0].topic, arrived[2].topic, "another follow-up replaces nothing");
}

#[actix_web::test]
async fn a_body_always_has_the_same_length_and_no_two_are_alike() {
    let stage = Stage::set().await;
    let browser = stage.double.subscribe();
    let short = Reminder { title: String::new(), body: String::new(), ..reminder() };
    let long = Reminder { title: "t".repeat(9000), body: "é".repeat(9000), ..reminder() };
    for reminder in [&short, &reminder(), &reminder(), &long] {
        assert!(is_delivered(&send(&stage.client, &browser, reminder).await));
    }
    let arrived = stage.double.messages();
    assert!(arrived.iter().all(|message| message.body.len() == 4096));
    assert_eq!(arrived[1].message, arrived[2].message);
    assert_ne!(arrived[1].body, arrived[2].body);
    let cut = arrived[3].message["body"].as_str().unwrap();
    assert!(cut.ends_with("é…"), "what is too long is cut");
}

#[actix_web::test]
async fn nobody_but_the_browser_reads_it() {
    let stage = Stage::set().await;
    let [browser, other] = [(); 2].map(|()| stage.double.subscribe());
    assert!(is_delivered(&stage.send(&browser).await));
    let body = stage.double.messages().remove(0).body;
    assert!(browser.decrypt(&body).is_ok());
    assert_eq!(other.decrypt(&body), Err("the record does not decrypt"));
    let mut changed = body;
    changed[1000] ^= 1;
    assert_eq!(browser.decrypt(&changed), Err("the record does not decrypt"));
}

#[actix_web::test]
async fn a_name_of_a_message_that_holds_the_address_of_the_subscription_is_not_passed_on() {
    let stage = Stage::set().await;
    let browser = stage.double.subscribe();
    let location = format!("{}/m/1", browser.endpoint);
    stage.double.script(&browser, [Answer::Located { status: 201, location }]);
    assert_eq!(stage.send(&browser).await, Verdict::Delivered { name: String::new() });
}

#[actix_web::test]
async fn no_secret_stands_in_a_log_or_in_debug_output() {
    let (lines, _guard) = Lines::captured(LevelFilter::TRACE);
    let stage = Stage::set().await;
    let browsers = [(); 4].map(|()| stage.double.subscribe());
    stage.double.script(&browsers[0], [Answer::html(400), Answer::html(502)]);
    stage.double.script(&browsers[1], [Answer::DropAfter]);
    stage.double.unsubscribe(&browsers[2]);
    let mut shown = format!("{:?} {:?}", stage.client, Options::default());
    for _ in 0..3 {
        shown += &format!("{:?}", stage.send_to_all(&browsers).await);
    }
    let closed = Stage::with(|options| options.reach = Reach::Public).await;
    shown += &format!("{:?}", closed.send_to_all(&browsers).await);
    shown += &format!("{:?} {:?}", subscription(&browsers[0]), reminder());
    shown += &lines.text();

    let file = std::fs::read_to_string(stage.folder.path().join("web-push-key.json")).unwrap();
    let key: serde_json::Value = serde_json::from_str(&file).unwrap();
    let key = key["pkcs8"].as_str().unwrap();
    let arrived = stage.double.messages().remove(0);
    let token = arrived.authorization.split_once("t=").unwrap().1.split('.').next().unwrap();
    let mut secrets = vec![key, token, "eyJ", "Now is a good time", "Ask where things stand"];
    secrets.extend(["subscription-", "/push/"]);
    for browser in &browsers {
        secrets.extend([browser.auth.as_str(), browser.p256dh.as_str()]);
    }
    for secret in secrets {
        assert!(!shown.contains(secret), "{secret} is shown");
    }
    for part in ["TRACE", "hyper"] {
        assert!(shown.contains(part), "{part} was not captured");
    }
}
