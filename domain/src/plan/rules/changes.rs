//! What became different between two plans.

use super::Rule;

const FAMILY: &str = "changes";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "CH-ADDED",
        family: FAMILY,
        title: "Something new to do",
        template: "New: {what}.",
        about: "Said when a plan holds an item that it did not hold before.",
        why: "A plan that changes silently is not trusted.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "CH-REMOVED",
        family: FAMILY,
        title: "Something less to do",
        template: "No longer needed: {what}.",
        about: "Said when an item has left the plan without being done.",
        why: "It is a relief to know, and worth knowing why.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "CH-MOVED",
        family: FAMILY,
        title: "Another day",
        template: "Moved: {what} is now due on {when}.",
        about: "Said when an item is due at another moment than before.",
        why: "You may have made room for the old day.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "CH-VERDICT",
        family: FAMILY,
        title: "Another verdict",
        template: "{what}: {before} before, {after} now.",
        about: "Said when an item is judged differently at the same due date.",
        why: "What was too soon may be fine now, and what was fine may be blocked.",
        numbers: &[],
        sources: &[],
    },
];
