//! Apps with RxDB, as the library speaks: what it is told, and what becomes of what it pushes.

use crate::phone::{conflicts, ends, only_conflict, patch, stored, two, with_acme};
use crate::support::{create, opportunity};
use afterview_tests::{Client, Events, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

const ACME: &str = "opportunities/acme";

async fn pull(client: &Client, collection: &str, query: &str) -> Value {
    client.get(&format!("/v1/compat/rxdb/{collection}/pull?{query}")).await.expect(200)
}

/// The document of `acme` as a client pulls it.
async fn acme(client: &Client) -> Value {
    let all = pull(client, "opportunities", "updatedAt=0&id=&limit=100").await;
    let mut documents = all["documents"].as_array().unwrap().iter();
    documents.find(|document| document["id"] == "acme").unwrap().clone()
}

async fn push(client: &Client, collection: &str, rows: Value) -> Value {
    client.post(&format!("/v1/compat/rxdb/{collection}/push"), rows).await.expect(200)
}

fn changed(assumed: &Value, fields: Value) -> Value {
    let Value::Object(fields) = fields else { panic!("no fields: {fields}") };
    let mut new = assumed.clone();
    for (name, value) in fields {
        match value {
            Value::Null => new.as_object_mut().unwrap().remove(&name),
            value => new.as_object_mut().unwrap().insert(name, value),
        };
    }
    json!([{"assumedMasterState": assumed, "newDocumentState": new}])
}

#[actix_web::test]
async fn both_dialects_of_a_pull_give_exactly_the_batch_asked_for() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    for id in ["a", "b", "c"] {
        create(&anna, "/v1/opportunities", opportunity(id)).await;
    }
    anna.delete("/v1/opportunities/a").await;
    let mut seen = Vec::new();
    let mut query = "lwt=0&id=&limit=2".to_owned();
    loop {
        let page = pull(&anna, "opportunities", &query).await;
        let documents = page["documents"].as_array().unwrap();
        let of = |it: &Value| (it["id"].as_str().unwrap().to_owned(), it["_deleted"] == true);
        seen.extend(documents.iter().map(of));
        let (stamp, id) = (&page["checkpoint"]["lwt"], page["checkpoint"]["id"].as_str().unwrap());
        assert_eq!(&page["checkpoint"]["updatedAt"], stamp);
        if documents.len() < 2 {
            break;
        }
        query = format!("updatedAt={stamp}&id={id}&batchSize=2");
    }
    let name = str::to_owned;
    assert_eq!(seen, [(name("b"), false), (name("c"), false), (name("a"), true)]);
    let again = pull(&anna, "opportunities", "updatedAt=undefined&id=undefined&limit=1").await;
    assert_eq!(again["documents"][0]["id"], "b");
    assert_eq!(again["documents"][0].get("rev"), None);
    let path = "/v1/compat/rxdb/opportunities/3/pull?limit=1&deleted_field=isGone&fields=employer";
    let view = anna.get(path).await.expect(200);
    assert_eq!(view["documents"][0], json!({"id": "b", "employer": "Acme", "isGone": false}));
}

#[actix_web::test]
async fn every_failure_is_plain_text() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let base = "/v1/compat/rxdb/opportunities";
    let failures = [
        (app.anonymous().get(&format!("{base}/pull")).await, 401),
        (anna.get(&format!("{base}/pull?limit=1001")).await, 400),
        (anna.get(&format!("{base}/pull?limit=some")).await, 400),
        (anna.get(&format!("{base}/pull?deleted_field=role")).await, 400),
        (anna.get("/v1/compat/rxdb/nothing/pull").await, 404),
        (anna.get(&format!("{base}/first/pull")).await, 404),
        (anna.get(&format!("{base}/elsewhere")).await, 404),
        (anna.delete(&format!("{base}/pull")).await, 405),
        (anna.post(&format!("{base}/push"), json!(7)).await, 400),
        (anna.post(&format!("{base}/push?conflict=always"), json!([])).await, 400),
        (
            anna.raw(
                Method::POST,
                &format!("{base}/push"),
                &[("content-type", "text/plain")],
                b"[]".to_vec(),
            )
            .await,
            415,
        ),
    ];
    for (answer, status) in failures {
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    }
}

#[actix_web::test]
async fn a_push_that_changes_what_nobody_else_changed_is_kept_and_shown_what_others_did() {
    let app = TestApp::start().await;
    let (phone, tablet, _) = with_acme(&app, json!({})).await;
    let assumed = acme(&phone).await;
    let theirs =
        patch("m1", ACME, &stored(&tablet, ACME).await["rev"], json!({"source": "referral"}));
    ends(&tablet, theirs, "applied").await;
    let row = changed(&assumed, json!({"role": "Lead", "colour": "red"}));
    // The library passes over what it pulls while it has an edit: it is told here.
    let answer = push(&phone, "opportunities", row.clone()).await;
    let now = acme(&phone).await;
    assert_eq!(answer, json!([now]));
    // Wrapped, with a version, and a second time.
    let wrapped = json!({ "docs": row });
    assert_eq!(push(&phone, "opportunities/0", wrapped).await, json!([now]));
    assert_eq!(
        (&now["role"], &now["source"], &now["colour"]),
        (&json!("Lead"), &json!("referral"), &json!("red"))
    );
    assert_eq!(
        push(&phone, "opportunities", changed(&now, json!({"source": null}))).await,
        json!([])
    );
    assert_eq!(stored(&phone, ACME).await.get("source"), None);
    assert_eq!(conflicts(&phone).await.len(), 0);
    let new = json!([{"newDocumentState": {"id": "x".repeat(64), "employer": "Initech", "role": "Analyst", "_deleted": false}}]);
    assert_eq!(push(&phone, "opportunities", new).await, json!([]));
}

