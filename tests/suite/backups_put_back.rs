//! What a backup that is put back means to devices, to people who were deleted or shut out, and to reminders.

use crate::backups::{back_up, restore};
use crate::copying::{after_move, options};
use crate::device::caller;
use crate::phone::another;
use crate::support::{create, database, opportunity};
use afterview_api::store::{RestoreOptions, Restored};
use afterview_tests::device::{Device, Next, Schema, State, Tap};
use afterview_tests::{Client, TestApp, story};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Every app on a database of its own, with a place for its backup.
async fn apps() -> Vec<(TestApp, PathBuf)> {
    let apps = TestApp::each().await.into_iter();
    apps.map(|app| {
        let file = app.files().join("backup.db");
        (app, file)
    })
    .collect()
}

/// Puts the backup in the place of the app's database: a file is replaced, beside PostgreSQL's an empty one is
/// filled. What was deleted and ended since is known.
async fn put_back(app: TestApp, file: &Path) -> (TestApp, Restored) {
    let url = app.database_urls().remove(0);
    if url.starts_with("sqlite://") {
        let (now, mut done) = (app.clock.get(), None);
        let app = app.while_stopped(|url| {
            let how = RestoreOptions { replace: true, ..RestoreOptions::default() };
            let ids = &afterview_api::system::SystemRandom;
            done = Some(afterview_api::store::Store::restore(file, &options(url), &how, now, ids));
        });
        let app = app.await;
        return (app, done.unwrap().unwrap());
    }
    let target = app.bare_databases().pop().unwrap();
    let how = RestoreOptions { later: Some(options(&url)), ..RestoreOptions::default() };
    let done = restore(&app, file, &target.url(), &how).unwrap();
    (app.moved_to(target).await, done)
}

/// Puts the backup into a new database of the same kind, and nobody knows what happened since.
async fn put_back_alone(app: TestApp, file: &Path) -> (TestApp, Restored) {
    let kind = usize::from(!app.database_urls().remove(0).starts_with("sqlite://"));
    let target = app.bare_databases().remove(kind);
    let done = restore(&app, file, &target.url(), &RestoreOptions::default()).unwrap();
    (app.moved_to(target).await, done)
}

fn phone() -> Device {
    Device::load(State::default(), Schema::CURRENT, 2)
}

/// Syncs once, and then until nothing is left to do; whether a snapshot was asked for.
async fn sync(device: &mut Device, client: &Client) -> bool {
    let mut began_anew = false;
    loop {
        match device.next() {
            Next::Snapshot => {
                began_anew = true;
                let text = client.get("/v1/sync/snapshot").await.text;
                let lines: Vec<Value> =
                    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
                device.reset_with_snapshot(&lines);
            }
            Next::Repair => panic!("the copies differ"),
            Next::Sync | Next::Nothing => {
                let request = device.request(0);
                device.answered(&client.post("/v1/sync", request).await.expect(200));
            }
        }
        if device.next() == Next::Nothing {
            return began_anew;
        }
    }
}

fn make(device: &mut Device, id: &str) {
    let Value::Object(doc) = json!({"employer": id, "role": "Analyst"}) else { unreachable!() };
    let tap = Tap { mid: format!("make-{id}"), now_ms: 0, group: None };
    device.create(tap, "opportunities", id, doc);
}

fn rename(device: &mut Device, id: &str, role: &str) {
    let Value::Object(doc) = json!({ "role": role }) else { unreachable!() };
    let tap = Tap { mid: format!("rename-{id}-{role}"), now_ms: 0, group: None };
    device.patch(tap, "opportunities", id, doc);
}

fn seen(device: &Device) -> Vec<(String, Value)> {
    let view = device.view().into_iter().filter(|((c, _), _)| c == "opportunities");
    view.map(|((_, id), doc)| (id, doc["role"].clone())).collect()
}

