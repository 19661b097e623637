//! What becomes of a field, and of a deletion, that two devices changed without knowing of each other.

use crate::device::caller;
use crate::phone::{
    ago, conflicts, ends, interview, mutation, one, only_conflict, patch, refused, stored,
    with_acme,
};
use crate::support::{create, with};
use afterview_tests::TestApp;
use reqwest::Method;
use serde_json::{Value, json};

const ACME: &str = "opportunities/acme";
const MINUTE: i64 = 60_000;
const YEAR: i64 = 365 * 24 * 60 * MINUTE;

#[actix_web::test]
async fn the_later_edit_wins_whichever_arrives_first_and_the_other_is_a_conflict() {
    for late_first in [false, true] {
        let app = TestApp::start().await;
        let (phone, tablet, base) = with_acme(&app, json!({})).await;
        let early = ago(patch("m1", ACME, &base, json!({"role": "Early"})), 2 * MINUTE);
        let late = ago(patch("m2", ACME, &base, json!({"role": "Late"})), MINUTE);
        let last = if late_first {
            ends(&tablet, late, "applied").await;
            ends(&phone, early, "merged").await
        } else {
            ends(&phone, early, "applied").await;
            ends(&tablet, late, "applied").await
        };
        assert_eq!(stored(&phone, ACME).await["role"], "Late");
        let conflict = only_conflict(&phone).await;
        assert_eq!(json!([conflict["id"]]), last["conflicts"]);
        assert_eq!(
            json!([conflict["reason"], conflict["state"], conflict["policy"], conflict["kept"]]),
            json!(["concurrent", "open", "later", {"role": "Late"}])
        );
        assert_eq!(
            (&conflict["lost"], &conflict["base"]),
            (&json!({"role": "Early"}), &json!({"role": "Data engineer"}))
        );
        assert_eq!(conflict["device_id"], caller(&phone).1);
        assert_eq!(conflict["edited_at"], "2026-05-06T19:13:00Z");
    }
}

#[actix_web::test]
async fn a_clock_that_is_years_off_gains_nothing() {
    for skew in [-2 * YEAR, 2 * YEAR] {
        let app = TestApp::start().await;
        let (phone, tablet, base) = with_acme(&app, json!({})).await;
        let late = ago(patch("m1", ACME, &base, json!({"role": "Late"})), MINUTE);
        ends(&phone, late, "applied").await;
        // The whole clock is off: its error cancels out.
        let early = ago(patch("m2", ACME, &base, json!({"role": "Early"})), 2 * MINUTE - skew);
        let body = with(
            json!({"protocol": 1, "schema": 1, "mutations": [early]}),
            &json!({"client_time": skew}),
        );
        let answer = tablet.post("/v1/sync", body).await.expect(200);
        assert_eq!(answer["results"][0]["status"], "merged");
        assert_eq!(stored(&phone, ACME).await["role"], "Late");
    }
}

#[actix_web::test]
async fn an_edit_from_the_future_is_one_made_now_and_never_beats_one_that_saw_it() {
    let app = TestApp::start().await;
    let (phone, tablet, base) = with_acme(&app, json!({})).await;
    let ahead = ago(patch("m1", ACME, &base, json!({"role": "Ahead"})), -2 * YEAR);
    let first = ends(&phone, ahead, "applied").await;
    let seen = ago(patch("m2", ACME, &first["rev"], json!({"role": "Seen"})), 2 * YEAR);
    ends(&tablet, seen, "applied").await;
    assert_eq!(stored(&phone, ACME).await["role"], "Seen");
    assert_eq!(conflicts(&phone).await.len(), 0);
    app.clock.set("2026-05-06T19:16:00Z");
    let later = patch("m3", ACME, &base, json!({"role": "Later"}));
    ends(&phone, later, "applied").await;
}

#[actix_web::test]
async fn edits_of_different_fields_both_stay_without_a_conflict() {
    let app = TestApp::start().await;
    let (phone, tablet, base) = with_acme(&app, json!({})).await;
    ends(&phone, patch("m1", ACME, &base, json!({"role": "Analyst"})), "applied").await;
    ends(&tablet, patch("m2", ACME, &base, json!({"employer": "Beta"})), "applied").await;
    let acme = stored(&phone, ACME).await;
    assert_eq!((&acme["role"], &acme["employer"]), (&json!("Analyst"), &json!("Beta")));
    assert_eq!(conflicts(&phone).await.len(), 0);
}

