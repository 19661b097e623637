//! Follow-ups that two devices acted on: sent absorbs everything, and nobody sends what nobody read.

use crate::phone::{
    conflicts, ends, mutation, one, only_conflict, patch, push, refused, stored, two,
};
use crate::support::{item, with};
use afterview_tests::{Client, TestApp, story};
use serde_json::{Value, json};

/// Two devices after the debrief, the record name of the thank-you note and its first fields.
pub(crate) async fn scene(app: &TestApp) -> (Client, Client, String, Value) {
    let (phone, tablet) = two(app).await;
    let facts = story::record(&phone).await;
    let plan = story::debrief(&phone, &facts).await;
    let thanks = item(&plan, "thank_you");
    let record = format!("follow_ups/{}", thanks["id"].as_str().unwrap());
    let first = json!({
        "action_key": thanks["action_key"], "opportunity_id": "acme", "interview_id": "i1",
        "kind": "thank_you", "to": "anna", "channel": "email",
    });
    app.clock.set("2026-05-06T19:15:00Z");
    (phone, tablet, record, first)
}

fn act(mid: &str, record: &str, action: &str, more: Value) -> Value {
    let mut step = mutation(mid, "action", record, more);
    step["action"] = json!(action);
    step
}

/// A draft that both devices have, and its revision.
pub(crate) async fn draft(client: &Client, record: &str, first: &Value, body: &str) -> Value {
    let set = with(first.clone(), &json!({ "body": body }));
    ends(client, mutation("draft", "create", record, json!({ "set": set })), "applied").await["rev"]
        .clone()
}

#[actix_web::test]
async fn a_note_sent_on_both_is_one_note_sent_at_the_earlier_time() {
    for (other, asks) in [("2026-05-06T19:08:00Z", false), ("2026-05-06T18:20:00Z", true)] {
        for early_first in [false, true] {
            let app = TestApp::start().await;
            let (phone, tablet, record, first) = scene(&app).await;
            let late = "2026-05-06T19:12:00Z";
            let (a, b) = if early_first { (other, late) } else { (late, other) };
            let sent = |mid, at| {
                act(mid, &record, "mark_sent", json!({"set": first, "args": {"sent_at": at}}))
            };
            ends(&phone, sent("m1", a), "applied").await;
            one(&tablet, sent("m2", b)).await;
            let note = stored(&phone, &record).await;
            assert_eq!((&note["status"], &note["sent_at"]), (&json!("sent"), &json!(other)));
            let all = conflicts(&phone).await;
            assert_eq!(all.len(), usize::from(asks), "{all:#?}");
            if asks {
                assert_eq!(
                    json!([all[0]["reason"], all[0]["state"]]),
                    json!(["possible_double_send", "open"])
                );
            }
        }
    }
}

#[actix_web::test]
async fn only_the_yes_of_the_candidate_makes_two_messages_of_one() {
    for (take, count) in [("kept", 1), ("lost", 2)] {
        let app = TestApp::start().await;
        let (phone, tablet, record, first) = scene(&app).await;
        let sent = |mid, at| {
            act(mid, &record, "mark_sent", json!({"set": first, "args": {"sent_at": at}}))
        };
        ends(&phone, sent("m1", "2026-05-06T19:12:00Z"), "applied").await;
        one(&tablet, sent("m2", "2026-05-06T18:20:00Z")).await;
        let id = only_conflict(&phone).await["id"].as_str().unwrap().to_owned();
        let args = json!({"action": "resolve", "args": {"take": take}});
        let resolve = mutation("m3", "action", &format!("conflicts/{id}"), args);
        ends(&tablet, resolve, "applied").await;
        let (copy, _) = crate::device::first_sync(&phone).await;
        let notes = copy.0.iter().filter(|(name, _)| name.starts_with("follow_ups:"));
        let mut times: Vec<&str> =
            notes.map(|(_, (_, doc))| doc["sent_at"].as_str().unwrap()).collect();
        times.sort_unstable();
        assert_eq!(times.len(), count, "{times:?}");
        assert_eq!(times[0], "2026-05-06T18:20:00Z");
    }
}

