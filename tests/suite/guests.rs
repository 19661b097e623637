//! Guests: everything works at once, and nothing is lost when they become more than that.

use crate::device::{caller, first_sync};
use crate::support::{pointers, without_request_id};
use afterview_tests::{Client, TestApp, story};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";
const UPGRADE: &str = "/v1/account/upgrade";

async fn guest(app: &TestApp) -> Client {
    let mut client = app.anonymous();
    let body = json!({"time_zone": "America/New_York", "device": {"name": "phone"}});
    let tokens = client.post("/v1/auth/guest", body).await.expect(201);
    client.sign_in_with(&tokens);
    client
}

fn named(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD})
}

async fn account(client: &Client) -> Value {
    client.get("/v1/account").await.expect(200)
}

#[actix_web::test]
async fn a_guest_has_everything_but_a_way_to_sign_in_elsewhere() {
    let app = TestApp::start().await;
    let mut guest = guest(&app).await;
    let known = account(&guest).await;
    let expected = json!({
        "id": caller(&guest).0, "has_password": false, "identities": [], "is_guest": true,
        "created_at": "2026-05-06T19:05:00Z",
    });
    assert_eq!(known, expected);
    let zone = guest.get("/v1/preferences").await.expect(200)["time_zone"].clone();
    assert_eq!(zone, "America/New_York");
    let facts = story::record(&guest).await;
    let plan = story::debrief(&guest, &facts).await;
    assert!(plan["items"].as_array().is_some_and(|items| !items.is_empty()));
    guest.refresh().await;
    first_sync(&guest).await;
    // What needs an address or a password is refused as such.
    let change = json!({"current_password": PASSWORD, "new_password": "another long password"});
    let refused = guest.post("/v1/auth/password/change", change).await;
    refused.expect_problem("wrong_state");
    guest.patch("/v1/account", named("anna@example.org")).await.expect_problem("wrong_state");
    assert_eq!(account(&guest).await, known);
}

#[actix_web::test]
async fn an_upgraded_guest_keeps_records_and_session_and_signs_in_elsewhere() {
    let app = TestApp::start().await;
    let mut phone = guest(&app).await;
    let facts = story::record(&phone).await;
    story::debrief(&phone, &facts).await;
    let (records, cursor) = first_sync(&phone).await;
    let (before, token) = (caller(&phone), phone.token().to_owned());

    let upgraded = phone.post(UPGRADE, named(" Anna@Example.org ")).await.expect(200);
    assert_eq!(upgraded, account(&phone).await);
    assert_eq!(upgraded["email"], "anna@example.org");
    assert_eq!((&upgraded["is_guest"], &upgraded["has_password"]), (&json!(false), &json!(true)));

    // The device goes on with the token that it had, and has nothing to fetch.
    assert_eq!(phone.token(), token);
    assert_eq!(first_sync(&phone).await, (records.clone(), cursor));
    phone.refresh().await;
    assert_eq!(caller(&phone), before);

    let mut tablet = app.anonymous();
    let tokens = tablet.post("/v1/auth/login", named("anna@example.org")).await.expect(200);
    tablet.sign_in_with(&tokens);
    assert_eq!(caller(&tablet).0, before.0);
    assert_eq!(first_sync(&tablet).await.0, records);
}

#[actix_web::test]
async fn an_account_with_an_address_is_not_upgraded_again() {
    let app = TestApp::start().await;
    let guest = guest(&app).await;
    guest.post(UPGRADE, named("anna@example.org")).await.expect(200);
    for client in [guest, app.user("bob").await] {
        let before = account(&client).await;
        let again = client.post(UPGRADE, named("other@example.org")).await;
        again.expect_problem("wrong_state");
        assert_eq!(again.status, 409, "{}", again.text);
        assert_eq!(account(&client).await, before);
    }
    let login = app.anonymous().post("/v1/auth/login", named("other@example.org")).await;
    login.expect_problem("wrong_credentials");
}

#[actix_web::test]
async fn an_address_of_somebody_else_is_refused_and_the_guest_stays_one() {
    let app = TestApp::start().await;
    let (anna, guest) = (app.user("anna").await, guest(&app).await);
    for email in ["anna@example.org", "ANNA@example.org"] {
        guest.post(UPGRADE, named(email)).await.expect_problem("email_taken");
    }
    assert_eq!(account(&guest).await["is_guest"], true);
    assert_eq!(account(&anna).await["email"], "anna@example.org");
    guest.post(UPGRADE, named("guest@example.org")).await.expect(200);
}

#[actix_web::test]
async fn half_a_way_to_sign_in_or_two_at_once_are_refused() {
    let app = TestApp::start().await;
    let guest = guest(&app).await;
    let nonce = "x".repeat(16);
    for (body, place) in [
        (json!({}), ""),
        (json!({"email": "anna@example.org"}), ""),
        (json!({"password": PASSWORD}), ""),
        (json!({"provider": "example", "id_token": "x"}), ""),
        (
            json!({"email": "anna@example.org", "password": PASSWORD, "provider": "example", "id_token": "x", "nonce": nonce}),
            "",
        ),
        (json!({"email": "anna", "password": PASSWORD}), "/email"),
        (json!({"email": "anna@example.org", "password": "short"}), "/password"),
        (json!({"email": "anna@example.org", "password": PASSWORD, "admin": true}), "/admin"),
    ] {
        let refused = guest.post(UPGRADE, body.clone()).await.expect_problem("validation_failed");
        assert_eq!(pointers(&refused), [place], "{body}");
    }
    assert_eq!(account(&guest).await["is_guest"], true);
}

#[actix_web::test]
async fn a_guest_who_signs_out_has_no_way_back() {
    let app = TestApp::start().await;
    let guest = guest(&app).await;
    assert_eq!(guest.post("/v1/auth/logout", json!({})).await.status, 204);
    let refresh = json!({"refresh_token": guest.refresh_token});
    let refused = app.anonymous().post("/v1/auth/refresh", refresh).await;
    without_request_id(refused.expect_problem("invalid_refresh_token"));
    guest.get("/v1/account").await.expect_problem("unauthenticated");
}
