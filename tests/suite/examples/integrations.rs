//! What calendars, automations and reports ask for.

use super::recorder::Recorder;
use crate::support::create;
use afterview_tests::{Client, TestApp};
use serde_json::json;

pub(super) async fn play(recorder: &mut Recorder, app: &TestApp) {
    let ines = app.user("ines").await;
    create(
        &ines,
        "/v1/opportunities",
        json!({"id": "acme", "employer": "Acme", "role": "Engineer"}),
    )
    .await;
    let talk = json!({
        "id": "talk", "opportunity_id": "acme", "starts_at": "2026-05-07T15:00:00Z",
        "ends_at": "2026-05-07T16:00:00Z",
    });
    create(&ines, "/v1/interviews", talk).await;
    webhooks(recorder, &ines).await;
    feeds(recorder, &ines, &app.anonymous()).await;
    let period = json!({"from": "2026-05-01", "to": "2026-05-31"});
    recorder.ask(&ines, "getActivityReport", json!({ "query": period })).await;
    let table = json!({"from": "2026-05-01", "to": "2026-05-31", "format": "csv"});
    recorder.ask(&ines, "getActivityReport", json!({ "query": table })).await;
}

async fn webhooks(recorder: &mut Recorder, client: &Client) {
    let body = json!({
        "url": "https://hooks.example.org/afterview", "description": "Home Assistant",
        "events": ["follow_up.due", "promise.missed"],
    });
    let made = recorder.ask(client, "createWebhook", json!({ "body": body })).await;
    let path = json!({"id": made["id"]});
    recorder.ask(client, "listWebhooks", json!({})).await;
    let body = json!({"description": "The one at home"});
    recorder.ask(client, "updateWebhook", json!({"path": path, "body": body})).await;
    for operation in ["getWebhook", "testWebhook", "listWebhookDeliveries", "rotateWebhookSecret"] {
        recorder.ask(client, operation, json!({ "path": path })).await;
    }
    recorder.ask(client, "deleteWebhook", json!({ "path": path })).await;
}

async fn feeds(recorder: &mut Recorder, client: &Client, program: &Client) {
    let body = json!({"name": "My phone", "detail": "full"});
    let made = recorder.ask(client, "createCalendarFeed", json!({ "body": body })).await;
    let path = json!({"id": made["id"]});
    recorder.ask(client, "listCalendarFeeds", json!({})).await;
    recorder.ask(client, "getCalendarFeed", json!({ "path": path })).await;
    let body = json!({"detail": "private"});
    recorder.ask(client, "updateCalendarFeed", json!({"path": path, "body": body})).await;
    let changed = recorder.ask(client, "rotateCalendarFeed", json!({ "path": path })).await;
    let secret = changed["url"].as_str().unwrap().rsplit('/').next().unwrap();
    let secret = secret.strip_suffix(".ics").unwrap();
    recorder.ask(program, "readCalendar", json!({"path": {"secret": secret}})).await;
    recorder.ask(client, "endCalendarFeed", json!({ "path": path })).await;
}
