//! What devices ask for: sync and its conflicts, and what they say about themselves.

use super::recorder::Recorder;
use crate::phone::{ago, ends, mutation, patch, with_acme};
use afterview_tests::{Client, TestApp};
use serde_json::{Value, json};

const ACME: &str = "opportunities/acme";

pub(super) async fn play(recorder: &mut Recorder, app: &TestApp) {
    let (phone, tablet, base) = with_acme(app, json!({})).await;
    rounds(recorder, &phone).await;
    disputed(recorder, &phone, &tablet, &base).await;
    for operation in ["getSyncHead", "createStreamTicket"] {
        recorder.ask(&phone, operation, json!({})).await;
    }
    let contacts = json!({"collections": "contacts"});
    recorder.ask(&phone, "listSyncRevisions", json!({ "query": contacts })).await;
    recorder.ask(&phone, "listSyncChanges", json!({"query": {"limit": 1}})).await;
    recorder.ask(&phone, "getSyncSnapshot", json!({})).await;
    let report = json!({
        "push": {"kind": "fcm_fid", "value": "cWq0TzXyQ5O3mVb1"}, "time_zone": "Europe/Prague",
        "locale": "cs", "app_version": "1.2", "scheduled_through": 7,
    });
    recorder.ask(&phone, "reportDevice", json!({ "body": report })).await;
    recorder.ask(&phone, "getDevice", json!({})).await;
    recorder.ask(&phone, "sendTestNotification", json!({})).await;
    recorder.ask(&phone, "listNotifications", json!({})).await;
    recorder.ask(&phone, "forgetDevicePush", json!({})).await;
}

async fn rounds(recorder: &mut Recorder, phone: &Client) {
    let set = json!({"set": {"name": "Anna Novak", "role": "hiring_manager"}, "at": -60_000});
    let made = mutation("m-1", "create", "contacts/anna", set);
    let round = json!({
        "protocol": 1, "schema": 1, "client_time": 1_778_094_300_000_i64, "mutations": [made],
        "app": {"id": "org.example.afterview", "version": "1.2"}, "max_changes": 1,
    });
    recorder.ask(phone, "syncRound", json!({ "body": round })).await;
}

/// Two devices named the role without knowing of each other.
async fn disputed(recorder: &mut Recorder, phone: &Client, tablet: &Client, base: &Value) {
    let early = ago(patch("m1", ACME, base, json!({"role": "Early"})), 60_000);
    ends(phone, early, "applied").await;
    ends(tablet, patch("m2", ACME, base, json!({"role": "Late"})), "applied").await;
    let open = json!({"state": "open"});
    let page = recorder.ask(phone, "listConflicts", json!({ "query": open })).await;
    let path = json!({"id": page["items"][0]["id"]});
    let take = json!({"take": "fields", "fields": {"role": "Both"}});
    recorder.ask(phone, "resolveConflict", json!({"path": path, "body": take})).await;
}
