//! Where an account has its events sent: made, read, changed, deleted.

use crate::operations::SCOPES;
use crate::support::{database, each, pointers};
use afterview_tests::receiver::{Event, Receiver};
use afterview_tests::{Client, TestApp};
use chrono::{SecondsFormat, TimeDelta};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) const WEBHOOKS: &str = "/v1/webhooks";
const TARGET: &str = "https://hooks.example.org/afterview?key=s3cret";

/// A server that also sends to this machine, a double beside it, and an account.
pub(crate) struct Stage {
    pub(crate) app: TestApp,
    pub(crate) receiver: Receiver,
    /// A program of the account's, which stays signed in for a year.
    pub(crate) client: Client,
}

impl Stage {
    /// One on each database.
    pub(crate) async fn each() -> Vec<Self> {
        let mut stages = Vec::new();
        for app in TestApp::each_with(&[("AFTERVIEW_WEBHOOK_ALLOW_PRIVATE", "on".to_owned())]).await
        {
            let client = program(&app.user("candidate").await).await;
            stages.push(Self { app, receiver: Receiver::start().await, client });
        }
        stages
    }

    /// A webhook to the address of the double called `name`.
    pub(crate) async fn webhook(&self, name: &str) -> Value {
        self.client.post(WEBHOOKS, json!({"url": self.receiver.url(name)})).await.expect(201)
    }

    /// Lets `by` pass, and what is due happen.
    pub(crate) async fn after(&self, by: TimeDelta) {
        let now = self.app.clock.get() + by;
        self.app.let_time_pass_until(&now.to_rfc3339_opts(SecondsFormat::Millis, true)).await;
    }

    /// Lets happen what is due.
    pub(crate) async fn deliver(&self) {
        self.after(TimeDelta::zero()).await;
        assert_eq!(self.receiver.faults(), [""; 0]);
    }

    /// The events that came to the address called `name`.
    pub(crate) fn events(&self, name: &str) -> Vec<Event> {
        self.receiver.events(name)
    }

    /// Their names, sorted: their order is not promised.
    pub(crate) fn kinds(&self, name: &str) -> Vec<String> {
        let events = self.events(name);
        let mut kinds: Vec<String> = events.iter().map(|event| event.kind().to_owned()).collect();
        kinds.sort();
        kinds
    }

    /// What the server says of the deliveries to a webhook, the newest first.
    pub(crate) async fn deliveries(&self, webhook: &Value) -> Vec<Value> {
        let page = self.client.get(&format!("{}/deliveries", path(webhook))).await.expect(200);
        page["items"].as_array().unwrap().clone()
    }

    /// What the server says of a webhook.
    pub(crate) async fn read(&self, webhook: &Value) -> Value {
        self.client.get(&path(webhook)).await.expect(200)
    }
}

/// A program with a personal access token that allows everything.
pub(crate) async fn program(client: &Client) -> Client {
    let body = json!({"name": "a program", "scopes": SCOPES, "expires_in_days": 365});
    let made = client.post("/v1/auth/tokens", body).await.expect(201);
    client.with_token(made["token"].as_str().unwrap())
}

pub(crate) fn path(webhook: &Value) -> String {
    format!("{WEBHOOKS}/{}", webhook["id"].as_str().unwrap())
}

/// The webhook as it is read later.
fn without_secret(webhook: &Value) -> Value {
    let mut webhook = webhook.clone();
    assert!(webhook.as_object_mut().unwrap().remove("secret").is_some());
    webhook
}

