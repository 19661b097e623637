//! What devices say about themselves, and what follows from it for their reminders.

use crate::notifications::{addresses, outcomes, register, told};
use crate::phone::another;
use crate::support::database;
use afterview_tests::{Client, TestApp};
use serde_json::json;

/// The thank-you note of the story: when it is due.
const THANKS_DUE: &str = "2026-05-07T13:00:00Z";

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
