//! What becomes of what is old: content goes, deletions stay known, and nothing alive is harmed.

use crate::device::{drain, first_sync, ids};
use crate::support::{create, database, opportunity, with};
use afterview_api::jobs::retention::Swept;
use afterview_tests::{Client, START, TestApp, at};
use chrono::TimeDelta;
use serde_json::{Value, json};

const ACME: &str = "/v1/opportunities/acme";
const HISTORY: &str = "/v1/records/opportunities/acme/history";

/// So many days after the beginning of the test. A little later, in fact: stamps run ahead of a clock
/// that stands still.
pub(crate) fn day(days: i64) -> String {
    (at(START) + TimeDelta::days(days) + TimeDelta::seconds(10)).to_rfc3339()
}

/// A device of the account of `candidate` that signs in now.
pub(crate) async fn device(app: &TestApp) -> Client {
    let body = json!({"email": "candidate@example.org", "password": "correct horse battery"});
    let mut client = app.anonymous();
    let tokens = client.post("/v1/auth/login", body).await.expect(200);
    client.sign_in_with(&tokens);
    client
}

/// What became of one change of `acme`, made now.
pub(crate) async fn push(app: &TestApp, client: &Client, mid: &str, change: Value) -> Value {
    let now = app.clock.get().timestamp_millis();
    let mutation = with(json!({"mid": mid, "c": "opportunities", "id": "acme"}), &change);
    let body = json!({"protocol": 1, "schema": 1, "client_time": now, "mutations": [mutation]});
    client.post("/v1/sync", body).await.expect(200)["results"][0].clone()
}

#[actix_web::test]
async fn a_device_that_was_off_for_two_years_still_learns_what_was_deleted() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    create(&client, "/v1/opportunities", opportunity("acme")).await;
    create(&client, "/v1/opportunities", opportunity("beta")).await;
    let duty = json!({"id": "d1", "opportunity_id": "acme", "kind": "form"});
    create(&client, "/v1/commitments", duty).await;
    let (mut copy, cursor) = first_sync(&client).await;
    assert_eq!(client.delete(ACME).await.status, 204);
    assert_eq!(app.sweep_at(&day(180)).await, Swept { purged: 2, ..Swept::default() });
    app.sweep_at(&day(730)).await;
    let client = device(&app).await;
    let (changes, last) = drain(&client, Some(&cursor), "").await;
    let gone: Vec<Value> = changes.iter().filter(|it| it["deleted"] == true).cloned().collect();
    assert_eq!(ids(&gone), ["acme", "d1"]);
    assert_eq!(gone[1]["cascade_of"], "opportunities/acme");
    changes.iter().for_each(|change| copy.apply(change));
    assert_eq!(last["digest"], copy.digest());
    assert_eq!(first_sync(&client).await.0, copy);
}

#[actix_web::test]
async fn a_deletion_can_be_taken_back_for_180_days() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let body = with(opportunity("acme"), &json!({"notes": "a secret"}));
    let made = create(&client, "/v1/opportunities", body).await;
    client.patch(ACME, json!({"notes": "another secret"})).await.expect(200);
    assert_eq!(client.delete(ACME).await.status, 204);
    assert_eq!(app.sweep_at(&day(179)).await, Swept::default());
    let client = device(&app).await;
    let restored = push(&app, &client, "m1", json!({"op": "restore"})).await;
    assert_eq!(restored["status"], "applied");
    assert_eq!(client.get(ACME).await.expect(200)["notes"], "another secret");
    assert_eq!(client.delete(ACME).await.status, 204);
    assert_eq!(app.sweep_at(&day(360)).await, Swept { purged: 1, ..Swept::default() });
    let client = device(&app).await;
    client.get(HISTORY).await.expect_problem("not_found");
    client.get(ACME).await.expect_problem("not_found");
    let mut connection = database(&app);
    assert_eq!(connection.count("record_revs WHERE id = 'acme'"), 0);
    let left =
        "SELECT doc || field_meta || coalesce(extra, '-') AS line FROM records WHERE id = 'acme'";
    assert_eq!(connection.lines(left), ["{}{}-"]);
    let edit = json!({"op": "patch", "base": made["rev"], "set": {"role": "Analyst"}});
    for (mid, change) in [("m2", json!({"op": "restore"})), ("m3", edit)] {
        let refused = push(&app, &client, mid, change).await;
        assert_eq!(
            (&refused["status"], &refused["error"]["code"]),
            (&json!("rejected"), &json!("gone"))
        );
    }
    let kept = client.get("/v1/sync/conflicts?state=open").await.expect(200);
    assert_eq!(kept["items"][0]["lost"], json!({"role": "Analyst"}));
    assert_eq!(kept["items"][0]["code"], "gone");
    let gone = push(&app, &client, "m4", json!({"op": "delete"})).await;
    assert_eq!(gone["status"], "noop");
    first_sync(&client).await;
}

