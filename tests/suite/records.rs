//! One record at a time: creating, replacing, patching and deleting it.

use crate::support::{create, each, opportunity, pointers, with};
use afterview_tests::{TestApp, story};
use reqwest::Method;
use serde_json::{Value, json};

#[actix_web::test]
async fn a_new_record_comes_back_complete_with_its_address_and_entity_tag() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let answer = client.post("/v1/opportunities", opportunity("acme")).await;
    assert_eq!(answer.header("location"), "/v1/opportunities/acme");
    assert_eq!(answer.header("etag"), "\"1778094300001\"");
    insta::assert_json_snapshot!(answer.expect(201), @r#"
    {
      "contact_policy": "none",
      "created_at": "2026-05-06T19:05:00Z",
      "employer": "Acme",
      "id": "acme",
      "interest": "high",
      "notes": "",
      "office": {
        "closures": [],
        "send_close": "17:30",
        "send_open": "08:30",
        "work_week": [
          "Fri",
          "Mon",
          "Thu",
          "Tue",
          "Wed"
        ]
      },
      "rev": 1778094300001,
      "role": "Data engineer",
      "tags": [],
      "updated_at": "2026-05-06T19:05:00Z",
      "via_agency": false
    }
    "#);
    let read = client.get("/v1/opportunities/acme").await;
    assert_eq!((read.status, &read.text), (200, &answer.text));
    assert_eq!(read.header("etag"), answer.header("etag"));
}

#[actix_web::test]
async fn without_an_id_the_server_makes_one() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let body = json!({"employer": "Acme", "role": "Data engineer"});
    let first = client.post("/v1/opportunities", body.clone()).await;
    let second = create(&client, "/v1/opportunities", body).await;
    let record = first.expect(201);
    let id = record["id"].as_str().unwrap();
    assert_eq!(id.len(), 36);
    assert_ne!(record["id"], second["id"]);
    assert_eq!(client.get(first.header("location")).await.expect(200), record);
}

#[actix_web::test]
async fn an_id_can_be_taken_only_once() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let first = create(&client, "/v1/opportunities", opportunity("acme")).await;
    let other = with(opportunity("acme"), &json!({"employer": "Beta"}));
    client.post("/v1/opportunities", other).await.expect_problem("already_exists");
    assert_eq!(client.get("/v1/opportunities/acme").await.expect(200), first);
    // Ids are unique within a collection only.
    let contact = json!({"id": "acme", "name": "Anna Novak", "role": "interviewer"});
    create(&client, "/v1/contacts", contact).await;
}

#[actix_web::test]
async fn put_creates_what_is_missing_and_clears_what_is_left_out() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let full = json!({
        "employer": "Acme", "role": "Data engineer", "region": "US-NY", "interest": "low",
        "tags": ["remote"], "office": {"time_zone": "America/New_York"},
    });
    let created = client.put("/v1/opportunities/acme", full).await;
    assert_eq!(created.header("location"), "/v1/opportunities/acme");
    let created = created.expect(201);
    let replaced = client.put("/v1/opportunities/acme", opportunity("acme")).await;
    assert_eq!(replaced.header("location"), "");
    let replaced = replaced.expect(200);
    assert_eq!(replaced.get("region"), None);
    assert_eq!(replaced["office"].get("time_zone"), None);
    assert_eq!((&replaced["interest"], &replaced["tags"]), (&json!("high"), &json!([])));
    assert!(replaced["rev"].as_i64() > created["rev"].as_i64());
    assert_eq!(replaced["created_at"], created["created_at"]);
}

#[actix_web::test]
async fn a_merge_patch_replaces_members_clears_by_null_and_goes_into_the_office() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let office = json!({"name": "Berlin", "time_zone": "Europe/Berlin", "send_open": "09:00"});
    let body =
        json!({"region": "DE-BE", "interest": "low", "notes": "met at a fair", "office": office});
    create(&client, "/v1/opportunities", with(opportunity("acme"), &body)).await;
    let patch = json!({
        "role": "Analyst", "region": null, "interest": null,
        "office": {"send_close": "16:00", "name": null},
    });
    let headers = [("content-type", "application/merge-patch+json; charset=utf-8")];
    let path = "/v1/opportunities/acme";
    let patched = client.send(Method::PATCH, path, &headers, Some(patch)).await.expect(200);
    insta::assert_json_snapshot!(patched, @r#"
    {
      "contact_policy": "none",
      "created_at": "2026-05-06T19:05:00Z",
      "employer": "Acme",
      "id": "acme",
      "interest": "high",
      "notes": "met at a fair",
      "office": {
        "closures": [],
        "send_close": "16:00",
        "send_open": "09:00",
        "time_zone": "Europe/Berlin",
        "work_week": [
          "Fri",
          "Mon",
          "Thu",
          "Tue",
          "Wed"
        ]
      },
      "rev": 1778094300002,
      "role": "Analyst",
      "tags": [],
      "updated_at": "2026-05-06T19:05:00Z",
      "via_agency": false
    }
    "#);
}

#[actix_web::test]
async fn clients_that_cannot_send_null_clear_fields_by_name() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let body = json!({"region": "US-NY", "source": "online", "notes": "x"});
    create(&client, "/v1/opportunities", with(opportunity("acme"), &body)).await;
    let path = "/v1/opportunities/acme?clear=region,%20notes";
    let cleared = client.patch(path, json!({"role": "Analyst"})).await.expect(200);
    assert_eq!((cleared.get("region"), &cleared["notes"]), (None, &json!("")));
    assert_eq!((&cleared["source"], &cleared["role"]), (&json!("online"), &json!("Analyst")));
    let both =
        client.patch("/v1/opportunities/acme?clear=source", json!({"source": "other"})).await;
    both.expect_problem("invalid_parameter");
    let required = client.patch("/v1/opportunities/acme?clear=employer", json!({})).await;
    assert_eq!(pointers(&required.expect_problem("validation_failed")), ["/employer"]);
    assert_eq!(client.get("/v1/opportunities/acme").await.expect(200), cleared);
}

