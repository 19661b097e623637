//! What a daily sweep does to an account as a whole: conflicts, limits, many rows, and failures.

use crate::device::{drain, first_sync, ids, page};
use crate::phone::{mutation, round, send};
use crate::retention::{day, device, push};
use crate::support::{create, database, each, opportunity, with};
use afterview_api::jobs::retention::{Swept, sweep_down_to};
use afterview_tests::{Client, TestApp, at};
use serde_json::{Value, json};

const ACME: &str = "/v1/opportunities/acme";

/// Reason and policy of the conflicts that ask for a look.
async fn asking(client: &Client) -> Vec<String> {
    let open = client.get("/v1/sync/conflicts?state=open").await.expect(200);
    let items = open["items"].as_array().unwrap().iter();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    items.map(|item| format!("{} {}", text(item, "reason"), text(item, "policy"))).collect()
}

/// What is swept when an account may have so many tombstones.
async fn down_to(app: &TestApp, limit: i64) -> Swept {
    let mut swept = Vec::new();
    for store in app.stores() {
        swept.push(sweep_down_to(store, limit).await.unwrap());
    }
    assert!(swept.iter().all(|one| *one == swept[0]), "{swept:?}");
    swept.remove(0)
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
    let plans = "SELECT opportunity_id || versions || outline || coalesce(CAST(changed_at AS TEXT), '') || changes AS line FROM plans";
    let before = database(&app).lines(plans);
    assert_eq!(app.sweep_at(&day(90)).await, Swept { closed: 1, ..Swept::default() });
    assert_eq!(database(&app).lines(plans), before);
    assert_eq!(database(&app).count("record_revs WHERE device_id = 'server'"), 1);
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
    assert_eq!(down_to(&app, 4).await, Swept::default());
    page(&client, Some(&old), "").await.expect(200);
    let swept = down_to(&app, 2).await;
    assert_eq!(swept, Swept { collected: 2, ..Swept::default() });
    assert_eq!(database(&app).count("records WHERE deleted_rev IS NOT NULL"), 2);
    assert_eq!(database(&app).count("record_revs"), 2);
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
    assert_eq!(down_to(&app, 2).await, Swept::default());
}

#[actix_web::test]
async fn more_than_one_unit_can_hold_goes_in_several() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    create(&client, "/v1/opportunities", opportunity("acme")).await;
    let duty = json!({"set": {"opportunity_id": "acme", "kind": "form"}});
    let duties = (0..450)
        .map(|n| mutation(&format!("m{n}"), "create", &format!("commitments/d{n}"), duty.clone()));
    send(&client, round(&json!(duties.collect::<Vec<_>>()))).await.expect(200);
    let (mut copy, cursor) = first_sync(&client).await;
    assert_eq!(client.delete(ACME).await.status, 204);
    assert_eq!(app.sweep_at(&day(180)).await.purged, 451);
    assert_eq!(database(&app).count("record_revs"), 0);
    assert_eq!(app.sweep_at(&day(181)).await, Swept::default());
    let client = device(&app).await;
    let (changes, last) = drain(&client, Some(&cursor), "limit=100").await;
    changes.iter().for_each(|change| copy.apply(change));
    assert_eq!((copy.0.len(), &last["digest"]), (1, &json!(copy.digest())));
    let swept = down_to(&app, 1).await;
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
    database(&app).run("UPDATE records SET doc = '{' WHERE id = 'bob'");
    let swept = app.sweep_at(&day(180)).await;
    assert_eq!(swept, Swept { purged: 2, failed: 1, ..Swept::default() });
    let kept = database(&app).lines("SELECT id AS line FROM records WHERE doc = '{'");
    assert_eq!(kept, ["bob"]);
    let page = device(&app).await.get("/v1/opportunities").await.expect(200);
    assert_eq!(each(&page, "id"), [""; 0]);
}

#[actix_web::test]
async fn tokens_that_open_nothing_are_forgotten_and_the_others_go_on() {
    let app = TestApp::start().await;
    let mut client = app.user("candidate").await;
    client.refresh().await;
    for (name, days) in [("short", 1), ("long", 365)] {
        let token = json!({"name": name, "scopes": ["read"], "expires_in_days": days});
        client.post("/v1/auth/tokens", token).await.expect(201);
    }
    app.let_time_pass_until(&day(59)).await;
    client.refresh().await;
    assert_eq!(app.sweep_at(&day(59)).await, Swept::default());
    let swept = app.sweep_at(&day(70)).await;
    // The refresh token of the first day, and the personal token that ended on the second.
    assert_eq!(swept, Swept { tokens: 2, ..Swept::default() });
    client.refresh().await;
    let tokens = client.get("/v1/auth/tokens").await.expect(200);
    assert_eq!(crate::support::each(&tokens, "name"), ["long"]);
}
