//! An offer from elsewhere.

use super::Rule;
use super::evidence::channels;

const FAMILY: &str = "offers";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "O1",
        family: FAMILY,
        title: "News about another offer",
        template: "You have another offer to answer by {deadline}. Telling them is fair and useful \
            at any time.",
        about: "Tells this employer about an offer from elsewhere, once, as soon as their office \
            is open, and two business days before your deadline at the latest. It does not count \
            as an unanswered message.",
        why: "It is the one piece of news that changes their timetable. No ultimatum: you ask \
            whether they can say something by then.",
        numbers: &[],
        sources: &[channels::TELL_ABOUT_OFFERS],
    },
    Rule {
        id: "O2-SHORT-FUSE",
        family: FAMILY,
        title: "Call first",
        template: "There is little time left, so call first and then write.",
        about: "When two business days before the deadline are over already, a call comes first, \
            four hours before the deadline at the latest.",
        why: "An e-mail may be read too late.",
        numbers: &[],
        sources: &[channels::TELL_ABOUT_OFFERS, channels::WRITE_DO_NOT_CALL],
    },
    Rule {
        id: "O3-MERGED-INTO-NUDGE",
        family: FAMILY,
        title: "The offer asks already",
        template: "Your news about the other offer asks the same question, so this message waits.",
        about: "As long as news about another offer is waiting to be told, asking where things \
            stand is blocked.",
        why: "Two questions at once would be one too many.",
        numbers: &[],
        sources: &[channels::TELL_ABOUT_OFFERS],
    },
    Rule {
        id: "O4-OFF-HOURS-OK",
        family: FAMILY,
        title: "Outside office hours",
        template: "The deadline comes before their office opens; outside office hours is fine \
            here.",
        about: "When no office hour is left before the deadline, the news may go out at any hour.",
        why: "They would rather be disturbed than lose you unheard.",
        numbers: &[],
        sources: &[channels::TELL_ABOUT_OFFERS],
    },
];
