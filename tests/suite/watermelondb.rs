//! Apps with WatermelonDB, as the library speaks: what it is told, and what becomes of what it pushes.

use crate::phone::{another, conflicts, ends, only_conflict, patch, stored, two, with_acme};
use crate::support::{create, opportunity};
use afterview_tests::{Client, TestApp};
use serde_json::{Value, json};

const SYNC: &str = "/v1/compat/watermelondb/sync";
const ACME: &str = "opportunities/acme";

/// A pull since `stamp` with further parameters.
async fn pull(client: &Client, stamp: &Value, more: &str) -> Value {
    client.get(&format!("{SYNC}?last_pulled_at={stamp}&schema_version=1{more}")).await.expect(200)
}

/// A pull that reads on from the one before, and its stamp.
async fn pull_on(client: &Client, stamp: &mut Value) -> Value {
    let answer = pull(client, stamp, "&migration=null").await;
    *stamp = answer["timestamp"].clone();
    answer["changes"].clone()
}

async fn push(client: &Client, stamp: &Value, changes: Value) {
    let path = format!("{SYNC}?last_pulled_at={stamp}");
    client.post(&path, changes).await.expect(204);
}

/// A push of one row of `opportunities` that its user changed in `changed`.
async fn edit(client: &Client, stamp: &Value, changed: &str, row: Value) {
    let mut row = row;
    row["_status"] = json!("updated");
    row["_changed"] = json!(changed);
    let lists = json!({"created": [], "updated": [row], "deleted": []});
    push(client, stamp, json!({ "opportunities": lists })).await;
}

fn row<'v>(changes: &'v Value, table: &str, list: &str) -> &'v Value {
    let rows = changes[table][list].as_array().unwrap_or_else(|| panic!("no {table} in {changes}"));
    assert_eq!(rows.len(), 1, "{changes}");
    &rows[0]
}

#[actix_web::test]
async fn the_first_pull_has_every_row_as_created_whatever_stands_for_nothing() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let empty = anna.get(SYNC).await.expect(200);
    assert!(empty["timestamp"].as_i64() > Some(0));
    create(&anna, "/v1/opportunities", opportunity("acme")).await;
    create(&anna, "/v1/opportunities", opportunity("gone")).await;
    anna.delete("/v1/opportunities/gone").await;
    for nothing in ["null", "undefined", "NaN", "0", ""] {
        let all = pull(&anna, &json!(nothing), "&migration=null").await;
        let all = all["changes"].as_object().cloned();
        let path = format!("{SYNC}?last_pulled_at={nothing}");
        let plain = anna.get(&path).await.expect(200);
        let changes = &plain["changes"];
        assert!(all.is_some());
        assert_eq!(row(changes, "opportunities", "created")["employer"], "Acme");
        assert_eq!(
            changes["opportunities"]["deleted"],
            json!([]),
            "a client with turbo takes no other"
        );
        assert_eq!(changes["opportunities"]["updated"], json!([]));
        assert!(row(changes, "opportunities", "created")["created_at"].is_i64());
        assert_eq!(row(changes, "opportunities", "created").get("rev"), None);
    }
}

#[actix_web::test]
async fn later_pulls_have_live_rows_as_updated_and_each_row_once() {
    let app = TestApp::start().await;
    let (phone, tablet) = two(&app).await;
    create(&phone, "/v1/opportunities", opportunity("old")).await;
    let mut stamp = json!(null);
    pull_on(&tablet, &mut stamp).await;
    assert_eq!(pull_on(&tablet, &mut stamp).await, json!({}));
    create(&phone, "/v1/opportunities", opportunity("acme")).await;
    phone.patch("/v1/opportunities/acme", json!({"role": "Lead"})).await.expect(200);
    phone.delete("/v1/opportunities/old").await;
    let changes = pull_on(&tablet, &mut stamp).await;
    assert_eq!(changes["opportunities"]["created"], json!([]));
    assert_eq!(row(&changes, "opportunities", "updated")["role"], "Lead");
    assert_eq!(changes["opportunities"]["deleted"], json!(["old"]));
}

