//! Merging one edit into a record, field by field, as the policy table says.
//!
//! A conflict exists only if another device changed the same field since the base of the edit; edits
//! of different fields always both survive. **Must never** drop a value: what is not kept is a
//! [`Loss`] or stands in the history under `given`.

use super::policy::{FieldGroup, Policy, Rank, policy};
use super::seen::Seen;
use super::{Record, sets, texts};
use crate::entities::field::{Kind, Shape};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

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

/// Fields that are decided as one.
struct Unit<'p> {
    name: &'p str,
    policy: &'static str,
    fields: Vec<&'p str>,
    rank: Option<&'static Rank>,
    whole: bool,
}

impl<'p> Unit<'p> {
    fn single(name: &'p str) -> Self {
        let policy = Policy::Later.as_str();
        Self { name, policy, fields: vec![name], rank: None, whole: true }
    }

    fn ranked(name: &'p str, rank: &'static Rank) -> Self {
        Self { policy: Policy::Ranked(rank).as_str(), rank: Some(rank), ..Self::single(name) }
    }

    fn group(group: &'static FieldGroup) -> Self {
        let policy = Policy::Group(group).as_str();
        let (fields, rank) = (group.fields.to_vec(), group.rank.as_ref());
        Self { name: group.name, policy, fields, rank, whole: group.whole }
    }

    fn strength(&self, values: &Map<String, Value>) -> usize {
        let Some(rank) = self.rank else { return 0 };
        match values.get(rank.field) {
            Some(Value::String(word)) => rank.strength(word),
            Some(other) => rank.strength(&other.to_string()),
            None => 0,
        }
    }
}

