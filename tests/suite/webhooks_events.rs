//! What is told to a webhook, whichever way it came about.

use crate::phone::{another, mutation, patch, push};
use crate::support::{create, each, item, opportunity, with};
use crate::webhooks::{Stage, WEBHOOKS, program};
use crate::webhooks_document::faults;
use afterview_tests::firebase::Answer as FirebaseAnswer;
use afterview_tests::receiver::Receiver;
use afterview_tests::{START, TestApp, story};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

/// What was told of the event of that name, which came once.
fn told(stage: &Stage, kind: &str) -> Value {
    let events = stage.events("all");
    let mut found = events.iter().filter(|event| event.kind() == kind);
    let event = found.next().unwrap_or_else(|| panic!("no {kind} in {:?}", stage.kinds("all")));
    assert!(found.next().is_none(), "{kind} came twice");
    assert_eq!(faults(kind, &event.body), [""; 0]);
    event.body["data"].clone()
}

/// How many events of that name came.
fn count(stage: &Stage, kind: &str) -> usize {
    stage.kinds("all").iter().filter(|known| *known == kind).count()
}

fn interview(id: &str) -> Value {
    json!({
        "id": id, "opportunity_id": "acme",
        "starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z",
    })
}

#[actix_web::test]
async fn each_event_is_told_when_it_came_about_by_rest() {
    for stage in Stage::each().await {
        stage.webhook("all").await;
        let client = &stage.client;
        create(client, "/v1/opportunities", opportunity("acme")).await;
        let made = create(client, "/v1/interviews", interview("i1")).await;
        stage.deliver().await;
        let expected = json!({
            "interview_id": "i1", "opportunity_id": "acme", "employer": "Acme", "kind": "onsite",
            "status": "scheduled", "starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z",
            "rev": made["rev"],
        });
        assert_eq!(told(&stage, "interview.created"), expected);
        assert_eq!(stage.events("all")[0].body["timestamp"], START);

        client.patch("/v1/interviews/i1", json!({"status": "held"})).await.expect(200);
        stage.deliver().await;
        assert_eq!(told(&stage, "interview.updated")["status"], "held");

        let reply = json!({
            "id": "r1", "opportunity_id": "acme", "at": START, "kind": "reply_info", "text": "a secret",
        });
        let reply = create(client, "/v1/replies", reply).await;
        client.patch("/v1/replies/r1", json!({"text": "another"})).await.expect(200);
        stage.deliver().await;
        let expected = json!({
            "reply_id": "r1", "opportunity_id": "acme", "employer": "Acme", "kind": "reply_info",
            "at": START, "rev": told(&stage, "reply.recorded")["rev"],
        });
        assert_eq!(told(&stage, "reply.recorded"), expected);
        assert_eq!(expected["rev"], reply["rev"]);

        let closed = json!({"closed": "withdrawn"});
        let closed = client.patch("/v1/opportunities/acme", closed).await.expect(200);
        client.patch("/v1/opportunities/acme", json!({"notes": "x"})).await.expect(200);
        stage.deliver().await;
        let expected = json!({
            "opportunity_id": "acme", "employer": "Acme", "role": "Data engineer", "closed": "withdrawn",
            "closed_at": closed["closed_at"], "rev": closed["rev"],
        });
        assert_eq!(told(&stage, "opportunity.closed"), expected);
        client.patch("/v1/opportunities/acme", json!({"closed": null})).await.expect(200);
        client.patch("/v1/opportunities/acme", closed_again()).await.expect(200);
        stage.deliver().await;
        assert_eq!(count(&stage, "opportunity.closed"), 2);
    }
}

fn closed_again() -> Value {
    json!({"closed": "presumed_closed"})
}

#[actix_web::test]
async fn a_follow_up_is_told_when_it_is_due_moved_and_sent() {
    for stage in Stage::each().await {
        let client = &stage.client;
        let facts = story::record(client).await;
        let plan = story::debrief(client, &facts).await;
        let [thanks, later] =
            ["thank_you", "follow_up"].map(|kind| item(&plan, kind)["id"].clone());
        stage.webhook("all").await;
        // Before its time nobody hears of it, and afterwards once. The account has no device.
        stage.app.let_time_pass_until("2026-05-07T12:59:59Z").await;
        assert_eq!(stage.kinds("all"), [""; 0]);
        for now in ["2026-05-07T13:00:00Z", "2026-05-07T13:30:00Z"] {
            stage.app.let_time_pass_until(now).await;
        }
        let due = told(&stage, "follow_up.due");
        let expected = json!({
            "follow_up_id": thanks, "opportunity_id": "acme", "employer": "Acme", "kind": "thank_you",
            "remind_at": "2026-05-07T13:00:00Z", "useful_until": due["useful_until"],
        });
        assert_eq!(due, expected);

        let promise = json!({"opportunity_id": "acme", "text": "by June 5", "spoken_at": START});
        create(client, "/v1/expectations", promise).await;
        stage.deliver().await;
        let moved = told(&stage, "follow_up.moved");
        let seen = client.get("/v1/opportunities/acme/plan").await.expect(200);
        let changes = seen["last_change"]["items"].as_array().unwrap();
        let change = changes.iter().find(|it| it["change"] == "moved").unwrap();
        let expected = json!({
            "follow_up_id": later, "opportunity_id": "acme", "employer": "Acme", "kind": "follow_up",
            "before": change["before"], "after": change["after"], "rule": change["because"]["rule"],
        });
        assert_eq!(moved, expected);

        let sent = format!("/v1/follow-ups/{}/sent", thanks.as_str().unwrap());
        let sent = client.post(&sent, json!({"channel": "email"})).await.expect(200);
        stage.deliver().await;
        let expected = json!({
            "follow_up_id": thanks, "opportunity_id": "acme", "employer": "Acme", "kind": "thank_you",
            "interview_id": "i1", "channel": "email", "sent_at": sent["sent_at"], "rev": sent["rev"],
        });
        assert_eq!(told(&stage, "follow_up.sent"), expected);
        assert_eq!(count(&stage, "follow_up.due"), 1);
    }
}

