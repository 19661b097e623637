//! Lists: pages that neither skip nor repeat, and the filters.

use crate::support::{create, each, opportunity, with};
use afterview_tests::{Client, TestApp, story};
use serde_json::{Value, json};

async fn contacts(client: &Client, names: impl IntoIterator<Item = &str>) {
    for name in names {
        let contact = json!({"id": name, "name": name, "role": "interviewer"});
        create(client, "/v1/contacts", contact).await;
    }
}

async fn page(client: &Client, path: &str, cursor: &Value) -> Value {
    let joint = if path.contains('?') { '&' } else { '?' };
    let path = match cursor.as_str() {
        Some(cursor) => format!("{path}{joint}cursor={cursor}"),
        None => path.to_owned(),
    };
    client.get(&path).await.expect(200)
}

async fn found(client: &Client, path: &str) -> Vec<String> {
    let page = client.get(path).await.expect(200);
    each(&page, "id").into_iter().map(str::to_owned).collect()
}

#[actix_web::test]
async fn pages_come_in_the_order_of_creation_without_gaps() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    contacts(&client, ["h", "c", "a", "f", "b", "g", "d", "e"]).await;
    let first = page(&client, "/v1/contacts?limit=3", &Value::Null).await;
    let second = page(&client, "/v1/contacts?limit=3", &first["next_cursor"]).await;
    let third = page(&client, "/v1/contacts?limit=3", &second["next_cursor"]).await;
    assert_eq!(each(&first, "id"), ["h", "c", "a"]);
    assert_eq!(each(&second, "id"), ["f", "b", "g"]);
    assert_eq!(each(&third, "id"), ["d", "e"]);
    assert_eq!(third.get("next_cursor"), None);
    let exact = page(&client, "/v1/contacts?limit=8", &Value::Null).await;
    assert_eq!((each(&exact, "id").len(), exact.get("next_cursor")), (8, None));
}

#[actix_web::test]
async fn pages_stay_put_while_records_are_added_changed_and_deleted() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    contacts(&client, ["a", "b", "c", "d", "e"]).await;
    let first = page(&client, "/v1/contacts?limit=2", &Value::Null).await;
    client.patch("/v1/contacts/a", json!({"name": "Changed"})).await.expect(200);
    assert_eq!(client.delete("/v1/contacts/b").await.status, 204);
    assert_eq!(client.delete("/v1/contacts/d").await.status, 204);
    contacts(&client, ["f"]).await;
    let second = page(&client, "/v1/contacts?limit=2", &first["next_cursor"]).await;
    let third = page(&client, "/v1/contacts?limit=2", &second["next_cursor"]).await;
    assert_eq!(each(&second, "id"), ["c", "e"]);
    assert_eq!(each(&third, "id"), ["f"]);
}

#[actix_web::test]
async fn a_page_size_may_change_on_the_way() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    contacts(&client, ["a", "b", "c", "d"]).await;
    let first = page(&client, "/v1/contacts?limit=1", &Value::Null).await;
    let rest = page(&client, "/v1/contacts?limit=50", &first["next_cursor"]).await;
    assert_eq!(each(&rest, "id"), ["b", "c", "d"]);
}

#[actix_web::test]
async fn more_than_two_hundred_are_read_as_two_hundred_and_fifty_is_the_default() {
    for app in TestApp::each().await {
        let client = app.user("candidate").await;
        let creates = (0..201).map(|_| {
            let client = client.clone();
            let supplement = json!({"title": "Certificate"});
            actix_web::rt::spawn(
                async move { client.post("/v1/supplements", supplement).await.status },
            )
        });
        for created in creates.collect::<Vec<_>>() {
            assert_eq!(created.await.unwrap(), 201);
        }
        for (path, count) in [
            ("/v1/supplements", 50),
            ("/v1/supplements?limit=1000", 200),
            ("/v1/supplements?limit=9223372036854775807", 200),
        ] {
            let page = client.get(path).await.expect(200);
            assert_eq!(each(&page, "id").len(), count, "{path}");
            assert!(page["next_cursor"].is_string());
        }
    }
}

