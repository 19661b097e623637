//! An account's log in memory, for targets that push.

use afterview_domain::clock::{Instant, from_millis};
use afterview_domain::entities::Collection;
pub use afterview_domain::sync::Record;
use afterview_domain::sync::{Change, Known, Log, LogState, PastChange, WriteError};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

type Name = (Collection, String);
type Kept<T> = Result<T, WriteError<Infallible>>;

/// What a part of a unit can be put back to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// Every record, tombstones included.
    pub records: BTreeMap<Name, Record>,
    /// Every change of each, oldest first.
    pub history: Vec<(Name, PastChange)>,
    /// What became of each mutation.
    pub ledger: BTreeMap<String, Known>,
    stamp: i64,
}

/// The log.
#[derive(Debug, Clone)]
pub struct Memory {
    /// What it holds.
    pub state: State,
    parts: Vec<State>,
    /// The server's clock, Unix milliseconds.
    pub millis: i64,
    /// Who writes.
    pub device: &'static str,
}

impl Memory {
    /// An empty log at the moment `millis`.
    pub fn at(millis: i64) -> Self {
        Self { state: State::default(), parts: Vec::new(), millis, device: "phone" }
    }

    /// The head as mutations are read with it.
    pub fn head(&self) -> LogState {
        LogState { head: self.state.stamp, epoch: 1, gc_floor: 0, digest: 0, lost: Vec::new() }
    }

    /// The records that are alive.
    pub fn alive(&self) -> impl Iterator<Item = &Record> {
        self.state.records.values().filter(|record| record.deleted_rev.is_none())
    }

    /// Stops where the records are not as they must be after every push; `before` is the head before it.
    pub fn check_whole(&self, before: i64) {
        assert!(self.is_settled());
        let mut revs = BTreeSet::new();
        for ((collection, id), record) in &self.state.records {
            assert!(revs.insert(record.rev), "two records of one revision");
            assert!(record.rev <= self.head().head && record.created_rev <= record.rev);
            assert_eq!(record.doc.get("id"), Some(&json!(id)));
            if record.deleted_rev.is_some() {
                continue;
            }
            assert_eq!(record.doc.get("rev"), Some(&json!(record.rev)));
            if let Some(owner) = record.opportunity_id() {
                let owner = self.state.records.get(&(Collection::Opportunities, owner.to_owned()));
                assert!(
                    *collection == Collection::Opportunities
                        || owner.is_some_and(|owner| owner.deleted_rev.is_none()),
                    "{}/{id} belongs to nothing alive",
                    collection.as_str()
                );
            }
            let sent = record.doc.get("status") == Some(&json!("sent"));
            if *collection == Collection::FollowUps {
                assert_eq!(sent, record.doc.contains_key("sent_at"), "{:?}", record.doc);
            }
        }
        assert!(self.head().head >= before);
    }

    /// Whether every part that was opened was closed.
    pub fn is_settled(&self) -> bool {
        self.parts.is_empty()
    }
}

fn name_of(record: &Record) -> Name {
    (record.collection, record.id.clone())
}

impl Log for Memory {
    type Error = Infallible;

    fn now(&self) -> Instant {
        from_millis(self.millis)
    }

    fn device(&self) -> &str {
        self.device
    }

    fn live_records(&self) -> i64 {
        i64::try_from(self.alive().count()).expect("few")
    }

    fn find(&mut self, collection: Collection, id: &str) -> Kept<Option<Record>> {
        Ok(self.state.records.get(&(collection, id.to_owned())).cloned())
    }

    fn children(&mut self, opportunity_id: &str) -> Kept<Vec<Name>> {
        let owned = |record: &&Record| {
            record.collection != Collection::Opportunities
                && record.opportunity_id() == Some(opportunity_id)
        };
        Ok(self.alive().filter(owned).map(name_of).collect())
    }

    fn taken_along(&mut self, parent: &str) -> Kept<Vec<Name>> {
        let all = self.state.records.values().filter(|record| record.deleted_rev.is_some());
        Ok(all.filter(|record| record.cascade_of.as_deref() == Some(parent)).map(name_of).collect())
    }

    fn history(&mut self, collection: Collection, id: &str, after: i64) -> Kept<Vec<PastChange>> {
        let of = |(name, change): &&(Name, PastChange)| {
            name.0 == collection && name.1 == id && change.rev > after
        };
        Ok(self.state.history.iter().filter(of).map(|(_, change)| change.clone()).collect())
    }

    fn next_stamp(&self) -> i64 {
        self.state.stamp.saturating_add(1).max(self.millis)
    }

    fn take_stamp(&mut self) -> i64 {
        self.state.stamp = self.next_stamp();
        self.state.stamp
    }

    fn insert(&mut self, record: &Record) -> Kept<()> {
        assert_eq!(record.rev, self.state.stamp, "a record without a stamp of its own");
        let before = self.state.records.insert(name_of(record), record.clone());
        assert_eq!(before, None, "it exists");
        Ok(())
    }

    fn update(&mut self, before: &Record, change: &Change) -> Kept<()> {
        let record = &change.record;
        assert_eq!(record.rev, self.state.stamp, "a record without a stamp of its own");
        let known = self.state.records.insert(name_of(record), record.clone());
        assert_eq!(known.as_ref(), Some(before), "changed from another state than the stored one");
        let (rev, device) = (record.rev, self.device.to_owned());
        let past = PastChange { rev, device, changed: change.changed.clone() };
        self.state.history.push((name_of(record), past));
        Ok(())
    }

    fn purge(&mut self, left: &Record) -> Kept<()> {
        self.state.records.insert(name_of(left), left.clone());
        self.state.history.retain(|(name, _)| *name != name_of(left));
        Ok(())
    }

    fn known(&mut self, mutation_id: &str) -> Kept<Option<Known>> {
        Ok(self.state.ledger.get(mutation_id).cloned())
    }

    fn remember(&mut self, known: &Known) -> Kept<()> {
        let before = self.state.ledger.insert(known.id.clone(), known.clone());
        assert_eq!(before, None, "a mutation is remembered twice");
        Ok(())
    }

    fn begin(&mut self) -> Kept<()> {
        self.parts.push(self.state.clone());
        Ok(())
    }

    fn keep(&mut self) -> Kept<()> {
        self.parts.pop().expect("a part was begun");
        Ok(())
    }

    fn undo(&mut self) -> Kept<()> {
        self.state = self.parts.pop().expect("a part was begun");
        Ok(())
    }
}
