//! What a record held at earlier revisions.
//!
//! **Must never** guess: what is forgotten is not known.

use super::super::write::WriteResult;
use super::super::{Log, PastChange, Record};
use serde_json::{Map, Value};

/// A record with all its changes, as far back as history is kept.
pub(super) struct Past<'r> {
    record: &'r Record,
    device: String,
    /// Oldest first.
    changes: Vec<PastChange>,
}

impl<'r> Past<'r> {
    /// The past of `record`, as the device that writes may have seen it.
    pub(super) fn of<L: Log>(log: &mut L, record: &'r Record) -> WriteResult<Self, L> {
        let changes = log.history(record.collection, &record.id, i64::MIN)?;
        Ok(Self { record, device: log.device().to_owned(), changes })
    }

    /// The record now.
    pub(super) fn record(&self) -> &'r Record {
        self.record
    }

    /// The value of a field now.
    pub(super) fn current(&self, name: &str) -> Value {
        let known = self.record.doc.get(name).or_else(|| self.record.extra.get(name));
        known.cloned().unwrap_or_default()
    }

    fn changes_of(&self, name: &str) -> impl DoubleEndedIterator<Item = &PastChange> {
        self.changes.iter().filter(move |change| change.changed.contains_key(name))
    }

    /// The value of a field when the newest stamp was `rev`; null for an empty one.
    pub(super) fn value_at(&self, name: &str, rev: i64) -> Value {
        let next = self.changes_of(name).find(|change| change.rev > rev);
        next.map_or_else(|| self.current(name), |change| member(change, name, "old"))
    }

    /// The values that a field has had since `rev`, the newest first; as many as `limit`.
    pub(super) fn values_since(&self, name: &str, rev: i64, limit: usize) -> Vec<Value> {
        let since = self.changes_of(name).filter(|change| change.rev > rev);
        let before = since.rev().map(|change| member(change, name, "old"));
        std::iter::once(self.current(name)).chain(before).take(limit).collect()
    }

    /// The newest revision at which these fields had these values.
    pub(super) fn newest_with(&self, values: &Map<String, Value>) -> Option<i64> {
        let revs = self.changes.iter().rev().map(|change| change.rev);
        let revs = std::iter::once(self.record.rev).chain(revs);
        let mut revs = revs.chain([self.record.creation().map_or(i64::MIN, |made| made.rev)]);
        revs.find(|rev| values.iter().all(|(name, value)| self.value_at(name, *rev) == *value))
    }

    /// Whether another device changed the field after `base`, and `value` is what this one sent last, whose
    /// answer it has not got, or what it began from.
    pub(super) fn says_nothing_new(&self, name: &str, value: &Value, base: Option<i64>) -> bool {
        let base = base.unwrap_or(i64::MIN);
        let Some(last) = self.record.last_change(name) else { return false };
        if last.device == self.device || last.rev <= base {
            return false;
        }
        let began = || Some(self.value_at(name, base)).filter(|_| base > i64::MIN);
        self.sent_last(name).or_else(began).is_some_and(|before| before == *value)
    }

    /// What this device sent last.
    fn sent_last(&self, name: &str) -> Option<Value> {
        let own = self.changes_of(name).rev().find(|change| change.device == self.device);
        if let Some(own) = own {
            let given = own.changed.get(name).and_then(|change| change.get("given")).cloned();
            return Some(given.unwrap_or_else(|| member(own, name, "new")));
        }
        let made = self.record.creation().filter(|made| made.device == self.device)?;
        Some(self.value_at(name, made.rev))
    }
}

fn member(change: &PastChange, name: &str, which: &str) -> Value {
    let values = change.changed.get(name);
    values.and_then(|values| values.get(which)).cloned().unwrap_or_default()
}
