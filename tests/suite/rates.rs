//! How often somebody may ask, and who is taken for whom.

use afterview_tests::{Answer, Client, TestApp};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

async fn limited(trusted: &str) -> TestApp {
    let settings = vec![
        ("AFTERVIEW_RATE_LIMITS", "on".to_owned()),
        ("AFTERVIEW_TRUSTED_PROXIES", trusted.to_owned()),
    ];
    TestApp::start_with(settings).await
}

async fn login(client: &Client, from: &str, email: &str) -> Answer {
    let body = json!({"email": email, "password": "not the password"});
    client.send(Method::POST, "/v1/auth/login", &[("x-forwarded-for", from)], Some(body)).await
}

/// Comes to the door without anything for which a password has to be checked.
async fn knock(client: &Client, from: &str) -> Answer {
    let body = json!({"token": "x", "new_password": "long enough to be one"});
    let headers = [("x-forwarded-for", from)];
    client.send(Method::POST, "/v1/auth/password/reset", &headers, Some(body)).await
}

#[track_caller]
fn refused(answer: &Answer, rate: &str) -> u64 {
    let problem = answer.expect_problem("rate_limited");
    assert_eq!(answer.status, 429);
    assert!(problem["detail"].as_str().unwrap().contains(rate), "{problem}");
    answer.header("retry-after").parse().unwrap()
}

#[actix_web::test]
async fn an_account_has_a_burst_and_then_a_steady_rate_and_others_do_not_notice() {
    let app = limited("").await;
    let (anna, eve) = (app.user("anna").await, app.user("eve").await);
    let first = anna.get("/v1/preferences").await;
    assert_eq!(first.header("ratelimit-policy"), "\"account\";q=600;w=30");
    assert_eq!(first.header("ratelimit"), "\"account\";r=599");
    for _ in 1..600 {
        anna.get("/v1/preferences").await.expect(200);
    }
    let secs = refused(&anna.get("/v1/preferences").await, "account");
    assert_eq!(secs, 1);
    eve.get("/v1/preferences").await.expect(200);
    app.clock.advance(TimeDelta::seconds(i64::try_from(secs).unwrap()));
    // Twenty a second have come back.
    for _ in 0..20 {
        anna.get("/v1/preferences").await.expect(200);
    }
    refused(&anna.get("/v1/preferences").await, "account");
}

#[actix_web::test]
async fn the_door_is_for_everybody_but_not_all_the_time() {
    let app = limited("").await;
    let client = app.anonymous();
    for n in 0..30 {
        let answer = login(&client, "", &format!("nobody{n}@example.org")).await;
        answer.expect_problem("wrong_credentials");
        assert_eq!(answer.header("ratelimit"), format!("\"door\";r={}", 29 - n));
    }
    refused(&login(&client, "", "anna@example.org").await, "door");
    for (path, body) in [
        ("/v1/auth/register", json!({"email": "a@example.org", "password": "long enough"})),
        ("/v1/auth/guest", json!({})),
        ("/v1/auth/password/forgot", json!({"email": "a@example.org"})),
        ("/v1/auth/password/reset", json!({"token": "x", "new_password": "long enough"})),
        ("/v1/auth/oidc/google", json!({"id_token": "x", "nonce": "0123456789abcdef"})),
    ] {
        refused(&client.post(path, body).await, "door");
    }
    // Who is signed in stays so, and everything else goes on.
    let made_up = client.post("/v1/auth/refresh", json!({"refresh_token": "afr_x"})).await;
    made_up.expect_problem("invalid_refresh_token");
    client.get("/v1/limits").await.expect(200);
    app.clock.advance(TimeDelta::seconds(2));
    login(&client, "", "anna@example.org").await.expect_problem("wrong_credentials");
}

#[actix_web::test]
async fn passwords_of_one_account_are_not_tried_on_and_on_from_many_addresses() {
    let app = limited("127.0.0.1").await;
    app.user("anna").await;
    let client = app.anonymous();
    for email in ["anna@example.org", "nobody@example.org"] {
        for n in 0..20 {
            let answer = login(&client, &format!("198.51.100.{n}"), email).await;
            answer.expect_problem("wrong_credentials");
        }
        let written_otherwise = email.to_uppercase();
        let secs = refused(&login(&client, "198.51.100.99", &written_otherwise).await, "password");
        assert_eq!(secs, 30);
    }
    login(&client, "198.51.100.99", "eve@example.org").await.expect_problem("wrong_credentials");
    app.clock.advance(TimeDelta::seconds(30));
    let right = json!({"email": "anna@example.org", "password": "correct horse battery"});
    client.post("/v1/auth/login", right).await.expect(200);
}

#[actix_web::test]
async fn a_stolen_session_does_not_get_to_try_passwords_either() {
    let app = limited("").await;
    let client = app.user("anna").await;
    let body = json!({"current_password": "a guess", "new_password": "long enough to be one"});
    for _ in 0..20 {
        client
            .post("/v1/auth/password/change", body.clone())
            .await
            .expect_problem("wrong_credentials");
    }
    refused(&client.post("/v1/auth/password/change", body).await, "password");
    let body = json!({"email": "eve@example.org", "password": "a guess"});
    refused(&client.patch("/v1/account", body).await, "password");
}

