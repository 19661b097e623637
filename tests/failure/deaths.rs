//! A server dies at each step between the claim on a reminder and its acknowledgement, and another one
//! takes over: the reminder comes, under the name that it had before.
//!
//! Where a server is when it dies is no accident: somebody it waits for does not answer. That a lease ends
//! is not waited for: the test ends it in the database, as a minute would.

use crate::node::{self, Node};
use crate::phone::Phone;
use afterview_api::system::SystemClock;
use afterview_domain::clock::{Clock, format_instant};
use afterview_tests::Databases;
use afterview_tests::firebase::{Answer, FirebaseDouble, Gate, Received};
use afterview_tests::postgres::{self, Database, SharedCluster};
use chrono::TimeDelta;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long something may take that should happen at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where a server dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The reminder is due, and nobody has claimed it.
    BeforeTheClaim,
    /// It is claimed, and the access token for sending it is asked for.
    AfterTheClaim,
    /// Firebase has it and has not answered.
    OnItsWay,
    /// Firebase has answered, and that cannot be noted.
    BeforeTheNote,
    /// It is noted.
    AfterTheNote,
}

/// A database with one account, whose phone is to be reminded, and a Firebase.
struct Scene {
    firebase: FirebaseDouble,
    url: String,
    databases: Databases,
    folder: TempDir,
    _database: Option<Database>,
}

impl Scene {
    async fn set(on_postgres: bool) -> Self {
        let (folder, firebase) = (TempDir::new().unwrap(), FirebaseDouble::start().await);
        let database = on_postgres.then(|| SharedCluster::get().create_database(None));
        let file = || format!("sqlite://{}", folder.path().join("afterview.db").display());
        let url = database.as_ref().map_or_else(file, |database| database.url().to_owned());
        let _ = firebase.credentials_file(folder.path());
        let node = node::start(folder.path(), &url);
        let databases = Databases::open([url.clone()]);
        let mut scene = Self { firebase, url, databases, folder, _database: database };
        scene.plan_a_reminder(&node).await;
        drop(node);
        let due = "UPDATE reminders SET remind_at = remind_at - 7260000";
        assert_eq!(scene.databases.run(due), 1);
        scene
    }

    /// One reminder, in two hours; the candidate sleeps at another time of the day.
    async fn plan_a_reminder(&mut self, node: &Node) {
        let now = SystemClock.now();
        let in_hours = |hours| now + TimeDelta::hours(hours);
        let phone = Phone::register(node, "anna").await;
        let quiet = |hours| in_hours(hours).format("%H:%M").to_string();
        let preferences = json!({
            "time_zone": "UTC", "quiet_from": quiet(10), "quiet_to": quiet(14),
        });
        let push = json!({"push": {"kind": "fcm_fid", "value": "phone"}});
        let job = json!({"id": "acme", "employer": "Acme", "role": "Data engineer"});
        let call = json!({
            "opportunity_id": "acme", "title": "Call", "due_at": format_instant(in_hours(2)),
        });
        for request in [
            phone.put(node, "/v1/devices/me", &push),
            phone.patch(node, "/v1/preferences", &preferences),
            phone.post(node, "/v1/opportunities", &job),
            phone.post(node, "/v1/follow-ups", &call),
        ] {
            let answer = request.send().await.unwrap();
            assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
        }
    }

    /// A server that sends.
    fn start(&self) -> Node {
        let mut command = Node::command(env!("CARGO_BIN_EXE_bench"), self.folder.path(), &self.url);
        command
            .env("AFTERVIEW_FCM_CREDENTIALS", "service-account.json")
            .env("AFTERVIEW_FCM_BASE_URL", self.firebase.base_url())
            .env("AFTERVIEW_LOG", "error")
            .stderr(Stdio::piped());
        Node::start(command)
    }

    /// Has a server die at that step.
    async fn die_at(&mut self, step: Step) {
        let gate = Gate::default();
        match step {
            Step::BeforeTheClaim => self.script(CLAIMS_FAIL),
            Step::AfterTheClaim => self.firebase.script_tokens([Answer::Ok.behind(&gate)]),
            Step::OnItsWay => self.firebase.script("phone", [Answer::Ok.behind(&gate)]),
            Step::BeforeTheNote => self.script(NOTES_FAIL),
            Step::AfterTheNote => {}
        }
        let mut node = self.start();
        match step {
            Step::BeforeTheClaim | Step::BeforeTheNote => complaint(&mut node).await,
            Step::AfterTheClaim => self.until("attempts = 1").await,
            Step::OnItsWay => self.firebase.arrived(1).await,
            Step::AfterTheNote => self.until("outcome = 'sent'").await,
        }
        node.kill();
        match step {
            Step::BeforeTheClaim => self.script(CLAIMS_SUCCEED),
            Step::BeforeTheNote => self.script(NOTES_SUCCEED),
            _ => gate.open(),
        }
    }

