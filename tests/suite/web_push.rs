//! The sender of Web Push against a double of a push service: each row of the table of answers.

use afterview_api::config::Config;
use afterview_api::notifications::retry::{Cause, Retry, Scope};
use afterview_api::notifications::web_push::{Client, Options, Subscription, VapidKeys};
use afterview_api::notifications::{Notification, Reminder, Verdict};
use afterview_api::outbound::Reach;
use afterview_tests::push_service::{Answer, Browser, PushService};
use afterview_tests::{ManualClock, START, at};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

pub(crate) const CONTACT: &str = "https://afterview.example.org";

/// A double and a client of it, both in the time of one clock.
pub(crate) struct Stage {
    pub(crate) clock: ManualClock,
    pub(crate) double: PushService,
    pub(crate) folder: TempDir,
    pub(crate) client: Arc<Client>,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let clock = ManualClock::new(at(START));
        let double = PushService::start_at(Arc::new(clock.clone())).await;
        let folder = TempDir::new().unwrap();
        let mut options = Options {
            reach: Reach::Anywhere,
            contact: Some(CONTACT.to_owned()),
            ..Options::default()
        };
        change(&mut options);
        let keys = VapidKeys::load_or_create(folder.path()).unwrap();
        let client = Client::new(keys, &options, Arc::new(clock.clone())).unwrap();
        Self { clock, double, folder, client: Arc::new(client) }
    }

    /// Sends one reminder to `browser`.
    pub(crate) async fn send(&self, browser: &Browser) -> Verdict {
        send(&self.client, browser, &reminder()).await
    }

    /// Sends one reminder to each of them at the same time.
    pub(crate) async fn send_to_all(&self, browsers: &[Browser]) -> Vec<Verdict> {
        let mut sending = tokio::task::JoinSet::new();
        for browser in browsers {
            let (client, browser) = (self.client.clone(), browser.clone());
            sending.spawn(async move { send(&client, &browser, &reminder()).await });
        }
        sending.join_all().await
    }
}

pub(crate) async fn send(client: &Client, browser: &Browser, reminder: &Reminder) -> Verdict {
    client.send(&subscription(browser), Notification::Reminder(reminder)).await
}

pub(crate) fn subscription(browser: &Browser) -> Subscription {
    Subscription::parse(&browser.endpoint, &browser.p256dh, &browser.auth).unwrap()
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

pub(crate) fn is_delivered(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Delivered { .. })
}

pub(crate) fn again(cause: Cause, asked: Option<u64>) -> Verdict {
    let asked = asked.map(Duration::from_secs);
    Verdict::Retry(Retry { asked, scope: Scope::Device, cause })
}

pub(crate) fn invalid(detail: &str) -> Verdict {
    Verdict::Invalid { names_registration: false, detail: detail.to_owned() }
}

/// The verdict on a message in order that was answered so, and sent once.
async fn once(answer: Answer) -> Verdict {
    let stage = Stage::set().await;
    let browser = stage.double.subscribe();
    stage.double.script(&browser, [answer]);
    let verdict = stage.send(&browser).await;
    assert_eq!(stage.double.faults(), [""; 0]);
    assert_eq!(stage.double.messages().len(), 1, "the message was sent once");
    verdict
}