#[actix_web::test]
async fn a_push_makes_changes_and_deletes_and_may_come_twice() {
    let app = TestApp::start().await;
    let (phone, _) = two(&app).await;
    let mut stamp = json!(null);
    pull_on(&phone, &mut stamp).await;
    let changes = json!({
        // A child before its parent, a column that nobody knows, and numbers for instants.
        "interviews": {"created": [{"id": "aZ3kQ9xP2mN7rT5w", "_status": "created", "_changed": "",
            "opportunity_id": "bcdefghijklmnop1", "starts_at": 1_778_094_300_000_i64, "ends_at": 1_778_097_900_000_i64, "round": null,
            "notes": "", "talking_points": "[{\"text\":\"Rust\"}]", "mood": "good"}], "updated": [], "deleted": []},
        "opportunities": {"created": [{"id": "bcdefghijklmnop1", "_status": "created", "_changed": "role",
            "employer": "Acme", "role": "Engineer"}], "updated": [], "deleted": []},
    });
    for _ in 0..2 {
        push(&phone, &stamp, changes.clone()).await;
    }
    let interview = stored(&phone, "interviews/aZ3kQ9xP2mN7rT5w").await;
    assert_eq!(interview["starts_at"], "2026-05-06T19:05:00Z");
    assert_eq!(interview["talking_points"][0]["text"], "Rust", "{interview}");
    assert_eq!(conflicts(&phone).await.len(), 0);
    let back = pull_on(&phone, &mut stamp).await;
    assert_eq!(row(&back, "interviews", "updated")["mood"], "good");
    edit(
        &phone,
        &stamp,
        "role",
        json!({"id": "bcdefghijklmnop1", "employer": "stale", "role": "Lead"}),
    )
    .await;
    let acme = stored(&phone, "opportunities/bcdefghijklmnop1").await;
    assert_eq!((&acme["role"], &acme["employer"]), (&json!("Lead"), &json!("Acme")));
    let gone = json!({"opportunities": {"created": [], "updated": [], "deleted": ["bcdefghijklmnop1", "never"]}});
    push(&phone, &stamp, gone).await;
    phone.get("/v1/interviews/aZ3kQ9xP2mN7rT5w").await.expect_problem("not_found");
}

#[actix_web::test]
async fn edits_of_one_row_on_two_devices_both_survive() {
    let app = TestApp::start().await;
    let (phone, tablet, base) = with_acme(&app, json!({"notes": "Met the team in March."})).await;
    let mut stamp = json!(null);
    pull_on(&phone, &mut stamp).await;
    let other = json!({"source": "referral", "notes": "Met the whole team in March."});
    ends(&tablet, patch("m1", ACME, &base, other), "applied").await;
    // The library mixes what it pulls into the row, all but what the user changed.
    pull_on(&phone, &mut stamp).await;
    let mine = json!({"id": "acme", "employer": "Acme", "role": "Lead", "source": "referral",
        "notes": "Met the team in March. Good coffee."});
    edit(&phone, &stamp, "role,notes", mine).await;
    let acme = stored(&phone, ACME).await;
    assert_eq!((&acme["role"], &acme["source"]), (&json!("Lead"), &json!("referral")));
    assert_eq!(acme["notes"], "Met the whole team in March. Good coffee.");
    assert_eq!(conflicts(&phone).await.len(), 0);
    let back = pull_on(&phone, &mut stamp).await;
    assert_eq!(row(&back, "opportunities", "updated")["notes"], acme["notes"]);
}

#[actix_web::test]
async fn one_field_on_two_devices_is_a_conflict_that_the_client_cannot_see_coming() {
    let app = TestApp::start().await;
    let (phone, tablet, base) = with_acme(&app, json!({})).await;
    let mut stamp = json!(null);
    pull_on(&phone, &mut stamp).await;
    ends(&tablet, patch("m1", ACME, &base, json!({"role": "Theirs"})), "applied").await;
    app.clock.set("2026-05-06T19:16:00Z");
    pull_on(&phone, &mut stamp).await;
    edit(&phone, &stamp, "role", json!({"id": "acme", "employer": "Acme", "role": "Mine"})).await;
    assert_eq!(stored(&phone, ACME).await["role"], "Mine");
    assert_eq!(only_conflict(&phone).await["lost"], json!({"role": "Theirs"}));
    // What was seen before it was edited is no conflict.
    let now = stored(&phone, ACME).await["rev"].clone();
    ends(&tablet, patch("m2", ACME, &now, json!({"role": "Again"})), "applied").await;
    pull_on(&phone, &mut stamp).await;
    pull_on(&phone, &mut stamp).await;
    edit(&phone, &stamp, "role", json!({"id": "acme", "employer": "Acme", "role": "Seen"})).await;
    assert_eq!(stored(&phone, ACME).await["role"], "Seen");
    assert_eq!(conflicts(&phone).await.len(), 1);
}

