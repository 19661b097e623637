//! `afterview doctor` about the database and the machine: what is wrong, and what to do.
//!
//! Permissions do not bind root: tests of them ask as somebody else, by `setpriv` of util-linux.

use crate::copying::options;
use crate::doctor::{said, settings};
use afterview_api::store::Store;
use afterview_tests::{Databases, TestApp};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// The line about something.
fn line<'t>(text: &'t str, about: &str) -> &'t str {
    let mut lines = text.lines();
    lines
        .find(|line| line[5..].starts_with(&format!("{about}: ")))
        .unwrap_or_else(|| panic!("{text}"))
}

fn assert_bad(text: &str, about: &str, says: &str) {
    let line = line(text, about);
    assert!(line.starts_with("BAD  ") && line.contains(says), "{text}");
}

fn open(settings: &[(&str, String)]) -> Databases {
    Databases::open([settings[0].1.clone()])
}

/// A database of this version, in the middle of `folder`, without an account.
fn migrated(folder: &TempDir) -> Vec<(&'static str, String)> {
    let settings = settings(folder);
    Store::migrate(&options(&settings[0].1)).unwrap();
    settings
}

const ACCOUNT: &str = "INSERT INTO accounts (account_id, created_at) VALUES ('a', 1)";

fn log_at(stamp: i64) -> String {
    format!(
        "INSERT INTO account_sync (account_id, epoch, last_stamp, gc_floor, digest, live_records, webhooks) \
         VALUES ('a', 1, {stamp}, 0, 0, 0, 0)"
    )
}

#[actix_web::test]
async fn while_a_server_runs_everything_is_well_on_either_database() {
    for app in TestApp::each().await {
        app.user("anna").await;
        let url = app.database_urls().remove(0);
        let secrets = app.secrets().display().to_string();
        let settings =
            [("AFTERVIEW_DATABASE_URL", url.clone()), ("AFTERVIEW_SECRETS_DIR", secrets)];
        let (text, end) = said(&settings).await;
        assert_eq!(end, None, "{text}");
        for about in ["database", "clock", "reminders", "webhooks", "restores"] {
            assert!(line(&text, about).starts_with("ok   "), "{text}");
        }
        if url.starts_with("sqlite://") {
            for about in ["content", "writing", "log"] {
                assert!(line(&text, about).starts_with("ok   "), "{text}");
            }
            assert!(line(&text, "disk").contains(" free beside a database of "), "{text}");
        }
    }
}

#[actix_web::test]
async fn places_where_no_database_can_be_are_explained() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for (place, says) in [
        ("", "is a folder: AFTERVIEW_DATABASE_URL has to name a file"),
        ("file/x.db", "is a file, so no folder"),
    ] {
        let mut settings = settings(&folder);
        settings[0].1 = format!("sqlite://{}", folder.path().join(place).display());
        let (text, _) = said(&settings).await;
        assert_bad(&text, "database", says);
    }
}

#[actix_web::test]
async fn damage_is_found_and_a_way_out_is_named() {
    let folder = TempDir::new().unwrap();
    let settings = migrated(&folder);
    let path = folder.path().join("afterview.db");
    let mut bytes = fs::read(&path).unwrap();
    // The root of a table in the middle of the file.
    bytes[40_960..45_056].fill(0xff);
    fs::write(&path, bytes).unwrap();
    let (text, _) = said(&settings).await;
    assert_bad(&text, "content", "put back a backup with `afterview restore FILE --replace`");
    fs::write(&path, "no database, but long enough to look like one at first").unwrap();
    let (text, _) = said(&settings).await;
    assert_bad(&text, "database", "it is damaged: put back a backup");
}

#[actix_web::test]
async fn a_schema_of_another_version_and_a_lock_that_is_held_are_named() {
    let folder = TempDir::new().unwrap();
    let settings = migrated(&folder);
    let mut shell = open(&settings);
    shell.script("BEGIN IMMEDIATE").unwrap();
    let (text, _) = said(&settings).await;
    assert_bad(&text, "writing", "nobody could write for a second");
    shell.script("ROLLBACK").unwrap();
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000001')";
    shell.script(newer).unwrap();
    let (text, _) = said(&settings).await;
    assert_bad(&text, "database", "made by a newer version of this program");
    let older = "DELETE FROM __diesel_schema_migrations WHERE version > '20261129000010'";
    shell.script(older).unwrap();
    let (text, end) = said(&settings).await;
    assert!(line(&text, "database").contains("the next start applies 2026"), "{text}");
    assert_eq!(end, None, "{text}");
}

