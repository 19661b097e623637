//! The server as the simulation sees it, and one that lives in memory.

use super::account::{Account, Replaced};
use super::audit;
use super::bug::Bug;
use super::seam;
use super::unit::Unit;
use afterview_domain::clock::from_millis;
use afterview_domain::entities::Collection;
use afterview_domain::sync::{Known, Log, LogState, Record};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything that a server keeps of an account, for the oracle.
#[derive(Debug)]
pub struct Kept {
    /// Records, alive and deleted, conflicts included.
    pub records: Vec<Record>,
    /// What every change replaced.
    pub history: Vec<Arc<Replaced>>,
    /// Mutations in the ledger, each with the texts that were woven.
    pub ledger: BTreeMap<String, Arc<Known>>,
    /// The head of the log.
    pub state: LogState,
    /// How many records it counts as alive.
    pub live_records: i64,
}

/// A server under test. Implemented in memory here; over HTTP it can be a real one.
pub trait Server {
    /// `POST /v1/sync` of one device; `None` when the server went down before it answered.
    fn sync(&mut self, session: &str, request: &Value, now_ms: i64) -> Option<Value>;

    /// `GET /v1/sync/snapshot`, line by line.
    fn snapshot(&mut self) -> Vec<Value>;

    /// `GET /v1/sync/revs`.
    fn revs(&mut self) -> Value;

    /// Strikes while the next request is carried out. Nothing acknowledged may be lost.
    fn crash(&mut self);

    /// Takes back a [`crash`](Self::crash) that has not struck yet.
    fn calm(&mut self);

    /// Makes a backup.
    fn backup(&mut self);

    /// Goes back to the backup; a new epoch begins.
    fn restore(&mut self);

    /// What is kept.
    fn kept(&mut self) -> Kept;

    /// What was seen to go wrong inside since the last call.
    fn complaints(&mut self) -> Vec<String>;
}

/// The engine and the pull over an account in memory.
#[derive(Debug, Clone)]
pub struct MemoryServer {
    account: Account,
    saved: Account,
    crashing: bool,
    complaints: Vec<String>,
}

impl MemoryServer {
    /// A server with a fresh account, which holds its preferences, and with a planted `bug`.
    #[must_use]
    pub fn new(bug: Bug, now_ms: i64) -> Self {
        let mut account = Account::new(bug);
        let mut unit = Unit::new(&mut account, "account", from_millis(now_ms));
        seam::begin(&mut unit, "account");
        unit.commit();
        Self { saved: account.clone(), account, crashing: false, complaints: Vec::new() }
    }

    /// All records, alive and deleted, conflicts included.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.account.rows.values().map(|row| &row.record)
    }

    /// What every change replaced, oldest first.
    pub fn history(&self) -> impl Iterator<Item = &Replaced> {
        self.account.history.iter().map(Arc::as_ref)
    }

    /// The mistakes that are made outside of the log.
    fn spoil_request(&self, request: &Value) -> Value {
        let mut request = request.clone();
        if self.account.bug == Bug::BaseIgnored {
            for mutation in request["mutations"].as_array_mut().into_iter().flatten() {
                let c = mutation["c"].as_str().and_then(Collection::from_word).unwrap();
                let name = (c, mutation["id"].as_str().unwrap().to_owned());
                let rev = self.account.rows.get(&name).map(|row| row.record.rev);
                mutation["base"] = Value::from(rev);
            }
        }
        request
    }

    /// The answer to a request as text; `None` when the server went down before it answered.
    pub(super) fn round(&mut self, session: &str, request: &Value, now_ms: i64) -> Option<String> {
        let before = audit::Before::of(&self.account, request);
        let spoilt = self.spoil_request(request);
        let crashing = std::mem::take(&mut self.crashing);
        let state = self.account.state.clone();
        let mut unit = Unit::new(&mut self.account, session, from_millis(now_ms));
        if crashing {
            unit.begin().unwrap();
        }
        let results = seam::push(&mut unit, &spoilt, &state);
        if crashing {
            unit.undo().unwrap();
            unit.commit();
            return None;
        }
        unit.commit();
        self.complaints.extend(before.compare(&self.account, session, request));
        Some(seam::answer(&mut self.account, &spoilt, (state.head, &results), now_ms))
    }

    fn spoil_answer(&self, answer: &mut Value) {
        if self.account.bug == Bug::EchoMissing {
            for result in answer["results"].as_array_mut().into_iter().flatten() {
                if result["status"] == "merged"
                    && let Some(result) = result.as_object_mut()
                {
                    result.remove("record");
                }
            }
        }
    }
}

impl Server for MemoryServer {
    fn sync(&mut self, session: &str, request: &Value, now_ms: i64) -> Option<Value> {
        let text = self.round(session, request, now_ms)?;
        let mut answer = serde_json::from_str(&text).unwrap();
        self.spoil_answer(&mut answer);
        Some(answer)
    }

    fn snapshot(&mut self) -> Vec<Value> {
        let mut lines = seam::snapshot(&mut self.account);
        if self.account.bug == Bug::SnapshotShort && lines.len() > 2 {
            lines.remove(lines.len() - 2);
        }
        lines
    }

    fn revs(&mut self) -> Value {
        seam::revs(&mut self.account)
    }

    fn crash(&mut self) {
        self.crashing = true;
    }

    fn calm(&mut self) {
        self.crashing = false;
    }

    fn backup(&mut self) {
        self.saved = self.account.clone();
    }

    fn restore(&mut self) {
        let old = &self.account.state;
        let epoch = old.epoch + 1;
        self.account = self.saved.clone().restored(old.head, epoch, &old.lost);
    }

    fn kept(&mut self) -> Kept {
        Kept {
            records: self.account.rows.values().map(|row| row.record.clone()).collect(),
            history: self.account.history.clone(),
            ledger: self.account.ledger.clone(),
            state: self.account.state.clone(),
            live_records: self.account.live_records,
        }
    }

    fn complaints(&mut self) -> Vec<String> {
        std::mem::take(&mut self.complaints)
    }
}
