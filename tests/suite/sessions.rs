//! Where an account is signed in: what its owner sees of it, and how a session ends.

use crate::device::caller;
use crate::operations::SCOPES;
use crate::support::each;
use afterview_tests::{Client, Events, TestApp};
use chrono::TimeDelta;
use serde_json::{Value, json};

const SESSIONS: &str = "/v1/auth/sessions";

/// The most open sessions of an account.
const MOST: usize = 20;

async fn sign_in(client: &Client, device: Value) -> Client {
    let body =
        json!({"email": "anna@example.org", "password": "correct horse battery", "device": device});
    let tokens = client.post("/v1/auth/login", body).await.expect(200);
    let mut device = client.clone();
    device.sign_in_with(&tokens);
    device
}

async fn sessions(client: &Client) -> Value {
    client.get(SESSIONS).await.expect(200)
}

async fn end(client: &Client, session: &str) -> u16 {
    client.delete(&format!("{SESSIONS}/{session}")).await.status
}

/// Whether neither of its tokens opens anything.
async fn is_out(client: &Client) -> bool {
    let access = client.get("/v1/preferences").await;
    let body = json!({"refresh_token": client.refresh_token});
    let refresh = client.post("/v1/auth/refresh", body).await;
    assert_eq!(access.status == 401, refresh.status == 401, "{access:?} {refresh:?}");
    access.status == 401
}

#[actix_web::test]
async fn sessions_are_listed_with_their_devices_the_one_used_last_first() {
    let app = TestApp::start().await;
    let mut phone = app.user("anna").await;
    app.clock.advance(TimeDelta::minutes(1));
    let watch =
        json!({"name": "watch", "platform": "ios", "app_id": "org.example", "app_version": "1.2"});
    let watch = sign_in(&phone, watch).await;
    let seen = sessions(&watch).await;
    let (of_phone, of_watch) = (caller(&phone).1, caller(&watch).1);
    let expected = json!({"items": [
        {
            "id": of_watch, "current": true, "device_name": "watch", "platform": "ios",
            "app_id": "org.example", "app_version": "1.2", "created_at": "2026-05-06T19:06:00Z",
            "last_active_at": "2026-05-06T19:06:00Z", "expires_at": "2026-07-05T19:06:00Z",
        },
        {
            "id": of_phone, "current": false, "device_name": "phone",
            "created_at": "2026-05-06T19:05:00Z", "last_active_at": "2026-05-06T19:05:00Z",
            "expires_at": "2026-07-05T19:05:00Z",
        },
    ]});
    assert_eq!(seen, expected);
    app.clock.advance(TimeDelta::minutes(1));
    phone.refresh().await;
    let seen = sessions(&phone).await;
    assert_eq!(each(&seen, "id"), [&of_phone, &of_watch]);
    let first = &seen["items"][0];
    assert_eq!((&first["current"], &seen["items"][1]["current"]), (&json!(true), &json!(false)));
    assert_eq!(first["last_active_at"], "2026-05-06T19:07:00Z");
    // A program is no device.
    let token = json!({"name": "a program", "scopes": SCOPES});
    let token = phone.post("/v1/auth/tokens", token).await.expect(201);
    let seen = sessions(&phone.with_token(token["token"].as_str().unwrap())).await;
    assert!(seen["items"].as_array().unwrap().iter().all(|item| item["current"] == false));
}

