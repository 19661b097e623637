//! One account's log in memory, for the engine to write on and the pull to read from.
//!
//! It keeps what the database keeps: records, what each change replaced, the ledger, and the head.
//! What a part of a unit did is undone from a journal. **Must never** hold a rule about content.

use super::bug::Bug;
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use afterview_domain::sync::stamp::Block;
use afterview_domain::sync::{
    Change, ChangeRow, Feed, Known, Log, LogState, LostInterval, Record, digest_of,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

type Name = (Collection, String);

/// What one change replaced.
#[derive(Debug, Clone)]
pub struct Replaced {
    /// The collection of the record.
    pub collection: Collection,
    /// The record.
    pub id: String,
    /// The stamp of the change.
    pub rev: i64,
    /// The device (session) that made it.
    pub device: String,
    /// `{field: {old, new}}`.
    pub changed: Map<String, Value>,
}

/// A record as stored, with the transaction that wrote it.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) record: Record,
    txn: i64,
}

impl Row {
    fn is_live(&self) -> bool {
        self.record.deleted_rev.is_none()
    }
}

/// One account.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) rows: BTreeMap<Name, Arc<Row>>,
    pub(super) history: Vec<Arc<Replaced>>,
    pub(super) ledger: BTreeMap<String, Arc<Known>>,
    pub(super) state: LogState,
    pub(super) live_records: i64,
    pub(super) bug: Bug,
}

impl Account {
    /// An account without records.
    pub(super) fn new(bug: Bug) -> Self {
        let state = LogState { head: 0, epoch: 1, gc_floor: 0, digest: 0, lost: Vec::new() };
        let (rows, ledger) = (BTreeMap::new(), BTreeMap::new());
        Self { rows, history: Vec::new(), ledger, state, live_records: 0, bug }
    }

    /// This account as a restore leaves it after the head had reached `lost_head`: in a new epoch,
    /// and no stamp is ever given out twice.
    pub(super) fn restored(mut self, lost_head: i64, epoch: i64, lost: &[LostInterval]) -> Self {
        let from = self.state.head;
        self.state.lost = lost.to_vec();
        if lost_head > from {
            self.state.lost.push(LostInterval { from, to: lost_head });
        }
        self.state.head = lost_head;
        self.state.epoch = epoch;
        self
    }

    fn in_order(&self, keep: impl Fn(&Row) -> bool) -> Vec<&Row> {
        let rows = self.rows.values().map(Arc::as_ref);
        let mut rows: Vec<&Row> = rows.filter(|row| keep(row)).collect();
        rows.sort_by_key(|row| row.record.rev);
        rows
    }
}

impl Feed for Account {
    type Error = Infallible;

    fn state(&mut self) -> Result<LogState, Infallible> {
        Ok(self.state.clone())
    }

    fn changes(
        &mut self,
        after: i64,
        until: i64,
        collections: Option<&[Collection]>,
        limit: usize,
    ) -> Result<Vec<ChangeRow>, Infallible> {
        let after = if self.bug == Bug::CursorSkipsRow && after > 0 { after + 1 } else { after };
        let hidden = self.bug == Bug::TombstonesHidden;
        let rows = self.in_order(|row| {
            let record = &row.record;
            (after < record.rev && record.rev <= until)
                && collections.is_none_or(|names| names.contains(&record.collection))
                && (row.is_live() || !hidden)
        });
        Ok(rows.into_iter().take(limit).map(change_row).collect())
    }

    fn live(
        &mut self,
        collection: Collection,
        after: &str,
        limit: usize,
    ) -> Result<Vec<ChangeRow>, Infallible> {
        let from = (collection, after.to_owned());
        let rows = self.rows.range(from..).take_while(|((of, _), _)| *of == collection);
        let rows = rows.filter(|((_, id), row)| id.as_str() > after && row.is_live());
        Ok(rows.take(limit).map(|(_, row)| change_row(row)).collect())
    }
}

fn change_row(row: &Row) -> ChangeRow {
    let record = &row.record;
    ChangeRow {
        collection: record.collection,
        id: record.id.clone(),
        rev: record.rev,
        txn: row.txn,
        deleted: !row.is_live(),
        cascade_of: record.cascade_of.clone(),
        doc: serde_json::to_string(&record.doc).unwrap(),
        extra: (!record.extra.is_empty()).then(|| serde_json::to_string(&record.extra).unwrap()),
    }
}

/// How to undo one write.
enum Undo {
    Row(Name, Option<Arc<Row>>),
    History,
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

    fn find(&mut self, collection: Collection, id: &str) -> Result<Option<Record>, Infallible> {
        let row = self.account.rows.get(&(collection, id.to_owned()));
        Ok(row.map(|row| row.record.clone()))
    }

    fn children(&mut self, opportunity_id: &str) -> Result<Vec<Name>, Infallible> {
        let belongs = |row: &Row| {
            row.record.collection != Collection::Opportunities
                && row.record.opportunity_id() == Some(opportunity_id)
        };
        let rows = self.account.rows.iter().filter(|(_, row)| row.is_live() && belongs(row));
        Ok(rows.map(|(name, _)| name.clone()).collect())
    }

    fn taken_along(&mut self, parent: &str) -> Result<Vec<Name>, Infallible> {
        let rows = self.account.rows.iter();
        let rows = rows
            .filter(|(_, row)| !row.is_live() && row.record.cascade_of.as_deref() == Some(parent));
        Ok(rows.map(|(name, _)| name.clone()).collect())
    }

    fn history(
        &mut self,
        collection: Collection,
        id: &str,
        after: i64,
    ) -> Result<Vec<Map<String, Value>>, Infallible> {
        let rows = self.account.history.iter();
        let rows =
            rows.filter(|row| row.collection == collection && row.id == id && row.rev > after);
        Ok(rows.map(|row| row.changed.clone()).collect())
    }

    fn next_stamp(&self) -> i64 {
        self.stamps.next()
    }

    fn take_stamp(&mut self) -> i64 {
        self.stamps.take()
    }

    fn insert(&mut self, record: &Record) -> Result<(), Infallible> {
        if !self.drops(record) {
            self.put(None, record);
        }
        Ok(())
    }

    fn update(&mut self, before: &Record, change: &Change) -> Result<(), Infallible> {
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

    fn known(&mut self, mutation_id: &str) -> Result<Option<Known>, Infallible> {
        let known = self.account.ledger.get(mutation_id);
        let forgotten = self.account.bug == Bug::IdempotencyForgotten;
        Ok(known.filter(|_| !forgotten).map(|known| Known::clone(known)))
    }

    fn remember(&mut self, known: &Known) -> Result<(), Infallible> {
        let old = self.account.ledger.insert(known.id.clone(), Arc::new(known.clone()));
        self.journal.push(Undo::Ledger(known.id.clone(), old));
        Ok(())
    }

    fn begin(&mut self) -> Result<(), Infallible> {
        self.parts.push(Mark {
            journal: self.journal.len(),
            stamps: self.stamps,
            digest: self.account.state.digest,
            live_records: self.account.live_records,
        });
        Ok(())
    }

    fn keep(&mut self) -> Result<(), Infallible> {
        self.parts.pop().unwrap();
        Ok(())
    }

    fn undo(&mut self) -> Result<(), Infallible> {
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
