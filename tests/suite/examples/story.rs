//! The story of the article and what is asked about it.

use super::recorder::Recorder;
use crate::support::item;
use afterview_tests::{Client, TestApp};
use serde_json::{Value, json};

/// Nothing has to be said.
fn of(id: &str) -> Value {
    json!({"path": {"id": id}})
}

/// As [`of`], with a body.
fn with(id: &str, body: &Value) -> Value {
    json!({"path": {"id": id}, "body": body})
}

pub(super) async fn play(recorder: &mut Recorder, app: &TestApp) {
    let mut client = app.anonymous();
    let account = json!({
        "email": "maya@example.org", "password": "correct horse battery",
        "time_zone": "America/New_York", "device": {"name": "phone", "platform": "android"},
    });
    let tokens = recorder.ask(&client, "register", json!({ "body": account })).await;
    client.sign_in_with(&tokens);
    let anna = json!({"id": "anna", "name": "Anna Novak", "role": "hiring_manager",
        "channels": [{"kind": "email", "value": "anna@example.com"}]});
    recorder.ask(&client, "createContact", json!({ "body": anna })).await;
    let interview = json!({
        "id": "talk", "starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z",
        "attendees": [{"contact_id": "anna"}],
        "opportunity": {"id": "acme", "employer": "Acme", "role": "Data engineer",
            "office": {"time_zone": "America/New_York", "calendar": "US-FED"}},
    });
    recorder.ask(&client, "createInterview", json!({ "body": interview })).await;
    let debrief = json!({"next_step_owner": "them", "impression": 4,
        "promise": {"text": "in a week", "promised_by": "anna"}});
    let plan = recorder.ask(&client, "debriefInterview", with("talk", &debrief)).await;
    let thanks = item(&plan, "thank_you")["id"].as_str().unwrap().to_owned();
    let asking = item(&plan, "follow_up")["id"].as_str().unwrap().to_owned();
    advice(recorder, &client).await;
    before_sending(recorder, &client, &thanks).await;
    actions(recorder, &client, &thanks, &asking).await;
    custom(recorder, &client).await;
}

async fn advice(recorder: &mut Recorder, client: &Client) {
    let now = json!({"now": "2026-05-06T19:20:00Z"});
    recorder.ask(client, "getPlan", json!({"path": {"id": "acme"}, "query": now})).await;
    recorder.ask(client, "getAgenda", json!({ "query": now })).await;
    let reply = json!({"kind": "offer", "at": "2026-05-08T15:00:00Z"});
    let what_if = json!({"now": "2026-05-08T16:00:00Z", "replies": [reply]});
    recorder.ask(client, "simulatePlan", with("acme", &what_if)).await;
    recorder.ask(client, "listFollowUps", json!({"query": {"state": "open", "limit": 1}})).await;
    let words = json!({"text": "by the end of next week", "opportunity_id": "acme"});
    recorder.ask(client, "parsePromise", json!({ "body": words })).await;
    recorder.ask(client, "getRule", of("F3-HEDGED")).await;
    recorder.ask(client, "listRules", json!({"query": {"family": "value"}})).await;
    recorder.ask(client, "listCalendars", json!({"query": {"country": "LU"}})).await;
}

async fn before_sending(recorder: &mut Recorder, client: &Client, thanks: &str) {
    recorder.ask(client, "getFollowUp", of(thanks)).await;
    let slots = json!({"slots": {"moment": "your remark about the elevator"}});
    recorder.ask(client, "draftFollowUp", with(thanks, &slots)).await;
    for format in ["text", "eml"] {
        let request = json!({"path": {"id": thanks}, "query": {"format": format}, "body": {}});
        recorder.ask(client, "draftFollowUp", request).await;
    }
    let tact = json!({"channel": "phone", "at": "2026-05-06T21:30:00Z"});
    recorder.ask(client, "checkTact", with(thanks, &tact)).await;
    let draft = json!({"subject": "Thank you, Anna", "channel": "email"});
    recorder.ask(client, "updateFollowUp", with(thanks, &draft)).await;
}

async fn actions(recorder: &mut Recorder, client: &Client, thanks: &str, asking: &str) {
    let sent = json!({"sent_at": "2026-05-06T19:04:00Z", "channel": "email"});
    recorder.ask(client, "markFollowUpSent", with(thanks, &sent)).await;
    recorder.ask(client, "undoFollowUpSent", with(thanks, &json!({}))).await;
    recorder.ask(client, "markFollowUpSent", with(thanks, &json!({}))).await;
    let correction = json!({"channel": "linkedin", "reason": "It was a message there."});
    recorder.ask(client, "correctFollowUpSent", with(thanks, &correction)).await;
    let later = json!({"until": "2026-05-18T14:00:00Z"});
    recorder.ask(client, "snoozeFollowUp", with(asking, &later)).await;
    recorder.ask(client, "skipFollowUp", with(asking, &json!({}))).await;
    recorder.ask(client, "reopenFollowUp", with(asking, &json!({}))).await;
}

/// One that the candidate thought of.
async fn custom(recorder: &mut Recorder, client: &Client) {
    let article = json!({"id": "article", "opportunity_id": "acme", "title": "Send the article we talked about",
        "due_at": "2026-05-11T14:00:00Z", "to": "anna"});
    recorder.ask(client, "createFollowUp", json!({ "body": article })).await;
}
