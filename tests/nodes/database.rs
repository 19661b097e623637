//! A database of its own for a test, full of reminders that are due.

use afterview_api::config::Config;
use afterview_api::store::Store;
use afterview_tests::postgres::{self, SharedCluster};
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use std::collections::BTreeMap;

/// How the follow-up begins of the reminder whose account is kept locked, and no other one.
pub(crate) const HELD: &str = "held-";

/// Which of the reminders that is, counted from the oldest.
const HELD_AT: usize = 4_000;

/// How many accounts the others belong to.
const ACCOUNTS: usize = 500;

/// A database that goes with this value.
pub(crate) struct Database {
    /// Its address.
    pub(crate) url: String,
    connection: PgConnection,
    _database: postgres::Database,
}

/// The settings of every account.
const SETTINGS: &str = r#"{"time_zone": "UTC", "quiet_from": "22:00", "quiet_to": "08:00",
    "thank_channel": "email", "lock_screen": "none", "mute": [], "locale": "en"}"#;

/// A reminder as it is in the end.
#[derive(Debug, QueryableByName)]
pub(crate) struct Row {
    #[diesel(sql_type = Text)]
    follow_up_id: String,
    #[diesel(sql_type = Text)]
    remind_at: String,
    /// What became of it.
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) outcome: Option<String>,
    /// How often it was claimed.
    #[diesel(sql_type = Integer)]
    pub(crate) attempts: i32,
}

impl Row {
    /// As nodes name it.
    pub(crate) fn occurrence(&self) -> String {
        format!("{} {}", self.follow_up_id, self.remind_at)
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// A lock that ends with its transaction.
pub(crate) struct Lock(PgConnection);

impl Lock {
    fn take(url: &str, statement: &str) -> Self {
        let mut connection = PgConnection::establish(url).unwrap();
        connection.batch_execute(&format!("BEGIN; {statement}")).unwrap();
        Self(connection)
    }

    /// Lets everybody pass.
    pub(crate) fn open(&mut self) {
        self.0.batch_execute("ROLLBACK").unwrap();
    }
}

impl Database {
    /// Makes a database with the tables of the migrations.
    pub(crate) fn create() -> Self {
        let database = SharedCluster::get().create_database(None);
        let url = database.url().to_owned();
        let settings = BTreeMap::from([("AFTERVIEW_DATABASE_URL".to_owned(), url.clone())]);
        Store::migrate(&Config::from_variables(&settings).unwrap().store()).unwrap();
        let connection = PgConnection::establish(&url).unwrap();
        Self { url, connection, _database: database }
    }

    /// Writes `count` reminders that are due, a millisecond apart, of a kind that waits for no morning.
    pub(crate) fn fill(&mut self, count: usize) {
        let now = "(extract(epoch FROM now()) * 1000)::bigint";
        let fill = format!(
            "INSERT INTO reminders (account_id, action_key, opportunity_id, follow_up_id, kind,
                 remind_at, ideal, useful_until, version)
             SELECT CASE n WHEN {HELD_AT} THEN 'held' ELSE 'account-' || n % {ACCOUNTS} END,
                 'acme/thank_you/' || n, 'acme',
                 CASE n WHEN {HELD_AT} THEN '{HELD}' ELSE 'note-' END || n,
                 'apologise', {now} - 1000000 + n, {now}, {now} + 1000000000, 1
             FROM generate_series(1, {count}) AS n;
             INSERT INTO records (account_id, collection, id, rev, created_rev, txn, doc, field_meta)
             SELECT DISTINCT account_id, 'preferences', 'me', 1, 1, 1, '{SETTINGS}', '{{}}'
             FROM reminders;
             INSERT INTO account_sync (account_id, epoch, last_stamp, gc_floor, digest, live_records)
             SELECT DISTINCT account_id, 1, 0, 0, 0, 0 FROM reminders;
             ANALYZE reminders"
        );
        self.connection.batch_execute(&fill).unwrap();
    }

    /// Nobody can look for what is due until this is opened.
    pub(crate) fn close_gate(&self) -> Lock {
        Lock::take(&self.url, "LOCK TABLE reminders IN ACCESS EXCLUSIVE MODE")
    }

    /// Nobody can note what became of one certain reminder until this is opened.
    pub(crate) fn hold_one(&self) -> Lock {
        Lock::take(&self.url, "SELECT FROM account_sync WHERE account_id = 'held' FOR UPDATE")
    }

    /// How many reminders are still to be done.
    pub(crate) fn open_reminders(&mut self) -> i64 {
        let query = "SELECT count(*) FROM reminders WHERE dispatched_at IS NULL";
        diesel::sql_query(query).get_result::<Count>(&mut self.connection).unwrap().count
    }

    /// All reminders.
    pub(crate) fn rows(&mut self) -> Vec<Row> {
        let query = "SELECT follow_up_id, remind_at::text, outcome, attempts FROM reminders";
        diesel::sql_query(query).load(&mut self.connection).unwrap()
    }
}