#[actix_web::test]
async fn the_same_edit_twice_is_no_conflict() {
    let app = TestApp::start().await;
    let (phone, tablet, base) = with_acme(&app, json!({})).await;
    ends(&phone, patch("m1", ACME, &base, json!({"role": "Analyst"})), "applied").await;
    ends(&tablet, patch("m2", ACME, &base, json!({"role": "Analyst"})), "noop").await;
    assert_eq!(conflicts(&phone).await.len(), 0);
}

#[actix_web::test]
async fn fields_of_a_group_move_as_one() {
    let app = TestApp::start().await;
    let (phone, tablet, _) = with_acme(&app, json!({})).await;
    let base = interview(&phone, json!({})).await;
    app.clock.set("2026-05-06T19:18:00Z");
    let whole = json!({"starts_at": "2026-05-07T20:00:00Z", "ends_at": "2026-05-07T21:00:00Z"});
    let early = ago(patch("m1", "interviews/i1", &base, whole.clone()), 2 * MINUTE);
    ends(&phone, early, "applied").await;
    // The other one shortens the appointment that it saw: half of each would be three hours or none.
    let late = json!({"ends_at": "2026-05-06T20:30:00Z"});
    ends(&tablet, ago(patch("m2", "interviews/i1", &base, late), MINUTE), "applied").await;
    let i1 = stored(&phone, "interviews/i1").await;
    assert_eq!(
        (&i1["starts_at"], &i1["ends_at"]),
        (&json!("2026-05-06T20:00:00Z"), &json!("2026-05-06T20:30:00Z"))
    );
    let conflict = only_conflict(&phone).await;
    assert_eq!((&conflict["policy"], &conflict["lost"]), (&json!("group"), &whole));
}

#[actix_web::test]
async fn notes_of_both_are_woven_into_one_text() {
    let app = TestApp::start().await;
    let (phone, tablet, base) =
        with_acme(&app, json!({"notes": "Met the team at a meetup in March."})).await;
    let one_side = json!({"notes": "Met the whole team at a meetup in March."});
    let other =
        json!({"notes": "Met the team at a meetup in March. They moved to a new platform."});
    ends(&phone, patch("m1", ACME, &base, one_side), "applied").await;
    let result = ends(&tablet, patch("m2", ACME, &base, other.clone()), "merged").await;
    let woven = "Met the whole team at a meetup in March. They moved to a new platform.";
    assert_eq!(result["record"]["notes"], woven);
    assert_eq!(conflicts(&phone).await.len(), 0);
    // What the second device typed is in the history, too.
    let history = phone.get("/v1/records/opportunities/acme/history").await.expect(200);
    assert_eq!(history["items"][0]["changed"]["notes"]["given"], other["notes"]);
}

#[actix_web::test]
async fn notes_with_nothing_in_common_are_not_woven() {
    let app = TestApp::start().await;
    let (phone, tablet, base) = with_acme(&app, json!({"notes": "Met them."})).await;
    let early = json!({"notes": "Call Anna on Monday about references."});
    ends(&phone, ago(patch("m1", ACME, &base, early.clone()), MINUTE), "applied").await;
    let late = json!({"notes": "They moved to a new platform."});
    ends(&tablet, patch("m2", ACME, &base, late.clone()), "applied").await;
    assert_eq!(stored(&phone, ACME).await["notes"], late["notes"]);
    assert_eq!(only_conflict(&phone).await["lost"], early);
}

#[actix_web::test]
async fn additions_to_and_removals_from_a_set_all_count() {
    let app = TestApp::start().await;
    let (phone, tablet, base) = with_acme(&app, json!({"tags": ["data", "remote"]})).await;
    let change = json!({"base": base, "add": {"tags": ["rust"]}, "remove": {"tags": ["remote"]}});
    ends(&phone, mutation("m1", "patch", ACME, change), "applied").await;
    let whole = json!({"tags": ["data", "remote", "urgent"]});
    ends(&tablet, patch("m2", ACME, &base, whole), "merged").await;
    assert_eq!(stored(&phone, ACME).await["tags"], json!(["data", "rust", "urgent"]));
    assert_eq!(conflicts(&phone).await.len(), 0);
}

