//! Plans and the agenda: for which moment they hold, in which order, and until when.

use crate::support::{create, each, item, opportunity};
use afterview_tests::{Answer, Client, TestApp, story};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

const PLAN: &str = "/v1/opportunities/acme/plan";

async fn after_debrief(app: &TestApp) -> (Client, Value) {
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    let plan = story::debrief(&client, &facts).await;
    (client, plan)
}

async fn agenda_unless(client: &Client, tag: &str) -> Answer {
    client.send(Method::GET, "/v1/agenda", &[("if-none-match", tag)], None).await
}

#[actix_web::test]
async fn a_plan_says_who_has_to_move_what_to_do_and_why() {
    let app = TestApp::start().await;
    let (client, plan) = after_debrief(&app).await;
    assert_eq!(client.get(PLAN).await.expect(200), plan);
    let mut head = plan.clone();
    head["items"] = json!(each(&plan, "kind"));
    head.as_object_mut().unwrap().remove("last_change");
    insta::assert_json_snapshot!(head, @r#"
    {
      "ball": "them",
      "calendar_version": "2026.2",
      "employer": "Acme",
      "headline": {
        "params": {
          "what": "send your thanks",
          "when": "Thursday 7 May at 09:00"
        },
        "rule": "H2-WAIT",
        "text": "Nothing to do until Thursday 7 May at 09:00; then send your thanks.",
        "url": "/v1/rules/H2-WAIT"
      },
      "items": [
        "thank_you",
        "follow_up"
      ],
      "next_change_at": "2026-05-06T20:00:00Z",
      "now": "2026-05-06T19:05:00Z",
      "opportunity_id": "acme",
      "policy_version": "1",
      "role": "Data engineer",
      "state": "waiting_them",
      "waited_business_days": 0,
      "waiting_since": "2026-05-06T19:00:00Z"
    }
    "#);
    insta::assert_json_snapshot!(item(&plan, "follow_up"), @r#"
    {
      "action_key": "acme/follow_up/1/employer",
      "channel": "email",
      "contact_id": "anna",
      "contact_name": "Anna Novak",
      "do_at": "2026-05-12T14:00:00Z",
      "earliest": "2026-05-11T12:30:00Z",
      "employer": "Acme",
      "flags": [],
      "id": "acb84dc0-78e9-5d1a-aecd-c290d128f679",
      "ideal": "2026-05-12T14:00:00Z",
      "interview_id": "i1",
      "kind": "follow_up",
      "latest": "2026-05-15T21:30:00Z",
      "n": 1,
      "opportunity_id": "acme",
      "reasons": [
        {
          "params": {
            "by": "Friday 8 May",
            "ideal": "two business days"
          },
          "rule": "F1-PROMISE",
          "text": "They promised an answer by Friday 8 May; two business days later is the tactful moment.",
          "url": "/v1/rules/F1-PROMISE"
        },
        {
          "params": {
            "name": "Anna Novak",
            "why": "as the one who promised the answer"
          },
          "rule": "W1-RECIPIENT",
          "text": "Anna Novak is the person to write to, as the one who promised the answer.",
          "url": "/v1/rules/W1-RECIPIENT"
        }
      ],
      "remind_at": "2026-05-12T14:00:00Z",
      "role": "Data engineer",
      "route": "direct",
      "state": "open",
      "summary": "Ask where things stand: too soon now; Tuesday 12 May at 10:00, office time.",
      "tact_at_do": 90,
      "tact_now": 25,
      "to": "employer",
      "verdict": "too_soon"
    }
    "#);
}

#[actix_web::test]
async fn a_plan_can_be_asked_for_at_any_moment_and_asking_changes_nothing() {
    let app = TestApp::start().await;
    let (client, plan) = after_debrief(&app).await;
    let then = client.get(&format!("{PLAN}?now=2026-05-12T10:00:00-04:00")).await.expect(200);
    assert_eq!(then["now"], "2026-05-12T14:00:00Z");
    assert_eq!(item(&then, "follow_up")["verdict"], "good_time");
    assert_eq!(item(&then, "thank_you")["verdict"], "overdue");
    let before = client.get(&format!("{PLAN}?now=2026-05-06T12:00:00Z")).await.expect(200);
    assert_eq!(each(&before, "kind"), [""; 0]);
    assert_eq!(client.get(PLAN).await.expect(200), plan);
    let agenda = client.get("/v1/agenda?now=2026-05-12T14:00:00Z").await.expect(200);
    assert_eq!(agenda["items"], then["items"]);
}

#[actix_web::test]
async fn far_moments_have_plans_too() {
    let app = TestApp::start().await;
    let (client, _) = after_debrief(&app).await;
    for year in [1970, 2027, 2199] {
        let plan = client.get(&format!("{PLAN}?now={year}-12-31T23:59:59Z")).await.expect(200);
        assert!(plan["headline"]["text"].is_string(), "{year}");
    }
}

#[actix_web::test]
async fn nothing_changes_before_the_moment_that_the_plan_names() {
    let app = TestApp::start().await;
    let (client, plan) = after_debrief(&app).await;
    let at = |moment: &str| format!("{PLAN}?now={moment}");
    assert_eq!(plan["next_change_at"], "2026-05-06T20:00:00Z");
    let mut just_before = client.get(&at("2026-05-06T19:59:59.999Z")).await.expect(200);
    let after = client.get(&at("2026-05-06T20:00:00Z")).await.expect(200);
    just_before["now"] = plan["now"].clone();
    assert_eq!(just_before, plan);
    assert_eq!(item(&after, "thank_you")["verdict"], "good_time");
}

#[actix_web::test]
async fn the_tag_of_the_agenda_holds_until_its_next_change() {
    let app = TestApp::start().await;
    let (mut client, _) = after_debrief(&app).await;
    let first = client.get("/v1/agenda").await;
    let tag = first.header("etag").to_owned();
    assert_eq!(first.json()["next_change_at"], "2026-05-06T20:00:00Z");
    for still in ["2026-05-06T19:05:00Z", "2026-05-06T19:30:00Z", "2026-05-06T19:59:59.999Z"] {
        app.clock.set(still);
        client.refresh().await;
        let known = agenda_unless(&client, &tag).await;
        assert_eq!((known.status, known.text.as_str()), (304, ""), "{still}");
        assert_eq!(known.header("etag"), tag);
    }
    app.clock.set("2026-05-06T20:00:00Z");
    client.refresh().await;
    let changed = agenda_unless(&client, &tag).await;
    assert_eq!(changed.expect(200)["items"][0]["verdict"], "good_time");
    assert_ne!(changed.header("etag"), tag);
}

#[actix_web::test]
async fn the_tag_of_the_agenda_holds_while_something_is_due() {
    let app = TestApp::start().await;
    let (mut client, _) = after_debrief(&app).await;
    app.clock.set("2026-05-12T15:00:00Z");
    client.refresh().await;
    let tag = client.get("/v1/agenda").await.header("etag").to_owned();
    app.clock.advance(TimeDelta::minutes(10));
    assert_eq!(agenda_unless(&client, &tag).await.status, 304);
}

#[actix_web::test]
async fn any_write_ends_the_tag_of_the_agenda() {
    let app = TestApp::start().await;
    let (client, _) = after_debrief(&app).await;
    let tag = client.get("/v1/agenda").await.header("etag").to_owned();
    client.patch("/v1/opportunities/acme", json!({"employer": "Acme Corp."})).await.expect(200);
    let renamed = agenda_unless(&client, &tag).await.expect(200);
    assert_eq!(renamed["items"][0]["employer"], "Acme Corp.");
    for damaged in ["\"1\"", "\"a-b-c\"", "\"--\"", "\"\""] {
        agenda_unless(&client, damaged).await.expect(200);
    }
}

#[actix_web::test]
async fn the_agenda_mixes_opportunities_in_the_order_of_what_is_due() {
    let app = TestApp::start().await;
    let (client, _) = after_debrief(&app).await;
    create(&client, "/v1/opportunities", opportunity("beta")).await;
    for (title, due_at) in [("Early", "2026-05-06T22:00:00Z"), ("Between", "2026-05-08T14:00:00Z")]
    {
        let custom = json!({"opportunity_id": "beta", "title": title, "due_at": due_at});
        client.post("/v1/follow-ups", custom).await.expect(201);
    }
    let agenda = client.get("/v1/agenda").await.expect(200);
    let owners = each(&agenda, "opportunity_id");
    assert_eq!(owners, ["beta", "acme", "beta", "acme"]);
    let due = each(&agenda, "do_at");
    assert!(due.is_sorted(), "{due:?}");
    assert_eq!(each(&agenda, "title")[..3], ["Early", "", "Between"]);
}

#[actix_web::test]
async fn a_closed_opportunity_has_nothing_to_do() {
    let app = TestApp::start().await;
    let (client, _) = after_debrief(&app).await;
    client.patch("/v1/opportunities/acme", json!({"closed": "withdrawn"})).await.expect(200);
    let plan = client.get(PLAN).await.expect(200);
    assert_eq!((&plan["state"], &plan["items"]), (&json!("withdrawn"), &json!([])));
    assert_eq!(client.get("/v1/agenda").await.expect(200)["items"], json!([]));
    client.patch("/v1/opportunities/acme?clear=closed", json!({})).await.expect(200);
    let plan = client.get(PLAN).await.expect(200);
    assert_eq!(each(&plan, "kind"), ["thank_you", "follow_up"]);
}

#[actix_web::test]
async fn an_empty_account_has_an_empty_agenda_that_never_changes() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let agenda = client.get("/v1/agenda").await;
    assert_eq!(agenda.expect(200), json!({"items": []}));
    app.clock.set("2026-05-06T19:15:00Z");
    assert_eq!(agenda_unless(&client, agenda.header("etag")).await.status, 304);
}
