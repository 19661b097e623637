//! What became of a record, and the conflicts that wait for a look.

use crate::device::caller;
use crate::support::{create, each, opportunity};
use afterview_api::error::ApiError;
use afterview_domain::entities::{Collection, Fields};
use afterview_domain::sync::{Author, Log, Record};
use afterview_tests::{Client, TestApp, story};
use serde_json::{Value, json};

const ACME: &str = "/v1/records/opportunities/acme/history";

/// Another device of the same account.
async fn device(client: &Client) -> Client {
    let body = json!({"email": "candidate@example.org", "password": "correct horse battery"});
    let tokens = client.post("/v1/auth/login", body).await.expect(200);
    client.with_token(tokens["access_token"].as_str().unwrap())
}

async fn entries(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).await.expect(200)["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn every_change_is_there_with_who_made_it_and_what_was_before() {
    let app = TestApp::start().await;
    let phone = app.user("candidate").await;
    let tablet = device(&phone).await;
    let (phone_id, tablet_id) = (caller(&phone).1, caller(&tablet).1);
    let made = create(&phone, "/v1/opportunities", opportunity("acme")).await;
    app.clock.set("2026-05-06T19:10:00Z");
    let body = json!({"role": "Analyst", "notes": "remote"});
    let first = tablet.patch("/v1/opportunities/acme", body).await.expect(200);
    app.clock.set("2026-05-06T19:15:00Z");
    let second = phone.patch("/v1/opportunities/acme", json!({"notes": null})).await.expect(200);
    assert_eq!(
        json!(entries(&phone, ACME).await),
        json!([
            {"rev": second["rev"], "at": "2026-05-06T19:15:00Z", "device_id": phone_id,
             "changed": {"notes": {"old": "remote", "new": ""}}},
            {"rev": first["rev"], "at": "2026-05-06T19:10:00Z", "device_id": tablet_id,
             "changed": {"role": {"old": "Data engineer", "new": "Analyst"},
                         "notes": {"old": "", "new": "remote"}}},
            {"rev": made["rev"], "at": "2026-05-06T19:05:00.001Z", "device_id": phone_id, "created": true},
        ])
    );
}

#[actix_web::test]
async fn a_history_goes_on_through_deletion_and_return() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let made = create(&client, "/v1/opportunities", opportunity("acme")).await;
    assert_eq!(client.delete("/v1/opportunities/acme").await.status, 204);
    let gone = entries(&client, ACME).await;
    assert_eq!((gone.len(), &gone[1]["created"]), (2, &json!(true)));
    assert_eq!(gone[0]["changed"], json!({"deleted_rev": {"old": null, "new": gone[0]["rev"]}}));
    let back = client.put("/v1/opportunities/acme", opportunity("acme")).await.expect(201);
    let all = entries(&client, ACME).await;
    assert_eq!((all.len(), &all[0]["rev"], &all[1..]), (3, &back["rev"], &gone[..]));
    assert_eq!(all[2]["rev"], made["rev"]);
}

#[actix_web::test]
async fn a_long_history_comes_in_pages_without_gaps() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    create(&client, "/v1/opportunities", opportunity("acme")).await;
    for n in 0..5 {
        client.patch("/v1/opportunities/acme", json!({"notes": n.to_string()})).await.expect(200);
    }
    let whole = entries(&client, ACME).await;
    assert_eq!(whole.len(), 6);
    for limit in 1..=6 {
        let (mut all, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = client.get(&format!("{ACME}?limit={limit}{cursor}")).await.expect(200);
            all.extend(page["items"].as_array().unwrap().iter().cloned());
            pages += 1;
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!((all, pages), (whole.clone(), 6_usize.div_ceil(limit)));
    }
    let page = client.get(&format!("{ACME}?limit=1")).await;
    let tag = page.header("etag").to_owned();
    let known = [("if-none-match", tag.as_str())];
    let again = client.send(reqwest::Method::GET, &format!("{ACME}?limit=1"), &known, None).await;
    assert_eq!(again.status, 304);
    let cursor = page.json()["next_cursor"].as_str().unwrap().to_owned();
    let other = format!("/v1/records/preferences/me/history?cursor={cursor}");
    client.get(&other).await.expect_problem("invalid_cursor");
}

#[actix_web::test]
async fn what_never_was_and_what_belongs_to_others_has_no_history() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    story::record(&alice).await;
    assert_eq!(entries(&alice, "/v1/records/interviews/i1/history").await.len(), 1);
    for path in ["interviews/i1", "interviews/none", "people/i1", "preferences/you"] {
        let missing = bob.get(&format!("/v1/records/{path}/history")).await;
        missing.expect_problem("not_found");
    }
    assert_eq!(entries(&bob, "/v1/records/preferences/me/history").await.len(), 1);
}

/// Writes conflicts as a merge does.
async fn conflicts(app: &TestApp, client: &Client, conflicts: &[(&str, &str, Value)]) {
    let (account_id, device_id) = caller(client);
    let conflicts = conflicts.iter().map(|(id, state, lost)| {
        let fields = json!({
            "collection": "follow_ups", "record_id": "x", "reason": "concurrent", "policy": "lww",
            "state": state, "lost": lost,
        });
        ((*id).to_owned(), fields.as_object().unwrap().clone())
    });
    let conflicts = Vec::from_iter(conflicts);
    for store in app.stores() {
        let conflicts = conflicts.clone();
        let written = store.write(&account_id, &device_id, move |unit| {
            for (id, fields) in &conflicts {
                let fields = Fields::stored(fields.clone());
                let (device, now, stamp) = (unit.device_id(), unit.now(), unit.take_stamp());
                let author = Author { device, now, effective: now, stamp, mutation: None };
                let record = Record::created(Collection::Conflicts, id, fields, author);
                Log::insert(unit, &record)?;
            }
            Ok::<_, ApiError>(())
        });
        written.await.unwrap();
    }
}

#[actix_web::test]
async fn conflicts_are_listed_by_their_own_state_in_the_order_in_which_they_came_up() {
    let app = TestApp::start().await;
    let (client, other) = (app.user("candidate").await, app.user("other").await);
    let nothing = client.get("/v1/sync/conflicts?state=open").await.expect(200);
    assert_eq!(nothing, json!({"items": []}));
    // The field that was lost is called `state`, too.
    let given = [
        ("c1", "open", json!({"notes": "a"})),
        ("c3", "resolved", json!({"state": "open"})),
        ("c2", "open", json!({"state": "resolved"})),
        ("c0", "open", json!({"notes": "b"})),
    ];
    conflicts(&app, &client, &given).await;
    let found = async |query: &str| {
        let page = client.get(&format!("/v1/sync/conflicts{query}")).await.expect(200);
        each(&page, "id").join(" ")
    };
    assert_eq!(found("").await, "c1 c3 c2 c0");
    assert_eq!(found("?state=open").await, "c1 c2 c0");
    assert_eq!(found("?state=resolved").await, "c3");
    let first = client.get("/v1/sync/conflicts?state=open&limit=2").await.expect(200);
    assert_eq!(each(&first, "id"), ["c1", "c2"]);
    let next = first["next_cursor"].as_str().unwrap();
    assert_eq!(found(&format!("?state=open&limit=2&cursor={next}")).await, "c0");
    let wrong = client.get("/v1/sync/conflicts?state=closed").await;
    wrong.expect_problem("invalid_parameter");
    assert_eq!(other.get("/v1/sync/conflicts").await.json(), json!({"items": []}));
}
