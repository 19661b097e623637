//! From the outbox to the receiver: signed, tried again in its time, given up in the end.

use crate::support::{create, opportunity};
use crate::webhooks::{Stage, path};
use afterview_tests::START;
use afterview_tests::receiver::{Answer, Gate};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// Records that something came back, which is an event.
pub(crate) async fn reply(stage: &Stage, id: &str) {
    let body = json!({"id": id, "opportunity_id": "acme", "at": START, "kind": "on_hold"});
    create(&stage.client, "/v1/replies", body).await;
}

/// A stage with an opportunity, and its webhook to the address called `all`.
pub(crate) async fn set() -> Vec<(Stage, Value)> {
    let mut all = Vec::new();
    for stage in Stage::each().await {
        create(&stage.client, "/v1/opportunities", opportunity("acme")).await;
        let webhook = stage.webhook("all").await;
        all.push((stage, webhook));
    }
    all
}

/// The names of the replies that came to the address called `name`, in the order in which they came.
pub(crate) fn replies(stage: &Stage, name: &str) -> Vec<String> {
    let events = stage.events(name);
    events.iter().map(|it| it.body["data"]["reply_id"].as_str().unwrap().to_owned()).collect()
}

async fn failed_for_three_days(stage: &Stage) {
    for _ in 0..40 {
        stage.after(TimeDelta::hours(2)).await;
    }
}

#[actix_web::test]
async fn an_event_is_signed_named_and_stamped_and_arrives_once() {
    for (stage, webhook) in set().await {
        reply(&stage, "r1").await;
        stage.deliver().await;
        stage.deliver().await;
        let [event] = &stage.events("all")[..] else { panic!("once: {:?}", stage.events("all")) };
        assert!(event.is_signed_with(webhook["secret"].as_str().unwrap()));
        assert_eq!(event.signature.split(' ').count(), 1);
        assert_eq!(event.timestamp, stage.app.clock.get().timestamp());
        assert_eq!(event.user_agent, concat!("Afterview/", env!("CARGO_PKG_VERSION")));
        let expected = json!([{
            "id": event.id, "event": "reply.recorded", "created_at": START, "attempts": 1,
            "attempted_at": START, "last_status": 204, "outcome": "delivered",
        }]);
        assert_eq!(Value::from(stage.deliveries(&webhook).await), expected);
        assert_eq!(stage.read(&webhook).await["last_delivered_at"], START);
        // What need not be sent any more is not kept.
        let kept = "webhook_deliveries WHERE payload IS NOT NULL";
        assert_eq!(stage.app.databases().count(kept), 0);
    }
}

#[actix_web::test]
async fn what_does_not_arrive_is_sent_again_under_the_same_name_and_later_each_time() {
    for (stage, webhook) in set().await {
        let answers = [Answer::html(500), Answer::DropAfter, Answer::status(404, Value::Null)];
        stage.receiver.script("all", answers);
        reply(&stage, "r1").await;
        stage.deliver().await;
        let waiting = stage.deliveries(&webhook).await.remove(0);
        assert_eq!(
            (&waiting["outcome"], &waiting["last_status"]),
            (&json!("waiting"), &json!(500))
        );
        // The waits have a half that is sure and a half that is drawn.
        for (sure, longest, came) in [(4, 10, 2), (19, 40, 3), (79, 160, 4)] {
            stage.after(TimeDelta::seconds(sure)).await;
            assert_eq!(stage.events("all").len(), came - 1);
            stage.after(TimeDelta::seconds(longest - sure)).await;
            assert_eq!(stage.events("all").len(), came);
        }
        let events = stage.events("all");
        for event in &events {
            assert_eq!((&event.id, &event.text), (&events[0].id, &events[0].text));
            assert!(event.is_signed_with(webhook["secret"].as_str().unwrap()));
        }
        assert!(events.is_sorted_by(|one, next| one.timestamp < next.timestamp));
        let delivered = stage.deliveries(&webhook).await.remove(0);
        assert_eq!(
            (&delivered["outcome"], &delivered["attempts"]),
            (&json!("delivered"), &json!(4))
        );
        assert_eq!(delivered.get("next_attempt_at"), None);
    }
}

#[actix_web::test]
async fn no_answer_is_told_apart_from_a_bad_one_and_nothing_more() {
    for (stage, webhook) in set().await {
        stage.receiver.script("all", [Answer::DropAfter]);
        reply(&stage, "r1").await;
        stage.deliver().await;
        let seen = stage.deliveries(&webhook).await.remove(0);
        assert_eq!((&seen["detail"], seen.get("last_status")), (&json!("unreachable"), None));
    }
}

