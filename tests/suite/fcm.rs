//! The sender for Firebase against a double of it: one test for each row of the table of answers.

use afterview_api::config::Config;
use afterview_api::notifications::fcm::{Client, Options, ServiceAccount};
use afterview_api::notifications::retry::{Cause, Retry, Scope};
use afterview_api::notifications::{
    Notification, Platform, Registration, RegistrationKind, Reminder, Secret, Verdict,
};
use afterview_tests::firebase::{Answer, FirebaseDouble};
use afterview_tests::{ManualClock, START, at};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// A double and a client of it, both in the time of one clock.
pub(crate) struct Stage {
    pub(crate) clock: ManualClock,
    pub(crate) double: FirebaseDouble,
    pub(crate) folder: TempDir,
    pub(crate) client: Arc<Client>,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let clock = ManualClock::new(at(START));
        let double = FirebaseDouble::start_at(Arc::new(clock.clone())).await;
        let folder = TempDir::new().unwrap();
        let account = ServiceAccount::read(&double.credentials_file(folder.path())).unwrap();
        let mut options = Options { base_url: double.base_url().to_owned(), ..Options::default() };
        change(&mut options);
        let client = Client::new(account, &options, Arc::new(clock.clone())).unwrap();
        Self { clock, double, folder, client: Arc::new(client) }
    }

    /// Sends one reminder to `registration`.
    pub(crate) async fn send(&self, registration: &str) -> Verdict {
        send(&self.client, registration).await
    }

    /// Sends `count` reminders at the same time, each to a registration of its own.
    pub(crate) async fn send_many(&self, count: usize) -> Vec<Verdict> {
        let mut sending = tokio::task::JoinSet::new();
        for number in 0..count {
            let client = self.client.clone();
            sending.spawn(async move { send(&client, &format!("device-{number}")).await });
        }
        sending.join_all().await
    }
}

pub(crate) async fn send(client: &Client, registration: &str) -> Verdict {
    let to = fid(registration);
    client.send(&to, Platform::Android, Notification::Reminder(&reminder())).await
}

pub(crate) fn fid(value: &str) -> Registration {
    Registration { kind: RegistrationKind::Fid, value: Secret::new(value) }
}

pub(crate) fn reminder() -> Reminder {
    Reminder {
        title: "Now is a good time".to_owned(),
        body: "Ask where things stand.".to_owned(),
        follow_up_id: "acb84dc0-78e9-5d1a-aecd-c290d128f679".to_owned(),
        occurrence: at("2026-05-06T19:00:00Z"),
        version: 1_778_094_000_123,
        useful_until: at("2026-05-06T21:05:00Z"),
    }
}

pub(crate) fn retry(cause: Cause) -> Verdict {
    Verdict::Retry(Retry::of(cause))
}

fn asked(cause: Cause, seconds: u64) -> Verdict {
    Verdict::Retry(Retry { asked: Some(Duration::from_secs(seconds)), ..Retry::of(cause) })
}

/// The verdict on a message that was answered so, which was sent once and with one token.
async fn once(answer: Answer) -> Verdict {
    let stage = Stage::set().await;
    stage.double.script("device", [answer]);
    let verdict = stage.send("device").await;
    assert_eq!(stage.double.messages().len(), 1, "the message was sent once");
    assert_eq!(stage.double.token_requests(), 1, "the token is still good");
    assert_eq!(stage.double.faults(), [""; 0]);
    verdict
}

fn other_detail() -> Value {
    json!({ "@type": "type.googleapis.com/google.rpc.Help", "links": [] })
}

#[actix_web::test]
async fn the_settings_are_enough_to_send_and_without_credentials_there_is_no_sender() {
    let stage = Stage::set().await;
    let file = stage.double.credentials_file(stage.folder.path()).display().to_string();
    let mut settings = BTreeMap::from([
        ("AFTERVIEW_FCM_CREDENTIALS".to_owned(), file),
        ("AFTERVIEW_FCM_BASE_URL".to_owned(), format!("{}/", stage.double.base_url())),
    ]);
    let clock = Arc::new(stage.clock.clone());
    let config = Config::from_variables(&settings).unwrap();
    let client = Client::from_config(&config, clock.clone()).unwrap().unwrap();
    assert!(matches!(send(&client, "device").await, Verdict::Delivered { .. }));

    settings.insert("AFTERVIEW_FCM_CREDENTIALS".to_owned(), String::new());
    let config = Config::from_variables(&settings).unwrap();
    assert!(Client::from_config(&config, clock).unwrap().is_none());
}

#[actix_web::test]
async fn a_message_that_is_taken_over_is_delivered() {
    let name = "projects/afterview-test/messages/1".to_owned();
    assert_eq!(once(Answer::Ok).await, Verdict::Delivered { name });
}

#[actix_web::test]
async fn an_installation_that_is_gone_is_unregistered_wherever_the_error_stands() {
    assert_eq!(once(Answer::fcm(404, "UNREGISTERED", &[])).await, Verdict::Unregistered);
    let deep = Answer::fcm(404, "UNREGISTERED", &[other_detail(), other_detail()]);
    assert_eq!(once(deep).await, Verdict::Unregistered);
}

