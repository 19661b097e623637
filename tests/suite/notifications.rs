//! Reminders as they arrive: on every device once, under the name that the device itself would give them,
//! and every attempt in the list.

use crate::phone::another;
use crate::support::database;
use afterview_tests::firebase::{Answer, FirebaseDouble, Received};
use afterview_tests::{Client, TestApp, story};
use serde_json::{Value, json};

/// The thank-you note of the story: when it is due.
const THANKS_DUE: &str = "2026-05-07T13:00:00Z";

/// An account with the story, whose phone has registered `phone`, and the thank-you note's id.
async fn told(app: &TestApp) -> (Client, String) {
    let client = app.user("candidate").await;
    register(&client, "phone").await;
    let facts = story::record(&client).await;
    let plan = story::debrief(&client, &facts).await;
    (client, plan["items"][0]["id"].as_str().unwrap().to_owned())
}

async fn register(client: &Client, value: &str) -> Value {
    let push = json!({"push": {"kind": "fcm_fid", "value": value}});
    client.put("/v1/devices/me", push).await.expect(200)
}

fn to(message: &Received) -> String {
    message.message["fid"].as_str().unwrap().to_owned()
}

/// The reminders that arrived.
fn reminders(firebase: &FirebaseDouble) -> Vec<Received> {
    assert_eq!(firebase.faults(), [""; 0]);
    let mut messages = firebase.messages();
    messages.retain(|message| message.message["data"]["type"] == "reminder");
    messages
}

/// Where reminders went, in the order of names.
fn addresses(firebase: &FirebaseDouble) -> Vec<String> {
    let mut all: Vec<String> = reminders(firebase).iter().map(to).collect();
    all.sort();
    all
}

/// What became of notifications, the newest first: outcome and detail.
async fn outcomes(client: &mut Client) -> Vec<String> {
    client.refresh().await;
    let page = client.get("/v1/notifications").await.expect(200);
    let items = page["items"].as_array().unwrap().iter();
    let told = items.map(|item| {
        let detail = item["detail"].as_str().unwrap_or("-");
        format!("{} {detail}", item["outcome"].as_str().unwrap())
    });
    told.collect()
}

