//! Rounds that are wrong as a whole: a problem that names the limit or the place, and nothing happens;
//! and cursors of no use, which do not stop what the device has to say.

use crate::device::first_sync;
use crate::phone::{conflicts, in_order, mutation, round, send, stored};
use crate::support::{create, opportunity, pointers, with};
use afterview_tests::{Answer, Client, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

const LIMIT: usize = 4 * 1024 * 1024;

/// A good mutation, by which one sees whether anything was carried out.
fn good(n: usize) -> Value {
    let set = json!({"set": {"name": format!("Contact {n}"), "role": "referee"}});
    mutation(&format!("good-{n}"), "create", &format!("contacts/c{n}"), set)
}

async fn raw(client: &Client, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
    let headers = [&[("content-type", "application/json")], headers].concat();
    client.raw(Method::POST, "/v1/sync", &headers, body).await
}

async fn untouched(client: &Client) {
    let (copy, _) = first_sync(client).await;
    assert_eq!(copy.0.keys().collect::<Vec<_>>(), ["preferences:me"]);
}

/// The text of a round with one good mutation, made that long with blanks.
fn padded(length: usize) -> Vec<u8> {
    let mut text = round(&json!([good(1)])).to_string();
    text.extend(std::iter::repeat_n(' ', length - text.len()));
    text.into_bytes()
}

/// The head of a JSON object and then nothing but blanks, as gzip (RFC 1952): a stored block, and a
/// block of one blank repeated, 258 at a time (RFC 1951).
fn small_gzip_of_many_blanks(count: usize) -> Vec<u8> {
    let mut bits: Vec<bool> = vec![true, true, false];
    let huffman = |code: u16, length: u16| (0..length).rev().map(move |at| code >> at & 1 == 1);
    bits.extend(huffman(0x30 + u16::from(b' '), 8));
    for _ in 0..count / 258 {
        bits.extend(huffman(0b1100_0101, 8).chain(huffman(0, 5)));
    }
    bits.extend(huffman(0, 7));
    let pack = |bits: &[bool]| bits.iter().rev().fold(0_u8, |byte, bit| byte << 1 | u8::from(*bit));
    let body: Vec<u8> = bits.chunks(8).map(pack).collect();
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let stored = [0, 1, 0, 0xfe, 0xff, b'{'];
    [&head[..], &stored, &body, &[0; 8]].concat()
}

#[actix_web::test]
async fn a_body_up_to_the_limit_is_read_and_a_longer_one_is_refused_by_name() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let problem = raw(&client, &[], padded(LIMIT + 1)).await;
    assert_eq!(problem.status, 413);
    let problem = problem.expect_problem("body_too_large");
    assert!(problem["detail"].as_str().unwrap().contains("4194304"), "{problem}");
    untouched(&client).await;
    raw(&client, &[], padded(LIMIT)).await.expect(200);
    assert_eq!(stored(&client, "contacts/c1").await["name"], "Contact 1");
}

#[actix_web::test]
async fn a_small_body_that_unpacks_to_too_much_is_refused_by_the_same_limit() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let packed = small_gzip_of_many_blanks(64 * LIMIT);
    assert!(packed.len() < LIMIT / 2, "{}", packed.len());
    let refused = raw(&client, &[("content-encoding", "gzip")], packed).await;
    assert_eq!(refused.status, 413, "{}", refused.text);
    let problem = refused.expect_problem("body_too_large");
    assert!(problem["detail"].as_str().unwrap().contains("4194304"), "{problem}");
    // Below the limit it is read to its end, which lacks the right checksum.
    let fine = small_gzip_of_many_blanks(2 * 258);
    raw(&client, &[("content-encoding", "gzip")], fine).await.expect_problem("bad_request");
    untouched(&client).await;
}

#[actix_web::test]
async fn five_hundred_mutations_are_carried_out_and_one_more_is_refused_by_name() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let many = |count: usize| json!((0..count).map(good).collect::<Vec<_>>());
    let refused = send(&client, round(&many(501))).await;
    assert_eq!(refused.status, 413);
    let problem = refused.expect_problem("body_too_large");
    assert!(problem["detail"].as_str().unwrap().contains("500"), "{problem}");
    untouched(&client).await;
    let body = with(round(&many(500)), &json!({"max_changes": 1000}));
    let answer = send(&client, body).await.expect(200);
    let results = answer["results"].as_array().unwrap();
    assert!(results.len() == 500 && results.iter().all(|it| it["status"] == "applied"));
    in_order(&client, &answer).await;
}

