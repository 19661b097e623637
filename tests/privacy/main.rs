//! What nobody may read in a log: canaries in every field that a candidate fills in, in every secret and in
//! every address, and a run in which the server does whatever it does with them.
//!
//! All threads of all parts, this project's and others', write at their lowest level into one text; a test
//! binary has one such place, so this is a binary of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod log;
mod mail;
mod webhooks;

use crate::log::Log;
use afterview_tests::firebase::{Answer, FirebaseDouble};
use afterview_tests::oidc::{Kind, NONCE, OidcDouble, TestKey};
use afterview_tests::{Client, TestApp};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What the candidate typed and what was planted in addresses.
const CANARIES: [&str; 14] = [
    "canary-mail",
    "canary-password",
    "canary-phone",
    "canary-tablet",
    "canary-gone",
    "canary-employer",
    "canary-role",
    "canary-contact",
    "canary-address",
    "canary-note",
    "canary-title",
    "canary-moment",
    "canary-reply",
    "canary-device",
];

/// What was planted in ID tokens.
const IDENTITY_CANARIES: [&str; 4] =
    ["canary-subject", "canary-audience", "canary-kid", "canary-alg"];

/// The reminder of what the candidate planned.
const CALL_DUE: &str = "2026-05-06T20:00:00Z";

async fn sign(app: &TestApp, path: &str, status: u16) -> Client {
    let account = json!({
        "email": "canary-mail@example.org", "password": "canary-password of some length",
        "device": {"name": "canary-device", "platform": "android"},
    });
    let mut client = app.anonymous();
    client.sign_in_with(&app.anonymous().post(path, account).await.expect(status));
    client
}

async fn register(client: &Client, value: &str) {
    let push = json!({"push": {"kind": "fcm_fid", "value": value}});
    client.put("/v1/devices/me", push).await.expect(200);
}

/// Everything that a candidate types in.
async fn tell(client: &Client) {
    let preferences = json!({"time_zone": "America/New_York"});
    client.patch("/v1/preferences", preferences).await.expect(200);
    for (path, body) in [
        (
            "opportunities",
            json!({"id": "acme", "employer": "canary-employer", "role": "canary-role", "notes": "canary-note"}),
        ),
        (
            "contacts",
            json!({"id": "anna", "opportunity_id": "acme", "name": "canary-contact", "role": "hiring_manager", "channels": [{"kind": "email", "value": "canary-address@example.org"}]}),
        ),
        (
            "interviews",
            json!({
                "id": "i1", "opportunity_id": "acme", "attendees": [{"contact_id": "anna"}],
                "starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z",
            }),
        ),
        (
            "follow-ups",
            json!({"opportunity_id": "acme", "title": "canary-title", "due_at": CALL_DUE}),
        ),
        (
            "replies",
            json!({"opportunity_id": "acme", "at": "2026-05-06T19:04:00Z", "kind": "reply_info", "text": "canary-reply"}),
        ),
    ] {
        client.post(&format!("/v1/{path}"), body).await.expect(201);
    }
    let debrief = json!({
        "notes": "canary-note", "talking_points": [{"contact_id": "anna", "text": "canary-moment"}],
        "promise": {"text": "by the end of the week", "promised_by": "anna"},
    });
    client.post("/v1/interviews/i1/debrief", debrief).await.expect(200);
}

/// What goes wrong for those who call, too.
async fn err(client: &Client) {
    let wrong = json!({"employer": 5, "role": "canary-role", "canary-note": "canary-note"});
    client.post("/v1/opportunities", wrong).await.expect_problem("validation_failed");
    let stranger = client.with_token("canary-password");
    assert_eq!(stranger.get("/v1/agenda").await.status, 401);
    let wrong =
        json!({"email": "canary-mail@example.org", "password": "canary-password but wrong"});
    assert_eq!(stranger.post("/v1/auth/login", wrong).await.status, 401);
    let wrong = json!({"push": {"kind": "canary-phone", "value": "canary-phone"}});
    client.put("/v1/devices/me", wrong).await.expect_problem("validation_failed");
}