#[actix_web::test]
async fn a_404_without_a_word_about_the_registration_is_the_wrong_project() {
    let detail = "404 NOT_FOUND".to_owned();
    let expected = Verdict::WrongProject { detail };
    assert_eq!(once(Answer::error(404, &json!({}))).await, expected);
    assert_eq!(once(Answer::error(404, &json!({ "details": [other_detail()] }))).await, expected);
}

#[actix_web::test]
async fn another_project_in_the_credentials_is_the_wrong_project() {
    let stage = Stage::set().await;
    let file = std::fs::read_to_string(stage.folder.path().join("service-account.json")).unwrap();
    let mut file: Value = serde_json::from_str(&file).unwrap();
    file["project_id"] = "somebody-elses".into();
    let account = ServiceAccount::parse(file.to_string().as_bytes()).unwrap();
    let options = Options { base_url: stage.double.base_url().to_owned(), ..Options::default() };
    let client = Client::new(account, &options, Arc::new(stage.clock.clone())).unwrap();
    let verdict = send(&client, "device").await;
    assert!(matches!(verdict, Verdict::WrongProject { .. }), "{verdict:?}");
}

#[actix_web::test]
async fn an_invalid_argument_prunes_only_if_a_violation_names_the_registration() {
    for (answer, names_registration, detail) in [
        (Answer::invalid("message.token"), true, " message.token"),
        (Answer::invalid("message.fid"), true, " message.fid"),
        (Answer::invalid("message.android.ttl"), false, " message.android.ttl"),
        (Answer::fcm(400, "INVALID_ARGUMENT", &[]), false, ""),
        (Answer::error(400, &json!({})), false, ""),
    ] {
        let detail = format!("400 INVALID_ARGUMENT{detail}");
        assert_eq!(once(answer).await, Verdict::Invalid { names_registration, detail });
    }
}

#[actix_web::test]
async fn a_registration_of_another_sender_is_told_from_a_missing_permission() {
    let mismatch = Answer::fcm(403, "SENDER_ID_MISMATCH", &[]);
    assert_eq!(once(mismatch).await, Verdict::SenderMismatch);
    let detail = "403 PERMISSION_DENIED".to_owned();
    assert_eq!(once(Answer::error(403, &json!({}))).await, Verdict::Forbidden { detail });
}

#[actix_web::test]
async fn trouble_with_apns_asks_for_no_new_token() {
    for code in ["THIRD_PARTY_AUTH_ERROR", "APNS_AUTH_ERROR"] {
        assert_eq!(once(Answer::fcm(401, code, &[])).await, Verdict::ProviderAuth);
    }
}

#[actix_web::test]
async fn a_refused_token_is_replaced_and_the_message_sent_once_more() {
    let stage = Stage::set().await;
    assert!(matches!(stage.send("first").await, Verdict::Delivered { .. }));
    stage.double.revoke_tokens();
    assert!(matches!(stage.send("second").await, Verdict::Delivered { .. }));
    assert_eq!(stage.double.token_requests(), 2);
    assert_eq!(stage.double.messages().len(), 2);
}

#[actix_web::test]
async fn a_fresh_token_that_is_refused_too_is_reported() {
    let stage = Stage::set().await;
    let refused = Answer::error(401, &json!({}));
    stage.double.script("device", [refused.clone(), refused.clone(), refused]);
    let detail = "401 UNAUTHENTICATED".to_owned();
    assert_eq!(stage.send("device").await, Verdict::Unauthenticated { detail });
    assert_eq!(stage.double.messages().len(), 2, "one repetition and no more");
    assert_eq!(stage.double.token_requests(), 2);
}

#[actix_web::test]
async fn a_used_up_quota_says_who_has_to_wait_and_how_long() {
    let of_project = Answer::quota("project:afterview-test");
    assert_eq!(once(of_project.clone()).await, retry(Cause::Quota));
    assert_eq!(once(of_project.clone().retry_after("90")).await, asked(Cause::Quota, 90));
    let date = of_project.retry_after("Wed, 06 May 2026 19:07:00 GMT");
    assert_eq!(once(date).await, asked(Cause::Quota, 120));
    let of_device = Retry { scope: Scope::Device, ..Retry::of(Cause::Quota) };
    assert_eq!(once(Answer::quota("device:device")).await, Verdict::Retry(of_device));
}

#[actix_web::test]
async fn a_failing_provider_is_asked_again_later() {
    assert_eq!(once(Answer::fcm(503, "UNAVAILABLE", &[])).await, retry(Cause::Failed));
    assert_eq!(once(Answer::fcm(500, "INTERNAL", &[])).await, retry(Cause::Failed));
    assert_eq!(once(Answer::html(502)).await, retry(Cause::Failed));
    let seconds = Answer::fcm(503, "UNAVAILABLE", &[]).retry_after("30");
    assert_eq!(once(seconds).await, asked(Cause::Failed, 30));
    let date = Answer::html(502).retry_after("Wed, 06 May 2026 19:05:30 GMT");
    assert_eq!(once(date).await, asked(Cause::Failed, 30));
}

#[actix_web::test]
async fn an_answer_of_endless_length_is_cut() {
    let page = Answer::Status { status: 200, body: "x".repeat(9 << 20).into(), retry_after: None };
    assert_eq!(once(page).await, retry(Cause::Failed));
}
