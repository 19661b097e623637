//! Interviews beyond plain records: the inline opportunity, the status, and canonical values.

use crate::support::{create, each, opportunity, pointers, with};
use afterview_tests::{TestApp, story};
use serde_json::{Value, json};

fn interview(extra: &Value) -> Value {
    with(
        json!({"id": "i9", "starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z"}),
        extra,
    )
}

#[actix_web::test]
async fn an_interview_may_bring_its_opportunity_along() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let inline = json!({"id": "beta", "employer": "Beta", "role": "Analyst"});
    let made = create(&client, "/v1/interviews", interview(&json!({"opportunity": inline}))).await;
    assert_eq!((&made["opportunity_id"], made.get("opportunity")), (&json!("beta"), None));
    let beta = client.get("/v1/opportunities/beta").await.expect(200);
    assert_eq!((&beta["employer"], &beta["interest"]), (&json!("Beta"), &json!("high")));
    let nameless = json!({"id": "i10", "opportunity": {"employer": "Gamma", "role": "Analyst"}});
    let made = create(&client, "/v1/interviews", interview(&nameless)).await;
    let path = format!("/v1/opportunities/{}", made["opportunity_id"].as_str().unwrap());
    assert_eq!(client.get(&path).await.expect(200)["employer"], "Gamma");
}

#[actix_web::test]
async fn an_inline_opportunity_is_not_kept_when_the_interview_is_refused() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let inline = json!({"id": "beta", "employer": "Beta", "role": "Analyst"});
    let wrong = json!({"opportunity": inline, "ends_at": "2026-05-06T17:00:00Z"});
    let refused = client.post("/v1/interviews", interview(&wrong)).await;
    assert_eq!(pointers(&refused.expect_problem("validation_failed")), ["/ends_at"]);
    client.get("/v1/opportunities/beta").await.expect_problem("not_found");
    create(&client, "/v1/opportunities", opportunity("beta")).await;
    let taken = json!({"opportunity": inline});
    client.post("/v1/interviews", interview(&taken)).await.expect_problem("already_exists");
    assert_eq!(client.get("/v1/interviews").await.expect(200), json!({"items": []}));
}

#[actix_web::test]
async fn a_held_interview_can_only_be_corrected_to_a_no_show() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    let path = "/v1/interviews/i1";
    let status = |word: &str| json!({ "status": word });
    let held = client.patch(path, status("held")).await.expect(200);
    assert_eq!(held["status_changed_at"], "2026-05-06T19:05:00Z");
    for word in ["scheduled", "cancelled_them", "cancelled_me", "rescheduled"] {
        let problem = client.patch(path, status(word)).await.expect_problem("validation_failed");
        assert_eq!(problem["errors"][0]["code"], "transition", "{problem}");
    }
    app.clock.set("2026-05-06T19:15:00Z");
    let corrected = client.patch(path, status("no_show_them")).await.expect(200);
    assert_eq!(corrected["status_changed_at"], "2026-05-06T19:15:00Z");
    client.patch(path, status("scheduled")).await.expect(200);
}

#[actix_web::test]
async fn fields_of_the_server_are_ignored_in_a_body() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    let before = client.patch("/v1/interviews/i1", json!({"status": "held"})).await.expect(200);
    let forged = json!({
        "rev": 1, "created_at": "2000-01-01T00:00:00Z", "updated_at": "2000-01-01T00:00:00Z",
        "status_changed_at": "2000-01-01T00:00:00Z",
    });
    assert_eq!(client.patch("/v1/interviews/i1", forged.clone()).await.expect(200), before);
    let replaced = client.put("/v1/interviews/i1", with(before.clone(), &forged)).await.expect(200);
    assert_eq!(replaced, before);
}

#[actix_web::test]
async fn values_are_stored_in_their_one_spelling() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let office = json!({
        "work_week": ["Tue", "Mon", "Tue"], "closures": ["2026-12-24", "2026-07-03"],
    });
    let tags = json!({"tags": ["remote", "data", "remote"], "office": office});
    let made = create(&client, "/v1/opportunities", with(opportunity("acme"), &tags)).await;
    assert_eq!(made["tags"], json!(["data", "remote"]));
    assert_eq!(made["office"]["work_week"], json!(["Mon", "Tue"]));
    assert_eq!(made["office"]["closures"], json!(["2026-07-03", "2026-12-24"]));
    let times = json!({
        "opportunity_id": "acme", "starts_at": "2026-05-06T14:00:00.1239-04:00",
        "ends_at": "2026-05-06t19:00:00.000z",
    });
    let made = create(&client, "/v1/interviews", interview(&times)).await;
    assert_eq!(made["starts_at"], "2026-05-06T18:00:00.123Z");
    assert_eq!(made["ends_at"], "2026-05-06T19:00:00Z");
}

#[actix_web::test]
async fn a_pointer_to_a_deleted_record_may_stay_but_not_be_set_anew() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    assert_eq!(client.delete("/v1/contacts/anna").await.status, 204);
    let kept = client.patch("/v1/interviews/i1", json!({"notes": "x"})).await.expect(200);
    assert_eq!(kept["attendees"][0]["contact_id"], "anna");
    let patch = json!({"scheduler_contact_id": "anna"});
    let refused = client.patch("/v1/interviews/i1", patch).await;
    let problem = refused.expect_problem("validation_failed");
    assert_eq!(pointers(&problem), ["/scheduler_contact_id"]);
    assert_eq!(problem["errors"][0]["code"], "unknown_reference");
    assert_eq!(each(&client.get("/v1/interviews").await.expect(200), "id"), ["i1"]);
}

#[actix_web::test]
async fn an_attendee_can_be_taken_off_although_another_one_was_deleted() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    create(&client, "/v1/contacts", json!({"id": "ben", "name": "Ben", "role": "interviewer"}))
        .await;
    let both = json!({"attendees": [{"contact_id": "anna"}, {"contact_id": "ben"}]});
    client.patch("/v1/interviews/i1", both).await.expect(200);
    assert_eq!(client.delete("/v1/contacts/ben").await.status, 204);
    let without_anna = json!({"attendees": [{"contact_id": "ben"}]});
    client.patch("/v1/interviews/i1", without_anna).await.expect(200);
    let strange = json!({"opportunity_id": "acme", "interview_id": "i1", "kind": "form"});
    create(&client, "/v1/commitments", strange.clone()).await;
    create(&client, "/v1/opportunities", opportunity("beta")).await;
    let elsewhere = with(strange, &json!({"opportunity_id": "beta"}));
    let refused = client.post("/v1/commitments", elsewhere).await;
    let problem = refused.expect_problem("validation_failed");
    assert_eq!(pointers(&problem), ["/interview_id"]);
}

#[actix_web::test]
async fn a_text_beyond_the_limit_in_bytes_is_told_so_in_bytes() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    // 20,000 characters are allowed, 64 KiB are not exceeded by as few as these.
    let fits = with(opportunity("short"), &json!({"notes": "é".repeat(20_000)}));
    create(&client, "/v1/opportunities", fits).await;
    let body = with(opportunity("long"), &json!({"notes": "😀".repeat(17_000)}));
    let problem = client.post("/v1/opportunities", body).await.expect_problem("validation_failed");
    assert_eq!(problem["errors"][0]["code"], "too_long");
    let detail = problem["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("bytes"), "{detail}");
}
