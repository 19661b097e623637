//! One running write on an account in memory, for the engine to write on. What a part of it did is undone
//! from a journal.
//!
//! **Must never** hold a rule about content.

use super::account::{Account, Name, Replaced, Row};
use super::bug::Bug;
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use afterview_domain::sync::stamp::Block;
use afterview_domain::sync::{Change, Known, Log, PastChange, Record, WriteError, digest_of};
use std::convert::Infallible;
use std::sync::Arc;

/// How to undo one write.
enum Undo {
    Row(Name, Option<Arc<Row>>),
    History,
    Purge(Vec<Arc<Replaced>>),
    Ledger(String, Option<Arc<Known>>),
}

/// Where a part of a unit began.
struct Mark {
    journal: usize,
    stamps: Block,
    digest: i64,
    live_records: i64,
}

/// One running write on an account.
pub(super) struct Unit<'a> {
    account: &'a mut Account,
    device: &'a str,
    now: Instant,
    stamps: Block,
    journal: Vec<Undo>,
    parts: Vec<Mark>,
}

impl<'a> Unit<'a> {
    /// A write by `device` at `now`.
    pub(super) fn new(account: &'a mut Account, device: &'a str, now: Instant) -> Self {
        let stamps = Block::after(account.state.head, now);
        Self { account, device, now, stamps, journal: Vec::new(), parts: Vec::new() }
    }

    /// Makes the write visible.
    pub(super) fn commit(self) {
        assert!(self.parts.is_empty(), "a part of the unit was left open");
        if let Some(head) = self.stamps.last_taken() {
            self.account.state.head = head;
        }
    }

    fn put(&mut self, before: Option<&Record>, record: &Record) {
        let name = (record.collection, record.id.clone());
        let row = Arc::new(Row { record: record.clone(), txn: self.stamps.first() });
        let old = self.account.rows.insert(name.clone(), row);
        assert_eq!(
            old.as_ref().map(|row| row.record.rev),
            before.map(|record| record.rev),
            "{name:?} is written over a state that is not the present one"
        );
        self.journal.push(Undo::Row(name, old));
        let drifts = self.account.bug == Bug::DigestDrifts && record.deleted_rev.is_some();
        let states = before.into_iter().chain([record]);
        for state in states.filter(|state| state.deleted_rev.is_none() && !drifts) {
            self.account.state.digest ^= digest_of(state.state_key());
        }
        let live = |record: &Record| i64::from(record.deleted_rev.is_none());
        self.account.live_records += live(record) - before.map_or(0, live);
    }

    /// Whether a planted bug drops this record.
    fn drops(&self, record: &Record) -> bool {
        let refused = record.doc.get("reason").is_some_and(|reason| reason == "rejected");
        record.collection == Collection::Conflicts
            && match self.account.bug {
                Bug::ConflictsDropped => true,
                Bug::RefusedForgotten => refused,
                _ => false,
            }
    }
}

type Logged<T> = Result<T, WriteError<Infallible>>;

/// Names in the order that databases have: by the word of the collection, then by the identifier.
fn in_order(names: impl Iterator<Item = Name>) -> Vec<Name> {
    let mut names: Vec<Name> = names.collect();
    names.sort_by(|(one, one_id), (other, other_id)| {
        (one.as_str(), one_id).cmp(&(other.as_str(), other_id))
    });
    names
}