/// Whoever automates something does not wait for the provider of a phone's notifications.
#[actix_web::test]
async fn a_follow_up_that_is_due_is_told_once_although_no_device_can_be_reached_yet() {
    let settings = [("AFTERVIEW_WEBHOOK_ALLOW_PRIVATE", "on".to_owned())];
    for (app, firebase) in TestApp::each_with_firebase_and(&settings).await {
        let client = program(&app.user("candidate").await).await;
        let stage = Stage { app, receiver: Receiver::start().await, client };
        let phone = another(&stage.client).await;
        let push = json!({"push": {"kind": "fcm_fid", "value": "phone"}});
        phone.put("/v1/devices/me", push).await.expect(200);
        let facts = story::record(&stage.client).await;
        story::debrief(&stage.client, &facts).await;
        stage.webhook("all").await;
        firebase.script("phone", [FirebaseAnswer::html(503), FirebaseAnswer::html(503)]);
        for now in ["13:00:00", "13:01:00", "13:05:00", "13:30:00"] {
            stage.app.let_time_pass_until(&format!("2026-05-07T{now}Z")).await;
            assert_eq!(count(&stage, "follow_up.due"), 1);
        }
        assert_eq!(told(&stage, "follow_up.due")["remind_at"], "2026-05-07T13:00:00Z");
        let notified = stage.client.get("/v1/notifications").await.expect(200);
        let outcomes: Vec<&str> = each(&notified, "outcome");
        assert_eq!(outcomes.first(), Some(&"delivered"));
        assert!(outcomes.contains(&"waiting"), "{outcomes:?}");
    }
}

#[actix_web::test]
async fn a_missed_promise_is_told_at_its_midnight_although_nobody_writes() {
    for stage in Stage::each().await {
        let client = &stage.client;
        let facts = story::record(client).await;
        story::debrief(client, &facts).await;
        stage.webhook("all").await;
        stage.app.let_time_pass_until("2026-05-09T03:59:59Z").await;
        assert_eq!(count(&stage, "promise.missed"), 0);
        stage.app.let_time_pass_until("2026-05-09T04:00:00Z").await;
        let promises = client.get("/v1/expectations").await.expect(200);
        let promise = &promises["items"][0];
        assert_eq!(promise["status"], "missed");
        let expected = json!({
            "expectation_id": promise["id"], "opportunity_id": "acme", "employer": "Acme",
            "subject": "decision", "by": promise["by"], "rev": promise["rev"],
        });
        assert_eq!(told(&stage, "promise.missed"), expected);
        // One that is missed already when it is written down is told in that write.
        create(client, "/v1/opportunities", opportunity("other")).await;
        let late = json!({"opportunity_id": "other", "text": "tomorrow", "spoken_at": "2026-05-01T12:00:00Z"});
        create(client, "/v1/expectations", late).await;
        stage.deliver().await;
        assert_eq!(count(&stage, "promise.missed"), 2);
    }
}

#[actix_web::test]
async fn a_debrief_tells_of_the_interview() {
    for stage in Stage::each().await {
        let facts = story::record(&stage.client).await;
        stage.webhook("all").await;
        story::debrief(&stage.client, &facts).await;
        stage.deliver().await;
        assert_eq!(told(&stage, "interview.updated")["status"], "held");
        assert_eq!(count(&stage, "interview.created"), 0);
    }
}

