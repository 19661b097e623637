//! What a scraper is told: the right numbers, under names that stay, and nothing about anybody.

use crate::phone::{mutation, patch, round, send};
use crate::support::{create, opportunity};
use afterview_tests::receiver::Receiver;
use afterview_tests::{Client, TestApp};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// A quarter of an hour after everything began, and five minutes after the first reminder was due.
const LATE: &str = "2026-05-06T19:20:00Z";

/// One scrape of one server.
pub(crate) struct Scrape {
    pub(crate) text: String,
    samples: BTreeMap<String, f64>,
}

impl Scrape {
    /// Asks at the address for whoever runs the server.
    pub(crate) async fn of(admin: &str) -> Self {
        let answer = reqwest::get(format!("{admin}/metrics")).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(
            answer.headers()["content-type"],
            "application/openmetrics-text; version=1.0.0; charset=utf-8"
        );
        let text = answer.text().await.unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let sample = |line: &str| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            (series.to_owned(), value.parse().unwrap())
        };
        let samples = lines.map(sample).collect();
        Self { text, samples }
    }

    /// The value of a series, written as in the text without `afterview_`; 0 if there is none.
    pub(crate) fn value(&self, series: &str) -> f64 {
        self.samples.get(&format!("afterview_{series}")).copied().unwrap_or(0.0)
    }

    /// Names of samples, without labels.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.samples.keys().map(|series| series.split('{').next().unwrap()).collect()
    }

    fn expect(&self, expected: &[(&str, f64)]) {
        for (series, value) in expected {
            assert_eq!(self.value(series), *value, "{series} in\n{}", self.text);
        }
    }
}

/// Servers that tell figures, in whose webhooks this machine may stand.
pub(crate) async fn app() -> TestApp {
    let settings =
        [("AFTERVIEW_ADMIN_LISTEN", "127.0.0.1:0"), ("AFTERVIEW_WEBHOOK_ALLOW_PRIVATE", "on")];
    let settings = settings.map(|(name, value)| (name, value.to_owned()));
    TestApp::start_with(settings.to_vec()).await
}

/// A candidate's afternoon, in which a little of everything happens.
pub(crate) async fn live(app: &TestApp) -> (Client, Receiver) {
    let phone = app.user("canary-mail").await;
    let receiver = Receiver::start().await;
    phone.post("/v1/webhooks", json!({"url": receiver.url("all")})).await.expect(201);
    create(&phone, "/v1/opportunities", opportunity("canary-acme")).await;
    let attendee = json!({
        "id": "anna", "opportunity_id": "canary-acme", "name": "Anna", "role": "hiring_manager",
        "channels": [{"kind": "email", "value": "anna@example.org"}],
    });
    create(&phone, "/v1/contacts", attendee).await;
    let interview = json!({
        "id": "i1", "opportunity_id": "canary-acme", "attendees": [{"contact_id": "anna"}],
        "starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z",
    });
    create(&phone, "/v1/interviews", interview).await;
    let wrong = json!({"employer": 5, "canary-field": "canary-value"});
    phone.post("/v1/opportunities", wrong).await.expect_problem("validation_failed");
    assert_eq!(phone.get("/v1/canary-address?canary=1").await.status, 404);
    assert_eq!(phone.get("/v1/opportunities/canary-acme").await.status, 200);
    assert_eq!(app.anonymous().get("/v1/agenda").await.status, 401);
    (phone, receiver)
}

#[actix_web::test]
async fn requests_are_counted_by_method_route_and_status() {
    let app = app().await;
    let (phone, _receiver) = live(&app).await;
    assert_eq!(phone.raw(reqwest::Method::HEAD, "/v1/limits", &[], Vec::new()).await.status, 200);
    for admin in app.admin_urls() {
        let scrape = Scrape::of(admin).await;
        let series = |method: &str, route: &str, status: &str| {
            format!(
                "http_request_duration_seconds_count{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}"
            )
        };
        for (method, route, status, times) in [
            ("POST", "/v1/auth/register", "2xx", 1.0),
            ("POST", "/v1/opportunities", "2xx", 1.0),
            ("POST", "/v1/opportunities", "4xx", 1.0),
            ("GET", "/v1/opportunities/{id}", "2xx", 1.0),
            ("GET", "/v1/agenda", "4xx", 1.0),
            ("GET", "none", "4xx", 1.0),
            ("HEAD", "/v1/limits", "2xx", 1.0),
        ] {
            let series = series(method, route, status);
            assert_eq!(scrape.value(&series), times, "{series} in\n{}", scrape.text);
        }
        assert_eq!(scrape.value("http_requests_in_flight"), 0.0);
        assert_eq!(scrape.value("database_up"), 1.0);
    }
}

