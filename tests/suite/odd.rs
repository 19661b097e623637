//! What databases do not agree on when left to themselves: zero characters, case, wildcards, order,
//! lengths of keys, and the ends of numbers. The answers are compared by every [`Client`].

use crate::support::{create, database, each, opportunity, with};
use afterview_tests::{Client, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

/// Texts that some database takes for something else, or not at all.
fn odd() -> Vec<String> {
    let mut all: Vec<String> = [
        "\0",
        "a\0b",
        "%",
        "_",
        "a%",
        "\\",
        "'",
        "''; --",
        "$1",
        "{}",
        "é",
        "É",
        "ß",
        "\u{fffe}",
        "\u{10ffff}",
        " a",
        "a ",
        "A",
        "\u{feff}a",
        "e\u{301}",
    ]
    .map(str::to_owned)
    .to_vec();
    all.extend([64, 255, 256, 3_000, 10_000].map(|length| "k".repeat(length)));
    all
}

/// `text` as it may stand in an address.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Sends it, and stops at a failure of the server.
async fn ask(client: &Client, method: Method, path: &str, body: Option<Value>) {
    let answer = client.send(method.clone(), path, &[], body.clone()).await;
    assert!(answer.status < 500, "{method} {path} {body:?}: {answer:?}");
}

#[actix_web::test]
async fn odd_texts_are_answered_alike_when_signing_in() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    app.user("anna").await;
    for (number, text) in odd().into_iter().enumerate() {
        let email = format!("{number}@example.org");
        for account in [
            json!({"email": email, "device": {"name": text, "platform": text}}),
            json!({"email": email, "device": {"app_id": text, "app_version": text}}),
            json!({"email": format!("{text}@example.org")}),
            json!({"email": email, "time_zone": text}),
        ] {
            let account = with(account, &json!({"password": "correct horse battery"}));
            ask(&client, Method::POST, "/v1/auth/register", Some(account)).await;
        }
        let login = json!({"email": format!("{text}anna@example.org"), "password": "correct horse battery"});
        ask(&client, Method::POST, "/v1/auth/login", Some(login)).await;
        for token in [text.clone(), format!("a.{text}"), format!("{text}.{text}.a")] {
            let refresh = json!({ "refresh_token": token });
            ask(&client, Method::POST, "/v1/auth/refresh", Some(refresh)).await;
            let stream = format!("/v1/sync/stream?ticket={}", escaped(&token));
            ask(&client, Method::GET, &stream, None).await;
        }
    }
}

#[actix_web::test]
async fn odd_texts_are_answered_alike_in_addresses() {
    let app = TestApp::start().await;
    let client = app.user("anna").await;
    create(&client, "/v1/opportunities", opportunity("a")).await;
    for text in odd().iter().map(|text| escaped(text)) {
        for path in [
            format!("/v1/opportunities/{text}"),
            format!("/v1/opportunities/{text}/plan"),
            format!("/v1/records/opportunities/{text}/history"),
            format!("/v1/records/{text}/a/history"),
            format!("/v1/contacts?opportunity_id={text}"),
            format!("/v1/contacts?cursor={text}"),
            format!("/v1/follow-ups?cursor={text}"),
            format!("/v1/sync/changes?cursor={text}"),
            format!("/v1/sync/snapshot?cursor={text}"),
            format!("/v1/sync/conflicts/{text}"),
        ] {
            ask(&client, Method::GET, &path, None).await;
        }
        let path = format!("/v1/opportunities/{text}");
        ask(&client, Method::PUT, &path, Some(json!({"employer": "A", "role": "R"}))).await;
        ask(&client, Method::PATCH, &path, Some(json!({"role": "S"}))).await;
        ask(&client, Method::DELETE, &path, None).await;
        let act = format!("/v1/follow-ups/{text}/sent");
        ask(&client, Method::POST, &act, Some(json!({}))).await;
        let path = format!("/v1/sync/conflicts/{text}/resolve");
        ask(&client, Method::POST, &path, Some(json!({"with": "kept"}))).await;
    }
}