struct Merge<'m> {
    record: &'m Record,
    wanted: &'m Wanted,
    seen: &'m Seen<'m>,
    merged: Merged,
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

    /// The effective time of the last change that another device made to one of the fields.
    fn their_edit(&self, fields: &[&str]) -> (i64, String) {
        let moved = fields.iter().filter(|name| self.seen.moved(self.record, name));
        let metas = moved.filter_map(|name| self.record.last_change(name));
        let newest = metas.max_by_key(|meta| (meta.eff, meta.rev));
        newest.map_or((i64::MIN, String::new()), |meta| (meta.eff, meta.device.clone()))
    }

    /// Whether this edit is the later one; between two at the same moment the values decide, so that
    /// the order of arrival does not.
    fn is_later(&self, their_eff: i64, mine: &Value, theirs: &Value) -> bool {
        (self.seen.effective, mine.to_string()) > (their_eff, theirs.to_string())
    }

    fn unit(&mut self, unit: &Unit<'_>) {
        let mine: Map<String, Value> = unit
            .fields
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), self.asked(name)?.clone())))
            .collect();
        if mine.iter().all(|(name, value)| *value == self.current(name)) {
            return;
        }
        if !unit.fields.iter().any(|name| self.seen.moved(self.record, name)) {
            mine.iter().for_each(|(name, value)| self.put(name, value));
            return;
        }
        let base = self.seen.values(self.record, &unit.fields);
        if mine.iter().all(|(name, value)| base.get(name) == Some(value)) {
            return;
        }
        self.merged.contested.extend(unit.fields.iter().map(|name| (*name).to_owned()));
        let theirs: Map<String, Value> =
            unit.fields.iter().map(|name| ((*name).to_owned(), self.current(name))).collect();
        let mut whole = theirs.clone();
        if unit.whole {
            whole.extend(base.clone());
        }
        whole.extend(mine.clone());
        self.decide(unit, mine, &whole, theirs, base);
    }

    fn decide(
        &mut self,
        unit: &Unit<'_>,
        mine: Map<String, Value>,
        whole: &Map<String, Value>,
        theirs: Map<String, Value>,
        base: Map<String, Value>,
    ) {
        let (their_eff, their_device) = self.their_edit(&unit.fields);
        let strength = (unit.strength(whole), unit.strength(&theirs));
        let mine_wins = if strength.0 == strength.1 {
            let (mine, theirs) = (Value::Object(whole.clone()), Value::Object(theirs.clone()));
            self.is_later(their_eff, &mine, &theirs)
        } else {
            strength.0 > strength.1
        };
        let asks = strength.0 == strength.1 || unit.rank.is_none_or(|rank| rank.asks);
        let loss = Loss {
            name: unit.name.to_owned(),
            policy: unit.policy,
            kept: Map::new(),
            lost: Map::new(),
            base,
            device: self.seen.device.to_owned(),
            edited_at: self.seen.effective,
            asks,
        };
        if mine_wins {
            whole.iter().for_each(|(name, value)| self.put(name, value));
            let lost: Map<_, _> =
                theirs.into_iter().filter(|(name, value)| whole.get(name) != Some(value)).collect();
            let kept =
                lost.keys().filter_map(|name| Some((name.clone(), whole.get(name)?.clone())));
            let kept = kept.collect();
            // A weaker word stands in the history as what was replaced.
            if asks {
                let (device, edited_at) = (their_device, their_eff);
                self.merged.losses.push(Loss { kept, lost, device, edited_at, ..loss });
            }
        } else {
            let lost: Map<_, _> =
                mine.into_iter().filter(|(name, value)| theirs.get(name) != Some(value)).collect();
            let kept =
                lost.keys().filter_map(|name| Some((name.clone(), theirs.get(name)?.clone())));
            let kept = kept.collect();
            self.merged.losses.push(Loss { kept, lost, ..loss });
        }
    }

    fn text(&mut self, name: &str, value: &Value) {
        let theirs = self.current(name);
        if *value == theirs {
            return;
        }
        let base = self.seen.value(self.record, name).filter(|base| self.is_the_base(name, base));
        match &base {
            Some(base) if *base == theirs => return self.put(name, value),
            Some(base) if base == value => return,
            _ => {}
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (mine, their) = (text(value), text(&theirs));
        let from = base.as_ref().map(text).unwrap_or_default();
        let woven = texts::weave(&from, &mine, &their).filter(|woven| self.fits(name, woven));
        let Some(woven) = woven else { return self.unit_of_text(name, value) };
        self.merged.contested.insert(name.to_owned());
        if woven == their {
            // Nothing new; what was sent is kept all the same.
            let one = |value: &Value| Map::from_iter([(name.to_owned(), value.clone())]);
            return self.merged.losses.push(Loss {
                name: name.to_owned(),
                policy: Policy::Text.as_str(),
                kept: one(&theirs),
                lost: one(value),
                base: base.iter().flat_map(one).collect(),
                device: self.seen.device.to_owned(),
                edited_at: self.seen.effective,
                asks: false,
            });
        }
        if woven != mine {
            self.merged.given.insert(name.to_owned(), value.clone());
        }
        self.merged.woven.insert(name.to_owned());
        self.put(name, &Value::from(woven));
    }

    /// Two texts that cannot be woven: the later one stays whole, the other becomes a conflict.
    fn unit_of_text(&mut self, name: &str, value: &Value) {
        let unit = Unit { policy: Policy::Text.as_str(), ..Unit::single(name) };
        let theirs = Map::from_iter([(name.to_owned(), self.current(name))]);
        let mine = Map::from_iter([(name.to_owned(), value.clone())]);
        let base = self.seen.values(self.record, &[name]);
        self.merged.contested.insert(name.to_owned());
        self.decide(&unit, mine.clone(), &mine, theirs, base);
    }

    /// Whether the device says that it began from this text, if it says anything.
    fn is_the_base(&self, name: &str, base: &Value) -> bool {
        let digest = self.wanted.text_base.get(name);
        digest.is_none_or(|digest| *digest == texts::text_digest(base.as_str().unwrap_or_default()))
    }

    fn fits(&self, name: &str, text: &str) -> bool {
        let field = self.record.collection.shape().field(name);
        match field.map(|field| &field.kind) {
            Some(Kind::Text { max, .. }) => text.chars().count() <= *max,
            _ => true,
        }
    }

    fn collection(&mut self, name: &str, asked: &Asked) {
        let key = key_of(self.record.collection.shape(), name);
        let theirs = self.current(name);
        let merged = match (asked, key) {
            (Asked::Items { add, remove }, None) => sets::change_set(&theirs, add, remove),
            (Asked::Items { add, remove }, Some(key)) => {
                sets::change_list(&theirs, add, remove, key)
            }
            (Asked::Value(mine), key) => {
                let base = self.seen.value(self.record, name);
                match (&base, key) {
                    (Some(base), _) if *base == theirs => return self.put(name, mine),
                    (base, None) => sets::merge_sets(base.as_ref(), mine, &theirs),
                    (base, Some(key)) => self.list(name, base.as_ref(), mine, &theirs, key),
                }
            }
        };
        if merged == theirs {
            return;
        }
        if let Asked::Value(mine) = asked
            && *mine != merged
        {
            self.merged.given.insert(name.to_owned(), mine.clone());
        }
        self.put(name, &merged);
    }

    fn list(
        &mut self,
        name: &str,
        base: Option<&Value>,
        mine: &Value,
        theirs: &Value,
        key: &[&str],
    ) -> Value {
        let (their_eff, their_device) = self.their_edit(&[name]);
        let later = self.is_later(their_eff, mine, theirs);
        let merged = sets::merge_lists(base, mine, theirs, key, later);
        if !merged.lost.is_empty() {
            let sides = (Value::from(merged.kept), Value::from(merged.lost));
            self.lost_inside(name, Policy::List, sides, base, (later, their_device, their_eff));
        }
        Value::from(merged.items)
    }

    fn map(&mut self, name: &str, mine: &Value) {
        let theirs = self.current(name);
        let base = self.seen.value(self.record, name);
        if *mine == theirs || base.as_ref() == Some(&theirs) {
            return self.put(name, mine);
        }
        let (their_eff, their_device) = self.their_edit(&[name]);
        let later = self.is_later(their_eff, mine, &theirs);
        let merged = sets::merge_maps(base.as_ref(), mine, &theirs, later);
        if !merged.lost.is_empty() {
            let sides = (Value::from(merged.kept), Value::from(merged.lost));
            let who = (later, their_device, their_eff);
            self.lost_inside(name, Policy::Map, sides, base.as_ref(), who);
        }
        let entries = Value::from(merged.entries);
        if entries != *mine {
            self.merged.given.insert(name.to_owned(), mine.clone());
        }
        self.put(name, &entries);
    }

    /// Notes items or entries of one field that had to give way.
    fn lost_inside(
        &mut self,
        name: &str,
        policy: Policy,
        (kept, lost): (Value, Value),
        base: Option<&Value>,
        (mine_is_later, their_device, their_eff): (bool, String, i64),
    ) {
        let one = |value: Value| Map::from_iter([(name.to_owned(), value)]);
        let own = (self.seen.device.to_owned(), self.seen.effective);
        let (device, edited_at) = if mine_is_later { (their_device, their_eff) } else { own };
        self.merged.contested.insert(name.to_owned());
        self.merged.losses.push(Loss {
            name: name.to_owned(),
            policy: policy.as_str(),
            kept: one(kept),
            lost: one(lost),
            base: base.cloned().map(one).unwrap_or_default(),
            device,
            edited_at,
            asks: true,
        });
    }
}

/// The fields that identify an item of the list field `name`; `None` for a set.
fn key_of(shape: &'static Shape, name: &str) -> Option<&'static [&'static str]> {
    match shape.field(name).map(|field| &field.kind) {
        Some(Kind::List { key, .. }) => Some(key),
        _ => None,
    }
}