#[actix_web::test]
async fn attendees_are_merged_one_by_one() {
    let app = TestApp::start().await;
    let (phone, tablet, _) = with_acme(&app, json!({})).await;
    for id in ["anna", "ben", "cleo"] {
        create(&phone, "/v1/contacts", json!({"id": id, "name": id, "role": "interviewer"})).await;
    }
    let of = |names: &[&str], present: bool| {
        json!(
            names
                .iter()
                .map(|id| json!({"contact_id": id, "present": present}))
                .collect::<Vec<_>>()
        )
    };
    let base = interview(&phone, json!({"attendees": of(&["anna"], true)})).await;
    app.clock.set("2026-05-06T19:18:00Z");
    let early = json!({"attendees": [{"contact_id": "anna", "present": false}, {"contact_id": "ben", "present": true}]});
    ends(&phone, ago(patch("m1", "interviews/i1", &base, early), MINUTE), "applied").await;
    let late = json!({"attendees": of(&["anna", "cleo"], true)});
    ends(&tablet, patch("m2", "interviews/i1", &base, late), "merged").await;
    let i1 = stored(&phone, "interviews/i1").await;
    let mut expected = of(&["anna"], false);
    expected.as_array_mut().unwrap().extend(of(&["ben", "cleo"], true).as_array().unwrap().clone());
    assert_eq!(i1["attendees"], expected);
    assert_eq!(conflicts(&phone).await.len(), 0);
}

#[actix_web::test]
async fn a_write_over_rest_is_one_that_has_seen_everything_and_stands_in_the_same_history() {
    let app = TestApp::start().await;
    let (phone, tablet, base) = with_acme(&app, json!({})).await;
    let first = ends(&phone, patch("m1", ACME, &base, json!({"role": "Analyst"})), "applied").await;
    let stale = format!("\"{base}\"");
    let path = "/v1/opportunities/acme";
    let body = || Some(json!({"role": "Manager"}));
    let refused = tablet.send(Method::PATCH, path, &[("if-match", &stale)], body()).await;
    refused.expect_problem("precondition_failed");
    let fresh = format!("\"{}\"", first["rev"]);
    tablet.send(Method::PATCH, path, &[("if-match", &fresh)], body()).await.expect(200);
    app.clock.set("2026-05-06T19:16:00Z");
    let behind = ago(patch("m2", ACME, &base, json!({"employer": "Beta", "role": "Owner"})), 0);
    ends(&phone, behind, "applied").await;
    assert_eq!(only_conflict(&phone).await["lost"], json!({"role": "Manager"}));
    let history = phone.get("/v1/records/opportunities/acme/history").await.expect(200);
    let by: Vec<(&Value, &Value)> = history["items"].as_array().unwrap()[..3]
        .iter()
        .map(|it| (&it["device_id"], &it["changed"]["role"]["new"]))
        .collect();
    let (one, other) = (json!(caller(&phone).1), json!(caller(&tablet).1));
    assert_eq!(
        by,
        [(&one, &json!("Owner")), (&other, &json!("Manager")), (&one, &json!("Analyst"))]
    );
}

#[actix_web::test]
async fn fields_of_a_newer_app_are_kept_and_come_back() {
    let app = TestApp::start().await;
    let (phone, tablet, base) = with_acme(&app, json!({})).await;
    let newer = patch("m1", ACME, &base, json!({"mood": {"face": "glad"}, "role": "Analyst"}));
    let body = json!({"protocol": 1, "schema": 2, "client_time": 0, "mutations": [newer]});
    let answer = tablet.post("/v1/sync", body).await.expect(200);
    let result = &answer["results"][0];
    assert_eq!(result["status"], "applied", "{answer:#}");
    ends(&phone, patch("m2", ACME, &result["rev"], json!({"role": "Manager"})), "applied").await;
    let (changes, _) = crate::device::drain(&tablet, None, "").await;
    let acme = changes.iter().find(|it| it["id"] == "acme").unwrap();
    assert_eq!(acme["extra"], json!({"mood": {"face": "glad"}}));
    assert_eq!((acme["doc"].get("mood"), &acme["doc"]["role"]), (None, &json!("Manager")));
    // An app of this schema that writes the same name made a mistake.
    refused(&phone, patch("m3", ACME, &base, json!({"mood": 1})), "validation_failed").await;
}

#[actix_web::test]
async fn creating_what_exists_is_changing_it_without_having_seen_it() {
    let app = TestApp::start().await;
    let (phone, tablet, _) = with_acme(&app, json!({"role": "Analyst"})).await;
    let set = json!({"employer": "Acme", "role": "Manager", "region": "US-NY"});
    let result = one(&tablet, mutation("m1", "create", ACME, json!({ "set": set }))).await;
    let acme = stored(&phone, ACME).await;
    assert_eq!(acme["region"], "US-NY", "{result:#}");
    let all = conflicts(&phone).await;
    let conflict = all.iter().find(|it| it["kept"].get("role").is_some()).unwrap();
    let both = [&conflict["kept"]["role"], &conflict["lost"]["role"]];
    assert!(both.contains(&&json!("Analyst")) && both.contains(&&json!("Manager")), "{conflict}");
    assert_eq!(acme["role"], conflict["kept"]["role"]);
}
