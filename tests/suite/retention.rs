//! What becomes of what is old: content goes, deletions stay known, and nothing alive is harmed.

use crate::device::{drain, first_sync, ids, page};
use crate::support::{count, create, database, each, lines, opportunity, with};
use afterview_api::jobs::retention::{Swept, sweep_down_to};
use afterview_tests::{Client, START, TestApp, at};
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

const ACME: &str = "/v1/opportunities/acme";
const HISTORY: &str = "/v1/records/opportunities/acme/history";

/// So many days after the beginning of the test. A little later, in fact: stamps run ahead of a clock
/// that stands still.
fn day(days: i64) -> String {
    (at(START) + TimeDelta::days(days) + TimeDelta::seconds(10)).to_rfc3339()
}

/// A device of the account of `candidate` that signs in now.
async fn device(app: &TestApp) -> Client {
    let body = json!({"email": "candidate@example.org", "password": "correct horse battery"});
    let mut client = app.anonymous();
    let tokens = client.post("/v1/auth/login", body).await.expect(200);
    client.sign_in_with(&tokens);
    client
}

/// What became of one change of `acme`, made now.
async fn push(app: &TestApp, client: &Client, mid: &str, change: Value) -> Value {
    let now = app.clock.get().timestamp_millis();
    let mutation = with(json!({"mid": mid, "c": "opportunities", "id": "acme"}), &change);
    let body = json!({"protocol": 1, "schema": 1, "client_time": now, "mutations": [mutation]});
    client.post("/v1/sync", body).await.expect(200)["results"][0].clone()
}

/// Reason and policy of the conflicts that ask for a look.
async fn asking(client: &Client) -> Vec<String> {
    let open = client.get("/v1/sync/conflicts?state=open").await.expect(200);
    let items = open["items"].as_array().unwrap().iter();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    items.map(|item| format!("{} {}", text(item, "reason"), text(item, "policy"))).collect()
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
    assert_eq!(count(&mut connection, "record_revs WHERE id = 'acme'"), 0);
    let left =
        "SELECT doc || field_meta || coalesce(extra, '-') AS line FROM records WHERE id = 'acme'";
    assert_eq!(lines(&mut connection, left), ["{}{}-"]);
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
    assert_eq!(asking(&client).await, [""; 0]);
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

#[actix_web::test]
async fn conflicts_stop_asking_or_wait_and_go_in_the_end() {
    let app = TestApp::start().await;
    let phone = app.user("candidate").await;
    let tablet = device(&app).await;
    let body = with(opportunity("acme"), &json!({"notes": "Nothing known yet."}));
    let base = &create(&phone, "/v1/opportunities", body).await["rev"];
    let edit = |set: Value| json!({"op": "patch", "base": base, "set": set});
    let theirs = json!({"role": "Analyst", "notes": "Ask for Anna on Monday."});
    push(&app, &tablet, "m1", edit(theirs)).await;
    let mine = json!({"role": "Engineer", "notes": "The office is in Hoboken."});
    let won = push(&app, &phone, "m2", edit(mine)).await;
    assert_eq!(won["conflicts"].as_array().unwrap().len(), 2);
    push(&app, &phone, "m3", edit(json!({"closed": "never"}))).await;
    let all = ["concurrent text", "concurrent later", "rejected refused"];
    assert_eq!(asking(&phone).await, all);
    let (mut copy, cursor) = first_sync(&tablet).await;
    assert_eq!(app.sweep_at(&day(89)).await, Swept::default());
    app.let_time_pass_until(&day(90)).await;
    let plans = "SELECT opportunity_id || versions || outline || coalesce(changed_at, '') || changes AS line FROM plans";
    let before = lines(&mut database(&app), plans);
    assert_eq!(app.sweep_at(&day(90)).await, Swept { closed: 1, ..Swept::default() });
    assert_eq!(lines(&mut database(&app), plans), before);
    assert_eq!(count(&mut database(&app), "record_revs WHERE device_id = 'server'"), 1);
    let client = device(&app).await;
    assert_eq!(asking(&client).await, ["concurrent text", "rejected refused"]);
    let (changes, last) = drain(&client, Some(&cursor), "").await;
    changes.iter().for_each(|change| copy.apply(change));
    let closed = changes.iter().find(|change| change["c"] == "conflicts").unwrap();
    assert_eq!(
        (&closed["doc"]["policy"], &closed["doc"]["state"]),
        (&json!("later"), &json!("resolved"))
    );
    assert_eq!(at(closed["doc"]["resolved_at"].as_str().unwrap()), app.clock.get());
    assert_eq!(last["digest"], copy.digest());
    assert_eq!(app.sweep_at(&day(399)).await.deleted, 0);
    assert_eq!(app.sweep_at(&day(401)).await.deleted, 3);
    let client = device(&app).await;
    assert_eq!(client.get("/v1/sync/conflicts").await.expect(200), json!({"items": []}));
    let (changes, last) = drain(&client, last["cursor"].as_str(), "").await;
    changes.iter().for_each(|change| copy.apply(change));
    assert_eq!(last["digest"], copy.digest());
    assert!(!copy.0.keys().any(|name| name.starts_with("conflicts:")));
    assert_eq!(app.sweep_at(&day(600)).await, Swept { purged: 3, ..Swept::default() });
}

#[actix_web::test]
async fn beyond_the_limit_the_oldest_tombstones_go_and_older_cursors_end() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    for id in ["a", "b", "c", "d", "e"] {
        create(&client, "/v1/opportunities", opportunity(id)).await;
    }
    let (_, old) = first_sync(&client).await;
    let delete = async |id: &str| {
        assert_eq!(client.delete(&format!("/v1/opportunities/{id}")).await.status, 204);
    };
    delete("a").await;
    let (_, between) = first_sync(&client).await;
    delete("b").await;
    let (mut copy, good) = first_sync(&client).await;
    delete("c").await;
    delete("d").await;
    assert_eq!(sweep_down_to(app.store(), 4).await.unwrap(), Swept::default());
    page(&client, Some(&old), "").await.expect(200);
    let swept = sweep_down_to(app.store(), 2).await.unwrap();
    assert_eq!(swept, Swept { collected: 2, ..Swept::default() });
    assert_eq!(count(&mut database(&app), "records WHERE deleted_rev IS NOT NULL"), 2);
    assert_eq!(count(&mut database(&app), "record_revs"), 2);
    for cursor in [old, between] {
        let problem = page(&client, Some(&cursor), "").await.expect_problem("cursor_expired");
        assert!(problem["detail"].as_str().unwrap().starts_with("expired "), "{problem}");
        let body = json!({"protocol": 1, "schema": 1, "client_time": 0, "cursor": cursor, "mutations": []});
        let answer = client.post("/v1/sync", body).await.expect(200);
        assert_eq!(answer["reset"]["reason"], "expired");
    }
    let (changes, last) = drain(&client, Some(&good), "").await;
    assert_eq!(ids(&changes), ["c", "d"]);
    changes.iter().for_each(|change| copy.apply(change));
    assert_eq!(last["digest"], copy.digest());
    assert_eq!(first_sync(&client).await.0, copy);
    assert_eq!(sweep_down_to(app.store(), 2).await.unwrap(), Swept::default());
}