#[actix_web::test]
async fn the_settings_are_enough_to_send() {
    let stage = Stage::set().await;
    let secrets = stage.folder.path().join("secrets").display().to_string();
    let settings = [
        ("AFTERVIEW_SECRETS_DIR", secrets.as_str()),
        ("AFTERVIEW_PUBLIC_URL", CONTACT),
        ("AFTERVIEW_PUSH_ALLOW_PRIVATE", "on"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = Config::from_variables(&BTreeMap::from(settings)).unwrap();
    let clock = Arc::new(stage.clock.clone());
    let client = Client::from_config(&config, clock.clone()).unwrap();
    let browser = stage.double.subscribe_for(client.public_key());
    assert!(is_delivered(&send(&client, &browser, &reminder()).await));

    let restarted = Client::from_config(&config, clock).unwrap();
    assert!(is_delivered(&send(&restarted, &browser, &reminder()).await), "the key is kept");
    assert_eq!(stage.double.faults(), [""; 0]);
}

#[actix_web::test]
async fn a_message_that_is_taken_over_is_delivered_and_has_a_name() {
    let stage = Stage::set().await;
    let name = format!("{}/message/1", stage.double.url());
    assert_eq!(stage.send(&stage.double.subscribe()).await, Verdict::Delivered { name });
    for status in [200, 201, 202, 204] {
        let name = String::new();
        assert_eq!(once(Answer::status(status, "")).await, Verdict::Delivered { name });
    }
}

#[actix_web::test]
async fn a_subscription_that_ended_is_unregistered() {
    let stage = Stage::set().await;
    let browser = stage.double.subscribe();
    assert!(is_delivered(&stage.send(&browser).await));
    stage.double.unsubscribe(&browser);
    assert_eq!(stage.send(&browser).await, Verdict::Unregistered);
    assert_eq!(once(Answer::html(404)).await, Verdict::Unregistered);
    assert_eq!(once(Answer::html(410)).await, Verdict::Unregistered);
}

#[actix_web::test]
async fn a_subscription_for_another_key_is_a_mismatch() {
    let stage = Stage::set().await;
    let other = VapidKeys::load_or_create(&stage.folder.path().join("other")).unwrap();
    let browser = stage.double.subscribe_for(other.public_key());
    assert_eq!(stage.send(&browser).await, Verdict::SenderMismatch);
    assert_eq!(stage.double.faults(), ["vapid: another key"]);
    assert_eq!(once(Answer::html(401)).await, Verdict::SenderMismatch);
    assert_eq!(once(Answer::html(403)).await, Verdict::SenderMismatch);
    let apple = Answer::status(400, json!({ "reason": "VapidPkHashMismatch" }));
    assert_eq!(once(apple).await, Verdict::SenderMismatch);
}

#[actix_web::test]
async fn a_token_that_is_taken_for_none_is_told_from_a_mismatch() {
    let apple = Answer::status(403, json!({ "reason": "BadJwtToken" }));
    let detail = "403 BadJwtToken".to_owned();
    assert_eq!(once(apple).await, Verdict::Forbidden { detail });
}

#[actix_web::test]
async fn a_message_that_is_refused_never_costs_the_subscription() {
    let mozilla = Answer::status(400, json!({ "code": 400, "errno": 110, "message": "Words" }));
    assert_eq!(once(mozilla).await, invalid("400 errno 110"));
    assert_eq!(once(Answer::html(400)).await, invalid("400"));
    assert_eq!(once(Answer::html(413)).await, invalid("413"));
    assert_eq!(once(Answer::html(405)).await, invalid("405"));
}

#[actix_web::test]
async fn too_many_messages_make_the_subscription_wait() {
    for status in [406, 429] {
        assert_eq!(once(Answer::html(status)).await, again(Cause::Quota, None));
        let seconds = Answer::html(status).retry_after("90");
        assert_eq!(once(seconds).await, again(Cause::Quota, Some(90)));
    }
    let date = Answer::html(429).retry_after("Wed, 06 May 2026 19:07:00 GMT");
    assert_eq!(once(date).await, again(Cause::Quota, Some(120)));
}

#[actix_web::test]
async fn a_failing_push_service_is_asked_again_later() {
    for status in [500, 502, 503, 504] {
        assert_eq!(once(Answer::html(status)).await, again(Cause::Failed, None));
    }
    let seconds = Answer::html(503).retry_after("30");
    assert_eq!(once(seconds).await, again(Cause::Failed, Some(30)));
    assert_eq!(once(Answer::DropAfter).await, again(Cause::Unreachable, None));
}

#[actix_web::test]
async fn an_answer_of_endless_length_is_cut() {
    let page = Answer::status(503, "x".repeat(9 << 20));
    assert_eq!(once(page).await, again(Cause::Failed, None));
}

#[actix_web::test]
async fn a_poke_is_not_sent() {
    let stage = Stage::set().await;
    let browser = subscription(&stage.double.subscribe());
    let verdict = stage.client.send(&browser, Notification::Poke).await;
    assert_eq!(verdict, invalid("a poke is not for Web Push"));
    assert_eq!(stage.double.connections(), 0);
}
