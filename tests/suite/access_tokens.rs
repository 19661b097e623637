//! Personal access tokens: for programs of an account's owner. What each scope opens is in
//! `door_scopes.rs`, which tokens open nothing in `door_tokens.rs`.

use crate::device::{drain, first_sync};
use crate::phone::{mutation, round};
use crate::support::{database, each, opportunity, pointers, with};
use afterview_tests::{Answer, Client, Events, TestApp, story};
use chrono::TimeDelta;
use serde_json::{Value, json};

const TOKENS: &str = "/v1/auth/tokens";

/// The most tokens of an account that work.
const MOST: usize = 20;

fn reading(name: &str) -> Value {
    json!({"name": name, "scopes": ["read"]})
}

async fn make(client: &Client, body: Value) -> Value {
    client.post(TOKENS, body).await.expect(201)
}

async fn listed(client: &Client) -> Value {
    client.get(TOKENS).await.expect(200)
}

/// A program that has it.
fn program(client: &Client, token: &Value) -> Client {
    client.with_token(token["token"].as_str().unwrap())
}

async fn end(client: &Client, token: &Value) -> Answer {
    client.delete(&format!("{TOKENS}/{}", token["id"].as_str().unwrap())).await
}

async fn works(client: &Client) -> bool {
    let answer = client.get("/v1/preferences").await;
    assert!([200, 401].contains(&answer.status), "{}", answer.text);
    answer.status == 200
}

#[actix_web::test]
async fn a_token_is_shown_once_and_listed_without_its_secret() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let body = json!({"name": "Home Assistant", "scopes": ["write", "read"]});
    let made = make(&anna, body).await;
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("aft_") && token.len() == 53, "{token}");
    let known = json!({
        "id": made["id"], "name": "Home Assistant", "scopes": made["scopes"],
        "created_at": "2026-05-06T19:05:00Z", "expires_at": "2026-08-04T19:05:00Z",
    });
    assert_eq!(made, with(known.clone(), &json!({ "token": token })));
    assert_eq!(listed(&anna).await, json!({ "items": [known] }));
    let stored = database(&app).lines("SELECT token_hash AS line FROM access_tokens");
    assert!(!token.contains(&stored[0]) && stored[0].len() == 64);
    app.clock.advance(TimeDelta::seconds(1));
    let other = make(&anna, reading("another")).await;
    assert_ne!((&other["token"], &other["id"]), (&made["token"], &made["id"]));
    assert_eq!(each(&listed(&anna).await, "name"), ["Home Assistant", "another"]);
}

#[actix_web::test]
async fn a_token_has_a_name_scopes_and_an_end_within_a_year() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let long = "x".repeat(101);
    for (more, places) in [
        (json!({"name": null}), vec!["/name"]),
        (json!({"name": ""}), vec!["/name"]),
        (json!({"name": " "}), vec!["/name"]),
        (json!({"name": long}), vec!["/name"]),
        (json!({"name": 1}), vec!["/name"]),
        (json!({"scopes": null}), vec!["/scopes"]),
        (json!({"scopes": []}), vec!["/scopes"]),
        (json!({"scopes": "read"}), vec!["/scopes"]),
        (json!({"scopes": ["read", "everything"]}), vec!["/scopes/1"]),
        (json!({"scopes": ["read write"]}), vec!["/scopes/0"]),
        (json!({"expires_in_days": 0}), vec!["/expires_in_days"]),
        (json!({"expires_in_days": -1}), vec!["/expires_in_days"]),
        (json!({"expires_in_days": 366}), vec!["/expires_in_days"]),
        (json!({"expires_in_days": 1.5}), vec!["/expires_in_days"]),
        (json!({"token": "aft_x"}), vec!["/token"]),
    ] {
        let refused = anna.post(TOKENS, with(reading("a program"), &more)).await;
        let problem = refused.expect_problem("validation_failed");
        assert_eq!(pointers(&problem), places, "{more}");
    }
    assert_eq!(listed(&anna).await, json!({"items": []}));
    let longest = with(reading(&"x".repeat(100)), &json!({"expires_in_days": 365}));
    assert_eq!(make(&anna, longest).await["expires_at"], "2027-05-06T19:05:00Z");
}

#[actix_web::test]
async fn an_account_has_twenty_tokens_that_work_at_most() {
    let app = TestApp::start().await;
    let mut anna = app.user("anna").await;
    let mut all = Vec::new();
    for number in 0..MOST {
        let days = json!({"expires_in_days": if number == 0 { 1 } else { 2 }});
        all.push(make(&anna, with(reading("a program"), &days)).await);
    }
    let refused = async |client: &Client| {
        let answer = client.post(TOKENS, reading("one more")).await;
        answer.expect_problem("limit_exceeded");
        assert_eq!(answer.status, 422);
    };
    refused(&anna).await;
    assert_eq!(each(&listed(&anna).await, "id").len(), MOST);
    // One that is ended makes room, and so does one that has run out.
    assert_eq!(end(&anna, &all[1]).await.status, 204);
    make(&anna, reading("another")).await;
    refused(&anna).await;
    app.clock.advance(TimeDelta::days(1));
    anna.refresh().await;
    make(&anna, reading("another")).await;
    refused(&anna).await;
    make(&app.user("bob").await, reading("of somebody else")).await;
}

