//! What the author of an edit had seen of a record: by revision, and by value.
//!
//! **Must never** ask a clock who was first.

use super::{PastChange, Record};
use serde_json::{Map, Value};

/// What the author of an edit had seen.
#[derive(Debug, Clone)]
pub(super) struct Seen<'a> {
    /// The device that edits.
    pub(super) device: &'a str,
    /// The revision that it had; `None` for nothing.
    pub(super) base: Option<i64>,
    /// Values that the edit began from, where they are known otherwise.
    pub(super) began: &'a Map<String, Value>,
    /// The effective time of the edit, Unix milliseconds.
    pub(super) effective: i64,
    /// What changes up to this stamp replaced may have been forgotten.
    pub(super) forgotten: i64,
    /// The changes since, oldest first; empty when nobody needs them.
    pub(super) since: Vec<PastChange>,
}

impl Seen<'_> {
    /// Whether another device changed the field since. What this device changed itself since, on top
    /// of the same base, it knows.
    pub(super) fn moved(&self, record: &Record, field: &str) -> bool {
        self.changed_since(record, field)
            && record.last_change(field).is_some_and(|meta| meta.device != self.device)
    }

    /// Whether anybody changed the field since. Making a record changes none that it leaves empty.
    pub(super) fn changed_since(&self, record: &Record, field: &str) -> bool {
        let base = self.base.unwrap_or(i64::MIN);
        let empty = !record.doc.contains_key(field) && !record.extra.contains_key(field);
        let untouched = empty && !record.field_meta.contains_key(field);
        !untouched && record.last_change(field).is_some_and(|meta| meta.rev > base)
    }

    /// The value of a field that the edit began from: what this device sent last, or else the value
    /// at the base. `None` when that is not known; absence of the field is `Some(Null)`.
    pub(super) fn value(&self, record: &Record, field: &str) -> Option<Value> {
        if let Some(began) = self.began.get(field) {
            return Some(began.clone());
        }
        let current = record.doc.get(field).or_else(|| record.extra.get(field));
        let current = current.cloned().unwrap_or_default();
        if !self.changed_since(record, field) {
            return Some(current);
        }
        let named = |change: &&PastChange| change.changed.contains_key(field);
        let member = |change: &PastChange, name: &str| {
            change.changed.get(field).and_then(|change| change.get(name)).cloned()
        };
        let own = self.since.iter().rev().filter(named).find(|past| past.device == self.device);
        if let Some(own) = own {
            return member(own, "given").or_else(|| member(own, "new"));
        }
        let creation = record.creation();
        let made_it = creation.filter(|meta| meta.device == self.device);
        let began = self.base.or(made_it.map(|meta| meta.rev))?;
        // A creation has a change only where it followed upon a tombstone that was purged.
        let later = creation.map(|meta| meta.rev).filter(|made| *made > began);
        let anew = later.is_some_and(|made| self.since.iter().any(|past| past.rev == made));
        if began <= self.forgotten || anew {
            return None;
        }
        let first = self.since.iter().find(named);
        Some(first.map_or(current, |first| member(first, "old").unwrap_or_default()))
    }

    /// The fields as the edit began from them, as far as known.
    pub(super) fn values(&self, record: &Record, fields: &[&str]) -> Map<String, Value> {
        let known =
            fields.iter().filter_map(|name| Some(((*name).to_owned(), self.value(record, name)?)));
        known.collect()
    }
}
