//! The same requests on an account in memory and on accounts in databases, whose answers must be the
//! same to the last byte.
//!
//! What the oracle says of the server in memory then holds for the databases. Backups are left out: how
//! they are put back is not the same everywhere.
//!
//! **Must never** run the rules of planning: what they write is not the engine's.

use super::server::{Kept, MemoryServer, Server};
use super::{Bug, Failure, START_MS, Tally, seam, world};
use crate::backend::Backend;
use crate::{CountedIds, ManualClock};
use actix_web::rt::{System, SystemRunner};
use afterview_api::error::ApiError;
use afterview_api::store::accounts::{self, NewAccount};
use afterview_api::store::{AccountFeed, AccountWrite, DbConnection, Store};
use afterview_domain::clock::from_millis;
use serde_json::Value;
use std::sync::Arc;
use tempfile::TempDir;

/// Open databases, one of each kind that this machine has.
pub struct RealStores {
    /// Before what they use, so that they are closed first.
    stores: Vec<Store>,
    clock: ManualClock,
    system: SystemRunner,
    _backends: Vec<Backend>,
    _folder: TempDir,
}

impl RealStores {
    /// Makes and opens them.
    #[must_use]
    pub fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let backends = Backend::all(&folder);
        let clock = ManualClock::new(from_millis(START_MS));
        let stores = backends.iter().map(|backend| {
            let options = backend.config(&folder, &Vec::new()).store();
            let (clock, ids) = (Arc::new(clock.clone()), CountedIds::default());
            Store::open(&options, clock, &ids, |_| Ok(()), Arc::new(|_| ())).unwrap()
        });
        let stores = stores.collect();
        Self { stores, clock, system: System::new(), _backends: backends, _folder: folder }
    }

    /// Runs the schedule of `seed` on a fresh account in each of them and in memory.
    ///
    /// # Errors
    /// What the oracle found and which answers differed, with the trace of the run.
    pub fn run(&self, seed: u64) -> Result<Tally, Box<Failure>> {
        world::run(seed, true, &mut Mirror::new(self, seed))
    }

    fn set_clock(&self, now_ms: i64) {
        self.clock.advance(from_millis(now_ms) - self.clock.get());
    }
}

/// The servers of one schedule.
struct Mirror<'s> {
    memory: MemoryServer,
    real: &'s RealStores,
    account_id: String,
    crashing: bool,
    complaints: Vec<String>,
}

impl<'s> Mirror<'s> {
    fn new(real: &'s RealStores, seed: u64) -> Self {
        real.set_clock(START_MS);
        let account_id = format!("seed-{seed}");
        for store in &real.stores {
            let account = NewAccount {
                account_id: account_id.clone(),
                email: Some(account_id.clone()),
                password_hash: None,
                epoch: 1,
                created_at: START_MS,
            };
            let id = account_id.clone();
            real.system.block_on(async {
                let make = move |connection: &mut DbConnection| -> Result<bool, ApiError> {
                    Ok(accounts::insert(connection, &account)?)
                };
                assert!(store.write_new(&id, make).await.unwrap());
                let settings = |unit: &mut AccountWrite<'_>| -> Result<(), ApiError> {
                    seam::begin(unit, "account");
                    Ok(())
                };
                store.write(&id, "account", settings).await.unwrap();
            });
        }
        let memory = MemoryServer::new(Bug::None, START_MS);
        Self { memory, real, account_id, crashing: false, complaints: Vec::new() }
    }

    /// Notes every database that does not say what memory says.
    fn compare(&mut self, what: &str, expected: &str, found: &[String]) {
        for (place, found) in found.iter().enumerate().filter(|(_, found)| *found != expected) {
            let note = format!("{what}\ndatabase {place}: {found}\nmemory:     {expected}");
            self.complaints.push(note);
        }
    }

    /// What `work` says of the account in each database, read in one snapshot.
    fn read<W>(&self, work: W) -> Vec<String>
    where
        W: Fn(&mut AccountFeed<'_>) -> String + Clone + Send + 'static,
    {
        let stores = self.real.stores.iter();
        stores.map(|store| self.read_in(store, work.clone())).collect()
    }

    fn read_in<W>(&self, store: &Store, work: W) -> String
    where
        W: FnOnce(&mut AccountFeed<'_>) -> String + Send + 'static,
    {
        let id = self.account_id.clone();
        let read = store.read(&self.account_id, move |connection| {
            Ok::<_, ApiError>(work(&mut AccountFeed::new(connection, &id)))
        });
        self.real.system.block_on(read).unwrap()
    }

    /// The round as a request has it: the write in one unit, the answer from one snapshot.
    fn round(&self, store: &Store, session: &str, request: &Value, now_ms: i64) -> String {
        let (id, pushed) = (self.account_id.clone(), request.clone());
        let work = move |unit: &mut AccountWrite<'_>| {
            let state = seam::state(&mut AccountFeed::new(unit.connection()?, &id));
            Ok::<_, ApiError>((state.head, seam::push(unit, &pushed, &state)))
        };
        let written = store.write(&self.account_id, session, work);
        let (began, results) = self.real.system.block_on(written).unwrap();
        let request = request.clone();
        self.read_in(store, move |feed| seam::answer(feed, &request, (began, &results), now_ms))
    }

    /// The same, but the unit fails in the end.
    fn failed_round(&self, store: &Store, session: &str, request: &Value) {
        let (id, request) = (self.account_id.clone(), request.clone());
        let work = move |unit: &mut AccountWrite<'_>| {
            let state = seam::state(&mut AccountFeed::new(unit.connection()?, &id));
            seam::push(unit, &request, &state);
            Err::<(), _>(ApiError::internal("struck down"))
        };
        let written = store.write(&self.account_id, session, work);
        assert!(self.real.system.block_on(written).is_err());
    }
}

impl Server for Mirror<'_> {
    fn sync(&mut self, session: &str, request: &Value, now_ms: i64) -> Option<Value> {
        self.real.set_clock(now_ms);
        let stores = self.real.stores.iter();
        if std::mem::take(&mut self.crashing) {
            stores.for_each(|store| self.failed_round(store, session, request));
            return self.memory.sync(session, request, now_ms);
        }
        let found: Vec<_> =
            stores.map(|store| self.round(store, session, request, now_ms)).collect();
        let expected = self.memory.round(session, request, now_ms)?;
        self.compare(&format!("{session} {request}"), &expected, &found);
        Some(serde_json::from_str(&expected).unwrap())
    }

    fn snapshot(&mut self) -> Vec<Value> {
        let lines = self.memory.snapshot();
        let found = self.read(|feed| format!("{:?}", seam::snapshot(feed)));
        self.compare("snapshot", &format!("{lines:?}"), &found);
        lines
    }

    fn revs(&mut self) -> Value {
        self.memory.revs()
    }

    fn crash(&mut self) {
        self.crashing = true;
        self.memory.crash();
    }

    fn calm(&mut self) {
        self.crashing = false;
        self.memory.calm();
    }

    fn backup(&mut self) {}

    fn restore(&mut self) {}

    /// The snapshot is compared once more: the oracle takes the word of memory for the rest.
    fn kept(&mut self) -> Kept {
        let _ = self.snapshot();
        self.memory.kept()
    }

    fn complaints(&mut self) -> Vec<String> {
        let mut all = self.memory.complaints();
        all.append(&mut self.complaints);
        all
    }
}
