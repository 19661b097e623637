//! Where the order of arrival shows, although the edits have not seen each other. All values are kept all
//! the same.
//!
//! **Must never** hold an entry without its smallest case, which proves that it is still needed.

use crate::bench::differences;
use crate::order::{all_orders, arrive};
use crate::values::Edit;
use afterview_domain::entities::Collection;
use afterview_domain::sync::{Policy, policy};
use serde_json::{Map, Value, json};

/// A case in which the order of arrival may show.
struct Exception {
    /// What it is about.
    why: &'static str,
    /// Whether the unit called so of the first edits, each of which names it, is meant; the second are
    /// all edits.
    applies: fn(Collection, &'static str, &[&Edit], &[Edit]) -> bool,
    /// The smallest case.
    smallest: fn() -> Case,
}

/// Edits of a record: of each the unit, what happens to it, and how many minutes ago.
type Case = (Collection, Vec<(&'static str, Value, i64)>);

/// Every such case.
const EXCEPTIONS: [Exception; 5] = [
    // What took place keeps the time at which it was planned, as whoever reports it knew it.
    Exception {
        why: "an interview that took place and was moved by two others",
        applies: |c, unit, edits, all| {
            let took_place = |edit: &Edit| edit.units.contains_key("status");
            c == Collection::Interviews
                && unit == "appointment"
                && edits.len() > 1
                && all.iter().any(took_place)
        },
        smallest: || {
            let times =
                |starts: &str, ends: &str| json!({"set": {"starts_at": starts, "ends_at": ends}});
            let moved = times("2026-05-20T14:00:00Z", "2026-05-20T15:00:00Z");
            let shorter = json!({"set": {"ends_at": "2026-05-06T18:30:00Z"}});
            let held = json!({"set": {"status": "held"}});
            let edits =
                vec![("appointment", moved, 0), ("appointment", shorter, 0), ("status", held, 0)];
            (Collection::Interviews, edits)
        },
    },
    // Weaving is symmetric, not associative.
    Exception {
        why: "three versions of one text",
        applies: |c, unit, edits, _| policy(c, unit) == Policy::Text && edits.len() > 2,
        smallest: || {
            let text = |text: &str| json!({"set": {"notes": text}});
            let edits = vec![
                ("notes", text("zero one two three four five six seven eight"), 90),
                ("notes", text("nothing in common here"), 20),
                ("notes", text("one two three four five and a half six seven eight"), 10),
            ];
            (Collection::Contacts, edits)
        },
    },
    // One time is kept for the whole list or map, not for every item.
    Exception {
        why: "three versions of one list or map",
        applies: |c, unit, edits, _| {
            matches!(policy(c, unit), Policy::List | Policy::Map) && edits.len() > 2
        },
        smallest: || {
            let slots = |a: &str, b: &str| json!({"set": {"slots": {"a": a, "b": b}}});
            let edits = vec![
                ("slots", slots("7", "2"), 20),
                ("slots", slots("8", "2"), 10),
                ("slots", slots("1", "9"), 0),
            ];
            (Collection::FollowUps, edits)
        },
    },
    // The same value again changes nothing, so it does not become younger either; a third value
    // between the two wins or loses by when the first of them arrived.
    Exception {
        why: "the same value from two devices, and a third one",
        applies: |c, unit, edits, all| {
            // The dates of a promise follow from the time at which it was made.
            let said: Vec<&Edit> =
                all.iter().filter(|edit| edit.units.contains_key("spoken_at")).collect();
            let (edits, unit) = match c {
                Collection::Expectations if unit == "reading" && edits.len() < 3 => {
                    (said.as_slice(), "spoken_at")
                }
                _ => (edits, unit),
            };
            edits.len() > 2 && some_pair(edits, |one, other| one.units[unit] == other.units[unit])
        },
        smallest: || {
            let role = |role: &str| json!({"set": {"role": role}});
            let edits =
                vec![("role", role("v1"), 20), ("role", role("v2"), 10), ("role", role("v1"), 0)];
            (Collection::Opportunities, edits)
        },
    },
    // Who says nothing but what stands there changes nothing, whatever else the group held before.
    Exception {
        why: "a part of a group that both say alike",
        applies: |c, unit, edits, _| {
            is_group(c, unit)
                && some_pair(edits, |one, other| {
                    let (one, other) = (one.part_of(unit, "set"), other.part_of(unit, "set"));
                    one != other && one.iter().any(|(name, value)| other.get(name) == Some(value))
                })
        },
        smallest: || {
            let part = json!({"set": {"quiet_from": "23:00"}});
            let all = json!({"set": {"quiet_from": "23:00", "quiet_to": "06:30"}});
            (Collection::Preferences, vec![("quiet", part, 0), ("quiet", all, 10)])
        },
    },
];

fn some_pair(edits: &[&Edit], is: impl Fn(&Edit, &Edit) -> bool) -> bool {
    edits.iter().enumerate().any(|(n, one)| edits[n + 1..].iter().any(|other| is(one, other)))
}

fn is_group(c: Collection, unit: &str) -> bool {
    unit != "mood"
        && c.shape()
            .field(unit)
            .is_none_or(|field| matches!(policy(c, field.name), Policy::Group(_)))
}

/// The unit by which the server sets a field.
fn follows(c: Collection, field: &str) -> &str {
    match field {
        "kind" if c == Collection::Expectations => "reading",
        "withdrawn_at" => "interest",
        "closed_at" => "closed",
        "status_changed_at" => "status",
        "needs_review" => "body",
        "parse_rule" | "ambiguous" | "alternative" | "parser_version" | "from" | "by"
        | "by_time" | "hedged" => "reading",
        other => other,
    }
}

/// Why the order of the edits may show in `field`, if it may.
pub(crate) fn excepted(c: Collection, field: &str, edits: &[Edit]) -> Vec<&'static str> {
    let of = |edit: &Edit, unit: &str| {
        let names = |part: &&str| edit.part_of(unit, part).contains_key(field);
        // The dates of a promise follow from the time at which it was made.
        let made = unit == "spoken_at" && follows(c, field) == "reading";
        unit == follows(c, field) || made || ["set", "add", "remove"].iter().any(names)
    };
    let mut whys = Vec::new();
    for edit in edits {
        for unit in edit.units.keys().filter(|unit| of(edit, unit)) {
            let those: Vec<&Edit> =
                edits.iter().filter(|edit| edit.units.contains_key(unit)).collect();
            let applies = |one: &&Exception| (one.applies)(c, unit, &those, edits);
            whys.extend(EXCEPTIONS.iter().filter(applies).map(|exception| exception.why));
        }
    }
    whys
}

#[test]
fn in_the_smallest_case_of_every_exception_the_order_still_shows() {
    for exception in &EXCEPTIONS {
        let (c, edits) = (exception.smallest)();
        let edits = edits.into_iter().map(|(unit, change, age)| Edit::of(unit, change, age));
        let edits: Vec<Edit> = edits.collect();
        let orders = all_orders(edits.len());
        let ends = orders.iter().map(|order| arrive(c, &edits, order).expect("valid").content(c));
        let ends: Vec<Map<String, Value>> = ends.collect();
        let differing: Vec<String> =
            ends.iter().flat_map(|end| differences(&ends[0], end)).collect();
        assert!(!differing.is_empty(), "{}: the order shows no more", exception.why);
        for field in differing {
            let whys = excepted(c, &field, &edits);
            assert!(whys.contains(&exception.why), "{}: {field} for {whys:?}", exception.why);
        }
    }
}
