//! The order in which edits arrive that did not see each other changes nothing, and nothing of them is
//! lost; where that cannot be promised, `exceptions.rs` says so.

use crate::bench::{Bench, DEVICES, differences};
use crate::config;
use crate::exceptions::excepted;
use crate::values::{Edit, edits};
use afterview_domain::entities::Collection;
use afterview_domain::sync::{Policy, policy};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// All orders of two or of three.
pub(crate) fn all_orders(n: usize) -> &'static [&'static [usize]] {
    const TWO: &[&[usize]] = &[&[0, 1], &[1, 0]];
    const THREE: &[&[usize]] =
        &[&[0, 1, 2], &[0, 2, 1], &[1, 0, 2], &[1, 2, 0], &[2, 0, 1], &[2, 1, 0]];
    if n == 2 { TWO } else { THREE }
}

/// The account after the edits arrived in that order, none having seen another.
pub(crate) fn arrive(
    c: Collection,
    edits: &[Edit],
    order: &[usize],
) -> Result<Bench, TestCaseError> {
    let mut bench = Bench::new();
    let base = bench.rev(c);
    for n in order {
        let said = bench.edit(DEVICES[*n], c, base, &edits[*n]);
        let carried_out = matches!(said["status"].as_str(), Some("applied" | "merged" | "noop"));
        prop_assert!(carried_out, "somebody else was faster: {said}");
    }
    Ok(bench)
}

/// Values that the edits gave and that are nowhere to be found.
fn lost(bench: &Bench, c: Collection, edits: &[Edit]) -> Vec<String> {
    let content = bench.content(c);
    let found = |field: &str| -> Vec<Value> {
        let mut found = vec![content.get(field).cloned().unwrap_or_default()];
        for change in bench.changes(c).filter_map(|changed| changed.get(field)) {
            let kept = ["old", "new", "given"].iter().filter_map(|name| change.get(name));
            found.extend(kept.cloned());
        }
        for conflict in bench.conflicts() {
            let lost = conflict.get("lost").and_then(|lost| lost.get(field));
            found.extend(lost.cloned());
        }
        found
    };
    let mut lost = Vec::new();
    for edit in edits {
        for (name, value) in edit.part("set").into_iter().chain(edit.part("add")) {
            if !is_among(&value, &found(&name)) {
                lost.push(format!("{name}: {value}"));
            }
        }
    }
    lost
}

/// Whether a value is among others, as a whole or piece by piece.
fn is_among(value: &Value, found: &[Value]) -> bool {
    let piece = |has: &dyn Fn(&Value) -> bool| found.iter().any(has);
    found.contains(value)
        || match value {
            Value::Array(items) => items.iter().all(|item| {
                piece(&|other| other.as_array().is_some_and(|others| others.contains(item)))
            }),
            Value::Object(entries) => {
                entries.iter().all(|(name, value)| piece(&|other| other.get(name) == Some(value)))
            }
            _ => false,
        }
}

fn in_any_order(c: Collection, edits: &[Edit]) -> Result<(), TestCaseError> {
    let mut first: Option<Map<String, Value>> = None;
    for order in all_orders(edits.len()) {
        let bench = arrive(c, edits, order)?;
        let lost = lost(&bench, c, edits);
        prop_assert!(lost.is_empty(), "{order:?} lost {lost:?}");
        let content = bench.content(c);
        let expected = first.get_or_insert_with(|| content.clone());
        for name in differences(expected, &content) {
            let (one, other) = (expected.get(&name), content.get(&name));
            let known = !excepted(c, &name, edits).is_empty();
            prop_assert!(known, "{order:?}: {name} {one:?}, {other:?}");
        }
    }
    Ok(())
}

/// A text of some words.
fn words() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-e]{1,2}", 0..8)
}

/// How somebody rewrites a text.
fn rewritten() -> impl Strategy<Value = Vec<(prop::sample::Index, u8, String)>> {
    prop::collection::vec((any::<prop::sample::Index>(), 0..3u8, "[f-j]{1,2}"), 1..4)
}

