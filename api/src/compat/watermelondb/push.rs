//! Everything that a client has changed, row by row.
//!
//! **Must never** refuse the push for one row: the library would send it again for ever. A row that cannot
//! be carried out is in the log of conflicts, and the client is shown what holds instead.

use super::super::{fingerprint, unread, writable};
use super::{Pulls, columns};
use afterview_domain::entities::Collection;
use afterview_domain::ids::is_record_id;
use afterview_domain::sync::{
    Basis, Landed, Log, LogState, Refusal, RefusalCode, WholeRecord, WriteResult, keep_unreadable,
    land, land_deletion, land_restoration, show_again,
};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What a push goes back to.
struct Pushed<'p> {
    /// The stamp that the client's pull reached.
    seen: i64,
    pulls: &'p Pulls,
    state: &'p LogState,
    soft_delete: Option<&'p str>,
}

/// Carries out a push. `tables` are the library's `changes`; `seen` is the stamp that the pull before it
/// reached.
///
/// # Errors
/// That the log failed.
pub fn push<L: Log>(
    log: &mut L,
    tables: &Map<String, Value>,
    seen: i64,
    pulls: &Pulls,
    state: &LogState,
    soft_delete: Option<&str>,
) -> WriteResult<(), L> {
    let pushed = Pushed { seen, pulls, state, soft_delete };
    for collection in Collection::ALL {
        let Some(table) = tables.get(collection.as_str()) else { continue };
        for list in ["created", "updated"] {
            for row in items(table, list) {
                pushed.row(log, collection, row)?;
            }
        }
    }
    for collection in Collection::ALL {
        let Some(table) = tables.get(collection.as_str()) else { continue };
        for id in items(table, "deleted").filter_map(Value::as_str) {
            pushed.deletion(log, collection, id)?;
        }
    }
    let unknown = tables.iter().filter(|(table, _)| Collection::from_word(table).is_none());
    for (table, lists) in unknown {
        for row in ["created", "updated"].into_iter().flat_map(|list| items(lists, list)) {
            keep(log, table, row, format!("there is no collection `{table}`"))?;
        }
    }
    Ok(())
}

fn items<'t>(table: &'t Value, list: &str) -> impl Iterator<Item = &'t Value> {
    table.get(list).and_then(Value::as_array).into_iter().flatten()
}

/// What nobody could read is kept.
fn keep<L: Log>(log: &mut L, table: &str, row: &Value, why: String) -> WriteResult<(), L> {
    let id = row.get("id").and_then(Value::as_str).unwrap_or_default();
    let name = fingerprint(log.device(), table, id, row);
    keep_unreadable(
        log,
        unread(table, id, row.clone()),
        name,
        Refusal::new(RefusalCode::Malformed, why),
    )
}

impl Pushed<'_> {
    fn row<L: Log>(&self, log: &mut L, collection: Collection, row: &Value) -> WriteResult<(), L> {
        let table = collection.as_str();
        let id = row.get("id").and_then(Value::as_str).filter(|id| is_record_id(id));
        let (Some(id), Some(row), true) = (id, row.as_object(), writable(table).is_some()) else {
            return keep(log, table, row, "it is no row of a table that clients write".to_owned());
        };
        let whole = self.whole(log, collection, id, row);
        let before = log.find(collection, id)?;
        let is_gone = before.as_ref().is_some_and(|record| record.deleted_rev.is_some());
        let landed = match self.mark(row, &whole) {
            Some(true) => {
                land(log, &whole)?;
                land_deletion(log, &whole)?
            }
            Some(false) if is_gone => {
                let restored = land_restoration(log, &whole)?;
                if restored.refusal.is_some() { restored } else { land(log, &whole)? }
            }
            _ => land(log, &whole)?,
        };
        self.show(log, landed, |served| columns::says_the_same(row, served))
    }

    fn deletion<L: Log>(
        &self,
        log: &mut L,
        collection: Collection,
        id: &str,
    ) -> WriteResult<(), L> {
        if !is_record_id(id) || collection.is_read_only() {
            return Ok(());
        }
        let whole = self.whole(log, collection, id, &Map::new());
        let landed = land_deletion(log, &whole)?;
        // The client has dropped the row; one that stays must come back.
        self.show(log, landed, |_| false)
    }

    fn whole<L: Log>(
        &self,
        log: &L,
        collection: Collection,
        id: &str,
        row: &Map<String, Value>,
    ) -> WholeRecord {
        let mut fields = columns::fields(collection, row);
        if let Some(mark) = self.soft_delete {
            fields.remove(mark);
        }
        let from =
            |stamp: Option<i64>| self.state.surviving(stamp.unwrap_or(self.seen).min(self.seen));
        let basis = Basis::Seen {
            rev: from(self.pulls.last()),
            mixed: self.state.surviving(self.seen),
            oldest: from(self.pulls.oldest()),
            changed: changed(row, &fields),
        };
        let content = Value::Object(fields.clone());
        let fingerprint = fingerprint(log.device(), collection.as_str(), id, &content);
        WholeRecord { collection, id: id.to_owned(), fields, basis, fingerprint }
    }

    /// What the app's own mark of deletion says, if the user has just set or taken it.
    fn mark(&self, row: &Map<String, Value>, whole: &WholeRecord) -> Option<bool> {
        let column = self.soft_delete?;
        let value = row.get(column)?;
        let touched = match &whole.basis {
            Basis::Seen { changed: Some(_), .. } => names(row).contains(column),
            _ => true,
        };
        let empty = matches!(value, Value::Null | Value::Bool(false)) || value.as_i64() == Some(0);
        touched.then_some(!empty)
    }

    /// Sees to it that the next pull shows the record, if the client holds something else.
    fn show<L: Log>(
        &self,
        log: &mut L,
        landed: Landed,
        same: impl Fn(&Map<String, Value>) -> bool,
    ) -> WriteResult<(), L> {
        let Some(record) = landed.record else { return Ok(()) };
        if record.rev > self.seen || record.deleted_rev.is_some() {
            return Ok(());
        }
        let mut doc = record.doc.clone();
        doc.extend(record.extra.clone());
        if !same(&columns::row_of(record.collection, doc)) {
            show_again(log, &record)?;
        }
        Ok(())
    }
}

/// The columns that the user changed, if the row says so. In a new row that is every one.
fn changed(row: &Map<String, Value>, fields: &Map<String, Value>) -> Option<BTreeSet<String>> {
    match row.get("_status").and_then(Value::as_str) {
        Some("created") => Some(fields.keys().cloned().collect()),
        Some("updated") if row.contains_key("_changed") => Some(names(row)),
        _ => None,
    }
}

fn names(row: &Map<String, Value>) -> BTreeSet<String> {
    let names = row.get("_changed").and_then(Value::as_str).unwrap_or_default();
    names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