/// What a round did in the end, not each of its steps.
#[actix_web::test]
async fn sync_tells_the_same_once_for_each_record() {
    for stage in Stage::each().await {
        let facts = story::record(&stage.client).await;
        let plan = story::debrief(&stage.client, &facts).await;
        let note = item(&plan, "thank_you");
        let thanks = note["id"].as_str().unwrap().to_owned();
        let phone = another(&stage.client).await;
        stage.webhook("all").await;
        let rev = &stage.client.get("/v1/opportunities/acme").await.expect(200)["rev"];
        let times = interview("i2");
        let created = json!({"set": {
            "opportunity_id": "acme", "starts_at": times["starts_at"], "ends_at": times["ends_at"],
        }});
        let again = json!({"after": "m1", "set": {"kind": "phone"}});
        let reply = json!({"set": {"opportunity_id": "acme", "at": START, "kind": "on_hold"}});
        let first = json!({
            "action_key": note["action_key"], "opportunity_id": "acme", "interview_id": "i1",
            "kind": "thank_you", "to": "anna", "channel": "email",
        });
        let sent = json!({"action": "mark_sent", "set": first, "args": {"sent_at": START}});
        let nobodys = json!({"set": {"opportunity_id": "nobodys"}});
        let mutations = json!([
            mutation("m1", "create", "interviews/i2", created),
            mutation("m2", "patch", "interviews/i2", again),
            mutation("m3", "create", "replies/r1", reply),
            mutation("m4", "action", &format!("follow_ups/{thanks}"), sent),
            mutation("m5", "create", "interviews/i3", nobodys),
            patch("m6", "opportunities/acme", rev, json!({"closed": "withdrawn"})),
        ]);
        let results = push(&phone, mutations).await;
        let statuses: Vec<&str> = results.iter().map(|it| it["status"].as_str().unwrap()).collect();
        let expected = ["applied", "applied", "applied", "applied", "rejected", "applied"];
        assert_eq!(statuses, expected, "{results:#?}");
        stage.deliver().await;
        let kinds = stage.kinds("all");
        let expected =
            ["follow_up.sent", "interview.created", "opportunity.closed", "reply.recorded"];
        assert_eq!(kinds, expected);
        assert_eq!(told(&stage, "interview.created")["kind"], "phone");
        assert_eq!(told(&stage, "follow_up.sent")["follow_up_id"], thanks.as_str());
    }
}

#[actix_web::test]
async fn a_webhook_gets_the_events_that_it_chose_and_no_others() {
    for stage in Stage::each().await {
        let chosen = json!({"url": stage.receiver.url("one"), "events": ["reply.recorded"]});
        stage.client.post(WEBHOOKS, chosen).await.expect(201);
        stage.webhook("all").await;
        create(&stage.client, "/v1/opportunities", opportunity("acme")).await;
        create(&stage.client, "/v1/interviews", interview("i1")).await;
        let reply = json!({"opportunity_id": "acme", "at": START, "kind": "on_hold"});
        create(&stage.client, "/v1/replies", reply).await;
        stage.deliver().await;
        assert_eq!(stage.kinds("one"), ["reply.recorded"]);
        assert_eq!(stage.kinds("all"), ["interview.created", "reply.recorded"]);
    }
}

#[actix_web::test]
async fn nobody_hears_of_another_account() {
    for stage in Stage::each().await {
        stage.webhook("all").await;
        let bob = program(&stage.app.user("bob").await).await;
        create(&bob, "/v1/opportunities", opportunity("acme")).await;
        create(&bob, "/v1/interviews", interview("i1")).await;
        stage.deliver().await;
        assert_eq!(stage.kinds("all"), [""; 0]);
    }
}

#[actix_web::test]
async fn what_is_refused_or_undone_is_not_told() {
    for stage in Stage::each().await {
        stage.webhook("all").await;
        create(&stage.client, "/v1/opportunities", opportunity("acme")).await;
        let wrong = with(interview("i1"), &json!({"ends_at": "2026-05-06T17:00:00Z"}));
        stage.client.post("/v1/interviews", wrong).await.expect_problem("validation_failed");
        let made = create(&stage.client, "/v1/interviews", interview("i1")).await;
        stage.deliver().await;
        assert_eq!(stage.kinds("all"), ["interview.created"]);
        // A deletion is none of the events, and what went comes back as something new.
        assert_eq!(stage.client.delete("/v1/interviews/i1").await.status, 204);
        let again = with(interview("i1"), &json!({"kind": made["kind"]}));
        stage.client.put("/v1/interviews/i1", again).await.expect(201);
        stage.deliver().await;
        assert_eq!(stage.kinds("all"), ["interview.created", "interview.created"]);
    }
}

/// Whoever wanted to hear of it has heard of it where it came from.
#[actix_web::test]
async fn an_import_is_not_told() {
    for stage in Stage::each().await {
        story::record(&stage.client).await;
        let export = stage.client.get("/v1/account/export").await;
        let bob = stage.app.user("bob").await;
        bob.post(WEBHOOKS, json!({"url": stage.receiver.url("all")})).await.expect(201);
        let lines = [("content-type", "application/x-ndjson")];
        let path = "/v1/account/import";
        bob.raw(Method::POST, path, &lines, export.text.into_bytes()).await.expect(200);
        stage.after(TimeDelta::seconds(1)).await;
        assert_eq!(stage.kinds("all"), [""; 0]);
        bob.patch("/v1/interviews/i1", json!({"kind": "phone"})).await.expect(200);
        stage.deliver().await;
        assert_eq!(stage.kinds("all"), ["interview.updated"]);
    }
}
