//! When the interview did not take place.

use super::evidence::channels;
use super::{Rule, parameter};

const FAMILY: &str = "exceptions";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "X1",
        family: FAMILY,
        title: "Nobody came",
        template: "Nobody came. A short friendly line to whoever set it up sorts it out.",
        about: "A quarter of an hour after the planned start, the same day, by e-mail to whoever \
            set it up.",
        why: "It may be a mix-up, and a calm line keeps every way open.",
        numbers: &[],
        sources: &[channels::NOBODY_CAME],
    },
    Rule {
        id: "X2",
        family: FAMILY,
        title: "You missed it",
        template: "You missed the appointment. Call, say sorry, and offer new times.",
        about: "At once, within two hours of the planned start: a call first, then a message.",
        why: "Every hour of silence looks like indifference.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "X3",
        family: FAMILY,
        title: "They cancelled",
        template: "They cancelled on {cancelled} and named no new date. Ask for one.",
        about: "From the business day after, best two business days after, within five.",
        why: "They will be sorting out their calendar on the day itself.",
        numbers: &[parameter::FOLLOW_UP_TIME],
        sources: &[],
    },
];
