//! Drafts made from the facts, what proof-reading says about them, and how they leave the server.

use crate::support::{create, item, opportunity, with};
use afterview_tests::{Answer, Client, TestApp, story};
use serde_json::{Value, json};

/// The story with an address of Anna's and a moment of the conversation, after its debrief; the
/// address of the draft of that kind.
async fn desk(app: &TestApp, kind: &str) -> (Client, String) {
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    let mail = json!([{"kind": "email", "value": "anna+jobs@acme.example"}]);
    client.patch("/v1/contacts/anna", json!({ "channels": mail })).await.expect(200);
    let points = json!([{"text": "The story of the frozen elevator."}]);
    client.patch("/v1/interviews/i1", json!({ "talking_points": points })).await.expect(200);
    let plan = story::debrief(&client, &facts).await;
    let path = path_of(&plan, kind);
    (client, path)
}

fn path_of(plan: &Value, kind: &str) -> String {
    format!("/v1/follow-ups/{}", item(plan, kind)["id"].as_str().unwrap())
}

async fn draft(client: &Client, path: &str) -> Value {
    client.post(&format!("{path}/draft"), json!({})).await.expect(200)
}

fn body(draft: &Value) -> &str {
    draft["body"].as_str().unwrap()
}

fn rules(draft: &Value) -> Vec<&str> {
    draft["findings"].as_array().unwrap().iter().map(|f| f["rule"].as_str().unwrap()).collect()
}

