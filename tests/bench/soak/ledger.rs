//! What was acknowledged: of each account the names of records with their revisions.
//!
//! **Must never** hold what was not answered.

use crate::load::Connection;
use crate::scene::Account;
use serde_json::Value;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One account.
#[derive(Default)]
struct Page {
    /// In the order in which they were acknowledged.
    writes: Vec<(String, i64)>,
    /// How many of them were found after a start.
    checked: usize,
}

/// Everybody.
pub(super) struct Ledger {
    pages: Vec<Mutex<Page>>,
    count: AtomicUsize,
}

impl Ledger {
    pub(super) fn new(people: u32) -> Self {
        let pages = (0..people).map(|_| Mutex::default()).collect();
        Self { pages, count: AtomicUsize::new(0) }
    }

    /// How many writes were acknowledged.
    pub(super) fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Notes a record that was written, which nobody will ever change.
    pub(super) fn note(&self, account: usize, id: &str, rev: i64) {
        self.pages[account].lock().unwrap().writes.push((id.to_owned(), rev));
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// The contact of an account that was acknowledged last.
    pub(super) fn newest(&self, account: usize) -> Option<String> {
        let page = self.pages[account].lock().unwrap();
        page.writes.last().map(|(id, _)| id.clone())
    }

    /// What was acknowledged since the last time is there.
    pub(super) fn check_new(&self, address: SocketAddr, people: &[Account]) {
        for (page, account) in self.pages.iter().zip(people) {
            let mut page = page.lock().unwrap();
            let new = &page.writes[page.checked..];
            if !new.is_empty() {
                look_up(address, account, new);
            }
            page.checked = page.writes.len();
        }
    }

    /// Everything is there; how much that is.
    pub(super) fn check_all(&self, address: SocketAddr, people: &[Account]) -> usize {
        for (page, account) in self.pages.iter().zip(people) {
            look_up(address, account, &page.lock().unwrap().writes);
        }
        self.len()
    }
}

fn look_up(address: SocketAddr, account: &Account, writes: &[(String, i64)]) {
    let mut connection = Connection::open(address);
    let answer = connection.exchange(&account.get("/v1/sync/revs", ""));
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(answer.body));
    let revs: Value = serde_json::from_slice(answer.body).unwrap();
    let items = revs["items"].as_array().unwrap().iter();
    let there: HashMap<&str, i64> =
        items.map(|item| (item["id"].as_str().unwrap(), item["rev"].as_i64().unwrap())).collect();
    for (id, rev) in writes {
        assert_eq!(there.get(id.as_str()), Some(rev), "lost although it was acknowledged: {id}");
    }
}