#[actix_web::test]
async fn a_round_that_is_wrong_as_a_whole_names_the_place_and_does_nothing() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let fine = round(&json!([good(1)]));
    for (pointer, wrong) in [
        ("/protocol", json!({"protocol": 2})),
        ("/protocol", json!({"protocol": null})),
        ("/protocol", json!({"protocol": "1"})),
        ("/schema", json!({"schema": 0})),
        ("/schema", json!({"schema": 1.5})),
        ("/client_time", json!({"client_time": null})),
        ("/client_time", json!({"client_time": i64::MAX})),
        ("/client_time", json!({"client_time": i64::MIN})),
        ("/client_time", json!({"client_time": 8_640_000_000_000_001_i64})),
        ("/client_time", json!({"client_time": 1.5})),
        ("/client_time", json!({"client_time": "0"})),
        ("/cursor", json!({"cursor": 7})),
        ("/cursor", json!({"cursor": "x".repeat(201)})),
        ("/max_changes", json!({"max_changes": 0})),
        ("/max_bytes", json!({"max_bytes": -1})),
        ("/collections", json!({"collections": []})),
        ("/collections/0", json!({"collections": ["people"]})),
        ("/app", json!({"app": "mine"})),
        ("/device_id", json!({"device_id": 7})),
        ("/mutations", json!({"mutations": {"0": good(1)}})),
        ("/mutations", json!({"mutations": "m1"})),
        ("/frobnicate", json!({"frobnicate": 1})),
    ] {
        let answer = send(&client, with(fine.clone(), &wrong)).await;
        let problem = answer.expect_problem("validation_failed");
        assert_eq!(pointers(&problem), [pointer], "{problem}");
    }
    for body in ["[]", "7", "\"x\""] {
        raw(&client, &[], body.into()).await.expect_problem("validation_failed");
    }
    for body in ["{", "{\"protocol\":1,}", "\u{feff}{}", "{\"protocol\":NaN}"] {
        raw(&client, &[], body.into()).await.expect_problem("malformed_json");
    }
    untouched(&client).await;
    send(&client, fine).await.expect(200);
}

#[actix_web::test]
async fn a_mutation_that_is_no_object_is_refused_by_itself_and_kept() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let body = with(
        json!({"protocol": 1, "schema": 1, "client_time": 0}),
        &json!({
            "mutations": [good(1), "typed by hand", null, good(2)],
        }),
    );
    let answer = send(&client, body).await.expect(200);
    let statuses: Vec<_> =
        answer["results"].as_array().unwrap().iter().map(|it| &it["status"]).collect();
    assert_eq!(statuses, ["applied", "rejected", "rejected", "applied"]);
    let kept = client.get("/v1/sync/conflicts").await.text;
    assert!(kept.contains("typed by hand"), "{kept}");
}

#[actix_web::test]
async fn nesting_without_end_is_refused_and_does_nothing() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    for depth in [128, 10_000, 500_000] {
        let nested = ["[".repeat(depth), "]".repeat(depth)].concat();
        let head = r#"{"protocol":1,"schema":1,"client_time":0,"#;
        for body in [
            format!(r#"{head}"mutations":{nested}}}"#),
            format!(
                r#"{head}"mutations":[{{"mid":"m1","c":"contacts","id":"a","op":"create","set":{{"name":{nested}}}}}]}}"#
            ),
            nested.clone(),
        ] {
            raw(&client, &[], body.into_bytes()).await.expect_problem("malformed_json");
        }
    }
    untouched(&client).await;
}

#[actix_web::test]
async fn a_cursor_of_no_use_does_not_keep_the_outbox_from_arriving() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    create(&bob, "/v1/opportunities", opportunity("his")).await;
    let (_, foreign) = first_sync(&bob).await;
    for (n, (cursor, reason)) in [
        (foreign, "epoch"),
        ("garbage".to_owned(), "cursor"),
        (String::new(), "cursor"),
        ("\u{1f389}".to_owned(), "cursor"),
        ("A".repeat(200), "cursor"),
    ]
    .into_iter()
    .enumerate()
    {
        let body = with(round(&json!([good(n)])), &json!({ "cursor": cursor }));
        let answer = send(&alice, body).await.expect(200);
        assert_eq!(answer["results"][0]["status"], "applied", "{cursor}");
        assert_eq!(
            answer["reset"],
            json!({"reason": reason, "snapshot": "/v1/sync/snapshot"}),
            "{cursor}"
        );
        assert_eq!((&answer["changes"], answer.get("cursor")), (&json!([]), None));
        assert!(!answer.to_string().contains("his"));
        in_order(&alice, &answer).await;
        assert_eq!(stored(&alice, &format!("contacts/c{n}")).await["name"], format!("Contact {n}"));
    }
    assert_eq!(conflicts(&alice).await.len(), 0);
}
