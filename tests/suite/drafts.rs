//! Drafts, and follow-ups of the candidate's own.

use crate::support::{create, each, item, pointers, with};
use afterview_tests::{Client, TestApp, story};
use reqwest::Method;
use serde_json::{Value, json};

/// The story up to its debrief, and the address of the thank-you note.
async fn thanks(app: &TestApp) -> (Client, String) {
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    let plan = story::debrief(&client, &facts).await;
    let id = item(&plan, "thank_you")["id"].as_str().unwrap().to_owned();
    (client, format!("/v1/follow-ups/{id}"))
}

fn custom(extra: &Value) -> Value {
    let base = json!({"id": "call", "opportunity_id": "acme", "title": "Call the referee", "due_at": "2026-05-08T14:00:00Z"});
    with(base, extra)
}

#[actix_web::test]
async fn a_draft_is_kept_with_the_planned_item() {
    let app = TestApp::start().await;
    let (client, path) = thanks(&app).await;
    let draft = json!({
        "subject": "Thank you", "body": "Dear Anna, …", "channel": "linkedin",
        "slots": {"moment": "the elevator", "skill": "Rust"},
    });
    let made = client.patch(&path, draft).await;
    let mut made = made.expect(200);
    assert_eq!((&made["subject"], &made["channel"]), (&json!("Thank you"), &json!("linkedin")));
    assert_eq!((&made["state"], &made["verdict"]), (&json!("open"), &json!("too_soon")));
    let plan = client.get("/v1/opportunities/acme/plan").await.expect(200);
    // A list is short: how tact comes about and what they see is said where one is read.
    for name in ["tact", "manager_view"] {
        made.as_object_mut().unwrap().remove(name).unwrap();
    }
    assert_eq!(item(&plan, "thank_you"), &made);
    let changed = json!({"body": null, "slots": {"moment": null, "skill": "SQL"}});
    let changed = client.patch(&format!("{path}?clear=subject"), changed).await.expect(200);
    assert_eq!((changed.get("body"), changed.get("subject")), (None, None));
    assert_eq!(changed["slots"], json!({"skill": "SQL"}));
}

#[actix_web::test]
async fn a_draft_cannot_change_what_the_actions_are_for() {
    let app = TestApp::start().await;
    let (client, path) = thanks(&app).await;
    for field in ["status", "sent_at", "kind", "action_key", "snoozed_until", "recorded_at"] {
        let answer = client.patch(&path, json!({ field: "x" })).await;
        let problem = answer.expect_problem("validation_failed");
        assert_eq!(pointers(&problem), [format!("/{field}")]);
    }
    let nobody = client.patch(&path, json!({"to": "nobody"})).await;
    assert_eq!(pointers(&nobody.expect_problem("validation_failed")), ["/to"]);
    assert_eq!(client.get(&path).await.expect(200).get("rev"), None);
}

#[actix_web::test]
async fn once_sent_the_text_stays_as_it_was() {
    let app = TestApp::start().await;
    let (client, path) = thanks(&app).await;
    client.patch(&path, json!({"body": "Dear Anna"})).await.expect(200);
    let sent = client.post(&format!("{path}/sent"), json!({})).await.expect(200);
    assert_eq!(sent["body"], "Dear Anna");
    let late = client.patch(&path, json!({"body": "Dear Eve"})).await;
    late.expect_problem("wrong_state");
    assert_eq!(client.get(&path).await.expect(200), sent);
}

#[actix_web::test]
async fn drafts_honour_if_match() {
    let app = TestApp::start().await;
    let (client, path) = thanks(&app).await;
    let first = client.patch(&path, json!({"body": "one"})).await;
    let tag = first.header("etag").to_owned();
    client.patch(&path, json!({"body": "two"})).await.expect(200);
    let body = Some(json!({"body": "three"}));
    let stale = client.send(Method::PATCH, &path, &[("if-match", &tag)], body).await;
    stale.expect_problem("precondition_failed");
    assert_eq!(client.get(&path).await.expect(200)["body"], "two");
}