#[actix_web::test]
async fn an_address_is_what_the_trusted_proxy_says_and_nothing_that_a_client_writes() {
    for (trusted, from, shared) in [
        ("", ["198.51.100.1", "198.51.100.2"], true),
        ("127.0.0.1", ["198.51.100.1", "198.51.100.2"], false),
        ("127.0.0.0/8", ["203.0.113.1, 198.51.100.1", "203.0.113.2, 198.51.100.1"], true),
        ("127.0.0.1", ["2001:db8::1", "2001:db8::ffff"], true),
        ("127.0.0.1", ["2001:db8:0:1::1", "2001:db8:0:2::1"], false),
    ] {
        let app = limited(trusted).await;
        let client = app.anonymous();
        for _ in 0..30 {
            knock(&client, from[0]).await.expect_problem("invalid_reset_token");
        }
        let other = knock(&client, from[1]).await;
        let expected = if shared { 429 } else { 401 };
        assert_eq!(other.status, expected, "{trusted} {from:?}");
    }
}

#[actix_web::test]
async fn without_rates_nobody_is_told_of_any() {
    let app = TestApp::start().await;
    let client = app.user("anna").await;
    let answer = client.get("/v1/preferences").await;
    answer.expect(200);
    assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), ("", ""));
}

/// What the address of a page may know of an answer.
fn shared(answer: &Answer) -> [&str; 3] {
    [
        answer.header("access-control-allow-origin"),
        answer.header("access-control-allow-credentials"),
        answer.header("vary"),
    ]
}

#[actix_web::test]
async fn pages_of_other_origins_get_in_only_where_the_operator_names_them() {
    let origin = ("origin", "https://app.example.org");
    let preflight = [
        origin,
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "authorization, if-match"),
    ];
    let ask = |client: Client, headers: Vec<(&'static str, &'static str)>, method: Method| async move {
        client.send(method, "/v1/preferences", &headers, None).await
    };
    let app = TestApp::start().await;
    let client = app.user("anna").await;
    let answer = ask(client.clone(), vec![origin], Method::GET).await;
    answer.expect(200);
    assert_eq!(shared(&answer)[0], "");
    let answer = ask(client, preflight.to_vec(), Method::OPTIONS).await;
    answer.expect_problem("method_not_allowed");

    // The headers of the shared answer come in any order.
    let settings = vec![
        ("AFTERVIEW_CORS_ORIGINS", "https://app.example.org".to_owned()),
        ("AFTERVIEW_RATE_LIMITS", "on".to_owned()),
    ];
    for app in TestApp::each_with(&settings).await {
        let client = app.user("anna").await;
        let answer = ask(client.clone(), vec![origin], Method::GET).await;
        answer.expect(200);
        assert_eq!(shared(&answer)[..2], ["https://app.example.org", ""]);
        assert!(answer.header("access-control-expose-headers").contains("etag"));
        let answer = ask(app.anonymous(), preflight.to_vec(), Method::OPTIONS).await;
        assert_eq!((answer.status, shared(&answer)[0]), (200, "https://app.example.org"));
        // A page can also read that it asks too often.
        let mut answer = client.send(Method::GET, "/livez", &[origin], None).await;
        for _ in 0..2_000 {
            if answer.status == 429 {
                break;
            }
            answer = client.send(Method::GET, "/livez", &[origin], None).await;
        }
        assert_eq!((answer.status, shared(&answer)[0]), (429, "https://app.example.org"));
        let other = [("origin", "https://evil.example.org")];
        let answer = ask(client, other.to_vec(), Method::GET).await;
        assert_eq!(shared(&answer)[0], "", "{answer:?}");
    }
}

#[actix_web::test]
async fn every_answer_is_for_its_reader_only_and_nothing_else_than_it_says() {
    let app = TestApp::start().await;
    let client = app.user("anna").await;
    let document: Value = client.get("/openapi.json").await.expect(200);
    let mut seen = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        if item.get("get").is_none() || path.ends_with("/stream") {
            continue;
        }
        for client in [&client, &app.anonymous()] {
            let answer = client.get(&path.replace("{id}", "x").replace("{code}", "x")).await;
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
            assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
            assert!(
                answer.header("content-security-policy").starts_with("default-src 'none'"),
                "{path}"
            );
            assert_eq!(answer.header("strict-transport-security"), "", "{path}");
            assert_eq!(answer.header("server"), "", "{path}");
            let public = ["/.well-known/jwks.json", "/openapi.json"].contains(&path.as_str());
            assert_eq!(answer.header("cache-control") == "no-store", !public, "{path}");
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen}");
    client.get("/v1/nothing").await.expect_problem("no_such_route");
    assert_eq!(client.get("/v1/nothing").await.header("cache-control"), "no-store");

    let settings = vec![("AFTERVIEW_PUBLIC_URL", "https://afterview.test".to_owned())];
    let app = TestApp::start_with(settings).await;
    let answer = app.anonymous().get("/livez").await;
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
}
