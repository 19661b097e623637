//! Calendar feeds: who makes them, whom they let in, and how they end. What stands in a calendar is in
//! `calendar_events.rs`.

use crate::ical::{Component, calendar, feed, fetch, full, path};
use crate::support::{create, database, each, opportunity, pointers, with, without_request_id};
use afterview_tests::{Answer, Client, TestApp, story};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

const FEEDS: &str = "/v1/calendar-feeds";

/// The most feeds of an account.
const MOST: usize = 10;

fn address(feed: &Value) -> String {
    format!("{FEEDS}/{}", feed["id"].as_str().unwrap())
}

async fn make(client: &Client, body: Value) -> Value {
    client.post(FEEDS, body).await.expect(201)
}

/// What whoever has no good address is told.
fn refused(answer: &Answer) -> Value {
    assert_eq!(answer.header("cache-control"), "no-store");
    without_request_id(answer.expect_problem("not_found"))
}

#[actix_web::test]
async fn a_feed_is_private_unless_asked_otherwise_and_its_address_is_shown_once() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let made = make(&anna, json!({})).await;
    let known = json!({
        "id": made["id"], "name": "Appointments", "detail": "private", "alarms": true,
        "components": ["follow_ups", "interviews"], "created_at": "2026-05-06T19:05:00Z",
    });
    assert_eq!(made, with(known.clone(), &json!({ "url": made["url"] })));
    assert_eq!(anna.get(FEEDS).await.expect(200), json!({"items": [known.clone()]}));
    assert_eq!(anna.get(&address(&made)).await.expect(200), known);
    let url = path(&made);
    let secret = url.strip_prefix("/calendar/").and_then(|it| it.strip_suffix(".ics")).unwrap();
    assert_eq!(secret.len(), 43);
    assert!(database(&app).places_of(secret).is_empty());
    let stored = database(&app).lines("SELECT secret_hash AS line FROM calendar_feeds");
    assert!(stored[0].len() == 64 && !stored[0].contains(secret));
    assert_ne!(path(&make(&anna, json!({})).await), url);
}

#[actix_web::test]
async fn every_fault_of_a_feed_is_named() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let made = make(&anna, json!({})).await;
    for (wrong, places) in [
        (json!({"name": ""}), vec!["/name"]),
        (json!({"name": "x".repeat(101)}), vec!["/name"]),
        (json!({"detail": "everything", "alarms": 1}), vec!["/alarms", "/detail"]),
        (json!({"components": []}), vec!["/components"]),
        (json!({"components": ["offers"]}), vec!["/components/0"]),
        (json!({"url": "x"}), vec!["/url"]),
    ] {
        for answer in [
            anna.post(FEEDS, wrong.clone()).await,
            anna.patch(&address(&made), wrong.clone()).await,
        ] {
            let problem = answer.expect_problem("validation_failed");
            let mut named = pointers(&problem);
            named.sort_unstable();
            assert_eq!(named, places, "{wrong}");
        }
    }
}

#[actix_web::test]
async fn a_calendar_is_text_for_its_reader_alone_and_not_sent_twice() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    story::record(&anna).await;
    let path = feed(&anna, json!({})).await;
    let first = fetch(&anna, &path).await;
    assert_eq!(first.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(first.header("cache-control"), "private, no-cache");
    assert_eq!(first.header("referrer-policy"), "no-referrer");
    let tag = first.header("etag").to_owned();
    let program = app.anonymous();
    let again = async |tag: &str| {
        let known = [("if-none-match", tag)];
        program.send(Method::GET, &path, &known, None).await
    };
    let same = again(&tag).await;
    assert_eq!((same.status, same.text.as_str(), same.header("etag")), (304, "", tag.as_str()));
    assert_eq!(same.header("cache-control"), "private, no-cache");
    let head = program.send(Method::HEAD, &path, &[], None).await;
    assert_eq!((head.status, head.text.as_str(), head.header("etag")), (200, "", tag.as_str()));
    // Later on nothing has changed either: what is sent again is the same to the last byte.
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!(again(&tag).await.status, 304);
    assert_eq!(fetch(&anna, &path).await.text, first.text);
    create(&program.with_token(anna.token()), "/v1/opportunities", opportunity("other")).await;
    assert_eq!(again(&tag).await.status, 200);
}

