//! What nobody may read in a log about webhooks: what they are signed with, and where exactly they go.

use crate::log::Log;
use afterview_tests::TestApp;
use afterview_tests::receiver::{Answer, Receiver};
use serde_json::{Value, json};

/// What was planted in addresses, in names and in what is told.
const CANARIES: [&str; 5] =
    ["canary-path", "canary-query", "canary-description", "canary-employer", "canary-reply"];

#[actix_web::test]
async fn no_secret_of_a_webhook_and_no_more_of_its_address_than_the_host_stands_in_any_log() {
    let (log, _turn) = Log::of_everything().await;
    let settings = [("AFTERVIEW_WEBHOOK_ALLOW_PRIVATE", "on".to_owned())];
    for app in TestApp::each_with(&settings).await {
        let (anna, receiver) = (app.user("anna").await, Receiver::start().await);
        let url = format!("{}?key=canary-query", receiver.url("canary-path"));
        let body = json!({"url": url, "description": "canary-description"});
        let made = anna.post("/v1/webhooks", body).await.expect(201);
        let path = format!("/v1/webhooks/{}", made["id"].as_str().unwrap());
        let rotated = anna.post(&format!("{path}/rotate-secret"), json!({})).await.expect(200);
        for wrong in
            ["ftp://canary-path/?canary-query", "https://canary-path:canary-query@x.example/"]
        {
            let wrong = anna.patch(&path, json!({ "url": wrong })).await;
            wrong.expect_problem("validation_failed");
        }
        let acme = json!({"id": "acme", "employer": "canary-employer", "role": "x"});
        anna.post("/v1/opportunities", acme).await.expect(201);
        let reply = json!({
            "opportunity_id": "acme", "at": "2026-05-06T19:04:00Z", "kind": "on_hold", "text": "canary-reply",
        });
        anna.post("/v1/replies", reply).await.expect(201);
        let answers = [
            Answer::DropAfter,
            Answer::html(500),
            Answer::Located { status: 307, location: "http://127.0.0.1:1/canary-path".to_owned() },
        ];
        receiver.script("canary-path", answers);
        for now in ["19:05:00", "19:06:00", "19:08:00", "19:12:00"] {
            app.let_time_pass_until(&format!("2026-05-06T{now}Z")).await;
        }
        anna.post(&format!("{path}/test"), json!({})).await.expect(200);
        let nowhere = json!({"url": "https://127.0.0.1:1/canary-path?canary-query"});
        anna.patch(&path, nowhere).await.expect(200);
        anna.post(&format!("{path}/test"), json!({})).await.expect(200);
        assert_eq!(receiver.events("canary-path?").len(), 0);
        assert!(receiver.events("canary-path").len() >= 5);
        let secret =
            |of: &Value| of["secret"].as_str().unwrap().trim_start_matches("whsec_").to_owned();
        let secrets = [secret(&made), secret(&rotated)];
        let text = log.text();
        assert!(text.contains("hyper") && text.contains("TRACE"), "requests were captured");
        for secret in secrets.iter().map(String::as_str).chain(CANARIES).chain(["whsec_"]) {
            let line = text.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret} is shown");
        }
    }
}