#[actix_web::test]
async fn nothing_can_be_put_into_an_opportunity_that_was_forgotten() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    create(&client, "/v1/opportunities", opportunity("acme")).await;
    assert_eq!(client.delete(ACME).await.status, 204);
    app.sweep_at(&day(200)).await;
    let client = device(&app).await;
    let now = app.clock.get().timestamp_millis();
    let set = json!({"opportunity_id": "acme", "kind": "form"});
    let mutation = json!({"mid": "m1", "c": "commitments", "id": "d1", "op": "create", "set": set});
    let body = json!({"protocol": 1, "schema": 1, "client_time": now, "mutations": [mutation]});
    let answer = client.post("/v1/sync", body).await.expect(200);
    assert_eq!(answer["results"][0]["error"]["code"], "gone");
    let duty = with(set, &json!({"id": "d1"}));
    client.post("/v1/commitments", duty).await.expect_problem("validation_failed");
    let kept = client.get("/v1/sync/conflicts").await.expect(200);
    assert_eq!(kept["items"][0]["mutation"], mutation);
}

#[actix_web::test]
async fn a_forgotten_name_can_be_used_again_for_something_new() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let body = with(opportunity("acme"), &json!({"notes": "Met them in March."}));
    let first = create(&client, "/v1/opportunities", body).await;
    create(&client, "/v1/opportunities", opportunity("beta")).await;
    assert_eq!(client.delete(ACME).await.status, 204);
    assert_eq!(client.delete("/v1/opportunities/beta").await.status, 204);
    app.sweep_at(&day(200)).await;
    let client = device(&app).await;
    let set = json!({"employer": "Acme Two", "role": "Analyst", "notes": "Quite another one."});
    let made = push(&app, &client, "m1", json!({"op": "create", "set": set})).await;
    assert_eq!(made["status"], "applied");
    let record = client.get(ACME).await.expect(200);
    assert_eq!(at(record["created_at"].as_str().unwrap()), app.clock.get());
    let history = client.get(HISTORY).await.expect(200);
    assert_eq!(history["items"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&history["items"][1]["created"], &history["items"][1]["rev"]),
        (&json!(true), &made["rev"])
    );
    let put = client.put("/v1/opportunities/beta", opportunity("beta")).await.expect(201);
    assert_eq!(at(put["created_at"].as_str().unwrap()), app.clock.get());
    // Somebody still writes on the first one. Nobody knows what that was, so neither text is lost.
    let other = device(&app).await;
    let edit = json!({"op": "patch", "base": first["rev"], "set": {"notes": "Met them in May."}});
    let merged = push(&app, &other, "m2", edit).await;
    let conflict = merged["conflicts"][0].as_str().unwrap();
    let conflict = client.get("/v1/sync/conflicts").await.expect(200)["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["id"] == conflict)
        .unwrap()
        .clone();
    assert_eq!(client.get(ACME).await.expect(200)["notes"], conflict["kept"]["notes"]);
    let texts = [&conflict["kept"]["notes"], &conflict["lost"]["notes"]];
    assert!(texts.contains(&&json!("Met them in May.")), "{conflict}");
    assert!(texts.contains(&&json!("Quite another one.")), "{conflict}");
    first_sync(&client).await;
}

