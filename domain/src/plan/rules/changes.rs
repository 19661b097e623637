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
        template: "Moved to {when}: {what}.",
        about: "Said when an item is due at another moment than before.",
        why: "You may have made room for the old day.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "CH-BLOCKED",
        family: FAMILY,
        title: "It has to wait",
        template: "Not now: {what}.",
        about: "Said when something else must happen first that did not before.",
        why: "What you meant to do today may have become a mistake.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "CH-UNBLOCKED",
        family: FAMILY,
        title: "It may go on",
        template: "Possible again: {what}, best on {when}.",
        about: "Said when nothing else has to happen first any more.",
        why: "What was put aside is easily forgotten.",
        numbers: &[],
        sources: &[],
    },
];
