//! Around the interview itself: closing it well, and writing down how it ended.

use super::Rule;

const FAMILY: &str = "capture";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "K1",
        family: FAMILY,
        title: "Close the interview well",
        template: "Before you leave, settle three things: who moves next, what you should send, \
            and when you will hear.",
        about: "From a day before the interview until it begins, with a reminder an hour before: \
            the three questions to ask before you leave.",
        why: "Asking is normal and professional, and everything afterwards is easier to time when \
            the answers are known.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "K2",
        family: FAMILY,
        title: "Write down how it ended",
        template: "The interview should be over. Note how it ended and what was said about the \
            next step while it is fresh.",
        about: "A quarter of an hour after the planned end, until somebody has said how it went: \
            who takes the next step, what you owe, and what they promised.",
        why: "Words are forgotten within hours, and the advice rests on the words that were said.",
        numbers: &[],
        sources: &[],
    },
];