#[actix_web::test]
async fn what_is_written_after_the_message_went_out_is_refused_and_becomes_a_draft_of_its_own() {
    let app = TestApp::start().await;
    let (phone, tablet, record, first) = scene(&app).await;
    let base = draft(&phone, &record, &first, "Dear Anna, thank you.").await;
    ends(&phone, act("m1", &record, "mark_sent", json!({"base": base})), "applied").await;
    let late = patch("m2", &record, &base, json!({"body": "Dear Anna, one more thing."}));
    let result = refused(&tablet, late, "already_sent").await;
    assert_eq!(result["record"]["status"], "sent");
    assert_eq!(stored(&phone, &record).await["body"], "Dear Anna, thank you.");
    let id = result["conflicts"][0].as_str().unwrap();
    let path = format!("/v1/sync/conflicts/{id}/resolve");
    tablet.post(&path, json!({"take": "lost"})).await.expect(200);
    let new = stored(&phone, &format!("follow_ups/{id}")).await;
    assert_eq!(
        json!([new["body"], new["status"], new["kind"]]),
        json!(["Dear Anna, one more thing.", "open", "custom"])
    );
    assert_eq!(stored(&phone, &record).await["body"], "Dear Anna, thank you.");
    push(&tablet, json!([])).await;
}

#[actix_web::test]
async fn a_draft_woven_from_two_is_not_sent_before_somebody_read_it() {
    let app = TestApp::start().await;
    let (phone, tablet, record, first) = scene(&app).await;
    let base = draft(&phone, &record, &first, "Dear Anna, thank you for the good talk.").await;
    let one_side = json!({"body": "Dear Anna Novak, thank you for the good talk."});
    ends(&phone, patch("m1", &record, &base, one_side), "applied").await;
    let other = json!({"body": "Dear Anna, thank you for the good talk. See you soon."});
    let merged = ends(&tablet, patch("m2", &record, &base, other), "merged").await;
    let woven = "Dear Anna Novak, thank you for the good talk. See you soon.";
    assert_eq!(
        json!([merged["record"]["body"], merged["record"]["needs_review"]]),
        json!([woven, true])
    );
    let path = format!("/v1/{}", record.replace('_', "-"));
    phone.post(&format!("{path}/sent"), json!({})).await.expect_problem("wrong_state");
    let seen = json!({"base": merged["rev"]});
    refused(
        &tablet,
        act("m3", &record, "mark_sent", with(seen.clone(), &json!({"args": {"channel": "email"}}))),
        "wrong_state",
    )
    .await;
    ends(&tablet, patch("m4", &record, &merged["rev"], json!({ "body": woven })), "applied").await;
    assert_eq!(stored(&phone, &record).await.get("needs_review"), None);
    phone.post(&format!("{path}/sent"), json!({})).await.expect(200);
}

#[actix_web::test]
async fn a_skip_and_an_edit_stay_skipped_and_a_reopening_that_saw_the_skip_counts() {
    let app = TestApp::start().await;
    let (phone, tablet, record, first) = scene(&app).await;
    let base = draft(&phone, &record, &first, "Dear Anna, thank you.").await;
    let skip = ends(&phone, act("m1", &record, "skip", json!({"base": base})), "applied").await;
    ends(&tablet, patch("m2", &record, &base, json!({"subject": "Thanks"})), "applied").await;
    ends(&tablet, act("m3", &record, "reopen", json!({"base": base})), "merged").await;
    let note = stored(&phone, &record).await;
    assert_eq!((&note["status"], &note["subject"]), (&json!("skipped"), &json!("Thanks")));
    ends(&tablet, act("m4", &record, "reopen", json!({"base": skip["rev"]})), "applied").await;
    assert_eq!(stored(&phone, &record).await["status"], "open");
}

#[actix_web::test]
async fn sent_absorbs_a_skip_that_did_not_know() {
    for sent_first in [false, true] {
        let app = TestApp::start().await;
        let (phone, tablet, record, first) = scene(&app).await;
        let base = draft(&phone, &record, &first, "Dear Anna, thank you.").await;
        let sent = act("m1", &record, "mark_sent", json!({"base": base}));
        let skip = act("m2", &record, "skip", json!({"base": base}));
        if sent_first {
            ends(&phone, sent, "applied").await;
            let result = ends(&tablet, skip, "rejected").await;
            assert_eq!(result["error"]["code"], "already_sent");
            assert_eq!(result["record"]["status"], "sent");
        } else {
            ends(&tablet, skip, "applied").await;
            ends(&phone, sent, "applied").await;
        }
        assert_eq!(stored(&phone, &record).await["status"], "sent");
    }
}

#[actix_web::test]
async fn a_sent_note_is_hidden_by_its_deletion_and_goes_on_counting() {
    let app = TestApp::start().await;
    let (phone, _, record, first) = scene(&app).await;
    let base = draft(&phone, &record, &first, "Dear Anna, thank you.").await;
    let sent = act("m1", &record, "mark_sent", json!({"base": base}));
    let rev = ends(&phone, sent, "applied").await["rev"].clone();
    let delete = mutation("m2", "delete", &record, json!({ "base": rev }));
    let result = ends(&phone, delete, "merged").await;
    assert_eq!(
        (&result["record"]["status"], &result["record"]["archived"]),
        (&json!("sent"), &json!(true))
    );
}
