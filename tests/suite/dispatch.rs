//! From due to delivered: each reminder once, whatever happens in between, and none too late.

use crate::support::{create, database};
use afterview_api::jobs::dispatch::due::DueReminder;
use afterview_api::jobs::dispatch::{self, Deliver, Delivery, Next};
use afterview_api::planning::replanner;
use afterview_api::store::Store;
use afterview_api::store::dispatch::Outcome;
use afterview_domain::clock::{format_instant, from_millis};
use afterview_tests::{Client, TestApp, story};
use chrono::TimeDelta;
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::future::{Future, ready};
use tokio::sync::Notify;

/// The thank-you note of the story: when it is due.
const THANKS_DUE: &str = "2026-05-07T13:00:00Z";

/// Somebody who writes down what it was handed, and always says the same.
struct Recorder {
    says: Next,
    handed: RefCell<Vec<String>>,
}

impl Recorder {
    fn saying(says: Next) -> Self {
        Self { says, handed: RefCell::default() }
    }

    /// What it was handed since the last time, as action and time.
    fn take(&self) -> Vec<String> {
        self.handed.take()
    }
}

impl Deliver for Recorder {
    fn deliver(&self, due: &DueReminder) -> impl Future<Output = Delivery> {
        let reminder = &due.claimed;
        let occurrence = format_instant(from_millis(reminder.remind_at));
        self.handed.borrow_mut().push(format!("{} {occurrence}", reminder.action_key));
        ready(Delivery { next: self.says, attempts: Vec::new() })
    }
}

/// An interview that took place, with a promise; the thank-you note's id.
async fn told(app: &TestApp) -> (Client, String) {
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    let plan = story::debrief(&client, &facts).await;
    (client, plan["items"][0]["id"].as_str().unwrap().to_owned())
}

/// What is noted of each reminder.
fn noted(app: &TestApp) -> Vec<String> {
    let query = "SELECT kind || ' ' || coalesce(outcome, 'open') || ' ' || attempts AS line \
        FROM reminders ORDER BY remind_at";
    database(app).lines(query)
}

#[actix_web::test]
async fn what_is_due_is_handed_on_once_whatever_is_written_afterwards() {
    for app in TestApp::each().await {
        let (mut client, _) = told(&app).await;
        app.let_time_pass_until("2026-05-07T12:59:59Z").await;
        assert_eq!(noted(&app), ["thank_you open 0", "follow_up open 0"]);
        app.let_time_pass_until(THANKS_DUE).await;
        assert_eq!(noted(&app), ["thank_you sent 1", "follow_up open 0"]);
        client.refresh().await;
        client.patch("/v1/opportunities/acme", json!({"notes": "hm"})).await.expect(200);
        app.let_time_pass_until("2026-05-07T14:00:00Z").await;
        assert_eq!(noted(&app), ["thank_you sent 1", "follow_up open 0"]);
        let recorder = Recorder::saying(Next::Done(Outcome::Sent));
        dispatch::due(store(&app), &recorder).await.unwrap();
        assert!(recorder.take().is_empty());
    }
}

#[actix_web::test]
async fn what_was_given_is_not_given_again_when_it_went_from_the_plan_and_came_back() {
    for app in TestApp::each().await {
        let (mut client, _) = told(&app).await;
        app.let_time_pass_until(THANKS_DUE).await;
        client.refresh().await;
        for muted in [json!(["thank_you"]), json!([])] {
            client.patch("/v1/preferences", json!({"mute": muted})).await.expect(200);
        }
        assert_eq!(noted(&app), ["thank_you sent 1", "follow_up open 0"]);
        app.let_time_pass_until("2026-05-07T14:00:00Z").await;
        let recorder = Recorder::saying(Next::Done(Outcome::Sent));
        dispatch::due(store(&app), &recorder).await.unwrap();
        assert!(recorder.take().is_empty());
    }
}

#[actix_web::test]
async fn what_waits_for_the_morning_comes_as_soon_as_the_candidate_is_awake_after_all() {
    for app in TestApp::each().await {
        let (mut client, _) = told(&app).await;
        // Nothing ran until eleven at night, New York time.
        app.let_time_pass_until("2026-05-08T03:00:00Z").await;
        assert_eq!(noted(&app), ["thank_you open 1", "follow_up open 0"]);
        client.refresh().await;
        client.patch("/v1/preferences", json!({"quiet_from": "23:30"})).await.expect(200);
        app.let_time_pass_until("2026-05-08T03:00:01Z").await;
        assert_eq!(noted(&app), ["thank_you sent 2", "follow_up open 0"]);
    }
}

