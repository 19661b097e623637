//! The service itself: pages, health, limits, compression and what goes around every request.

use crate::support::{create, each, opportunity, with};
use afterview_tests::{Answer, Client, TestApp};
use reqwest::Method;
use serde_json::json;

async fn get_with(client: &Client, path: &str, headers: &[(&str, &str)]) -> Answer {
    client.raw(Method::GET, path, headers, Vec::new()).await
}

/// `bytes` as gzip (RFC 1952) in one stored block.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let crc = bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
        })
    });
    let head: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    let sizes = [length.to_le_bytes(), (!length).to_le_bytes()].concat();
    let tail = [(!crc).to_le_bytes(), u32::from(length).to_le_bytes()].concat();
    [head, &sizes, bytes, &tail].concat()
}

#[actix_web::test]
async fn people_find_a_page_and_the_reference() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    let index = client.get("/").await;
    assert_eq!((index.status, index.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(index.text.contains("/docs"), "{}", index.text);
    // The client follows the redirect from /docs.
    for path in ["/docs", "/docs/", "/docs/index.html"] {
        let docs = client.get(path).await;
        assert_eq!(docs.status, 200, "{path}");
        assert!(docs.header("content-type").starts_with("text/html"), "{path}");
        assert!(!docs.text.contains("https://"), "something comes from elsewhere");
    }
    let script = client.get("/docs/swagger-ui-bundle.js").await;
    assert!(script.status == 200 && script.bytes.len() > 100_000);
    assert!(client.get("/docs/swagger-initializer.js").await.text.contains("/openapi.json"));
}

#[actix_web::test]
async fn health_and_limits_need_no_token() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    for path in ["/livez", "/readyz"] {
        assert_eq!(client.get(path).await.expect(200), json!({"status": "ok"}));
    }
    insta::assert_json_snapshot!(client.get("/v1/limits").await.expect(200), @r#"
    {
      "access_token_secs": 900,
      "access_tokens": 20,
      "account_streams": 20,
      "body_bytes": 1048576,
      "calendar_feeds": 10,
      "history_days": 400,
      "idempotency_secs": 86400,
      "import_bytes": 33554432,
      "live_records": 50000,
      "page_items": 200,
      "record_bytes": 262144,
      "report_days": 366,
      "sessions": 20,
      "sync_answer_bytes": 2097152,
      "sync_body_bytes": 4194304,
      "sync_changes": 1000,
      "sync_mutations": 500,
      "text_bytes": 65536,
      "tombstone_days": 180,
      "watermelondb_body_bytes": 16777216,
      "webhooks": 10
    }
    "#);
}

#[actix_web::test]
async fn the_advertised_size_of_a_body_is_the_one_that_counts() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let limits = client.get("/v1/limits").await.expect(200);
    let size = usize::try_from(limits["body_bytes"].as_u64().unwrap()).unwrap();
    let body = |size: usize| format!("{{\"x\":\"{}\"}}", "y".repeat(size - 8)).into_bytes();
    let json = [("content-type", "application/json")];
    let path = "/v1/opportunities";
    let fits = client.raw(Method::POST, path, &json, body(size)).await;
    fits.expect_problem("validation_failed");
    let beyond = client.raw(Method::POST, path, &json, body(size + 1)).await;
    let problem = beyond.expect_problem("body_too_large");
    assert_eq!(beyond.status, 413);
    assert!(problem["detail"].as_str().unwrap().contains(&size.to_string()), "{problem}");
    client.get(path).await.expect(200);
}

#[actix_web::test]
async fn head_is_get_without_the_body() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    create(&client, "/v1/opportunities", opportunity("acme")).await;
    for path in [
        "/v1/opportunities/acme",
        "/v1/opportunities",
        "/v1/agenda",
        "/livez",
        "/",
        "/v1/contacts/none",
    ] {
        let (get, head) =
            (client.get(path).await, client.send(Method::HEAD, path, &[], None).await);
        assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{path}");
        for name in ["etag", "content-type", "content-length"] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
    }
    let refused = client.send(Method::HEAD, "/v1/auth/login", &[], None).await;
    assert_eq!((refused.status, refused.header("allow")), (405, "POST"));
}

#[actix_web::test]
async fn every_answer_carries_the_identifier_of_its_request() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    let mine = get_with(&client, "/livez", &[("x-request-id", "my-request.1")]).await;
    assert_eq!(mine.header("x-request-id"), "my-request.1");
    let failed = get_with(&client, "/v1/agenda", &[("x-request-id", "my-request.2")]).await;
    assert_eq!(failed.expect_problem("unauthenticated")["request_id"], "my-request.2");
    let (one, other) = (client.get("/livez").await, client.get("/livez").await);
    assert!(!one.header("x-request-id").is_empty());
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
    for odd in ["", "a b", "<script>", &"x".repeat(129)] {
        let made = get_with(&client, "/nowhere", &[("x-request-id", odd)]).await;
        made.expect_problem("no_such_route");
        assert_ne!(made.header("x-request-id"), odd);
    }
}

