//! Signing up, in and on: who gets in, for how long, and what they are told.

use crate::support::{pointers, redacted, without_request_id};
use afterview_tests::{Answer, Client, TestApp};
use chrono::TimeDelta;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

async fn login(client: &Client, email: &str, password: &str) -> Answer {
    client.post("/v1/auth/login", json!({"email": email, "password": password})).await
}

async fn refresh(client: &Client, token: &Value) -> Answer {
    client.post("/v1/auth/refresh", json!({ "refresh_token": token })).await
}

/// Whether an access token lets its holder in.
async fn works(client: &Client, tokens: &Value) -> bool {
    let client = client.with_token(tokens["access_token"].as_str().unwrap());
    let answer = client.get("/v1/preferences").await;
    assert!([200, 401].contains(&answer.status), "{}", answer.text);
    answer.status == 200
}

#[actix_web::test]
async fn a_new_account_is_signed_in_and_has_its_time_zone() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    let body =
        json!({"email": "anna@example.org", "password": PASSWORD, "time_zone": "Europe/Prague"});
    let answer = client.post("/v1/auth/register", body).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let tokens = answer.expect(201);
    let names = ["account_id", "session_id", "access_token", "refresh_token"];
    insta::assert_json_snapshot!(redacted(tokens.clone(), &names), @r#"
    {
      "access_token": "[access_token]",
      "account_id": "[account_id]",
      "expires_in": 900,
      "refresh_token": "[refresh_token]",
      "scope": "read write sync calendar webhooks account",
      "session_id": "[session_id]",
      "token_type": "Bearer"
    }
    "#);
    assert!(tokens["refresh_token"].as_str().unwrap().starts_with("afr_"));
    let client = client.with_token(tokens["access_token"].as_str().unwrap());
    let preferences = client.get("/v1/preferences").await.expect(200);
    assert_eq!(preferences["time_zone"], "Europe/Prague");
    assert_eq!(client.get("/v1/opportunities").await.expect(200), json!({"items": []}));
}

#[actix_web::test]
async fn an_email_address_has_one_account_in_whatever_case_it_is_written() {
    let app = TestApp::start().await;
    app.user("anna").await;
    let client = app.anonymous();
    for email in ["anna@example.org", "ANNA@Example.ORG", " Anna@example.org "] {
        let again = json!({"email": email, "password": "another long password"});
        client.post("/v1/auth/register", again).await.expect_problem("email_taken");
        assert!(
            works(&client, &login(&client, email, PASSWORD).await.expect(200)).await,
            "{email}"
        );
    }
}

#[actix_web::test]
async fn weak_passwords_and_impossible_addresses_are_refused_by_name() {
    let app = TestApp::start().await;
    for (email, password, faults) in [
        ("anna@example.org", "123456789", vec!["/password"]),
        ("anna@example.org", &"x".repeat(201), vec!["/password"]),
        ("anna@example.org", "               ", vec!["/password"]),
        ("anna", PASSWORD, vec!["/email"]),
        ("@example.org", PASSWORD, vec!["/email"]),
        ("anna@localhost", PASSWORD, vec!["/email"]),
        ("an na@example.org", PASSWORD, vec!["/email"]),
        ("", "", vec!["/email", "/password"]),
    ] {
        let body = json!({"email": email, "password": password, "time_zone": "Europe/Prague"});
        let refused = app.anonymous().post("/v1/auth/register", body).await;
        let problem = refused.expect_problem("validation_failed");
        assert_eq!(pointers(&problem), faults, "{email:?} {password:?}");
        assert!(!refused.text.contains("123456789"), "{}", refused.text);
    }
    let shouted = json!({"email": "anna@example.org", "password": PASSWORD, "time_zone": "Moon"});
    let refused = app.anonymous().post("/v1/auth/register", shouted).await;
    assert_eq!(pointers(&refused.expect_problem("validation_failed")), ["/time_zone"]);
    login(&app.anonymous(), "anna@example.org", PASSWORD).await.expect_problem("wrong_credentials");
}

