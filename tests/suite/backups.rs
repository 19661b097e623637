//! Backups: everything of one moment, whatever is written meanwhile, and good for either database.

use crate::copying::{Busy, everything, options};
use crate::phone::{mutation, round, send};
use afterview_api::store::{BackedUp, OpenError, RestoreOptions, Restored, Store};
use afterview_api::system::SystemRandom;
use afterview_tests::{Client, Databases, TestApp};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Backs a database up at the time of the app.
pub(crate) fn back_up(app: &TestApp, url: &str, file: &Path) -> Result<BackedUp, OpenError> {
    Store::backup(&options(url), file, app.clock.get())
}

/// Makes a database of a backup at the time of the app.
pub(crate) fn restore(
    app: &TestApp,
    file: &Path,
    url: &str,
    how: &RestoreOptions,
) -> Result<Restored, OpenError> {
    Store::restore(file, &options(url), how, app.clock.get(), &SystemRandom)
}

/// Without what a new epoch changes.
fn without_logs(mut rows: Vec<String>) -> Vec<String> {
    rows.retain(|row| !["account_sync: ", "lost_intervals: "].iter().any(|it| row.starts_with(it)));
    rows
}

#[actix_web::test]
async fn a_backup_of_either_database_becomes_either_database() {
    for app in TestApp::each().await {
        let Busy { app, .. } = Busy::on(app).await;
        let url = app.database_urls().remove(0);
        let before = everything(&url);
        let folder = app.files();
        let file = folder.join("backup.db");
        let done = back_up(&app, &url, &file).unwrap();
        assert_eq!(everything(&url), before);
        assert_eq!(usize::try_from(done.rows).unwrap(), before.len());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&file).unwrap().len(), done.bytes);
        assert_eq!(done.mark.made_at, app.clock.get().timestamp_millis());
        for target in app.bare_databases() {
            let nothing = RestoreOptions::default();
            let restored = restore(&app, &file, &target.url(), &nothing).unwrap();
            assert_eq!((restored.mark, restored.silenced), (done.mark.clone(), 0));
            assert_eq!(without_logs(everything(&target.url())), without_logs(before.clone()));
            // What was put back can be backed up again, and is the same then.
            let again = folder.join("again.db");
            back_up(&app, &target.url(), &again).unwrap();
            let last = app.bare_databases().remove(0);
            restore(&app, &again, &last.url(), &nothing).unwrap();
            assert_eq!(without_logs(everything(&last.url())), without_logs(before.clone()));
            fs::remove_file(again).unwrap();
        }
        let left: Vec<_> =
            fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(left, ["backup.db"], "nothing is left half made");
    }
}

/// So many rows that a backup takes a while.
fn ballast(url: &str, rows: usize) {
    let insert = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows}) \
         INSERT INTO audit_events (account_id, id, at, kind, about) \
         SELECT account_id, 'ballast-' || n, 1, 'exported', account_id || account_id FROM accounts, numbers"
    );
    Databases::open([url.to_owned()]).script(&insert).unwrap();
}

/// An opportunity and a contact in one request.
async fn push_pair(client: &Client, n: usize) {
    let (o, c) = (format!("opportunities/o{n:05}"), format!("contacts/c{n:05}"));
    let pair = json!([
        mutation(
            &format!("mo{n}"),
            "create",
            &o,
            json!({"set": {"employer": "Acme", "role": "Analyst"}})
        ),
        mutation(
            &format!("mc{n}"),
            "create",
            &c,
            json!({"set": {"name": "Anna", "role": "interviewer"}})
        ),
    ]);
    let answer = send(client, round(&pair)).await.expect(200);
    for result in answer["results"].as_array().unwrap() {
        assert_eq!(result["status"], "applied", "{result}");
    }
}

fn numbers(database: &mut Databases, collection: &str) -> Vec<usize> {
    let ids =
        format!("SELECT id AS line FROM records WHERE collection = '{collection}' ORDER BY 1");
    database.lines(&ids).iter().map(|id| id[1..].parse().unwrap()).collect()
}

#[actix_web::test]
async fn it_holds_what_was_acknowledged_before_it_began_and_nothing_by_half_while_writing_goes_on()
{
    for app in TestApp::each().await {
        let client = app.user("candidate").await;
        let url = app.database_urls().remove(0);
        ballast(&url, if url.starts_with("sqlite://") { 200_000 } else { 20_000 });
        let acknowledged = Arc::new(AtomicUsize::new(0));
        for n in 0..3 {
            push_pair(&client, n).await;
            acknowledged.store(n + 1, Ordering::SeqCst);
        }
        let file = app.files().join("backup.db");
        let (seen, now, to) = (Arc::clone(&acknowledged), app.clock.get(), file.clone());
        let backing_up = actix_web::rt::task::spawn_blocking(move || {
            let before = seen.load(Ordering::SeqCst);
            Store::backup(&options(&url), &to, now).unwrap();
            (before, seen.load(Ordering::SeqCst))
        });
        let mut n = 3;
        while !backing_up.is_finished() {
            push_pair(&client, n).await;
            n += 1;
            acknowledged.store(n, Ordering::SeqCst);
        }
        let (before, after) = backing_up.await.unwrap();
        assert!(after > before, "nobody could write meanwhile");
        let target = app.bare_databases().remove(0);
        restore(&app, &file, &target.url(), &RestoreOptions::default()).unwrap();
        let mut restored = Databases::open([target.url()]);
        let held = numbers(&mut restored, "opportunities");
        assert_eq!(held, Vec::from_iter(0..held.len()), "a later one without an earlier one");
        assert_eq!(numbers(&mut restored, "contacts"), held, "half of a request");
        assert!(held.len() >= before && held.len() <= n, "{before} {} {n}", held.len());
    }
}