/// A day with reminders, pokes, a test notification and everything that may go wrong with them. Gives the
/// tokens that were in use.
async fn live(app: &TestApp, firebase: &FirebaseDouble) -> Vec<String> {
    let mut phone = sign(app, "/v1/auth/register", 201).await;
    let [mut tablet, gone] =
        [sign(app, "/v1/auth/login", 200).await, sign(app, "/v1/auth/login", 200).await];
    let mut tokens: Vec<String> = [&phone, &tablet, &gone]
        .iter()
        .flat_map(|one| [one.token().to_owned(), one.refresh_token.clone()])
        .collect();
    for (client, value) in
        [(&phone, "canary-phone"), (&tablet, "canary-tablet"), (&gone, "canary-gone")]
    {
        register(client, value).await;
    }
    tell(&phone).await;
    err(&phone).await;
    firebase.script("canary-gone", [Answer::invalid("message.fid")]);
    firebase.script("canary-tablet", [Answer::error(403, &json!({})), Answer::html(502)]);
    // Pokes.
    app.let_time_pass_until("2026-05-06T19:06:00Z").await;
    assert_eq!(
        phone.post("/v1/notifications/test", json!({})).await.expect(200)["outcome"],
        "delivered"
    );
    // By default a reminder names nobody.
    app.let_time_pass_until(CALL_DUE).await;
    let named = reminders(firebase);
    assert!(!named.is_empty());
    assert!(!named.contains("canary-"), "{named}");
    // Whoever wants it reads more on the screen, and still nobody in the log.
    phone.refresh().await;
    phone.patch("/v1/preferences", json!({"lock_screen": "full"})).await.expect(200);
    firebase
        .script("canary-phone", [Answer::DropAfter, Answer::fcm(403, "SENDER_ID_MISMATCH", &[])]);
    for now in ["2026-05-07T13:00:00Z", "2026-05-07T13:20:00Z", "2026-05-07T14:00:00Z"] {
        app.let_time_pass_until(now).await;
    }
    assert!(reminders(firebase).contains("canary-contact, canary-employer"));
    tablet.refresh().await;
    tablet.post("/v1/auth/logout", json!({})).await.expect(204);
    phone.refresh().await;
    tokens.extend(door(app, &phone).await);
    tokens
}

/// What an account lets out, takes in and gives away at its door. Gives the secrets of it.
async fn door(app: &TestApp, client: &Client) -> Vec<String> {
    let token = json!({"name": "canary-device", "scopes": ["read", "account"]});
    let token = client.post("/v1/auth/tokens", token).await.expect(201);
    let token = token["token"].as_str().unwrap().to_owned();
    let script = app.anonymous().with_token(&token);
    let export = script.get("/v1/account/export").await;
    assert!(export.text.contains("canary-note"));
    let lines = [("content-type", "application/x-ndjson")];
    for text in [export.text.clone(), export.text.replace("opportunities", "canary-title")] {
        client.raw(Method::POST, "/v1/account/import", &lines, text.into_bytes()).await;
    }
    let wrong =
        json!({"current_password": "canary-password too", "new_password": "canary-password"});
    client.post("/v1/auth/password/change", wrong).await.expect_problem("wrong_credentials");
    let ticket = client.post("/v1/sync/stream-ticket", json!({})).await.expect(200);
    let ticket = ticket["ticket"].as_str().unwrap().to_owned();
    let broken = format!("{}x", &token[..token.len() - 1]);
    app.anonymous().with_token(&broken).get("/v1/agenda").await.expect_problem("unauthenticated");
    let mut secrets = vec![token, broken, ticket];
    secrets.extend(calendars(app, client).await);
    secrets
}

