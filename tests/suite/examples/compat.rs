//! What apps with WatermelonDB and RxDB ask for.

use super::recorder::Recorder;
use crate::support::create;
use afterview_tests::TestApp;
use serde_json::{Value, json};

pub(super) async fn play(recorder: &mut Recorder, app: &TestApp) {
    let phone = app.user("reader").await;
    let anna = json!({"id": "anna", "name": "Anna Novak", "role": "interviewer"});
    create(&phone, "/v1/contacts", anna).await;
    let first = json!({"last_pulled_at": "null", "schema_version": "1", "tables": "contacts"});
    let pulled = recorder.ask(&phone, "pullWatermelonChanges", json!({ "query": first })).await;
    let row = json!({
        "id": "anna", "_status": "updated", "_changed": "role", "name": "Anna Novak",
        "role": "hiring_manager",
    });
    let changes = json!({"contacts": {"created": [], "updated": [row], "deleted": []}});
    let stamp = json!({"last_pulled_at": pulled["timestamp"].to_string()});
    recorder.ask(&phone, "pushWatermelonChanges", json!({"query": stamp, "body": changes})).await;

    let path = json!({"collection": "contacts", "schema_version": 0});
    for version in ["", "Version"] {
        let first = json!({"updatedAt": "0", "id": "", "limit": 100});
        let request = json!({"path": path, "query": first});
        let batch = recorder.ask(&phone, &format!("pullRxdb{version}"), request).await;
        let assumed = batch["documents"][0].clone();
        let mut new: Value = assumed.clone();
        new["notes"] = json!(format!("Prefers mail{version}."));
        let rows = json!([{"assumedMasterState": assumed, "newDocumentState": new}]);
        let request = json!({"path": path, "body": rows});
        recorder.ask(&phone, &format!("pushRxdb{version}"), request).await;
    }
}