    /// The one for SQLite, or the one for PostgreSQL.
    fn script(&mut self, (sqlite, postgres): (&str, &str)) {
        let script = if self.url.starts_with("sqlite") { sqlite } else { postgres };
        self.databases.script(script).unwrap();
    }

    /// Waits until that is true of the reminder.
    async fn until(&mut self, condition: &str) {
        let began = Instant::now();
        while self.databases.count(&format!("reminders WHERE {condition}")) == 0 {
            assert!(began.elapsed() < PATIENCE, "waited in vain until {condition}");
            actix_web::rt::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Waits until the server complains. Firebase answers meanwhile.
async fn complaint(node: &mut Node) {
    let mut said = BufReader::new(node.take_stderr().unwrap());
    let mut line = String::new();
    let read = move || said.read_line(&mut line).map(|_| line);
    let line = actix_web::rt::task::spawn_blocking(read).await.unwrap().unwrap();
    assert!(line.contains("remind"), "{line}");
}

const CLAIMS_FAIL: (&str, &str) = (
    "CREATE TRIGGER fail BEFORE UPDATE ON reminders BEGIN SELECT RAISE(ABORT, 'made up'); END",
    "CREATE FUNCTION fail() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN RAISE 'made up'; END $$; \
     CREATE TRIGGER fail BEFORE UPDATE ON reminders FOR EACH ROW EXECUTE FUNCTION fail()",
);
const CLAIMS_SUCCEED: (&str, &str) = ("DROP TRIGGER fail", "DROP TRIGGER fail ON reminders");

const NOTES_FAIL: (&str, &str) = (
    "CREATE TRIGGER fail BEFORE INSERT ON deliveries BEGIN SELECT RAISE(ABORT, 'made up'); END",
    "CREATE FUNCTION fail() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN RAISE 'made up'; END $$; \
     CREATE TRIGGER fail BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION fail()",
);
const NOTES_SUCCEED: (&str, &str) = ("DROP TRIGGER fail", "DROP TRIGGER fail ON deliveries");

/// What tells a device that it has seen a message before: its data, and what replaces what on the screen.
fn identity(message: &Received) -> String {
    let message = &message.message;
    let tag = &message["android"]["notification"]["tag"];
    format!("{} {tag}", message["data"])
}

async fn comes_under_the_same_name(on_postgres: bool, step: Step, times: usize) {
    let mut scene = Scene::set(on_postgres).await;
    scene.die_at(step).await;
    let claimed = usize::from(step != Step::BeforeTheClaim && step != Step::AfterTheNote);
    let a_minute_later = "UPDATE reminders SET leased_until = 1 WHERE leased_until IS NOT NULL";
    assert_eq!(scene.databases.run(a_minute_later), claimed, "{step:?}");
    let node = scene.start();
    scene.until("outcome = 'sent'").await;
    drop(node);
    let messages = scene.firebase.messages();
    assert_eq!(messages.len(), times, "{step:?}");
    assert!(messages.iter().all(|message| message.taken));
    let mut names: Vec<String> = messages.iter().map(identity).collect();
    names.dedup();
    assert_eq!(names.len(), 1, "{step:?}");
    assert_eq!(scene.databases.count("deliveries WHERE outcome = 'delivered'"), 1, "{step:?}");
    assert_eq!(scene.firebase.faults(), [""; 0]);
}

async fn at_every_step(on_postgres: bool) {
    for (step, times) in [
        (Step::BeforeTheClaim, 1),
        (Step::AfterTheClaim, 1),
        (Step::OnItsWay, 2),
        (Step::BeforeTheNote, 2),
        (Step::AfterTheNote, 1),
    ] {
        comes_under_the_same_name(on_postgres, step, times).await;
    }
}

#[actix_web::test]
async fn a_reminder_comes_under_the_same_name_wherever_a_server_dies_on_sqlite() {
    at_every_step(false).await;
}

#[actix_web::test]
async fn a_reminder_comes_under_the_same_name_wherever_a_server_dies_on_postgres() {
    if postgres::is_available() {
        at_every_step(true).await;
    }
}
