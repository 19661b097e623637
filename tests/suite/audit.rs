//! The trail of what happened at an account's door: complete, for its owner only, and without a secret.

use crate::device::caller;
use crate::support::{database, each};
use actix_web::rt::time::timeout;
use afterview_tests::{Client, TestApp};
use chrono::TimeDelta;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;

const TRAIL: &str = "/v1/account/audit";
const PASSWORD: &str = "correct horse battery";
/// Whoever waits longer than this waits in vain.
const PATIENCE: Duration = Duration::from_secs(10);

const NEW_PASSWORD: &str = "another long password";

/// Every token and password that was used on the way.
#[derive(Default)]
struct Secrets(Vec<String>);

impl Secrets {
    fn of(&mut self, client: &Client) {
        let (head, signature) = client.token().rsplit_once('.').unwrap();
        self.0.extend([head.to_owned(), signature.to_owned(), client.refresh_token.clone()]);
    }

    /// Makes sure that none of them is in a text.
    fn are_not_in(&self, text: &str) {
        for secret in self.0.iter().map(String::as_str).chain([PASSWORD, NEW_PASSWORD]) {
            let shortest = secret.rsplit('.').next().unwrap();
            assert!(!text.contains(shortest), "{shortest} in {text}");
        }
    }
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Client {
    let mut client = app.anonymous();
    let body = json!({"email": email, "password": password});
    let tokens = client.post("/v1/auth/login", body).await.expect(200);
    client.sign_in_with(&tokens);
    client
}

/// Kind, who did it, and what about; newest first.
async fn trail(client: &Client) -> Vec<(String, Value, Value)> {
    let page = client.get(TRAIL).await.expect(200);
    let items = page["items"].as_array().unwrap().iter();
    let text = |event: &Value, name: &str| event[name].as_str().unwrap().to_owned();
    items.map(|it| (text(it, "kind"), it["session_id"].clone(), it["about"].clone())).collect()
}

#[actix_web::test]
async fn everything_that_happens_at_the_door_is_noted_the_newest_first() {
    let app = TestApp::start().await;
    let (mut secrets, mut expected) = (Secrets::default(), Vec::new());
    let mut note = |kind: &str, session: Option<&str>, about: Option<&str>| {
        app.clock.advance(TimeDelta::seconds(1));
        expected.insert(0, (kind.to_owned(), json!(session), json!(about)));
    };
    let mut phone = app.anonymous();
    phone.sign_in_with(&phone.post("/v1/auth/guest", json!({})).await.expect(201));
    let by = caller(&phone).1;
    secrets.of(&phone);
    note("registered", Some(&by), Some("guest"));

    let way = json!({"email": "anna@example.org", "password": PASSWORD});
    phone.post("/v1/account/upgrade", way).await.expect(200);
    note("upgraded", Some(&by), Some("password"));

    let laptop = sign_in(&app, "anna@example.org", PASSWORD).await;
    let of_laptop = caller(&laptop).1;
    secrets.of(&laptop);
    note("signed_in", Some(&of_laptop), Some("password"));
    assert_eq!(laptop.post("/v1/auth/logout", json!({})).await.status, 204);
    note("signed_out", Some(&of_laptop), None);

    let lost = sign_in(&app, "anna@example.org", PASSWORD).await;
    let of_lost = caller(&lost).1;
    secrets.of(&lost);
    note("signed_in", Some(&of_lost), Some("password"));
    assert_eq!(phone.delete(&format!("/v1/auth/sessions/{of_lost}")).await.status, 204);
    note("session_revoked", Some(&by), Some(&of_lost));

    let mut stolen = sign_in(&app, "anna@example.org", PASSWORD).await;
    let (of_stolen, first) = (caller(&stolen).1, stolen.refresh_token.clone());
    secrets.of(&stolen);
    note("signed_in", Some(&of_stolen), Some("password"));
    stolen.refresh().await;
    secrets.of(&stolen);
    app.clock.advance(TimeDelta::minutes(2));
    let thief = json!({ "refresh_token": first });
    let thief = app.anonymous().post("/v1/auth/refresh", thief).await;
    thief.expect_problem("invalid_refresh_token");
    note("refresh_token_reused", None, Some(&of_stolen));

    let token = json!({"name": "Home Assistant", "scopes": ["read", "account"]});
    let token = phone.post("/v1/auth/tokens", token).await.expect(201);
    secrets.0.push(token["token"].as_str().unwrap().to_owned());
    note("token_created", Some(&by), Some("Home Assistant"));
    let path = format!("/v1/auth/tokens/{}", token["id"].as_str().unwrap());
    assert_eq!(phone.delete(&path).await.status, 204);
    note("token_revoked", Some(&by), Some("Home Assistant"));

    let change = json!({"email": "annie@example.org", "password": PASSWORD});
    phone.patch("/v1/account", change).await.expect(200);
    note("email_changed", Some(&by), None);
    let change = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    assert_eq!(phone.post("/v1/auth/password/change", change).await.status, 204);
    note("password_changed", Some(&by), None);
    phone.refresh().await;
    secrets.of(&phone);

    assert_eq!(trail(&phone).await, expected);
    secrets.are_not_in(&phone.get(TRAIL).await.text);
    let columns = "kind || ' ' || coalesce(session_id, '') || ' ' || coalesce(about, '')";
    let stored = format!("SELECT {columns} AS line FROM audit_events ORDER BY id");
    secrets.are_not_in(&database(&app).lines(&stored).join("\n"));
    // Nobody else sees any of it.
    let bob = app.user("bob").await;
    let of_bob = json!([["registered", caller(&bob).1, "password"]]);
    assert_eq!(json!(trail(&bob).await), of_bob);
}

#[actix_web::test]
async fn what_is_refused_is_not_noted() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let wrong = json!({"email": "anna@example.org", "password": "wrong horse battery"});
    anna.post("/v1/auth/login", wrong).await.expect_problem("wrong_credentials");
    let change = json!({"email": "a@example.org", "password": "wrong horse battery"});
    anna.patch("/v1/account", change).await.expect_problem("wrong_credentials");
    let made_up = json!({"refresh_token": format!("{}x", anna.refresh_token)});
    anna.post("/v1/auth/refresh", made_up).await.expect_problem("invalid_refresh_token");
    assert_eq!(anna.delete("/v1/auth/sessions/nobodys").await.status, 404);
    assert_eq!(anna.delete("/v1/auth/tokens/nobodys").await.status, 404);
    anna.post("/v1/auth/tokens", json!({})).await.expect_problem("validation_failed");
    assert_eq!(trail(&anna).await.len(), 1);
}

