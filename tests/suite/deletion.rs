//! Deleting an account: nobody gets in from the first moment on, and nothing of it is left.

use crate::support::{create, opportunity};
use afterview_tests::{Client, TestApp, story};
use chrono::TimeDelta;
use serde_json::{Value, json};

fn round(mutations: &[Value]) -> Value {
    json!({"protocol": 1, "schema": 1, "client_time": 1_778_094_300_000_i64, "mutations": mutations})
}

/// What the candidate types and devices tell, in every kind of record, and more than is deleted at once.
async fn live(app: &TestApp, client: &Client) {
    let facts = story::record(client).await;
    story::debrief(client, &facts).await;
    let acme = json!({"id": "canary-acme", "employer": "canary-employer", "role": "canary-role"});
    create(client, "/v1/opportunities", acme).await;
    for n in 0..6 {
        let mutations: Vec<Value> = (0..100)
            .map(|i| {
                json!({
                    "mid": format!("canary-mid-{n}-{i}"), "c": "contacts", "id": format!("canary-{n}-{i}"),
                    "op": "create", "set": {"name": "canary-name", "role": "interviewer"},
                })
            })
            .collect();
        client.post("/v1/sync", round(&mutations)).await.expect(200);
    }
    client.patch("/v1/contacts/canary-1-1", json!({"notes": "canary-note"})).await.expect(200);
    client.patch("/v1/contacts/canary-1-1", json!({"notes": "canary-other"})).await.expect(200);
    assert_eq!(client.delete("/v1/contacts/canary-1-2").await.status, 204);
    let refused = json!({"mid": "canary-refused", "c": "offers", "id": "x", "op": "create", "set": {"notes": "canary-lost"}});
    client.post("/v1/sync", round(&[refused])).await.expect(200);
    let push = json!({"push": {"kind": "fcm_fid", "value": "canary-device"}, "time_zone": "America/New_York"});
    client.put("/v1/devices/me", push).await.expect(200);
    let key = [("idempotency-key", "canary-key")];
    let body = Some(
        json!({"title": "canary-title", "opportunity_id": "canary-acme", "due_at": "2026-05-06T20:00:00Z"}),
    );
    client.send(reqwest::Method::POST, "/v1/follow-ups", &key, body).await.expect(201);
    client.post("/v1/sync/stream-ticket", json!({})).await.expect(200);
    let token = json!({"name": "canary-token", "scopes": ["read"]});
    client.post("/v1/auth/tokens", token).await.expect(201);
    client.post("/v1/notifications/test", json!({})).await.expect(200);
    let webhook = json!({"url": "https://localhost:1/canary-hook", "description": "canary-hook"});
    client.post("/v1/webhooks", webhook).await.expect(201);
    let interview = json!({
        "opportunity_id": "canary-acme",
        "starts_at": "2026-05-20T18:00:00Z", "ends_at": "2026-05-20T19:00:00Z",
    });
    create(client, "/v1/interviews", interview).await;
    app.let_time_pass_until("2026-05-06T20:01:00Z").await;
}

async fn account(app: &TestApp) -> (Client, Value) {
    let mut client = app.anonymous();
    let body = json!({
        "email": "canary-mail@example.org", "password": "canary-password", "time_zone": "America/New_York",
        "device": {"name": "canary-phone", "platform": "android", "app_id": "canary-app", "app_version": "canary-1"},
    });
    let tokens = client.post("/v1/auth/register", body).await.expect(201);
    client.sign_in_with(&tokens);
    (client, tokens)
}

async fn sign_in(app: &TestApp) -> Client {
    let mut client = app.anonymous();
    let body = json!({"email": "canary-mail@example.org", "password": "canary-password"});
    client.sign_in_with(&client.post("/v1/auth/login", body).await.expect(200));
    client
}

#[actix_web::test]
async fn nothing_of_a_deleted_account_is_left_in_any_column_of_any_table() {
    let app = TestApp::start().await;
    let other = app.user("somebody-else").await;
    create(&other, "/v1/opportunities", opportunity("theirs")).await;
    let (client, tokens) = account(&app).await;
    live(&app, &client).await;
    let account_id = tokens["account_id"].as_str().unwrap();
    let mut databases = app.databases();
    let planted = databases.places_of("canary");
    for table in [
        "accounts",
        "sessions",
        "records",
        "record_revs",
        "mutations",
        "devices",
        "idempotency_keys",
        "access_tokens",
        "plans",
        "reminders",
        "webhooks",
        "webhook_deliveries",
    ] {
        assert!(
            planted.iter().any(|place| place.starts_with(&format!("{table}."))),
            "{table}: {planted:?}"
        );
    }
    let before = databases.places_of(account_id);
    let tables = before.iter().filter(|place| place.ends_with(".account_id")).count();
    assert!(tables > 12, "{before:?}");

    let client = sign_in(&app).await;
    assert_eq!(client.delete("/v1/account").await.status, 204);
    app.let_time_pass_until("2026-05-06T20:02:00Z").await;
    let kept: Vec<String> = databases
        .places_of(account_id)
        .into_iter()
        .filter(|place| place.ends_with(".account_id"))
        .collect();
    assert_eq!(
        kept,
        [
            "access_tokens.account_id",
            "account_sync.account_id",
            "accounts.account_id",
            "sessions.account_id"
        ]
    );

    app.let_time_pass_until("2026-05-06T20:30:00Z").await;
    // So that a backup of before does not bring it back.
    assert_eq!(databases.places_of(account_id), ["erased_accounts.account_id"]);
    assert_eq!(databases.places_of("canary"), [""; 0]);
    app.sweep_at("2026-05-07T20:30:00Z").await;
    let mut other = other;
    other.refresh().await;
    other.get("/v1/opportunities/theirs").await.expect(200);
}

