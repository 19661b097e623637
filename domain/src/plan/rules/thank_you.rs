//! Thank-you notes: to whom, when, by which way and how.

use super::evidence::{channels, content, thanks, weight};
use super::{Rule, parameter};

const FAMILY: &str = "thank_you";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "T1",
        family: FAMILY,
        title: "Thank everyone",
        template: "Thank everyone you spoke with while they still remember you.",
        about: "One note to every interviewer who was there, for every interview that took place: \
            by e-mail unless you prefer letters.",
        why: "A note is cheap insurance: many notice it, and it never decides alone. Nobody who \
            missed it needs to worry.",
        numbers: &[],
        sources: &[
            weight::NOTES_COUNT,
            thanks::EMAIL_IS_FINE,
            thanks::NOT_BY_TEXT,
            thanks::ONE_OR_BOTH,
            content::A_GOOD_NOTE,
        ],
    },
    Rule {
        id: "T2-SAME-DAY",
        family: FAMILY,
        title: "A few hours later",
        template: "A few hours after the interview, still on the same working day, is the best \
            moment.",
        about: "When there is time left in the office's day, the note goes out some hours after \
            the end of the interview.",
        why: "You are still remembered, and the note does not look as if it had been written \
            beforehand.",
        numbers: &[parameter::THANK_AFTER, parameter::THANK_IDEAL, parameter::THANK_LATEST],
        sources: &[thanks::WITHIN_A_DAY, thanks::NOT_AT_ONCE],
    },
    Rule {
        id: "T2-BEFORE-HOURS",
        family: FAMILY,
        title: "In the morning of the same day",
        template: "The interview ended before office hours, so the note arrives in the morning of \
            the same day.",
        about: "When the best moment would come before the office opens, the note waits for that \
            morning.",
        why: "Nobody reads mail before the day begins, and the note is found when it does.",
        numbers: &[parameter::THANK_IDEAL, parameter::MORNING_TIME],
        sources: &[thanks::WITHIN_A_DAY, channels::OFF_HOURS],
    },
    Rule {
        id: "T3-BEFORE-THE-GAP",
        family: FAMILY,
        title: "Before they close",
        template: "The office is closed the day after, so the note goes out an hour after the \
            interview.",
        about: "Before a weekend or a holiday, when the usual pause would end after office hours, \
            the note goes out after a short pause if the office is still open then.",
        why: "After free days the note would come late and get lost among what piled up.",
        numbers: &[parameter::THANK_AFTER, parameter::THANK_IDEAL],
        sources: &[thanks::FRIDAY, thanks::WITHIN_A_DAY],
    },
    Rule {
        id: "T4-NEXT-MORNING",
        family: FAMILY,
        title: "The next working morning",
        template: "It ended too late for the same day; the next working morning is the best moment.",
        about: "When the usual pause ends after office hours, the note waits for the next morning \
            on which the office is open.",
        why: "A note in the evening asks for attention in somebody's free time; in the morning it \
            is among the first.",
        numbers: &[parameter::MORNING_TIME, parameter::FOLLOW_UP_TIME, parameter::THANK_LATEST],
        sources: &[thanks::WITHIN_A_DAY, thanks::NOT_AT_ONCE, thanks::FRIDAY, channels::OFF_HOURS],
    },
    Rule {
        id: "T5-DECISION-IMMINENT",
        family: FAMILY,
        title: "Before they decide",
        template: "They decide by {by}, so the note should not wait.",
        about: "When the decision is promised for the next business day or before, the note goes \
            out as soon as the office is open and a short pause is over.",
        why: "A note after the decision is a courtesy only.",
        numbers: &[parameter::THANK_AFTER],
        sources: &[thanks::POST_IS_SLOW],
    },
    Rule {
        id: "T6-MAIL-OK",
        family: FAMILY,
        title: "A letter arrives in time",
        template: "A handwritten note posted on {posted} arrives about {arrives}, in good time.",
        about: "When you like letters, the days in the post are counted; a letter is advised only \
            when it arrives before the promised days begin, or soon when nothing was promised.",
        why: "A letter is personal, if it is read before they decide.",
        numbers: &[parameter::POST, parameter::THANK_AFTER],
        sources: &[thanks::ONE_OR_BOTH, thanks::POST_IS_SLOW],
    },
    Rule {
        id: "T6-MAIL-TOO-SLOW",
        family: FAMILY,
        title: "A letter would come too late",
        template: "A handwritten note would arrive about {arrives}, too late, so an e-mail is \
            better.",
        about: "When a letter would not arrive in time, or no postal address is known, the note \
            goes by e-mail.",
        why: "A letter that comes after the decision might as well not have been written.",
        numbers: &[parameter::POST, parameter::THANK_AFTER],
        sources: &[thanks::POST_IS_SLOW, thanks::EMAIL_IS_FINE],
    },
    Rule {
        id: "T7-UNIQUE-EACH",
        family: FAMILY,
        title: "A note of their own",
        template: "You met {people}; each note should mention something of its own.",
        about: "After an interview with several people, and after every panel, each note is to \
            differ from the others.",
        why: "Interviewers compare the notes that they get.",
        numbers: &[],
        sources: &[thanks::ONE_EACH, content::A_GOOD_NOTE],
    },
    Rule {
        id: "T8-LIMBO-ASK",
        family: FAMILY,
        title: "Ask for the timeline",
        template: "Nobody named a date. The note may ask in one line when to expect the next step.",
        about: "When the latest interview ended without a date, no next round is booked and you \
            have not asked yet, the note may ask.",
        why: "It repairs what was forgotten at the door, once and politely.",
        numbers: &[],
        sources: &[thanks::ASK_IN_THE_NOTE],
    },
    Rule {
        id: "T9-NO-ADDRESS",
        family: FAMILY,
        title: "No address",
        template: "You have no e-mail address for this person; ask whoever arranged the \
            interview to pass the note on.",
        about: "When the ways to reach somebody are recorded and e-mail is not among them, the \
            note goes through the coordinator.",
        why: "To dig for an address looks intrusive; to ask for it, or to have a note passed on, \
            is usual.",
        numbers: &[],
        sources: &[thanks::NO_ADDRESS],
    },
    Rule {
        id: "T10-LATE-THANKS",
        family: FAMILY,
        title: "Thanks inside another message",
        template: "The time for a separate thank-you note has passed; put the thanks into this \
            message.",
        about: "After some business days thanks no longer go out on their own; the next follow-up \
            carries them.",
        why: "Thanks alone are pointless by then, but they are not lost. Nobody needs to be \
            alarmed over a note that was missed.",
        numbers: &[parameter::THANK_EXPIRES],
        sources: &[thanks::TOO_LATE_ALONE, weight::NOTES_COUNT],
    },
];
