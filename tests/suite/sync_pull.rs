//! What a device reads to keep its copy: changes page by page, the head, revisions.

use crate::device::{Copy, drain, first_sync, ids, page};
use crate::support::{create, database, opportunity};
use afterview_tests::{Client, TestApp, story};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The story, some changes, a deletion and what went along with it.
async fn busy_account(client: &Client) {
    let facts = story::record(client).await;
    story::debrief(client, &facts).await;
    create(client, "/v1/opportunities", opportunity("beta")).await;
    for n in 0..5 {
        let duty = json!({"id": format!("d{n}"), "opportunity_id": "beta", "kind": "form"});
        create(client, "/v1/commitments", duty).await;
    }
    client.patch("/v1/opportunities/acme", json!({"role": "Analyst"})).await.expect(200);
    assert_eq!(client.delete("/v1/opportunities/beta").await.status, 204);
    client.patch("/v1/contacts/anna", json!({"name": "Anna N."})).await.expect(200);
}

#[actix_web::test]
async fn small_pages_bring_what_one_large_page_brings() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    create(&client, "/v1/contacts", json!({"id": "early", "name": "E", "role": "interviewer"}))
        .await;
    let (_, cursor) = first_sync(&client).await;
    busy_account(&client).await;
    for from in [None, Some(cursor.as_str())] {
        let (once, _) = drain(&client, from, "").await;
        let revs: Vec<i64> = once.iter().map(|change| change["rev"].as_i64().unwrap()).collect();
        assert!(revs.is_sorted() && once.len() > 4, "{once:?}");
        for sizes in ["limit=1", "limit=2", "limit=3", "max_bytes=1", "max_bytes=1500"] {
            let (all, last) = drain(&client, from, sizes).await;
            assert_eq!(all, once, "{sizes}");
            let (rest, _) = drain(&client, last["cursor"].as_str(), sizes).await;
            assert_eq!(rest, [json!(null); 0]);
        }
    }
}

#[actix_web::test]
async fn a_record_that_changed_twice_comes_once_as_it_is_served() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    create(&client, "/v1/opportunities", opportunity("acme")).await;
    create(&client, "/v1/contacts", json!({"id": "anna", "name": "Anna", "role": "interviewer"}))
        .await;
    let (_, cursor) = first_sync(&client).await;
    for role in ["Analyst", "Engineer", "Manager"] {
        client.patch("/v1/opportunities/acme", json!({ "role": role })).await.expect(200);
    }
    let (changes, _) = drain(&client, Some(&cursor), "").await;
    let served = client.get("/v1/opportunities/acme").await;
    let expected = json!([{
        "c": "opportunities", "id": "acme", "rev": served.json()["rev"], "doc": served.json()
    }]);
    assert_eq!(json!(changes), expected);
    let text = page(&client, Some(&cursor), "").await.text;
    assert!(text.contains(&format!("\"doc\":{}}}", served.text)), "{text}");
}

#[actix_web::test]
async fn a_deletion_reaches_those_who_knew_the_record_and_nobody_else() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    create(&client, "/v1/opportunities", opportunity("acme")).await;
    let duty = json!({"id": "d1", "opportunity_id": "acme", "kind": "form"});
    create(&client, "/v1/commitments", duty).await;
    let (mut copy, cursor) = first_sync(&client).await;
    assert_eq!(client.delete("/v1/opportunities/acme").await.status, 204);
    let (changes, last) = drain(&client, Some(&cursor), "").await;
    let member = |name: &str| -> Vec<&Value> { changes.iter().map(|it| &it[name]).collect() };
    assert_eq!(ids(&changes), ["acme", "d1"]);
    assert_eq!(member("deleted"), [true, true]);
    assert_eq!(member("cascade_of"), [&json!(null), &json!("opportunities/acme")]);
    changes.iter().for_each(|change| copy.apply(change));
    assert_eq!(last["digest"], copy.digest());
    let (fresh, _) = first_sync(&client).await;
    assert_eq!(fresh, copy);
    let (all, _) = drain(&client, None, "limit=1").await;
    assert_eq!(ids(&all), ["me"]);
}

#[actix_web::test]
async fn a_deletion_during_the_first_sync_is_not_missed() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    for id in ["a", "b", "c", "d"] {
        create(&client, "/v1/opportunities", opportunity(id)).await;
    }
    assert_eq!(client.delete("/v1/opportunities/b").await.status, 204);
    let first = page(&client, None, "limit=2").await.expect(200);
    let seen = first["changes"].as_array().unwrap();
    assert_eq!(ids(seen), ["me", "a"]);
    assert_eq!(client.delete("/v1/opportunities/a").await.status, 204);
    let (rest, last) = drain(&client, first["cursor"].as_str(), "limit=1").await;
    let mut copy = Copy::default();
    seen.iter().chain(&rest).for_each(|change| copy.apply(change));
    assert_eq!(ids(&rest), ["c", "d", "a"]);
    assert_eq!(last["digest"], copy.digest());
}

#[actix_web::test]
async fn a_transaction_larger_than_a_page_is_said_to_be_split() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    create(&client, "/v1/opportunities", opportunity("acme")).await;
    for n in 0..3 {
        let duty = json!({"id": format!("d{n}"), "opportunity_id": "acme", "kind": "form"});
        create(&client, "/v1/commitments", duty).await;
    }
    let (_, cursor) = first_sync(&client).await;
    create(&client, "/v1/contacts", json!({"id": "anna", "name": "Anna", "role": "interviewer"}))
        .await;
    assert_eq!(client.delete("/v1/opportunities/acme").await.status, 204);
    let first = page(&client, Some(&cursor), "limit=3").await.expect(200);
    assert_eq!(ids(first["changes"].as_array().unwrap()), ["anna"]);
    assert_eq!((&first["has_more"], first.get("partial_txn")), (&json!(true), None));
    let second = page(&client, first["cursor"].as_str(), "limit=3").await.expect(200);
    assert_eq!(second["changes"].as_array().unwrap().len(), 3);
    assert_eq!((&second["has_more"], &second["partial_txn"]), (&json!(true), &json!(true)));
}