#[actix_web::test]
async fn a_push_whose_answer_was_lost_undoes_nothing_that_came_after_it() {
    let app = TestApp::start().await;
    let (phone, tablet, _) = with_acme(&app, json!({"notes": "One two three."})).await;
    let mut stamp = json!(null);
    pull_on(&phone, &mut stamp).await;
    let mine =
        json!({"id": "acme", "employer": "Acme", "role": "Mine", "notes": "One two three four."});
    edit(&phone, &stamp, "role,notes", mine.clone()).await;
    let now = stored(&tablet, ACME).await["rev"].clone();
    let theirs = json!({"role": "Theirs", "notes": "Zero one two three four."});
    ends(&tablet, patch("m1", ACME, &now, theirs), "applied").await;
    pull_on(&phone, &mut stamp).await;
    edit(&phone, &stamp, "role,notes", mine).await;
    let acme = stored(&phone, ACME).await;
    assert_eq!(
        (&acme["role"], &acme["notes"]),
        (&json!("Theirs"), &json!("Zero one two three four."))
    );
    assert_eq!(conflicts(&phone).await.len(), 0);
    // The client holds its own words and believes them to be the server's: it is shown the row again.
    let back = pull_on(&phone, &mut stamp).await;
    assert_eq!(row(&back, "opportunities", "updated")["role"], "Theirs");
}

#[actix_web::test]
async fn an_app_that_strips_what_the_library_notes_is_compared_with_what_it_pulled() {
    let app = TestApp::start().await;
    let (phone, tablet, base) = with_acme(&app, json!({"source": "online"})).await;
    let mut stamp = json!(null);
    pull_on(&phone, &mut stamp).await;
    ends(&tablet, patch("m1", ACME, &base, json!({"source": "other"})), "applied").await;
    pull_on(&phone, &mut stamp).await;
    let plain =
        json!({"id": "acme", "employer": "Acme", "role": "Lead", "source": "other", "notes": ""});
    let lists = json!({"created": [], "updated": [plain], "deleted": []});
    push(&phone, &stamp, json!({ "opportunities": lists })).await;
    let acme = stored(&phone, ACME).await;
    assert_eq!((&acme["role"], &acme["source"]), (&json!("Lead"), &json!("other")));
    assert_eq!(conflicts(&phone).await.len(), 0);
}

#[actix_web::test]
async fn a_row_that_cannot_be_carried_out_disturbs_nobody_and_is_taken_back() {
    let app = TestApp::start().await;
    let (phone, _, _) = with_acme(&app, json!({})).await;
    let mut stamp = json!(null);
    pull_on(&phone, &mut stamp).await;
    let poison = json!({"id": "bad", "_status": "created", "_changed": "", "opportunity_id": "acme",
        "starts_at": "when they feel like it", "notes": "my words"});
    let wrong = json!({"id": "acme", "_status": "updated", "_changed": "contact_policy",
        "employer": "Acme", "role": "Data engineer", "contact_policy": "shout"});
    let good = json!({"id": "good", "_status": "created", "_changed": "", "employer": "Initech", "role": "Analyst"});
    let changes = json!({
        "interviews": {"created": [poison, "no row", {"id": "?"}], "updated": [], "deleted": [7]},
        "opportunities": {"created": [good], "updated": [wrong], "deleted": []},
        "holidays": {"created": [{"id": "h", "name": "typed"}], "updated": [], "deleted": []},
    });
    for _ in 0..2 {
        push(&phone, &stamp, changes.clone()).await;
        assert_eq!(stored(&phone, "opportunities/good").await["employer"], "Initech");
        let kept = conflicts(&phone).await;
        let kept: Vec<&Value> = kept.iter().map(|conflict| &conflict["mutation"]["set"]).collect();
        assert_eq!(kept.len(), 5, "{kept:?}");
        assert!(kept.iter().any(|set| set["notes"] == "my words"));
        assert!(kept.iter().any(|set| set["name"] == "typed"));
        assert!(kept.iter().any(|set| set["contact_policy"] == "shout"));
    }
    let back = pull_on(&phone, &mut stamp).await;
    assert_eq!(back["interviews"]["deleted"], json!(["bad"]));
    let opportunities = back["opportunities"]["updated"].as_array().unwrap();
    let acme = opportunities.iter().find(|row| row["id"] == "acme").unwrap();
    assert_eq!(acme["contact_policy"], "none");
    let elsewhere = pull(&another(&phone).await, &json!(1), "").await;
    assert_eq!(elsewhere["changes"].get("interviews"), None);
}

#[actix_web::test]
async fn a_deletion_gives_way_to_an_edit_that_it_had_not_seen_and_the_row_comes_back() {
    let app = TestApp::start().await;
    let (phone, tablet, base) = with_acme(&app, json!({})).await;
    let mut stamp = json!(null);
    pull_on(&phone, &mut stamp).await;
    ends(&tablet, patch("m1", ACME, &base, json!({"role": "Lead"})), "applied").await;
    // The library passes over what it pulls for a row that its user has deleted.
    pull_on(&phone, &mut stamp).await;
    push(
        &phone,
        &stamp,
        json!({"opportunities": {"created": [], "updated": [], "deleted": ["acme"]}}),
    )
    .await;
    assert_eq!(stored(&phone, ACME).await["role"], "Lead");
    let back = pull_on(&phone, &mut stamp).await;
    assert_eq!(row(&back, "opportunities", "updated")["role"], "Lead");
    assert_eq!(only_conflict(&phone).await["reason"], "delete_vs_edit");
}

