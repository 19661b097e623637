//! What else would do: another reading, another way, another person.

use super::Rule;
use super::evidence::channels;

const FAMILY: &str = "alternatives";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "A1-OTHER-READING",
        family: FAMILY,
        title: "The other reading",
        template: "If they meant {alternative}, the tactful moment is {when}.",
        about: "Shows what the plan would be if the words meant the other day.",
        why: "You may remember what they meant, and confirm it with one tap.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "A2-OTHER-CHANNEL",
        family: FAMILY,
        title: "Another way",
        template: "{channel} would do as well: {why}.",
        about: "Names another way that suits the person and is not forbidden.",
        why: "You may have reasons that no rule knows.",
        numbers: &[],
        sources: &[channels::WRITE_DO_NOT_CALL, channels::LINKEDIN],
    },
    Rule {
        id: "A3-OTHER-PERSON",
        family: FAMILY,
        title: "Another person",
        template: "{name} would be the next person to ask.",
        about: "Names who comes next in the order of recipients.",
        why: "The first one may have left or may not answer.",
        numbers: &[],
        sources: &[],
    },
];
