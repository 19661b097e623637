//! Deletions and edits that did not know of each other: what somebody wrote stays.

use crate::phone::{
    conflicts, ends, mutation, one, only_conflict, patch, push, refused, stored, two,
};
use crate::support::{create, opportunity, with};
use afterview_tests::{Client, TestApp};
use serde_json::{Value, json};

const ACME: &str = "opportunities/acme";

/// Two devices that know `acme` with a contact and two duties, ten minutes later; and the head.
async fn scene(app: &TestApp) -> (Client, Client, Value) {
    let (phone, tablet) = two(app).await;
    create(&phone, "/v1/opportunities", opportunity("acme")).await;
    let anna = json!({"id": "anna", "opportunity_id": "acme", "name": "Anna", "role": "referee"});
    create(&phone, "/v1/contacts", anna).await;
    for id in ["d1", "d2"] {
        let duty = json!({"id": id, "opportunity_id": "acme", "kind": "form"});
        create(&phone, "/v1/commitments", duty).await;
    }
    app.clock.set("2026-05-06T19:15:00Z");
    let head = phone.get("/v1/sync/head").await.expect(200)["head"].clone();
    (phone, tablet, head)
}

fn delete(mid: &str, record: &str, base: &Value) -> Value {
    mutation(mid, "delete", record, json!({ "base": base }))
}

/// Which of the records of the scene are alive.
async fn alive(client: &Client) -> Vec<String> {
    let revs = client.get("/v1/sync/revs").await.expect(200);
    let items = revs["items"].as_array().unwrap().iter();
    let named = items.map(|it| it["id"].as_str().unwrap().to_owned());
    let mut named: Vec<String> =
        named.filter(|id| ["acme", "anna", "d1", "d2", "new"].contains(&id.as_str())).collect();
    named.sort_unstable();
    named
}

#[actix_web::test]
async fn a_deletion_that_did_not_see_an_edit_gives_way_to_it() {
    let app = TestApp::start().await;
    let (phone, tablet, head) = scene(&app).await;
    ends(&phone, patch("m1", ACME, &head, json!({"role": "Analyst"})), "applied").await;
    let result = ends(&tablet, delete("m2", ACME, &head), "merged").await;
    assert_eq!(result["record"]["role"], "Analyst");
    assert_eq!(alive(&phone).await.len(), 4);
    let conflict = only_conflict(&phone).await;
    assert_eq!(
        json!([conflict["reason"], conflict["state"], conflict["record_id"]]),
        json!(["delete_vs_edit", "open", "acme"])
    );
    // "Delete anyway."
    let path = format!("/v1/sync/conflicts/{}/resolve", conflict["id"].as_str().unwrap());
    phone.post(&path, json!({"take": "lost"})).await.expect(200);
    assert_eq!(alive(&phone).await, [""; 0]);
    push(&tablet, json!([])).await;
}

#[actix_web::test]
async fn ones_own_edit_does_not_stand_against_ones_own_deletion() {
    let app = TestApp::start().await;
    let (phone, _, head) = scene(&app).await;
    ends(&phone, patch("m1", ACME, &head, json!({"role": "Analyst"})), "applied").await;
    ends(&phone, with(delete("m2", ACME, &head), &json!({"after": "m1"})), "applied").await;
    assert_eq!((alive(&phone).await, conflicts(&phone).await.len()), (vec![], 0));
    ends(&phone, delete("m3", ACME, &head), "noop").await;
    ends(&phone, delete("m4", "opportunities/never", &head), "noop").await;
}

#[actix_web::test]
async fn an_edit_that_did_not_see_the_deletion_brings_everything_back() {
    for (record, set) in
        [(ACME, json!({"role": "Analyst"})), ("commitments/d1", json!({"title": "Form 7"}))]
    {
        let app = TestApp::start().await;
        let (phone, tablet, head) = scene(&app).await;
        ends(&tablet, delete("m1", ACME, &head), "applied").await;
        assert_eq!(alive(&phone).await, [""; 0]);
        let back = one(&phone, patch("m2", record, &head, set.clone())).await;
        assert!(back["status"] == "applied" || back["status"] == "merged", "{back}");
        assert_eq!(alive(&phone).await, ["acme", "anna", "d1", "d2"]);
        let (name, value) = set.as_object().unwrap().iter().next().unwrap();
        assert_eq!(stored(&tablet, record).await[name], *value);
        let conflict = only_conflict(&phone).await;
        assert_eq!(
            json!([conflict["reason"], conflict["record_id"]]),
            json!(["edit_vs_delete", "acme"])
        );
        let path = format!("/v1/sync/conflicts/{}/resolve", conflict["id"].as_str().unwrap());
        phone.post(&path, json!({"take": "lost"})).await.expect(200);
        assert_eq!(alive(&phone).await, [""; 0]);
    }
}

