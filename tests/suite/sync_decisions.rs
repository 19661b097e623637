//! What the candidate decides about a conflict, over REST or by a mutation.

use crate::phone::{ago, ends, mutation, only_conflict, patch, push, stored, with_acme};
use crate::support::with;
use afterview_tests::{Client, TestApp};
use serde_json::json;

const ACME: &str = "opportunities/acme";
const MINUTE: i64 = 60_000;

/// A conflict about the role: `Late` stands, `Early` was not kept.
async fn disputed(app: &TestApp) -> (Client, Client, String) {
    let (phone, tablet, base) = with_acme(app, json!({})).await;
    let early = ago(patch("m1", ACME, &base, json!({"role": "Early"})), MINUTE);
    ends(&phone, early, "applied").await;
    ends(&tablet, patch("m2", ACME, &base, json!({"role": "Late"})), "applied").await;
    let id = only_conflict(&phone).await["id"].as_str().unwrap().to_owned();
    (phone, tablet, id)
}

#[actix_web::test]
async fn a_conflict_is_decided_over_rest_or_by_a_mutation() {
    for (args, role) in [
        (json!({"take": "kept"}), "Late"),
        (json!({"take": "lost"}), "Early"),
        (json!({"take": "fields", "fields": {"role": "Both"}}), "Both"),
    ] {
        for by_mutation in [false, true] {
            let app = TestApp::start().await;
            let (phone, tablet, id) = disputed(&app).await;
            if by_mutation {
                let more = json!({"action": "resolve", "args": args});
                let resolve = mutation("m3", "action", &format!("conflicts/{id}"), more);
                ends(&phone, resolve.clone(), "applied").await;
                let again = with(resolve, &json!({"mid": "m4"}));
                ends(&tablet, again, "noop").await;
            } else {
                let path = format!("/v1/sync/conflicts/{id}/resolve");
                let closed = phone.post(&path, args.clone()).await.expect(200);
                assert_eq!(closed["state"], "resolved");
                assert_eq!(closed["resolved_at"], "2026-05-06T19:15:00Z");
            }
            assert_eq!(stored(&tablet, ACME).await["role"], role);
            assert_eq!(only_conflict(&tablet).await["state"], "resolved");
            push(&tablet, json!([])).await;
        }
    }
}
