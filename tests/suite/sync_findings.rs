//! What the engine once did wrong.

use crate::phone::{conflicts, ends, mutation, one, patch, push, round, stored, two};
use crate::support::{create, opportunity, with};
use crate::sync_sending::{draft, scene};
use afterview_tests::TestApp;
use serde_json::{Value, json};

fn act(mid: &str, record: &str, action: &str, more: &Value) -> Value {
    with(mutation(mid, "action", record, json!({ "action": action })), more)
}

#[actix_web::test]
async fn what_went_out_before_the_weaving_was_known_is_recorded() {
    let app = TestApp::start().await;
    let (phone, tablet, record, first) = scene(&app).await;
    let base = draft(&phone, &record, &first, "Dear Anna, thank you for the good talk.").await;
    let one_side = json!({"body": "Dear Anna Novak, thank you for the good talk."});
    ends(&phone, patch("m1", &record, &base, one_side), "applied").await;
    let other = json!({"body": "Dear Anna, thank you for the good talk. See you soon."});
    let edit = patch("m2", &record, &base, other);
    let sent = act("m3", &record, "mark_sent", &json!({"base": base, "after": "m2"}));
    let results = push(&tablet, json!([edit, sent])).await;
    assert_eq!(results[1]["status"], "applied", "{results:#?}");
    assert_eq!(stored(&phone, &record).await["status"], "sent");
}

#[actix_web::test]
async fn a_draft_woven_from_two_stays_to_be_read_when_its_own_device_goes_on_without_having_seen_it()
 {
    let app = TestApp::start().await;
    let (phone, tablet, record, first) = scene(&app).await;
    let base = draft(&phone, &record, &first, "Dear Anna, thank you for the good talk.").await;
    let one_side = json!({"body": "Dear Anna Novak, thank you for the good talk."});
    ends(&phone, patch("m1", &record, &base, one_side), "applied").await;
    let other = json!({"body": "Dear Anna, thank you for the good talk. See you soon."});
    let edit = patch("m2", &record, &base, other.clone());
    // Saved again as it was, before the answer to the first saving is there.
    let again = with(patch("m3", &record, &base, other), &json!({"after": "m2"}));
    push(&tablet, json!([edit, again])).await;
    assert_eq!(stored(&phone, &record).await["needs_review"], true);
}

#[actix_web::test]
async fn a_value_that_nobody_typed_is_no_conflict() {
    let app = TestApp::start().await;
    let (phone, tablet) = two(&app).await;
    create(&phone, "/v1/opportunities", opportunity("acme")).await;
    app.clock.set("2026-05-06T19:15:00Z");
    // A field that the first device left empty.
    let set = with(opportunity("acme"), &json!({"region": "US-NY"}));
    let mut set = set;
    set.as_object_mut().unwrap().remove("id");
    let make = mutation("m1", "create", "opportunities/acme", json!({ "set": set }));
    one(&tablet, make).await;
    assert_eq!(conflicts(&phone).await, [json!(null); 0]);
    // Words that the first device did not touch when it confirmed a date.
    let promise = json!({"id": "p1", "opportunity_id": "acme", "text": "soon"});
    let base = create(&phone, "/v1/expectations", promise).await["rev"].clone();
    app.clock.set("2026-05-06T19:18:00Z");
    let confirmed = json!({"kind": "confirmed", "from": "2026-05-08", "by": "2026-05-08"});
    ends(
        &phone,
        with(patch("m2", "expectations/p1", &base, confirmed), &json!({"at": -60_000})),
        "applied",
    )
    .await;
    one(&tablet, patch("m3", "expectations/p1", &base, json!({"text": "by the end of next week"})))
        .await;
    assert_eq!(conflicts(&phone).await, [json!(null); 0]);
}

#[actix_web::test]
async fn what_one_device_nests_deeply_does_not_make_the_log_unreadable_for_others() {
    let app = TestApp::start().await;
    let (phone, tablet) = two(&app).await;
    for depth in [60, 61, 62, 63, 64, 65, 100, 120, 125] {
        let nested = (0..depth).fold(json!(1), |inner, _| json!([inner]));
        let set = json!({"set": {"employer": nested}});
        let edit = mutation(&format!("m{depth}"), "create", "opportunities/acme", set);
        let answer = phone.post("/v1/sync", round(&json!([edit]))).await;
        assert_eq!(answer.status, if depth <= 61 { 200 } else { 400 }, "{depth}: {}", answer.text);
        let text = tablet.get("/v1/sync/changes").await.text;
        assert!(serde_json::from_str::<Value>(&text).is_ok(), "{depth}");
    }
}

#[actix_web::test]
async fn what_is_typed_under_a_wrong_name_is_kept() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let edit = mutation("m1", "patch", "opportunities/acme", json!({"fields": {"notes": "typed"}}));
    ends(&client, edit, "rejected").await;
    assert_eq!(conflicts(&client).await.len(), 1);
}
