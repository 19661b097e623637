//! From which of the values that a field has had a user began, where the client does not say.
//!
//! A client that mixes what it pulls into what it has not pushed yet shows a newer base than its user saw.
//! For a word or a date that costs nothing; a text would lose what others wrote in between. So the value
//! that is nearest to what was pushed is taken. **Must never** be asked where the base is known.

use super::super::{Policy, policy, sets};
use super::past::Past;
use crate::entities::Collection;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How many values are compared. A client that failed more often is told by its texts alone.
const MAX_VALUES: usize = 50;

/// For the fields that are merged by their parts: the nearest of the values since `oldest`.
pub(super) fn closest(
    past: &Past<'_>,
    oldest: i64,
    edits: &Map<String, Value>,
) -> Map<String, Value> {
    let collection = past.record().collection;
    let mut began = Map::new();
    for (name, value) in edits {
        let parts: fn(&Value) -> Vec<String> = match policy(collection, name) {
            Policy::Text => words,
            Policy::Set | Policy::List => items,
            _ => continue,
        };
        let values = past.values_since(name, oldest, MAX_VALUES);
        if values.len() > 1 {
            let wanted = parts(value);
            let nearest = values.into_iter().min_by_key(|value| distance(&wanted, &parts(value)));
            began.extend(nearest.map(|nearest| (name.clone(), nearest)));
        }
    }
    began
}

/// For the fields that are merged by their parts: the values that the client says it began from.
pub(super) fn assumed(
    collection: Collection,
    assumed: &Map<String, Value>,
    edits: &Map<String, Value>,
) -> Map<String, Value> {
    let by_parts = edits.keys().filter(|name| {
        matches!(policy(collection, name), Policy::Text | Policy::Set | Policy::List | Policy::Map)
    });
    by_parts.map(|name| (name.clone(), assumed.get(name).cloned().unwrap_or_default())).collect()
}

fn words(text: &Value) -> Vec<String> {
    text.as_str().unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

fn items(set: &Value) -> Vec<String> {
    sets::items(set).iter().map(Value::to_string).collect()
}

/// How many parts only one of the two has.
fn distance(one: &[String], other: &[String]) -> i64 {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    one.iter().for_each(|part| *counts.entry(part).or_default() += 1);
    other.iter().for_each(|part| *counts.entry(part).or_default() -= 1);
    counts.values().map(|count| count.abs()).sum()
}