#[actix_web::test]
async fn more_than_one_unit_can_hold_goes_in_several() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    create(&client, "/v1/opportunities", opportunity("acme")).await;
    for n in 0..450 {
        let duty = json!({"id": format!("d{n}"), "opportunity_id": "acme", "kind": "form"});
        create(&client, "/v1/commitments", duty).await;
    }
    let (mut copy, cursor) = first_sync(&client).await;
    assert_eq!(client.delete(ACME).await.status, 204);
    assert_eq!(app.sweep_at(&day(180)).await.purged, 451);
    assert_eq!(count(&mut database(&app), "record_revs"), 0);
    assert_eq!(app.sweep_at(&day(181)).await, Swept::default());
    let client = device(&app).await;
    let (changes, last) = drain(&client, Some(&cursor), "limit=100").await;
    changes.iter().for_each(|change| copy.apply(change));
    assert_eq!((copy.0.len(), &last["digest"]), (1, &json!(copy.digest())));
    let swept = sweep_down_to(app.store(), 1).await.unwrap();
    assert_eq!(swept, Swept { collected: 450, ..Swept::default() });
}

#[actix_web::test]
async fn an_account_that_cannot_be_swept_does_not_keep_the_others_waiting() {
    let app = TestApp::start().await;
    for name in ["alice", "bob", "candidate"] {
        let client = app.user(name).await;
        create(&client, "/v1/opportunities", opportunity(name)).await;
        assert_eq!(client.delete(&format!("/v1/opportunities/{name}")).await.status, 204);
    }
    database(&app).batch_execute("UPDATE records SET doc = '{' WHERE id = 'bob'").unwrap();
    let swept = app.sweep_at(&day(180)).await;
    assert_eq!(swept, Swept { purged: 2, failed: 1, ..Swept::default() });
    let kept = lines(&mut database(&app), "SELECT id AS line FROM records WHERE doc = '{'");
    assert_eq!(kept, ["bob"]);
    let page = device(&app).await.get("/v1/opportunities").await.expect(200);
    assert_eq!(each(&page, "id"), [""; 0]);
}
