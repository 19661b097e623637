//! Merging sets, lists of items with a key, and maps of texts: three ways, by their members.
//!
//! **Must never** depend on the order in which two concurrent edits arrive.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The items of a set field; none when it is absent.
pub(super) fn items(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// The set `theirs` with what `mine` put in and took out of `base`. Without a base nothing counts as
/// taken out.
pub(super) fn merge_sets(base: Option<&Value>, mine: &Value, theirs: &Value) -> Value {
    let base = base.map(items).unwrap_or_default();
    let mine = items(mine);
    let removed: Vec<Value> = base.iter().filter(|item| !mine.contains(item)).cloned().collect();
    let added: Vec<Value> = mine.into_iter().filter(|item| !base.contains(item)).collect();
    change_set(theirs, &added, &removed)
}

/// The set with items put in and taken out, in its canonical order.
pub(super) fn change_set(set: &Value, added: &[Value], removed: &[Value]) -> Value {
    let mut result: Vec<Value> =
        items(set).into_iter().filter(|item| !removed.contains(item)).collect();
    result.extend_from_slice(added);
    result.sort_by_key(ToString::to_string);
    result.dedup();
    Value::Array(result)
}

/// What identifies an item of a list: its key fields, without regard to case and outer blanks.
fn key_of(item: &Value, key: &[&str]) -> Vec<String> {
    let part = |name: &&str| match item.get(*name) {
        Some(Value::String(text)) => text.trim().to_lowercase(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    key.iter().map(part).collect()
}

/// A merged list and the items that had to give way in it.
#[derive(Debug, PartialEq)]
pub(super) struct MergedList {
    /// The items.
    pub(super) items: Vec<Value>,
    /// Items of the later edit that took the place of others.
    pub(super) kept: Vec<Value>,
    /// The others.
    pub(super) lost: Vec<Value>,
}

/// The list `theirs` with what `mine` changed of `base`: items that stay in the order of the base,
/// then what came new, by its key. An item that both changed is that of the later edit.
pub(super) fn merge_lists(
    base: Option<&Value>,
    mine: &Value,
    theirs: &Value,
    key: &[&str],
    mine_is_later: bool,
) -> MergedList {
    let keyed = |list: &Value| -> BTreeMap<Vec<String>, Value> {
        items(list).into_iter().map(|item| (key_of(&item, key), item)).collect()
    };
    let empty = Value::Array(Vec::new());
    let base_list = base.unwrap_or(&empty);
    let (base, mine, theirs) = (keyed(base_list), keyed(mine), keyed(theirs));
    let mut merged = MergedList { items: Vec::new(), kept: Vec::new(), lost: Vec::new() };
    let mut order: Vec<Vec<String>> = Vec::new();
    for name in items(base_list).iter().map(|item| key_of(item, key)) {
        if !order.contains(&name) {
            order.push(name);
        }
    }
    let new: BTreeSet<&Vec<String>> = mine.keys().chain(theirs.keys()).collect();
    order.extend(new.into_iter().filter(|name| !base.contains_key(*name)).cloned());
    for name in order {
        let (was, my, their) = (base.get(&name), mine.get(&name), theirs.get(&name));
        let item = match (my, their) {
            (my, their) if my == their || my == was => their,
            (my, their) if their == was => my,
            // One took it out, the other changed it: it stays, changed.
            (None, Some(changed)) | (Some(changed), None) => Some(changed),
            (Some(my), Some(their)) => {
                let (kept, lost) = if mine_is_later { (my, their) } else { (their, my) };
                merged.kept.push(kept.clone());
                merged.lost.push(lost.clone());
                Some(kept)
            }
            (None, None) => None,
        };
        merged.items.extend(item.cloned());
    }
    merged
}

/// The list with items put in, in place of those with the same key, and taken out.
pub(super) fn change_list(list: &Value, added: &[Value], removed: &[Value], key: &[&str]) -> Value {
    let gone: Vec<Vec<String>> = removed.iter().map(|item| key_of(item, key)).collect();
    let mut result = items(list);
    result.retain(|item| !gone.contains(&key_of(item, key)));
    for item in added {
        match result.iter_mut().find(|known| key_of(known, key) == key_of(item, key)) {
            Some(known) => *known = item.clone(),
            None => result.push(item.clone()),
        }
    }
    Value::Array(result)
}

/// A merged map and the entries that had to give way in it.
#[derive(Debug, PartialEq)]
pub(super) struct MergedMap {
    /// The entries.
    pub(super) entries: Map<String, Value>,
    /// Entries of the later edit that took the place of others.
    pub(super) kept: Map<String, Value>,
    /// The others; an entry that one side took out is not among them.
    pub(super) lost: Map<String, Value>,
}

/// The map `theirs` with what `mine` changed of `base`; an entry that both changed is that of the
/// later edit.
pub(super) fn merge_maps(
    base: Option<&Value>,
    mine: &Value,
    theirs: &Value,
    mine_is_later: bool,
) -> MergedMap {
    let entries = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let base = base.map(entries).unwrap_or_default();
    let (mine, theirs) = (entries(mine), entries(theirs));
    let mut merged = MergedMap { entries: theirs.clone(), kept: Map::new(), lost: Map::new() };
    let names: BTreeSet<&String> = base.keys().chain(mine.keys()).collect();
    for name in names {
        let (was, my, their) = (base.get(name), mine.get(name), theirs.get(name));
        if my == was || my == their {
            continue;
        }
        let both = their != was;
        if both {
            let (kept, lost) = if mine_is_later { (my, their) } else { (their, my) };
            merged.kept.extend(kept.map(|kept| (name.clone(), kept.clone())));
            merged.lost.extend(lost.map(|lost| (name.clone(), lost.clone())));
        }
        if !both || mine_is_later {
            match my {
                Some(my) => merged.entries.insert(name.clone(), my.clone()),
                None => merged.entries.remove(name),
            };
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn additions_and_removals_of_both_sides_are_kept() {
        let (base, mine, theirs) = (json!(["a", "b"]), json!(["b", "c"]), json!(["a", "b", "d"]));
        assert_eq!(merge_sets(Some(&base), &mine, &theirs), json!(["b", "c", "d"]));
        assert_eq!(merge_sets(None, &mine, &theirs), json!(["a", "b", "c", "d"]));
    }

    #[test]
    fn an_item_changed_on_both_sides_is_that_of_the_later_edit() {
        let item = |present: bool| json!([{"contact_id": "anna", "present": present}]);
        let base = json!([]);
        let merged = merge_lists(Some(&base), &item(true), &item(false), &["contact_id"], true);
        assert_eq!((json!(merged.items), json!(merged.lost)), (item(true), item(false)));
    }

    #[test]
    fn an_item_that_one_side_took_out_and_the_other_changed_stays() {
        let base = json!([{"contact_id": "anna", "present": true}]);
        let theirs = json!([{"contact_id": "anna", "present": false}]);
        let merged = merge_lists(Some(&base), &json!([]), &theirs, &["contact_id"], true);
        assert_eq!(json!(merged.items), theirs);
    }

    #[test]
    fn new_items_stand_in_the_order_of_their_keys_whoever_was_first() {
        let of =
            |names: &[&str]| json!(names.iter().map(|n| json!({"text": n})).collect::<Vec<_>>());
        let base = of(&["x"]);
        let one = merge_lists(Some(&base), &of(&["x", "b"]), &of(&["x", "a"]), &["text"], true);
        let other = merge_lists(Some(&base), &of(&["x", "a"]), &of(&["x", "b"]), &["text"], true);
        assert_eq!((json!(one.items), &one), (of(&["x", "a", "b"]), &other));
    }

    #[test]
    fn entries_of_a_map_are_merged_one_by_one() {
        let (base, mine, theirs) =
            (json!({"a": "1"}), json!({"a": "2"}), json!({"a": "1", "b": "3"}));
        let merged = merge_maps(Some(&base), &mine, &theirs, false);
        assert_eq!(json!(merged.entries), json!({"a": "2", "b": "3"}));
        let both = merge_maps(Some(&base), &mine, &json!({"a": "9"}), false);
        assert_eq!((json!(both.entries), json!(both.lost)), (json!({"a": "9"}), json!({"a": "2"})));
    }
}