#[actix_web::test]
async fn devices_begin_anew_and_nothing_that_was_typed_and_not_yet_acknowledged_is_lost() {
    for (app, file) in apps().await {
        let first = app.user("candidate").await;
        let second = another(&first).await;
        let (mut one, mut two) = (phone(), phone());
        make(&mut one, "acme");
        sync(&mut one, &first).await;
        sync(&mut two, &second).await;
        back_up(&app, &app.database_urls().remove(0), &file).unwrap();

        make(&mut one, "lost");
        sync(&mut one, &first).await;
        sync(&mut two, &second).await;
        // Carried out, and the answer never came.
        rename(&mut two, "acme", "Director");
        let request = two.request(0);
        second.post("/v1/sync", request).await.expect(200);
        two.lost();
        // Typed on a train.
        make(&mut one, "typed");
        make(&mut two, "typed-too");

        let (app, restored) = put_back(app, &file).await;
        assert_eq!(restored.carried.unwrap().known, 1);
        let (first, second) = (after_move(&app, &first), after_move(&app, &second));
        assert!(sync(&mut one, &first).await);
        assert!(sync(&mut two, &second).await);
        assert!(!sync(&mut one, &first).await);
        let wanted = [("acme", "Director"), ("typed", "Analyst"), ("typed-too", "Analyst")];
        let wanted = wanted.map(|(id, role)| (id.to_owned(), json!(role)));
        assert_eq!(seen(&one), wanted);
        assert_eq!(seen(&two), wanted);
        assert!(one.state.outbox.is_empty() && two.state.outbox.is_empty());
    }
}

/// Whether these credentials open a session.
async fn lets_in(app: &TestApp, name: &str, password: &str) -> bool {
    let body = json!({"email": format!("{name}@example.org"), "password": password});
    app.anonymous().post("/v1/auth/login", body).await.status == 200
}

const OLD: &str = "correct horse battery";
const NEW: &str = "another horse battery";

#[actix_web::test]
async fn who_was_deleted_stays_deleted_and_who_was_shut_out_stays_out() {
    for (app, file) in apps().await {
        let mut anna = app.user("candidate").await;
        let stolen = another(&anna).await;
        let gone = app.user("gone").await;
        app.user("going").await;
        create(&gone, "/v1/opportunities", opportunity("secret")).await;
        let feed = create(&anna, "/v1/calendar-feeds", json!({"detail": "full"})).await;
        let hook = create(&anna, "/v1/webhooks", json!({"url": "https://localhost:1/"})).await;
        let token = json!({"name": "script", "scopes": ["read"]});
        let token = anna.post("/v1/auth/tokens", token).await.expect(201);
        back_up(&app, &app.database_urls().remove(0), &file).unwrap();

        assert_eq!(gone.delete("/v1/account").await.status, 204);
        app.let_time_pass_until("2026-05-06T19:30:00Z").await;
        anna.refresh().await;
        let (_, session) = caller(&stolen);
        assert_eq!(anna.delete(&format!("/v1/auth/sessions/{session}")).await.status, 204);
        for (kind, made) in
            [("calendar-feeds", &feed), ("webhooks", &hook), ("auth/tokens", &token)]
        {
            let path = format!("/v1/{kind}/{}", made["id"].as_str().unwrap());
            assert_eq!(anna.delete(&path).await.status, 204, "{path}");
        }
        let change = json!({"current_password": OLD, "new_password": NEW});
        assert_eq!(anna.post("/v1/auth/password/change", change).await.status, 204);
        app.user("newcomer").await;
        let login = json!({"email": "going@example.org", "password": OLD});
        let mut again = app.anonymous();
        again.sign_in_with(&app.anonymous().post("/v1/auth/login", login).await.expect(200));
        assert_eq!(again.delete("/v1/account").await.status, 204);

        let (app, restored) = put_back(app, &file).await;
        let carried = restored.carried.unwrap();
        assert_eq!((carried.known, carried.erased, carried.newer), (2, 1, 1));
        for name in ["gone", "going", "newcomer"] {
            assert!(!lets_in(&app, name, OLD).await, "{name}");
        }
        assert!(!lets_in(&app, "candidate", OLD).await);
        assert!(lets_in(&app, "candidate", NEW).await);
        let mut anna = after_move(&app, &anna);
        anna.refresh().await;
        let stolen = json!({"refresh_token": stolen.refresh_token});
        let refused = app.anonymous().post("/v1/auth/refresh", stolen).await;
        refused.expect_problem("invalid_refresh_token");
        let token = app.anonymous().with_token(token["token"].as_str().unwrap());
        token.get("/v1/agenda").await.expect_problem("unauthenticated");
        let mut database = database(&app);
        assert_eq!(database.count("webhooks"), 0);
        assert_eq!(database.count("calendar_feeds"), 0);
        assert_eq!(database.count("account_sync WHERE webhooks <> 0"), 0);
        assert_eq!(database.places_of(&caller(&gone).0), ["erased_accounts.account_id"]);
        // The job goes on with the one that was only locked.
        app.let_time_pass_until("2026-05-06T20:30:00Z").await;
        assert_eq!(database.count("accounts"), 1);
        assert_eq!(database.count("erased_accounts"), 2);
    }
}

