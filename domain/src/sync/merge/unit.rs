//! Fields that are decided as one: the later edit, or the stronger word.
//!
//! **Must never** let the order of arrival decide.

use super::super::policy::{FieldGroup, Policy, Rank};
use super::{Loss, Merge};
use serde_json::{Map, Value};

/// Fields that are decided as one.
#[derive(Clone)]
pub(super) struct Unit<'p> {
    pub(super) name: &'p str,
    pub(super) policy: &'static str,
    pub(super) fields: Vec<&'p str>,
    pub(super) rank: Option<&'static Rank>,
    pub(super) whole: bool,
}

impl<'p> Unit<'p> {
    pub(super) fn single(name: &'p str) -> Self {
        let policy = Policy::Later.as_str();
        Self { name, policy, fields: vec![name], rank: None, whole: true }
    }

    pub(super) fn ranked(name: &'p str, rank: &'static Rank) -> Self {
        Self { policy: Policy::Ranked(rank).as_str(), rank: Some(rank), ..Self::single(name) }
    }

    pub(super) fn group(group: &'static FieldGroup) -> Self {
        let policy = Policy::Group(group).as_str();
        let (fields, rank) = (group.fields.to_vec(), group.rank.as_ref());
        Self { name: group.name, policy, fields, rank, whole: group.whole }
    }

    /// Whether somebody gave the field its present value. In a group that is not whole the others follow
    /// from the first field, unless they hold a stronger word of their own.
    fn is_given(&self, name: &str, values: &Map<String, Value>) -> bool {
        self.whole || self.fields.first() == Some(&name) || self.strength(values) > 0
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

impl Merge<'_> {
    pub(super) fn unit(&mut self, unit: &Unit<'_>) {
        let mut mine: Map<String, Value> = unit
            .fields
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), self.asked(name)?.clone())))
            .collect();
        if mine.iter().all(|(name, value)| *value == self.current(name)) {
            return;
        }
        let mut theirs: Map<String, Value> =
            unit.fields.iter().map(|name| ((*name).to_owned(), self.current(name))).collect();
        let moved: Vec<&str> = unit
            .fields
            .iter()
            .copied()
            .filter(|name| unit.is_given(name, &theirs) && self.seen.moved(self.record, name))
            .collect();
        if moved.is_empty() {
            mine.iter().for_each(|(name, value)| self.put(name, value));
            return;
        }
        let base = self.seen.values(self.record, &unit.fields);
        if mine.iter().all(|(name, value)| base.get(name) == Some(value)) {
            return;
        }
        if !unit.whole {
            let untouched = mine.iter().filter(|(name, _)| !moved.contains(&name.as_str()));
            untouched.for_each(|(name, value)| self.put(name, value));
            mine.retain(|name, _| moved.contains(&name.as_str()));
            theirs.retain(|name, _| mine.contains_key(name));
            if mine.is_empty() {
                return;
            }
        }
        let fields =
            unit.fields.iter().copied().filter(|name| theirs.contains_key(*name)).collect();
        let unit = &Unit { fields, ..unit.clone() };
        self.merged.contested.extend(unit.fields.iter().map(|name| (*name).to_owned()));
        let mut whole = theirs.clone();
        if unit.whole {
            whole.extend(base.clone());
        }
        whole.extend(mine.clone());
        self.decide(unit, mine, &whole, theirs, base);
    }

    pub(super) fn decide(
        &mut self,
        unit: &Unit<'_>,
        mine: Map<String, Value>,
        whole: &Map<String, Value>,
        theirs: Map<String, Value>,
        base: Map<String, Value>,
    ) {
        let them = self.their_edit(&unit.fields);
        let strength = (unit.strength(whole), unit.strength(&theirs));
        let mine_wins = if strength.0 == strength.1 {
            let (mine, theirs) = (Value::Object(whole.clone()), Value::Object(theirs.clone()));
            self.is_later(them.order, &mine, &theirs)
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
            // A weaker word stands in the history as what was replaced; and what stood there before
            // both, nobody typed meanwhile.
            let typed = lost.keys().any(|name| self.seen.moved(self.record, name));
            if asks && typed {
                let (device, edited_at) = them.by;
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
}
