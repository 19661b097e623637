//! To whom, by which way, and how far apart.

use super::evidence::{channels, content, open_ended, persistence, thanks};
use super::{Rule, parameter};

const FAMILY: &str = "routing";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "W1-RECIPIENT",
        family: FAMILY,
        title: "Whom to write to",
        template: "{name} is the person to write to, {why}.",
        about: "Chooses in this order: the recruiter of an agency, whoever made the promise, the \
            employer's recruiter or coordinator, the hiring manager, the latest interviewer.",
        why: "The person who made a promise, or whose task it is to keep you informed, minds \
            least.",
        numbers: &[],
        sources: &[channels::THROUGH_THE_AGENCY],
    },
    Rule {
        id: "W2-CHANNEL",
        family: FAMILY,
        title: "By which way",
        template: "{channel} is the way to go here: {why}.",
        about: "E-mail, unless there is a reason: a call when they invited it, to an agency, or \
            when a deadline is short; LinkedIn when you are connected or talk there already; text \
            messages only if they use them with you.",
        why: "An e-mail can wait until it suits them; a call takes their time when it suits you. \
            Some say that a call shows initiative, others dread it.",
        numbers: &[],
        sources: &[
            channels::WRITE_DO_NOT_CALL,
            channels::LINKEDIN,
            open_ended::ASK_BY_EMAIL,
            thanks::NOT_BY_TEXT,
            content::ANNOYING,
        ],
    },
    Rule {
        id: "W3-NO-THIRD-PARTY",
        family: FAMILY,
        title: "Nobody else, and not in person",
        template: "No drop-in visits, and nobody else asking for you.",
        about: "No advice ever sends you to their door or has somebody else push for you.",
        why: "It puts people on the spot, and they remember that instead of you.",
        numbers: &[],
        sources: &[channels::NO_THIRD_PARTIES, content::ANNOYING],
    },
    Rule {
        id: "M1-BUNDLE",
        family: FAMILY,
        title: "Two messages in one",
        template: "You also write to the same person that day; put both into one message.",
        about: "Two items for the same person on the same day are to be sent together.",
        why: "Two messages on one day read as pressure, one as order.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "M2-SPACING",
        family: FAMILY,
        title: "Room between messages",
        template: "Your last message went out on {last}; leave at least {spacing} between \
            messages.",
        about: "Keeps business days between any two messages to them, thanks included.",
        why: "They count all of your messages, not only those that ask.",
        numbers: &[parameter::SPACING, parameter::OVERTAKEN],
        sources: &[persistence::GROWING_GAPS, content::ANNOYING],
    },
    Rule {
        id: "M3-SEND-WINDOW",
        family: FAMILY,
        title: "In their office hours",
        template: "It waits for their office hours.",
        about: "What would go out in the evening, at a weekend or on a holiday of the office waits \
            for its next opening. What cannot wait is exempt: a missed appointment, something due \
            at once, an offer that runs out.",
        why: "Work mail at night strains whoever gets it, even when no answer is expected.",
        numbers: &[],
        sources: &[channels::OFF_HOURS, channels::BEST_HOUR],
    },
];