#[actix_web::test]
async fn a_message_that_went_out_is_recorded_although_its_follow_up_was_forgotten() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    create(&client, "/v1/opportunities", opportunity("acme")).await;
    let set = json!({
        "action_key": "acme/custom/f1/self", "opportunity_id": "acme", "kind": "custom",
        "title": "Call Anna", "due_at": "2026-05-07T12:00:00Z",
    });
    let custom = json!({"c": "follow_ups", "id": "f1"});
    let made =
        push(&app, &client, "m1", with(custom.clone(), &json!({"op": "create", "set": set})));
    assert_eq!(made.await["status"], "applied");
    push(&app, &client, "m2", with(custom.clone(), &json!({"op": "delete"}))).await;
    assert_eq!(app.sweep_at(&day(180)).await.purged, 1);
    let client = device(&app).await;
    let sent = with(custom, &json!({"op": "action", "action": "mark_sent", "args": {}}));
    let unknown = push(&app, &client, "m3", sent.clone()).await;
    assert_eq!(unknown["error"]["code"], "gone");
    let known = push(&app, &client, "m4", with(sent, &json!({ "set": set }))).await;
    assert_eq!(known["status"], "applied", "{known}");
    let record = client.get("/v1/follow-ups/f1").await.expect(200);
    assert_eq!(at(record["sent_at"].as_str().unwrap()), app.clock.get());
    first_sync(&client).await;
}

#[actix_web::test]
async fn history_and_ledger_go_after_400_days_and_the_records_stay() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let made = create(&client, "/v1/opportunities", opportunity("acme")).await;
    let edit = json!({"op": "patch", "base": made["rev"], "set": {"role": "Analyst"}});
    let first = push(&app, &client, "m1", edit.clone()).await;
    assert_eq!(first["status"], "applied");
    assert_eq!(app.sweep_at(&day(399)).await, Swept::default());
    let client = device(&app).await;
    let before = client.get(ACME).await.text;
    let again = push(&app, &client, "m1", edit.clone()).await;
    assert_eq!((&again["status"], &again["original"]), (&json!("duplicate"), &first));
    let swept = app.sweep_at(&day(401)).await;
    assert_eq!(swept, Swept { history: 1, mutations: 1, ..Swept::default() });
    let client = device(&app).await;
    let history = client.get(HISTORY).await.expect(200);
    assert_eq!(history["items"].as_array().unwrap().len(), 1);
    assert_eq!(history["items"][0]["created"], true);
    let late = push(&app, &client, "m1", edit).await;
    assert_eq!((&late["status"], &late["rev"]), (&json!("noop"), &first["rev"]));
    assert_eq!(client.get(ACME).await.text, before);
    assert_eq!(client.get("/v1/sync/conflicts").await.expect(200), json!({"items": []}));
    first_sync(&client).await;
}

#[actix_web::test]
async fn an_edit_that_is_older_than_the_history_overwrites_nothing_unseen() {
    let app = TestApp::start().await;
    let phone = app.user("candidate").await;
    let body = with(opportunity("acme"), &json!({"notes": "They use Rust and Python there."}));
    let made = create(&phone, "/v1/opportunities", body).await;
    let tablet = device(&app).await;
    let theirs = "They use Rust and Python there. Ask for Anna.";
    tablet.patch(ACME, json!({ "notes": theirs })).await.expect(200);
    assert_eq!(app.sweep_at(&day(402)).await.history, 1);
    let phone = device(&app).await;
    let mine = "They use Rust there.";
    let edit = json!({"op": "patch", "base": made["rev"], "set": {"notes": mine}});
    let merged = push(&app, &phone, "m1", edit).await;
    let conflicts = phone.get("/v1/sync/conflicts?state=open").await.expect(200);
    assert_eq!(json!([conflicts["items"][0]["id"]]), merged["conflicts"]);
    assert_eq!(conflicts["items"][0]["lost"]["notes"], theirs);
    assert_eq!(phone.get(ACME).await.expect(200)["notes"], mine);
}