#[actix_web::test]
async fn a_secret_is_shown_once_by_the_answer_that_made_it() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let body = json!({"url": TARGET, "events": ["promise.missed", "follow_up.due"], "description": "Home"});
    let answer = anna.post(WEBHOOKS, body).await;
    let made = answer.expect(201);
    assert_eq!(answer.header("location"), path(&made));
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert_eq!((secret.len(), &secret[..6]), (50, "whsec_"));
    let expected = json!({
        "id": made["id"], "url": TARGET, "events": ["follow_up.due", "promise.missed"], "description": "Home",
        "enabled": true, "created_at": "2026-05-06T19:05:00Z", "updated_at": "2026-05-06T19:05:00Z",
    });
    assert_eq!(without_secret(&made), expected);
    assert_eq!(anna.get(&path(&made)).await.expect(200), expected);
    assert_eq!(anna.get(WEBHOOKS).await.expect(200), json!({ "items": [expected] }));

    app.clock.advance(TimeDelta::minutes(1));
    let rotated = anna.post(&format!("{}/rotate-secret", path(&made)), json!({})).await.expect(200);
    assert_ne!(rotated["secret"], secret.as_str());
    let seen = anna.get(&path(&made)).await.expect(200);
    assert_eq!(without_secret(&rotated), seen);
    assert_eq!(seen["previous_secret_until"], "2026-05-07T19:06:00Z");
    let trail = anna.get("/v1/account/audit").await.text;
    assert!(!trail.contains("whsec_") && !trail.contains("s3cret"), "{trail}");
}

#[actix_web::test]
async fn what_is_left_out_of_a_change_stays() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let made = anna.post(WEBHOOKS, json!({"url": TARGET, "description": "Home"})).await.expect(201);
    assert_eq!(made["events"], json!([]));
    app.clock.advance(TimeDelta::minutes(1));
    let patch = async |body: Value| anna.patch(&path(&made), body).await.expect(200);
    let same = patch(json!({})).await;
    assert_eq!((&same["url"], &same["description"]), (&json!(TARGET), &json!("Home")));
    assert_eq!(same["updated_at"], "2026-05-06T19:06:00Z");
    let other = json!({"url": "https://other.example.org/", "events": ["reply.recorded"], "description": ""});
    let other = patch(other).await;
    assert_eq!(other["url"], "https://other.example.org/");
    assert_eq!((&other["events"], other.get("description")), (&json!(["reply.recorded"]), None));
    let off = patch(json!({"enabled": false, "events": []})).await;
    assert_eq!((&off["enabled"], &off["events"]), (&json!(false), &json!([])));
    assert_eq!(off["disabled_reason"], "by_owner");
    assert_eq!(off["disabled_at"], "2026-05-06T19:06:00Z");
    let on = patch(json!({"enabled": true})).await;
    assert_eq!((&on["enabled"], on.get("disabled_reason")), (&json!(true), None));
    assert_eq!(anna.get(&path(&made)).await.expect(200), on);
}

#[actix_web::test]
async fn what_is_wrong_with_a_webhook_is_told_field_by_field() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let wrong =
        json!({"url": "hooks", "events": ["follow_up.due", "other"], "description": 1, "x": 1});
    let problem = anna.post(WEBHOOKS, wrong.clone()).await.expect_problem("validation_failed");
    let mut at = pointers(&problem);
    at.sort_unstable();
    assert_eq!(at, ["/description", "/events/1", "/url", "/x"]);
    let problem = anna.post(WEBHOOKS, json!({})).await.expect_problem("validation_failed");
    assert_eq!(pointers(&problem), ["/url"]);
    let made = anna.post(WEBHOOKS, json!({"url": TARGET})).await.expect(201);
    anna.patch(&path(&made), wrong).await.expect_problem("validation_failed");
    let enabled = json!({"enabled": "yes"});
    anna.patch(&path(&made), enabled).await.expect_problem("validation_failed");
    let seen = anna.get(&path(&made)).await.expect(200);
    assert_eq!(seen, without_secret(&made));
}

