//! `afterview doctor`: what it finds, and that it changes and sends nothing.
//!
//! Permissions do not bind root: tests of them ask as somebody else, by `setpriv` of util-linux.

use crate::copying::options;
use afterview_api::cli::doctor;
use afterview_api::config::Config;
use afterview_api::store::Store;
use afterview_tests::firebase::{Answer, FirebaseDouble};
use afterview_tests::mail::{MailServer, Step, Turn};
use afterview_tests::oidc::OidcDouble;
use afterview_tests::{Databases, ManualClock, START, TestApp, at};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// What it says about settings, and how it ends.
async fn said(settings: &[(&str, String)]) -> (String, Option<String>) {
    let variables: BTreeMap<String, String> =
        settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let config = Config::from_variables(&variables).unwrap();
    // It has a runtime of its own.
    let checked = actix_web::rt::task::spawn_blocking(move || {
        let mut out = Vec::new();
        let end = std::thread::spawn(move || {
            let end = doctor::run(&config, &mut out);
            (String::from_utf8(out).unwrap(), end.err().map(|error| error.to_string()))
        });
        end.join().unwrap()
    });
    checked.await.unwrap()
}

fn settings(folder: &TempDir) -> Vec<(&'static str, String)> {
    let path = |name: &str| folder.path().join(name).display().to_string();
    vec![
        ("AFTERVIEW_DATABASE_URL", format!("sqlite://{}", path("afterview.db"))),
        ("AFTERVIEW_SECRETS_DIR", path("secrets")),
    ]
}

#[actix_web::test]
async fn before_the_first_start_nothing_is_wrong_and_nothing_is_made() {
    let folder = TempDir::new().unwrap();
    let (text, end) = said(&settings(&folder)).await;
    // How many files may be open is the machine's affair.
    let text: Vec<&str> = text.lines().filter(|line| !line.contains("open files: ")).collect();
    assert_eq!(
        text.join("\n") + "\n",
        "ok   settings: every one of them can be used\n\
         --   database: there is none yet; the first start makes it\n\
         --   keys: some are not there yet; the first start makes them\n\
         --   backup: none was made from here yet: `afterview backup FILE`, also while the server runs\n\
         --   Firebase: no credentials, so reminders go to browsers and to the log \
         (AFTERVIEW_FCM_CREDENTIALS)\n\
         --   mail: no server, so forgotten passwords cannot be set anew (AFTERVIEW_SMTP_URL)\n"
    );
    assert_eq!(end, None);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[actix_web::test]
async fn firebase_is_asked_and_delivers_nothing() {
    let folder = TempDir::new().unwrap();
    let double = FirebaseDouble::start().await;
    let mut settings = settings(&folder);
    let file = double.credentials_file(folder.path()).display().to_string();
    settings.push(("AFTERVIEW_FCM_CREDENTIALS", file));
    settings.push(("AFTERVIEW_FCM_BASE_URL", double.base_url().to_owned()));
    let nobody = "afterview-doctor";
    let not_registered = || Answer::invalid("message.token");
    double.script(nobody, [not_registered(), Answer::fcm(404, "UNREGISTERED", &[])]);
    for _ in 0..2 {
        let (text, end) = said(&settings).await;
        let line = "ok   Firebase: takes messages for the project afterview-test\n";
        assert!(text.contains(line), "{text}");
        assert_eq!(end, None);
    }
    assert!(double.messages().iter().all(|message| message.validate_only));

    for (answer, says) in [
        (Answer::error(403, &json!({})), "may not send"),
        (Answer::error(404, &json!({})), "knows no project afterview-test"),
        (Answer::html(503), "gives no answer now"),
    ] {
        double.script(nobody, [answer]);
        let (text, end) = said(&settings).await;
        let line = text.lines().find(|line| line.starts_with("BAD  ")).unwrap();
        assert!(line.starts_with("BAD  Firebase: ") && line.contains(says), "{text}");
        assert_eq!(end.as_deref(), Some("1 of these do not work"));
    }
    double.script_tokens([Answer::oauth(400, "invalid_grant")]);
    let (text, _) = said(&settings).await;
    assert!(text.contains("BAD  Firebase: the service account is refused"), "{text}");
}

#[actix_web::test]
async fn each_provider_of_identities_is_asked_for_its_keys() {
    let folder = TempDir::new().unwrap();
    let clock = ManualClock::new(at(START));
    let [one, two] = [OidcDouble::start(&clock).await, OidcDouble::start(&clock).await];
    let file = OidcDouble::settings_file(folder.path(), &[("one", &one), ("two", &two)]);
    let mut settings = settings(&folder);
    settings.push(("AFTERVIEW_OIDC", file.display().to_string()));
    let (text, end) = said(&settings).await;
    let lines = "ok   sign-in with one: reached, 1 key\nok   sign-in with two: reached, 1 key\n";
    assert!(text.ends_with(lines), "{text}");
    assert_eq!(end, None);

    let mut stranger = two.description();
    stranger["issuer"] = json!(one.issuer());
    for (answer, says) in [
        (Answer::html(503), "answered with the status 503"),
        (Answer::html(200), "answered with something that is not the JSON that was asked for"),
        (Answer::DropBefore, "cannot be reached"),
        (Answer::status(200, stranger), "calls itself by another name than the issuer"),
    ] {
        two.script_description([answer]);
        let (text, end) = said(&settings).await;
        let last = text.lines().last().unwrap();
        assert!(last.starts_with("BAD  sign-in with two: ") && last.contains(says), "{text}");
        assert_eq!(end.as_deref(), Some("1 of these do not work"));
    }
    two.script_keys([Answer::status(200, json!({"keys": []}))]);
    let (text, _) = said(&settings).await;
    assert!(text.contains("BAD  sign-in with two: reached, but it has no key"), "{text}");

    fs::write(&file, "[One]\nissuer = 5\n").unwrap();
    let (text, _) = said(&settings).await;
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("BAD  sign-in: cannot use the providers of identities in "), "{text}");
}