#[actix_web::test]
async fn a_backup_that_is_put_back_alone_says_that_nothing_is_known() {
    for (app, file) in apps().await {
        let gone = app.user("gone").await;
        back_up(&app, &app.database_urls().remove(0), &file).unwrap();
        assert_eq!(gone.delete("/v1/account").await.status, 204);
        app.let_time_pass_until("2026-05-06T19:30:00Z").await;
        assert!(!lets_in(&app, "gone", OLD).await);
        let (app, restored) = put_back_alone(app, &file).await;
        assert_eq!(restored.carried, None);
        assert!(lets_in(&app, "gone", OLD).await);
    }
}

/// A story whose thank-you note is due after the backup, and was sent before it is put back.
async fn reminded(app: &TestApp, file: &Path) {
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    story::debrief(&client, &facts).await;
    back_up(app, &app.database_urls().remove(0), file).unwrap();
    assert_eq!(database(app).count("reminders WHERE dispatched_at IS NOT NULL"), 0);
    app.let_time_pass_until("2026-05-07T13:00:00Z").await;
    assert_eq!(database(app).count("reminders WHERE outcome = 'sent'"), 1);
}

#[actix_web::test]
async fn a_reminder_that_was_sent_since_is_known_to_be_sent() {
    for (app, file) in apps().await {
        reminded(&app, &file).await;
        let (app, restored) = put_back(app, &file).await;
        assert_eq!(restored.silenced, 0);
        app.let_time_pass_until("2026-05-07T13:30:00Z").await;
        let mut database = database(&app);
        assert_eq!(database.count("reminders WHERE outcome = 'sent' AND attempts = 1"), 1);
        assert_eq!(database.count("deliveries"), 1);
    }
}

#[actix_web::test]
async fn reminders_that_fell_due_since_are_not_sent_in_a_burst_when_nothing_is_known_of_them() {
    for (app, file) in apps().await {
        reminded(&app, &file).await;
        let (app, restored) = put_back_alone(app, &file).await;
        assert_eq!(restored.silenced, 1);
        app.let_time_pass_until("2026-05-07T13:30:00Z").await;
        let mut database = database(&app);
        assert_eq!(database.count("reminders WHERE outcome = 'sent'"), 0);
        assert_eq!(database.count("reminders WHERE outcome = 'expired'"), 1);
        assert_eq!(database.count("deliveries WHERE detail = 'restored'"), 1);
        // Those to come do come.
        let open = "reminders WHERE dispatched_at IS NULL";
        let to_come = database.count(open);
        assert!(to_come > 0);
        app.let_time_pass_until("2026-05-12T16:00:00Z").await;
        assert!(database.count("reminders WHERE outcome = 'sent'") > 0);
    }
}

#[actix_web::test]
async fn an_event_that_a_receiver_has_is_not_sent_again_and_one_that_waits_still_is() {
    for (app, file) in apps().await {
        let client = app.user("candidate").await;
        create(&client, "/v1/webhooks", json!({"url": "https://localhost:1/"})).await;
        create(&client, "/v1/opportunities", opportunity("acme")).await;
        let interview = json!({
            "opportunity_id": "acme",
            "starts_at": "2026-05-20T18:00:00Z", "ends_at": "2026-05-20T19:00:00Z",
        });
        create(&client, "/v1/interviews", interview).await;
        let waiting = "webhook_deliveries WHERE outcome = 'waiting'";
        let names = "SELECT id AS line FROM webhook_deliveries ORDER BY 1";
        let (at_backup, ids) = (database(&app).count(waiting), database(&app).lines(names));
        assert!(at_backup > 0);
        back_up(&app, &app.database_urls().remove(0), &file).unwrap();
        let arrived = "UPDATE webhook_deliveries SET outcome = 'delivered', payload = NULL, \
                       next_attempt_at = NULL";
        database(&app).script(arrived).unwrap();
        let (app, _) = put_back(app, &file).await;
        assert_eq!(database(&app).count(waiting), 0);
        let (app, _) = put_back_alone(app, &file).await;
        assert_eq!(database(&app).count(waiting), at_backup);
        assert_eq!(database(&app).lines(names), ids, "under the name that its receiver knows");
    }
}
