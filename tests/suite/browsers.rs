//! Reminders in browsers, through whatever push service a browser names.

use afterview_tests::push_service::{Answer, Browser, PushService};
use afterview_tests::{Client, TestApp, story};
use serde_json::{Value, json};
use std::sync::Arc;

/// The thank-you note of the story: when it is due.
const THANKS_DUE: &str = "2026-05-07T13:00:00Z";

fn subscription(browser: &Browser) -> Value {
    let keys = json!({"p256dh": browser.p256dh, "auth": browser.auth});
    json!({"push": {"kind": "web_push", "value": browser.endpoint, "keys": keys}})
}

/// An account with the story whose browser has subscribed at `service`.
async fn told(app: &TestApp, service: &PushService) -> (Client, Browser) {
    let client = app.user("candidate").await;
    let device = client.get("/v1/devices/me").await.expect(200);
    let browser = service.subscribe_for(device["web_push_key"].as_str().unwrap());
    let known = client.put("/v1/devices/me", subscription(&browser)).await.expect(200);
    assert_eq!(known["push"], json!({"kind": "web_push", "state": "active"}));
    let facts = story::record(&client).await;
    story::debrief(&client, &facts).await;
    (client, browser)
}

#[actix_web::test]
async fn a_browser_reads_the_reminder_and_nobody_else_does() {
    for (app, _firebase) in TestApp::each_with_firebase().await {
        let service = PushService::start_at(Arc::new(app.clock.clone())).await;
        let (mut client, _) = told(&app, &service).await;
        app.let_time_pass_until(THANKS_DUE).await;
        assert_eq!(service.faults(), [""; 0]);
        let [message] = &service.messages()[..] else { panic!("{:?}", service.messages().len()) };
        assert_eq!(message.message["type"], "reminder");
        assert_eq!(message.message["occurrence"], THANKS_DUE);
        assert_eq!(message.message["body"], "A few kind words are due.");
        client.refresh().await;
        let page = client.get("/v1/notifications").await.expect(200);
        let item = &page["items"][0];
        assert_eq!((&item["way"], &item["outcome"]), (&json!("web_push"), &json!("delivered")));
    }
}

#[actix_web::test]
async fn a_browser_is_never_told_to_sync_and_forgotten_when_it_is_gone() {
    for (app, _firebase) in TestApp::each_with_firebase().await {
        let service = PushService::start_at(Arc::new(app.clock.clone())).await;
        let (mut client, browser) = told(&app, &service).await;
        let other = crate::phone::another(&client).await;
        other.patch("/v1/opportunities/acme", json!({"notes": "x"})).await.expect(200);
        app.let_time_pass_until("2026-05-06T20:00:00Z").await;
        assert_eq!(service.messages().len(), 0);
        service.unsubscribe(&browser);
        app.let_time_pass_until(THANKS_DUE).await;
        client.refresh().await;
        assert_eq!(client.get("/v1/devices/me").await.expect(200).get("push"), None);
        let page = client.get("/v1/notifications").await.expect(200);
        assert_eq!(page["items"][0]["outcome"], "unregistered");
    }
}

#[actix_web::test]
async fn a_slow_push_service_is_waited_for_and_asked_again() {
    for (app, _firebase) in TestApp::each_with_firebase().await {
        let service = PushService::start_at(Arc::new(app.clock.clone())).await;
        let (_, browser) = told(&app, &service).await;
        service.script(&browser, [Answer::error(503, &json!({})).retry_after("120")]);
        app.let_time_pass_until(THANKS_DUE).await;
        app.let_time_pass_until("2026-05-07T13:01:59Z").await;
        assert_eq!(service.messages().len(), 1);
        app.let_time_pass_until("2026-05-07T13:02:00Z").await;
        assert_eq!(service.messages().len(), 2);
    }
}

#[actix_web::test]
async fn a_subscription_that_is_none_or_leads_inside_is_refused_at_once() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let service = PushService::start().await;
    let good = service.subscribe();
    let with = |name: &str, value: Value| {
        let mut body = subscription(&good);
        body["push"][name] = value;
        body
    };
    let keys = json!({"p256dh": "AAAA", "auth": "AAAA"});
    for (body, pointers) in [
        (with("keys", Value::Null), vec!["/push/keys"]),
        (with("keys", keys), vec!["/push/keys/p256dh", "/push/keys/auth"]),
        (with("value", json!("ftp://example.org/x")), vec!["/push/value"]),
        (with("value", json!("https://10.0.0.1/x")), vec!["/push/value"]),
        (with("value", json!("https://[::1]/x")), vec!["/push/value"]),
        (with("kind", json!("fcm_fid")), vec!["/push/keys"]),
        // Without leave from the operator this machine is out of reach, too.
        (subscription(&good), vec!["/push/value"]),
    ] {
        let problem = client.put("/v1/devices/me", body).await.expect_problem("validation_failed");
        let found = problem["errors"].as_array().unwrap().iter();
        let found: Vec<&str> = found.map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!(found, pointers, "{problem}");
    }
    assert_eq!(client.get("/v1/devices/me").await.expect(200).get("push"), None);
}