#[actix_web::test]
async fn what_was_merged_comes_back_as_the_conflict_that_the_library_takes() {
    let app = TestApp::start().await;
    let (phone, tablet, base) = with_acme(&app, json!({"notes": "Met the team in March."})).await;
    let assumed = acme(&phone).await;
    let theirs = json!({"notes": "Met the whole team in March.", "role": "Theirs"});
    ends(&tablet, patch("m1", ACME, &base, theirs), "applied").await;
    app.clock.set("2026-05-06T19:16:00Z");
    let mine = json!({"notes": "Met the team in March. Good coffee.", "role": "Mine"});
    let answer = push(&phone, "opportunities", changed(&assumed, mine)).await;
    assert_eq!(answer.as_array().map(Vec::len), Some(1));
    assert_eq!(answer[0], acme(&phone).await);
    assert_eq!(answer[0]["notes"], "Met the whole team in March. Good coffee.");
    assert_eq!((&answer[0]["role"], &answer[0]["_deleted"]), (&json!("Mine"), &json!(false)));
    assert_eq!(only_conflict(&phone).await["lost"], json!({"role": "Theirs"}));
}

/// From a client that assumes less than it has sent before.
#[actix_web::test]
async fn who_gives_way_to_what_it_sends_itself_is_named_with_the_time() {
    let app = TestApp::start().await;
    let (phone, _, _) = with_acme(&app, json!({})).await;
    let made = json!({"id": "ann", "name": "Ann", "role": "interviewer", "_deleted": false});
    let rows = json!([{"newDocumentState": made}]);
    assert_eq!(push(&phone, "contacts", rows).await, json!([]));
    let channel = |invited: bool| json!({"kind": "linkedin", "value": "ann", "invited": invited});
    for invited in [false, true] {
        let row = changed(&made, json!({"channels": [channel(invited)]}));
        let _ = push(&phone, "contacts", row).await;
        app.clock.set("2026-05-06T19:16:00Z");
    }
    assert_eq!(stored(&phone, "contacts/ann").await["channels"][0]["invited"], true);
    let conflict = only_conflict(&phone).await;
    assert_eq!(conflict["lost"]["channels"][0]["invited"], false);
    assert_eq!(conflict["device_id"].as_str().map(str::len), Some(36), "{conflict}");
    assert_eq!(conflict["edited_at"], "2026-05-06T19:15:00Z");
}

#[actix_web::test]
async fn a_push_whose_answer_was_lost_undoes_nothing_that_came_after_it() {
    let app = TestApp::start().await;
    let (phone, tablet, _) = with_acme(&app, json!({})).await;
    let row = changed(&acme(&phone).await, json!({"role": "Mine"}));
    assert_eq!(push(&phone, "opportunities", row.clone()).await, json!([]));
    let now = stored(&tablet, ACME).await["rev"].clone();
    ends(&tablet, patch("m1", ACME, &now, json!({"role": "Theirs"})), "applied").await;
    assert_eq!(push(&phone, "opportunities", row).await[0]["role"], "Theirs");
    // Meant after it was seen.
    let row = changed(&acme(&phone).await, json!({"role": "Mine"}));
    assert_eq!(push(&phone, "opportunities", row).await, json!([]));
    assert_eq!(stored(&phone, ACME).await["role"], "Mine");
    assert_eq!(conflicts(&phone).await.len(), 0);
}

#[actix_web::test]
async fn deletions_come_and_go_as_a_mark() {
    let app = TestApp::start().await;
    let (phone, tablet, base) = with_acme(&app, json!({})).await;
    let assumed = acme(&phone).await;
    ends(&tablet, patch("m1", ACME, &base, json!({"role": "Lead"})), "applied").await;
    let refused = push(&phone, "opportunities", changed(&assumed, json!({"_deleted": true}))).await;
    assert_eq!((&refused[0]["role"], &refused[0]["_deleted"]), (&json!("Lead"), &json!(false)));
    let row = changed(&refused[0], json!({"_deleted": true, "role": "typed before"}));
    for _ in 0..2 {
        assert_eq!(push(&phone, "opportunities", row.clone()).await, json!([]));
        phone.get("/v1/opportunities/acme").await.expect_problem("not_found");
    }
    let gone = acme(&phone).await;
    assert_eq!((&gone["_deleted"], &gone["role"]), (&json!(true), &json!("typed before")));
    assert_eq!(
        push(&phone, "opportunities", changed(&gone, json!({"_deleted": false}))).await,
        json!([])
    );
    assert_eq!(stored(&phone, ACME).await["role"], "typed before");
}