#[actix_web::test]
async fn an_account_has_ten_webhooks_at_most() {
    let app = TestApp::start().await;
    let (anna, bob) = (app.user("anna").await, app.user("bob").await);
    let mut made = Vec::new();
    for _ in 0..10 {
        made.push(anna.post(WEBHOOKS, json!({"url": TARGET})).await.expect(201));
    }
    let refused = anna.post(WEBHOOKS, json!({"url": TARGET})).await;
    assert_eq!(refused.expect_problem("limit_exceeded")["status"], 422);
    bob.post(WEBHOOKS, json!({"url": TARGET})).await.expect(201);
    assert_eq!(anna.delete(&path(&made[3])).await.status, 204);
    anna.post(WEBHOOKS, json!({"url": TARGET})).await.expect(201);
    assert_eq!(each(&anna.get(WEBHOOKS).await.expect(200), "id").len(), 10);
    assert_eq!(anna.get("/v1/limits").await.expect(200)["webhooks"], 10);
}

#[actix_web::test]
async fn a_repeated_request_makes_nothing_twice() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let keyed = async |key: &str, path: &str, body: Value| {
        anna.send(Method::POST, path, &[("idempotency-key", key)], Some(body)).await
    };
    let first = keyed("k1", WEBHOOKS, json!({"url": TARGET})).await;
    let again = keyed("k1", WEBHOOKS, json!({"url": TARGET})).await;
    assert_eq!((first.status, &first.bytes), (again.status, &again.bytes));
    assert_eq!(each(&anna.get(WEBHOOKS).await.expect(200), "id").len(), 1);
    let other = keyed("k1", WEBHOOKS, json!({"url": "https://other.example.org/"})).await;
    other.expect_problem("idempotency_key_reused");
    let rotate = format!("{}/rotate-secret", path(&first.json()));
    let rotated = keyed("k2", &rotate, json!({})).await.expect(200);
    assert_eq!(keyed("k2", &rotate, json!({})).await.expect(200), rotated);
}

#[actix_web::test]
async fn a_deleted_webhook_is_gone_with_its_deliveries() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let made = anna.post(WEBHOOKS, json!({"url": TARGET})).await.expect(201);
    let interview = json!({
        "opportunity": {"employer": "Acme", "role": "Data engineer"},
        "starts_at": "2026-05-06T20:00:00Z", "ends_at": "2026-05-06T21:00:00Z",
    });
    anna.post("/v1/interviews", interview).await.expect(201);
    assert_eq!(database(&app).count("webhook_deliveries WHERE outcome = 'waiting'"), 1);
    assert_eq!(anna.delete(&path(&made)).await.status, 204);
    for answer in [
        anna.get(&path(&made)).await,
        anna.delete(&path(&made)).await,
        anna.patch(&path(&made), json!({})).await,
        anna.get(&format!("{}/deliveries", path(&made))).await,
        anna.post(&format!("{}/test", path(&made)), json!({})).await,
        anna.post(&format!("{}/rotate-secret", path(&made)), json!({})).await,
    ] {
        answer.expect_problem("not_found");
    }
    assert_eq!(database(&app).count("webhook_deliveries"), 0);
    assert_eq!(database(&app).count("webhooks"), 0);
}

#[actix_web::test]
async fn the_trail_names_the_host_and_nothing_more() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let step = || app.clock.advance(TimeDelta::seconds(1));
    step();
    let made = anna.post(WEBHOOKS, json!({"url": TARGET})).await.expect(201);
    step();
    anna.post(&format!("{}/rotate-secret", path(&made)), json!({})).await.expect(200);
    step();
    let elsewhere = json!({"url": "https://elsewhere.example.org/s3cret"});
    anna.patch(&path(&made), elsewhere).await.expect(200);
    step();
    anna.patch(&path(&made), json!({"description": "not worth a note"})).await.expect(200);
    assert_eq!(anna.delete(&path(&made)).await.status, 204);
    let trail = anna.get("/v1/account/audit?limit=4").await.expect(200);
    let noted: Vec<_> = each(&trail, "kind").into_iter().zip(each(&trail, "about")).collect();
    let expected = [
        ("webhook_deleted", "elsewhere.example.org"),
        ("webhook_redirected", "elsewhere.example.org"),
        ("webhook_secret_rotated", "hooks.example.org"),
        ("webhook_created", "hooks.example.org"),
    ];
    assert_eq!(noted, expected);
}
