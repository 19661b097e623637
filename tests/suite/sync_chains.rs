//! Mutations that belong together: by name, by what they build upon, by group.

use crate::phone::{ends, kept, mutation, patch, push, stored, with_acme};
use crate::support::with;
use afterview_tests::TestApp;
use serde_json::{Value, json};

const ACME: &str = "opportunities/acme";

#[actix_web::test]
async fn one_name_twice_in_a_push_counts_once() {
    let app = TestApp::start().await;
    let (client, _, base) = with_acme(&app, json!({})).await;
    let first = patch("m1", ACME, &base, json!({"role": "Analyst"}));
    let other = patch("m1", ACME, &base, json!({"role": "Manager"}));
    let results = push(&client, json!([first, first, other])).await;
    let status: Vec<&str> = results.iter().map(|it| it["status"].as_str().unwrap()).collect();
    assert_eq!(status, ["applied", "duplicate", "rejected"]);
    assert_eq!(results[1]["original"], results[0]);
    kept(&client, &other).await;
    assert_eq!(stored(&client, ACME).await["role"], "Analyst");
}

#[actix_web::test]
async fn what_builds_upon_something_refused_is_blocked_and_kept() {
    let app = TestApp::start().await;
    let (client, _, base) = with_acme(&app, json!({})).await;
    let wrong = patch("m1", ACME, &base, json!({"role": ""}));
    let after = |mid: &str, before: &str| {
        with(
            patch(mid, ACME, &base, json!({ "region": "US-NY", "notes": mid })),
            &json!({ "after": before }),
        )
    };
    let (second, third) = (after("m2", "m1"), after("m3", "m2"));
    let results = push(&client, json!([wrong, second, third])).await;
    for (result, code) in
        results.iter().zip(["validation_failed", "predecessor_rejected", "predecessor_rejected"])
    {
        assert_eq!(result["error"]["code"], code);
        assert_eq!(result["record"]["role"], "Data engineer");
    }
    assert_eq!(
        (&results[1]["status"], &results[2]["status"]),
        (&json!("blocked"), &json!("blocked"))
    );
    for mutation in [&wrong, &second, &third] {
        kept(&client, mutation).await;
    }
    // The same in another push, and again.
    ends(&client, after("m4", "m1"), "blocked").await;
    ends(&client, after("m4", "m1"), "duplicate").await;
}

#[actix_web::test]
async fn an_unknown_predecessor_itself_or_a_cycle_does_not_hold_anything_up() {
    let app = TestApp::start().await;
    let (client, _, base) = with_acme(&app, json!({})).await;
    let after = |mid: &str, before: &str, set: Value| {
        with(patch(mid, ACME, &base, set), &json!({ "after": before }))
    };
    let results = push(
        &client,
        json!([
            after("m1", "m2", json!({"role": "Analyst"})),
            after("m2", "m1", json!({"region": "US-NY"})),
            after("m3", "m3", json!({"source": "referral"})),
            after("m4", "never", json!({"interest": "low"})),
        ]),
    )
    .await;
    assert!(results.iter().all(|it| it["status"] == "applied"), "{results:#?}");
    let acme = stored(&client, ACME).await;
    assert_eq!(
        json!([acme["role"], acme["region"], acme["source"], acme["interest"]]),
        json!(["Analyst", "US-NY", "referral", "low"])
    );
}

#[actix_web::test]
async fn a_group_with_one_wrong_member_leaves_nothing_and_keeps_everything_that_was_said() {
    let app = TestApp::start().await;
    let (client, _, base) = with_acme(&app, json!({})).await;
    let of = |mutation: Value| with(mutation, &json!({"txn": "t1"}));
    let contact = json!({"set": {"name": "Anna", "role": "referee"}});
    let group = [
        of(patch("m1", ACME, &base, json!({"role": "Analyst"}))),
        of(mutation("m2", "create", "contacts/anna", contact)),
        of(patch("m3", ACME, &base, json!({"employer": ""}))),
        of(patch("m4", ACME, &base, json!({"region": "US-NY"}))),
    ];
    let apart = patch("m5", ACME, &base, json!({"source": "referral"}));
    let before = stored(&client, ACME).await;
    // The members need not stand together.
    let [a, b, c, d] = &group;
    let results = push(&client, json!([a, apart, b, c, d])).await;
    let codes: Vec<&Value> = results.iter().map(|it| &it["error"]["code"]).collect();
    let blocked = json!("group_rejected");
    assert_eq!(codes, [&blocked, &json!(null), &blocked, &json!("validation_failed"), &blocked]);
    let after = stored(&client, ACME).await;
    assert_eq!(
        json!([after["role"], after["employer"], after.get("region")]),
        json!([before["role"], before["employer"], null])
    );
    assert_eq!((&after["source"], &results[1]["status"]), (&json!("referral"), &json!("applied")));
    assert_eq!(stored(&client, "contacts/anna").await, Value::Null);
    for mutation in &group {
        kept(&client, mutation).await;
    }
    let again = push(&client, json!(group)).await;
    assert!(again.iter().all(|it| it["status"] == "duplicate"), "{again:#?}");
    let fine = [
        of(patch("n1", ACME, &base, json!({"role": "Analyst"}))),
        of(patch("n2", ACME, &base, json!({"region": "US-NY"}))),
    ];
    assert!(push(&client, json!(fine)).await.iter().all(|it| it["status"] == "applied"));
}