#[actix_web::test]
async fn a_limit_gives_pages_and_a_migration_what_is_new_to_the_app() {
    let app = TestApp::start().await;
    let (phone, tablet) = two(&app).await;
    for id in ["a", "b", "c"] {
        create(&phone, "/v1/opportunities", opportunity(id)).await;
    }
    phone.patch("/v1/opportunities/b", json!({"source": "referral"})).await.expect(200);
    create(&phone, "/v1/contacts", json!({"id": "anna", "name": "Anna", "role": "interviewer"}))
        .await;
    let (mut stamp, mut rows, mut pages) = (json!(null), Vec::new(), 0);
    loop {
        let page = pull(&tablet, &stamp, "&tables=opportunities&limit=1").await;
        let lists = page["changes"]["opportunities"].clone();
        for list in ["created", "updated"] {
            let listed = lists[list].as_array().into_iter().flatten();
            rows.extend(listed.map(|row| row["id"].as_str().unwrap().to_owned()));
        }
        stamp = page["timestamp"].clone();
        pages += 1;
        if page["has_more"] != true {
            break;
        }
    }
    assert_eq!((rows, pages), (vec!["a".to_owned(), "c".to_owned(), "b".to_owned()], 3));
    let learnt = r#"{"from":1,"tables":["contacts","nothing"],"columns":[{"table":"opportunities","columns":["source"]}]}"#;
    let more = format!(
        "&migration={}",
        learnt.replace('"', "%22").replace('{', "%7B").replace('}', "%7D")
    );
    let changes = pull(&tablet, &stamp, &more).await["changes"].clone();
    assert_eq!(row(&changes, "contacts", "updated")["name"], "Anna");
    assert_eq!(row(&changes, "opportunities", "updated")["id"], "b");
    let broken = format!("{SYNC}?migration=%7B");
    tablet.get(&broken).await.expect_problem("invalid_parameter");
}

#[actix_web::test]
async fn apps_that_mark_deleted_rows_see_the_mark_and_set_it() {
    let app = TestApp::start().await;
    let (phone, tablet, _) = with_acme(&app, json!({})).await;
    create(&phone, "/v1/opportunities", opportunity("other")).await;
    let mut stamp = json!(null);
    pull_on(&tablet, &mut stamp).await;
    phone.delete("/v1/opportunities/acme").await;
    let marked = pull(&tablet, &stamp, "&soft_delete=deleted_at").await;
    let acme = row(&marked["changes"], "opportunities", "updated");
    assert!(acme["deleted_at"].is_i64() && acme["role"] == "Data engineer", "{acme}");
    let path = format!("{SYNC}?last_pulled_at={}&soft_delete=deleted_at", marked["timestamp"]);
    let set = |id: &str, mark: Value| {
        let row = json!({"id": id, "_status": "updated", "_changed": "deleted_at", "employer": "Acme",
            "role": "Data engineer", "deleted_at": mark});
        json!({"opportunities": {"created": [], "updated": [row], "deleted": []}})
    };
    tablet.post(&path, set("acme", json!(null))).await.expect(204);
    assert_eq!(stored(&phone, ACME).await["role"], "Data engineer");
    tablet.post(&path, set("other", json!(1_778_094_300_000_i64))).await.expect(204);
    phone.get("/v1/opportunities/other").await.expect_problem("not_found");
    app.clock.set("2026-06-10T00:00:00Z");
    let mut phone = phone;
    phone.refresh().await;
    let late = pull(&phone, &stamp, "&soft_delete=deleted_at").await;
    assert_eq!(late["changes"]["opportunities"]["deleted"], json!(["other"]));
}

#[actix_web::test]
async fn after_a_restore_everything_comes_again_with_what_is_gone() {
    let app = TestApp::start().await;
    let (phone, _, _) = with_acme(&app, json!({})).await;
    create(&phone, "/v1/opportunities", opportunity("gone")).await;
    phone.delete("/v1/opportunities/gone").await;
    let copy = app.copy("before");
    app.clock.set("2026-05-06T19:20:00Z");
    create(&phone, "/v1/opportunities", opportunity("lost")).await;
    let mut stamp = json!(null);
    pull_on(&phone, &mut stamp).await;
    let app = app.put_back(&copy).await;
    let phone = app.anonymous().with_token(phone.token());
    let again = pull(&phone, &stamp, "").await;
    assert_eq!(again["experimentalStrategy"], "replacement");
    let opportunities = &again["changes"]["opportunities"];
    assert_eq!(opportunities["updated"][0]["id"], "acme");
    assert_eq!(opportunities["deleted"], json!(["gone"]));
}
