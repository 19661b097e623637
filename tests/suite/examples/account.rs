//! The door, the account, and the service itself.

use super::recorder::Recorder;
use crate::oidc::Stage;
use crate::postbox::{ANOTHER, PASSWORD, Postbox, token};
use crate::support::with;
use afterview_tests::oidc::NONCE;
use afterview_tests::{Client, TestApp};
use serde_json::json;

pub(super) async fn play(recorder: &mut Recorder, stage: &Stage) {
    let app = &stage.app;
    service(recorder, &app.anonymous()).await;
    sign_in(recorder, stage).await;
    tokens(recorder, &app.user("rita").await).await;
    account(recorder, app).await;
}

async fn service(recorder: &mut Recorder, client: &Client) {
    for operation in [
        "getIndex",
        "getLiveness",
        "getReadiness",
        "getLimits",
        "getJsonWebKeySet",
        "getDeletionPage",
    ] {
        recorder.ask(client, operation, json!({})).await;
    }
    recorder.ask(client, "getProblemType", json!({"path": {"code": "not_found"}})).await;
}

async fn sign_in(recorder: &mut Recorder, stage: &Stage) {
    let app = &stage.app;
    let client = app.anonymous();
    app.user("lena").await;
    let device = json!({"name": "laptop", "platform": "web"});
    let body = json!({"email": "lena@example.org", "password": PASSWORD, "device": device});
    let tokens = recorder.ask(&client, "login", json!({ "body": body })).await;
    let body = json!({"refresh_token": tokens["refresh_token"]});
    let tokens = recorder.ask(&client, "refresh", json!({ "body": body })).await;
    let laptop = client.with_token(tokens["access_token"].as_str().unwrap());
    let sessions = recorder.ask(&laptop, "listSessions", json!({})).await;
    let own = tokens["session_id"].as_str().unwrap();
    let others = sessions["items"].as_array().unwrap().iter();
    let other = others.map(|one| &one["id"]).find(|id| **id != own).unwrap();
    recorder.ask(&laptop, "endSession", json!({"path": {"id": other}})).await;
    recorder.ask(&laptop, "logout", json!({})).await;
    let token = stage.provider.token("ida");
    let body = json!({"id_token": token, "nonce": NONCE, "time_zone": "Europe/Prague", "device": {"name": "phone"}});
    recorder
        .ask(&client, "loginWithIdToken", json!({"path": {"provider": "test"}, "body": body}))
        .await;
}

async fn tokens(recorder: &mut Recorder, client: &Client) {
    let body = json!({"name": "Home Assistant", "scopes": ["read"], "expires_in_days": 90});
    let made = recorder.ask(client, "createAccessToken", json!({ "body": body })).await;
    recorder.ask(client, "listAccessTokens", json!({})).await;
    recorder.ask(client, "endAccessToken", json!({"path": {"id": made["id"]}})).await;
}

async fn account(recorder: &mut Recorder, app: &TestApp) {
    let mut guest = app.anonymous();
    let body =
        json!({"time_zone": "Europe/Dublin", "device": {"name": "phone", "platform": "ios"}});
    let tokens = recorder.ask(&guest, "registerGuest", json!({ "body": body })).await;
    guest.sign_in_with(&tokens);
    let body = json!({"email": "ruth@example.org", "password": PASSWORD});
    recorder.ask(&guest, "upgradeAccount", json!({ "body": body })).await;
    recorder.ask(&guest, "getAccount", json!({})).await;
    let body = json!({"email": "ruth@example.com", "password": PASSWORD});
    recorder.ask(&guest, "updateAccount", json!({ "body": body })).await;
    recorder.ask(&guest, "listAuditEvents", json!({"query": {"limit": 2}})).await;
    let made = json!({"id": "anna", "name": "Anna Novak", "role": "interviewer",
        "created_at": "2026-05-06T19:05:00Z", "updated_at": "2026-05-06T19:05:00Z"});
    let line = json!({"type": "record", "collection": "contacts", "record": made});
    recorder.ask(&guest, "importAccount", json!({ "body": format!("{line}\n") })).await;
    recorder.ask(&guest, "exportAccount", json!({})).await;
    recorder.ask(&guest, "deleteAccount", json!({})).await;
    app.user("karl").await;
    let form = json!({"email": "karl@example.org", "password": PASSWORD});
    recorder.ask(&app.anonymous(), "submitDeletionPage", json!({ "body": form })).await;
}

pub(super) async fn passwords(recorder: &mut Recorder, postbox: &mut Postbox) {
    let client = postbox.app.user("omar").await;
    let body = json!({"current_password": PASSWORD, "new_password": ANOTHER});
    recorder.ask(&client, "changePassword", json!({ "body": body })).await;
    let body = json!({"email": "omar@example.org"});
    recorder.ask(&client, "forgotPassword", json!({ "body": body })).await;
    let sent = json!({ "token": token(&postbox.next().await) });
    let anonymous = postbox.app.anonymous();
    recorder.ask(&anonymous, "getResetPage", json!({ "query": sent })).await;
    let body = with(sent, &json!({ "new_password": PASSWORD }));
    recorder.ask(&anonymous, "resetPassword", json!({ "body": body })).await;
    let sent = postbox.token_for("omar@example.org").await;
    let form = json!({"token": sent, "new_password": ANOTHER});
    recorder.ask(&anonymous, "submitResetPage", json!({ "body": form })).await;
}
