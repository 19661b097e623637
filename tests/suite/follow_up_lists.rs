//! The list of follow-ups: what is planned and what was done, in one order.

use crate::support::{create, each, item, opportunity};
use afterview_tests::{Client, TestApp, story};
use reqwest::Method;
use serde_json::{Value, json};

/// Two opportunities after an interview each: the story, and Beta with three interviewers.
async fn two_opportunities(app: &TestApp) -> Client {
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    story::debrief(&client, &facts).await;
    create(&client, "/v1/opportunities", opportunity("beta")).await;
    for name in ["bill", "beth", "bob"] {
        let contact =
            json!({"id": name, "opportunity_id": "beta", "name": name, "role": "interviewer"});
        create(&client, "/v1/contacts", contact).await;
    }
    let interview = json!({
        "id": "i2", "opportunity_id": "beta",
        "starts_at": "2026-05-06T15:00:00Z", "ends_at": "2026-05-06T16:00:00Z",
        "attendees": [{"contact_id": "bill"}, {"contact_id": "beth"}, {"contact_id": "bob"}],
    });
    create(&client, "/v1/interviews", interview).await;
    client.post("/v1/interviews/i2/debrief", json!({})).await.expect(200);
    client
}

async fn list(client: &Client, query: &str) -> Value {
    client.get(&format!("/v1/follow-ups?{query}")).await.expect(200)
}

async fn act(client: &Client, item: &Value, action: &str) {
    let path = format!("/v1/follow-ups/{}/{action}", item["id"].as_str().unwrap());
    client.post(&path, json!({})).await.expect(200);
}

#[actix_web::test]
async fn open_ones_come_first_as_in_the_agenda_and_then_the_newest_of_the_rest() {
    let app = TestApp::start().await;
    let client = two_opportunities(&app).await;
    let all = list(&client, "").await;
    assert_eq!(all["items"], client.get("/v1/agenda").await.expect(200)["items"]);
    let to = each(&all, "to");
    assert_eq!(to, ["beth", "bill", "bob", "anna", "employer", "employer"]);
    act(&client, &all["items"][1], "skip").await;
    app.clock.set("2026-05-06T19:06:00Z");
    act(&client, &all["items"][0], "sent").await;
    let after = list(&client, "").await;
    let states = each(&after, "state");
    assert_eq!(states, ["open", "open", "open", "open", "sent", "skipped"]);
    assert_eq!(each(&after, "to")[4..], ["beth", "bill"]);
}

#[actix_web::test]
async fn the_list_can_be_narrowed() {
    let app = TestApp::start().await;
    let client = two_opportunities(&app).await;
    let all = list(&client, "").await;
    act(&client, &all["items"][1], "skip").await;
    act(&client, &all["items"][0], "sent").await;
    for (query, to) in [
        ("state=sent", vec!["beth"]),
        ("state=skipped", vec!["bill"]),
        ("state=open&kind=thank_you", vec!["bob", "anna"]),
        ("verdict=good_time", vec!["bob"]),
        ("verdict=overdue", vec![]),
        ("kind=follow_up", vec!["employer", "employer"]),
        ("kind=value_add", vec![]),
        ("opportunity_id=acme", vec!["anna", "employer"]),
        ("opportunity_id=nowhere", vec![]),
        ("interview_id=i2&kind=thank_you", vec!["bob", "beth", "bill"]),
        ("due_before=2026-05-07T13:00:00Z", vec!["bob"]),
        ("due_before=2026-05-07T09:00:01-04:00", vec!["bob", "anna"]),
        ("state=open&verdict=too_soon&opportunity_id=beta", vec!["employer"]),
    ] {
        assert_eq!(each(&list(&client, query).await, "to"), to, "{query}");
    }
}

#[actix_web::test]
async fn due_before_counts_milliseconds() {
    let app = TestApp::start().await;
    let client = two_opportunities(&app).await;
    // The thank-you note to Anna is due at the full second.
    let exactly = list(&client, "due_before=2026-05-07T13:00:00Z").await;
    let just_after = list(&client, "due_before=2026-05-07T13:00:00.001Z").await;
    assert!(!each(&exactly, "to").contains(&"anna"));
    assert!(each(&just_after, "to").contains(&"anna"), "{:?}", each(&just_after, "to"));
}

#[actix_web::test]
async fn pages_cover_the_list_once() {
    let app = TestApp::start().await;
    let client = two_opportunities(&app).await;
    let all = list(&client, "").await;
    let mut seen = Vec::new();
    let mut query = "limit=2".to_owned();
    for _ in 0..3 {
        let page = list(&client, &query).await;
        assert_eq!(page["items"].as_array().unwrap().len(), 2);
        seen.extend(page["items"].as_array().unwrap().clone());
        query = format!("limit=2&cursor={}", page["next_cursor"].as_str().unwrap_or("none"));
    }
    assert!(query.ends_with("none"), "a fourth page");
    assert_eq!(json!(seen), all["items"]);
}

#[actix_web::test]
async fn a_page_does_not_begin_anew_when_the_last_item_of_the_page_before_was_sent() {
    let app = TestApp::start().await;
    let client = two_opportunities(&app).await;
    let first = list(&client, "state=open&limit=2").await;
    act(&client, &first["items"][1], "sent").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = list(&client, &format!("state=open&limit=2&cursor={cursor}")).await;
    let repeated = each(&second, "id").contains(&first["items"][0]["id"].as_str().unwrap());
    assert!(!repeated, "{:?} after {:?}", each(&second, "to"), each(&first, "to"));
}

#[actix_web::test]
async fn a_draft_whose_item_is_not_advised_any_more_is_kept_in_the_list() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    let plan = story::debrief(&client, &facts).await;
    let thanks = item(&plan, "thank_you")["id"].as_str().unwrap();
    let path = format!("/v1/follow-ups/{thanks}");
    client.patch(&path, json!({"body": "Dear Anna"})).await.expect(200);
    let policy = json!({"contact_policy": "no_thanks"});
    client.patch("/v1/opportunities/acme", policy).await.expect(200);
    let kept = client.get(&path).await.expect(200);
    assert_eq!((&kept["body"], kept.get("verdict")), (&json!("Dear Anna"), None));
    assert_eq!(each(&list(&client, "kind=thank_you").await, "id"), [thanks]);
    let agenda = client.get("/v1/agenda").await.expect(200);
    assert_eq!(each(&agenda, "kind"), ["follow_up"]);
}

#[actix_web::test]
async fn the_newest_comes_first_also_within_a_second() {
    let app = TestApp::start().await;
    let client = two_opportunities(&app).await;
    let all = list(&client, "kind=thank_you&opportunity_id=beta").await;
    act(&client, &all["items"][0], "skip").await;
    app.clock.set("2026-05-06T19:05:00.500Z");
    act(&client, &all["items"][1], "skip").await;
    assert_eq!(each(&list(&client, "state=skipped").await, "to"), ["bill", "beth"]);
}

#[actix_web::test]
async fn asking_again_costs_nothing_until_something_changes() {
    let app = TestApp::start().await;
    let client = two_opportunities(&app).await;
    let first = client.get("/v1/follow-ups?state=open").await;
    let tag = first.header("etag").to_owned();
    let unless = [("if-none-match", tag.as_str())];
    let ask = async |path: &str| client.send(Method::GET, path, &unless, None).await;
    assert_eq!(ask("/v1/follow-ups?state=open").await.status, 304);
    assert_eq!(ask("/v1/follow-ups?state=sent").await.status, 200);
    act(&client, &first.json()["items"][0], "skip").await;
    assert_eq!(ask("/v1/follow-ups?state=open").await.status, 200);
}
