//! `afterview doctor`: what it finds, and that it changes and sends nothing.

use afterview_api::cli::doctor;
use afterview_api::config::Config;
use afterview_tests::firebase::{Answer, FirebaseDouble};
use afterview_tests::mail::{MailServer, Step, Turn};
use afterview_tests::oidc::OidcDouble;
use afterview_tests::{ManualClock, START, at};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use tempfile::TempDir;

/// What it says about settings, and how it ends.
pub(crate) async fn said(settings: &[(&str, String)]) -> (String, Option<String>) {
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

pub(crate) fn settings(folder: &TempDir) -> Vec<(&'static str, String)> {
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
