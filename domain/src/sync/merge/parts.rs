//! Values that are merged by their parts: words of a text, items of sets and lists, entries of maps.
//!
//! **Must never** put together what does not fit into the field.

use super::super::policy::Policy;
use super::super::{sets, texts};
use super::unit::Unit;
use super::{Asked, Loss, Merge};
use crate::entities::field::{Kind, Shape};
use serde_json::{Map, Value};

impl Merge<'_> {
    pub(super) fn text(&mut self, name: &str, value: &Value) {
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
        if mine == their {
            // Two ways to say nothing: the empty text stands for both.
            return self.put(name, &Value::from(mine));
        }
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

    pub(super) fn collection(&mut self, name: &str, asked: &Asked) {
        let key = key_of(self.record.collection.shape(), name);
        let theirs = self.current(name);
        let base = self.seen.value(self.record, name);
        let mine = match (asked, key) {
            (Asked::Value(mine), _) => mine.clone(),
            (Asked::Items { add, remove }, None) => {
                sets::change_set(base.as_ref().unwrap_or(&theirs), add, remove)
            }
            (Asked::Items { add, remove }, Some(key)) => {
                sets::change_list(base.as_ref().unwrap_or(&theirs), add, remove, key)
            }
        };
        // Without a base, items are put into what is there; a whole value is added to it.
        let items = matches!(asked, Asked::Items { .. });
        let base = base.or_else(|| items.then(|| theirs.clone()));
        let merged = match (&base, key) {
            (Some(base), _) if *base == mine => return,
            (Some(base), _) if *base == theirs => return self.put(name, &mine),
            (base, None) => sets::merge_sets(base.as_ref(), &mine, &theirs),
            (base, Some(key)) => self.list(name, base.as_ref(), &mine, &theirs, key),
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
        let them = self.their_edit(&[name]);
        let later = self.is_later(them.order, mine, theirs);
        let merged = sets::merge_lists(base, mine, theirs, key, later);
        if !merged.lost.is_empty() {
            let sides = (Value::from(merged.kept), Value::from(merged.lost));
            self.lost_inside(name, Policy::List, sides, base, later.then_some(them.by));
        }
        Value::from(merged.items)
    }

    pub(super) fn map(&mut self, name: &str, mine: &Value) {
        let theirs = self.current(name);
        let base = self.seen.value(self.record, name);
        if *mine == theirs || base.as_ref() == Some(&theirs) {
            return self.put(name, mine);
        }
        let them = self.their_edit(&[name]);
        let later = self.is_later(them.order, mine, &theirs);
        let merged = sets::merge_maps(base.as_ref(), mine, &theirs, later);
        if !merged.lost.is_empty() {
            let sides = (Value::from(merged.kept), Value::from(merged.lost));
            let by = later.then_some(them.by);
            self.lost_inside(name, Policy::Map, sides, base.as_ref(), by);
        }
        let entries = Value::from(merged.entries);
        if entries != *mine {
            self.merged.given.insert(name.to_owned(), mine.clone());
        }
        self.put(name, &entries);
    }

    /// Notes items or entries of one field that had to give way: those made by `by`, or else by this edit.
    fn lost_inside(
        &mut self,
        name: &str,
        policy: Policy,
        (kept, lost): (Value, Value),
        base: Option<&Value>,
        by: Option<(String, i64)>,
    ) {
        let one = |value: Value| Map::from_iter([(name.to_owned(), value)]);
        let own = || (self.seen.device.to_owned(), self.seen.effective);
        let (device, edited_at) = by.unwrap_or_else(own);
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
