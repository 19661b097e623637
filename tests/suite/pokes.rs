//! Pokes: devices that sleep are told that something changed on another one, without saying what, and
//! rarely.

use crate::phone::another;
use crate::support::{create, opportunity};
use afterview_tests::firebase::{Answer, FirebaseDouble};
use afterview_tests::{Client, TestApp};
use serde_json::{Value, json};

async fn register(client: &Client, value: &str) {
    let push = json!({"push": {"kind": "fcm_fid", "value": value}});
    client.put("/v1/devices/me", push).await.expect(200);
}

/// An account with a phone and a tablet.
async fn two(app: &TestApp) -> (Client, Client) {
    let phone = app.user("candidate").await;
    let tablet = another(&phone).await;
    register(&phone, "phone").await;
    register(&tablet, "tablet").await;
    (phone, tablet)
}

/// Who was poked, one after the other.
fn poked(firebase: &FirebaseDouble) -> Vec<String> {
    assert_eq!(firebase.faults(), [""; 0]);
    let pokes = firebase.messages().into_iter().map(|received| received.message);
    let pokes = pokes.filter(|message| message["data"]["type"] == "sync");
    pokes.map(|message| message["fid"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn the_other_device_is_told_once_of_many_changes_and_of_nothing_in_them() {
    for (app, firebase) in TestApp::each_with_firebase().await {
        let (phone, _) = two(&app).await;
        // Signing up was a change, too.
        app.let_time_pass_until("2026-05-06T19:06:00Z").await;
        let before = poked(&firebase).len();
        app.let_time_pass_until("2026-05-06T19:10:00Z").await;
        for id in ["a", "b", "c"] {
            create(&phone, "/v1/opportunities", opportunity(id)).await;
        }
        app.let_time_pass_until("2026-05-06T19:10:29Z").await;
        assert_eq!(poked(&firebase).len(), before);
        app.let_time_pass_until("2026-05-06T19:10:30Z").await;
        assert_eq!(poked(&firebase)[before..], ["tablet"]);
        let last = firebase.messages().pop().unwrap().message;
        assert_eq!(last["data"], json!({"type": "sync"}));
        assert_eq!(last.get("notification"), None::<&Value>);
    }
}

#[actix_web::test]
async fn a_device_is_left_in_peace_for_three_minutes_and_then_told_of_what_it_missed() {
    for (app, firebase) in TestApp::each_with_firebase().await {
        let (phone, _) = two(&app).await;
        app.let_time_pass_until("2026-05-06T19:10:00Z").await;
        create(&phone, "/v1/opportunities", opportunity("a")).await;
        app.let_time_pass_until("2026-05-06T19:10:30Z").await;
        let before = poked(&firebase).len();
        create(&phone, "/v1/opportunities", opportunity("b")).await;
        app.let_time_pass_until("2026-05-06T19:11:00Z").await;
        create(&phone, "/v1/opportunities", opportunity("c")).await;
        app.let_time_pass_until("2026-05-06T19:13:29Z").await;
        assert_eq!(poked(&firebase).len(), before);
        app.let_time_pass_until("2026-05-06T19:13:30Z").await;
        assert_eq!(poked(&firebase)[before..], ["tablet"]);
        app.let_time_pass_until("2026-05-06T19:30:00Z").await;
        assert_eq!(poked(&firebase).len(), before + 1);
    }
}

#[actix_web::test]
async fn where_both_changed_something_both_are_told() {
    for (app, firebase) in TestApp::each_with_firebase().await {
        let (phone, tablet) = two(&app).await;
        app.let_time_pass_until("2026-05-06T19:10:00Z").await;
        let before = poked(&firebase).len();
        create(&phone, "/v1/opportunities", opportunity("a")).await;
        create(&tablet, "/v1/opportunities", opportunity("b")).await;
        app.let_time_pass_until("2026-05-06T19:14:00Z").await;
        let mut told = poked(&firebase).split_off(before);
        told.sort();
        assert_eq!(told, ["phone", "tablet"]);
    }
}

#[actix_web::test]
async fn a_poke_that_finds_the_app_gone_forgets_it_and_one_that_fails_is_not_repeated() {
    for (app, firebase) in TestApp::each_with_firebase().await {
        let (phone, tablet) = two(&app).await;
        app.let_time_pass_until("2026-05-06T19:10:00Z").await;
        let before = poked(&firebase).len();
        firebase.script(
            "tablet",
            [Answer::error(503, &json!({})), Answer::fcm(404, "UNREGISTERED", &[])],
        );
        create(&phone, "/v1/opportunities", opportunity("a")).await;
        app.let_time_pass_until("2026-05-06T19:14:00Z").await;
        app.let_time_pass_until("2026-05-06T19:18:00Z").await;
        assert_eq!(poked(&firebase).len(), before + 1);
        assert_ne!(tablet.get("/v1/devices/me").await.expect(200).get("push"), None);
        create(&phone, "/v1/opportunities", opportunity("b")).await;
        app.let_time_pass_until("2026-05-06T19:19:00Z").await;
        assert_eq!(tablet.get("/v1/devices/me").await.expect(200).get("push"), None);
    }
}