#[actix_web::test]
async fn a_reminder_comes_to_every_device_once_and_names_nobody() {
    for (app, firebase) in TestApp::each_with_firebase().await {
        let (mut phone, thanks) = told(&app).await;
        let tablet = another(&phone).await;
        register(&tablet, "tablet").await;
        app.let_time_pass_until(THANKS_DUE).await;
        app.let_time_pass_until("2026-05-07T13:01:00Z").await;
        assert_eq!(addresses(&firebase), ["phone", "tablet"]);
        let message = &reminders(&firebase)[0].message;
        assert_eq!(message["data"]["follow_up_id"], thanks);
        assert_eq!(message["data"]["occurrence"], THANKS_DUE);
        assert_eq!(message["notification"]["title"], "Afterview");
        assert_eq!(message["notification"]["body"], "A few kind words are due.");

        phone.refresh().await;
        let page = phone.get("/v1/notifications?limit=1").await.expect(200);
        let next =
            format!("/v1/notifications?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
        let rest = phone.get(&next).await.expect(200);
        let [first, second] = [&page["items"][0], &rest["items"][0]];
        assert_ne!(first["session_id"], second["session_id"]);
        for item in [first, second] {
            assert_eq!(item["follow_up_id"], thanks);
            assert_eq!((&item["kind"], &item["way"]), (&json!("thank_you"), &json!("fcm")));
            assert_eq!(
                (&item["occurrence"], &item["attempted_at"]),
                (&json!(THANKS_DUE), &json!(THANKS_DUE))
            );
            assert_eq!(
                (&item["outcome"], &item["purpose"]),
                (&json!("delivered"), &json!("reminder"))
            );
        }
        assert_eq!(rest.get("next_cursor"), None);
        let other = phone.get("/v1/notifications?follow_up_id=other").await.expect(200);
        assert_eq!(other["items"], json!([]));
    }
}

#[actix_web::test]
async fn a_device_that_scheduled_the_reminder_itself_gets_none() {
    for (app, firebase) in TestApp::each_with_firebase().await {
        let (mut phone, _) = told(&app).await;
        let tablet = another(&phone).await;
        register(&tablet, "tablet").await;
        let head = phone.get("/v1/sync/head").await.expect(200)["head"].clone();
        phone.put("/v1/devices/me", json!({"scheduled_through": head})).await.expect(200);
        app.let_time_pass_until(THANKS_DUE).await;
        assert_eq!(addresses(&firebase), ["tablet"]);
        let mut told = outcomes(&mut phone).await;
        told.sort();
        assert_eq!(told.len(), 2);
        assert!(told[0].starts_with("delivered projects/afterview-test/messages/"), "{told:?}");
        assert_eq!(told[1], "on_device -");
    }
}

#[actix_web::test]
async fn the_text_follows_the_preference_and_the_language_of_the_device() {
    for (app, firebase) in TestApp::each_with_firebase().await {
        let (phone, _) = told(&app).await;
        phone.patch("/v1/preferences", json!({"lock_screen": "full"})).await.expect(200);
        let tablet = another(&phone).await;
        register(&tablet, "tablet").await;
        tablet.put("/v1/devices/me", json!({"locale": "de-AT"})).await.expect(200);
        app.let_time_pass_until(THANKS_DUE).await;
        let bodies = |value: &str| {
            let messages = reminders(&firebase);
            let message = messages.iter().find(|message| to(message) == value).unwrap();
            message.message["notification"]["body"].as_str().unwrap().to_owned()
        };
        assert_eq!(bodies("phone"), "Time to say thank you: Anna Novak, Acme");
        assert_eq!(bodies("tablet"), "Zeit, danke zu sagen: Anna Novak, Acme");
    }
}

/// What an answer of Firebase does: what is noted, and how the phone is registered afterwards.
async fn assert_answer(
    answer: Answer,
    noted: &str,
    state: Option<&str>,
    comes_again: Option<&str>,
) {
    for (app, firebase) in TestApp::each_with_firebase().await {
        let (mut phone, _) = told(&app).await;
        firebase.script("phone", [answer.clone()]);
        app.let_time_pass_until(THANKS_DUE).await;
        assert_eq!(outcomes(&mut phone).await, [noted]);
        let device = phone.get("/v1/devices/me").await.expect(200);
        assert_eq!(device["push"]["state"].as_str(), state, "{device}");
        let Some(again) = comes_again else {
            app.let_time_pass_until("2026-05-07T16:00:00Z").await;
            assert_eq!(reminders(&firebase).len(), 1);
            continue;
        };
        let just_before = afterview_tests::at(again) - chrono::TimeDelta::seconds(1);
        app.let_time_pass_until(&afterview_domain::clock::format_instant(just_before)).await;
        assert_eq!(reminders(&firebase).len(), 1);
        app.let_time_pass_until(again).await;
        assert_eq!(reminders(&firebase).len(), 2);
        let identity = |message: &Received| message.message["data"].clone();
        assert_eq!(identity(&reminders(&firebase)[0]), identity(&reminders(&firebase)[1]));
        assert_eq!(outcomes(&mut phone).await.len(), 2);
    }
}

#[actix_web::test]
async fn an_app_that_is_gone_is_forgotten() {
    assert_answer(Answer::fcm(404, "UNREGISTERED", &[]), "unregistered -", None, None).await;
}

#[actix_web::test]
async fn an_address_that_is_none_is_forgotten_only_if_it_is_named() {
    let named = Answer::invalid("message.fid");
    assert_answer(named, "unregistered 400 INVALID_ARGUMENT message.fid", None, None).await;
    let ours = Answer::invalid("message.android.ttl");
    assert_answer(ours, "failed 400 INVALID_ARGUMENT message.android.ttl", Some("active"), None)
        .await;
}

#[actix_web::test]
async fn an_address_of_another_project_is_switched_off_until_it_is_registered_again() {
    let answer = Answer::fcm(403, "SENDER_ID_MISMATCH", &[]);
    assert_answer(answer, "refused SENDER_ID_MISMATCH", Some("refused"), None).await;
}

#[actix_web::test]
async fn what_only_the_operator_can_put_right_is_tried_again_in_a_quarter_of_an_hour() {
    let again = Some("2026-05-07T13:15:00Z");
    let apns = Answer::fcm(401, "THIRD_PARTY_AUTH_ERROR", &[]);
    assert_answer(apns, "waiting THIRD_PARTY_AUTH_ERROR", Some("active"), again).await;
    let project = Answer::error(404, &json!({}));
    assert_answer(project, "waiting 404 NOT_FOUND", Some("active"), again).await;
}

#[actix_web::test]
async fn what_firebase_asks_for_is_waited() {
    let soon = Answer::error(503, &json!({})).retry_after("90");
    let again = Some("2026-05-07T13:01:30Z");
    assert_answer(soon, "waiting provider_failed", Some("active"), again).await;
    let date = Answer::html(502).retry_after("Thu, 07 May 2026 13:02:00 GMT");
    let again = Some("2026-05-07T13:02:00Z");
    assert_answer(date, "waiting provider_failed", Some("active"), again).await;
    let device = Answer::quota("device:phone").retry_after("300");
    let again = Some("2026-05-07T13:05:00Z");
    assert_answer(device, "waiting quota", Some("active"), again).await;
}

#[actix_web::test]
async fn only_the_device_that_did_not_get_it_is_tried_again() {
    for (app, firebase) in TestApp::each_with_firebase().await {
        let (mut phone, _) = told(&app).await;
        let tablet = another(&phone).await;
        register(&tablet, "tablet").await;
        // The tablet hears of what the phone wrote.
        app.let_time_pass_until("2026-05-06T19:10:00Z").await;
        let busy = || Answer::error(503, &json!({})).retry_after("60");
        firebase.script("tablet", [busy(), busy()]);
        for now in
            [THANKS_DUE, "2026-05-07T13:01:00Z", "2026-05-07T13:02:00Z", "2026-05-07T13:03:00Z"]
        {
            app.let_time_pass_until(now).await;
        }
        assert_eq!(addresses(&firebase), ["phone", "tablet", "tablet", "tablet"]);
        let told = outcomes(&mut phone).await;
        assert_eq!(told.iter().filter(|one| one.starts_with("delivered")).count(), 2);
        assert_eq!(told.iter().filter(|one| one.starts_with("waiting")).count(), 2);
    }
}

#[actix_web::test]
async fn a_late_reminder_does_not_disturb_the_night() {
    for (app, firebase) in TestApp::each_with_firebase().await {
        told(&app).await;
        // Nothing ran from nine in the morning until eleven at night, New York time.
        app.let_time_pass_until("2026-05-08T03:00:00Z").await;
        assert_eq!(addresses(&firebase), [""; 0]);
        app.let_time_pass_until("2026-05-08T11:59:59Z").await;
        assert_eq!(addresses(&firebase), [""; 0]);
        app.let_time_pass_until("2026-05-08T12:00:00Z").await;
        assert_eq!(addresses(&firebase), ["phone"]);
    }
}

#[actix_web::test]
async fn what_is_of_no_use_any_more_expires_and_is_listed() {
    for (app, firebase) in TestApp::each_with_firebase().await {
        let (mut phone, thanks) = told(&app).await;
        app.clock.set("2026-05-30T16:00:00Z");
        app.let_time_pass_until("2026-05-30T16:00:00Z").await;
        phone.refresh().await;
        let path = format!("/v1/notifications?follow_up_id={thanks}");
        let page = phone.get(&path).await.expect(200);
        let item = &page["items"][0];
        assert_eq!(
            (&item["outcome"], &item["occurrence"]),
            (&json!("expired"), &json!(THANKS_DUE))
        );
        assert_eq!((item.get("way"), item.get("session_id")), (None, None));
        let about = |message: &Received| message.message["data"]["follow_up_id"] == thanks.as_str();
        assert!(!reminders(&firebase).iter().any(about));
    }
}

#[actix_web::test]
async fn an_address_moves_with_the_account_that_registers_it() {
    for (app, firebase) in TestApp::each_with_firebase().await {
        let (mut anna, _) = told(&app).await;
        let bob = app.user("bob").await;
        register(&bob, "phone").await;
        assert_eq!(anna.get("/v1/devices/me").await.expect(200).get("push"), None);
        app.let_time_pass_until(THANKS_DUE).await;
        assert_eq!(addresses(&firebase), [""; 0]);
        assert_eq!(outcomes(&mut anna).await, ["logged -"]);
        register(&anna, "phone").await;
        let held = database(&app)
            .lines("SELECT account_id AS line FROM devices WHERE push_hash IS NOT NULL");
        assert_eq!(held.len(), 1);
    }
}

#[actix_web::test]
async fn who_signs_out_or_asks_for_it_hears_nothing_more() {
    for (app, firebase) in TestApp::each_with_firebase().await {
        let (mut phone, _) = told(&app).await;
        let [tablet, watch] = [another(&phone).await, another(&phone).await];
        register(&tablet, "tablet").await;
        register(&watch, "watch").await;
        tablet.post("/v1/auth/logout", json!({})).await.expect(204);
        watch.delete("/v1/devices/me/push").await.expect(204);
        app.let_time_pass_until(THANKS_DUE).await;
        assert_eq!(addresses(&firebase), ["phone"]);
        assert_eq!(outcomes(&mut phone).await.len(), 1);
        assert_eq!(database(&app).count("devices WHERE push_address IS NOT NULL"), 1);
    }
}

#[actix_web::test]
async fn the_reminders_follow_the_phone_to_another_zone() {
    for app in TestApp::each().await {
        let (client, _) = told(&app).await;
        let zone = async |client: &Client| {
            client.get("/v1/preferences").await.expect(200)["time_zone"].clone()
        };
        let login = json!({"email": "candidate@example.org", "password": "correct horse battery", "device": {"platform": "iOS"}});
        let mut phone = app.anonymous();
        phone.sign_in_with(&app.anonymous().post("/v1/auth/login", login).await.expect(200));
        let report = |zone: &str| json!({"time_zone": zone});
        // A browser somewhere else moves nothing.
        client.put("/v1/devices/me", report("Asia/Tokyo")).await.expect(200);
        assert_eq!(zone(&client).await, "America/New_York");
        phone.put("/v1/devices/me", report("Europe/Prague")).await.expect(200);
        assert_eq!(zone(&client).await, "Europe/Prague");
        // What the candidate chose then holds until the phone moves on.
        client.patch("/v1/preferences", report("America/New_York")).await.expect(200);
        phone.put("/v1/devices/me", report("Europe/Prague")).await.expect(200);
        assert_eq!(zone(&client).await, "America/New_York");
        phone.put("/v1/devices/me", report("Asia/Tokyo")).await.expect(200);
        assert_eq!(zone(&client).await, "Asia/Tokyo");
        // Ten in the morning in New York is in the night of Tokyo: the reminder comes before it.
        let agenda = client.get("/v1/agenda").await.expect(200);
        let asks =
            agenda["items"].as_array().unwrap().iter().find(|item| item["kind"] == "follow_up");
        assert_eq!(asks.unwrap()["remind_at"], "2026-05-12T12:30:00Z");
    }
}

#[actix_web::test]
async fn a_test_notification_comes_at_once_and_says_what_became_of_it() {
    for (app, firebase) in TestApp::each_with_firebase().await {
        let client = app.user("candidate").await;
        let path = "/v1/notifications/test";
        assert_eq!(client.post(path, json!({})).await.expect(200)["outcome"], "logged");
        register(&client, "phone").await;
        let key = [("idempotency-key", "k1")];
        let once = client.send(reqwest::Method::POST, path, &key, None).await.expect(200);
        assert_eq!(client.send(reqwest::Method::POST, path, &key, None).await.expect(200), once);
        assert_eq!((&once["outcome"], &once["purpose"]), (&json!("delivered"), &json!("test")));
        assert_eq!(addresses(&firebase), ["phone"]);
        firebase.script(
            "phone",
            [Answer::error(503, &json!({})), Answer::fcm(404, "UNREGISTERED", &[])],
        );
        let busy = client.post(path, json!({})).await.expect(200);
        assert_eq!(
            (&busy["outcome"], &busy["detail"]),
            (&json!("failed"), &json!("provider_failed"))
        );
        assert_eq!(client.post(path, json!({})).await.expect(200)["outcome"], "unregistered");
        assert_eq!(client.get("/v1/devices/me").await.expect(200).get("push"), None);
        let page = client.get("/v1/notifications").await.expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), 4);
    }
}