#[actix_web::test]
async fn a_receiver_that_asks_for_time_gets_it() {
    for (stage, webhook) in set().await {
        let asked = Answer::html(503).retry_after("3600");
        stage.receiver.script("all", [asked]);
        reply(&stage, "r1").await;
        stage.deliver().await;
        reply(&stage, "r2").await;
        stage.after(TimeDelta::seconds(3_599)).await;
        assert_eq!(replies(&stage, "all"), ["r1"]);
        let until = stage.deliveries(&webhook).await;
        assert!(
            until.iter().all(|it| it["next_attempt_at"] == "2026-05-06T20:05:00Z"),
            "{until:?}"
        );
        stage.after(TimeDelta::seconds(1)).await;
        let mut came = replies(&stage, "all");
        came.sort();
        assert_eq!(came, ["r1", "r1", "r2"]);
    }
}

#[actix_web::test]
async fn while_a_receiver_fails_it_is_asked_with_one_event_at_a_time() {
    for (stage, _) in set().await {
        stage.receiver.always("all", Answer::html(502));
        for id in ["r1", "r2", "r3"] {
            reply(&stage, id).await;
        }
        stage.deliver().await;
        assert_eq!(stage.events("all").len(), 1);
        stage.after(TimeDelta::seconds(10)).await;
        assert_eq!(stage.events("all").len(), 2);
        stage.receiver.always("all", Answer::Ok);
        stage.after(TimeDelta::minutes(10)).await;
        let mut came = replies(&stage, "all").split_off(2);
        came.sort();
        assert_eq!(came, ["r1", "r2", "r3"]);
    }
}

/// An event that its receiver cannot take holds up the others for a moment only, and costs no webhook.
#[actix_web::test]
async fn one_event_that_is_never_taken_stops_no_others() {
    for (stage, webhook) in set().await {
        stage.receiver.script("all", [Answer::html(500)]);
        reply(&stage, "r1").await;
        stage.deliver().await;
        let poison = stage.events("all").remove(0);
        stage.receiver.refuse(&poison);
        for day in 0..4 {
            reply(&stage, &format!("of-day-{day}")).await;
            // Longer than it is left alone after a failure.
            stage.after(TimeDelta::minutes(5)).await;
            assert!(replies(&stage, "all").contains(&format!("of-day-{day}")));
            for _ in 0..12 {
                stage.after(TimeDelta::hours(2)).await;
            }
        }
        let seen = stage.deliveries(&webhook).await;
        let of = |id: &str| seen.iter().find(|it| it["id"] == id).unwrap()["outcome"].clone();
        assert_eq!(of(&poison.id), "failed");
        assert_eq!(stage.read(&webhook).await["enabled"], true);
        assert_eq!(seen.iter().filter(|it| it["outcome"] == "delivered").count(), 4);
    }
}

#[actix_web::test]
async fn a_receiver_that_is_gone_is_left_alone_at_once() {
    for (stage, webhook) in set().await {
        stage.receiver.script("all", [Answer::html(410)]);
        for id in ["r1", "r2"] {
            reply(&stage, id).await;
        }
        stage.deliver().await;
        reply(&stage, "r3").await;
        stage.after(TimeDelta::days(1)).await;
        assert_eq!(stage.events("all").len(), 1);
        let seen = stage.read(&webhook).await;
        assert_eq!((&seen["enabled"], &seen["disabled_reason"]), (&json!(false), &json!("gone")));
        assert_eq!(seen["disabled_at"], START);
        let of: Vec<Value> =
            stage.deliveries(&webhook).await.into_iter().map(|it| it["outcome"].clone()).collect();
        let mut of: Vec<&str> = of.iter().map(|it| it.as_str().unwrap()).collect();
        of.sort_unstable();
        assert_eq!(of, ["dropped", "failed"]);
        // Whoever puts it back to work gets what happens from then on.
        stage.client.patch(&path(&webhook), json!({"enabled": true})).await.expect(200);
        reply(&stage, "r4").await;
        stage.deliver().await;
        assert_eq!(replies(&stage, "all").last().unwrap(), "r4");
        assert_eq!(stage.events("all").len(), 2);
    }
}

#[actix_web::test]
async fn after_three_days_of_nothing_but_failures_a_webhook_is_disabled() {
    for (stage, webhook) in set().await {
        stage.receiver.always("all", Answer::html(500));
        reply(&stage, "r1").await;
        stage.deliver().await;
        for _ in 0..35 {
            stage.after(TimeDelta::hours(2)).await;
        }
        assert_eq!(stage.read(&webhook).await["enabled"], true, "70 hours");
        let attempts = stage.events("all").len();
        assert!((12..26).contains(&attempts), "{attempts}");
        failed_for_three_days(&stage).await;
        let seen = stage.read(&webhook).await;
        assert_eq!(
            (&seen["enabled"], &seen["disabled_reason"]),
            (&json!(false), &json!("failing"))
        );
        assert_eq!(seen["disabled_at"], "2026-05-09T19:05:00Z");
        let last = stage.deliveries(&webhook).await.remove(0);
        assert_eq!((&last["outcome"], &last["last_status"]), (&json!("failed"), &json!(500)));
        // Put back to work, it has its three days again.
        stage.client.patch(&path(&webhook), json!({"enabled": true})).await.expect(200);
        reply(&stage, "r2").await;
        stage.deliver().await;
        assert_eq!(stage.read(&webhook).await["enabled"], true);
        stage.receiver.always("all", Answer::Ok);
        stage.after(TimeDelta::seconds(10)).await;
        assert_eq!(replies(&stage, "all").last().unwrap(), "r2");
        assert!(stage.read(&webhook).await["last_delivered_at"].is_string());
    }
}