#[actix_web::test]
async fn a_deleted_record_is_gone_for_every_method_but_put() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    create(&client, "/v1/opportunities", with(opportunity("acme"), &json!({"region": "US-NY"})))
        .await;
    let path = "/v1/opportunities/acme";
    let deleted = client.delete(path).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    client.get(path).await.expect_problem("not_found");
    client.get("/v1/opportunities/acme/plan").await.expect_problem("not_found");
    client.patch(path, json!({"role": "x"})).await.expect_problem("not_found");
    client.delete(path).await.expect_problem("not_found");
    assert_eq!(client.get("/v1/opportunities").await.expect(200), json!({"items": []}));
    let contact = json!({"opportunity_id": "acme", "name": "Anna", "role": "interviewer"});
    let orphan = client.post("/v1/contacts", contact).await.expect_problem("validation_failed");
    assert_eq!(pointers(&orphan), ["/opportunity_id"]);
    let back = client.put(path, opportunity("acme")).await.expect(201);
    assert_eq!(back.get("region"), None);
    assert_eq!(client.get(path).await.expect(200), back);
}

#[actix_web::test]
async fn deleting_an_opportunity_takes_along_what_belongs_to_it_and_nothing_else() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    let plan = story::debrief(&client, &facts).await;
    let thanks = plan["items"][0]["id"].as_str().unwrap();
    client.post(&format!("/v1/follow-ups/{thanks}/skip"), json!({})).await.expect(200);
    create(&client, "/v1/opportunities", opportunity("beta")).await;
    let shared = json!({"id": "eve", "name": "Eve Stone", "role": "referee"});
    create(&client, "/v1/contacts", shared).await;
    assert_eq!(client.delete("/v1/opportunities/acme").await.status, 204);
    for (path, left) in [
        ("opportunities", vec!["beta"]),
        ("contacts", vec!["eve"]),
        ("interviews", vec![]),
        ("expectations", vec![]),
        ("follow-ups", vec![]),
    ] {
        let page = client.get(&format!("/v1/{path}")).await.expect(200);
        assert_eq!(each(&page, "id"), left, "{path}");
    }
    client.get(&format!("/v1/follow-ups/{thanks}")).await.expect_problem("not_found");
    client.put("/v1/opportunities/acme", opportunity("acme")).await.expect(201);
    client.get("/v1/interviews/i1").await.expect_problem("not_found");
}

#[actix_web::test]
async fn a_change_that_changes_nothing_keeps_the_revision() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let record = create(&client, "/v1/opportunities", opportunity("acme")).await;
    let list = client.get("/v1/opportunities").await;
    app.clock.set("2026-05-06T19:10:00Z");
    let path = "/v1/opportunities/acme";
    for patch in [json!({}), json!({"role": "Data engineer"}), json!({"region": null})] {
        assert_eq!(client.patch(path, patch).await.expect(200), record);
    }
    assert_eq!(client.put(path, opportunity("acme")).await.expect(200), record);
    assert_eq!(client.get("/v1/opportunities").await.header("etag"), list.header("etag"));
}

#[actix_web::test]
async fn revisions_grow_across_the_collections_of_an_account() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let mut revs = Vec::new();
    let mut note = |record: &Value| revs.push(record["rev"].as_i64().unwrap());
    note(&create(&client, "/v1/opportunities", opportunity("acme")).await);
    let contact = json!({"id": "anna", "name": "Anna", "role": "interviewer"});
    note(&create(&client, "/v1/contacts", contact).await);
    note(&client.patch("/v1/opportunities/acme", json!({"role": "Analyst"})).await.expect(200));
    note(&client.patch("/v1/preferences", json!({"locale": "de"})).await.expect(200));
    // A clock that is set back does not set revisions back.
    app.clock.set("2026-05-06T19:00:00Z");
    note(&client.patch("/v1/contacts/anna", json!({"name": "Eve"})).await.expect(200));
    note(&create(&client, "/v1/supplements", json!({"title": "Certificate"})).await);
    assert!(revs.is_sorted_by(|a, b| a < b), "{revs:?}");
}

#[actix_web::test]
async fn what_was_served_can_be_put_back_and_changes_nothing() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    story::debrief(&client, &facts).await;
    let of = |extra: Value| with(json!({"opportunity_id": "acme"}), &extra);
    create(&client, "/v1/commitments", of(json!({"kind": "references", "due": "2026-05-08"})))
        .await;
    create(&client, "/v1/replies", of(json!({"at": "2026-05-06T19:05:00Z", "kind": "on_hold"})))
        .await;
    create(&client, "/v1/offers", of(json!({"received_at": "2026-05-06T19:05:00Z"}))).await;
    create(&client, "/v1/supplements", of(json!({"title": "Certificate"}))).await;
    for collection in [
        "opportunities",
        "contacts",
        "interviews",
        "expectations",
        "commitments",
        "replies",
        "offers",
        "supplements",
    ] {
        let page = client.get(&format!("/v1/{collection}")).await.expect(200);
        let served = page["items"][0].clone();
        let path = format!("/v1/{collection}/{}", served["id"].as_str().unwrap());
        assert_eq!(client.put(&path, served.clone()).await.expect(200), served);
    }
}
