//! Asking where things stand: when, how often, and when to stop.

use super::evidence::{channels, content, open_ended, persistence, promised};
use super::{Rule, parameter};

const FAMILY: &str = "follow_up";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "F1-PROMISE",
        family: FAMILY,
        title: "After the promised day",
        template: "They promised an answer by {by}; {ideal} later is the tactful moment.",
        about: "Counts business days of the office from the last promised day: the first tactful, \
            the best and the last timely day to ask.",
        why: "Before the day is over there is nothing to ask. A business day or two after it, most \
            advisers find a short reminder fine. Some would wait longer, so the window stays open \
            for some days.",
        numbers: &[parameter::PROMISE, parameter::FOLLOW_UP_TIME],
        sources: &[
            promised::NEVER_BEFORE,
            promised::SOON_AFTER,
            channels::BEST_HOUR,
            content::NO_SALARY,
        ],
    },
    Rule {
        id: "F2-OPEN-ENDED",
        family: FAMILY,
        title: "When nothing was promised",
        template: "Nothing was promised, so {ideal} after {base} is the tactful moment.",
        about: "Without a promised day the same window is counted from the last real contact: an \
            interview, an answer of theirs, or something that you delivered.",
        why: "About a week is what most advisers and recruiters name; some would wait for two.",
        numbers: &[parameter::OPEN, parameter::FOLLOW_UP_TIME],
        sources: &[open_ended::ABOUT_A_WEEK, channels::BEST_HOUR, content::NO_SALARY],
    },
    Rule {
        id: "F3-HEDGED",
        family: FAMILY,
        title: "They were not sure",
        template: "They were not sure themselves, so {slack} of patience is added.",
        about: "After words such as \"hopefully\" or \"probably\" the whole window lies a little \
            later.",
        why: "They told you in advance that it may take longer.",
        numbers: &[parameter::HEDGE_SLACK],
        sources: &[],
    },
    Rule {
        id: "F4-GAP",
        family: FAMILY,
        title: "Another message after silence",
        template: "Your message of {base} has not been answered; {ideal} later is the tactful \
            moment for another.",
        about: "Counts from your last unanswered message. The gap grows each time; a promised day \
            that is still ahead comes first.",
        why: "Silence is not a no. Advisers want a week or more between two messages, and growing \
            gaps.",
        numbers: &[parameter::GAPS],
        sources: &[persistence::GROWING_GAPS, persistence::SILENCE_IS_NOT_A_NO],
    },
    Rule {
        id: "F5-LAST-CALL",
        family: FAMILY,
        title: "The last message",
        template: "This is the last message that is still tactful. After it, let it rest.",
        about: "Marks the last message before the limit of unanswered ones. Your own preference \
            may move the limit.",
        why: "More than two messages into silence turn interest into pressure.",
        numbers: &[parameter::MAX_UNANSWERED],
        sources: &[persistence::AT_MOST_TWO, content::ANNOYING],
    },
    Rule {
        id: "F6-OOO",
        family: FAMILY,
        title: "They are away",
        template: "They are away until {returns}; give them time to catch up.",
        about: "An out-of-office notice moves the window behind their return. It does not count as \
            an answer.",
        why: "On the first day back everybody has a full inbox.",
        numbers: &[parameter::AFTER_RETURN],
        sources: &[],
    },
    Rule {
        id: "F7-STALE-SINGLE",
        family: FAMILY,
        title: "Long ago",
        template: "A lot of time has passed. One single message is still fine.",
        about: "When the first message was never sent and its window closed weeks ago, one message \
            remains, and it is the last one.",
        why: "A late question is better than none, and a series of them would be odd.",
        numbers: &[parameter::STALE_FIRST],
        sources: &[persistence::SILENCE_IS_NOT_A_NO],
    },
    Rule {
        id: "G1-MAX-UNANSWERED",
        family: FAMILY,
        title: "Let it go",
        template: "{count} went unanswered. Most likely a no, possibly just slow; free your head, \
            it reopens if they write.",
        about: "After the limit of unanswered messages nothing more is sent. You close the matter \
            for yourself, in private, and any answer opens it again.",
        why: "Many employers never answer, and it says little about you. A farewell message would \
            sound as if you had turned yourself down.",
        numbers: &[parameter::MAX_UNANSWERED, parameter::CLOSE_OUT],
        sources: &[
            persistence::AT_MOST_TWO,
            persistence::NO_GOODBYE,
            persistence::SILENCE_IS_NOT_A_NO,
            persistence::GHOSTING,
        ],
    },
    Rule {
        id: "G2-STALE",
        family: FAMILY,
        title: "Too late for another message",
        template: "Too much time has passed since your last message for another one. Let it go; it \
            reopens if they write.",
        about: "When a further message was planned but its window closed weeks ago, it is no \
            longer worth sending.",
        why: "A message out of the blue after weeks starts the silence again.",
        numbers: &[parameter::STALE_NEXT],
        sources: &[persistence::NO_GOODBYE, persistence::GHOSTING],
    },
    Rule {
        id: "N3-NEXT-ROUND-BOOKED",
        family: FAMILY,
        title: "The next round is booked",
        template: "The next round is booked, so there is nothing to ask now.",
        about: "A booked interview ahead blocks asking where things stand.",
        why: "The booking is the answer.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "N4-ON-HOLD",
        family: FAMILY,
        title: "On hold",
        template: "The position is on hold; there is nothing to ask until they move.",
        about: "When they said that the position is on hold, asking is blocked until they write or \
            a day that they named has come.",
        why: "Whoever you would ask has no answer to give.",
        numbers: &[],
        sources: &[],
    },
];