#[actix_web::test]
async fn a_reader_of_some_collections_gets_those_and_no_digest() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    busy_account(&client).await;
    let some = "collections=contacts,interviews";
    let (changes, last) = drain(&client, None, some).await;
    assert_eq!(ids(&changes), ["i1", "anna"]);
    assert_eq!(last.get("digest"), None);
    let cursor = last["cursor"].as_str();
    let (none, _) = drain(&client, cursor, "collections=interviews,contacts").await;
    assert_eq!(none, [json!(null); 0]);
    for other in ["", "collections=contacts"] {
        let refused = page(&client, cursor, other).await;
        let problem = refused.expect_problem("cursor_expired");
        assert!(problem["detail"].as_str().unwrap().starts_with("filter "), "{problem}");
    }
    for wrong in ["collections=", "collections=people", "limit=0", "max_bytes=x"] {
        page(&client, None, wrong).await.expect_problem("invalid_parameter");
    }
}

#[actix_web::test]
async fn a_cursor_of_somebody_else_or_of_nobody_leads_to_the_snapshot() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let (_, foreign) = first_sync(&bob).await;
    let (_, mut own) = first_sync(&alice).await;
    let mut bytes = URL_SAFE_NO_PAD.decode(&own).unwrap();
    bytes[9] = 0x7f;
    let ahead = URL_SAFE_NO_PAD.encode(&bytes);
    own.pop();
    for (cursor, reason) in
        [(foreign, "epoch"), (ahead, "epoch"), (own, "cursor"), ("garbage".to_owned(), "cursor")]
    {
        let refused = page(&alice, Some(&cursor), "").await;
        let problem = refused.expect_problem("cursor_expired");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with(&format!("{reason} (")), "{detail}");
        assert!(refused.status == 410 && detail.contains("/v1/sync/snapshot"), "{detail}");
    }
}

#[actix_web::test]
async fn whoever_missed_forgotten_deletions_begins_anew() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let (_, cursor) = first_sync(&client).await;
    busy_account(&client).await;
    let (_, fresh) = first_sync(&client).await;
    let begun = page(&client, None, "limit=1").await.expect(200);
    database(&app).run("UPDATE account_sync SET gc_floor = last_stamp");
    let problem = page(&client, Some(&cursor), "").await.expect_problem("cursor_expired");
    assert!(problem["detail"].as_str().unwrap().starts_with("expired "), "{problem}");
    page(&client, Some(&fresh), "").await.expect(200);
    drain(&client, begun["cursor"].as_str(), "limit=1").await;
    first_sync(&client).await;
}

#[actix_web::test]
async fn the_head_answers_304_until_something_is_written() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    busy_account(&client).await;
    let first = client.get("/v1/sync/head").await;
    let tag = first.header("etag").to_owned();
    let known = [("if-none-match", tag.as_str())];
    let ask = || client.send(Method::GET, "/v1/sync/head", &known, None);
    let same = ask().await;
    assert_eq!((same.status, same.text.as_str(), same.header("etag")), (304, "", tag.as_str()));
    let (copy, _) = first_sync(&client).await;
    let head = first.expect(200);
    assert_eq!(head["digest"], copy.digest());
    assert_eq!(head["live_records"], copy.0.len());
    assert_eq!(head["head"], copy.0.values().map(|(rev, _)| *rev).max().unwrap());
    assert_eq!(head["epoch"], page(&client, None, "").await.json()["epoch"]);
    client.patch("/v1/contacts/anna", json!({"name": "Anna"})).await.expect(200);
    let changed = ask().await.expect(200);
    assert!(changed["head"].as_i64() > head["head"].as_i64());
    assert_ne!(changed["digest"], head["digest"]);
}

#[actix_web::test]
async fn revisions_name_everything_alive_under_the_digest_of_the_head() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    busy_account(&client).await;
    let (copy, _) = first_sync(&client).await;
    let revs = client.get("/v1/sync/revs").await.expect(200);
    let listed = revs["items"].as_array().unwrap().iter();
    let listed: BTreeSet<(String, i64)> = listed
        .map(|it| {
            (
                format!("{}:{}", it["c"].as_str().unwrap(), it["id"].as_str().unwrap()),
                it["rev"].as_i64().unwrap(),
            )
        })
        .collect();
    let kept = copy.0.iter().map(|(name, (rev, _))| (name.clone(), *rev));
    assert_eq!(listed, kept.collect());
    let head = client.get("/v1/sync/head").await.expect(200);
    for member in ["head", "epoch", "digest"] {
        assert_eq!(revs[member], head[member], "{member}");
    }
    let some = client.get("/v1/sync/revs?collections=contacts").await.expect(200);
    assert_eq!(ids(some["items"].as_array().unwrap()), ["anna"]);
    assert_ne!(some["digest"], revs["digest"]);
}

#[actix_web::test]
async fn pages_are_compressed_for_those_who_ask() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    busy_account(&client).await;
    let plain = page(&client, None, "").await;
    let ask = [("accept-encoding", "gzip")];
    let packed = client.raw(Method::GET, "/v1/sync/changes", &ask, Vec::new()).await;
    assert_eq!((packed.status, packed.header("content-encoding")), (200, "gzip"));
    assert!(packed.bytes.len() < plain.bytes.len() / 2, "{}", packed.bytes.len());
}
