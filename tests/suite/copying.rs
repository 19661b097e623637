//! A copy of the whole database: complete, compared, resumable, and no device notices.

use crate::device::{drain, first_sync};
use crate::phone::{ago, another, mutation, patch, round, send};
use crate::schema::declared;
use crate::support::{create, database, opportunity, with};
use afterview_api::store::{Copied, OpenError, Progress, Store, StoreOptions, Synchronous};
use afterview_tests::{BareDatabase, Client, Databases, TestApp, story};
use reqwest::Method;
use serde_json::{Value, json};
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::Arc;

/// When the thank-you note of the story falls due.
const THANKS_DUE: &str = "2026-05-07T13:00:00Z";

pub(crate) fn options(url: &str) -> StoreOptions {
    StoreOptions {
        url: url.into(),
        synchronous: Synchronous::Normal,
        readers: 1,
        writers: 1,
        pooled: false,
        listen_url: None,
        watch: Arc::default(),
    }
}

pub(crate) fn copy_telling(
    from: &str,
    to: &str,
    mut told: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Copied, OpenError> {
    Store::copy(&options(from), &options(to), &mut told)
}

pub(crate) fn copy(from: &str, to: &str) -> Result<Copied, OpenError> {
    copy_telling(from, to, |_| Continue(()))
}

/// What a copy is refused for, in words.
pub(crate) fn refused(from: &str, to: &str) -> String {
    copy(from, to).unwrap_err().0
}

/// Every app, each on a database of its own, with its URL and those of databases to copy to.
pub(crate) async fn pairs() -> Vec<(TestApp, String, Vec<BareDatabase>)> {
    let apps = TestApp::each().await.into_iter();
    apps.map(|app| {
        let (from, to) = (app.database_urls().remove(0), app.bare_databases());
        (app, from, to)
    })
    .collect()
}

/// Every row of every table as text.
pub(crate) fn everything(url: &str) -> Vec<String> {
    let mut database = Databases::open([url.to_owned()]);
    let mut all = Vec::new();
    for (table, columns) in declared() {
        let names = columns.iter().map(|column| column.split(' ').next().unwrap());
        let texts = names.map(|name| format!("coalesce(CAST({name} AS TEXT), 'NULL')"));
        let row = texts.collect::<Vec<_>>().join(" || ', ' || ");
        all.extend(database.lines(&format!("SELECT '{table}: ' || {row} AS line FROM {table}")));
    }
    all.sort();
    all
}

/// An account with something in every table, whose second device knows of its first record only.
pub(crate) struct Busy {
    pub(crate) app: TestApp,
    pub(crate) phone: Client,
    tablet: Client,
    /// A program with a personal access token.
    token: Client,
    /// Where the second device stands.
    cursor: String,
}

impl Busy {
    pub(crate) async fn on(app: TestApp) -> Self {
        let phone = app.user("candidate").await;
        // A restore, so that stamps were lost.
        let early = app.copy("early");
        let app = app.put_back(&early).await;
        let mut phone = after_move(&app, &phone);
        let mut tablet = another(&phone).await;
        let (_, cursor) = first_sync(&tablet).await;
        let facts = story::record(&phone).await;
        story::debrief(&phone, &facts).await;
        two_edits(&phone, &tablet).await;
        let push =
            json!({"push": {"kind": "fcm_fid", "value": "phone"}, "time_zone": "Asia/Tokyo"});
        phone.put("/v1/devices/me", push).await.expect(200);
        create(&phone, "/v1/opportunities", opportunity("gone")).await;
        let duty = json!({"id": "d1", "opportunity_id": "gone", "kind": "form"});
        create(&phone, "/v1/commitments", duty).await;
        let deletion = mutation("m3", "delete", "opportunities/gone", json!({}));
        send(&phone, round(&json!([deletion]))).await.expect(200);
        app.let_time_pass_until(THANKS_DUE).await;
        phone.refresh().await;
        tablet.refresh().await;
        let body = Some(opportunity("keyed"));
        let key = [("idempotency-key", "k1")];
        phone.send(Method::POST, "/v1/opportunities", &key, body).await.expect(201);
        // A name that leads to this machine, which nothing is sent to.
        let webhook = json!({"url": "https://localhost:1/"});
        create(&phone, "/v1/webhooks", webhook).await;
        let interview = json!({
            "opportunity_id": "keyed",
            "starts_at": "2026-05-20T18:00:00Z", "ends_at": "2026-05-20T19:00:00Z",
        });
        create(&phone, "/v1/interviews", interview).await;
        phone.post("/v1/sync/stream-ticket", json!({})).await.expect(200);
        let token = json!({"name": "Home Assistant", "scopes": ["read"]});
        let token = phone.post("/v1/auth/tokens", token).await.expect(201);
        create(&phone, "/v1/calendar-feeds", json!({"detail": "full"})).await;
        ways_in_from_elsewhere(&app);
        let sent = database(&app).count("reminders WHERE outcome = 'sent' AND attempts = 1");
        assert_eq!(sent, 1);
        let token = phone.with_token(token["token"].as_str().unwrap());
        Self { app, phone, tablet, token, cursor }
    }
}

/// The same field from two devices of a newer app, whose further fields are kept.
async fn two_edits(phone: &Client, tablet: &Client) {
    let base = phone.get("/v1/opportunities/acme").await.expect(200)["rev"].clone();
    for (client, mid, role) in [(tablet, "m1", "Analyst"), (phone, "m2", "Ingénieur ☂")] {
        let edit = patch(mid, "opportunities/acme", &base, json!({"role": role, "mood": [1]}));
        let push = with(round(&json!([ago(edit, 1_000)])), &json!({"schema": 2}));
        let answer = send(client, push).await.expect(200);
        assert!(["applied", "merged"].contains(&answer["results"][0]["status"].as_str().unwrap()));
    }
}

/// What only providers of identities, mails and deletions bring about.
fn ways_in_from_elsewhere(app: &TestApp) {
    let candidate = "FROM accounts WHERE email = 'candidate@example.org'";
    let identity = format!(
        "INSERT INTO identities (account_id, identity_hash, provider, issuer, subject, created_at) \
         SELECT account_id, 'hash', 'example', 'https://id.example.org', '1', 1 {candidate}"
    );
    let reset = format!(
        "INSERT INTO password_resets (account_id, token_hash, created_at, expires_at) \
         SELECT account_id, 'hash', 1, 2 {candidate}"
    );
    let erased =
        "INSERT INTO erased_accounts (account_id, erased_at) VALUES ('gone', 1)".to_owned();
    for statement in [identity, reset, erased] {
        assert_eq!(database(app).run(&statement), 1);
    }
}

/// The same device, which knows the server under another address now.
pub(crate) fn after_move(app: &TestApp, client: &Client) -> Client {
    let mut moved = app.anonymous().with_token(client.token());
    moved.refresh_token.clone_from(&client.refresh_token);
    moved
}

async fn answers(client: &Client) -> Vec<String> {
    let paths = [
        "opportunities",
        "contacts",
        "interviews",
        "expectations",
        "commitments",
        "follow-ups",
        "preferences",
        "agenda",
        "sync/conflicts",
        "sync/head",
        "sync/revs",
        "sync/snapshot",
        "opportunities/acme/plan",
        "records/opportunities/acme/history",
    ];
    let mut all = Vec::new();
    for path in paths {
        let answer = client.get(&format!("/v1/{path}")).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        all.push(format!("{path} {} {}", answer.header("etag"), answer.text));
    }
    all
}

/// Moves servers on every kind of database to the kind with that number.
async fn nobody_notices_a_move_to(kind: usize) {
    for app in TestApp::each().await {
        let Some(target) = app.bare_databases().into_iter().nth(kind) else { return };
        let Busy { app, phone, tablet, token, cursor } = Busy::on(app).await;
        app.user("bob").await;
        let (mut knows, newest) = first_sync(&phone).await;
        let (before, unseen) = (answers(&phone).await, drain(&tablet, Some(&cursor), "").await);
        let from = app.database_urls().remove(0);
        let copied = copy(&from, &target.url()).unwrap();
        let original = everything(&from);
        assert_eq!(everything(&target.url()), original);
        // Two accounts, and one that was deleted.
        assert_eq!((copied.copied, copied.equal), (3, 0));
        assert_eq!(usize::try_from(copied.rows).unwrap(), original.len());
        for table in declared().keys() {
            let is_row = |row: &String| row.starts_with(&format!("{table}: "));
            assert!(original.iter().any(is_row), "{table} is not tested");
        }

        let app = app.moved_to(target).await;
        let (mut phone, mut tablet) = (after_move(&app, &phone), after_move(&app, &tablet));
        assert_eq!(answers(&phone).await, before);
        after_move(&app, &token).get("/v1/agenda").await.expect(200);
        assert_eq!(drain(&tablet, Some(&cursor), "").await, unseen);
        let (changes, last) = drain(&phone, Some(&newest), "").await;
        assert_eq!((changes, &last["digest"]), (Vec::<Value>::new(), &json!(knows.digest())));
        for client in [&mut phone, &mut tablet] {
            client.refresh().await;
            another(client).await.get("/v1/preferences").await.expect(200);
        }
        let again = mutation("m3", "delete", "opportunities/gone", json!({}));
        let again = send(&phone, round(&json!([again]))).await.expect(200);
        assert_eq!(again["results"][0]["status"], "duplicate", "{again}");
        tablet.patch("/v1/opportunities/acme", json!({"role": "Manager"})).await.expect(200);
        let (changes, last) = drain(&phone, Some(&newest), "").await;
        changes.iter().for_each(|change| knows.apply(change));
        assert_eq!(changes.len(), 1, "{changes:#?}");
        assert_eq!(last["digest"], knows.digest());
        // What was sent before is not sent again.
        app.let_time_pass_until("2026-05-07T14:00:00Z").await;
        assert_eq!(database(&app).count("reminders WHERE outcome = 'sent' AND attempts = 1"), 1);
    }
}

#[actix_web::test]
async fn no_device_notices_a_move_to_sqlite() {
    nobody_notices_a_move_to(0).await;
}

#[actix_web::test]
async fn no_device_notices_a_move_to_postgresql() {
    nobody_notices_a_move_to(1).await;
}

#[actix_web::test]
async fn an_interrupted_copy_goes_on_and_copies_again_what_has_changed() {
    for (app, from, targets) in pairs().await {
        let mut anna = app.user("anna").await;
        create(&anna, "/v1/opportunities", opportunity("acme")).await;
        for name in ["bob", "carla", "dan", "eva"] {
            app.user(name).await;
        }
        for target in &targets {
            interrupt_and_go_on(&from, &target.url());
        }
        anna.refresh().await;
        assert_eq!(anna.post("/v1/auth/logout", json!({})).await.status, 204);
        for target in &targets {
            let after_logout = copy(&from, &target.url()).unwrap();
            assert_eq!((after_logout.copied, after_logout.equal), (1, 4));
            assert_eq!(everything(&target.url()), everything(&from));
        }
    }
}

/// Five accounts: stopped after two of them, in the middle of the third, then not at all.
fn interrupt_and_go_on(from: &str, to: &str) {
    let known = || Databases::open([to.to_owned()]).count("accounts");
    let stop_when = |is_enough: fn(Progress) -> bool| {
        let stop = move |told| if is_enough(told) { Break(()) } else { Continue(()) };
        let stopped = copy_telling(from, to, stop).unwrap_err().0;
        assert!(stopped.contains("run again"), "{stopped}");
    };
    stop_when(|told| told.done == 2);
    assert_eq!(known(), 2);
    stop_when(|told| told.rows == 1);
    assert_eq!(known(), 2);
    let resumed = copy(from, to).unwrap();
    assert_eq!((resumed.copied, resumed.equal), (3, 2));
    let again = copy(from, to).unwrap();
    assert_eq!((again.copied, again.equal, again.rows), (0, 5, 0));
}
