//! One connection of the soak: what it sends, and what it notes.
//!
//! **Must never** send another push before the one that was not answered.

use super::ledger::Ledger;
use crate::ceilings::raw_id;
use crate::load::{Answer, Connection};
use crate::scene::{Account, contact};
use crate::sync::{creates, name};
use crate::table::target::{Job, Workload, scatter};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};

/// The first part of the names of what workers push.
const RUN: u32 = 9;

/// Numbers of a worker: an hour has fewer for each.
const NUMBERS: u32 = 20_000_000;

/// One who sends requests, each after the answer to the one before.
pub(super) struct Worker {
    next: u32,
    /// A push that waits for its answer.
    waiting: Option<u32>,
}

impl Worker {
    pub(super) fn new(number: u32) -> Self {
        Self { next: number * NUMBERS, waiting: None }
    }

    /// Works until the server dies, and says how many answers came.
    pub(super) fn work(
        &mut self,
        address: SocketAddr,
        people: &[Account],
        ledger: &Ledger,
        dying: &AtomicBool,
    ) -> u32 {
        let (mut connection, mut request, mut answers) = (Connection::open(address), Vec::new(), 0);
        loop {
            let number = self.next;
            self.next += 1;
            let job = Workload::Mixed.job(number);
            let account = owner(number, people);
            request.clear();
            write(job, number, &people[account], ledger.newest(account), &mut request);
            match connection.try_exchange(&request) {
                Ok(answer) => note(job, number, account, &answer, ledger),
                Err(error) => {
                    assert!(dying.load(Ordering::SeqCst), "before it was killed: {error}");
                    self.waiting = (job == Job::Push).then_some(number);
                    return answers;
                }
            }
            answers += 1;
        }
    }

    /// Sends the push that was not answered once more.
    pub(super) fn send_again(&mut self, address: SocketAddr, people: &[Account], ledger: &Ledger) {
        let Some(number) = self.waiting.take() else { return };
        let (account, mut request) = (owner(number, people), Vec::new());
        write(Job::Push, number, &people[account], None, &mut request);
        let mut connection = Connection::open(address);
        note(Job::Push, number, account, &connection.exchange(&request), ledger);
    }
}

fn owner(number: u32, people: &[Account]) -> usize {
    let people = u32::try_from(people.len()).unwrap();
    usize::try_from(scatter(number, people)).unwrap()
}

fn write(job: Job, number: u32, account: &Account, newest: Option<String>, into: &mut Vec<u8>) {
    match (job, newest) {
        (Job::Create | Job::CreateHot, _) => {
            let body = contact(&raw_id(number.into()), scatter(number, super::OPPORTUNITIES));
            account.write(into, "POST /v1/contacts", "", body.as_bytes());
        }
        (Job::Push, _) => {
            let body = format!(
                r#"{{"protocol":1,"schema":1,"cursor":null,"client_time":1780000000000,"max_changes":1,"mutations":[{}]}}"#,
                creates(RUN, number)
            );
            account.write(into, "POST /v1/sync", "", body.as_bytes());
        }
        (Job::Pull, _) => account.write(into, "GET /v1/sync/changes?limit=1000", "", b""),
        (Job::Read, Some(id)) if id.contains("-4c3d-") => {
            account.write(into, &format!("GET /v1/contacts/{id}"), "", b"");
        }
        (Job::Read | Job::Poll, _) => account.write(into, "GET /v1/sync/head", "", b""),
    }
}

/// Everything that was asked was done, and stands in the ledger.
fn note(job: Job, number: u32, account: usize, answer: &Answer<'_>, ledger: &Ledger) {
    let body = || String::from_utf8_lossy(answer.body);
    let wanted = if job == Job::Create { 201 } else { 200 };
    assert_eq!(answer.status, wanted, "{job:?}: {}{}", answer.head, body());
    match job {
        Job::Create => {
            let record: Value = serde_json::from_slice(answer.body).unwrap();
            let rev = record["rev"].as_i64().unwrap();
            ledger.note(account, record["id"].as_str().unwrap(), rev);
        }
        Job::Push => {
            let answer: Value = serde_json::from_slice(answer.body).unwrap();
            let results = answer["results"].as_array().unwrap();
            assert_eq!(results.len(), crate::sync::MUTATIONS, "{answer}");
            for (n, result) in (0..).zip(results) {
                let first = result.get("original").unwrap_or(result);
                let rev = first["rev"].as_i64().unwrap_or_else(|| panic!("no revision: {result}"));
                ledger.note(account, &name(RUN, number, n), rev);
            }
        }
        Job::CreateHot | Job::Pull | Job::Read | Job::Poll => {}
    }
}