fn rewrite(words: &[String], steps: &[(prop::sample::Index, u8, String)]) -> Value {
    let mut words = words.to_vec();
    for (at, what, word) in steps {
        let at = at.index(words.len() + 1);
        match what {
            0 if at < words.len() => words[at].clone_from(word),
            1 if at < words.len() => drop(words.remove(at)),
            _ => words.insert(at, word.clone()),
        }
    }
    Value::from(words.join(" "))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn two_edits_make_the_same_in_either_order((c, edits) in edits(2)) {
        in_any_order(c, &edits)?;
    }

    #[test]
    fn three_edits_make_the_same_in_any_order((c, edits) in edits(3)) {
        in_any_order(c, &edits)?;
    }

    #[test]
    fn two_texts_make_the_same_in_either_order(
        base in words(), one in rewritten(), other in rewritten(), age in 0..3i64,
    ) {
        let texts = [rewrite(&base, &one), rewrite(&base, &other)];
        let c = Collection::Contacts;
        let mut ends = Vec::new();
        for order in [[0, 1], [1, 0]] {
            let mut bench = Bench::new();
            let set = json!({"set": {"notes": base.join(" ")}});
            bench.edit("desk", c, bench.rev(c), &Edit::of("notes", set, 0));
            let base = bench.rev(c);
            let edits: Vec<Edit> = texts.iter().enumerate().map(|(n, text)| {
                let minutes = if n == 0 { 1 } else { age };
                Edit::of("notes", json!({"set": {"notes": text}}), minutes)
            }).collect();
            for n in order {
                bench.edit(DEVICES[n], c, base, &edits[n]);
            }
            let lost = lost(&bench, c, &edits);
            prop_assert!(lost.is_empty(), "{lost:?}");
            ends.push(bench.content(c)["notes"].clone());
        }
        prop_assert_eq!(&ends[0], &ends[1]);
    }

    #[test]
    fn an_edit_beats_a_deletion_in_either_order((c, edits) in edits(1)) {
        prop_assume!(c != Collection::Preferences);
        let alone = arrive(c, &edits, &[0])?.content(c);
        // Who says what stands there anyway has edited nothing, and the deletion stands.
        prop_assume!(alone != Bench::new().content(c));
        for edit_first in [true, false] {
            let mut bench = Bench::new();
            let base = bench.rev(c);
            let delete = (json!({"op": "delete"}), 0);
            if edit_first {
                bench.edit("phone", c, base, &edits[0]);
                bench.act("tablet", c, base, delete);
            } else {
                bench.act("tablet", c, base, delete);
                bench.edit("phone", c, base, &edits[0]);
            }
            prop_assert_eq!(bench.content(c), alone.clone());
            let reasons: Vec<&Value> = bench.conflicts().map(|doc| &doc["reason"]).collect();
            let reason = if edit_first { "delete_vs_edit" } else { "edit_vs_delete" };
            prop_assert_eq!(reasons, [reason]);
        }
    }

    #[test]
    fn fields_that_do_not_change_stay_and_what_was_sent_is_kept(pick in any::<prop::sample::Index>()) {
        let c = Collection::FollowUps;
        let fixed: Vec<&str> = c.shape().fields.iter().map(|field| field.name)
            .filter(|name| policy(c, name) == Policy::Immutable).collect();
        let name = *pick.get(&fixed);
        let mut bench = Bench::new();
        let before = bench.content(c);
        let value = match name { "n" => json!(7), "kind" => json!("thank_you"), "interview_id" => json!("i1"),
            "opportunity_id" => json!("o2"), _ => json!("other") };
        let edit = Edit::of("fixed", json!({"set": {name: value, "title": "v9"}}), 0);
        let said = bench.edit("phone", c, bench.rev(c), &edit);
        prop_assert_eq!(&said["error"]["code"], "immutable", "{}: {}", name, said);
        prop_assert_eq!(bench.content(c), before);
        prop_assert!(lost(&bench, c, &[edit]).is_empty());
    }
}
