//! `Idempotency-Key`: a repeated request gets the first answer and does nothing twice.

use crate::support::{each, opportunity, with};
use afterview_tests::{Answer, Client, TestApp, story};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

async fn keyed(client: &Client, key: &str, path: &str, body: Value) -> Answer {
    client.send(Method::POST, path, &[("idempotency-key", key)], Some(body)).await
}

fn nameless() -> Value {
    json!({"employer": "Acme", "role": "Data engineer"})
}

#[actix_web::test]
async fn a_repeated_request_gets_the_first_answer_byte_for_byte() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let first = keyed(&client, "k1", "/v1/opportunities", nameless()).await;
    app.clock.advance(TimeDelta::minutes(10));
    client.patch(first.header("location"), json!({"role": "Analyst"})).await.expect(200);
    let again = keyed(&client, "k1", "/v1/opportunities", nameless()).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(again.bytes, first.bytes);
    for name in ["etag", "location", "content-type"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    let page = client.get("/v1/opportunities").await.expect(200);
    assert_eq!(each(&page, "role"), ["Analyst"]);
}

#[actix_web::test]
async fn a_key_belongs_to_one_payload_and_one_address() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    keyed(&client, "k1", "/v1/opportunities", nameless()).await.expect(201);
    let other = with(nameless(), &json!({"role": "Analyst"}));
    let reused = keyed(&client, "k1", "/v1/opportunities", other).await;
    reused.expect_problem("idempotency_key_reused");
    let elsewhere = keyed(&client, "k1", "/v1/supplements", nameless()).await;
    elsewhere.expect_problem("idempotency_key_reused");
    assert_eq!(each(&client.get("/v1/opportunities").await.expect(200), "role").len(), 1);
}

#[actix_web::test]
async fn a_failure_is_not_kept_so_the_corrected_request_may_use_the_key() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let contact = json!({"opportunity_id": "acme", "name": "Anna", "role": "interviewer"});
    for _ in 0..2 {
        let refused = keyed(&client, "k1", "/v1/contacts", contact.clone()).await;
        refused.expect_problem("validation_failed");
    }
    client.post("/v1/opportunities", opportunity("acme")).await.expect(201);
    let made = keyed(&client, "k1", "/v1/contacts", contact.clone()).await;
    assert_eq!(keyed(&client, "k1", "/v1/contacts", contact).await.text, made.text);
    assert_eq!(made.status, 201);
}

#[actix_web::test]
async fn the_same_key_of_another_account_is_another_key() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let hers = keyed(&alice, "k1", "/v1/opportunities", nameless()).await.expect(201);
    let his = keyed(&bob, "k1", "/v1/opportunities", nameless()).await.expect(201);
    assert_ne!(hers["id"], his["id"]);
    let other = with(nameless(), &json!({"id": "beta"}));
    keyed(&bob, "k2", "/v1/opportunities", other).await.expect(201);
    assert_eq!(each(&alice.get("/v1/opportunities").await.expect(200), "id").len(), 1);
}

#[actix_web::test]
async fn simultaneous_twins_do_the_work_once() {
    for app in TestApp::each().await {
        let client = app.user("candidate").await;
        let twins = (0..12).map(|_| {
            let client = client.clone();
            actix_web::rt::spawn(async move {
                keyed(&client, "k1", "/v1/opportunities", nameless()).await
            })
        });
        let mut texts = Vec::new();
        for twin in twins.collect::<Vec<_>>() {
            let answer = twin.await.unwrap();
            assert_eq!(answer.status, 201);
            texts.push(answer.text);
        }
        texts.dedup();
        assert_eq!(texts.len(), 1);
        assert_eq!(each(&client.get("/v1/opportunities").await.expect(200), "id").len(), 1);
    }
}

#[actix_web::test]
async fn debriefs_and_actions_are_repeatable_too() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    let debrief = json!({"promise": {"text": "by the end of the week"}, "commitments": [{"kind": "references"}]});
    let path = "/v1/interviews/i1/debrief";
    let first = keyed(&client, "k1", path, debrief.clone()).await;
    app.clock.advance(TimeDelta::minutes(5));
    assert_eq!(keyed(&client, "k1", path, debrief).await.text, first.text);
    for (collection, count) in [("expectations", 1), ("commitments", 1)] {
        let page = client.get(&format!("/v1/{collection}")).await.expect(200);
        assert_eq!(each(&page, "id").len(), count, "{collection}");
    }
    let plan = first.expect(200);
    let fulfil = crate::support::item(&plan, "fulfil")["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/follow-ups/{fulfil}/sent");
    let sent = keyed(&client, "k2", &path, json!({})).await;
    app.clock.advance(TimeDelta::minutes(5));
    let again = keyed(&client, "k2", &path, json!({})).await;
    assert_eq!((sent.status, again.text), (200, sent.text));
    let custom =
        json!({"opportunity_id": "acme", "title": "Call", "due_at": "2026-05-08T14:00:00Z"});
    let made = keyed(&client, "k3", "/v1/follow-ups", custom.clone()).await;
    assert_eq!(keyed(&client, "k3", "/v1/follow-ups", custom).await.text, made.text);
    assert_eq!(made.status, 201);
}

#[actix_web::test]
async fn kept_answers_survive_a_restart() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let first = keyed(&client, "k1", "/v1/opportunities", nameless()).await;
    let app = app.restart().await;
    let client = app.anonymous().with_token(client.token());
    let again = keyed(&client, "k1", "/v1/opportunities", nameless()).await;
    assert_eq!((again.status, again.text), (201, first.text));
}

#[actix_web::test]
async fn after_a_day_a_key_is_free_again_however_many_there_were() {
    let app = TestApp::start().await;
    let mut client = app.user("candidate").await;
    let key = |n: usize| format!("k{n:02}");
    for n in 0..30 {
        keyed(&client, &key(n), "/v1/opportunities", nameless()).await.expect(201);
    }
    app.clock.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));
    client.refresh().await;
    for n in [29, 0] {
        let made = keyed(&client, &key(n), "/v1/opportunities", nameless()).await;
        assert_eq!(made.status, 201, "{}: {}", key(n), made.text);
    }
    let page = client.get("/v1/opportunities?limit=200").await.expect(200);
    assert_eq!(each(&page, "id").len(), 32);
}

#[actix_web::test]
async fn a_repeated_snooze_gets_its_answer_although_its_time_has_come() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    let plan = story::debrief(&client, &facts).await;
    let path = format!("/v1/follow-ups/{}/snooze", plan["items"][0]["id"].as_str().unwrap());
    let snooze = json!({"until": "2026-05-06T19:10:00Z"});
    let first = keyed(&client, "k1", &path, snooze.clone()).await;
    app.clock.set("2026-05-06T19:10:00Z");
    let again = keyed(&client, "k1", &path, snooze).await;
    assert_eq!((first.status, again.text), (200, first.text));
}
