//! Two nodes on one PostgreSQL database share ten thousand reminders that are due, and one of the nodes
//! is killed in the middle of them.
//!
//! In the end every reminder has been handed on: at least once, and more than once only what the killed
//! node had claimed and not finished. Where it dies is no accident: the test keeps one account locked, so
//! that whoever has handed on its reminder cannot note that, and is killed there.
//!
//! ```text
//! cargo test -p afterview-tests --test nodes -- --nocapture
//! ```
//!
//! It waits for a lease to end, as the surviving node does: a minute.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod database;
mod node;

use database::Database;
use node::{Handed, Node};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How many reminders are due.
const REMINDERS: usize = 10_000;

/// How many one node claims at once.
const CLAIM: usize = 200;

/// By when everything has to be done, and how often somebody looks.
const DEADLINE: Duration = Duration::from_secs(110);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Which nodes handed on a reminder, in the order in which that was seen.
type Ledger = BTreeMap<String, Vec<usize>>;

#[test]
fn two_nodes_share_what_is_due_and_one_finishes_what_a_killed_one_held() {
    if !afterview_tests::postgres::is_available() {
        return;
    }
    let mut database = Database::create();
    database.fill(REMINDERS);
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (tell, told) = channel();
    let mut gate = database.close_gate();
    let mut held = database.hold_one();
    let mut nodes = [0, 1].map(|name| Node::start(name, &database, folder.path(), &tell));
    drop(tell);
    let began = Instant::now();
    let mut ledger = Ledger::new();
    gate.open();
    let victim = until_the_held_one(&told, &mut ledger);
    nodes[victim].kill();
    held.open();
    let before: usize = ledger.values().map(Vec::len).sum();
    while database.open_reminders() > 0 {
        assert!(began.elapsed() < DEADLINE, "{} are open", database.open_reminders());
        if let Ok(handed) = told.recv_timeout(LOOK_EVERY) {
            note(&mut ledger, handed);
        }
    }
    let seconds = began.elapsed().as_secs();
    nodes[1 - victim].kill();
    // Both have ended, and with them whoever read what they said.
    told.iter().for_each(|handed| note(&mut ledger, handed));
    audit(&ledger, &mut database, victim);
    let twice = ledger.values().filter(|by| by.len() > 1).count();
    let by_victim = ledger.values().filter(|by| by.contains(&victim)).count();
    println!(
        "{REMINDERS} reminders in {seconds} s: {by_victim} by the killed node, which died after \
         {before} of both; {twice} handed on twice"
    );
}

fn note(ledger: &mut Ledger, handed: Handed) {
    ledger.entry(handed.occurrence).or_default().push(handed.node);
}

/// Waits until somebody has handed on the reminder of the locked account, and says who.
fn until_the_held_one(told: &Receiver<Handed>, ledger: &mut Ledger) -> usize {
    loop {
        let handed = told.recv_timeout(DEADLINE);
        let handed =
            handed.unwrap_or_else(|why: RecvTimeoutError| panic!("nobody got there: {why}"));
        let node = handed.node;
        let found = handed.occurrence.starts_with(database::HELD);
        note(ledger, handed);
        if found {
            return node;
        }
    }
}

/// Each was handed on, and twice only what was claimed twice: once by each node.
fn audit(ledger: &Ledger, database: &mut Database, victim: usize) {
    let rows = database.rows();
    assert_eq!((rows.len(), ledger.len()), (REMINDERS, REMINDERS));
    let mut claimed_again = 0;
    for row in &rows {
        let by = ledger.get(&row.occurrence()).unwrap_or_else(|| panic!("{row:?} was lost"));
        assert_eq!(row.outcome.as_deref(), Some("sent"), "{row:?}");
        match row.attempts {
            1 => assert_eq!(by.len(), 1, "{row:?} {by:?}"),
            2 => {
                claimed_again += 1;
                assert!(by == &[victim, 1 - victim] || by == &[1 - victim], "{row:?} {by:?}");
            }
            _ => panic!("{row:?}"),
        }
    }
    // What was not finished of one claim, and the next one.
    assert!((1..=2 * CLAIM).contains(&claimed_again), "{claimed_again}");
    let held = ledger.iter().find(|(occurrence, _)| occurrence.starts_with(database::HELD));
    assert_eq!(held.unwrap().1, &[victim, 1 - victim]);
    for node in [0, 1] {
        let shared = ledger.values().filter(|by| by.contains(&node)).count();
        assert!(shared > CLAIM, "node {node} did {shared}");
    }
}
