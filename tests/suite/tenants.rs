//! Accounts cannot see, change or even notice each other.

use crate::support::{create, each, opportunity, without_request_id};
use afterview_tests::{Client, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

type Attempt = (Method, String, Option<Value>);

/// Ids of one account: opportunity, contact, interview, follow-up, promise.
struct Ids {
    opportunity: String,
    contact: String,
    interview: String,
    follow_up: String,
    promise: String,
}

impl Ids {
    fn prefixed(prefix: &str, follow_up: &str) -> Self {
        let id = |what: &str| format!("{prefix}-{what}");
        Self {
            opportunity: id("opportunity"),
            contact: id("contact"),
            interview: id("interview"),
            follow_up: follow_up.to_owned(),
            promise: id("promise"),
        }
    }

    /// `text` with every id replaced by what it names.
    fn anonymised(&self, text: &str) -> String {
        let names = [
            (&self.opportunity, "OPPORTUNITY"),
            (&self.contact, "CONTACT"),
            (&self.interview, "INTERVIEW"),
            (&self.follow_up, "FOLLOW-UP"),
            (&self.promise, "PROMISE"),
        ];
        names.iter().fold(text.to_owned(), |text, (id, name)| text.replace(id.as_str(), name))
    }
}

/// Records of Alice's, one of each kind that has an address.
async fn facts(client: &Client, prefix: &str) -> Ids {
    let ids = Ids::prefixed(prefix, "");
    create(client, "/v1/opportunities", opportunity(&ids.opportunity)).await;
    let owner = &ids.opportunity;
    let contact =
        json!({"id": ids.contact, "opportunity_id": owner, "name": "Anna", "role": "interviewer"});
    create(client, "/v1/contacts", contact).await;
    let interview = json!({
        "id": ids.interview, "opportunity_id": owner, "attendees": [{"contact_id": ids.contact}],
        "starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z",
    });
    create(client, "/v1/interviews", interview).await;
    let promise = json!({"id": ids.promise, "opportunity_id": owner, "text": "tomorrow"});
    create(client, "/v1/expectations", promise).await;
    let debrief = format!("/v1/interviews/{}/debrief", ids.interview);
    let plan = client.post(&debrief, json!({})).await.expect(200);
    let follow_up = plan["items"][0]["id"].as_str().unwrap();
    client.post(&format!("/v1/follow-ups/{follow_up}/skip"), json!({})).await.expect(200);
    Ids { follow_up: follow_up.to_owned(), ..ids }
}

/// Everything that names an id of somebody, in the address or in the body.
fn attempts(ids: &Ids) -> Vec<Attempt> {
    let Ids { opportunity, contact, interview, follow_up, promise } = ids;
    let mut all: Vec<Attempt> = Vec::new();
    for path in [
        format!("opportunities/{opportunity}"),
        format!("contacts/{contact}"),
        format!("interviews/{interview}"),
        format!("expectations/{promise}"),
    ] {
        all.push((Method::GET, path.clone(), None));
        all.push((Method::PATCH, path.clone(), Some(json!({"notes": "x"}))));
        all.push((Method::DELETE, path, None));
    }
    all.push((Method::GET, format!("opportunities/{opportunity}/plan"), None));
    all.push((Method::POST, format!("interviews/{interview}/debrief"), Some(json!({}))));
    all.push((Method::GET, format!("follow-ups/{follow_up}"), None));
    all.push((Method::PATCH, format!("follow-ups/{follow_up}"), Some(json!({"body": "x"}))));
    for action in ["sent", "undo", "correct", "skip", "reopen", "snooze"] {
        all.push((Method::POST, format!("follow-ups/{follow_up}/{action}"), Some(json!({}))));
    }
    for list in ["contacts", "interviews", "expectations", "follow-ups"] {
        all.push((Method::GET, format!("{list}?opportunity_id={opportunity}"), None));
    }
    let theirs = json!({ "opportunity_id": opportunity });
    for (path, body) in [
        ("contacts", json!({"name": "Eve", "role": "referee"})),
        (
            "interviews",
            json!({"starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z"}),
        ),
        ("expectations", json!({"text": "soon"})),
        ("commitments", json!({"kind": "references"})),
        ("replies", json!({"at": "2026-05-06T18:00:00Z", "kind": "on_hold"})),
        ("offers", json!({"received_at": "2026-05-06T18:00:00Z"})),
        ("supplements", json!({"title": "Certificate"})),
        ("follow-ups", json!({"title": "Call", "due_at": "2026-05-08T18:00:00Z"})),
        ("promises/parse", json!({"text": "soon"})),
    ] {
        all.push((Method::POST, path.to_owned(), Some(crate::support::with(body, &theirs))));
    }
    let mine = json!({
        "opportunity_id": "own", "starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z",
    });
    for reference in [
        json!({"attendees": [{"contact_id": contact}]}),
        json!({"scheduler_contact_id": contact, "replaces_id": interview}),
        json!({"talking_points": [{"contact_id": contact, "text": "x"}]}),
    ] {
        let body = crate::support::with(mine.clone(), &reference);
        all.push((Method::POST, "interviews".to_owned(), Some(body)));
    }
    let agency = json!({"employer": "Beta", "role": "Analyst", "agency_contact_id": contact});
    all.push((Method::POST, "opportunities".to_owned(), Some(agency)));
    let promise = json!({"promise": {"text": "soon", "promised_by": contact}});
    all.push((Method::POST, "interviews/own-interview/debrief".to_owned(), Some(promise)));
    all
}

/// Status and body of an attempt, without ids.
async fn outcome(client: &Client, ids: &Ids, attempt: Attempt) -> (u16, String) {
    let (method, path, body) = attempt;
    let answer = client.send(method, &format!("/v1/{path}"), &[], body).await;
    let body = match answer.json() {
        Value::Object(map) => without_request_id(Value::Object(map)),
        other => other,
    };
    (answer.status, ids.anonymised(&body.to_string()))
}

async fn everything(client: &Client) -> Vec<String> {
    let mut seen = Vec::new();
    for path in ["opportunities", "contacts", "interviews", "expectations", "follow-ups", "agenda"]
    {
        seen.push(client.get(&format!("/v1/{path}")).await.text);
    }
    seen
}

#[actix_web::test]
async fn what_belongs_to_another_account_is_answered_like_what_does_not_exist() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let hers = facts(&alice, "hers").await;
    create(&bob, "/v1/opportunities", opportunity("own")).await;
    let own = json!({
        "id": "own-interview", "opportunity_id": "own",
        "starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z",
    });
    create(&bob, "/v1/interviews", own).await;
    let before = everything(&alice).await;
    let nobodys = Ids::prefixed("none", "00000000-0000-5000-8000-000000000000");
    for (theirs, nothing) in attempts(&hers).into_iter().zip(attempts(&nobodys)) {
        let name = format!("{} {}", theirs.0, theirs.1);
        let (status, text) = outcome(&bob, &hers, theirs).await;
        let expected = outcome(&bob, &nobodys, nothing).await;
        assert_eq!((status, text.clone()), expected, "{name}");
        let empty_list = status == 200 && text == r#"{"items":[]}"#;
        assert!([404, 422].contains(&status) || empty_list, "{name}: {status} {text}");
    }
    assert_eq!(everything(&alice).await, before);
    assert_eq!(each(&bob.get("/v1/opportunities").await.expect(200), "id"), ["own"]);
}

#[actix_web::test]
async fn the_same_id_may_exist_in_two_accounts() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let hers = create(&alice, "/v1/opportunities", opportunity("acme")).await;
    let path = "/v1/opportunities/acme";
    let other = json!({"employer": "Beta", "role": "Analyst"});
    let absent = [("if-none-match", "*")];
    let his = bob.send(Method::PUT, path, &absent, Some(other)).await.expect(201);
    assert_eq!(alice.get(path).await.expect(200), hers);
    assert_eq!(bob.get(path).await.expect(200), his);
    assert_eq!(bob.delete(path).await.status, 204);
    assert_eq!(alice.get(path).await.expect(200), hers);
    bob.get(path).await.expect_problem("not_found");
}
