//! One account in memory, for the pull to read from: records, what each change replaced, the ledger, and
//! the head of the log, as the database keeps them.

use super::bug::Bug;
use afterview_domain::entities::Collection;
use afterview_domain::sync::{ChangeRow, Feed, Known, LogState, LostInterval, Record};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

pub(super) type Name = (Collection, String);

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
    pub(super) txn: i64,
}

impl Row {
    pub(super) fn is_live(&self) -> bool {
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