#[actix_web::test]
async fn odd_texts_are_answered_alike_in_records_and_pushes() {
    let app = TestApp::start().await;
    let client = app.user("anna").await;
    create(&client, "/v1/opportunities", opportunity("a")).await;
    let custom =
        json!({"id": "f", "opportunity_id": "a", "title": "t", "due_at": "2026-05-08T09:00:00Z"});
    create(&client, "/v1/follow-ups", custom).await;
    for (number, text) in odd().into_iter().enumerate() {
        let body = json!({"id": format!("o{number}"), "employer": text, "role": text, "notes": text, "tags": [text]});
        ask(&client, Method::POST, "/v1/opportunities", Some(body)).await;
        let with_id = json!({"id": text, "employer": "A", "role": "R"});
        ask(&client, Method::POST, "/v1/opportunities", Some(with_id)).await;
        let promise = json!({"opportunity_id": "a", "text": text});
        ask(&client, Method::POST, "/v1/expectations", Some(promise)).await;
        let slots = json!({"slots": {text.clone(): "v"}});
        ask(&client, Method::PATCH, "/v1/follow-ups/f", Some(slots)).await;
        let set = json!({"employer": text, "role": "R", "unknown": text});
        let mutations = json!([
            {"mid": text, "c": "opportunities", "id": format!("m{number}"), "op": "create", "set": set},
            {"mid": format!("i{number}"), "c": "opportunities", "id": text, "op": "create", "set": set},
            {"mid": format!("c{number}"), "c": text, "id": "x", "op": "create", "set": set},
            {"mid": format!("a{number}"), "after": text, "c": "opportunities", "id": "a", "op": "patch",
             "base": 0, "set": {"notes": text, "newer": {"deep": [text]}}},
        ]);
        let push = json!({"protocol": 1, "schema": 2, "client_time": 0, "mutations": mutations});
        for _ in 0..2 {
            ask(&client, Method::POST, "/v1/sync", Some(push.clone())).await;
        }
    }
    for path in [
        "/v1/opportunities?limit=200",
        "/v1/expectations",
        "/v1/sync/changes",
        "/v1/sync/snapshot",
        "/v1/sync/conflicts",
        "/v1/sync/revs",
        "/v1/agenda",
    ] {
        ask(&client, Method::GET, path, None).await;
    }
    // People who write reports are not stopped by what somebody typed.
    let employers = "SELECT coalesce(employer, '-') AS line FROM opportunities \
                     WHERE id IN ('o2', 'o10') ORDER BY id";
    assert_eq!(database(&app).lines(employers), ["é", "%"]);
    let kinds = "SELECT DISTINCT coalesce(kind, '-') AS line FROM follow_ups";
    assert_eq!(database(&app).lines(kinds), ["custom"]);
}

#[actix_web::test]
async fn names_are_told_apart_by_their_bytes_and_sorted_by_them() {
    let app = TestApp::start().await;
    let client = app.user("anna").await;
    for id in ["b", "B", "a", "A", "a-b", "a_b", "ab", "aB", "1", "10", "2", "Z", "z"] {
        create(&client, "/v1/opportunities", opportunity(id)).await;
    }
    let lines = client.get("/v1/sync/snapshot").await;
    let sorted: Vec<Value> =
        lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<_> = sorted
        .iter()
        .filter(|it| it["c"] == "opportunities")
        .map(|it| it["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["1", "10", "2", "A", "B", "Z", "a", "a-b", "aB", "a_b", "ab", "b", "z"]);
    let page = client.get("/v1/opportunities?limit=200").await.expect(200);
    assert_eq!(each(&page, "id").len(), 13);
}

#[actix_web::test]
async fn the_ends_of_numbers_are_answered_alike() {
    let app = TestApp::start().await;
    let client = app.user("anna").await;
    create(&client, "/v1/opportunities", opportunity("a")).await;
    for number in [
        "0",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "1e3",
        "1.5",
    ] {
        for path in
            ["/v1/opportunities?limit=", "/v1/sync/changes?limit=", "/v1/sync/changes?max_bytes="]
        {
            ask(&client, Method::GET, &format!("{path}{number}"), None).await;
        }
        let number: Value = serde_json::from_str(number).unwrap();
        let edit = json!({"mid": format!("m{number}"), "c": "opportunities", "id": "a", "op": "patch", "base": number, "at": number, "set": {"notes": "x"}});
        let push = json!({"protocol": 1, "schema": 1, "client_time": number, "max_changes": number, "mutations": [edit]});
        ask(&client, Method::POST, "/v1/sync", Some(push.clone())).await;
        let push = with(push, &json!({"client_time": 0}));
        ask(&client, Method::POST, "/v1/sync", Some(push)).await;
    }
    for at in ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"] {
        let interview = json!({"opportunity_id": "a", "starts_at": at, "ends_at": at});
        ask(&client, Method::POST, "/v1/interviews", Some(interview)).await;
        let reply = json!({"opportunity_id": "a", "at": at, "kind": "on_hold"});
        ask(&client, Method::POST, "/v1/replies", Some(reply)).await;
        ask(&client, Method::GET, &format!("/v1/interviews?updated_since={at}"), None).await;
    }
}
