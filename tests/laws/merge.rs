//! What merging must do with an edit, its base, and another edit: nothing comes of nothing, the same
//! twice is the same once, and edits of different fields leave each other alone.

use crate::bench::{Bench, differences};
use crate::config;
use crate::values::{Edit, edits};
use afterview_domain::entities::Collection;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// The edit that says again, for all fields that `edit` names, what they hold.
fn unchanged(bench: &Bench, c: Collection, edit: &Edit) -> Edit {
    let content = bench.content(c);
    let value = |name: &String| content.get(name).cloned().unwrap_or_default();
    let set: Map<String, Value> =
        edit.fields().into_iter().map(|name| (name.clone(), value(&name))).collect();
    Edit::of("all", json!({ "set": set }), 0)
}

fn is_quiet(result: &Value) -> bool {
    matches!(result["status"].as_str(), Some("noop" | "merged"))
}

/// Whether the edit puts items in or takes them out one by one. That works on what is there now, so it
/// is the ledger alone that keeps it from being done twice.
fn by_items(edit: &Edit) -> bool {
    !(edit.part("add").is_empty() && edit.part("remove").is_empty())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_edit_merged_with_its_base_is_the_edit((c, edits) in edits(1)) {
        let mut alone = Bench::new();
        let base = alone.rev(c);
        let same = unchanged(&alone, c, &edits[0]);
        alone.edit("phone", c, base, &edits[0]);
        let mut first = alone.clone();
        let said = first.edit("tablet", c, base, &same);
        prop_assert!(is_quiet(&said), "{said}");
        prop_assert_eq!(first.record(c), alone.record(c));
        let mut second = Bench::new();
        let said = second.edit("tablet", c, base, &same);
        prop_assert_eq!(&said["status"], "noop");
        second.edit("phone", c, base, &edits[0]);
        prop_assert_eq!(second.content(c), alone.content(c));
        prop_assert_eq!((first.conflicts().count(), second.conflicts().count()), (0, 0));
    }

    #[test]
    fn two_devices_that_make_the_same_edit_make_it_once((c, edits) in edits(1)) {
        let mut bench = Bench::new();
        let base = bench.rev(c);
        bench.edit("phone", c, base, &edits[0]);
        let alone = bench.record(c).clone();
        let said = bench.edit("tablet", c, base, &edits[0]);
        prop_assert!(is_quiet(&said), "{said}");
        prop_assert_eq!(bench.record(c), &alone);
        prop_assert_eq!(bench.conflicts().count(), 0);
    }

    #[test]
    fn an_edit_that_comes_again_changes_nothing((c, edits) in edits(2), between in any::<bool>()) {
        prop_assume!(!between || !by_items(&edits[0]));
        let mut bench = Bench::new();
        let base = bench.rev(c);
        bench.edit("phone", c, base, &edits[0]);
        if between {
            bench.edit("tablet", c, base, &edits[1]);
        }
        let before = bench.record(c).clone();
        let said = bench.edit("phone", c, base, &edits[0]);
        prop_assert!(is_quiet(&said), "{said}");
        prop_assert_eq!(bench.record(c), &before);
    }

    #[test]
    fn a_repetition_is_answered_as_before_and_does_nothing((c, edits) in edits(2)) {
        let mut bench = Bench::new();
        let base = bench.rev(c);
        let mut mutation = edits[0].mutation();
        for (name, value) in [("c", json!(c.as_str())), ("id", json!(bench.record(c).id)),
            ("base", json!(base)), ("mid", json!("m"))] {
            mutation[name] = value;
        }
        let now = crate::bench::NOW_MS;
        let first = bench.request("phone", &mutation, now, now);
        bench.edit("tablet", c, base, &edits[1]);
        let before = bench.record(c).clone();
        for minutes in 1..3 {
            let later = now + minutes * 60_000;
            let again = bench.request("phone", &mutation, later, later);
            prop_assert_eq!(&again["status"], "duplicate");
            prop_assert_eq!(&again["original"], &first);
            prop_assert_eq!(bench.record(c), &before);
        }
    }

    #[test]
    fn edits_of_different_fields_both_survive((c, edits) in edits(2)) {
        let mut mine = edits[0].clone();
        mine.units.retain(|name, _| !edits[1].units.contains_key(name));
        // An interview that was held cannot lie ahead: what took place beats the plan.
        let planned = |edit: &Edit| edit.units.contains_key("appointment");
        let held = |edit: &Edit| edit.units.contains_key("status");
        prop_assume!(!(planned(&mine) && held(&edits[1]) || held(&mine) && planned(&edits[1])));
        // The dates of a promise follow from both: see `exceptions.rs`.
        let said = |edit: &Edit| edit.units.contains_key("spoken_at");
        let worded = |edit: &Edit| edit.units.contains_key("reading");
        prop_assume!(!(said(&mine) && worded(&edits[1]) || worded(&mine) && said(&edits[1])));
        let base = Bench::new().rev(c);
        let alone = |edit: &Edit| {
            let mut bench = Bench::new();
            bench.edit("phone", c, base, edit);
            bench.content(c)
        };
        let (one, other) = (alone(&mine), alone(&edits[1]));
        for turned in [false, true] {
            let mut bench = Bench::new();
            let mut both = [("phone", &mine), ("tablet", &edits[1])];
            if turned {
                both.reverse();
            }
            for (device, edit) in both {
                let said = bench.edit(device, c, base, edit);
                prop_assert!(matches!(said["status"].as_str(), Some("applied" | "noop" | "merged")), "{said}");
            }
            let content = bench.content(c);
            for (wanted, edit) in [(&one, &mine), (&other, &edits[1])] {
                let changed = differences(wanted, &content);
                for name in edit.fields() {
                    prop_assert!(!changed.contains(&name), "{name}: {content:?}");
                }
            }
            prop_assert_eq!(bench.conflicts().count(), 0);
        }
    }
}