#[actix_web::test]
async fn a_snoozed_reminder_is_handed_on_when_the_snooze_ends() {
    for app in TestApp::each().await {
        let (client, thanks) = told(&app).await;
        let until = json!({"until": "2026-05-07T16:00:00Z"});
        client.post(&format!("/v1/follow-ups/{thanks}/snooze"), until).await.expect(200);
        app.let_time_pass_until("2026-05-07T15:59:59Z").await;
        assert_eq!(noted(&app), ["thank_you open 0", "follow_up open 0"]);
        app.let_time_pass_until("2026-05-07T16:00:00Z").await;
        assert_eq!(noted(&app), ["thank_you sent 1", "follow_up open 0"]);
    }
}

#[actix_web::test]
async fn a_reminder_that_was_given_and_is_snoozed_then_is_given_again_at_its_new_time() {
    for app in TestApp::each().await {
        let (mut client, thanks) = told(&app).await;
        app.let_time_pass_until(THANKS_DUE).await;
        client.refresh().await;
        let until = json!({"until": "2026-05-07T19:00:00Z"});
        client.post(&format!("/v1/follow-ups/{thanks}/snooze"), until).await.expect(200);
        assert_eq!(noted(&app), ["thank_you open 0", "follow_up open 0"]);
        app.let_time_pass_until("2026-05-07T19:00:00Z").await;
        assert_eq!(noted(&app), ["thank_you sent 1", "follow_up open 0"]);
    }
}

#[actix_web::test]
async fn what_cannot_be_delivered_now_is_tried_again_in_its_time() {
    for app in TestApp::each().await {
        told(&app).await;
        app.clock.set(THANKS_DUE);
        let recorder = Recorder::saying(Next::Later(TimeDelta::minutes(5)));
        let next = dispatch::due(store(&app), &recorder).await.unwrap();
        assert_eq!(recorder.take(), [format!("acme/thank_you/i1/anna {THANKS_DUE}")]);
        assert_eq!(next.map(format_instant).as_deref(), Some("2026-05-07T13:05:00Z"));
        app.clock.set("2026-05-07T13:04:59Z");
        dispatch::due(store(&app), &recorder).await.unwrap();
        assert!(recorder.take().is_empty());
        app.let_time_pass_until("2026-05-07T13:05:00Z").await;
        assert_eq!(noted(&app), ["thank_you sent 2", "follow_up open 0"]);
    }
}

#[actix_web::test]
async fn what_is_of_no_use_any_more_is_noted_and_not_handed_on() {
    for app in TestApp::each().await {
        told(&app).await;
        // Nobody was there for weeks, not even to plan anew.
        app.clock.set("2026-06-30T12:00:00Z");
        let recorder = Recorder::saying(Next::Done(Outcome::Sent));
        dispatch::due(store(&app), &recorder).await.unwrap();
        assert!(recorder.take().is_empty());
        assert_eq!(noted(&app), ["thank_you expired 1", "follow_up expired 1"]);
    }
}

/// Somebody while whose work the candidate changes their mind.
struct Interrupted<'c> {
    client: &'c Client,
    path: String,
    body: serde_json::Value,
}

impl Deliver for Interrupted<'_> {
    async fn deliver(&self, _: &DueReminder) -> Delivery {
        self.client.post(&self.path, self.body.clone()).await.expect(200);
        Delivery { next: Next::Done(Outcome::Sent), attempts: Vec::new() }
    }
}

#[actix_web::test]
async fn what_is_put_off_while_it_is_delivered_is_due_again_at_its_new_time() {
    for app in TestApp::each().await {
        let (mut client, thanks) = told(&app).await;
        app.clock.set(THANKS_DUE);
        client.refresh().await;
        let until = json!({"until": "2026-05-07T19:00:00Z"});
        let path = format!("/v1/follow-ups/{thanks}/snooze");
        let sender = Interrupted { client: &client, path, body: until };
        dispatch::due(store(&app), &sender).await.unwrap();
        assert_eq!(noted(&app), ["thank_you open 0", "follow_up open 0"]);
        app.let_time_pass_until("2026-05-07T19:00:00Z").await;
        assert_eq!(noted(&app), ["thank_you sent 1", "follow_up open 0"]);
    }
}

