//! Messages against Google's own description of them, and what nobody may read in a log.

use crate::fcm::{Stage, fid, reminder};
use afterview_api::notifications::fcm::{Options, ServiceAccount, message};
use afterview_api::notifications::{
    Notification, Platform, Registration, RegistrationKind, Reminder, Secret, log,
};
use afterview_tests::firebase::{Answer, faults};
use afterview_tests::{START, at};
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::DefaultGuard;

/// Log lines of this thread.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    pub(crate) fn captured(level: LevelFilter) -> (Self, DefaultGuard) {
        let lines = Self::default();
        let sink = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_ansi(false)
            .without_time()
            .with_writer(move || sink.clone())
            .finish();
        (lines, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn every_message_is_one_that_google_describes() {
    let long = Reminder {
        title: "a \"title\" ".repeat(2000),
        body: "👩‍👩‍👧‍👦\u{1}".repeat(2000),
        follow_up_id: "x".repeat(64),
        ..reminder()
    };
    let (short, late) = (reminder(), Reminder { useful_until: at(START), ..reminder() });
    for platform in [Platform::Android, Platform::Ios, Platform::Web] {
        for kind in [RegistrationKind::Fid, RegistrationKind::Token] {
            for validate_only in [false, true] {
                for notification in [
                    Notification::Reminder(&short),
                    Notification::Reminder(&long),
                    Notification::Reminder(&late),
                    Notification::Poke,
                ] {
                    let to = Registration { kind, value: Secret::new("a-registration") };
                    let request =
                        message::build(&to, platform, notification, at(START), validate_only);
                    assert_eq!(faults(&request), [], "{request}");
                }
            }
        }
    }
}

#[actix_web::test]
async fn what_arrives_is_what_was_built() {
    let stage = Stage::with(|options| options.validate_only = true).await;
    let to = fid("device");
    let _ = stage.client.send(&to, Platform::Ios, Notification::Poke).await;
    let arrived = stage.double.messages().remove(0);
    let built = message::build(&to, Platform::Ios, Notification::Poke, at(START), true);
    assert_eq!(arrived.message, built["message"]);
    assert!(arrived.validate_only);
    assert_eq!(arrived.at, at(START));
}

#[actix_web::test]
async fn no_secret_stands_in_a_log_or_in_debug_output() {
    let (lines, _guard) = Lines::captured(LevelFilter::TRACE);
    let stage = Stage::set().await;
    let file = stage.double.credentials_file(stage.folder.path());
    let account = ServiceAccount::read(&file).unwrap();
    stage.double.script("device-0", [Answer::invalid("message.token"), Answer::html(502)]);
    stage.double.script("device-1", [Answer::DropAfter]);
    let mut shown = format!("{account:?} {:?} {:?}", stage.client, Options::default());
    for _ in 0..3 {
        shown += &format!("{:?}", stage.send_many(3).await);
        stage.double.revoke_tokens();
    }
    shown += &format!("{:?} {:?}", fid("device-0"), reminder());
    shown += &format!("{:?}", account.assertion(at(START)));
    log::reminder(&reminder().follow_up_id, reminder().occurrence);
    shown += &lines.text();

    let file = std::fs::read_to_string(file).unwrap();
    let key: serde_json::Value = serde_json::from_str(&file).unwrap();
    let key = key["private_key"].as_str().unwrap().lines().nth(1).unwrap();
    let assertion = account.assertion(at(START)).unwrap();
    let assertion = assertion.expose().split('.').next().unwrap();
    for secret in
        [key, assertion, "ya29", "device-0", "Now is a good time", "Ask where things stand"]
    {
        assert!(!shown.contains(secret), "{secret} is shown");
    }
    for part in ["afterview_api::reminders", "TRACE", "h2::", "hyper"] {
        assert!(shown.contains(part), "{part} was not captured");
    }
}

#[test]
fn without_credentials_a_reminder_is_one_line_that_names_nobody() {
    let (lines, _guard) = Lines::captured(LevelFilter::INFO);
    log::reminder(&reminder().follow_up_id, reminder().occurrence);
    assert_eq!(
        lines.text(),
        " INFO afterview_api::reminders: reminder \
         follow_up_id=\"acb84dc0-78e9-5d1a-aecd-c290d128f679\" \
         occurrence=\"2026-05-06T19:00:00Z\"\n"
    );
}
