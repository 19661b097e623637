//! Export and import: everything comes out, and the same records and plans are there afterwards.

use crate::support::{create, opportunity, pointers};
use afterview_tests::{Answer, Client, TestApp, story};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NOW: &str = "2026-05-12T14:00:00Z";

async fn export(client: &Client) -> String {
    let answer = client.get("/v1/account/export").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"));
    answer.text
}

async fn import(client: &Client, text: &str) -> Answer {
    let headers = [("content-type", "application/x-ndjson")];
    client.raw(Method::POST, "/v1/account/import", &headers, text.as_bytes().to_vec()).await
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The records of an export without their revisions, by collection and name.
fn records(text: &str) -> BTreeMap<(String, String), Value> {
    let lines = lines(text).into_iter().filter(|line| line["type"] == "record");
    let named = lines.map(|mut line| {
        let mut record = line["record"].take();
        record.as_object_mut().unwrap().remove("rev");
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        ((word(&line["collection"]), word(&record["id"])), record)
    });
    named.collect()
}

/// Everything that is advised, without what differs between any two requests.
async fn advice(client: &Client) -> Value {
    let mut agenda = client.get(&format!("/v1/agenda?now={NOW}")).await.expect(200);
    let plan = client.get(&format!("/v1/opportunities/acme/plan?now={NOW}")).await.expect(200);
    agenda["plan"] = plan["items"].clone();
    agenda.as_object_mut().unwrap().remove("changes");
    json!({ "items": agenda["items"], "plan": agenda["plan"] })
}

async fn live(client: &Client) {
    let facts = story::record(client).await;
    story::debrief(client, &facts).await;
    let preferences = json!({"quiet_from": "20:00", "quiet_to": "08:30"});
    client.patch("/v1/preferences", preferences).await.expect(200);
    create(client, "/v1/opportunities", opportunity("other")).await;
    let contact =
        json!({"id": "gone", "opportunity_id": "other", "name": "Gone", "role": "coordinator"});
    create(client, "/v1/contacts", contact).await;
    let promise =
        json!({"id": "p", "opportunity_id": "other", "text": "a week", "promised_by": "gone"});
    create(client, "/v1/expectations", promise).await;
    assert_eq!(client.delete("/v1/contacts/gone").await.status, 204);
    client.patch("/v1/opportunities/other", json!({"closed": "presumed_closed"})).await;
    let newer = json!({
        "mid": "m1", "c": "opportunities", "id": "newer", "op": "create",
        "set": {"employer": "Beta", "role": "Analyst", "mood": "sunny"},
    });
    client.post("/v1/sync", json!({"protocol": 1, "schema": 99, "client_time": 1_778_094_300_000_i64, "mutations": [newer]})).await.expect(200);
    let thanks = client.get("/v1/agenda?now=2026-05-07T13:00:00Z").await.expect(200);
    let thanks = thanks["items"][0]["id"].as_str().unwrap();
    let sent = json!({"sent_at": "2026-05-06T19:04:00Z"});
    client.post(&format!("/v1/follow-ups/{thanks}/sent"), sent).await.expect(200);
}

#[actix_web::test]
async fn what_was_exported_is_there_again_after_deletion_and_import_and_so_is_the_advice() {
    let app = TestApp::start().await;
    let client = app.user("anna").await;
    live(&client).await;
    let (whole, advised) = (export(&client).await, advice(&client).await);
    assert_eq!(client.delete("/v1/account").await.status, 204);
    app.let_time_pass_until("2026-05-06T19:30:00Z").await;

    let again = app.user("anna").await;
    let known = records(&whole);
    let done = import(&again, &whole).await.expect(200);
    // The settings of the new account, which nobody had touched, gave way.
    let settings = 1;
    assert_eq!(done["created"], known.len() - settings, "{done}");
    assert_eq!((&done["merged"], &done["unchanged"]), (&json!(settings), &json!(0)));
    let back = records(&export(&again).await);
    for (name, record) in &known {
        let mut there = back[name].clone();
        let mut was = record.clone();
        if name.0 == "preferences" {
            for one in [&mut there, &mut was] {
                one.as_object_mut().unwrap().remove("updated_at");
                one.as_object_mut().unwrap().remove("created_at");
            }
        }
        assert_eq!(there, was);
    }
    assert_eq!(back.len(), known.len());
    assert_eq!(advice(&again).await, advised);
    let conflicts = again.get("/v1/sync/conflicts").await.expect(200);
    assert_eq!(conflicts["items"], json!([]));

    let twice = import(&again, &whole).await.expect(200);
    assert_eq!(twice["unchanged"], known.len(), "{twice}");
}

#[actix_web::test]
async fn an_export_is_complete_and_holds_no_secret() {
    let app = TestApp::start().await;
    let client = app.user("anna").await;
    live(&client).await;
    let push = json!({"push": {"kind": "fcm_fid", "value": "canary-registration"}});
    client.put("/v1/devices/me", push).await.expect(200);
    let token = json!({"name": "script", "scopes": ["read"]});
    let token = client.post("/v1/auth/tokens", token).await.expect(201);
    let webhook = json!({"url": "https://hooks.example.org/"});
    let webhook = client.post("/v1/webhooks", webhook).await.expect(201);
    let whole = export(&client).await;
    for secret in [
        client.token(),
        &client.refresh_token,
        token["token"].as_str().unwrap(),
        webhook["secret"].as_str().unwrap(),
        "canary-registration",
        "argon2",
        "_hash",
    ] {
        assert!(!whole.contains(secret), "{secret}");
    }
    let lines = lines(&whole);
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for line in &lines {
        *kinds.entry(line["type"].as_str().unwrap()).or_default() += 1;
    }
    for kind in [
        "access_token",
        "change",
        "deleted_record",
        "device",
        "event",
        "export",
        "record",
        "session",
        "webhook",
    ] {
        assert!(kinds.contains_key(kind), "{kind}: {kinds:?}");
    }
    let (first, last) = (&lines[0], lines.last().unwrap());
    assert_eq!((&first["format"], &first["version"]), (&json!("afterview-account"), &json!(1)));
    assert_eq!(first["account"]["email"], "anna@example.org");
    assert_eq!(last, &json!({"type": "end", "lines": lines.len() - 1}));
    let trail = client.get("/v1/account/audit").await.expect(200);
    assert_eq!(trail["items"][0]["kind"], "exported");
}

#[actix_web::test]
async fn what_was_changed_on_both_sides_is_merged_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let client = app.user("anna").await;
    create(&client, "/v1/opportunities", opportunity("acme")).await;
    let old = export(&client).await;
    app.clock.advance(chrono::TimeDelta::minutes(5));
    client.patch("/v1/opportunities/acme", json!({"role": "Data architect"})).await.expect(200);
    create(&client, "/v1/opportunities", opportunity("later")).await;
    let done = import(&client, &old).await.expect(200);
    assert_eq!(done["merged"], 1, "{done}");
    let acme = client.get("/v1/opportunities/acme").await.expect(200);
    assert_eq!(acme["role"], "Data architect", "the later edit stays");
    let conflicts = client.get("/v1/sync/conflicts").await.expect(200);
    assert_eq!(conflicts["items"][0]["lost"], json!({"role": "Data engineer"}));
    client.get("/v1/opportunities/later").await.expect(200);
    assert_eq!(client.delete("/v1/opportunities/acme").await.status, 204);
    import(&client, &old).await.expect(200);
    assert_eq!(client.get("/v1/opportunities/acme").await.expect(200)["role"], "Data engineer");
}