#[actix_web::test]
async fn a_cursor_belongs_to_its_list_and_its_filters() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    contacts(&client, ["a", "b"]).await;
    let first = page(&client, "/v1/contacts?limit=1", &Value::Null).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    for path in ["contacts?opportunity_id=acme&", "supplements?", "follow-ups?"] {
        let answer = client.get(&format!("/v1/{path}cursor={cursor}")).await;
        answer.expect_problem("invalid_cursor");
    }
    let damaged = format!("/v1/contacts?cursor={}", &cursor[1..]);
    client.get(&damaged).await.expect_problem("invalid_cursor");
}

#[actix_web::test]
async fn lists_can_be_narrowed_to_an_opportunity() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    create(&client, "/v1/opportunities", opportunity("beta")).await;
    let eve = json!({"id": "eve", "opportunity_id": "beta", "name": "Eve", "role": "coordinator"});
    create(&client, "/v1/contacts", eve).await;
    contacts(&client, ["shared"]).await;
    assert_eq!(found(&client, "/v1/contacts?opportunity_id=acme").await, ["anna"]);
    assert_eq!(found(&client, "/v1/contacts?opportunity_id=beta").await, ["eve"]);
    assert_eq!(found(&client, "/v1/contacts?opportunity_id=none").await, [""; 0]);
    assert_eq!(found(&client, "/v1/contacts").await, ["anna", "eve", "shared"]);
}

#[actix_web::test]
async fn updated_since_finds_what_changed_at_or_after_an_instant() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    contacts(&client, ["a", "b", "c"]).await;
    app.clock.set("2026-05-06T19:10:00Z");
    client.patch("/v1/contacts/b", json!({"name": "Changed"})).await.expect(200);
    let since = |at: &str| format!("/v1/contacts?updated_since={at}");
    assert_eq!(found(&client, &since("2026-05-06T19:10:00Z")).await, ["b"]);
    assert_eq!(found(&client, &since("2026-05-06T15:10:00-04:00")).await, ["b"]);
    assert_eq!(found(&client, &since("2026-05-06T19:10:01Z")).await, [""; 0]);
    assert_eq!(found(&client, &since("2026-05-06T19:00:00Z")).await, ["a", "b", "c"]);
}

#[actix_web::test]
async fn interviews_can_be_narrowed_by_status_and_start() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    // A note that quotes a status is not the status.
    let quoting = json!({"status": "held", "notes": "\"status\":\"no_show_me\""});
    client.patch("/v1/interviews/i1", quoting).await.expect(200);
    for (id, day) in [("i2", "20"), ("i3", "21")] {
        let times = json!({
            "id": id, "opportunity_id": "acme", "starts_at": format!("2026-05-{day}T14:00:00Z"),
            "ends_at": format!("2026-05-{day}T15:00:00Z"),
        });
        create(&client, "/v1/interviews", with(times, &json!({"kind": "video"}))).await;
    }
    for (query, ids) in [
        ("status=held", vec!["i1"]),
        ("status=no_show_me", vec![]),
        ("status=scheduled", vec!["i2", "i3"]),
        ("starts_after=2026-05-20T14:00:00Z", vec!["i2", "i3"]),
        ("starts_before=2026-05-20T14:00:00Z", vec!["i1"]),
        ("starts_after=2026-05-07T00:00:00Z&starts_before=2026-05-21T00:00:00Z", vec!["i2"]),
        ("status=held&starts_after=2026-05-07T00:00:00Z", vec![]),
        ("opportunity_id=acme&status=scheduled&starts_after=2026-05-21T00:00:00Z", vec!["i3"]),
    ] {
        assert_eq!(found(&client, &format!("/v1/interviews?{query}")).await, ids, "{query}");
    }
}
