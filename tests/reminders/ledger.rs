//! What the server keeps about reminders, read past it.

use afterview_domain::clock::{Instant, from_millis};
use afterview_tests::Databases;

/// A reminder as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Whose.
    pub(crate) account: String,
    /// Which action.
    pub(crate) action: String,
    /// The record that belongs to it.
    pub(crate) follow_up: String,
    /// What.
    pub(crate) kind: String,
    /// When.
    pub(crate) remind_at: Instant,
    /// From when on it is of no use.
    pub(crate) useful_until: Instant,
    /// The advice: the best moment, and until when the candidate put it off.
    pub(crate) advice: (String, String),
    /// Stamp of the write that set it.
    pub(crate) version: i64,
    /// What became of it; `open` before.
    pub(crate) outcome: String,
}

impl Row {
    /// What names the reminder.
    pub(crate) fn occurrence(&self) -> Occurrence {
        (self.account.clone(), self.action.clone(), self.remind_at)
    }
}

/// A reminder's name: account, action and time.
pub(crate) type Occurrence = (String, String, Instant);

/// An attempt as it is kept.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// For which reminder.
    pub(crate) occurrence: Occurrence,
    /// On which device; empty: on none.
    pub(crate) session: String,
    /// What became of it.
    pub(crate) outcome: String,
}

const COLUMNS: &str = "account_id || '|' || action_key || '|' || follow_up_id || '|' || kind || '|' || \
    remind_at || '|' || useful_until || '|' || ideal || '|' || coalesce(snoozed_until, 0) || '|' || \
    version || '|' || coalesce(outcome, 'open') AS line FROM reminders";

/// The reminders that are due and open at `now`, and those that were done with at that moment.
pub(crate) fn due(databases: &mut Databases, now: Instant) -> Vec<Row> {
    let now = now.timestamp_millis();
    rows(
        databases,
        &format!(
            "WHERE remind_at <= {now} AND (dispatched_at IS NULL OR dispatched_at >= {now}) \
             ORDER BY account_id, action_key"
        ),
    )
}

/// All reminders of an account, done with or not.
pub(crate) fn of_account(databases: &mut Databases, account: &str) -> Vec<Row> {
    rows(databases, &format!("WHERE account_id = '{account}' ORDER BY action_key"))
}

/// The reminder of an action as it is now.
pub(crate) fn of_action(databases: &mut Databases, account: &str, action: &str) -> Option<Row> {
    let condition = format!("WHERE account_id = '{account}' AND action_key = '{action}'");
    rows(databases, &condition).pop()
}

fn rows(databases: &mut Databases, condition: &str) -> Vec<Row> {
    databases.lines(&format!("SELECT {COLUMNS} {condition}")).iter().map(|line| row(line)).collect()
}

fn row(line: &str) -> Row {
    let fields: Vec<&str> = line.split('|').collect();
    let text = |n: usize| fields[n].to_owned();
    Row {
        account: text(0),
        action: text(1),
        follow_up: text(2),
        kind: text(3),
        remind_at: time(fields[4]),
        useful_until: time(fields[5]),
        advice: (text(6), text(7)),
        version: fields[8].parse().unwrap(),
        outcome: text(9),
    }
}

/// The attempts for reminders that were made at `now`.
pub(crate) fn attempts(databases: &mut Databases, now: Instant) -> Vec<Attempt> {
    let query = format!(
        "SELECT account_id || '|' || action_key || '|' || occurrence || '|' || \
         coalesce(session_id, '') || '|' || outcome AS line FROM deliveries \
         WHERE purpose = 'reminder' AND attempted_at = {} ORDER BY account_id, id",
        now.timestamp_millis()
    );
    databases.lines(&query).iter().map(|line| attempt(line)).collect()
}

fn attempt(line: &str) -> Attempt {
    let fields: Vec<&str> = line.split('|').collect();
    Attempt {
        occurrence: (fields[0].to_owned(), fields[1].to_owned(), time(fields[2])),
        session: fields[3].to_owned(),
        outcome: fields[4].to_owned(),
    }
}

fn time(millis: &str) -> Instant {
    from_millis(millis.parse().unwrap())
}