#[actix_web::test]
async fn one_bad_line_and_nothing_is_imported_each_fault_under_its_line() {
    let app = TestApp::start().await;
    let client = app.user("anna").await;
    let at = "2026-05-06T19:00:00Z";
    let line = |collection: &str, record: Value| {
        let mut record = record;
        record["created_at"] = json!(at);
        record["updated_at"] = json!(at);
        json!({"type": "record", "collection": collection, "record": record}).to_string()
    };
    let good = line("opportunities", opportunity("acme"));
    for (bad, fault) in [
        ("not json".to_owned(), "/2"),
        (line("opportunities", json!({"id": "x", "employer": "Acme"})), "/2/record/role"),
        (line("opportunities", json!({"id": "a b", "employer": "A", "role": "R"})), "/2/record/id"),
        (line("opportunities", json!({"id": "x", "employer": "A", "role": "R", "closed_at": 7, "closed": "withdrawn"})), "/2/record/closed_at"),
        (line("moods", json!({"id": "x"})), "/2/collection"),
        (line("contacts", json!({"id": "c", "opportunity_id": "nowhere", "name": "A", "role": "coordinator"})), ""),
        (line("follow_ups", json!({"id": "f", "action_key": "k", "kind": "thank_you", "opportunity_id": "acme"})), "/2/record/id"),
        (json!({"type": "record", "collection": "contacts", "record": {"id": "c", "name": "A", "role": "coordinator"}}).to_string(), "/2/record/created_at"),
    ] {
        let refused = import(&client, &format!("{good}\n{bad}\n")).await;
        let problem = refused.expect_problem("validation_failed");
        assert_eq!(pointers(&problem)[0], fault, "{bad}: {problem}");
        client.get("/v1/opportunities/acme").await.expect_problem("not_found");
    }
    let answer = client.post("/v1/account/import", json!({})).await;
    answer.expect_problem("unsupported_media_type");
    let done = import(&client, &format!("\n{{\"type\":\"mood\"}}\n{good}\n")).await.expect(200);
    assert_eq!(done, json!({"created": 1, "merged": 0, "unchanged": 0, "ignored": 1}));
}

#[actix_web::test]
async fn reminders_of_the_past_do_not_come_again_after_an_import() {
    for (app, firebase) in TestApp::each_with_firebase().await {
        let client = app.user("anna").await;
        live(&client).await;
        let whole = export(&client).await;
        assert_eq!(client.delete("/v1/account").await.status, 204);
        app.let_time_pass_until("2026-05-12T15:00:00Z").await;
        let again = app.user("anna").await;
        let push = json!({"push": {"kind": "fcm_fid", "value": "phone"}});
        again.put("/v1/devices/me", push).await.expect(200);
        import(&again, &whole).await.expect(200);
        app.let_time_pass_until("2026-05-12T15:05:00Z").await;
        let told = firebase.messages();
        let reminders = told.iter().filter(|one| one.message["data"]["type"] != "sync");
        let told: Vec<String> = reminders.map(|one| one.message.to_string()).collect();
        assert_eq!(told, [""; 0]);
    }
}
