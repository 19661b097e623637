//! The candidate's settings and what they change in a plan.

use crate::support::{item, pointers};
use afterview_tests::{Client, TestApp, story};
use serde_json::{Value, json};

const PATH: &str = "/v1/preferences";

async fn thank_you(client: &Client) -> Value {
    let plan = client.get("/v1/opportunities/acme/plan").await.expect(200);
    item(&plan, "thank_you").clone()
}

#[actix_web::test]
async fn settings_are_there_from_the_start() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    insta::assert_json_snapshot!(client.get(PATH).await.expect(200), @r#"
    {
      "created_at": "2026-05-06T19:05:00Z",
      "id": "me",
      "locale": "en",
      "lock_screen": "none",
      "mute": [],
      "quiet_from": "22:00",
      "quiet_to": "08:00",
      "rev": 1778094300000,
      "thank_channel": "email",
      "time_zone": "America/New_York",
      "updated_at": "2026-05-06T19:05:00Z"
    }
    "#);
}

#[actix_web::test]
async fn put_brings_back_every_default_and_patch_changes_only_what_it_names() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let patch = json!({"quiet_from": "21:00", "max_unanswered": 1, "mute": ["follow_up", "custom", "follow_up"]});
    let patched = client.patch(PATH, patch).await.expect(200);
    assert_eq!((&patched["quiet_from"], &patched["quiet_to"]), (&json!("21:00"), &json!("08:00")));
    assert_eq!(patched["mute"], json!(["custom", "follow_up"]));
    assert_eq!(patched["time_zone"], "America/New_York");
    let cleared =
        client.patch(&format!("{PATH}?clear=max_unanswered"), json!({"quiet_from": null})).await;
    let cleared = cleared.expect(200);
    assert_eq!((cleared.get("max_unanswered"), &cleared["quiet_from"]), (None, &json!("22:00")));
    let replaced = client.put(PATH, json!({"locale": "cs"})).await.expect(200);
    assert_eq!((&replaced["locale"], &replaced["mute"]), (&json!("cs"), &json!([])));
    assert_eq!(replaced["time_zone"], "UTC");
    assert_eq!(client.get(PATH).await.expect(200), replaced);
}

#[actix_web::test]
async fn the_quiet_period_lasts_three_to_fourteen_hours() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let before = client.get(PATH).await.expect(200);
    let hours = |from: &str, to: &str| json!({"quiet_from": from, "quiet_to": to});
    for (from, to) in
        [("22:00", "00:59"), ("22:00", "22:00"), ("18:00", "08:01"), ("08:00", "22:01")]
    {
        let refused = client.patch(PATH, hours(from, to)).await;
        let problem = refused.expect_problem("validation_failed");
        assert_eq!(pointers(&problem), ["/quiet_to"], "{from} {to}");
    }
    assert_eq!(client.get(PATH).await.expect(200), before);
    for (from, to) in
        [("22:00", "01:00"), ("18:00", "08:00"), ("00:00", "03:00"), ("01:00", "09:00")]
    {
        client.patch(PATH, hours(from, to)).await.expect(200);
    }
}

#[actix_web::test]
async fn quiet_hours_move_the_reminder_but_not_the_advice() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    story::debrief(&client, &facts).await;
    let before = thank_you(&client).await;
    assert_eq!(
        (&before["do_at"], &before["remind_at"]),
        (&json!("2026-05-07T13:00:00Z"), &json!("2026-05-07T13:00:00Z"))
    );
    // In Honolulu it is three in the morning then.
    client.patch(PATH, json!({"time_zone": "Pacific/Honolulu"})).await.expect(200);
    let after = thank_you(&client).await;
    assert_eq!((&after["do_at"], &after["ideal"]), (&before["do_at"], &before["ideal"]));
    assert_eq!(after["remind_at"], "2026-05-07T07:30:00Z");
}

#[actix_web::test]
async fn a_muted_kind_stays_in_the_plan_without_a_reminder() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    story::debrief(&client, &facts).await;
    client.patch(PATH, json!({"mute": ["thank_you"]})).await.expect(200);
    let muted = thank_you(&client).await;
    assert_eq!((muted.get("remind_at"), &muted["do_at"]), (None, &json!("2026-05-07T13:00:00Z")));
}

#[actix_web::test]
async fn the_settings_can_be_neither_created_nor_deleted() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    for answer in [client.delete(PATH).await, client.post(PATH, json!({})).await] {
        answer.expect_problem("method_not_allowed");
        assert_eq!(answer.header("allow"), "GET, HEAD, PATCH, PUT");
    }
}