#[actix_web::test]
async fn a_compressed_request_is_understood() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let body = gzip(opportunity("acme").to_string().as_bytes());
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let made = client.raw(Method::POST, "/v1/opportunities", &headers, body).await;
    assert_eq!(made.expect(201)["id"], "acme");
}

#[actix_web::test]
async fn answers_are_compressed_for_those_who_ask_and_can_be_sent_back() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let long = with(opportunity("acme"), &json!({"notes": "the elevator ".repeat(500)}));
    let record = create(&client, "/v1/opportunities", long).await;
    let path = "/v1/opportunities/acme";
    let plain = client.get(path).await;
    assert_eq!(plain.header("content-encoding"), "");
    for coding in ["gzip", "br", "zstd"] {
        let packed = get_with(&client, path, &[("accept-encoding", coding)]).await;
        assert_eq!((packed.status, packed.header("content-encoding")), (200, coding));
        assert!(packed.bytes.len() < plain.bytes.len() / 4, "{coding}: {}", packed.bytes.len());
        assert!(packed.header("vary").to_lowercase().contains("accept-encoding"), "{coding}");
        let headers = [("content-type", "application/json"), ("content-encoding", coding)];
        let back = client.raw(Method::PUT, path, &headers, packed.bytes).await;
        assert_eq!(back.expect(200), record, "{coding}");
    }
}

#[actix_web::test]
async fn a_failure_is_readable_for_those_who_accept_compression() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    for coding in ["gzip", "br", "zstd", "gzip, deflate, br"] {
        let failed =
            get_with(&client, "/v1/opportunities/none", &[("accept-encoding", coding)]).await;
        assert_eq!(failed.status, 404);
        let readable = failed.text.starts_with('{');
        let said_to_be = failed.header("content-encoding");
        assert_eq!(readable, said_to_be.is_empty(), "{coding}: plain text said to be {said_to_be}");
    }
}

#[actix_web::test]
async fn a_small_body_that_unpacks_to_too_much_is_refused() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let notes = "x".repeat(20_000);
    for n in 0..60 {
        let body = with(opportunity(&format!("o{n}")), &json!({ "notes": notes }));
        create(&client, "/v1/opportunities", body).await;
    }
    let list = "/v1/opportunities?limit=60";
    assert!(client.get(list).await.bytes.len() > 1024 * 1024);
    let packed = get_with(&client, list, &[("accept-encoding", "gzip")]).await;
    assert!(packed.bytes.len() < 100_000);
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let bomb = client.raw(Method::POST, "/v1/opportunities", &headers, packed.bytes).await;
    bomb.expect_problem("body_too_large");
    assert_eq!(each(&client.get(list).await.json(), "id").len(), 60);
}

#[actix_web::test]
async fn the_type_of_a_problem_leads_to_its_explanation() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    let problem = client.get("/v1/agenda").await.expect_problem("unauthenticated");
    let page = client.get(problem["type"].as_str().unwrap()).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/plain; charset=utf-8"));
    assert!(page.text.contains(problem["title"].as_str().unwrap()), "{}", page.text);
    client.get("/problems/nonsense").await.expect_problem("not_found");
}

#[actix_web::test]
async fn a_problem_has_one_form() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let headers = [("x-request-id", "r1")];
    let body = json!({"employer": "Acme", "colour": "red"});
    let failed = client.send(Method::POST, "/v1/opportunities", &headers, Some(body)).await;
    insta::assert_json_snapshot!(failed.expect_problem("validation_failed"), @r#"
    {
      "code": "validation_failed",
      "detail": "2 fields are not right",
      "errors": [
        {
          "code": "unknown_field",
          "detail": "Opportunity has no field `colour`",
          "pointer": "/colour"
        },
        {
          "code": "required",
          "detail": "`role` is required",
          "pointer": "/role"
        }
      ],
      "request_id": "r1",
      "status": 422,
      "title": "Some fields are not right",
      "type": "/problems/validation_failed"
    }
    "#);
    let missing = get_with(&client, "/v1/contacts/none", &headers).await;
    insta::assert_json_snapshot!(missing.expect_problem("not_found"), @r#"
    {
      "code": "not_found",
      "detail": "no contact with the id none",
      "request_id": "r1",
      "status": 404,
      "title": "There is no such thing here",
      "type": "/problems/not_found"
    }
    "#);
}
