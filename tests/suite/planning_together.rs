//! Opportunities that one push touches are planned anew together: as if each had been written alone, and
//! none stands in the way of the others.

use crate::phone::{mutation, patch, round, send};
use crate::support::{create, database, opportunity};
use afterview_tests::{Client, TestApp, story};
use serde_json::{Value, json};

/// What is kept of plans and reminders, without what tells when the last news came.
const KEPT: &str = "SELECT opportunity_id || ' ' || versions || ' ' || outline || ' ' \
    || COALESCE(CAST(next_change_at AS TEXT), 'never') AS line \
    FROM plans JOIN accounts USING (account_id) WHERE email = ";
const REMINDERS: &str = "SELECT action_key || ' ' || opportunity_id || ' ' || follow_up_id || ' ' \
    || kind || ' ' || CAST(remind_at AS TEXT) || ' ' || CAST(ideal AS TEXT) || ' ' \
    || CAST(useful_until AS TEXT) AS line \
    FROM reminders JOIN accounts USING (account_id) WHERE email = ";

const CURRENT: &str = "SELECT opportunity_id AS line FROM plans \
    WHERE versions NOT IN ('postponed', 'older') ORDER BY opportunity_id";

fn made(mid: &str, record: &str, set: &Value) -> Value {
    mutation(mid, "create", record, json!({ "set": set }))
}

/// The interview `id` of an opportunity, from 15:00 to 16:00 on the day, and what they promised then.
fn met(opportunity_id: &str, id: &str) -> [Value; 2] {
    let interview = json!({
        "opportunity_id": opportunity_id,
        "starts_at": "2026-05-06T15:00:00Z", "ends_at": "2026-05-06T16:00:00Z",
    });
    let promise = json!({"opportunity_id": opportunity_id, "text": "by the end of the week"});
    [
        made(&format!("i{id}"), &format!("interviews/{id}"), &interview),
        made(&format!("p{id}"), &format!("expectations/p{id}"), &promise),
    ]
}

fn role(mid: &str, id: &str) -> Value {
    made(mid, &format!("opportunities/{id}"), &json!({"employer": id, "role": "Engineer"}))
}

async fn push_all(client: &Client, mutations: &[Value]) {
    let answer = send(client, round(&json!(mutations))).await.expect(200);
    for result in answer["results"].as_array().unwrap() {
        assert_eq!(result["status"], "applied", "{result}");
    }
}

#[actix_web::test]
async fn what_is_planned_together_is_kept_as_if_each_had_been_planned_alone() {
    let app = TestApp::start().await;
    let (together, alone) = (app.user("together").await, app.user("alone").await);
    app.clock.set("2026-05-06T19:15:00Z");
    let mut first = vec![role("a", "acme"), role("b", "bolt"), role("c", "core")];
    first.extend(met("acme", "1"));
    first.extend(met("bolt", "2"));
    first.extend(met("core", "3"));
    push_all(&together, &first).await;
    for one in first {
        push_all(&alone, &[one]).await;
    }
    assert_eq!(both(&app), (3, 3));
    push_all(&together, &then(&together).await).await;
    for one in then(&alone).await {
        push_all(&alone, &[one]).await;
    }
    assert_eq!(both(&app), (3, 2));
}

/// Pushes that follow: a reply, a later interview, an opportunity less and one more.
async fn then(client: &Client) -> [Value; 4] {
    let rev =
        async |record: &str| client.get(&format!("/v1/{record}")).await.expect(200)["rev"].clone();
    let reply = json!({"opportunity_id": "bolt", "at": "2026-05-06T19:10:00Z", "kind": "reject"});
    let moved = json!({"starts_at": "2026-05-06T17:00:00Z", "ends_at": "2026-05-06T18:00:00Z"});
    let base = rev("opportunities/core").await;
    [
        made("r", "replies/r", &reply),
        patch("m", "interviews/1", &rev("interviews/1").await, moved),
        mutation("d", "delete", "opportunities/core", json!({ "base": base })),
        role("e", "east"),
    ]
}

/// How many plans and how many reminders both accounts have, which are the same.
fn both(app: &TestApp) -> (usize, usize) {
    let rows = |query: &str, name: &str| {
        database(app).lines(&format!("{query} '{name}@example.org' ORDER BY 1"))
    };
    let (plans, reminders) = (rows(KEPT, "together"), rows(REMINDERS, "together"));
    assert_eq!(plans, rows(KEPT, "alone"));
    assert_eq!(reminders, rows(REMINDERS, "alone"));
    (plans.len(), reminders.len())
}

#[actix_web::test]
async fn a_corrupt_record_puts_off_its_own_plan_and_no_other_of_the_same_push() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    story::debrief(&client, &facts).await;
    create(&client, "/v1/opportunities", opportunity("zeta")).await;
    database(&app).run("UPDATE records SET doc = '{}' WHERE collection = 'expectations'");
    database(&app).run("UPDATE plans SET versions = 'older', next_change_at = NULL");
    let acme = client.get("/v1/opportunities/acme").await.expect(200);
    let mut push = vec![patch("n", "opportunities/acme", &acme["rev"], json!({"notes": "mine"}))];
    push.push(role("b", "bolt"));
    push.extend(met("bolt", "2"));
    push.extend(met("zeta", "3"));
    push_all(&client, &push).await;
    assert_eq!(database(&app).lines(CURRENT), ["acme", "bolt", "zeta"]);
    // The clock stands at 19:05; an hour later it is tried again.
    let put_off = "SELECT opportunity_id AS line FROM plans WHERE next_change_at = 1778097900000";
    assert_eq!(database(&app).lines(put_off), ["acme"]);
    for id in ["bolt", "zeta"] {
        assert_ne!(database(&app).count(&format!("reminders WHERE opportunity_id = '{id}'")), 0);
    }
}

#[actix_web::test]
async fn what_has_very_many_records_is_postponed_and_its_neighbours_are_not() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    story::debrief(&client, &facts).await;
    // Two more with 600 records each: too many to be read at once, but not by themselves.
    push_all(&client, &[role("b", "bolt"), role("c", "core")]).await;
    for (owner, many, after) in [("acme", 1_000, 0), ("bolt", 600, 1_000), ("core", 600, 2_000)] {
        let copies = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many}) \
             INSERT INTO records SELECT account_id, collection, '{owner}' || i, \
             i + {after}, i, NULL, NULL, txn, '{owner}', sort_at, \
             replace(replace(doc, '\"id\":\"anna\"', '\"id\":\"' || '{owner}' || i || '\"'), \
             '\"opportunity_id\":\"acme\"', '\"opportunity_id\":\"{owner}\"'), field_meta, extra \
             FROM records, n WHERE id = 'anna'",
        );
        assert_eq!(database(&app).run(&copies), many);
    }
    let revs = ["acme", "bolt", "core"].map(|id| format!("opportunities/{id}"));
    let mut push = Vec::new();
    for (number, record) in revs.iter().enumerate() {
        let stored = client.get(&format!("/v1/{record}")).await.expect(200);
        let note = json!({"notes": "full house"});
        push.push(patch(&format!("n{number}"), record, &stored["rev"], note));
    }
    database(&app).run("UPDATE plans SET versions = 'older'");
    push_all(&client, &push).await;
    assert_eq!(database(&app).lines(CURRENT), ["bolt", "core"]);
}