/// A blank with its value, or a question mark where an optional one has none.
fn described(slot: &Value) -> String {
    assert!(slot["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{slot}");
    let name = slot["name"].as_str().unwrap();
    match slot["value"].as_str() {
        Some(value) => format!("{name}: {value}"),
        None if slot["required"] == true => format!("{name}!"),
        None => format!("{name}?"),
    }
}

fn head(answer: &Answer, name: &str) -> String {
    let head = answer.text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
    let prefix = format!("{name}: ");
    let line = head.lines().find_map(|line| line.strip_prefix(&prefix).map(str::to_owned));
    line.unwrap_or_default()
}

#[actix_web::test]
async fn a_thank_you_note_is_drafted_from_the_facts() {
    let app = TestApp::start().await;
    let (client, path) = desk(&app, "thank_you").await;
    let mut made = draft(&client, &path).await;
    assert_eq!(format!("/v1/follow-ups/{}", made["follow_up_id"].as_str().unwrap()), path);
    let slots: Vec<String> = made["slots"].as_array().unwrap().iter().map(described).collect();
    made["slots"] = json!(slots);
    insta::assert_json_snapshot!(made, @r#"
    {
      "body": "Dear Anna,\n\nThank you for your time on Wednesday. One thing has stayed with me: the story of the frozen elevator. I would be glad to do this work with you at Acme.\n\nKind regards",
      "channel": "email",
      "findings": [],
      "follow_up_id": "abb0d536-f79e-508c-9d14-e78f3c2d3eb4",
      "locale": "en",
      "mailto": "mailto:anna%2Bjobs@acme.example?subject=Thank%20you%20for%20your%20time%20on%20Wednesday&body=Dear%20Anna%2C%0D%0A%0D%0AThank%20you%20for%20your%20time%20on%20Wednesday.%20One%20thing%20has%20stayed%20with%20me%3A%20the%20story%20of%20the%20frozen%20elevator.%20I%20would%20be%20glad%20to%20do%20this%20work%20with%20you%20at%20Acme.%0D%0A%0D%0AKind%20regards",
      "slots": [
        "when: on Wednesday",
        "pass_on?",
        "first_name: Anna",
        "moment: the story of the frozen elevator",
        "fit?",
        "employer: Acme",
        "timeline_question?",
        "my_name?"
      ],
      "subject": "Thank you for your time on Wednesday",
      "to": "anna",
      "to_address": "anna+jobs@acme.example",
      "to_name": "Anna Novak",
      "unfilled": []
    }
    "#);
}

#[actix_web::test]
async fn values_can_be_tried_out_and_nothing_is_stored() {
    let app = TestApp::start().await;
    let (client, path) = desk(&app, "thank_you").await;
    let stored = json!({"slots": {"moment": "the lighthouse keeper", "my_name": "Maria Silva"}});
    client.patch(&path, stored).await.expect(200);
    let before = client.get(&path).await.expect(200);
    let kept = draft(&client, &path).await;
    assert!(body(&kept).contains("me: the lighthouse keeper."), "{kept}");
    assert!(body(&kept).ends_with("Kind regards,\nMaria Silva"), "{kept}");
    let tried = json!({"slots": {"moment": "the bakery at the harbour", "fit": "I bake."}});
    let tried = client.post(&format!("{path}/draft"), tried).await.expect(200);
    assert!(body(&tried).contains("me: the bakery at the harbour, because I bake."), "{tried}");
    assert!(body(&tried).ends_with("Maria Silva"), "{tried}");
    assert_eq!(client.get(&path).await.expect(200), before);
    assert_eq!(draft(&client, &path).await, kept);
}

#[actix_web::test]
async fn a_text_of_ones_own_takes_the_place_of_the_draft_and_is_proof_read() {
    let app = TestApp::start().await;
    let (client, path) = desk(&app, "thank_you").await;
    let other = json!({"id": "bolt", "employer": "Bolt", "role": "Site reliability engineer"});
    create(&client, "/v1/opportunities", other).await;
    let text = "Dear Anne,\n\nI am still waiting for Bolt. {moment}";
    client.patch(&path, json!({"subject": "Hello", "body": text})).await.expect(200);
    let stored = draft(&client, &path).await;
    assert_eq!(stored["subject"], "Hello");
    assert!(body(&stored).ends_with("Bolt. the story of the frozen elevator"), "{stored}");
    let found = ["LINT-THANKS", "LINT-INTEREST", "LINT-NAME", "LINT-REPROACH", "LINT-EMPLOYER"];
    assert_eq!(rules(&stored), found);
    let name = &stored["findings"][2];
    assert_eq!(
        (&name["severity"], &name["start"], &name["end"]),
        (&json!("error"), &json!(5), &json!(9))
    );
    let tried = json!({"body": "Thank you for the story of the frozen elevator; I am keen."});
    let tried = client.post(&format!("{path}/draft"), tried).await.expect(200);
    assert_eq!((rules(&tried), &tried["subject"]), (vec![], &json!("Hello")));
}

#[actix_web::test]
async fn a_draft_leaves_as_plain_text() {
    let app = TestApp::start().await;
    let (client, path) = desk(&app, "thank_you").await;
    let made = draft(&client, &path).await;
    let text = client.post(&format!("{path}/draft?format=text&locale=en"), json!({})).await;
    assert_eq!((text.status, text.text.as_str()), (200, body(&made)));
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(text.header("content-language"), "en");
}

#[actix_web::test]
async fn a_draft_leaves_as_an_unsent_message() {
    let app = TestApp::start().await;
    let (client, path) = desk(&app, "thank_you").await;
    client.patch("/v1/contacts/anna", json!({"name": "Anna Nováková"})).await.expect(200);
    let words =
        json!({"subject": "Grüße\r\nBcc: eve@x.example", "body": "Frozen\nelevator – danke"});
    let mail = client.post(&format!("{path}/draft?format=eml"), words).await;
    assert_eq!((mail.status, mail.header("content-type")), (200, "message/rfc822"));
    assert_eq!(mail.header("content-disposition"), "attachment; filename=\"follow-up.eml\"");
    assert_eq!(head(&mail, "X-Unsent"), "1");
    assert_eq!(head(&mail, "Date"), "Wed, 06 May 2026 19:05:00 +0000");
    assert_eq!(head(&mail, "Subject"), "=?utf-8?b?R3LDvMOfZQ==?= Bcc: eve@x.example");
    assert_eq!(head(&mail, "To"), "=?utf-8?b?QW5uYSBOb3bDoWtvdsOh?= <anna+jobs@acme.example>");
    assert_eq!(head(&mail, "Content-Type"), "text/plain; charset=utf-8");
    for absent in ["From", "Bcc", "Message-ID"] {
        assert_eq!(head(&mail, absent), "", "{absent}");
    }
    assert!(mail.text.contains("Frozen\r\nelevator =E2=80=93 danke"), "{}", mail.text);
    let again =
        json!({"subject": "Grüße\r\nBcc: eve@x.example", "body": "Frozen\nelevator – danke"});
    let again = client.post(&format!("{path}/draft?format=eml"), again).await;
    assert_eq!(again.bytes, mail.bytes);
}

#[actix_web::test]
async fn without_an_address_there_is_no_recipient_and_without_mail_no_link() {
    let app = TestApp::start().await;
    let (client, path) = desk(&app, "thank_you").await;
    let odd = json!([{"kind": "email", "value": "not an address"}]);
    client.patch("/v1/contacts/anna", json!({ "channels": odd })).await.expect(200);
    let mail = client.post(&format!("{path}/draft?format=eml"), json!({})).await;
    assert_eq!((mail.status, head(&mail, "To").as_str()), (200, ""));
    client.patch("/v1/contacts/anna", json!({ "channels": [] })).await.expect(200);
    let made = draft(&client, &path).await;
    assert_eq!((made.get("to_address"), &made["to_name"]), (None, &json!("Anna Novak")));
    assert!(made["mailto"].as_str().unwrap().starts_with("mailto:?subject="), "{made}");
    client.patch(&path, json!({"channel": "handwritten"})).await.expect(200);
    let card = draft(&client, &path).await;
    assert_eq!((card.get("mailto"), &card["channel"]), (None, &json!("handwritten")));
}

#[actix_web::test]
async fn the_language_is_the_candidates_unless_asked_otherwise() {
    let app = TestApp::start().await;
    let (client, path) = desk(&app, "thank_you").await;
    client.patch("/v1/preferences", json!({"locale": "de-AT"})).await.expect(200);
    let made = draft(&client, &path).await;
    assert_eq!(made["locale"], "de");
    assert!(body(&made).starts_with("Guten Tag Anna Novak,"), "{made}");
    let french = client.post(&format!("{path}/draft?locale=fr-CA"), json!({})).await.expect(200);
    assert_eq!(french["locale"], "en");
    let wrong = client.post(&format!("{path}/draft?locale=d%C3%A9"), json!({})).await;
    wrong.expect_problem("invalid_parameter");
    let wrong = client.post(&format!("{path}/draft?format=pdf"), json!({})).await;
    wrong.expect_problem("invalid_parameter");
}

#[actix_web::test]
async fn only_what_is_still_to_be_done_has_a_draft() {
    let app = TestApp::start().await;
    let (client, path) = desk(&app, "thank_you").await;
    let stranger = app.user("stranger").await;
    let foreign = stranger.post(&format!("{path}/draft"), json!({})).await;
    foreign.expect_problem("not_found");
    client.post("/v1/follow-ups/nothing/draft", json!({})).await.expect_problem("not_found");
    client.post(&format!("{path}/skip"), json!({})).await.expect(200);
    client.post(&format!("{path}/draft"), json!({})).await.expect_problem("wrong_state");
    client.post(&format!("{path}/reopen"), json!({})).await.expect(200);
    draft(&client, &path).await;
    client.post(&format!("{path}/sent"), json!({})).await.expect(200);
    client.post(&format!("{path}/draft"), json!({})).await.expect_problem("wrong_state");
}

#[actix_web::test]
async fn the_members_of_a_panel_get_different_notes() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    let ben =
        json!({"id": "ben", "opportunity_id": "acme", "name": "Ben Okoro", "role": "interviewer"});
    create(&client, "/v1/contacts", ben).await;
    let panel = json!({
        "attendees": [{"contact_id": "anna"}, {"contact_id": "ben"}],
        "talking_points": [{"text": "the frozen elevator"}, {"text": "the harbour bakery"}],
    });
    client.patch("/v1/interviews/i1", panel).await.expect(200);
    let plan = story::debrief(&client, &facts).await;
    let notes = plan["items"].as_array().unwrap().iter().filter(|i| i["kind"] == "thank_you");
    let paths: Vec<String> =
        notes.map(|i| format!("/v1/follow-ups/{}", i["id"].as_str().unwrap())).collect();
    let (first, second) = (draft(&client, &paths[0]).await, draft(&client, &paths[1]).await);
    let moments = |text: &str| [text.contains("elevator"), text.contains("bakery")];
    assert_ne!(moments(body(&first)), moments(body(&second)));
    client.patch(&paths[0], json!({"body": first["body"]})).await.expect(200);
    assert_eq!(rules(&draft(&client, &paths[1]).await), [""; 0]);
    let copy = body(&first).replace("Dear Anna", "Dear Ben");
    let copied = client.post(&format!("{}/draft", paths[1]), json!({ "body": copy })).await;
    assert!(rules(&copied.expect(200)).contains(&"LINT-OVERLAP"));
}

#[actix_web::test]
async fn a_follow_up_quotes_what_was_promised_to_whoever_is_to_be_asked() {
    let app = TestApp::start().await;
    let (client, path) = desk(&app, "follow_up").await;
    let made = draft(&client, &path).await;
    let quoted =
        "You had mentioned “by the end of the week” for the next step on the Data engineer";
    assert!(body(&made).contains(quoted), "{made}");
    assert_eq!((&made["to"], &made["to_name"]), (&json!("employer"), &json!("Anna Novak")));
    assert!(body(&made).starts_with("Dear Anna,"), "{made}");
    assert_eq!((rules(&made), &made["unfilled"]), (vec![], &json!([])));
}

#[actix_web::test]
async fn a_promised_document_and_an_offer_elsewhere_are_named() {
    let app = TestApp::start().await;
    let (client, _) = desk(&app, "thank_you").await;
    let duty = json!({"opportunity_id": "acme", "kind": "portfolio", "title": "My harbour maps"});
    create(&client, "/v1/commitments", duty).await;
    create(&client, "/v1/opportunities", opportunity("bolt")).await;
    let offer = json!({"opportunity_id": "bolt", "received_at": "2026-05-06T18:00:00Z", "deadline": "2026-05-15T21:00:00Z"});
    create(&client, "/v1/offers", offer).await;
    let plan = client.get("/v1/opportunities/acme/plan").await.expect(200);
    let fulfil = draft(&client, &path_of(&plan, "fulfil")).await;
    assert_eq!(fulfil["subject"], "As promised: my harbour maps");
    let nudge = draft(&client, &path_of(&plan, "offer_nudge")).await;
    assert!(body(&nudge).contains("answer it by Friday 15 May at 17:00."), "{nudge}");
    assert!(body(&nudge).contains("my first choice"), "{nudge}");
    assert_eq!(rules(&nudge), [""; 0]);
}

#[actix_web::test]
async fn a_custom_follow_up_has_a_draft_too() {
    let app = TestApp::start().await;
    let (client, _) = desk(&app, "thank_you").await;
    let base = json!({"opportunity_id": "acme", "title": "The harbour map", "due_at": "2026-05-08T14:00:00Z"});
    create(&client, "/v1/follow-ups", with(base.clone(), &json!({"id": "own"}))).await;
    let own = draft(&client, "/v1/follow-ups/own").await;
    assert_eq!(
        (&own["subject"], &own["body"]),
        (&json!("The harbour map"), &json!("The harbour map"))
    );
    create(&client, "/v1/follow-ups", with(base, &json!({"id": "hers", "to": "anna"}))).await;
    let hers = draft(&client, "/v1/follow-ups/hers").await;
    assert_eq!(hers["body"], "Dear Anna,\n\n{message}\n\nKind regards");
    assert_eq!(hers["to_address"], "anna+jobs@acme.example");
}

#[actix_web::test]
async fn what_goes_through_the_agency_is_mailed_to_its_recruiter() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    let rita = json!({
        "id": "rita", "opportunity_id": "acme", "name": "Rita Roe", "role": "agency_recruiter",
        "channels": [{"kind": "email", "value": "rita@agency.example"}],
    });
    create(&client, "/v1/contacts", rita).await;
    let agency = json!({"via_agency": true, "agency_contact_id": "rita"});
    client.patch("/v1/opportunities/acme", agency).await.expect(200);
    let plan = story::debrief(&client, &facts).await;
    let path = path_of(&plan, "thank_you");
    let note = draft(&client, &path).await;
    let start = "Could you please pass this note on to Anna Novak?\n\nDear Anna,";
    assert!(body(&note).starts_with(start), "{note}");
    assert_eq!(
        (&note["to_name"], &note["to_address"]),
        (&json!("Anna Novak"), &json!("rita@agency.example"))
    );
    let mail = client.post(&format!("{path}/draft?format=eml"), json!({})).await;
    assert_eq!(head(&mail, "To"), "\"Rita Roe\" <rita@agency.example>");
    let question = draft(&client, &path_of(&plan, "follow_up")).await;
    assert!(body(&question).starts_with("Dear Rita,\n\nYou had mentioned"), "{question}");
    assert_eq!(question["to_address"], "rita@agency.example");
}