#[actix_web::test]
async fn one_sign_in_too_many_ends_the_session_used_least_recently() {
    let app = TestApp::start().await;
    let mut devices = vec![app.user("anna").await];
    while devices.len() < MOST {
        app.clock.advance(TimeDelta::seconds(1));
        devices.push(sign_in(&devices[0], json!({})).await);
    }
    // The oldest one is in use, so the second has to go.
    app.clock.advance(TimeDelta::seconds(1));
    devices[0].refresh().await;
    assert_eq!(each(&sessions(&devices[0]).await, "id").len(), MOST);
    let stream = devices[1].open("/v1/sync/stream", &[]).await;
    let mut stream = Events::of(stream);
    stream.head().await;
    app.clock.advance(TimeDelta::seconds(1));
    let one_more = sign_in(&devices[0], json!({})).await;
    let (displaced, kept) = (caller(&devices[1]).1, [0, 2, MOST - 1]);
    assert_eq!(stream.next().await, None);
    assert!(is_out(&devices[1]).await);
    for index in kept {
        devices[index].get("/v1/preferences").await.expect(200);
    }
    let open = sessions(&one_more).await;
    assert_eq!(each(&open, "id").len(), MOST);
    assert!(!open.to_string().contains(&displaced));
    let trail = one_more.get("/v1/account/audit?limit=2").await.expect(200);
    let mut noted: Vec<&Value> = trail["items"].as_array().unwrap().iter().collect();
    noted.sort_by_key(|event| event["kind"].as_str());
    assert_eq!(noted[0]["kind"], "session_displaced");
    assert_eq!(noted[0]["about"], displaced);
    assert_eq!(noted[0]["session_id"], caller(&one_more).1);
    assert_eq!(noted[1]["kind"], "signed_in");
}

#[actix_web::test]
async fn an_ended_session_has_no_tokens_and_no_stream_from_then_on() {
    let app = TestApp::start().await;
    let phone = app.user("anna").await;
    let lost = sign_in(&phone, json!({"name": "lost"})).await;
    let ticket = lost.post("/v1/sync/stream-ticket", json!({})).await.expect(200);
    let mut stream = Events::of(lost.open("/v1/sync/stream", &[]).await);
    stream.head().await;
    let session = caller(&lost).1;
    assert_eq!(end(&phone, &session).await, 204);
    assert_eq!(stream.next().await, None);
    assert!(is_out(&lost).await);
    let ticket = format!("/v1/sync/stream?ticket={}", ticket["ticket"].as_str().unwrap());
    app.anonymous().get(&ticket).await.expect_problem("unauthenticated");
    assert_eq!(each(&sessions(&phone).await, "id"), [caller(&phone).1.as_str()]);
    phone.get("/v1/preferences").await.expect(200);

    // It is ended once, and stays so.
    let again = phone.delete(&format!("{SESSIONS}/{session}")).await;
    again.expect_problem("not_found");
    assert_eq!(again.status, 404);
    let ended = json!([lost.token(), lost.refresh_token]);
    let app = app.restart().await;
    let mut lost = app.anonymous().with_token(ended[0].as_str().unwrap());
    ended[1].as_str().unwrap().clone_into(&mut lost.refresh_token);
    assert!(is_out(&lost).await);
}

#[actix_web::test]
async fn a_device_may_end_its_own_session_and_one_that_ran_out_cannot_be_ended() {
    let app = TestApp::start().await;
    let phone = app.user("anna").await;
    let laptop = sign_in(&phone, json!({})).await;
    assert_eq!(end(&laptop, &caller(&laptop).1).await, 204);
    assert!(is_out(&laptop).await && !is_out(&phone).await);
    app.clock.advance(TimeDelta::days(60));
    let other = sign_in(&app.anonymous(), json!({})).await;
    assert_eq!(each(&sessions(&other).await, "id"), [caller(&other).1.as_str()]);
    assert_eq!(end(&other, &caller(&phone).1).await, 404);
}

#[actix_web::test]
async fn a_changed_password_ends_the_other_sessions_and_no_personal_token() {
    let app = TestApp::start().await;
    let phone = app.user("anna").await;
    let laptop = sign_in(&phone, json!({})).await;
    let token = json!({"name": "a program", "scopes": ["read"]});
    let token = laptop.post("/v1/auth/tokens", token).await.expect(201);
    let change = async |current: &str| {
        let body = json!({"current_password": current, "new_password": "another long password"});
        phone.post("/v1/auth/password/change", body).await
    };
    change("wrong horse battery").await.expect_problem("wrong_credentials");
    assert!(!is_out(&laptop).await);
    assert_eq!(change("correct horse battery").await.status, 204);
    assert!(is_out(&laptop).await && !is_out(&phone).await);
    let program = phone.with_token(token["token"].as_str().unwrap());
    program.get("/v1/preferences").await.expect(200);
    let old = json!({"email": "anna@example.org", "password": "correct horse battery"});
    phone.post("/v1/auth/login", old).await.expect_problem("wrong_credentials");
}