impl Log for Unit<'_> {
    type Error = Infallible;

    fn now(&self) -> Instant {
        self.now
    }

    fn device(&self) -> &str {
        self.device
    }

    fn live_records(&self) -> i64 {
        self.account.live_records
    }

    fn find(&mut self, collection: Collection, id: &str) -> Logged<Option<Record>> {
        let row = self.account.rows.get(&(collection, id.to_owned()));
        Ok(row.map(|row| row.record.clone()))
    }

    fn children(&mut self, opportunity_id: &str) -> Logged<Vec<Name>> {
        let belongs = |row: &Row| {
            row.record.collection != Collection::Opportunities
                && row.record.opportunity_id() == Some(opportunity_id)
        };
        let rows = self.account.rows.iter().filter(|(_, row)| row.is_live() && belongs(row));
        Ok(in_order(rows.map(|(name, _)| name.clone())))
    }

    fn taken_along(&mut self, parent: &str) -> Logged<Vec<Name>> {
        let rows = self.account.rows.iter();
        let rows = rows
            .filter(|(_, row)| !row.is_live() && row.record.cascade_of.as_deref() == Some(parent));
        Ok(in_order(rows.map(|(name, _)| name.clone())))
    }

    fn history(&mut self, collection: Collection, id: &str, after: i64) -> Logged<Vec<PastChange>> {
        let rows = self.account.history.iter();
        let rows =
            rows.filter(|row| row.collection == collection && row.id == id && row.rev > after);
        let past = |row: &Arc<Replaced>| {
            let (device, changed) = (row.device.clone(), row.changed.clone());
            PastChange { rev: row.rev, device, changed }
        };
        Ok(rows.map(past).collect())
    }

    fn next_stamp(&self) -> i64 {
        self.stamps.next()
    }

    fn take_stamp(&mut self) -> i64 {
        self.stamps.take()
    }

    fn insert(&mut self, record: &Record) -> Logged<()> {
        if !self.drops(record) {
            self.put(None, record);
        }
        Ok(())
    }

    fn update(&mut self, before: &Record, change: &Change) -> Logged<()> {
        self.put(Some(before), &change.record);
        if self.account.bug != Bug::HistoryForgotten {
            let record = &change.record;
            self.account.history.push(Arc::new(Replaced {
                collection: record.collection,
                id: record.id.clone(),
                rev: record.rev,
                device: self.device.to_owned(),
                changed: change.changed.clone(),
            }));
            self.journal.push(Undo::History);
        }
        Ok(())
    }

    fn purge(&mut self, left: &Record) -> Logged<()> {
        let name = (left.collection, left.id.clone());
        let old = self.account.rows.get(&name).cloned();
        let same = |row: &Arc<Row>| row.record.rev == left.rev && !row.is_live();
        assert!(old.as_ref().is_some_and(same), "{name:?} is not the tombstone that it was");
        let row = Row { record: left.clone(), txn: old.as_ref().unwrap().txn };
        self.account.rows.insert(name.clone(), Arc::new(row));
        self.journal.push(Undo::Row(name, old));
        self.journal.push(Undo::Purge(self.account.history.clone()));
        let others = |row: &Arc<Replaced>| (row.collection, &row.id) != (left.collection, &left.id);
        self.account.history.retain(others);
        Ok(())
    }

    fn known(&mut self, mutation_id: &str) -> Logged<Option<Known>> {
        let known = self.account.ledger.get(mutation_id);
        let forgotten = self.account.bug == Bug::IdempotencyForgotten;
        Ok(known.filter(|_| !forgotten).map(|known| Known::clone(known)))
    }

    fn remember(&mut self, known: &Known) -> Logged<()> {
        let old = self.account.ledger.insert(known.id.clone(), Arc::new(known.clone()));
        self.journal.push(Undo::Ledger(known.id.clone(), old));
        Ok(())
    }

    fn begin(&mut self) -> Logged<()> {
        self.parts.push(Mark {
            journal: self.journal.len(),
            stamps: self.stamps,
            digest: self.account.state.digest,
            live_records: self.account.live_records,
        });
        Ok(())
    }

    fn keep(&mut self) -> Logged<()> {
        self.parts.pop().unwrap();
        Ok(())
    }

    fn undo(&mut self) -> Logged<()> {
        let mark = self.parts.pop().unwrap();
        if self.account.bug == Bug::UndoForgotten {
            return Ok(());
        }
        self.stamps = mark.stamps;
        self.account.state.digest = mark.digest;
        self.account.live_records = mark.live_records;
        for undo in self.journal.split_off(mark.journal).into_iter().rev() {
            match undo {
                Undo::Row(name, Some(row)) => {
                    self.account.rows.insert(name, row);
                }
                Undo::Row(name, None) => {
                    self.account.rows.remove(&name);
                }
                Undo::History => {
                    self.account.history.pop();
                }
                Undo::Purge(history) => self.account.history = history,
                Undo::Ledger(id, Some(known)) => {
                    self.account.ledger.insert(id, known);
                }
                Undo::Ledger(id, None) => {
                    self.account.ledger.remove(&id);
                }
            }
        }
        Ok(())
    }
}
