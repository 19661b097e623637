//! The accounts and their reminders: one account made over HTTP, and copies of its rows made by SQL.

use crate::children::{Child, cpu_of_family};
use crate::load::Connection;
use crate::scene::Account;
use afterview_api::system::SystemClock;
use afterview_domain::clock::Clock;
use afterview_tests::Databases;
use afterview_tests::postgres::Cluster;
use chrono::Timelike;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// How many accounts have how many reminders each.
pub(crate) const ACCOUNTS: u32 = 10_000;
pub(crate) const EACH: u32 = 10;
pub(crate) const REMINDERS: u32 = ACCOUNTS * EACH;

/// What every account was sent before, one each day.
const HISTORY: u32 = 20;

/// From the writing of the reminders to the moment at which they are due, in milliseconds: the nodes are up
/// by then.
const AHEAD_MS: i64 = 15_000;

/// What is copied: tables with the columns that are the same in every copy.
const COPIED: &[(&str, &str)] = &[
    ("accounts", "password_hash, created_at"),
    ("account_sync", "epoch, last_stamp, gc_floor, digest, live_records"),
    (
        "sessions",
        "session_id, device_name, platform, refresh_hash, rotated_at, created_at, expires_at",
    ),
    ("records", "collection, id, rev, created_rev, txn, opportunity_id, sort_at, doc, field_meta"),
    ("plans", "opportunity_id, versions, outline, changes"),
    ("devices", "session_id, reported_at, scheduled_through, push_kind"),
];

/// A database of its own, which goes with this value.
pub(crate) enum Database {
    Sqlite(PathBuf),
    Postgres(Cluster),
}

/// Makes the account that all others are copies of.
pub(crate) fn make_model(server: &Child) {
    let account = Account::sign_up(server.address, "model");
    // The middle of the day: reminders wait for the end of the night.
    let hour = i64::from(SystemClock.now().hour());
    let zone = match 12 - hour {
        0 => "UTC".to_owned(),
        ahead if ahead > 0 => format!("Etc/GMT-{ahead}"),
        behind => format!("Etc/GMT+{}", -behind),
    };
    let send = |what: &str, body: Value, status: u16| {
        let mut request = Vec::new();
        account.write(&mut request, what, "", body.to_string().as_bytes());
        let mut connection = Connection::open(server.address);
        let answer = connection.exchange(&request);
        assert_eq!(answer.status, status, "{}", String::from_utf8_lossy(answer.body));
    };
    send("PATCH /v1/preferences", json!({"time_zone": zone}), 200);
    let push = json!({"push": {"kind": "fcm_fid", "value": "model"}});
    send("PUT /v1/devices/me", push, 200);
    let acme = json!({"id": "acme", "employer": "Acme", "role": "Data engineer"});
    send("POST /v1/opportunities", acme, 201);
}

/// Unix milliseconds.
pub(crate) fn now_millis() -> i64 {
    SystemClock.now().timestamp_millis()
}

impl Database {
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite://{}", path.display()),
            Self::Postgres(cluster) => cluster.url("postgres"),
        }
    }

    fn open(&self) -> Databases {
        Databases::open([self.url()])
    }

    /// Copies the model, and says when all reminders are due.
    pub(crate) fn fill(&self) -> i64 {
        let mut database = self.open();
        let numbers = |count: u32| {
            format!(
                "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {count})"
            )
        };
        let name = |number: &str| format!("(100000000000 + {number})");
        let account = format!("'01990000-0000-7000-8000-' || {}", name("n"));
        let model =
            "account_id IN (SELECT account_id FROM accounts WHERE email = 'model@example.org')";
        let mut script = "BEGIN;".to_owned();
        for (table, columns) in COPIED {
            let (own, values) = match *table {
                "accounts" => (", email", format!(", 'copy-' || {}", name("n"))),
                "devices" => (
                    ", push_address, push_hash",
                    format!(", 'phone-' || {0}, 'hash-' || {0}", name("n")),
                ),
                _ => ("", String::new()),
            };
            script.push_str(&format!(
                "{} INSERT INTO {table} (account_id, {columns}{own})
                 SELECT {account}, {columns}{values} FROM numbers, {table} WHERE {model};",
                numbers(ACCOUNTS)
            ));
        }
        database.script(&format!("{script} COMMIT")).unwrap();
        let of_owner = |each: u32| account.replace("+ n)", &format!("+ n / {each})"));
        let history = format!(
            "{} INSERT INTO deliveries (account_id, id, attempted_at, purpose, action_key, follow_up_id, kind, occurrence, session_id, way, outcome)
             SELECT {2}, '01980000-0000-7000-8000-' || {1}, {3}, 'reminder', 'acme/thank_you/' || {1}, '01980000-0000-5000-8000-' || {1},
                 'thank_you', {3}, 'before', 'fcm', 'delivered' FROM numbers;",
            numbers(ACCOUNTS * HISTORY),
            name("n"),
            of_owner(HISTORY),
            format_args!("{} - 86400000 * (n % {HISTORY})", now_millis() - 86_400_000),
        );
        database.script(&history).unwrap();
        let due = now_millis() + AHEAD_MS;
        let owner = of_owner(EACH);
        let reminders = format!(
            "{} INSERT INTO reminders (account_id, action_key, opportunity_id, follow_up_id, kind, remind_at, ideal, useful_until, version)
             SELECT {owner}, 'acme/thank_you/' || {1} || '/employer', 'acme', '01990000-0000-5000-8000-' || {1},
                 'thank_you', {due}, {due}, {due} + 86400000, 1778094000123 FROM numbers;",
            numbers(REMINDERS),
            name("n")
        );
        database.script(&reminders).unwrap();
        if matches!(self, Self::Postgres(_)) {
            database.script("ANALYZE").unwrap();
        }
        due
    }

    /// How many reminders are still to be done.
    pub(crate) fn open_reminders(&self) -> u32 {
        self.open().count("reminders WHERE dispatched_at IS NULL")
    }

    /// Every reminder was claimed once and sent, with one attempt, which was delivered after `due`.
    pub(crate) fn audit(&self, due: i64) {
        let mut database = self.open();
        let once = "reminders WHERE outcome = 'sent' AND attempts = 1";
        assert_eq!(database.count(once), REMINDERS);
        let made = format!("deliveries WHERE attempted_at >= {due}");
        let attempts = format!(
            "(SELECT account_id, action_key FROM {made} AND outcome = 'delivered' GROUP BY account_id, action_key) AS one"
        );
        assert_eq!((database.count(&made), database.count(&attempts)), (REMINDERS, REMINDERS));
    }

    /// CPU time that the processes of the database have used so far; SQLite has none.
    pub(crate) fn cpu(&self) -> Duration {
        let Self::Postgres(cluster) = self else { return Duration::ZERO };
        let text = std::fs::read_to_string(cluster.data_folder().join("postmaster.pid")).unwrap();
        let postmaster = text.lines().next().unwrap();
        cpu_of_family(postmaster)
    }
}
