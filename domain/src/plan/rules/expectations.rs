//! Which of their promises counts, and what its words mean.

use super::{Rule, parameter};

const FAMILY: &str = "expectations";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "E1-NEWEST",
        family: FAMILY,
        title: "The newest promise counts",
        template: "Their newest words count, not what they said before.",
        about: "Of several promises the newest decides, spoken or written.",
        why: "Plans change, and whoever spoke last knows most.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "E2-CONFIRMED",
        family: FAMILY,
        title: "A confirmed date counts",
        template: "You confirmed the date, so it counts whatever the words could mean.",
        about: "A date that you confirmed is taken as it is and never read again from the words.",
        why: "You were there. A reading of words is a guess, a confirmation is not.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "E3-AMBIGUOUS",
        family: FAMILY,
        title: "Words with two readings",
        template: "Their words can also mean {alternative}. Until you confirm the date, the later \
            reading counts.",
        about: "Some words, such as \"next Tuesday\", name two days. The later one is taken, and \
            the other one is offered for you to confirm.",
        why: "Asking too early costs more than asking a few days later.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "E4-VOID",
        family: FAMILY,
        title: "A later interview starts anew",
        template: "A later interview has taken place, so what they promised before it no longer \
            counts.",
        about: "A promise that was made before the latest interview is left out; days are counted \
            from that interview or from what was said there.",
        why: "A new conversation makes new expectations.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "E5-ENDED",
        family: FAMILY,
        title: "A late reply ends the promise",
        template: "They wrote after the promised day without naming a new one, so their time \
            starts again from there.",
        about: "An answer without a date after the promised day ends the promise, and days are \
            counted from that answer. The same answer on or before the day changes nothing.",
        why: "They have spoken; to insist on a day that is over would be petty.",
        numbers: &[parameter::OPEN],
        sources: &[],
    },
];
