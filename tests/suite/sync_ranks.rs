//! Words that beat others whatever the time: restrictions, confirmations, deliveries, what took place.

use crate::phone::{ago, conflicts, ends, interview, one, only_conflict, patch, stored, with_acme};
use crate::support::create;
use afterview_tests::{Client, TestApp};
use serde_json::json;

const ACME: &str = "opportunities/acme";
const MINUTE: i64 = 60_000;

#[actix_web::test]
async fn the_stricter_of_two_contact_policies_wins_until_somebody_who_saw_it_loosens_it() {
    let app = TestApp::start().await;
    let (phone, tablet, base) = with_acme(&app, json!({})).await;
    let strict = ago(patch("m1", ACME, &base, json!({"contact_policy": "no_contact"})), MINUTE);
    ends(&phone, strict, "applied").await;
    let loose = patch("m2", ACME, &base, json!({"contact_policy": "no_calls"}));
    let result = ends(&tablet, loose, "merged").await;
    assert_eq!(result["record"]["contact_policy"], "no_contact");
    let conflict = only_conflict(&phone).await;
    assert_eq!(
        (&conflict["state"], &conflict["lost"]),
        (&json!("resolved"), &json!({"contact_policy": "no_calls"}))
    );
    let seen = patch("m3", ACME, &result["rev"], json!({"contact_policy": "none"}));
    ends(&tablet, seen, "applied").await;
    assert_eq!(stored(&phone, ACME).await["contact_policy"], "none");
}

#[actix_web::test]
async fn what_the_candidate_confirmed_beats_what_was_read_from_words() {
    let app = TestApp::start().await;
    let (phone, tablet, _) = with_acme(&app, json!({})).await;
    let promise = json!({"id": "p1", "opportunity_id": "acme", "text": "soon"});
    let base = create(&phone, "/v1/expectations", promise).await["rev"].clone();
    app.clock.set("2026-05-06T19:18:00Z");
    let confirmed = json!({"kind": "confirmed", "from": "2026-05-08", "by": "2026-05-08"});
    let early = ago(patch("m1", "expectations/p1", &base, confirmed.clone()), MINUTE);
    ends(&phone, early, "applied").await;
    let words = json!({"text": "by the end of next week"});
    one(&tablet, patch("m2", "expectations/p1", &base, words.clone())).await;
    let p1 = stored(&phone, "expectations/p1").await;
    assert_eq!(
        json!([p1["kind"], p1["from"], p1["by"], p1["text"]]),
        json!(["confirmed", "2026-05-08", "2026-05-08", "by the end of next week"])
    );
}

#[actix_web::test]
async fn what_is_delivered_stays_delivered() {
    let app = TestApp::start().await;
    let (phone, tablet, _) = with_acme(&app, json!({})).await;
    let duty = json!({"id": "d1", "opportunity_id": "acme", "kind": "references"});
    let base = create(&phone, "/v1/commitments", duty).await["rev"].clone();
    app.clock.set("2026-05-06T19:18:00Z");
    let delivered = json!({"status": "fulfilled", "fulfilled_at": "2026-05-06T19:10:00Z"});
    ends(&phone, ago(patch("m1", "commitments/d1", &base, delivered), MINUTE), "applied").await;
    let waived = patch("m2", "commitments/d1", &base, json!({"status": "waived"}));
    let result = ends(&tablet, waived, "merged").await;
    assert_eq!(result["record"]["status"], "fulfilled");
    assert_eq!(result["record"]["fulfilled_at"], "2026-05-06T19:10:00Z");
    assert!(conflicts(&phone).await.iter().all(|it| it["state"] == "resolved"));
}

#[actix_web::test]
async fn an_interview_that_one_moved_and_the_other_held_took_place_when_it_was_planned() {
    for held_first in [false, true] {
        let app = TestApp::start().await;
        let (phone, tablet, _) = with_acme(&app, json!({})).await;
        let base = interview(&phone, json!({})).await;
        app.clock.set("2026-05-06T21:10:00Z");
        let (phone, tablet) = (signed_in(&phone).await, signed_in(&tablet).await);
        let moved = json!({"starts_at": "2026-05-08T20:00:00Z", "ends_at": "2026-05-08T21:00:00Z"});
        let moved_to = moved.clone();
        let moved = ago(patch("m1", "interviews/i1", &base, moved), 90 * MINUTE);
        let held = patch("m2", "interviews/i1", &base, json!({"status": "held"}));
        if held_first {
            ends(&tablet, held, "applied").await;
            ends(&phone, moved, "merged").await;
        } else {
            ends(&phone, moved, "applied").await;
            ends(&tablet, held, "applied").await;
        }
        let i1 = stored(&phone, "interviews/i1").await;
        assert_eq!(
            (&i1["status"], &i1["starts_at"]),
            (&json!("held"), &json!("2026-05-06T20:00:00Z"))
        );
        let conflict = only_conflict(&phone).await;
        assert_eq!(conflict["state"], "open");
        for (name, value) in moved_to.as_object().unwrap() {
            assert_eq!(conflict["lost"][name], *value, "{conflict:#}");
        }
    }
}

/// The same device with an access token that is good for the next quarter of an hour.
async fn signed_in(client: &Client) -> Client {
    let mut client = client.clone();
    client.refresh().await;
    client
}
