//! The clock of the machine is put back an hour, as one that was wrong is put right: no stamp falls, nobody
//! is refused, nothing happens twice and nothing too early.

use crate::support::opportunity;
use afterview_tests::firebase::FirebaseDouble;
use afterview_tests::{Client, TestApp};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An hour before every test begins.
const BACK: &str = "2026-05-06T18:05:00Z";

async fn make_once(client: &Client) -> (u16, Vec<u8>) {
    let key = [("idempotency-key", "k1")];
    let body = Some(json!({"employer": "Beta", "role": "Analyst"}));
    let answer = client.send(Method::POST, "/v1/opportunities", &key, body).await;
    (answer.status, answer.bytes)
}

#[actix_web::test]
async fn stamps_go_on_rising_and_what_was_given_out_works_on() {
    let settings = vec![("AFTERVIEW_RATE_LIMITS", "on".to_owned())];
    let app = TestApp::start_with(settings).await;
    let mut client = app.user("candidate").await;
    let made = client.post("/v1/opportunities", opportunity("acme")).await.expect(201);
    let first = make_once(&client).await;
    let token = json!({"name": "a program", "scopes": ["read"]});
    let token = client.post("/v1/auth/tokens", token).await.expect(201);
    let program = client.with_token(token["token"].as_str().unwrap());
    program.get("/v1/preferences").await.expect(200);
    let page = client.get("/v1/sync/changes").await.expect(200);

    app.clock.set(BACK);
    let changed = client.patch("/v1/opportunities/acme", json!({"notes": "x"})).await.expect(200);
    assert!(changed["rev"].as_i64() > made["rev"].as_i64(), "{changed} after {made}");
    assert_eq!(make_once(&client).await, first);
    program.get("/v1/preferences").await.expect(200);
    let path = format!("/v1/sync/changes?cursor={}", page["cursor"].as_str().unwrap());
    let news = client.get(&path).await.expect(200);
    let seen: Vec<&Value> =
        news["changes"].as_array().unwrap().iter().map(|it| &it["rev"]).collect();
    assert_eq!(seen, [&changed["rev"]], "{news}");
    client.refresh().await;
    client.get("/v1/opportunities/acme").await.expect(200);
    client.delete("/v1/opportunities/acme").await.expect(204);
    app.clock.advance(TimeDelta::minutes(70));
    client.refresh().await;
    assert_eq!(make_once(&client).await, first);
}

/// How often each reminder came, by what it is about.
fn came(firebase: &FirebaseDouble) -> BTreeMap<String, usize> {
    let mut came = BTreeMap::new();
    for message in firebase.messages().iter().filter(|message| message.taken) {
        let data = &message.message["data"];
        if data["type"] == "reminder" {
            *came.entry(data["occurrence"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    came
}

#[actix_web::test]
async fn reminders_come_once_and_not_before_their_time() {
    for (app, firebase) in TestApp::each_with_firebase().await {
        let client = app.user("candidate").await;
        let push = json!({"push": {"kind": "fcm_fid", "value": "phone"}});
        client.put("/v1/devices/me", push).await.expect(200);
        client.post("/v1/opportunities", opportunity("acme")).await.expect(201);
        let interview = json!({
            "id": "i1", "opportunity_id": "acme",
            "starts_at": "2026-05-07T14:30:00Z", "ends_at": "2026-05-07T15:30:00Z",
        });
        client.post("/v1/interviews", interview).await.expect(201);
        app.let_time_pass_until("2026-05-07T14:00:00Z").await;
        let before = came(&firebase);
        assert!(before.contains_key("2026-05-07T13:30:00Z"), "{before:?}");
        assert!(!before.contains_key("2026-05-07T15:45:00Z"), "{before:?}");
        for again in ["13:00", "13:30", "14:00", "15:44"] {
            app.let_time_pass_until(&format!("2026-05-07T{again}:00Z")).await;
            assert_eq!(came(&firebase), before, "{again}");
        }
        app.let_time_pass_until("2026-05-07T15:45:00Z").await;
        app.let_time_pass_until("2026-05-07T14:45:00Z").await;
        app.let_time_pass_until("2026-05-07T15:50:00Z").await;
        let mut expected = before;
        expected.insert("2026-05-07T15:45:00Z".to_owned(), 1);
        assert_eq!(came(&firebase), expected);
    }
}