#[actix_web::test]
async fn a_custom_follow_up_is_one_thing_in_plan_agenda_and_list() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    story::debrief(&client, &facts).await;
    let answer = client.post("/v1/follow-ups", custom(&json!({"subject": "Hello"}))).await;
    assert_eq!(answer.header("location"), "/v1/follow-ups/call");
    let made = answer.expect(201);
    assert_eq!((&made["id"], &made["verdict"]), (&json!("call"), &json!("too_soon")));
    assert_eq!(made["do_at"], "2026-05-08T14:00:00Z");
    assert_eq!(client.get("/v1/follow-ups/call").await.expect(200), made);
    for path in ["opportunities/acme/plan", "agenda", "follow-ups", "follow-ups?kind=custom"] {
        let page = client.get(&format!("/v1/{path}")).await.expect(200);
        let mut customs = page["items"].as_array().unwrap().clone();
        customs.retain(|item| item["kind"] == "custom");
        assert_eq!(json!(customs), json!([made]), "{path}");
    }
}

#[actix_web::test]
async fn acting_on_a_custom_follow_up_changes_that_one() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    create(&client, "/v1/follow-ups", custom(&json!({}))).await;
    let planned = || async {
        let plan = client.get("/v1/opportunities/acme/plan").await.expect(200);
        each(&plan, "kind").contains(&"custom")
    };
    assert!(planned().await);
    let snooze = json!({"until": "2026-05-08T16:00:00Z"});
    let snoozed = client.post("/v1/follow-ups/call/snooze", snooze).await.expect(200);
    assert_eq!(snoozed["remind_at"], "2026-05-08T16:00:00Z");
    client.post("/v1/follow-ups/call/skip", json!({})).await.expect(200);
    assert!(!planned().await);
    client.post("/v1/follow-ups/call/reopen", json!({})).await.expect(200);
    assert!(planned().await);
    let moved =
        client.patch("/v1/follow-ups/call", json!({"due_at": "2026-05-09T14:00:00Z"})).await;
    assert_eq!(moved.expect(200)["do_at"], "2026-05-09T14:00:00Z");
    client.post("/v1/follow-ups/call/sent", json!({})).await.expect(200);
    assert!(!planned().await);
    let page = client.get("/v1/follow-ups?kind=custom").await.expect(200);
    assert_eq!((each(&page, "id"), each(&page, "state")), (vec!["call"], vec!["sent"]));
}

#[actix_web::test]
async fn a_custom_follow_up_to_a_person_is_judged_by_the_office_hours() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    let body = custom(&json!({"to": "anna", "channel": "phone", "due_at": "2026-05-06T19:01:00Z"}));
    create(&client, "/v1/follow-ups", body).await;
    let at_night = "/v1/opportunities/acme/plan?now=2026-05-07T02:00:00Z";
    let plan = client.get(at_night).await.expect(200);
    let call = item(&plan, "custom");
    assert_eq!((&call["to_name"], &call["channel"]), (&json!("Anna Novak"), &json!("phone")));
    assert_eq!(call["do_at"], "2026-05-07T12:30:00Z");
}

#[actix_web::test]
async fn a_custom_follow_up_needs_what_it_is_about_and_a_free_id() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    create(&client, "/v1/follow-ups", custom(&json!({}))).await;
    let again = client.post("/v1/follow-ups", custom(&json!({"title": "Other"}))).await;
    again.expect_problem("already_exists");
    let untitled = client.patch("/v1/follow-ups/call", json!({"title": null})).await;
    assert_eq!(pointers(&untitled.expect_problem("validation_failed")), ["/title"]);
    let page = client.get("/v1/follow-ups?kind=custom").await.expect(200);
    assert_eq!(each(&page, "title"), ["Call the referee"]);
}

#[actix_web::test]
async fn a_draft_that_makes_the_record_too_large_is_refused_as_a_whole() {
    let app = TestApp::start().await;
    let (client, path) = thanks(&app).await;
    // A control character takes six bytes in JSON.
    let slots: Value = (0..20).map(|n| (n.to_string(), json!("\u{1}".repeat(2_000)))).collect();
    let draft = json!({"slots": slots, "body": "\u{1}".repeat(20_000)});
    let refused = client.patch(&path, draft).await;
    let problem = refused.expect_problem("limit_exceeded");
    assert!(problem["detail"].as_str().unwrap().contains("262144"), "{problem}");
    assert_eq!(client.get(&path).await.expect(200).get("rev"), None);
}
