//! What you owe them: what you were asked for and what you offered.

use super::{Rule, parameter};

const FAMILY: &str = "commitments";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "C1",
        family: FAMILY,
        title: "Deliver by the date",
        template: "You promised this by {due}; the working day before leaves room for surprises.",
        about: "What has a due date is best delivered on the business day before, and at the \
            latest on that day in the afternoon.",
        why: "Your own promises are binding, and a scanner may fail on the last day.",
        numbers: &[parameter::FOLLOW_UP_TIME, parameter::DUE_TIME, parameter::DELIVER_AFTER],
        sources: &[],
    },
    Rule {
        id: "C2-ROLL-BACK",
        family: FAMILY,
        title: "Due on a free day",
        template: "{due} is not a working day there, so it should be with them by {rolled}.",
        about: "A due date on a weekend or holiday of the office moves back to the business day \
            before.",
        why: "Their promises get the benefit of the doubt, yours do not.",
        numbers: &[parameter::DUE_TIME],
        sources: &[],
    },
    Rule {
        id: "C3-BALL-IN-MY-COURT",
        family: FAMILY,
        title: "You owe them something",
        template: "You still owe them something. Deliver it first, then ask.",
        about: "As long as something that you owe is open, asking where things stand is blocked.",
        why: "They may be waiting for you.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "C3-NEXT-STEP-MINE",
        family: FAMILY,
        title: "The next step is yours",
        template: "You said that you take the next step. Take it first, then ask.",
        about: "When the interview ended with the next step on your side, asking where things \
            stand is blocked until you have taken it.",
        why: "They are waiting for you.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "C4-THIRD-PARTY",
        family: FAMILY,
        title: "Somebody else must write it",
        template: "Someone else has to write this. Ask today and allow {ideal}.",
        about: "For a letter of recommendation and the like without a date: ask the writer at \
            once, allow some business days, and remind them separately.",
        why: "You promised something that another person must do.",
        numbers: &[parameter::THIRD_PARTY, parameter::FOLLOW_UP_TIME],
        sources: &[],
    },
    Rule {
        id: "C5-WITH-THANKS",
        family: FAMILY,
        title: "Together with the thanks",
        template: "No date was set, so send it together with your thank-you note.",
        about: "What you owe without a date goes out when the thanks do, by the end of the next \
            business day.",
        why: "One message with everything is better than two.",
        numbers: &[parameter::THANK_IDEAL, parameter::MORNING_TIME],
        sources: &[],
    },
    Rule {
        id: "C6-REANCHOR",
        family: FAMILY,
        title: "Their time starts again",
        template: "You delivered on {delivered}, after the day they had named, so their time \
            starts again from there.",
        about: "When you deliver something after the day that they had promised, days are counted \
            from your delivery as if nothing had been promised.",
        why: "They could not decide without what you owed them.",
        numbers: &[parameter::OPEN],
        sources: &[],
    },
    Rule {
        id: "C7-DUE-NOW",
        family: FAMILY,
        title: "Due at once",
        template: "This is due at once; any hour is fine.",
        about: "When a date is so near that the usual times are over already, some hours are left \
            to you, and office hours do not matter.",
        why: "They asked for it now; later is not more polite.",
        numbers: &[parameter::DELIVER_AFTER, parameter::DELIVER_AT_LEAST, parameter::DUE_TIME],
        sources: &[],
    },
];
