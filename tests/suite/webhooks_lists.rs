//! Test events, lists of deliveries, and what ends them: time, a deletion, but no restart.

use crate::phone::another;
use crate::webhooks::{Stage, path};
use crate::webhooks_deliveries::{replies, reply, set};
use afterview_tests::START;
use afterview_tests::receiver::Answer;
use chrono::TimeDelta;
use serde_json::json;

#[actix_web::test]
async fn a_test_event_is_sent_at_once_and_changes_nothing() {
    for (stage, webhook) in set().await {
        let test = format!("{}/test", path(&webhook));
        let sent = stage.client.post(&test, json!({})).await.expect(200);
        let [event] = &stage.events("all")[..] else { panic!("one event") };
        let body = json!({
            "type": "webhook.test", "timestamp": START, "data": {"webhook_id": webhook["id"]},
        });
        assert_eq!(event.body, body);
        assert!(event.is_signed_with(webhook["secret"].as_str().unwrap()));
        let expected = json!({
            "id": event.id, "event": "webhook.test", "created_at": START, "attempts": 1,
            "attempted_at": START, "last_status": 204, "outcome": "delivered",
        });
        assert_eq!(sent, expected);
        stage.receiver.script("all", [Answer::html(410)]);
        let failed = stage.client.post(&test, json!({})).await.expect(200);
        assert_eq!((&failed["outcome"], &failed["last_status"]), (&json!("failed"), &json!(410)));
        assert_eq!(stage.read(&webhook).await["enabled"], true);
        stage.after(TimeDelta::days(1)).await;
        assert_eq!(stage.events("all").len(), 2, "it is not tried again");
        let listed = stage.deliveries(&webhook).await;
        assert_eq!(listed.len(), 2);
        assert!(listed.contains(&sent) && listed.contains(&failed), "{listed:?}");
        // Also to one that is disabled.
        stage.client.patch(&path(&webhook), json!({"enabled": false})).await.expect(200);
        let sent = stage.client.post(&test, json!({})).await.expect(200);
        assert_eq!(sent["outcome"], "delivered");
    }
}

#[actix_web::test]
async fn deliveries_are_listed_in_pages_and_kept_for_thirty_days() {
    for (stage, webhook) in set().await {
        for n in 0..7 {
            stage.app.clock.advance(TimeDelta::seconds(1));
            reply(&stage, &format!("r{n}")).await;
        }
        stage.deliver().await;
        let sent: Vec<String> = stage.events("all").into_iter().map(|event| event.id).collect();
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = format!("{}/deliveries?limit=3{cursor}", path(&webhook));
            let page = stage.client.get(&page).await.expect(200);
            let ids = page["items"].as_array().unwrap().iter();
            seen.extend(ids.map(|it| it["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        seen.reverse();
        assert_eq!(seen, sent);
        // A cursor is of its list.
        let other = stage.webhook("other").await;
        let foreign = format!("{}/deliveries?limit=3{cursor}", path(&other));
        stage.client.get(&foreign).await.expect_problem("invalid_cursor");
        let last = "2026-06-05T19:05:06Z";
        let swept = stage.app.sweep_at(last).await;
        assert_eq!((swept.events, stage.deliveries(&webhook).await.len()), (6, 1));
        let swept = stage.app.sweep_at("2026-06-05T19:05:07Z").await;
        assert_eq!((swept.events, stage.deliveries(&webhook).await.len()), (1, 0));
    }
}

#[actix_web::test]
async fn a_restart_loses_nothing_that_waits() {
    for (stage, _) in set().await {
        reply(&stage, "r1").await;
        let Stage { app, receiver, client } = stage;
        let app = app.restart().await;
        let client = app.anonymous().with_token(client.token());
        let stage = Stage { app, receiver, client };
        stage.deliver().await;
        assert_eq!(replies(&stage, "all"), ["r1"]);
    }
}

#[actix_web::test]
async fn from_the_moment_of_its_deletion_nothing_of_an_account_is_sent() {
    for (stage, _) in set().await {
        reply(&stage, "r1").await;
        let phone = another(&stage.client).await;
        assert_eq!(phone.delete("/v1/account").await.status, 204);
        stage.deliver().await;
        stage.after(TimeDelta::hours(1)).await;
        assert_eq!(stage.events("all"), []);
        for table in ["webhooks", "webhook_deliveries"] {
            assert_eq!(stage.app.databases().count(table), 0, "{table}");
        }
    }
}