#[actix_web::test]
async fn for_a_day_after_a_rotation_both_secrets_sign() {
    for (stage, webhook) in set().await {
        let old = webhook["secret"].as_str().unwrap();
        let rotate = format!("{}/rotate-secret", path(&webhook));
        let rotated = stage.client.post(&rotate, json!({})).await.expect(200);
        let new = rotated["secret"].as_str().unwrap();
        reply(&stage, "r1").await;
        stage.after(TimeDelta::hours(24) - TimeDelta::seconds(1)).await;
        reply(&stage, "r2").await;
        stage.after(TimeDelta::seconds(1)).await;
        let [both, only] = &stage.events("all")[..] else { panic!("two events") };
        assert_eq!(both.signature.split(' ').count(), 2);
        assert!(both.is_signed_with(old) && both.is_signed_with(new));
        assert_eq!(only.signature.split(' ').count(), 1);
        assert!(only.is_signed_with(new));
        assert_eq!(stage.read(&webhook).await.get("previous_secret_until"), None);
    }
}

#[actix_web::test]
async fn a_slow_receiver_holds_up_nobody_else() {
    for (stage, slow) in set().await {
        let gate = Gate::default();
        stage.receiver.always("all", Answer::Ok.behind(&gate));
        let quick = stage.webhook("quick").await;
        for id in ["r1", "r2"] {
            stage.app.clock.advance(TimeDelta::seconds(1));
            reply(&stage, id).await;
        }
        let delivering = stage.deliver();
        let meanwhile = async {
            // Both of the quick one and the first of the slow one, which has only one under way.
            stage.receiver.came(3).await;
            assert_eq!(replies(&stage, "quick"), ["r1", "r2"]);
            assert_eq!(replies(&stage, "all"), ["r1"]);
            gate.open();
        };
        tokio::join!(delivering, meanwhile);
        assert_eq!(replies(&stage, "all"), ["r1", "r2"]);
        for webhook in [&slow, &quick] {
            let seen = stage.deliveries(webhook).await;
            assert!(seen.iter().all(|it| it["outcome"] == "delivered"), "{seen:?}");
        }
    }
}

#[actix_web::test]
async fn what_waits_goes_to_the_new_address() {
    for (stage, webhook) in set().await {
        stage.receiver.always("all", Answer::html(500));
        reply(&stage, "r1").await;
        stage.deliver().await;
        let moved = json!({"url": stage.receiver.url("new")});
        stage.client.patch(&path(&webhook), moved).await.expect(200);
        stage.after(TimeDelta::seconds(10)).await;
        assert_eq!((replies(&stage, "all").len(), replies(&stage, "new").len()), (1, 1));
    }
}

/// What comes back from an old address says nothing about a new one.
#[actix_web::test]
async fn an_answer_that_comes_after_a_change_touches_only_what_it_is_about() {
    for (stage, webhook) in set().await {
        let gate = Gate::default();
        stage.receiver.script("all", [Answer::html(410).behind(&gate)]);
        reply(&stage, "r1").await;
        let meanwhile = async {
            stage.receiver.came(1).await;
            let moved = json!({"url": stage.receiver.url("new")});
            stage.client.patch(&path(&webhook), moved).await.expect(200);
            gate.open();
        };
        tokio::join!(stage.deliver(), meanwhile);
        assert_eq!(
            (replies(&stage, "all"), replies(&stage, "new")),
            (vec!["r1".to_owned()], vec!["r1".to_owned()])
        );
        assert_eq!(stage.read(&webhook).await["enabled"], true);

        let gate = Gate::default();
        stage.receiver.script("new", [Answer::html(410).behind(&gate)]);
        reply(&stage, "r2").await;
        let meanwhile = async {
            stage.receiver.came(3).await;
            stage.client.patch(&path(&webhook), json!({"enabled": false})).await.expect(200);
            gate.open();
        };
        tokio::join!(stage.deliver(), meanwhile);
        assert_eq!(stage.read(&webhook).await["disabled_reason"], "by_owner");
        let outcomes: Vec<Value> =
            stage.deliveries(&webhook).await.iter().map(|it| it["outcome"].clone()).collect();
        assert!(outcomes.contains(&json!("dropped")) && outcomes.contains(&json!("delivered")));
    }
}
