//! A copy of the whole database: complete, compared, resumable, and no device notices.

use crate::device::{drain, first_sync};
use crate::phone::{ago, another, mutation, patch, round, send};
use crate::support::{create, database, lines, open, opportunity, with};
use afterview_api::store::{Copied, OpenError, Progress, Store, StoreOptions, Synchronous};
use afterview_tests::{Client, TestApp, story};
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};
use std::ops::ControlFlow::{self, Break, Continue};
use std::path::{Path, PathBuf};

/// An empty database of its own on the PostgreSQL server at hand, if there is one.
pub(crate) fn postgres(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "where a server is, is no setting of the program"
    )]
    let server = std::env::var("AFTERVIEW_DEV_POSTGRES").ok()?;
    let mut connection = PgConnection::establish(&format!("{server}/postgres")).unwrap();
    let name = format!("h4_copying_{name}");
    connection.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).unwrap();
    connection.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    Some(format!("{server}/{name}"))
}

pub(crate) fn sqlite(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

fn options(url: &str) -> StoreOptions {
    let url = url.to_owned();
    StoreOptions { url, synchronous: Synchronous::Normal, readers: 1, writers: 1, pooled: false }
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

/// The file of the server and the absent one beside it.
pub(crate) fn files(app: &TestApp) -> (String, PathBuf) {
    (sqlite(&app.database()), app.database().with_file_name("copy.db"))
}

pub(crate) fn accounts(path: &Path) -> Vec<String> {
    lines(&mut open(path), "SELECT account_id AS line FROM accounts ORDER BY 1")
}

/// Every row of every table as text.
fn everything(path: &Path) -> Vec<String> {
    let mut connection = open(path);
    let tables = "SELECT name AS line FROM sqlite_schema WHERE type = 'table' \
                  AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY 1";
    let tables = lines(&mut connection, tables);
    assert_eq!(tables.len(), 12, "{tables:?}");
    let mut all = Vec::new();
    for table in tables {
        let columns =
            format!("SELECT 'quote(\"' || name || '\")' AS line FROM pragma_table_info('{table}')");
        let columns = lines(&mut connection, &columns).join(" || ',' || ");
        let rows = format!("SELECT {columns} AS line FROM {table} ORDER BY 1");
        let rows = lines(&mut connection, &rows);
        assert!(!rows.is_empty() || table == "lost_intervals", "{table} is not tested");
        all.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
    }
    all
}

/// An account with something in every table. Its second device knows nothing of its last deeds.
async fn busy_account(app: &TestApp) -> (Client, Client) {
    let mut phone = app.user("candidate").await;
    let tablet = another(&phone).await;
    let facts = story::record(&phone).await;
    story::debrief(&phone, &facts).await;
    let base = phone.get("/v1/opportunities/acme").await.expect(200)["rev"].clone();
    for (client, mid, role) in [(&tablet, "m1", "Analyst"), (&phone, "m2", "Ingénieur ☂")] {
        // Of a newer app, whose further fields are kept.
        let edit = patch(mid, "opportunities/acme", &base, json!({"role": role, "mood": [1]}));
        let push = with(round(&json!([ago(edit, 1_000)])), &json!({"schema": 2}));
        let answer = send(client, push).await.expect(200);
        assert!(["applied", "merged"].contains(&answer["results"][0]["status"].as_str().unwrap()));
    }
    create(&phone, "/v1/opportunities", opportunity("gone")).await;
    let duty = json!({"id": "d1", "opportunity_id": "gone", "kind": "form"});
    create(&phone, "/v1/commitments", duty).await;
    let deletion = mutation("m3", "delete", "opportunities/gone", json!({}));
    send(&phone, round(&json!([deletion]))).await.expect(200);
    let key = [("idempotency-key", "k1")];
    let body = Some(opportunity("keyed"));
    phone.send(Method::POST, "/v1/opportunities", &key, body).await.expect(201);
    phone.refresh().await;
    phone.post("/v1/sync/stream-ticket", json!({})).await.expect(200);
    (phone, tablet)
}

/// The same device, which knows the server under another address now.
fn after_move(app: &TestApp, client: &Client) -> Client {
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

/// Moves a server from its file to `url` and looks whether its devices notice.
async fn nobody_notices(url: &str) {
    let app = TestApp::start().await;
    let (phone, tablet) = busy_account(&app).await;
    app.user("bob").await;
    let (knows, cursor) = first_sync(&phone).await;
    let before = answers(&phone).await;
    let (file, back) = files(&app);
    let copied = copy(&file, url).unwrap();
    assert_eq!((copied.copied, copied.equal), (2, 0));
    copy(url, &sqlite(&back)).unwrap();
    let original = everything(&app.database());
    assert_eq!(everything(&back), original);
    assert_eq!(usize::try_from(copied.rows).unwrap(), original.len());

    let app = app.moved_to(url).await;
    let (mut phone, mut tablet) = (after_move(&app, &phone), after_move(&app, &tablet));
    assert_eq!(answers(&phone).await, before);
    let (changes, last) = drain(&phone, Some(&cursor), "").await;
    assert_eq!((changes, &last["digest"]), (Vec::<Value>::new(), &json!(knows.digest())));
    for client in [&mut phone, &mut tablet] {
        client.refresh().await;
        another(client).await.get("/v1/preferences").await.expect(200);
    }
    let again = mutation("m3", "delete", "opportunities/gone", json!({}));
    let again = send(&phone, round(&json!([again]))).await.expect(200);
    assert_eq!(again["results"][0]["status"], "duplicate", "{again}");
    tablet.patch("/v1/opportunities/acme", json!({"role": "Manager"})).await.expect(200);
    let (changes, last) = drain(&phone, Some(&cursor), "").await;
    let mut knows = knows;
    changes.iter().for_each(|change| knows.apply(change));
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert_eq!(last["digest"], knows.digest());
}

#[actix_web::test]
async fn no_device_notices_a_move_to_another_file() {
    let folder = tempfile::TempDir::new().unwrap();
    nobody_notices(&sqlite(&folder.path().join("moved.db"))).await;
}

#[actix_web::test]
async fn no_device_notices_a_move_to_postgresql() {
    let Some(url) = postgres("moved") else { return };
    nobody_notices(&url).await;
}

#[actix_web::test]
async fn a_copy_between_two_postgresql_databases_is_a_copy() {
    let (Some(one), Some(two)) = (postgres("one"), postgres("two")) else { return };
    let app = TestApp::start().await;
    busy_account(&app).await;
    let (file, back) = files(&app);
    for (from, to) in [(&file, &one), (&one, &two), (&two, &sqlite(&back))] {
        copy(from, to).unwrap();
    }
    assert_eq!(everything(&back), everything(&app.database()));
}

/// What a copy did when it is interrupted twice, resumed, and run again after somebody signed out.
async fn goes_on(url: impl Fn(&Path) -> String, known: impl Fn(&str) -> usize) {
    let app = TestApp::start().await;
    let mut anna = app.user("anna").await;
    create(&anna, "/v1/opportunities", opportunity("acme")).await;
    for name in ["bob", "carla", "dan", "eva"] {
        app.user(name).await;
    }
    let (file, target) = files(&app);
    let to = url(&target);
    let stopped =
        copy_telling(&file, &to, |told| if told.done == 2 { Break(()) } else { Continue(()) });
    assert!(stopped.unwrap_err().0.contains("run again"));
    assert_eq!(known(&to), 2);
    // In the middle of an account.
    let stopped =
        copy_telling(&file, &to, |told| if told.rows == 1 { Break(()) } else { Continue(()) });
    assert!(stopped.is_err());
    assert_eq!(known(&to), 2);
    let resumed = copy(&file, &to).unwrap();
    assert_eq!((resumed.copied, resumed.equal), (3, 2));
    let again = copy(&file, &to).unwrap();
    assert_eq!((again.copied, again.equal, again.rows), (0, 5, 0));
    anna.refresh().await;
    assert_eq!(anna.post("/v1/auth/logout", json!({})).await.status, 204);
    let after_logout = copy(&file, &to).unwrap();
    assert_eq!((after_logout.copied, after_logout.equal), (1, 4));
    let back = target.with_file_name("back.db");
    copy(&to, &sqlite(&back)).unwrap();
    let sessions = "SELECT session_id || refresh_hash || coalesce(revoked_at, '') AS line FROM sessions ORDER BY 1";
    assert_eq!(lines(&mut open(&back), sessions), lines(&mut database(&app), sessions));
}

#[actix_web::test]
async fn an_interrupted_copy_goes_on_and_copies_again_what_has_changed() {
    goes_on(sqlite, |url| accounts(Path::new(&url["sqlite://".len()..])).len()).await;
}

#[actix_web::test]
async fn an_interrupted_copy_to_postgresql_goes_on_and_copies_again_what_has_changed() {
    let Some(url) = postgres("resumed") else { return };
    let known = |url: &str| {
        let mut connection = PgConnection::establish(url).unwrap();
        let names = "SELECT account_id FROM accounts";
        diesel::sql_query(names).execute(&mut connection).unwrap()
    };
    goes_on(|_| url.clone(), known).await;
}