/// Calendars that are read, not found any more, and asked for in wrong ways. Gives the secrets in their
/// addresses.
async fn calendars(app: &TestApp, client: &Client) -> Vec<String> {
    let mut secrets = Vec::new();
    for end in [false, true] {
        let feed = json!({"name": "canary-title", "detail": "full"});
        let feed = client.post("/v1/calendar-feeds", feed).await.expect(201);
        let path = feed["url"].as_str().unwrap().replace("http://afterview.test", "");
        let secret = path.replace("/calendar/", "").replace(".ics", "");
        if end {
            let feed = format!("/v1/calendar-feeds/{}", feed["id"].as_str().unwrap());
            assert_eq!(client.delete(&feed).await.status, 204);
        }
        // By hand: the client of these tests logs what it asks for.
        for (request, status) in [
            (format!("GET {path}"), if end { "404" } else { "200" }),
            (format!("HEAD {path}"), if end { "404" } else { "200" }),
            (format!("DELETE {path}"), "405"),
            (format!("GET {path}x"), "404"),
            (format!("GET {path}?canary-note=%00"), "400"),
        ] {
            let answer = by_hand(app, &request).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
            assert_eq!(
                answer.contains("canary-employer"),
                request == format!("GET {path}") && !end
            );
        }
        secrets.push(secret);
    }
    secrets
}

/// The answers to a request that no library sends.
async fn by_hand(app: &TestApp, request: &str) -> String {
    let url = app.urls().next().unwrap().replace("http://", "");
    let mut server = TcpStream::connect(url).await.unwrap();
    let head = format!("{request} HTTP/1.1\r\nhost: x\r\nreferer: x\r\nconnection: close\r\n\r\n");
    server.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// Titles and bodies of all reminders.
fn reminders(firebase: &FirebaseDouble) -> String {
    let messages = firebase.messages();
    let shown = messages.iter().map(|message| message.message["notification"].clone());
    Value::from(shown.filter(|shown| !shown.is_null()).collect::<Vec<_>>()).to_string()
}

/// Signs in with an ID token, and tries to with others. Gives the parts of all of them.
async fn identify(app: &TestApp, provider: &OidcDouble) -> Vec<String> {
    let client = app.anonymous();
    let claims = provider.claims("canary-subject");
    let mut late = claims.clone();
    late["exp"] = json!(1);
    let mut shapeless = claims.clone();
    shapeless["aud"] = json!({"canary-audience": 1});
    let own = provider.key();
    let tokens = [
        (own.token(&claims), 200),
        (own.token(&late), 401),
        (own.token(&shapeless), 401),
        (own.token_with(&json!({"alg": "ES256", "kid": "canary-kid"}), &claims), 401),
        (own.token_with(&json!({"alg": "canary-alg"}), &claims), 401),
        (TestKey::generate(Kind::Es256, &own.name).token(&claims), 401),
    ];
    let mut parts = vec![NONCE.to_owned(), claims["nonce"].as_str().unwrap().to_owned()];
    for (token, status) in tokens {
        let body = json!({"id_token": token, "nonce": NONCE});
        assert_eq!(client.post("/v1/auth/oidc/test", body).await.status, status);
        parts.extend(token.split('.').map(str::to_owned));
    }
    parts
}

#[actix_web::test]
async fn nothing_personal_and_no_secret_stands_in_any_log() {
    let (log, _turn) = Log::of_everything().await;
    // Statements are logged when they are slow, and here nearly all are.
    let settings = [("AFTERVIEW_SLOW_QUERY_MS", "1".to_owned())];
    for (app, firebase) in TestApp::each_with_firebase_and(&settings).await {
        let tokens = live(&app, &firebase).await;
        assert!(firebase.messages().iter().any(|one| one.message["data"]["type"] == "sync"));
        assert_eq!(firebase.faults(), [""; 0]);
        let text = log.text();
        let parts = ["TRACE", "h2::", "hyper", "afterview_api::alerts", "afterview_api"];
        for part in parts.into_iter().chain(["slow unit of work", "slow statement"]) {
            assert!(text.contains(part), "{part} was not captured");
        }
        let secrets = tokens.iter().map(String::as_str).chain(CANARIES).chain(["ya29"]);
        for secret in secrets {
            let line = text.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret} is shown");
        }
    }
    for (app, provider) in TestApp::each_with_provider().await {
        let parts = identify(&app, &provider).await;
        let text = log.text();
        assert!(text.contains("an ID token was refused"), "the reasons were captured");
        for secret in parts.iter().map(String::as_str).chain(IDENTITY_CANARIES) {
            let line = text.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret} is shown");
        }
    }
}