#[actix_web::test]
async fn the_tag_of_a_calendar_holds_exactly_as_long_as_its_text() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let facts = story::record(&anna).await;
    story::debrief(&anna, &facts).await;
    let path = full(&anna).await;
    let mut last = fetch(&anna, &path).await;
    for step in 1..=48 {
        app.clock.advance(TimeDelta::minutes(151));
        let known = [("if-none-match", last.header("etag"))];
        let answer = app.anonymous().send(Method::GET, &path, &known, None).await;
        let now = fetch(&anna, &path).await;
        if answer.status == 304 {
            assert_eq!(now.text, last.text, "step {step}");
        }
        last = now;
    }
}

#[actix_web::test]
async fn other_options_are_another_calendar_at_the_same_address() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    story::record(&anna).await;
    let made = make(&anna, json!({"components": ["interviews"]})).await;
    let path = path(&made);
    let mut tag = fetch(&anna, &path).await.header("etag").to_owned();
    for (patch, name, value) in [
        (json!({"name": "Job, hunt"}), "NAME", "Job\\, hunt"),
        (json!({"detail": "full"}), "NAME", "Job\\, hunt"),
        (json!({"alarms": false}), "NAME", "Job\\, hunt"),
        (json!({"components": ["follow_ups"]}), "NAME", "Job\\, hunt"),
    ] {
        let changed = anna.patch(&address(&made), patch.clone()).await.expect(200);
        let (field, wanted) = patch.as_object().unwrap().iter().next().unwrap();
        assert_eq!(&changed[field], wanted);
        let known = [("if-none-match", tag.as_str())];
        let answer = app.anonymous().send(Method::GET, &path, &known, None).await;
        assert_eq!(answer.status, 200, "{patch}");
        assert_eq!(Component::read(&answer.text).get(name), Some(value));
        tag = answer.header("etag").to_owned();
    }
}

#[actix_web::test]
async fn whoever_has_no_good_address_is_told_always_the_same() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let ended = make(&alice, json!({})).await;
    let (rotated, id) = (make(&alice, json!({})).await, path(&make(&bob, json!({})).await));
    assert_eq!(alice.delete(&address(&ended)).await.status, 204);
    let renewed = alice.post(&format!("{}/rotate-secret", address(&rotated)), json!({})).await;
    let renewed = renewed.expect(200);
    assert_eq!((&renewed["id"], &renewed["name"]), (&rotated["id"], &rotated["name"]));
    let nobody = app.anonymous();
    let expected = refused(&nobody.get(&format!("/calendar/{}.ics", "A".repeat(43))).await);
    let unknown = id.replace("/calendar/", "").replace(".ics", "");
    for wrong in [
        path(&ended),
        path(&rotated),
        "/calendar/x.ics".to_owned(),
        format!("/calendar/{}.ics", "ü".repeat(21) + "x"),
        format!("/calendar/{}.ics", "%20".repeat(43)),
        format!("/calendar/{}.ics", ended["id"].as_str().unwrap()),
        format!("/calendar/{}.ics", unknown.to_uppercase()),
        format!("/calendar/{}x.ics", &unknown[..42]),
    ] {
        for client in [&nobody, &alice] {
            assert_eq!(refused(&client.get(&wrong).await), expected, "{wrong}");
        }
    }
    calendar(&alice, &path(&renewed)).await;
    calendar(&bob, &id).await;
}

