//! Merging one edit into a record, field by field, as the policy table says.
//!
//! A conflict exists only if another device changed the same field since the base of the edit; edits
//! of different fields always both survive. **Must never** drop a value: what is not kept is a
//! [`Loss`] or stands in the history under `given`.

mod parts;
mod unit;

use super::Record;
use super::policy::{Policy, policy};
use super::seen::Seen;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use unit::Unit;

/// What an edit asks of one field, already in canonical form.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Asked {
    /// This value; null clears.
    Value(Value),
    /// Items in and out.
    Items {
        /// Put in.
        add: Vec<Value>,
        /// Taken out.
        remove: Vec<Value>,
    },
}

/// One edit, field by field.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Wanted {
    /// Fields of the record.
    pub(super) fields: BTreeMap<String, Asked>,
    /// Fields that this version does not know.
    pub(super) extra: Map<String, Value>,
    /// Digests of the texts that were edited.
    pub(super) text_base: BTreeMap<String, String>,
}

/// Values that were not kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Loss {
    /// What it is about: a field or a group.
    pub(super) name: String,
    /// The policy that decided.
    pub(super) policy: &'static str,
    /// The fields as they are now.
    pub(super) kept: Map<String, Value>,
    /// The fields as they were not kept.
    pub(super) lost: Map<String, Value>,
    /// The fields from which both began.
    pub(super) base: Map<String, Value>,
    /// Whose version was not kept.
    pub(super) device: String,
    /// When that was made, Unix milliseconds.
    pub(super) edited_at: i64,
    /// Whether the candidate is asked.
    pub(super) asks: bool,
}

/// The content after an edit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Merged {
    /// The fields, not yet checked.
    pub(super) fields: Map<String, Value>,
    /// Fields that this version does not know.
    pub(super) extra: Map<String, Value>,
    /// What was sent where something else is stored, by field.
    pub(super) given: Map<String, Value>,
    /// What was not kept.
    pub(super) losses: Vec<Loss>,
    /// Fields that were decided between two devices.
    pub(super) contested: BTreeSet<String>,
    /// Texts that were woven from two.
    pub(super) woven: BTreeSet<String>,
}

impl Merged {
    /// Takes `kept` in place of `lost`, which becomes a conflict of `device` at `edited_at`.
    pub(super) fn hold(
        &mut self,
        name: &str,
        (kept, lost): (Map<String, Value>, Map<String, Value>),
        (device, edited_at): (String, i64),
    ) {
        for (name, value) in &kept {
            match value {
                Value::Null => self.fields.remove(name),
                value => self.fields.insert(name.clone(), value.clone()),
            };
        }
        // What was decided about it before no longer stands.
        self.losses.retain(|loss| loss.name != name);
        let (name, policy) = (name.to_owned(), "took_place");
        let base = Map::new();
        self.losses.push(Loss { name, policy, kept, lost, base, device, edited_at, asks: true });
    }
}

/// Whether the values at the base are needed to merge this edit.
pub(super) fn needs_history(record: &Record, wanted: &Wanted, seen: &Seen<'_>) -> bool {
    let names = wanted.fields.keys().chain(wanted.extra.keys());
    names.into_iter().any(|name| match policy(record.collection, name) {
        Policy::Text | Policy::Set | Policy::List | Policy::Map => seen.changed_since(record, name),
        Policy::Group(group) => group.fields.iter().any(|name| seen.moved(record, name)),
        _ => seen.moved(record, name),
    })
}

/// The content of `record` after the edit `wanted`.
pub(super) fn merge(record: &Record, wanted: &Wanted, seen: &Seen<'_>) -> Merged {
    let content = Merged {
        fields: record.fields(),
        extra: record.extra.clone(),
        given: Map::new(),
        losses: Vec::new(),
        contested: BTreeSet::new(),
        woven: BTreeSet::new(),
    };
    let mut merge = Merge { record, wanted, seen, merged: content };
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for (name, asked) in &wanted.fields {
        match (policy(record.collection, name), asked) {
            (Policy::Server, _) => {}
            (Policy::Group(group), _) => {
                if done.insert(group.name) {
                    merge.unit(&Unit::group(group));
                }
            }
            (Policy::Ranked(rank), _) => merge.unit(&Unit::ranked(name, rank)),
            (Policy::Text, Asked::Value(value)) => merge.text(name, value),
            (Policy::Map, Asked::Value(value)) => merge.map(name, value),
            (Policy::Set | Policy::List, asked) => merge.collection(name, asked),
            _ => merge.unit(&Unit::single(name)),
        }
    }
    for name in wanted.extra.keys() {
        merge.unit(&Unit::single(name));
    }
    merge.merged
}

struct Merge<'m> {
    record: &'m Record,
    wanted: &'m Wanted,
    seen: &'m Seen<'m>,
    merged: Merged,
}

/// What an edit has to stand beside.
struct TheirEdit {
    /// Its effective time; before every other one where the device itself made it: whatever that sends after it,
    /// is later.
    order: i64,
    /// The device that made it, and when (effective time, Unix milliseconds).
    by: (String, i64),
}

impl Merge<'_> {
    fn current(&self, name: &str) -> Value {
        let known = self.record.doc.get(name).or_else(|| self.record.extra.get(name));
        known.cloned().unwrap_or_default()
    }

    fn put(&mut self, name: &str, value: &Value) {
        let known = self.record.collection.shape().field(name).is_some();
        let target = if known { &mut self.merged.fields } else { &mut self.merged.extra };
        match value {
            Value::Null => target.remove(name),
            value => target.insert(name.to_owned(), value.clone()),
        };
    }

    fn asked(&self, name: &str) -> Option<&Value> {
        match self.wanted.fields.get(name) {
            Some(Asked::Value(value)) => Some(value),
            Some(Asked::Items { .. }) => None,
            None => self.wanted.extra.get(name),
        }
    }

    /// The last change of one of the fields that this edit has to stand beside: another device's since, or else
    /// whoever's it is. A client that keeps values instead of revisions may begin from less than it has sent before.
    fn their_edit(&self, fields: &[&str]) -> TheirEdit {
        let newest = |moved: bool| {
            let wanted = fields.iter().filter(|name| !moved || self.seen.moved(self.record, name));
            let metas = wanted.filter_map(|name| self.record.last_change(name));
            metas.max_by_key(|meta| (meta.eff, meta.rev))
        };
        let moved = newest(true);
        let order = moved.map_or(i64::MIN, |meta| meta.eff);
        let own = || (self.seen.device.to_owned(), self.seen.effective);
        let by = moved.or_else(|| newest(false));
        TheirEdit { order, by: by.map_or_else(own, |meta| (meta.device.clone(), meta.eff)) }
    }

    /// Whether this edit is the later one; between two at the same moment the values decide, so that
    /// the order of arrival does not.
    fn is_later(&self, their_eff: i64, mine: &Value, theirs: &Value) -> bool {
        (self.seen.effective, mine.to_string()) > (their_eff, theirs.to_string())
    }
}
