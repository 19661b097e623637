//! The snapshot: complete, in order, and as good resumed as in one go.

use crate::device::Copy;
use crate::support::{create, opportunity, with};
use afterview_domain::entities::Collection;
use afterview_tests::{Client, TestApp, story};
use reqwest::Method;
use serde_json::{Value, json};

/// The lines of a stream: the first, the records, the last.
async fn stream(client: &Client, query: &str) -> (Value, Vec<Value>, Value) {
    let answer = client.get(&format!("/v1/sync/snapshot{query}")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"));
    assert!(answer.text.ends_with('\n'));
    let mut lines: Vec<Value> =
        answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (first, last) = (lines.remove(0), lines.pop().unwrap());
    assert_eq!((&last["end"], &last["count"]), (&json!(true), &json!(lines.len())));
    assert_eq!(last["digest"], copy_of(&lines).digest());
    (first, lines, last)
}

fn copy_of(lines: &[Value]) -> Copy {
    let mut copy = Copy::default();
    lines.iter().for_each(|line| copy.apply(line));
    copy
}

fn name(line: &Value) -> String {
    format!("{}:{}", line["c"].as_str().unwrap(), line["id"].as_str().unwrap())
}

/// The story, an opportunity that went, and more contacts than are read at once.
async fn account(client: &Client) {
    let facts = story::record(client).await;
    story::debrief(client, &facts).await;
    create(client, "/v1/opportunities", opportunity("gone")).await;
    assert_eq!(client.delete("/v1/opportunities/gone").await.status, 204);
    for n in 0..103 {
        let contact = json!({"id": format!("p{n}"), "name": "P", "role": "interviewer"});
        create(client, "/v1/contacts", contact).await;
    }
}

#[actix_web::test]
async fn everything_alive_comes_once_with_parents_first() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    account(&client).await;
    let (first, lines, last) = stream(&client, "").await;
    let head = client.get("/v1/sync/head").await.expect(200);
    assert_eq!((&last["digest"], &last["count"]), (&head["digest"], &head["live_records"]));
    assert_eq!(first["epoch"], head["epoch"]);
    let place = |line: &Value| {
        let collection = Collection::from_word(line["c"].as_str().unwrap()).unwrap();
        let place = Collection::ALL.iter().position(|it| *it == collection).unwrap();
        (place, line["id"].as_str().unwrap().to_owned())
    };
    assert!(lines.is_sorted_by(|one, next| place(one) < place(next)));
    let counts = first["counts"].as_object().unwrap();
    for (collection, count) in counts {
        let listed = lines.iter().filter(|line| line["c"] == collection.as_str()).count();
        assert_eq!(json!(listed), *count, "{collection}");
    }
    let record = client.get("/v1/interviews/i1").await.json();
    let line = lines.iter().find(|line| line["id"] == "i1").unwrap();
    assert_eq!(*line, json!({"c": "interviews", "id": "i1", "rev": record["rev"], "doc": record}));
    let rest = format!("/v1/sync/changes?cursor={}", first["cursor"].as_str().unwrap());
    let rest = client.get(&rest).await.expect(200);
    assert_eq!((&rest["changes"], &rest["digest"]), (&json!([]), &last["digest"]));
}

#[actix_web::test]
async fn a_stream_resumed_anywhere_is_as_good_as_a_whole_one() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    account(&client).await;
    let (first, whole, _) = stream(&client, "").await;
    let cursor = first["cursor"].as_str().unwrap();
    for taken in [0, 1, 2, 50, 100, 101, 103, whole.len() - 1, whole.len()] {
        let query = match whole[..taken].last() {
            Some(line) => format!("?after={}&cursor={cursor}", name(line)),
            None => format!("?cursor={cursor}"),
        };
        let (again, rest, _) = stream(&client, &query).await;
        assert_eq!([&whole[..taken], &rest].concat(), whole, "{taken}");
        assert_eq!(again, first);
    }
}

#[actix_web::test]
async fn what_changes_while_a_stream_is_broken_comes_with_the_changes_after_the_first_cursor() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    account(&client).await;
    let (first, whole, _) = stream(&client, "").await;
    let cursor = first["cursor"].as_str().unwrap();
    let part = &whole[..50];
    client.patch("/v1/opportunities/acme", json!({"role": "Analyst"})).await.expect(200);
    assert_eq!(client.delete("/v1/contacts/p0").await.status, 204);
    create(&client, "/v1/opportunities", opportunity("new")).await;
    let query = format!("?after={}&cursor={cursor}", name(&part[49]));
    let (again, rest, _) = stream(&client, &query).await;
    assert_eq!(again["cursor"], cursor);
    let mut copy = copy_of(&[part, &rest].concat());
    let changes = client.get(&format!("/v1/sync/changes?cursor={cursor}")).await.expect(200);
    changes["changes"].as_array().unwrap().iter().for_each(|change| copy.apply(change));
    assert_eq!(changes["digest"], copy.digest());
    let (_, fresh, _) = stream(&client, "").await;
    assert_eq!(copy_of(&fresh), copy);
}