#[actix_web::test]
async fn a_feed_shows_its_own_account_and_nobody_elses() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    for client in [&alice, &bob] {
        story::record(client).await;
    }
    let acme = json!({"employer": "Bobs employer"});
    bob.patch("/v1/opportunities/acme", acme).await.expect(200);
    let hers = make(&alice, json!({"detail": "full"})).await;
    let his = feed(&bob, json!({"detail": "full"})).await;
    assert!(!fetch(&alice, &path(&hers)).await.text.contains("Bobs employer"));
    // The same names of records are different events: both may be in the calendar of one adviser.
    let uids = async |path: &str| {
        let calendar = calendar(&alice, path).await;
        let events = calendar.all("VEVENT").into_iter();
        events.map(|event| event.get("UID").unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (hers_are, his_are) = (uids(&path(&hers)).await, uids(&his).await);
    assert!(!hers_are.is_empty() && hers_are.len() == his_are.len());
    assert!(hers_are.iter().all(|uid| !his_are.contains(uid)));
    for answer in [
        bob.get(&address(&hers)).await,
        bob.patch(&address(&hers), json!({"detail": "private"})).await,
        bob.delete(&address(&hers)).await,
        bob.post(&format!("{}/rotate-secret", address(&hers)), json!({})).await,
    ] {
        answer.expect_problem("not_found");
    }
    assert!(fetch(&alice, &path(&hers)).await.text.contains("Acme"));
}

#[actix_web::test]
async fn an_account_has_ten_feeds_at_most_and_a_repeated_request_makes_none_more() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let key = [("idempotency-key", "k1")];
    let body = json!({"name": "Phone"});
    let first = anna.send(Method::POST, FEEDS, &key, Some(body.clone())).await.expect(201);
    let again = anna.send(Method::POST, FEEDS, &key, Some(body)).await.expect(201);
    // The address is kept nowhere, so it cannot be told again.
    let mut without = first.clone();
    without.as_object_mut().unwrap().remove("url").unwrap();
    assert_eq!(again, without);
    let secret = path(&first).replace("/calendar/", "").replace(".ics", "");
    assert!(database(&app).places_of(&secret).is_empty());
    for _ in 1..MOST {
        make(&anna, json!({})).await;
    }
    let refused = anna.post(FEEDS, json!({})).await.expect_problem("limit_exceeded");
    assert!(refused["detail"].as_str().unwrap().contains("10 calendar feeds"));
    assert_eq!(anna.delete(&address(&first)).await.status, 204);
    make(&anna, json!({})).await;
    assert_eq!(each(&anna.get(FEEDS).await.expect(200), "name").len(), MOST);
}

#[actix_web::test]
async fn its_owner_sees_when_a_feed_was_read_and_what_became_of_it() {
    let app = TestApp::start().await;
    let mut anna = app.user("anna").await;
    app.clock.advance(TimeDelta::seconds(1));
    let made = make(&anna, json!({"name": "Kitchen"})).await;
    assert_eq!(anna.get(&address(&made)).await.expect(200).get("last_read_at"), None);
    for (minutes, noted) in [(0, "19:05:01"), (10, "19:05:01"), (60, "20:15:01")] {
        app.clock.advance(TimeDelta::minutes(minutes));
        fetch(&anna, &path(&made)).await;
        anna.refresh().await;
        let feed = anna.get(&address(&made)).await.expect(200);
        assert_eq!(feed["last_read_at"], format!("2026-05-06T{noted}Z"));
    }
    anna.post(&format!("{}/rotate-secret", address(&made)), json!({})).await.expect(200);
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(anna.delete(&address(&made)).await.status, 204);
    let trail = anna.get("/v1/account/audit").await.expect(200);
    let noted: Vec<(&str, &str)> =
        each(&trail, "kind").into_iter().zip(each(&trail, "about")).take(3).collect();
    let kinds = ["calendar_feed_revoked", "calendar_feed_rotated", "calendar_feed_created"];
    assert_eq!(noted, kinds.map(|kind| (kind, "Kitchen")));
}

#[actix_web::test]
async fn a_calendar_is_closed_when_its_account_is_deleted() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let path = feed(&anna, json!({})).await;
    fetch(&anna, &path).await;
    assert_eq!(anna.delete("/v1/account").await.status, 204);
    refused(&app.anonymous().get(&path).await);
    assert_eq!(database(&app).count("calendar_feeds"), 0);
}