#[actix_web::test]
async fn everything_that_is_wrong_is_said_at_once_without_secrets() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("afterview.db"), "no database, but long enough to look like one at first")
        .unwrap();
    fs::create_dir(path("secrets")).unwrap();
    fs::write(path("secrets/signing-keys.json"), "{\"secret\": \"hunter2\"}").unwrap();
    fs::write(path("account.json"), "{\"private_key\": \"hunter2\"}").unwrap();
    let mut settings = settings(&folder);
    settings.push(("AFTERVIEW_FCM_CREDENTIALS", path("account.json").display().to_string()));
    let (text, end) = said(&settings).await;
    let bad: Vec<&str> = text.lines().filter(|line| line.starts_with("BAD  ")).collect();
    assert_eq!(bad.len(), 3, "{text}");
    assert_eq!(end.as_deref(), Some("3 of these do not work"));
    assert!(!text.contains("hunter2"), "{text}");
}

#[actix_web::test]
async fn the_server_for_mail_is_asked_and_takes_none() {
    let folder = TempDir::new().unwrap();
    let server = MailServer::start_for("afterview", "hunter2").await;
    let settings = |from: Vec<(&'static str, String)>| [settings(&folder), from].concat();
    let (text, end) = said(&settings(server.settings())).await;
    assert!(text.ends_with("ok   mail: the server is reached and lets us in\n"), "{text}");
    assert_eq!(end, None);
    for (trouble, says) in [
        (Turn::Refuse(Step::Login, 535), "the server answered 535"),
        (Turn::Drop(Step::Greeting), "cannot be sent"),
    ] {
        server.script([trouble]);
        let (text, end) = said(&settings(server.settings())).await;
        let last = text.lines().last().unwrap();
        assert!(last.starts_with("BAD  mail: ") && last.contains(says), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
        assert_eq!(end.as_deref(), Some("1 of these do not work"));
    }
    let gone = server.settings();
    drop(server);
    let (text, _) = said(&settings(gone)).await;
    assert!(text.contains("BAD  mail: cannot be sent: "), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[actix_web::test]
async fn the_password_of_a_database_that_cannot_be_reached_is_not_shown() {
    let folder = TempDir::new().unwrap();
    for (url, says) in [
        ("postgres://user:hunter2@127.0.0.1:1/db", "connection to server at \"127.0.0.1\""),
        ("postgres://user@127.0.0.1:1/db?password=hunter2", "connection to server at"),
        ("postgres://user:hunter2@127.0.0.1:port/db", "its URL cannot be read"),
        ("postgres://user:%hunter2@127.0.0.1:1/db", "its URL cannot be read"),
        ("postgres://user:hunter2/@127.0.0.1:1/db", "its URL cannot be read"),
        ("postgres://user:@[hunter2@127.0.0.1:1/db", "its URL cannot be read"),
    ] {
        let mut settings = settings(&folder);
        settings[0].1 = url.to_owned();
        let (text, _) = said(&settings).await;
        let line = text.lines().find(|line| line.starts_with("BAD  database: ")).expect(&text);
        assert!(line.contains(says), "{url}: {line}");
        assert!(!text.contains("hunter2"), "{url}: {text}");
    }
}

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