#[actix_web::test]
async fn a_device_is_known_by_what_it_said_last() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let silent = client.get("/v1/devices/me").await.expect(200);
    assert_eq!((silent.get("reported_at"), &silent["scheduled_through"]), (None, &json!(0)));
    let report = json!({
        "push": {"kind": "fcm_token", "value": "abc"}, "time_zone": "Europe/Prague",
        "locale": "cs", "app_version": "1.2", "scheduled_through": 7,
    });
    let known = client.put("/v1/devices/me", report).await.expect(200);
    assert_eq!(known["push"], json!({"kind": "fcm_token", "state": "active"}));
    assert!(!known.to_string().contains("abc"));
    let part = client.put("/v1/devices/me", json!({"app_version": "1.3"})).await.expect(200);
    assert_eq!((&part["locale"], &part["app_version"]), (&json!("cs"), &json!("1.3")));
    assert_eq!(part["push"], known["push"]);
    assert_eq!(client.get("/v1/devices/me").await.expect(200), part);
    for wrong in [
        json!({"push": {"kind": "pager", "value": "1"}}),
        json!({"push": {"kind": "fcm_fid", "value": ""}}),
        json!({"time_zone": "Mars/Olympus"}),
        json!({"scheduled_through": -1}),
        json!({"name": "x"}),
    ] {
        client.put("/v1/devices/me", wrong).await.expect_problem("validation_failed");
    }
    assert_eq!(client.get("/v1/devices/me").await.expect(200), part);
}