#[actix_web::test]
async fn what_was_deleted_by_itself_before_does_not_come_back_with_its_opportunity() {
    let app = TestApp::start().await;
    let (phone, tablet, head) = scene(&app).await;
    ends(&tablet, delete("m1", "commitments/d1", &head), "applied").await;
    ends(&tablet, delete("m2", ACME, &head), "applied").await;
    ends(&tablet, mutation("m3", "restore", ACME, json!({})), "applied").await;
    assert_eq!(alive(&phone).await, ["acme", "anna", "d2"]);
    // An edit of just that one does bring it back.
    one(&phone, patch("m4", "commitments/d1", &head, json!({"title": "Form 7"}))).await;
    assert_eq!(alive(&phone).await, ["acme", "anna", "d1", "d2"]);
}

#[actix_web::test]
async fn an_edit_that_saw_the_deletion_is_refused_until_the_record_is_restored() {
    let app = TestApp::start().await;
    let (phone, tablet, head) = scene(&app).await;
    let gone = ends(&tablet, delete("m1", ACME, &head), "applied").await;
    let late = patch("m2", ACME, &gone["rev"], json!({"role": "Analyst"}));
    let result = refused(&phone, late, "deleted").await;
    assert_eq!(result.get("record"), None);
    let restore = mutation("m3", "restore", ACME, json!({"base": gone["rev"]}));
    let back = ends(&phone, restore, "applied").await;
    assert_eq!(alive(&tablet).await, ["acme", "anna", "d1", "d2"]);
    ends(&phone, patch("m4", ACME, &back["rev"], json!({"role": "Analyst"})), "applied").await;
    let never = mutation("m5", "restore", "opportunities/never", json!({}));
    assert_eq!(ends(&phone, never, "rejected").await["error"]["code"], "not_found");
}

#[actix_web::test]
async fn a_refused_edit_can_be_written_after_all() {
    let app = TestApp::start().await;
    let (phone, tablet, head) = scene(&app).await;
    let gone = ends(&tablet, delete("m1", ACME, &head), "applied").await;
    let late = patch("m2", ACME, &gone["rev"], json!({"role": "Analyst"}));
    let result = refused(&phone, late, "deleted").await;
    let path = format!("/v1/sync/conflicts/{}/resolve", result["conflicts"][0].as_str().unwrap());
    tablet.post(&path, json!({"take": "lost"})).await.expect(200);
    assert_eq!(stored(&phone, ACME).await["role"], "Analyst");
}

#[actix_web::test]
async fn something_new_under_a_deleted_opportunity_brings_that_back() {
    let app = TestApp::start().await;
    let (phone, tablet, head) = scene(&app).await;
    ends(&tablet, delete("m1", ACME, &head), "applied").await;
    let set = json!({"opportunity_id": "acme", "kind": "references"});
    let new = mutation("m2", "create", "commitments/new", json!({ "set": set }));
    one(&phone, new).await;
    assert_eq!(alive(&tablet).await, ["acme", "anna", "d1", "d2", "new"]);
    assert_eq!(only_conflict(&phone).await["reason"], "edit_vs_delete");
}

#[actix_web::test]
async fn something_new_that_is_wrong_brings_nothing_back() {
    let app = TestApp::start().await;
    let (phone, tablet, head) = scene(&app).await;
    ends(&tablet, delete("m1", ACME, &head), "applied").await;
    let set = json!({"opportunity_id": "acme", "kind": "no such kind"});
    let new = mutation("m2", "create", "commitments/new", json!({ "set": set }));
    refused(&phone, new, "validation_failed").await;
    let wrong = patch("m3", ACME, &head, json!({"role": ""}));
    refused(&phone, wrong, "validation_failed").await;
    assert_eq!(alive(&tablet).await, [""; 0]);
    assert!(conflicts(&phone).await.iter().all(|it| it["reason"] == "rejected"));
}
