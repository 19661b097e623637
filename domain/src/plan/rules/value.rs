//! Something new to show: a certificate, a publication, a finished project.

use super::evidence::{content, promised};
use super::{Rule, parameter};

const FAMILY: &str = "value";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "V1",
        family: FAMILY,
        title: "Something new before the day",
        template: "You have something new to show. It may go out before the promised day as long \
            as it asks for nothing.",
        about: "A new qualification goes out in a message of its own, some days after your last \
            message and before the promised day. It must not ask where things stand.",
        why: "It helps them decide, and it is the one message that nobody has to answer.",
        numbers: &[parameter::SPACING, parameter::FOLLOW_UP_TIME],
        sources: &[content::SOMETHING_NEW, promised::NEVER_BEFORE],
    },
    Rule {
        id: "V2-CARRY",
        family: FAMILY,
        title: "Carried by the follow-up",
        template: "There is no room for a separate message, so this one carries your new \
            qualification.",
        about: "When there are too few days left for a message of its own, the follow-up shows \
            what is new.",
        why: "One message that brings something is better than two, and better than one that only \
            asks.",
        numbers: &[parameter::SPACING],
        sources: &[content::SOMETHING_NEW],
    },
];
