//! After a decision: theirs, or yours.

use super::evidence::channels;
use super::{Rule, parameter};

const FAMILY: &str = "decision";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "D1",
        family: FAMILY,
        title: "A kind reply to a no",
        template: "They decided for someone else. A short kind reply is optional and often \
            remembered.",
        about: "From an hour after a no, within two business days, dropped after five. Nothing \
            else is asked of you.",
        why: "Jobs come back, and so do people.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "D2",
        family: FAMILY,
        title: "Acknowledge the offer",
        template: "Acknowledge the offer and confirm by when they need your answer.",
        about: "Within a business day after their offer, best an hour later: thanks, and the \
            deadline in writing.",
        why: "They see that it arrived, and you know how long you have.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "D3",
        family: FAMILY,
        title: "Answer the offer",
        template: "They expect your answer by {deadline}.",
        about: "Best on the business day before the deadline, and never after it.",
        why: "The last hour is a poor place for a mishap.",
        numbers: &[parameter::FOLLOW_UP_TIME],
        sources: &[],
    },
    Rule {
        id: "D4-ASK-EXTENSION",
        family: FAMILY,
        title: "Ask for more time",
        template: "You have other applications open; asking for three to seven more working days \
            is normal.",
        about: "When other applications are still open, suggests asking for more time before the \
            answer is due.",
        why: "Asking is usual. Ask for no more than you need.",
        numbers: &[],
        sources: &[channels::ASK_FOR_TIME, channels::TELL_ABOUT_OFFERS],
    },
    Rule {
        id: "WD-WITHDRAW",
        family: FAMILY,
        title: "Withdraw with courtesy",
        template: "You are not interested any more. A short courteous withdrawal frees you both.",
        about: "When you are no longer interested, everything else gives way to one short message \
            that says so.",
        why: "They stop waiting for you, and the door stays open for another time.",
        numbers: &[],
        sources: &[],
    },
];
