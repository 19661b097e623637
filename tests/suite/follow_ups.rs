//! What can be done to a follow-up, and what each action leaves of the others.

use crate::support::{item, pointers};
use afterview_tests::{Answer, Client, START, TestApp, story};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

/// The story up to its debrief, at the best moment for thanks; and the id of the thank-you note.
async fn thanks_due(app: &TestApp) -> (Client, String) {
    let mut client = app.user("candidate").await;
    let facts = story::record(&client).await;
    let plan = story::debrief(&client, &facts).await;
    app.clock.set("2026-05-07T13:00:00Z");
    client.refresh().await;
    (client, item(&plan, "thank_you")["id"].as_str().unwrap().to_owned())
}

async fn act(client: &Client, id: &str, action: &str, body: Value) -> Answer {
    client.post(&format!("/v1/follow-ups/{id}/{action}"), body).await
}

async fn read(client: &Client, id: &str) -> Value {
    client.get(&format!("/v1/follow-ups/{id}")).await.expect(200)
}

async fn planned(client: &Client) -> Vec<String> {
    let plan = client.get("/v1/opportunities/acme/plan").await.expect(200);
    let items = plan["items"].as_array().unwrap().iter();
    items.map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn sending_takes_the_item_out_of_the_plan_and_keeps_what_was_sent() {
    let app = TestApp::start().await;
    let (client, thanks) = thanks_due(&app).await;
    let body = json!({"channel": "handwritten", "included": ["thanks", "references", "thanks"]});
    let answer = act(&client, &thanks, "sent", body).await;
    assert_eq!(answer.header("etag"), format!("\"{}\"", answer.json()["rev"]));
    insta::assert_json_snapshot!(answer.expect(200), @r#"
    {
      "action_key": "acme/thank_you/i1/anna",
      "asked_timeline": false,
      "channel": "handwritten",
      "created_at": "2026-05-07T13:00:00Z",
      "employer": "Acme",
      "flags": [],
      "id": "abb0d536-f79e-508c-9d14-e78f3c2d3eb4",
      "included": [
        "references",
        "thanks"
      ],
      "interview_id": "i1",
      "kind": "thank_you",
      "opportunity_id": "acme",
      "reasons": [],
      "recorded_at": "2026-05-07T13:00:00Z",
      "rev": 1778158800000,
      "role": "Data engineer",
      "sent_at": "2026-05-07T13:00:00Z",
      "state": "sent",
      "summary": "Send your thanks: sent Thursday 7 May at 09:00, office time.",
      "to": "anna",
      "to_name": "Anna Novak",
      "updated_at": "2026-05-07T13:00:00Z"
    }
    "#);
    assert_eq!(read(&client, &thanks).await, answer.json());
    assert_eq!(planned(&client).await, ["follow_up"]);
}

#[actix_web::test]
async fn of_two_reports_the_earlier_time_wins() {
    let app = TestApp::start().await;
    let (client, thanks) = thanks_due(&app).await;
    let at = |time: &str| json!({ "sent_at": format!("2026-05-07T{time}Z") });
    act(&client, &thanks, "sent", at("12:50:00")).await.expect(200);
    let later = act(&client, &thanks, "sent", at("12:55:00")).await.expect(200);
    assert_eq!(later["sent_at"], "2026-05-07T12:50:00Z");
    let earlier = act(&client, &thanks, "sent", at("12:40:00")).await.expect(200);
    assert_eq!(earlier["sent_at"], "2026-05-07T12:40:00Z");
}

#[actix_web::test]
async fn a_sending_in_the_future_is_set_to_now_and_flagged() {
    let app = TestApp::start().await;
    let (client, thanks) = thanks_due(&app).await;
    let future = json!({"sent_at": "2026-05-07T13:05:01Z"});
    let clamped = act(&client, &thanks, "sent", future).await.expect(200);
    assert_eq!(clamped["sent_at"], "2026-05-07T13:00:00Z");
    assert_eq!(clamped["sent_at_clamped"], true);
    act(&client, &thanks, "undo", json!({})).await.expect(200);
}

#[actix_web::test]
async fn a_phone_whose_clock_is_a_little_ahead_is_believed() {
    let app = TestApp::start().await;
    let (client, thanks) = thanks_due(&app).await;
    let ahead = json!({"sent_at": "2026-05-07T13:05:00Z"});
    let sent = act(&client, &thanks, "sent", ahead).await.expect(200);
    assert_eq!((&sent["state"], sent.get("sent_at_clamped")), (&json!("sent"), None));
    assert_eq!(planned(&client).await, ["follow_up"]);
}

#[actix_web::test]
async fn a_sending_can_be_undone_for_five_minutes() {
    let app = TestApp::start().await;
    let (client, thanks) = thanks_due(&app).await;
    let before = read(&client, &thanks).await;
    act(&client, &thanks, "sent", json!({})).await.expect(200);
    app.clock.advance(TimeDelta::minutes(5));
    let undone = act(&client, &thanks, "undo", json!({})).await.expect(200);
    assert_eq!((&undone["state"], undone.get("sent_at")), (&json!("open"), None));
    assert_eq!((&undone["verdict"], &undone["ideal"]), (&before["verdict"], &before["ideal"]));
    assert_eq!(planned(&client).await, ["thank_you", "follow_up"]);
    act(&client, &thanks, "undo", json!({})).await.expect_problem("wrong_state");
    act(&client, &thanks, "sent", json!({})).await.expect(200);
    app.clock.advance(TimeDelta::minutes(5) + TimeDelta::milliseconds(1));
    let late = act(&client, &thanks, "undo", json!({})).await;
    let problem = late.expect_problem("wrong_state");
    assert!(problem["detail"].as_str().unwrap().contains("not_sent"), "{problem}");
    assert_eq!(read(&client, &thanks).await["state"], "sent");
}

#[actix_web::test]
async fn a_correction_works_at_any_time_and_the_plan_counts_with_it() {
    let app = TestApp::start().await;
    let (mut client, thanks) = thanks_due(&app).await;
    act(&client, &thanks, "correct", json!({})).await.expect_problem("wrong_state");
    act(&client, &thanks, "sent", json!({})).await.expect(200);
    app.clock.set("2026-05-09T13:00:00Z");
    client.refresh().await;
    let right =
        json!({"sent_at": "2026-05-08T13:00:00Z", "channel": "phone", "reason": "mixed up"});
    let corrected = act(&client, &thanks, "correct", right).await.expect(200);
    assert_eq!(corrected["sent_at"], "2026-05-08T13:00:00Z");
    assert_eq!(corrected["channel"], "phone");
    assert_eq!(corrected["corrected_at"], "2026-05-09T13:00:00Z");
    // Three business days from the thanks: the follow-up waits one day longer than planned.
    let plan = client.get("/v1/opportunities/acme/plan").await.expect(200);
    assert_eq!(item(&plan, "follow_up")["earliest"], "2026-05-13T12:30:00Z");
    let unknown = act(&client, &thanks, "correct", json!({"to": "nobody"})).await;
    assert_eq!(pointers(&unknown.expect_problem("validation_failed")), ["/to"]);
}

#[actix_web::test]
async fn a_correction_cannot_move_a_sending_into_the_future() {
    let app = TestApp::start().await;
    let (client, thanks) = thanks_due(&app).await;
    act(&client, &thanks, "sent", json!({})).await.expect(200);
    let tomorrow = json!({"sent_at": "2026-05-08T13:00:00Z"});
    act(&client, &thanks, "correct", tomorrow).await;
    let sent = read(&client, &thanks).await;
    assert_eq!(
        (&sent["state"], &sent["sent_at"]),
        (&json!("sent"), &json!("2026-05-07T13:00:00Z"))
    );
    assert_eq!(planned(&client).await, ["follow_up"]);
}

#[actix_web::test]
async fn what_was_never_sent_comes_back_into_the_plan() {
    let app = TestApp::start().await;
    let (client, thanks) = thanks_due(&app).await;
    act(&client, &thanks, "sent", json!({})).await.expect(200);
    app.clock.advance(TimeDelta::minutes(10));
    let wrong = json!({"not_sent": true, "reason": "it stayed in the outbox"});
    let open = act(&client, &thanks, "correct", wrong).await.expect(200);
    assert_eq!((&open["state"], open.get("sent_at")), (&json!("open"), None));
    assert_eq!(planned(&client).await, ["thank_you", "follow_up"]);
}

#[actix_web::test]
async fn a_skip_takes_the_item_out_of_the_plan_until_it_is_reopened() {
    let app = TestApp::start().await;
    let (client, thanks) = thanks_due(&app).await;
    let skipped = act(&client, &thanks, "skip", json!({})).await.expect(200);
    assert_eq!((&skipped["state"], skipped.get("verdict")), (&json!("skipped"), None));
    assert_eq!(planned(&client).await, ["follow_up"]);
    act(&client, &thanks, "skip", json!({})).await.expect(200);
    let open = act(&client, &thanks, "reopen", json!({})).await.expect(200);
    assert_eq!((&open["state"], &open["verdict"]), (&json!("open"), &json!("good_time")));
    assert_eq!(planned(&client).await, ["thank_you", "follow_up"]);
}

#[actix_web::test]
async fn what_was_sent_can_be_neither_skipped_nor_reopened_nor_snoozed() {
    let app = TestApp::start().await;
    let (client, thanks) = thanks_due(&app).await;
    let sent = act(&client, &thanks, "sent", json!({})).await.expect(200);
    for action in ["skip", "reopen", "snooze"] {
        act(&client, &thanks, action, json!({})).await.expect_problem("wrong_state");
    }
    assert_eq!(read(&client, &thanks).await, sent);
}

#[actix_web::test]
async fn a_snooze_moves_the_reminder_and_nothing_else() {
    let app = TestApp::start().await;
    let (client, thanks) = thanks_due(&app).await;
    let before = read(&client, &thanks).await;
    let until = json!({"until": "2026-05-07T16:00:00Z"});
    let snoozed = act(&client, &thanks, "snooze", until).await.expect(200);
    assert_eq!(snoozed["remind_at"], "2026-05-07T16:00:00Z");
    assert_eq!(snoozed["snoozed_until"], "2026-05-07T16:00:00Z");
    for name in ["verdict", "earliest", "ideal", "latest", "do_at", "state"] {
        assert_eq!(snoozed[name], before[name], "{name}");
    }
    for past in ["2026-05-07T13:00:00Z", "2026-05-07T12:59:59Z"] {
        let refused = act(&client, &thanks, "snooze", json!({ "until": past })).await;
        assert_eq!(pointers(&refused.expect_problem("validation_failed")), ["/until"]);
    }
    assert_eq!(read(&client, &thanks).await, snoozed);
    let ended = act(&client, &thanks, "snooze", json!({"until": null})).await.expect(200);
    assert_eq!((&ended["remind_at"], ended.get("snoozed_until")), (&before["remind_at"], None));
}

#[actix_web::test]
async fn what_was_sent_in_time_can_be_recorded_after_its_window() {
    let app = TestApp::start().await;
    let (mut client, thanks) = thanks_due(&app).await;
    app.clock.set("2026-05-20T13:00:00Z");
    client.refresh().await;
    client.get(&format!("/v1/follow-ups/{thanks}")).await.expect_problem("not_found");
    act(&client, &thanks, "sent", json!({})).await.expect_problem("not_found");
    let late = json!({"sent_at": "2026-05-07T13:00:00Z"});
    let sent = act(&client, &thanks, "sent", late).await.expect(200);
    assert_eq!(
        (&sent["state"], &sent["sent_at"]),
        (&json!("sent"), &json!("2026-05-07T13:00:00Z"))
    );
    assert_eq!((&sent["to"], &sent["kind"]), (&json!("anna"), &json!("thank_you")));
    assert_eq!(read(&client, &thanks).await, sent);
}

#[actix_web::test]
async fn a_note_to_oneself_cannot_be_sent_but_skipped() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    let ahead = json!({
        "id": "i2", "opportunity_id": "acme",
        "starts_at": "2026-05-07T18:00:00Z", "ends_at": "2026-05-07T19:00:00Z",
    });
    client.post("/v1/interviews", ahead).await.expect(201);
    let plan = client.get("/v1/opportunities/acme/plan").await.expect(200);
    for kind in ["log_debrief", "prep_close"] {
        let id = item(&plan, kind)["id"].as_str().unwrap();
        let refused = act(&client, id, "sent", json!({})).await;
        let problem = refused.expect_problem("wrong_state");
        assert!(problem["detail"].as_str().unwrap().contains("skip"), "{problem}");
        assert_eq!(read(&client, id).await.get("rev"), None);
        act(&client, id, "skip", json!({})).await.expect(200);
    }
    assert_eq!(planned(&client).await, [""; 0]);
}

#[actix_web::test]
async fn actions_honour_if_match() {
    let app = TestApp::start().await;
    let (client, thanks) = thanks_due(&app).await;
    let path = format!("/v1/follow-ups/{thanks}/skip");
    let with = |tag: &'static str| vec![("if-match", tag)];
    // Nothing is stored of it yet.
    let absent = client.send(Method::POST, &path, &with("*"), Some(json!({}))).await;
    absent.expect_problem("precondition_failed");
    let first = act(&client, &thanks, "snooze", json!({"until": "2026-05-07T16:00:00Z"})).await;
    let stale = client.send(Method::POST, &path, &with("\"1\""), Some(json!({}))).await;
    stale.expect_problem("precondition_failed");
    assert_eq!(read(&client, &thanks).await["state"], "open");
    let tag = first.header("etag");
    let done = client.send(Method::POST, &path, &[("if-match", tag)], Some(json!({}))).await;
    assert_eq!(done.expect(200)["state"], "skipped");
}

#[actix_web::test]
async fn nobody_is_thanked_who_was_deleted_and_the_rest_of_the_advice_can_be_acted_on() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    story::debrief(&client, &facts).await;
    assert_eq!(client.delete("/v1/contacts/anna").await.status, 204);
    let plan = client.get("/v1/opportunities/acme/plan").await.expect(200);
    let thanks = item(&plan, "thank_you");
    assert_eq!(thanks["to"], "employer");
    let path = format!("/v1/follow-ups/{}/sent", thanks["id"].as_str().unwrap());
    assert_eq!(client.post(&path, json!({})).await.expect(200)["state"], "sent");
}

#[actix_web::test]
async fn what_is_owed_is_delivered_with_its_message_and_open_again_after_an_undo() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    let duty = json!({"id": "c1", "opportunity_id": facts.opportunity, "kind": "references"});
    let _ = client.post("/v1/commitments", duty).await.expect(201);
    let plan = client.get("/v1/opportunities/acme/plan").await.expect(200);
    let fulfil = plan["items"].as_array().unwrap().iter().find(|i| i["kind"] == "fulfil").unwrap();
    assert!(
        fulfil["summary"].as_str().unwrap().starts_with("Deliver what you promised (references)")
    );
    let path = format!("/v1/follow-ups/{}", fulfil["id"].as_str().unwrap());
    client.post(&format!("{path}/sent"), json!({})).await.expect(200);
    let duty = client.get("/v1/commitments/c1").await.expect(200);
    assert_eq!((&duty["status"], &duty["fulfilled_at"]), (&json!("fulfilled"), &json!(START)));
    client.post(&format!("{path}/undo"), json!({})).await.expect(200);
    let duty = client.get("/v1/commitments/c1").await.expect(200);
    assert_eq!((&duty["status"], duty.get("fulfilled_at")), (&json!("open"), None));
}