#[actix_web::test]
async fn a_log_that_grew_and_a_clock_that_went_back_are_noticed() {
    let folder = TempDir::new().unwrap();
    let settings = migrated(&folder);
    let mut shell = open(&settings);
    shell.script(ACCOUNT).unwrap();
    shell.script(&log_at(99_999_999_999_999)).unwrap();
    let log = folder.path().join("afterview.db-wal");
    // Without content it takes no space, and SQLite passes over it.
    drop(shell);
    fs::File::create(&log).unwrap().set_len(300 << 20).unwrap();
    let (text, _) = said(&settings).await;
    assert_bad(&text, "log", "has grown to 314 MB");
    assert_bad(&text, "clock", "before the newest change (5138-11-16T09:46:39.999Z): set it right");
}

#[actix_web::test]
async fn what_nobody_takes_and_what_a_restore_lost_are_noticed() {
    let folder = TempDir::new().unwrap();
    let settings = migrated(&folder);
    let mut shell = open(&settings);
    for sql in [
        ACCOUNT.to_owned(),
        log_at(1),
        "INSERT INTO reminders (account_id, action_key, opportunity_id, follow_up_id, kind, remind_at, ideal, \
         useful_until, version) VALUES ('a', 'k', 'o', 'f', 'thanks', 1, 1, 2, 1)"
            .to_owned(),
        "INSERT INTO webhooks (account_id, webhook_id, url, events, secret, created_at, updated_at, failures, \
         due_at) VALUES ('a', 'w', 'https://localhost', '', 's', 1, 1, 0, 1)"
            .to_owned(),
        "INSERT INTO lost_intervals (account_id, epoch, invalid_from, invalid_to) VALUES ('a', 1, 0, 1000)"
            .to_owned(),
    ] {
        shell.script(&sql).unwrap();
    }
    let (text, end) = said(&settings).await;
    assert_bad(&text, "reminders", "days and nobody has taken it: start the server");
    assert_bad(&text, "webhooks", "the oldest event has been due for");
    let lost = "with stamps between 1970-01-01T00:00:00Z and 1970-01-01T00:00:01Z are lost";
    assert!(line(&text, "restores").contains(lost), "{text}");
    assert_eq!(end.as_deref(), Some("2 of these do not work"), "{text}");
}

#[actix_web::test]
async fn keys_that_others_may_read_are_named_and_the_last_backup_is() {
    let folder = TempDir::new().unwrap();
    let settings = migrated(&folder);
    let secrets = folder.path().join("secrets");
    fs::create_dir(&secrets).unwrap();
    let note = r#"{"made_at": 1, "file": "/backups/a.db"}"#;
    fs::write(secrets.join("last-backup.json"), note).unwrap();
    let (text, _) = said(&settings).await;
    assert_bad(&text, "keys", "chmod 600 it");
    let last = "the last one is of 1970-01-01T00:00:00.001Z";
    assert!(line(&text, "backup").contains(last) && text.contains("make another one"), "{text}");
    let mode =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(&secrets.join("last-backup.json"), 0o600);
    mode(&secrets, 0o777);
    let (text, _) = said(&settings).await;
    assert_bad(&text, "keys", "chmod 700 it");
    mode(&secrets, 0o700);
    let (text, end) = said(&settings).await;
    assert_eq!(end, None, "{text}");
}

#[test]
fn who_may_not_write_is_told_so() {
    let folder = TempDir::new().unwrap();
    let mode =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(folder.path(), 0o755);
    let settings = migrated(&folder);
    // Where anybody may run it.
    let program = folder.path().join("program");
    fs::copy(env!("CARGO_BIN_EXE_bench"), &program).unwrap();
    let is_root = rustix::process::geteuid().is_root();
    let mut command = Command::new(if is_root { Path::new("setpriv") } else { &program });
    if is_root {
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
    }
    command.arg("doctor").current_dir("/").env_clear().envs(settings.clone());
    command.env("PATH", "/usr/bin:/bin");
    let database = folder.path().join("afterview.db");
    mode(&database, 0o444);
    let mut asked = |says: &str| {
        let said = command.output().unwrap();
        let text = String::from_utf8(said.stdout).unwrap();
        assert_bad(&text, "database", says);
        assert!(text.contains("give it the file and its folder with chown"), "{text}");
    };
    if !is_root {
        mode(folder.path(), 0o555);
    }
    asked(&format!("{} cannot be written by this user", folder.path().display()));
    mode(folder.path(), if is_root { 0o777 } else { 0o755 });
    asked("afterview.db cannot be written by this user");
}
