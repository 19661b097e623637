//! The scenario of the source article, from the elevator to the Tuesday after.

use afterview_tests::{TestApp, story};
use serde_json::{Value, json};

fn moments(plan: &Value) -> Vec<(&str, &str, &str)> {
    let items = plan["items"].as_array().unwrap().iter();
    items
        .map(|item| {
            let text = |name: &str| item[name].as_str().unwrap_or_default();
            (text("kind"), text("verdict"), text("do_at"))
        })
        .collect()
}

#[actix_web::test]
async fn the_article_from_the_elevator_to_the_tuesday_after() {
    let app = TestApp::start().await;
    let mut client = app.user("candidate").await;
    let facts = story::record(&client).await;

    let plan = story::debrief(&client, &facts).await;
    assert_eq!(
        moments(&plan),
        [
            ("thank_you", "too_soon", "2026-05-07T13:00:00Z"),
            ("follow_up", "too_soon", "2026-05-12T14:00:00Z"),
        ]
    );
    assert_eq!(plan["state"], "waiting_them");
    for item in plan["items"].as_array().unwrap() {
        assert!(!item["reasons"].as_array().unwrap().is_empty(), "{item}");
    }

    app.clock.set("2026-05-07T13:00:00Z");
    client.refresh().await;
    let thanks = plan["items"][0]["id"].as_str().unwrap();
    let sent = client.post(&format!("/v1/follow-ups/{thanks}/sent"), json!({})).await.expect(200);
    assert_eq!(
        (&sent["state"], &sent["sent_at"]),
        (&json!("sent"), &json!("2026-05-07T13:00:00Z"))
    );

    app.clock.set("2026-05-12T14:00:00Z");
    client.refresh().await;
    let plan = client.get("/v1/opportunities/acme/plan").await.expect(200);
    assert_eq!(moments(&plan), [("follow_up", "good_time", "2026-05-12T14:00:00Z")]);

    let agenda = client.get("/v1/agenda").await.expect(200);
    assert_eq!(agenda["items"][0]["id"], plan["items"][0]["id"]);
    assert_eq!(agenda["items"][0]["employer"], "Acme");
}