/// Six hundred copies of the thank-you note, of seventy other accounts.
fn copy_to_others(app: &TestApp) {
    let copies = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) \
        INSERT INTO reminders (account_id, action_key, opportunity_id, follow_up_id, kind, \
        remind_at, ideal, useful_until, version) SELECT 'other' || (i % 70), action_key || i, \
        opportunity_id, follow_up_id || i, kind, remind_at - i, ideal, useful_until, version \
        FROM reminders, n WHERE kind = 'thank_you'";
    database(app).run(copies);
    let settings = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 69) \
        INSERT INTO records (account_id, collection, id, rev, created_rev, txn, doc, field_meta) \
        SELECT 'other' || i, collection, id, rev, created_rev, txn, doc, field_meta \
        FROM records, n WHERE collection = 'preferences'";
    database(app).run(settings);
    let logs = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 69) \
        INSERT INTO account_sync (account_id, epoch, last_stamp, gc_floor, digest, live_records) \
        SELECT 'other' || i, epoch, last_stamp, gc_floor, digest, live_records FROM account_sync, n";
    database(app).run(logs);
}

/// What is still to be done.
fn open(app: &TestApp) -> Vec<String> {
    database(app).lines("SELECT kind AS line FROM reminders WHERE outcome IS NULL")
}

#[actix_web::test]
async fn one_round_serves_many_accounts_and_each_of_their_reminders_once() {
    for app in TestApp::each().await {
        told(&app).await;
        copy_to_others(&app);
        app.clock.set(THANKS_DUE);
        let recorder = Recorder::saying(Next::Done(Outcome::Sent));
        dispatch::due(store(&app), &recorder).await.unwrap();
        let mut handed = recorder.take();
        assert_eq!(handed.len(), 601);
        handed.sort();
        handed.dedup();
        assert_eq!(handed.len(), 601);
        assert_eq!(open(&app), ["follow_up"]);
    }
}

/// Somebody who is not done with the oldest reminder before they have every other one.
#[derive(Default)]
struct Stubborn {
    others: Cell<usize>,
    all: Notify,
}

impl Deliver for Stubborn {
    async fn deliver(&self, due: &DueReminder) -> Delivery {
        if due.claimed.action_key.ends_with("600") {
            self.all.notified().await;
        } else {
            self.others.set(self.others.get() + 1);
            if self.others.get() == 600 {
                self.all.notify_one();
            }
        }
        Delivery { next: Next::Done(Outcome::Sent), attempts: Vec::new() }
    }
}

#[actix_web::test]
async fn one_that_takes_long_keeps_nobody_waiting() {
    for app in TestApp::each().await {
        told(&app).await;
        copy_to_others(&app);
        app.clock.set(THANKS_DUE);
        dispatch::due(store(&app), &Stubborn::default()).await.unwrap();
        assert_eq!(open(&app), ["follow_up"]);
    }
}

#[actix_web::test]
async fn what_was_answered_meanwhile_is_not_handed_on() {
    for app in TestApp::each().await {
        let (client, _) = told(&app).await;
        let news =
            json!({"opportunity_id": "acme", "at": "2026-05-06T19:05:00Z", "kind": "reject"});
        create(&client, "/v1/replies", news).await;
        app.clock.set("2026-05-12T16:00:00Z");
        let recorder = Recorder::saying(Next::Done(Outcome::Sent));
        dispatch::due(store(&app), &recorder).await.unwrap();
        let handed = recorder.take();
        assert!(handed.iter().all(|one| one.starts_with("acme/gracious_reply/")), "{handed:?}");
    }
}

fn store(app: &TestApp) -> &Store {
    app.stores().next().unwrap()
}

#[actix_web::test]
async fn the_plans_of_an_account_that_is_gone_do_not_keep_others_waiting() {
    for app in TestApp::each().await {
        told(&app).await;
        let orphan = "INSERT INTO plans (account_id, opportunity_id, versions, next_change_at, outline, changes) \
                      SELECT '0', opportunity_id, versions, 1, outline, changes FROM plans";
        database(&app).run(orphan);
        app.clock.set(THANKS_DUE);
        assert!(replanner::due(store(&app)).await.is_err());
        let waiting = "plans WHERE account_id <> '0' AND next_change_at <= 1778158800000";
        assert_eq!(database(&app).count(waiting), 0);
    }
}