#[actix_web::test]
async fn the_trail_comes_in_pages_that_stay_put() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let mut names = vec!["password".to_owned()];
    let make = async |name: &str| {
        app.clock.advance(TimeDelta::seconds(1));
        let token = json!({"name": name, "scopes": ["read"]});
        anna.post("/v1/auth/tokens", token).await.expect(201);
    };
    for number in 0..10 {
        let name = format!("program {number}");
        make(&name).await;
        names.insert(0, name);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = anna.get(&format!("{TRAIL}?limit=4{cursor}")).await.expect(200);
        seen.extend(each(&page, "about").into_iter().map(str::to_owned));
        // What is new meanwhile is before the first page.
        make("meanwhile").await;
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, names);
    for (query, code) in [
        ("limit=0", "invalid_parameter"),
        ("cursor=garbage", "invalid_cursor"),
        ("kind=registered", "invalid_parameter"),
    ] {
        anna.get(&format!("{TRAIL}?{query}")).await.expect_problem(code);
    }
}

/// The mail is asked for in passing, so each server is waited for by itself.
#[actix_web::test]
async fn a_password_that_is_set_anew_is_noted_from_the_mail_on() {
    for app in TestApp::each().await {
        let anna = app.user("anna").await;
        let account = caller(&anna).0;
        let nobody = app.anonymous();
        for email in ["anna@example.org", "nobody@example.org"] {
            let asked = nobody.post("/v1/auth/password/forgot", json!({ "email": email })).await;
            assert_eq!((asked.status, asked.text.as_str()), (202, ""));
        }
        let noted = async { while trail(&anna).await.len() < 2 {} };
        timeout(PATIENCE, noted).await.expect("the mail is noted in time");
        app.clock.advance(TimeDelta::seconds(1));
        let token = format!("afp_{account}.secret");
        let hash: String = Sha256::digest(&token).iter().map(|it| format!("{it:02x}")).collect();
        let known = format!("UPDATE password_resets SET token_hash = '{hash}'");
        assert_eq!(database(&app).run(&known), 1);
        let reset = json!({"token": token, "new_password": NEW_PASSWORD});
        assert_eq!(anna.post("/v1/auth/password/reset", reset).await.status, 204);
        app.clock.advance(TimeDelta::seconds(1));
        let anna = sign_in(&app, "anna@example.org", NEW_PASSWORD).await;
        let noted = trail(&anna).await;
        let kinds: Vec<&str> = noted.iter().map(|(kind, ..)| kind.as_str()).collect();
        assert_eq!(kinds[..2], ["signed_in", "password_reset"]);
        // Both of the same moment.
        let mut first = kinds[2..].to_vec();
        first.sort_unstable();
        assert_eq!(first, ["password_reset_requested", "registered"]);
        for (kind, session, about) in &noted[1..] {
            let nobody = kind != "registered";
            assert!(!nobody || (session.is_null() && about.is_null()), "{kind} {session} {about}");
        }
    }
}
