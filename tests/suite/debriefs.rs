//! The elevator moment: logging in one call how an interview ended.

use crate::support::{each, item, pointers};
use afterview_tests::{Client, TestApp, story};
use serde_json::{Value, json};

const DEBRIEF: &str = "/v1/interviews/i1/debrief";

async fn after_interview(app: &TestApp) -> Client {
    let client = app.user("candidate").await;
    story::record(&client).await;
    client
}

async fn stored(client: &Client) -> Value {
    let mut all = json!({});
    for path in ["interviews", "expectations", "commitments"] {
        all[path] = client.get(&format!("/v1/{path}")).await.expect(200)["items"].clone();
    }
    all
}

#[actix_web::test]
async fn one_call_stores_the_interview_the_promise_and_the_duties() {
    let app = TestApp::start().await;
    let client = after_interview(&app).await;
    let debrief = json!({
        "next_step_owner": "them", "impression": 4, "notes": "went well",
        "talking_points": [{"contact_id": "anna", "text": "the elevator"}],
        "promise": {"text": "by the end of the week", "promised_by": "anna", "subject": "next_round"},
        "commitments": [{"kind": "references", "due": "2026-05-08"}, {"kind": "writing_sample"}],
    });
    let plan = client.post(DEBRIEF, debrief).await.expect(200);
    assert_eq!(client.get("/v1/opportunities/acme/plan").await.expect(200), plan);
    let stored = stored(&client).await;
    let interview = &stored["interviews"][0];
    assert_eq!((&interview["status"], &interview["impression"]), (&json!("held"), &json!(4)));
    assert_eq!(
        (&interview["next_step_owner"], &interview["notes"]),
        (&json!("them"), &json!("went well"))
    );
    assert_eq!(
        interview["talking_points"],
        json!([{"contact_id": "anna", "text": "the elevator"}])
    );
    assert_eq!(interview["ends_at"], "2026-05-06T19:00:00Z");
    let promise = &stored["expectations"][0];
    assert_eq!((&promise["kind"], &promise["by"]), (&json!("exact"), &json!("2026-05-08")));
    assert_eq!(
        (&promise["interview_id"], &promise["subject"]),
        (&json!("i1"), &json!("next_round"))
    );
    assert_eq!(promise["spoken_at"], "2026-05-06T19:00:00Z");
    let kinds = stored["commitments"].as_array().unwrap().iter().map(|duty| &duty["kind"]);
    assert_eq!(kinds.collect::<Vec<_>>(), ["references", "writing_sample"]);
}

#[actix_web::test]
async fn not_knowing_anything_is_a_legal_answer_and_the_thanks_may_ask() {
    let app = TestApp::start().await;
    let client = after_interview(&app).await;
    let plan = client.post(DEBRIEF, json!({})).await.expect(200);
    assert_eq!(plan["state"], "limbo");
    let thanks = item(&plan, "thank_you");
    assert!(thanks["flags"].as_array().unwrap().contains(&json!("ask_timeline")), "{thanks}");
    assert_eq!(client.get("/v1/expectations").await.expect(200), json!({"items": []}));
}

#[actix_web::test]
async fn whoever_is_out_early_moves_the_end_of_the_interview() {
    let app = TestApp::start().await;
    let client = after_interview(&app).await;
    app.clock.set("2026-05-06T18:40:00Z");
    let plan = client.post(DEBRIEF, json!({"promise": {"text": "tomorrow"}})).await.expect(200);
    let stored = stored(&client).await;
    assert_eq!(stored["interviews"][0]["ends_at"], "2026-05-06T18:40:00Z");
    assert_eq!(stored["expectations"][0]["spoken_at"], "2026-05-06T18:40:00Z");
    assert_eq!(item(&plan, "thank_you")["earliest"], "2026-05-06T19:40:00Z");
}

#[actix_web::test]
async fn an_interview_that_has_not_begun_cannot_be_debriefed() {
    let app = TestApp::start().await;
    let client = after_interview(&app).await;
    let before = stored(&client).await;
    for early in ["2026-05-06T17:00:00Z", "2026-05-06T18:00:00Z"] {
        app.clock.set(early);
        let refused = client.post(DEBRIEF, json!({"promise": {"text": "soon"}})).await;
        refused.expect_problem("validation_failed");
    }
    assert_eq!(stored(&client).await, before);
    client.post("/v1/interviews/none/debrief", json!({})).await.expect_problem("not_found");
}

#[actix_web::test]
async fn what_is_owed_to_them_must_be_delivered_before_asking() {
    let app = TestApp::start().await;
    let client = after_interview(&app).await;
    let debrief = json!({
        "promise": {"text": "by the end of the week"}, "commitments": [{"kind": "references"}],
    });
    let plan = client.post(DEBRIEF, debrief).await.expect(200);
    assert_eq!((&plan["state"], &plan["ball"]), (&json!("my_turn"), &json!("me")));
    let follow_up = item(&plan, "follow_up");
    assert_eq!((&follow_up["verdict"], follow_up.get("do_at")), (&json!("blocked"), None));
    let fulfil = format!("/v1/follow-ups/{}/sent", item(&plan, "fulfil")["id"].as_str().unwrap());
    app.clock.set("2026-05-06T19:10:00Z");
    client.post(&fulfil, json!({})).await.expect(200);
    let plan = client.get("/v1/opportunities/acme/plan").await.expect(200);
    assert_eq!(each(&plan, "kind"), ["thank_you", "follow_up"]);
    assert_eq!(item(&plan, "follow_up")["verdict"], "too_soon");
    assert_eq!(plan["state"], "waiting_them");
}

