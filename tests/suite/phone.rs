//! A device that pushes: short mutations, and what must hold after every push.

use crate::device::{Copy, first_sync};
use crate::support::{create, opportunity, with};
use afterview_tests::{Answer, Client, TestApp};
use serde_json::{Value, json};

/// What a device's clock shows at every push of these tests; `at` of a mutation counts from here.
pub(crate) const CLOCK: i64 = 0;

/// Two devices of one account.
pub(crate) async fn two(app: &TestApp) -> (Client, Client) {
    let phone = app.user("candidate").await;
    let tablet = another(&phone).await;
    (phone, tablet)
}

/// Two devices that know the opportunity `acme` with these fields besides, ten minutes later; and its
/// revision.
pub(crate) async fn with_acme(app: &TestApp, fields: Value) -> (Client, Client, Value) {
    let (phone, tablet) = two(app).await;
    let made = create(&phone, "/v1/opportunities", with(opportunity("acme"), &fields)).await;
    app.clock.set("2026-05-06T19:15:00Z");
    (phone, tablet, made["rev"].clone())
}

/// The interview `i1` of `acme`, from 20:00 to 21:00 on the day, and its revision.
pub(crate) async fn interview(client: &Client, fields: Value) -> Value {
    let body = json!({
        "id": "i1", "opportunity_id": "acme",
        "starts_at": "2026-05-06T20:00:00Z", "ends_at": "2026-05-06T21:00:00Z",
    });
    create(client, "/v1/interviews", with(body, &fields)).await["rev"].clone()
}

/// Another device of the account `candidate`.
pub(crate) async fn another(client: &Client) -> Client {
    let body = json!({"email": "candidate@example.org", "password": "correct horse battery"});
    let tokens = client.post("/v1/auth/login", body).await.expect(200);
    let mut device = client.clone();
    device.sign_in_with(&tokens);
    device
}

/// The mutation called `mid` of the record `collection/id`.
pub(crate) fn mutation(mid: &str, op: &str, record: &str, more: Value) -> Value {
    let (collection, id) = record.split_once('/').unwrap();
    let mut mutation = json!({"mid": mid, "c": collection, "id": id, "op": op});
    let Value::Object(more) = more else { panic!("more members: {more}") };
    mutation.as_object_mut().unwrap().extend(more);
    mutation
}

/// A patch of the record `collection/id`, seen at `base`.
pub(crate) fn patch(mid: &str, record: &str, base: &Value, set: Value) -> Value {
    let mut patch = mutation(mid, "patch", record, json!({ "base": base }));
    patch["set"] = set;
    patch
}

/// `mutation` made that many milliseconds before it is sent.
pub(crate) fn ago(mutation: Value, age: i64) -> Value {
    with(mutation, &json!({ "at": -age }))
}

/// A round that pushes `mutations` and begins to read from nothing.
pub(crate) fn round(mutations: &Value) -> Value {
    json!({"protocol": 1, "schema": 1, "client_time": CLOCK, "mutations": mutations})
}

/// Sends a round as it is.
pub(crate) async fn send(client: &Client, body: Value) -> Answer {
    client.post("/v1/sync", body).await
}

/// Pushes mutations, checks that the account is in order, and gives the results.
pub(crate) async fn push(client: &Client, mutations: Value) -> Vec<Value> {
    let answer = send(client, round(&mutations)).await.expect(200);
    let results = answer["results"].as_array().unwrap().clone();
    assert_eq!(results.len(), mutations.as_array().unwrap().len());
    for (mutation, result) in mutations.as_array().unwrap().iter().zip(&results) {
        assert_eq!(result["mid"], mutation["mid"].as_str().unwrap_or_default());
    }
    in_order(client, &answer).await;
    results
}

/// Pushes one mutation and gives its result.
pub(crate) async fn one(client: &Client, mutation: Value) -> Value {
    push(client, json!([mutation])).await.remove(0)
}

/// Pushes one mutation, which must end so, and gives its result.
pub(crate) async fn ends(client: &Client, mutation: Value, status: &str) -> Value {
    let result = one(client, mutation).await;
    assert_eq!(result["status"], status, "{result:#}");
    result
}

/// Pushes one mutation, which must be refused with that code; what it said must have been kept.
pub(crate) async fn refused(client: &Client, mutation: Value, code: &str) -> Value {
    let result = ends(client, mutation.clone(), "rejected").await;
    assert_eq!(result["error"]["code"], code, "{result:#}");
    kept(client, &mutation).await;
    result
}

/// The answered digest is that of the revisions, and everything alive can be read.
pub(crate) async fn in_order(client: &Client, answer: &Value) {
    let revs = client.get("/v1/sync/revs").await.expect(200);
    let mut copy = Copy::default();
    for it in revs["items"].as_array().unwrap() {
        let name = format!("{}:{}", it["c"].as_str().unwrap(), it["id"].as_str().unwrap());
        copy.0.insert(name, (it["rev"].as_i64().unwrap(), Value::Null));
    }
    assert_eq!(revs["digest"], copy.digest());
    if answer["has_more"] == false && answer.get("reset").is_none() {
        assert_eq!(answer["digest"], revs["digest"]);
    }
    let head = client.get("/v1/sync/head").await.expect(200);
    assert_eq!(head["live_records"], copy.0.len());
}

/// All conflicts, oldest first.
pub(crate) async fn conflicts(client: &Client) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("/v1/sync/conflicts?limit=200{cursor}")).await.expect(200);
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else { return all };
        cursor = format!("&cursor={next}");
    }
}

/// The conflict that keeps a refused mutation word for word.
pub(crate) async fn kept(client: &Client, mutation: &Value) -> Value {
    let all = conflicts(client).await;
    let found: Vec<_> = all.iter().filter(|it| it["mutation"] == *mutation).collect();
    assert_eq!(found.len(), 1, "{mutation} in {all:#?}");
    assert_eq!((&found[0]["reason"], &found[0]["state"]), (&json!("rejected"), &json!("open")));
    found[0].clone()
}

/// The one conflict there is.
pub(crate) async fn only_conflict(client: &Client) -> Value {
    let all = conflicts(client).await;
    assert_eq!(all.len(), 1, "{all:#?}");
    all[0].clone()
}

/// The record `collection/id` as it is synced; null when there is none alive.
pub(crate) async fn stored(client: &Client, record: &str) -> Value {
    let (copy, _) = first_sync(client).await;
    copy.0.get(&record.replacen('/', ":", 1)).map_or(Value::Null, |(_, doc)| doc.clone())
}