#[actix_web::test]
async fn what_was_typed_before_a_deletion_that_came_too_late_is_kept() {
    let app = TestApp::start().await;
    let (phone, tablet, _) = with_acme(&app, json!({})).await;
    let row = changed(&acme(&phone).await, json!({"_deleted": true, "role": "my words"}));
    tablet.delete("/v1/opportunities/acme").await;
    for _ in 0..2 {
        assert_eq!(push(&phone, "opportunities", row.clone()).await, json!([acme(&phone).await]));
        let kept = only_conflict(&phone).await;
        assert_eq!(
            (&kept["code"], &kept["lost"]),
            (&json!("deleted"), &json!({"role": "my words"}))
        );
    }
}

#[actix_web::test]
async fn a_refused_document_holds_nobody_up_and_is_answered_with_what_holds() {
    let app = TestApp::start().await;
    let (phone, _, _) = with_acme(&app, json!({})).await;
    let mut rows = changed(&acme(&phone).await, json!({"contact_policy": "shout"}));
    let rows = rows.as_array_mut().unwrap();
    rows.push(json!({"newDocumentState": {"id": "bad", "employer": 7, "role": "typed", "_deleted": false}}));
    rows.push(json!({"newDocumentState": "nothing"}));
    rows.push(json!({"newDocumentState": {"id": "good", "employer": "Initech", "role": "Analyst", "_deleted": false}}));
    for _ in 0..2 {
        let answer = push(&phone, "opportunities", json!(rows)).await;
        let answer = answer.as_array().unwrap();
        assert_eq!(answer.len(), 2, "{answer:?}");
        assert_eq!(
            (&answer[0]["id"], &answer[0]["contact_policy"]),
            (&json!("acme"), &json!("none"))
        );
        assert_eq!((&answer[1]["id"], &answer[1]["_deleted"]), (&json!("bad"), &json!(true)));
        assert_eq!(stored(&phone, "opportunities/good").await["role"], "Analyst");
        assert_eq!(conflicts(&phone).await.len(), 3);
    }
    let read_only = json!([{"newDocumentState": {"id": "c", "state": "open", "_deleted": false}}]);
    assert_eq!(push(&phone, "conflicts", read_only).await[0]["_deleted"], true);
}

#[actix_web::test]
async fn strict_clients_merge_themselves() {
    let app = TestApp::start().await;
    let (phone, tablet, base) = with_acme(&app, json!({})).await;
    let assumed = acme(&phone).await;
    ends(&tablet, patch("m1", ACME, &base, json!({"source": "referral"})), "applied").await;
    let strict = async |row: Value| {
        phone.post("/v1/compat/rxdb/opportunities/push?conflict=strict", row).await.expect(200)
    };
    let master = strict(changed(&assumed, json!({"role": "Lead", "source": "online"}))).await;
    assert_eq!(
        (&master[0]["source"], &master[0]["role"]),
        (&json!("referral"), &json!("Data engineer"))
    );
    assert_eq!(stored(&phone, ACME).await["role"], "Data engineer");
    assert_eq!(strict(changed(&master[0], json!({"role": "Lead"}))).await, json!([]));
    assert_eq!(stored(&phone, ACME).await["role"], "Lead");
}

#[actix_web::test]
async fn the_stream_has_documents_and_never_a_checkpoint() {
    let app = TestApp::start().await;
    let (phone, tablet) = two(&app).await;
    create(&phone, "/v1/opportunities", opportunity("acme")).await;
    let path = "/v1/compat/rxdb/opportunities/pullStream";
    // What happened just before is there, should the client's last pull have missed it.
    let mut stream = Events::of(phone.open(path, &[]).await);
    let first = stream.next().await.unwrap();
    let data = first.data;
    assert_eq!((&data["documents"][0]["id"], &data["checkpoint"]), (&json!("acme"), &json!({})));
    create(&tablet, "/v1/contacts", json!({"id": "anna", "name": "Anna", "role": "interviewer"}))
        .await;
    tablet.patch("/v1/opportunities/acme", json!({"role": "Lead"})).await.expect(200);
    let second = stream.next().await.unwrap();
    assert_eq!(second.data["documents"], json!([acme(&phone).await]));
    drop(stream);
    tablet.delete("/v1/opportunities/acme").await;
    let missed = phone.open(path, &[("last-event-id", second.id.as_str())]).await;
    let missed = Events::of(missed).next().await.unwrap();
    assert_eq!(missed.data["documents"][0]["_deleted"], true);
    let ticket = phone.post("/v1/sync/stream-ticket", json!({})).await.expect(200);
    let path = format!("{path}?ticket={}", ticket["ticket"].as_str().unwrap());
    assert_eq!(app.anonymous().open(&path, &[]).await.status(), 200);
    assert_eq!(app.anonymous().open(&path, &[]).await.status(), 401);
}