#[actix_web::test]
async fn a_fault_anywhere_is_pointed_at_and_nothing_at_all_is_stored() {
    let app = TestApp::start().await;
    let client = after_interview(&app).await;
    let before = stored(&client).await;
    let tag = client.get("/v1/opportunities").await.header("etag").to_owned();
    let good = json!({"kind": "references"});
    for (debrief, faults) in [
        (
            json!({"promise": {"text": "soon", "promised_by": "nobody"}}),
            vec!["/promise/promised_by"],
        ),
        (json!({"promise": {"text": " "}}), vec!["/promise/text"]),
        (json!({"promise": "soon"}), vec!["/promise"]),
        (
            json!({"promise": {"text": "soon"}, "commitments": [good, {"kind": "form", "due_time": "12:00"}]}),
            vec!["/commitments/1/due_time"],
        ),
        (
            json!({"commitments": [good, {"kind": "form", "referee_contact_id": "nobody"}]}),
            vec!["/commitments/1/referee_contact_id"],
        ),
        (json!({"commitments": [good, {"kind": "gift"}]}), vec!["/commitments/1/kind"]),
        (
            json!({"talking_points": [{"contact_id": "nobody", "text": "x"}]}),
            vec!["/talking_points/0/contact_id"],
        ),
        (json!({"attendees": [{"contact_id": "nobody"}]}), vec!["/attendees/0/contact_id"]),
        (
            json!({"impression": 0, "next_step_owner": "us"}),
            vec!["/next_step_owner", "/impression"],
        ),
    ] {
        let refused = client.post(DEBRIEF, debrief.clone()).await;
        assert_eq!(pointers(&refused.expect_problem("validation_failed")), faults, "{debrief}");
    }
    assert_eq!(stored(&client).await, before);
    assert_eq!(client.get("/v1/opportunities").await.header("etag"), tag);
}

#[actix_web::test]
async fn what_a_debrief_leaves_out_stays_as_it_was_noted() {
    let app = TestApp::start().await;
    let client = after_interview(&app).await;
    let notes = json!({"notes": "before", "impression": 3, "next_step_owner": "me"});
    client.patch("/v1/interviews/i1", notes).await.expect(200);
    client.post(DEBRIEF, json!({"impression": 5})).await.expect(200);
    let interview = client.get("/v1/interviews/i1").await.expect(200);
    assert_eq!((&interview["notes"], &interview["impression"]), (&json!("before"), &json!(5)));
    assert_eq!(interview["next_step_owner"], "me");
    assert_eq!(interview["attendees"][0]["contact_id"], "anna");
}

#[actix_web::test]
async fn logging_it_again_adds_what_is_new_and_repeats_nothing() {
    let app = TestApp::start().await;
    let client = after_interview(&app).await;
    let first = json!({
        "promise": {"text": "by the end of the week"}, "commitments": [{"kind": "references"}],
    });
    client.post(DEBRIEF, first).await.expect(200);
    let before = stored(&client).await;
    let duty = before["commitments"][0]["id"].as_str().unwrap();
    let delivered = json!({"status": "fulfilled", "fulfilled_at": "2026-05-06T19:05:00Z"});
    client.patch(&format!("/v1/commitments/{duty}"), delivered).await.expect(200);
    let again = json!({
        "promise": {"text": "by the end of the week"},
        "commitments": [{"kind": "references"}, {"kind": "writing_sample"}],
    });
    client.post(DEBRIEF, again).await.expect(200);
    let after = stored(&client).await;
    assert_eq!(after["expectations"], before["expectations"]);
    let duties = after["commitments"].as_array().unwrap().iter();
    let states: Vec<_> = duties.map(|duty| (&duty["kind"], &duty["status"])).collect();
    assert_eq!(
        states,
        [(&json!("references"), &json!("fulfilled")), (&json!("writing_sample"), &json!("open"))]
    );
}

#[actix_web::test]
async fn two_duties_of_one_name_are_two_and_more_words_about_a_promise_are_added() {
    let app = TestApp::start().await;
    let client = after_interview(&app).await;
    let duties =
        json!([{"kind": "other", "due": "2026-05-08"}, {"kind": "other", "due": "2026-05-12"}]);
    let first = json!({"promise": {"text": "soon"}, "commitments": duties});
    client.post(DEBRIEF, first.clone()).await.expect(200);
    client.post(DEBRIEF, first).await.expect(200);
    let promise = json!({"promise": {"text": "soon", "promised_by": "anna"}});
    client.post(DEBRIEF, promise).await.expect(200);
    let stored = stored(&client).await;
    let due: Vec<_> = stored["commitments"].as_array().unwrap().iter().map(|c| &c["due"]).collect();
    assert_eq!(due, [&json!("2026-05-08"), &json!("2026-05-12")]);
    assert_eq!(stored["expectations"].as_array().unwrap().len(), 1);
    assert_eq!(stored["expectations"][0]["promised_by"], "anna");
}
