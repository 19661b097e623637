//! Every collection: made, read, listed, replaced, changed and deleted.

use super::recorder::Recorder;
use crate::support::with;
use afterview_tests::{Client, TestApp, story};
use serde_json::{Value, json};

pub(super) async fn play(recorder: &mut Recorder, app: &TestApp) {
    let client = app.user("sam").await;
    story::record(&client).await;
    for (one, many, id, content, patch) in collections() {
        all(recorder, &client, (one, many), id, content, patch).await;
    }
    let shown = json!({"collection": "contacts", "id": "dana"});
    recorder.ask(&client, "getRecordHistory", json!({ "path": shown })).await;
    preferences(recorder, &client).await;
}

/// Name of one, name of many, id, content, and a change.
fn collections() -> [(&'static str, &'static str, &'static str, Value, Value); 8] {
    let acme = |more: Value| with(json!({"opportunity_id": "acme"}), &more);
    let office = json!({"time_zone": "Europe/Berlin", "calendar": "DE-BE"});
    [
        (
            "Opportunity",
            "Opportunities",
            "nordwind",
            json!({"employer": "Nordwind Energie", "role": "Controller", "office": office}),
            json!({"interest": "high", "notes": "Ask about the team."}),
        ),
        (
            "Contact",
            "Contacts",
            "dana",
            acme(json!({"name": "Dana Cole", "role": "coordinator",
                "channels": [{"kind": "email", "value": "dana@example.com"}]})),
            json!({"name_phonetic": "DAY-na"}),
        ),
        (
            "Interview",
            "Interviews",
            "second-talk",
            acme(json!({"kind": "video", "round": 2, "attendees": [{"contact_id": "anna"}],
                "starts_at": "2026-05-20T17:00:00Z", "ends_at": "2026-05-20T18:00:00Z"})),
            json!({"starts_at": "2026-05-20T18:00:00Z", "ends_at": "2026-05-20T19:00:00Z"}),
        ),
        (
            "Expectation",
            "Expectations",
            "answer",
            acme(
                json!({"interview_id": "i1", "text": "by the end of the week", "promised_by": "anna"}),
            ),
            json!({"kind": "confirmed", "by": "2026-05-12"}),
        ),
        (
            "Commitment",
            "Commitments",
            "exercise",
            acme(
                json!({"kind": "take_home", "title": "the pricing exercise", "due": "2026-05-08"}),
            ),
            json!({"status": "fulfilled", "fulfilled_at": "2026-05-06T19:04:00Z"}),
        ),
        (
            "Reply",
            "Replies",
            "their-answer",
            acme(json!({"kind": "reply_info", "at": "2026-05-06T19:01:00Z", "from": "anna"})),
            json!({"text": "We are still talking to others."}),
        ),
        (
            "Offer",
            "Offers",
            "their-offer",
            acme(
                json!({"received_at": "2026-05-06T19:02:00Z", "deadline": "2026-05-15T21:00:00Z"}),
            ),
            json!({"form": "written"}),
        ),
        (
            "Supplement",
            "Supplements",
            "certificate",
            acme(json!({"kind": "certificate", "title": "Certified in statistics"})),
            json!({"earned_at": "2026-04-30"}),
        ),
    ]
}

async fn all(
    recorder: &mut Recorder,
    client: &Client,
    (one, many): (&str, &str),
    id: &str,
    content: Value,
    patch: Value,
) {
    let path = json!({ "id": id });
    let body = with(content.clone(), &path);
    recorder.ask(client, &format!("create{one}"), json!({ "body": body })).await;
    recorder.ask(client, &format!("get{one}"), json!({ "path": path })).await;
    recorder.ask(client, &format!("update{one}"), json!({"path": path, "body": patch})).await;
    let page = json!({"query": {"limit": 1}});
    recorder.ask(client, &format!("list{many}"), page).await;
    let other = json!({ "id": format!("{id}-2") });
    recorder.ask(client, &format!("replace{one}"), json!({"path": other, "body": content})).await;
    recorder.ask(client, &format!("replace{one}"), json!({"path": other, "body": content})).await;
    recorder.ask(client, &format!("delete{one}"), json!({ "path": other })).await;
}

async fn preferences(recorder: &mut Recorder, client: &Client) {
    let all = json!({"time_zone": "America/New_York", "locale": "en", "quiet_from": "21:00", "quiet_to": "08:00"});
    recorder.ask(client, "replacePreferences", json!({ "body": all })).await;
    recorder
        .ask(client, "updatePreferences", json!({"body": {"thank_channel": "handwritten"}}))
        .await;
    recorder.ask(client, "getPreferences", json!({})).await;
}
