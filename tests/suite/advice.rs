//! The advice explained and tried out: tact, what they see, what would be, what changed.

use crate::support::{create, database, item, pointers};
use afterview_tests::{Client, TestApp, story};
use chrono::DateTime;
use serde_json::{Value, json};

const PLAN: &str = "/v1/opportunities/acme/plan";
const SIMULATE: &str = "/v1/opportunities/acme/simulate";

/// A client after the debrief of the story, and the ids of its thanks and its follow-up.
async fn told(app: &TestApp) -> (Client, String, String) {
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    let plan = story::debrief(&client, &facts).await;
    let id = |kind: &str| item(&plan, kind)["id"].as_str().unwrap().to_owned();
    let (thanks, follow_up) = (id("thank_you"), id("follow_up"));
    (client, thanks, follow_up)
}

fn rules(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|reason| reason["rule"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_tact_check_says_what_speaks_for_and_against_an_idea() {
    let app = TestApp::start().await;
    let (client, _, follow_up) = told(&app).await;
    let path = format!("/v1/follow-ups/{follow_up}/tact-check");
    let idea = json!({"at": "2026-05-09T14:00:00Z", "channel": "phone"});
    let check = client.post(&path, idea).await.expect(200);
    let points: Vec<_> = check["tact"]["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| (point["points"].as_i64().unwrap(), point["reason"]["rule"].as_str().unwrap()))
        .collect();
    assert_eq!(
        points,
        [
            (80, "TACT-START"),
            (10, "TACT-AFTER-PROMISE"),
            (-10, "TACT-EARLY"),
            (-20, "TACT-DAY-OFF"),
            (-15, "TACT-CALL"),
        ]
    );
    assert_eq!((&check["tact"]["score"], &check["tact"]["band"]), (&json!(45), &json!("risky")));
    assert_eq!(rules(&check["tact"]["concerns"]), ["TACT-CHANNEL"]);
    let seen = check["manager_view"]["summary"].as_str().unwrap();
    assert!(seen.contains("Saturday 9 May, 10:00"), "{seen}");
    let as_planned = client.post(&path, json!({"at": check["do_at"]})).await.expect(200);
    assert_eq!(as_planned["tact"]["score"], check["tact_at_do"]);
    let nobody = client.post(&path, json!({"to": "nobody"})).await.expect(422);
    assert_eq!(pointers(&nobody), ["/to"]);
}

#[actix_web::test]
async fn what_is_not_open_any_more_has_no_tact_to_check() {
    let app = TestApp::start().await;
    let (client, thanks, _) = told(&app).await;
    client.post(&format!("/v1/follow-ups/{thanks}/skip"), json!({})).await.expect(200);
    let path = format!("/v1/follow-ups/{thanks}/tact-check");
    assert_eq!(client.post(&path, json!({})).await.expect(409)["code"], "wrong_state");
    let unknown = "/v1/follow-ups/unknown/tact-check";
    assert_eq!(client.post(unknown, json!({})).await.expect(404)["code"], "not_found");
}

#[actix_web::test]
async fn one_follow_up_says_how_its_tact_comes_about_and_what_they_see() {
    let app = TestApp::start().await;
    let (client, _, follow_up) = told(&app).await;
    let read = client.get(&format!("/v1/follow-ups/{follow_up}")).await.expect(200);
    assert_eq!(read["tact"]["score"], read["tact_now"]);
    assert_eq!(read["manager_view"]["promised_by"], "2026-05-08");
    assert_eq!((&read["to"], &read["contact_name"]), (&json!("employer"), &json!("Anna Novak")));
    assert!(rules(&read["reasons"]).contains(&"W1-RECIPIENT"));
}

#[actix_web::test]
async fn a_simulation_shows_what_would_be_and_stores_nothing() {
    let app = TestApp::start().await;
    let (client, thanks, follow_up) = told(&app).await;
    let before = client.get(PLAN).await.expect(200);
    let rows = database(&app).count("records");
    let supposed = json!({
        "now": "2026-05-12T14:00:00Z",
        "sent": [{"follow_up_id": thanks, "sent_at": "2026-05-07T13:00:00Z"}],
        "replies": [{"kind": "new_date", "text": "by next Friday", "at": "2026-05-12T13:00:00Z"}],
    });
    let would = client.post(SIMULATE, supposed).await.expect(200);
    let asked = item(&would["plan"], "follow_up");
    assert_eq!((&asked["id"], &asked["verdict"]), (&json!(follow_up), &json!("too_soon")));
    let changes = would["changes"].as_array().unwrap();
    let change = changes.iter().find(|change| change["follow_up_id"] == follow_up.as_str());
    let change = change.unwrap();
    assert_eq!(change["change"], "moved");
    assert_eq!(change["text"], "Moved to Wednesday 27 May at 10:00: ask where things stand.");
    assert_eq!(change["because"]["rule"], "F1-PROMISE");
    assert_eq!(client.get(PLAN).await.expect(200), before);
    assert_eq!(database(&app).count("records"), rows);
}

#[actix_web::test]
async fn every_kind_of_fact_can_be_supposed() {
    let app = TestApp::start().await;
    let (client, ..) = told(&app).await;
    let at = "2026-05-11T15:00:00Z";
    for (name, fact, change) in [
        ("opportunity", json!({"contact_policy": "no_status"}), "blocked"),
        (
            "interviews",
            json!([{"starts_at": "2026-05-20T15:00:00Z", "ends_at": "2026-05-20T16:00:00Z"}]),
            "added",
        ),
        ("expectations", json!([{"text": "by June 5", "spoken_at": at}]), "moved"),
        ("commitments", json!([{"kind": "references", "spoken_at": at}]), "added"),
        ("replies", json!([{"kind": "reject", "at": at}]), "added"),
        (
            "offers",
            json!([{"opportunity_id": "other", "received_at": at, "deadline": "2026-05-20T15:00:00Z"}]),
            "added",
        ),
        ("supplements", json!([{"title": "Certificate", "kind": "certificate"}]), "added"),
    ] {
        let would = client.post(SIMULATE, json!({"now": "2026-05-11T16:00:00Z", name: fact}));
        let would = would.await.expect(200);
        let changes = would["changes"].as_array().unwrap();
        // The follow-up is not carried by what arrives after the promised day.
        let expected = name == "supplements" || changes.iter().any(|c| c["change"] == change);
        assert!(expected, "{name}: {would:#}");
    }
}

#[actix_web::test]
async fn faults_of_supposed_facts_are_named_where_they_are() {
    let app = TestApp::start().await;
    let (client, thanks, _) = told(&app).await;
    let at = "2026-05-06T19:00:00Z";
    for (body, pointer) in [
        (json!({"now": "soon"}), "/now"),
        (json!({"wishes": []}), "/wishes"),
        (json!({"replies": {}}), "/replies"),
        (json!({"replies": ["no"]}), "/replies/0"),
        (
            json!({"replies": [{"kind": "reject", "at": at}, {"kind": "perhaps", "at": at}]}),
            "/replies/1/kind",
        ),
        (json!({"replies": [{"id": "a b", "kind": "reject"}]}), "/replies/0/id"),
        (json!({"opportunity": {"employer": ""}}), "/opportunity/employer"),
        (json!({"sent": [{}]}), "/sent/0/follow_up_id"),
        (json!({"sent": [{"follow_up_id": "unknown"}]}), "/sent/0/follow_up_id"),
        (
            json!({"sent": [{"follow_up_id": thanks, "sent_at": "2030-01-01T00:00:00Z"}]}),
            "/sent/0/sent_at",
        ),
    ] {
        let problem = client.post(SIMULATE, body.clone()).await.expect(422);
        assert_eq!(pointers(&problem), [pointer], "{body}");
    }
    client.post("/v1/opportunities/unknown/simulate", json!({})).await.expect(404);
}

#[actix_web::test]
async fn a_plan_says_what_the_last_write_moved() {
    let app = TestApp::start().await;
    let (client, _, follow_up) = told(&app).await;
    app.clock.set("2026-05-06T19:10:00Z");
    let news = json!({"opportunity_id": "acme", "at": "2026-05-06T19:10:00Z", "kind": "new_date", "text": "by May 20"});
    create(&client, "/v1/replies", news).await;
    let change = client.get(PLAN).await.expect(200)["last_change"].clone();
    assert_eq!(change["at"], "2026-05-06T19:10:00Z");
    let moved = change["items"].as_array().unwrap().iter();
    let moved: Vec<_> = moved.filter(|change| change["change"] == "moved").collect();
    assert_eq!(moved.len(), 1);
    assert_eq!(moved[0]["follow_up_id"], follow_up.as_str());
    assert_eq!(moved[0]["after"], "2026-05-22T14:00:00Z");
    // What changes nothing is no news.
    client.patch("/v1/opportunities/acme", json!({"notes": "nice lift"})).await.expect(200);
    assert_eq!(client.get(PLAN).await.expect(200)["last_change"], change);
}

fn reminders(app: &TestApp) -> Vec<String> {
    let query = "SELECT action_key || ' ' || CAST(remind_at AS TEXT) AS line FROM reminders \
        ORDER BY remind_at";
    let stored = database(app).lines(query);
    let readable = stored.iter().map(|line| {
        let (key, remind_at) = line.split_once(' ').unwrap();
        let remind_at = DateTime::from_timestamp_millis(remind_at.parse().unwrap()).unwrap();
        format!("{key} {}", remind_at.format("%Y-%m-%dT%H:%M"))
    });
    readable.collect()
}

#[actix_web::test]
async fn reminders_follow_the_facts_in_the_same_write() {
    let app = TestApp::start().await;
    let (mut client, thanks, _) = told(&app).await;
    let follow_up = "acme/follow_up/1/employer 2026-05-12T14:00";
    assert_eq!(reminders(&app), ["acme/thank_you/i1/anna 2026-05-07T13:00", follow_up]);
    client.post(&format!("/v1/follow-ups/{thanks}/sent"), json!({})).await.expect(200);
    assert_eq!(reminders(&app), [follow_up]);
    // The candidate's zone is a fact of every opportunity: in Tokyo it is 23:00 by then.
    client.patch("/v1/preferences", json!({"time_zone": "Asia/Tokyo"})).await.expect(200);
    assert_eq!(reminders(&app), ["acme/follow_up/1/employer 2026-05-12T12:30"]);
    app.clock.set("2026-05-12T15:00:00Z");
    client.refresh().await;
    client.patch("/v1/opportunities/acme", json!({"notes": "hm"})).await.expect(200);
    // Due by now: said once, whatever is written afterwards.
    assert_eq!(reminders(&app), ["acme/follow_up/1/employer 2026-05-12T12:30"]);
    client.delete("/v1/opportunities/acme").await.expect(204);
    assert_eq!(reminders(&app), [""; 0]);
    assert_eq!(database(&app).count("plans"), 0);
}

#[actix_web::test]
async fn a_promise_is_missed_when_its_day_is_over_although_nobody_writes() {
    let app = TestApp::start().await;
    let (mut client, ..) = told(&app).await;
    let promises = client.get("/v1/expectations").await.expect(200);
    let promise = &promises["items"][0];
    assert_eq!(promise["status"], "active");
    let path = format!("/v1/expectations/{}", promise["id"].as_str().unwrap());
    app.let_time_pass_until("2026-05-09T03:59:59Z").await;
    client.refresh().await;
    assert_eq!(client.get(&path).await.expect(200), *promise);
    app.let_time_pass_until("2026-05-09T04:00:00Z").await;
    let missed = client.get(&path).await.expect(200);
    assert_eq!(missed["status"], "missed");
    assert!(missed["rev"].as_i64() > promise["rev"].as_i64());
    // Told late, it is missed at once, and the answer says so under the right revision.
    let late =
        json!({"opportunity_id": "acme", "text": "tomorrow", "spoken_at": "2026-05-06T19:30:00Z"});
    let late = create(&client, "/v1/expectations", late).await;
    assert_eq!(late["status"], "missed");
    let path = format!("/v1/expectations/{}", late["id"].as_str().unwrap());
    assert_eq!(client.get(&path).await.expect(200), late);
}

#[actix_web::test]
async fn plans_of_another_version_are_made_anew_at_start_up() {
    let app = TestApp::start().await;
    let (client, ..) = told(&app).await;
    let made = "SELECT versions || ' ' || outline AS line FROM plans";
    let kept = database(&app).lines(made);
    database(&app).run("UPDATE plans SET versions = 'older', outline = '{}'");
    app.renew_plans().await;
    assert_eq!(database(&app).lines(made), kept);
    // That is no news for the candidate.
    let plan = client.get(PLAN).await.expect(200);
    assert_eq!(plan["last_change"]["at"], "2026-05-06T19:05:00Z");
}

#[actix_web::test]
async fn a_tact_check_reads_the_text_too() {
    let app = TestApp::start().await;
    let (client, _, follow_up) = told(&app).await;
    let path = format!("/v1/follow-ups/{follow_up}/tact-check");
    let text = json!({"body": "Dear Bert, I am still waiting for your answer!"});
    let found = client.post(&path, text.clone()).await.expect(200);
    let found = rules(&found["findings"]).join(" ");
    assert!(found.contains("LINT-NAME") && found.contains("LINT-REPROACH"), "{found}");
    let nothing_to_read = client.post(&path, json!({})).await.expect(200);
    assert_eq!(nothing_to_read["findings"], json!([]));
    client.patch(&format!("/v1/follow-ups/{follow_up}"), text).await.expect(200);
    let stored = client.post(&path, json!({})).await.expect(200);
    assert!(rules(&stored["findings"]).contains(&"LINT-REPROACH"), "{stored}");
}

#[actix_web::test]
async fn an_opportunity_with_very_many_records_is_planned_anew_outside_of_the_write() {
    let app = TestApp::start().await;
    let (client, ..) = told(&app).await;
    // A thousand copies of the interviewer, by the short way.
    let copies = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
        INSERT INTO records SELECT account_id, collection, id || i, i, i, NULL, NULL, txn, \
        opportunity_id, sort_at, doc, field_meta, extra FROM records, n WHERE id = 'anna'";
    assert_eq!(database(&app).run(copies), 1_000);
    client.patch("/v1/opportunities/acme", json!({"notes": "full house"})).await.expect(200);
    let versions = "SELECT versions AS line FROM plans";
    assert_eq!(database(&app).lines(versions), ["postponed"]);
    let news = json!({"opportunity_id": "acme", "at": "2026-05-06T19:05:00Z", "kind": "reject"});
    create(&client, "/v1/replies", news).await;
    // The advice itself is never late.
    let plan = client.get(PLAN).await.expect(200);
    assert_eq!(plan["state"], "rejected");
    app.let_time_pass_until("2026-05-06T19:05:01Z").await;
    assert_ne!(database(&app).lines(versions), ["postponed"]);
    assert_eq!(reminders(&app), ["acme/gracious_reply/1/employer 2026-05-06T20:05"]);
}

#[actix_web::test]
async fn a_corrupt_record_stands_in_nobodys_way() {
    let app = TestApp::start().await;
    let (mut client, ..) = told(&app).await;
    let corrupt = "UPDATE records SET doc = '{}' WHERE collection = 'expectations'";
    database(&app).run(corrupt);
    client.patch("/v1/opportunities/acme", json!({"notes": "still mine"})).await.expect(200);
    let other = json!({"id": "bolt", "employer": "Bolt", "role": "Engineer"});
    create(&client, "/v1/opportunities", other).await;
    let promise = json!({"id": "p", "opportunity_id": "bolt", "text": "tomorrow"});
    create(&client, "/v1/expectations", promise).await;
    app.let_time_pass_until("2026-05-08T05:00:00Z").await;
    client.refresh().await;
    let promise = client.get("/v1/expectations/p").await.expect(200);
    assert_eq!(promise["status"], "missed");
}