#[actix_web::test]
async fn an_unknown_address_and_a_wrong_password_get_the_same_answer() {
    let app = TestApp::start().await;
    app.user("anna").await;
    let client = app.anonymous();
    let wrong = login(&client, "anna@example.org", "wrong horse battery").await;
    let unknown = login(&client, "eve@example.org", "wrong horse battery").await;
    let (one, other) = (wrong.expect_problem("wrong_credentials"), unknown.json());
    assert_eq!(wrong.status, 401);
    assert_eq!(without_request_id(one), without_request_id(other));
    let names = |answer: &Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&wrong), names(&unknown));
}

#[actix_web::test]
async fn a_refresh_token_works_once_and_gives_a_new_pair() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    app.user("anna").await;
    let first = login(&client, "anna@example.org", PASSWORD).await.expect(200);
    let second = refresh(&client, &first["refresh_token"]).await.expect(200);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_ne!(second["access_token"], first["access_token"]);
    assert_eq!(second["session_id"], first["session_id"]);
    assert!(works(&client, &second).await && works(&client, &first).await);
    let third = refresh(&client, &second["refresh_token"]).await.expect(200);
    assert!(works(&client, &third).await);
}

#[actix_web::test]
async fn when_an_answer_got_lost_the_same_token_works_for_a_minute_more() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    app.user("anna").await;
    let first = login(&client, "anna@example.org", PASSWORD).await.expect(200);
    refresh(&client, &first["refresh_token"]).await.expect(200);
    app.clock.advance(TimeDelta::seconds(60));
    let again = refresh(&client, &first["refresh_token"]).await.expect(200);
    assert!(works(&client, &again).await);
    refresh(&client, &again["refresh_token"]).await.expect(200);
}

#[actix_web::test]
async fn a_used_token_that_comes_after_a_minute_ends_its_session_at_once() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    app.user("anna").await;
    let first = login(&client, "anna@example.org", PASSWORD).await.expect(200);
    let laptop = login(&client, "anna@example.org", PASSWORD).await.expect(200);
    let second = refresh(&client, &first["refresh_token"]).await.expect(200);
    app.clock.advance(TimeDelta::seconds(61));
    let stolen = refresh(&client, &first["refresh_token"]).await;
    stolen.expect_problem("invalid_refresh_token");
    assert_eq!(stolen.status, 401);
    assert!(!works(&client, &second).await && !works(&client, &first).await);
    let late = refresh(&client, &second["refresh_token"]).await;
    late.expect_problem("invalid_refresh_token");
    assert!(works(&client, &laptop).await);
}

#[actix_web::test]
async fn a_token_used_two_rotations_ago_ends_its_session_too() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    app.user("anna").await;
    let first = login(&client, "anna@example.org", PASSWORD).await.expect(200);
    let second = refresh(&client, &first["refresh_token"]).await.expect(200);
    let third = refresh(&client, &second["refresh_token"]).await.expect(200);
    app.clock.advance(TimeDelta::minutes(5));
    let stolen = refresh(&client, &first["refresh_token"]).await;
    stolen.expect_problem("invalid_refresh_token");
    assert!(!works(&client, &third).await, "whoever has the old token may have the new one");
}

#[actix_web::test]
async fn however_often_a_token_is_shown_it_has_one_successor() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    app.user("anna").await;
    let first = login(&client, "anna@example.org", PASSWORD).await.expect(200);
    let once = refresh(&client, &first["refresh_token"]).await.expect(200);
    app.clock.advance(TimeDelta::seconds(30));
    let twice = refresh(&client, &first["refresh_token"]).await.expect(200);
    assert_eq!(once["refresh_token"], twice["refresh_token"]);
    assert_ne!(once["access_token"], twice["access_token"]);
    assert!(works(&client, &once).await && works(&client, &twice).await);
    refresh(&client, &twice["refresh_token"]).await.expect(200);
}