#[actix_web::test]
async fn mutations_are_counted_by_what_became_of_them() {
    let app = app().await;
    let (phone, _receiver) = live(&app).await;
    let tablet = another_of(&phone).await;
    let rev = phone.get("/v1/opportunities/canary-acme").await.expect(200)["rev"].clone();
    let role = |role: &str| json!({ "role": role });
    let edit = patch("m1", "opportunities/canary-acme", &rev, role("canary-role"));
    let push = json!([
        edit,
        patch("m2", "opportunities/canary-acme", &rev, role("canary-role")),
        mutation("m3", "patch", "opportunities/nothing", json!({"base": rev, "set": role("x")})),
    ]);
    send(&phone, round(&push)).await.expect(200);
    send(&phone, round(&json!([edit]))).await.expect(200);
    tablet.post("/v1/sync", round(&json!([]))).await.expect(200);
    for admin in app.admin_urls() {
        Scrape::of(admin).await.expect(&[
            ("sync_mutations_total{result=\"applied\"}", 1.0),
            ("sync_mutations_total{result=\"noop\"}", 1.0),
            ("sync_mutations_total{result=\"rejected\"}", 1.0),
            ("sync_mutations_total{result=\"duplicate\"}", 1.0),
            ("sync_mutations_total{result=\"merged\"}", 0.0),
            ("sync_push_mutations_count", 2.0),
            ("sync_push_mutations_sum", 4.0),
            ("sync_push_seconds_count", 2.0),
            ("sync_page_seconds_count", 3.0),
        ]);
    }
}

#[actix_web::test]
async fn a_reminder_is_late_until_it_is_sent_and_an_event_until_it_arrives() {
    let app = app().await;
    let (_phone, receiver) = live(&app).await;
    app.clock.set(LATE);
    for admin in app.admin_urls() {
        let late = Scrape::of(admin).await;
        assert_eq!(late.value("reminders_lag_seconds"), 300.0, "{}", late.text);
        assert_eq!(late.value("webhooks_waiting"), 1.0);
        assert_eq!(late.value("webhooks_lag_seconds"), 900.0);
        assert_eq!(late.value("reminders_handled_total{outcome=\"sent\"}"), 0.0);
    }
    app.let_time_pass_until(LATE).await;
    assert_eq!(receiver.faults(), [""; 0]);
    let mut arrived_of_all = 0.0;
    for admin in app.admin_urls() {
        let after = Scrape::of(admin).await;
        let sent = after.value("reminders_handled_total{outcome=\"sent\"}");
        assert_eq!(sent, 1.0, "{}", after.text);
        assert_eq!(after.value("reminder_lateness_seconds_sum"), 300.0);
        let arrived = "send_duration_seconds_count{transport=\"webhook\",outcome=\"delivered\"}";
        arrived_of_all += after.value(arrived);
    }
    let arrived = u32::try_from(receiver.events("all").len()).unwrap();
    assert!(arrived > 0);
    assert_eq!(arrived_of_all, f64::from(arrived));
}

#[actix_web::test]
async fn the_store_the_process_and_the_file_have_figures() {
    let app = app().await;
    let (phone, _receiver) = live(&app).await;
    let stream = phone.open("/v1/sync/stream", &[]).await;
    let mut kinds = Vec::new();
    for admin in app.admin_urls() {
        let scrape = Scrape::of(admin).await;
        for series in [
            "store_unit_seconds_count{queue=\"writers\"}",
            "store_unit_seconds_count{queue=\"readers\"}",
            "store_wait_seconds_count{queue=\"writers\"}",
            "store_commit_seconds_count",
            "store_group_units_count",
        ] {
            assert!(scrape.value(series) >= 3.0, "{series} in\n{}", scrape.text);
        }
        assert_eq!(
            scrape.value("store_group_units_count"),
            scrape.value("store_commit_seconds_count")
        );
        assert_eq!(scrape.value("store_queue_length{queue=\"writers\"}"), 0.0);
        assert_eq!(scrape.value("store_queue_length{queue=\"readers\"}"), 0.0);
        assert_eq!(scrape.value("live_streams"), 1.0, "{}", scrape.text);
        assert!(scrape.names().contains("process_resident_memory_bytes"));
        let version = env!("CARGO_PKG_VERSION");
        for database in ["sqlite", "postgres"] {
            let build = format!("build_info{{version=\"{version}\",database=\"{database}\"}}");
            if scrape.value(&build) > 0.0 {
                kinds.push(database);
                let is_file = scrape.value("database_file_bytes") > 0.0;
                assert_eq!(is_file, database == "sqlite", "{}", scrape.text);
            }
        }
    }
    drop(stream);
    assert_eq!(kinds.len(), app.admin_urls().count());
}

#[actix_web::test]
async fn figures_name_nobody_and_are_told_at_their_own_address_only() {
    let app = app().await;
    let (phone, _receiver) = live(&app).await;
    let account = phone.get("/v1/account").await.expect(200);
    app.let_time_pass_until("2026-05-07T13:05:00Z").await;
    for admin in app.admin_urls() {
        let text = Scrape::of(admin).await.text;
        for secret in ["canary", "example.org", "127.0.0.1", account["id"].as_str().unwrap()] {
            let line = text.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret}");
        }
        for (path, status) in [("/livez", 200), ("/readyz", 200), ("/v1/limits", 404), ("/", 404)] {
            let answer = reqwest::get(format!("{admin}{path}")).await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
        }
    }
    assert_eq!(app.anonymous().get("/metrics").await.status, 404);
}

/// Another device of the account.
async fn another_of(client: &Client) -> Client {
    let body = json!({"email": "canary-mail@example.org", "password": "correct horse battery"});
    let tokens = client.post("/v1/auth/login", body).await.expect(200);
    let mut device = client.clone();
    device.sign_in_with(&tokens);
    device
}