#[actix_web::test]
async fn what_the_next_interviews_need_goes_first_and_nothing_comes_twice() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    account(&client).await;
    for (id, day) in [("soon", "2026-06-01"), ("far", "2026-08-01"), ("sooner", "2026-05-07")] {
        create(&client, "/v1/opportunities", opportunity(&format!("of-{id}"))).await;
        let met = json!({"id": format!("zz-{id}"), "name": "Z", "role": "interviewer"});
        create(&client, "/v1/contacts", met).await;
        let interview = json!({
            "id": id, "opportunity_id": format!("of-{id}"),
            "starts_at": format!("{day}T12:00:00Z"), "ends_at": format!("{day}T13:00:00Z"),
            "attendees": [{"contact_id": format!("zz-{id}")}],
        });
        create(&client, "/v1/interviews", interview).await;
    }
    let (_, plain, _) = stream(&client, "").await;
    let (first, lines, _) = stream(&client, "?scope=recent").await;
    assert_eq!(lines.len(), plain.len());
    assert_eq!(copy_of(&lines), copy_of(&plain));
    let recent: Vec<&Value> = lines.iter().take_while(|line| line["recent"] == true).collect();
    let names: Vec<String> = recent.iter().map(|line| name(line)).collect();
    assert_eq!(
        names,
        [
            "preferences:me",
            "opportunities:of-soon",
            "opportunities:of-sooner",
            "contacts:zz-soon",
            "contacts:zz-sooner",
            "interviews:soon",
            "interviews:sooner",
        ]
    );
    assert!(lines[recent.len()..].iter().all(|line| line.get("recent").is_none()));
    // Broken in the middle of the rest: resumed without the scope, and nothing is missing.
    let (part, cursor) = (&lines[..90], first["cursor"].as_str().unwrap());
    let query = format!("?after={}&cursor={cursor}", name(&part[89]));
    let (_, rest, _) = stream(&client, &query).await;
    assert_eq!(copy_of(&[part, &rest].concat()), copy_of(&plain));
}

#[actix_web::test]
async fn a_place_or_a_cursor_that_cannot_be_is_refused() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let ask = async |query: &str| client.get(&format!("/v1/sync/snapshot?{query}")).await;
    for wrong in [
        "after=me",
        "after=people:me",
        "after=contacts:",
        "after=contacts:a%20b",
        "scope=all",
        "scope=recent&after=contacts:a",
    ] {
        ask(wrong).await.expect_problem("invalid_parameter");
    }
    ask("cursor=garbage").await.expect_problem("cursor_expired");
    let foreign = app.user("other").await;
    let (first, _, _) = stream(&foreign, "").await;
    let cursor = format!("cursor={}", first["cursor"].as_str().unwrap());
    ask(&cursor).await.expect_problem("cursor_expired");
}

#[actix_web::test]
async fn a_record_larger_than_a_piece_passes_whole() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let notes = "ä".repeat(19_000);
    for n in 0..12 {
        let large = with(opportunity(&format!("o{n}")), &json!({ "notes": notes }));
        create(&client, "/v1/opportunities", large).await;
    }
    let (_, lines, _) = stream(&client, "").await;
    assert_eq!(lines.iter().filter(|line| line["doc"]["notes"] == notes.as_str()).count(), 12);
}

#[actix_web::test]
async fn a_stream_is_compressed_for_those_who_ask_to_its_last_byte() {
    // Where a stream is cut into blocks is a matter of scheduling.
    for app in TestApp::each().await {
        let client = app.user("candidate").await;
        account(&client).await;
        let plain = client.get("/v1/sync/snapshot").await;
        let ask = [("accept-encoding", "gzip")];
        let packed = client.raw(Method::GET, "/v1/sync/snapshot", &ask, Vec::new()).await;
        assert_eq!((packed.status, packed.header("content-encoding")), (200, "gzip"));
        assert!(packed.bytes.len() < plain.bytes.len() / 4, "{}", packed.bytes.len());
        // gzip ends with the length of what was packed (RFC 1952).
        let (_, length) = packed.bytes.split_last_chunk::<4>().unwrap();
        assert_eq!(u32::from_le_bytes(*length), u32::try_from(plain.bytes.len()).unwrap());
    }
}