#[actix_web::test]
async fn after_its_successor_was_used_a_token_ends_its_session_even_within_the_minute() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    app.user("anna").await;
    let first = login(&client, "anna@example.org", PASSWORD).await.expect(200);
    let second = refresh(&client, &first["refresh_token"]).await.expect(200);
    let third = refresh(&client, &second["refresh_token"]).await.expect(200);
    let stolen = refresh(&client, &first["refresh_token"]).await;
    stolen.expect_problem("invalid_refresh_token");
    for tokens in [&first, &second, &third] {
        assert!(!works(&client, tokens).await, "whoever used the successor had it from this token");
    }
    refresh(&client, &third["refresh_token"]).await.expect_problem("invalid_refresh_token");
}

#[actix_web::test]
async fn a_made_up_refresh_token_is_refused_and_harms_nobody() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    app.user("anna").await;
    let tokens = login(&client, "anna@example.org", PASSWORD).await.expect(200);
    let names = format!("afr_{}.{}", tokens["account_id"], tokens["session_id"]).replace('"', "");
    for made_up in ["x", "afr_", "afr_a.b", &format!("{names}."), &format!("{names}.AAAA")] {
        let refused = refresh(&client, &json!(made_up)).await;
        refused.expect_problem("invalid_refresh_token");
    }
    assert!(works(&client, &tokens).await);
    refresh(&client, &tokens["refresh_token"]).await.expect(200);
}

#[actix_web::test]
async fn an_access_token_ends_after_a_quarter_of_an_hour_and_what_clocks_may_differ() {
    let app = TestApp::start().await;
    let mut client = app.user("anna").await;
    app.clock.advance(TimeDelta::minutes(15) + TimeDelta::seconds(29));
    client.get("/v1/preferences").await.expect(200);
    app.clock.advance(TimeDelta::seconds(1));
    client.get("/v1/preferences").await.expect_problem("unauthenticated");
    client.refresh().await;
    client.get("/v1/preferences").await.expect(200);
}

#[actix_web::test]
async fn a_session_ends_after_sixty_idle_days_and_after_a_year() {
    let app = TestApp::start().await;
    let (mut busy, idle) = (app.user("anna").await, app.user("eve").await);
    for _ in 0..6 {
        app.clock.advance(TimeDelta::days(59));
        busy.refresh().await;
    }
    let late = refresh(&idle, &json!(idle.refresh_token)).await;
    late.expect_problem("invalid_refresh_token");
    app.clock.advance(TimeDelta::days(11));
    let late = refresh(&busy, &json!(busy.refresh_token)).await;
    late.expect_problem("invalid_refresh_token");
}

#[actix_web::test]
async fn signing_out_ends_both_tokens_at_once_and_also_after_a_restart() {
    let app = TestApp::start().await;
    let phone = app.user("anna").await;
    let laptop = login(&phone, "anna@example.org", PASSWORD).await.expect(200);
    let signed_out = phone.post("/v1/auth/logout", json!({})).await;
    assert_eq!((signed_out.status, signed_out.text.as_str()), (204, ""));
    let tokens = json!({ "access_token": phone.token() });
    assert!(!works(&phone, &tokens).await);
    let refused = refresh(&phone, &json!(phone.refresh_token)).await;
    refused.expect_problem("invalid_refresh_token");
    phone.post("/v1/auth/logout", json!({})).await.expect_problem("unauthenticated");
    let app = app.restart().await;
    let client = app.anonymous();
    assert!(!works(&client, &tokens).await);
    refresh(&client, &json!(phone.refresh_token)).await.expect_problem("invalid_refresh_token");
    assert!(works(&client, &laptop).await);
    refresh(&client, &laptop["refresh_token"]).await.expect(200);
}

#[actix_web::test]
async fn of_simultaneous_registrations_of_one_address_one_wins() {
    for app in TestApp::each().await {
        let attempts = [(); 4].map(|()| {
            let client = app.anonymous();
            let body = json!({"email": "anna@example.org", "password": PASSWORD});
            actix_web::rt::spawn(async move { client.post("/v1/auth/register", body).await.status })
        });
        let mut statuses = Vec::new();
        for attempt in attempts {
            statuses.push(attempt.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409]);
    }
}