#[actix_web::test]
async fn a_token_works_until_its_end_and_says_when_it_was_used() {
    let app = TestApp::start().await;
    let mut anna = app.user("anna").await;
    let token = make(&anna, with(reading("a program"), &json!({"expires_in_days": 1}))).await;
    let program = program(&anna, &token);
    let used = async |client: &Client| listed(client).await["items"][0]["last_used_at"].clone();
    assert_eq!(used(&anna).await, Value::Null);
    for (minutes, noted) in
        [(1, "2026-05-06T19:06:00Z"), (14, "2026-05-06T19:06:00Z"), (1, "2026-05-06T19:21:00Z")]
    {
        app.clock.advance(TimeDelta::minutes(minutes));
        assert!(works(&program).await);
        anna.refresh().await;
        assert_eq!(used(&anna).await, noted);
    }
    app.clock.set("2026-05-07T19:04:59Z");
    assert!(works(&program).await);
    app.clock.set("2026-05-07T19:05:00Z");
    assert!(!works(&program).await);
    anna.refresh().await;
    assert_eq!(listed(&anna).await, json!({"items": []}));
    end(&anna, &token).await.expect_problem("not_found");
}

#[actix_web::test]
async fn an_ended_token_opens_nothing_at_once_and_after_a_restart() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let [used, unused, kept] = [
        make(&anna, reading("used")).await,
        make(&anna, reading("unused")).await,
        make(&anna, reading("kept")).await,
    ];
    assert!(works(&program(&anna, &used)).await);
    for token in [&used, &unused] {
        assert_eq!(end(&anna, token).await.status, 204);
        end(&anna, token).await.expect_problem("not_found");
        assert!(!works(&program(&anna, token)).await);
    }
    assert_eq!(each(&listed(&anna).await, "name"), ["kept"]);
    let app = app.restart().await;
    let client = app.anonymous();
    assert!(!works(&program(&client, &used)).await && !works(&program(&client, &unused)).await);
    assert!(works(&program(&client, &kept)).await);
    // Signing out is of no concern to programs.
    assert_eq!(
        client.with_token(anna.token()).post("/v1/auth/logout", json!({})).await.status,
        204
    );
    assert!(works(&program(&client, &kept)).await);
}

#[actix_web::test]
async fn a_token_for_sync_pushes_pulls_and_listens_like_a_device() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    story::record(&anna).await;
    let token = make(&anna, json!({"name": "a program", "scopes": ["sync"]})).await;
    let program = program(&anna, &token);
    let (mut copy, cursor) = first_sync(&program).await;
    let mut stream = Events::of(program.open("/v1/sync/stream", &[]).await);
    stream.head().await;
    let set = json!({"set": {"name": "Eve", "role": "referee"}});
    let push = round(&json!([mutation("m1", "create", "contacts/eve", set)]));
    for status in ["applied", "duplicate"] {
        let push = with(push.clone(), &json!({"device_id": token["id"]}));
        let answer = program.post("/v1/sync", push).await.expect(200);
        assert_eq!(answer["results"][0]["status"], status, "{answer}");
    }
    stream.head().await;
    assert_eq!(anna.get("/v1/contacts/eve").await.expect(200)["name"], "Eve");
    let (changes, last) = drain(&program, Some(&cursor), "").await;
    changes.iter().for_each(|change| copy.apply(change));
    assert_eq!(last["digest"], copy.digest());
    for path in ["head", "revs", "conflicts", "snapshot"] {
        assert_eq!(program.get(&format!("/v1/sync/{path}")).await.status, 200, "{path}");
    }
    let body = with(push, &json!({"device_id": crate::device::caller(&anna).1}));
    program.post("/v1/sync", body).await.expect_problem("validation_failed");
    assert_eq!(end(&anna, &token).await.status, 204);
    assert_eq!(stream.next().await, None);
    let history = anna.get("/v1/records/contacts/eve/history").await.expect(200);
    assert_eq!(each(&history, "device_id").len(), 1, "{history}");
}

#[actix_web::test]
async fn a_token_does_what_people_do_but_is_no_device() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let facts = story::record(&anna).await;
    let plan = story::debrief(&anna, &facts).await;
    let all = json!({"name": "a program", "scopes": crate::operations::SCOPES});
    let program = program(&anna, &make(&anna, all).await);
    let follow_up = plan["items"][0]["id"].as_str().unwrap();
    let draft = format!("/v1/follow-ups/{follow_up}/draft");
    assert_eq!(program.post(&draft, json!({})).await.text, anna.post(&draft, json!({})).await.text);
    let key = [("idempotency-key", "k1")];
    let body = || Some(opportunity("globex"));
    let made = program.send(reqwest::Method::POST, "/v1/opportunities", &key, body()).await;
    let again = program.send(reqwest::Method::POST, "/v1/opportunities", &key, body()).await;
    assert_eq!((made.status, again.text), (201, made.text));
    program.post(&format!("/v1/follow-ups/{follow_up}/skip"), json!({})).await.expect(200);
    for (method, path) in [
        ("GET", "/v1/devices/me"),
        ("PUT", "/v1/devices/me"),
        ("DELETE", "/v1/devices/me/push"),
        ("POST", "/v1/notifications/test"),
        ("POST", "/v1/sync/stream-ticket"),
        ("POST", "/v1/auth/logout"),
        ("POST", TOKENS),
        ("POST", "/v1/auth/password/change"),
        ("POST", "/v1/account/upgrade"),
    ] {
        let refused = program.send(method.parse().unwrap(), path, &[], Some(reading("x"))).await;
        refused.expect_problem("session_required");
        assert_eq!(refused.status, 403, "{method} {path}");
    }
    assert_eq!(each(&listed(&program).await, "name"), ["a program"]);
    // Reminders go on without it.
    app.let_time_pass_until("2026-05-07T13:00:00Z").await;
    assert!(works(&program).await);
}