#[actix_web::test]
async fn from_the_first_moment_on_nobody_gets_in_and_the_address_is_free() {
    let app = TestApp::start().await;
    let (phone, _) = account(&app).await;
    let laptop = sign_in(&app).await;
    let token = json!({"name": "script", "scopes": ["read"]});
    let token = laptop.post("/v1/auth/tokens", token).await.expect(201);
    let script = app.anonymous().with_token(token["token"].as_str().unwrap());
    script.get("/v1/agenda").await.expect(200);
    assert_eq!(laptop.delete("/v1/account").await.status, 204);

    for client in [&phone, &laptop, &script] {
        client.get("/v1/agenda").await.expect_problem("unauthenticated");
        client
            .post("/v1/opportunities", opportunity("late"))
            .await
            .expect_problem("unauthenticated");
    }
    for client in [&phone, &laptop] {
        let body = json!({ "refresh_token": client.refresh_token });
        client.post("/v1/auth/refresh", body).await.expect_problem("invalid_refresh_token");
    }
    let body = json!({"email": "canary-mail@example.org", "password": "canary-password"});
    app.anonymous().post("/v1/auth/login", body.clone()).await.expect_problem("wrong_credentials");
    // A node that starts now knows whom to refuse, whether the job has run or not.
    for now in ["2026-05-06T19:06:00Z", "2026-05-06T19:07:00Z"] {
        app.let_time_pass_until(now).await;
    }
    let app = app.restart().await;
    for token in [phone.token(), laptop.token(), token["token"].as_str().unwrap()] {
        let client = app.anonymous().with_token(token);
        client.get("/v1/agenda").await.expect_problem("unauthenticated");
    }
    app.anonymous().post("/v1/auth/register", body).await.expect(201);
}

#[actix_web::test]
async fn whoever_deletes_an_account_has_just_signed_in_unless_there_is_no_way_to() {
    let app = TestApp::start().await;
    let (mut client, _) = account(&app).await;
    app.clock.advance(TimeDelta::minutes(10) + TimeDelta::seconds(1));
    let refused = client.delete("/v1/account").await;
    refused.expect_problem("recent_sign_in_required");
    assert_eq!(refused.status, 403);
    client.get("/v1/agenda").await.expect(200);
    client = sign_in(&app).await;
    assert_eq!(client.delete("/v1/account").await.status, 204);

    let mut guest = app.anonymous();
    guest.sign_in_with(&guest.post("/v1/auth/guest", json!({})).await.expect(201));
    app.clock.advance(TimeDelta::days(3));
    guest.refresh().await;
    assert_eq!(guest.delete("/v1/account").await.status, 204);
    guest.delete("/v1/account").await.expect_problem("unauthenticated");
}

/// Sends the form of the page.
async fn send_form(client: &Client, form: &str) -> afterview_tests::Answer {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    client.raw(reqwest::Method::POST, "/account/delete", &headers, form.as_bytes().to_vec()).await
}

#[actix_web::test]
async fn the_page_deletes_an_account_for_its_address_and_password_and_for_nothing_less() {
    let app = TestApp::start().await;
    let (phone, _) = account(&app).await;
    let client = app.anonymous();
    let page = client.get("/account/delete").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").contains("form-action 'self'"));
    for (form, status, says) in [
        ("email=canary-mail%40example.org&password=wrong-password", 401, "wrong"),
        ("email=nobody%40example.org&password=canary-password", 401, "wrong"),
        ("email=canary-mail%40example.org", 422, "Both are needed"),
        ("", 422, "Both are needed"),
    ] {
        let answer = send_form(&client, form).await;
        assert_eq!(answer.status, status, "{form}");
        assert!(answer.text.contains(says) && answer.text.contains("<form"), "{}", answer.text);
        phone.get("/v1/agenda").await.expect(200);
    }
    let done = send_form(&client, "email=Canary-Mail%40example.org&password=canary-password").await;
    assert_eq!(done.status, 200);
    assert!(done.text.contains("Your account is deleted"), "{}", done.text);
    phone.get("/v1/agenda").await.expect_problem("unauthenticated");
    app.let_time_pass_until("2026-05-06T19:30:00Z").await;
    assert_eq!(app.databases().places_of("canary"), [""; 0]);
}
