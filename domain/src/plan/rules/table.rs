//! The sentences. Calm, short, never a reproach; times are those of the employer's office.

use super::Rule;

const fn rule(family: &'static str, id: &'static str, template: &'static str) -> Rule {
    Rule { id, family, template }
}

pub(super) const RULES: &[Rule] = &[
    rule(
        "capture",
        "K1",
        "Before you leave, settle three things: who moves next, what you should send, and when you will hear.",
    ),
    rule(
        "capture",
        "K2",
        "The interview should be over. Note how it ended and what was said about the next step while it is fresh.",
    ),
    rule(
        "expectations",
        "E3-AMBIGUOUS",
        "Their words can also mean {alternative}. Until you confirm the date, the later reading counts.",
    ),
    rule(
        "thank_you",
        "T1",
        "Thank everyone you spoke with; an e-mail arrives while they still remember you.",
    ),
    rule(
        "thank_you",
        "T2-SAME-DAY",
        "A few hours after the interview, still on the same working day, is the best moment.",
    ),
    rule(
        "thank_you",
        "T2-BEFORE-HOURS",
        "The interview ended before office hours, so the note arrives in the morning of the same day.",
    ),
    rule(
        "thank_you",
        "T3-BEFORE-THE-GAP",
        "Tomorrow the office is closed, so the note goes out an hour after the interview.",
    ),
    rule(
        "thank_you",
        "T4-NEXT-MORNING",
        "It is too late for today; the next working morning is the best moment.",
    ),
    rule("thank_you", "T5-DECISION-IMMINENT", "They decide by {by}, so the note should not wait."),
    rule(
        "thank_you",
        "T6-MAIL-OK",
        "A handwritten note posted on {posted} arrives about {arrives}, in good time.",
    ),
    rule(
        "thank_you",
        "T6-MAIL-TOO-SLOW",
        "A handwritten note would arrive about {arrives}, too late, so an e-mail is better.",
    ),
    rule(
        "thank_you",
        "T7-UNIQUE-EACH",
        "You met {people}; each note should mention something of its own.",
    ),
    rule(
        "thank_you",
        "T8-LIMBO-ASK",
        "Nobody named a date. The note may ask in one line when to expect the next step.",
    ),
    rule(
        "thank_you",
        "T9-NO-ADDRESS",
        "You have no e-mail address for this person; ask the coordinator to pass the note on.",
    ),
    rule(
        "thank_you",
        "T10-LATE-THANKS",
        "The time for a separate thank-you note has passed; put the thanks into this message.",
    ),
    rule(
        "commitments",
        "C1",
        "You promised this by {due}; the working day before leaves room for surprises.",
    ),
    rule(
        "commitments",
        "C2-ROLL-BACK",
        "{due} is not a working day there, so it should be with them by {rolled}.",
    ),
    rule(
        "commitments",
        "C3-BALL-IN-MY-COURT",
        "You still owe them something. Deliver it first, then ask.",
    ),
    rule(
        "commitments",
        "C4-THIRD-PARTY",
        "Someone else has to write this. Ask today and allow {ideal}.",
    ),
    rule(
        "commitments",
        "C5-WITH-THANKS",
        "No date was set, so send it together with your thank-you note.",
    ),
    rule(
        "commitments",
        "C6-REANCHOR",
        "You delivered on {delivered}, after the day they had named, so their time starts again from there.",
    ),
    rule("commitments", "C7-DUE-NOW", "This is due at once; any hour is fine."),
    rule(
        "follow_up",
        "F1-PROMISE",
        "They promised an answer by {by}; {ideal} later is the tactful moment.",
    ),
    rule(
        "follow_up",
        "F2-OPEN-ENDED",
        "Nothing was promised, so {ideal} after {base} is the tactful moment.",
    ),
    rule(
        "follow_up",
        "F3-HEDGED",
        "They were not sure themselves, so {slack} of patience is added.",
    ),
    rule(
        "follow_up",
        "F4-GAP",
        "Your message of {base} has not been answered; {ideal} later is the tactful moment for another.",
    ),
    rule(
        "follow_up",
        "F5-LAST-CALL",
        "This is the last message that is still tactful. After it, let it rest.",
    ),
    rule("follow_up", "F6-OOO", "They are away until {returns}; give them time to catch up."),
    rule(
        "follow_up",
        "F7-STALE-SINGLE",
        "A lot of time has passed. One single message is still fine.",
    ),
    rule(
        "follow_up",
        "G1-MAX-UNANSWERED",
        "{count} went unanswered. Most likely a no, possibly just slow; free your head, it reopens if they write.",
    ),
    rule(
        "follow_up",
        "G2-STALE",
        "Too much time has passed since your last message for another one. Let it go; it reopens if they write.",
    ),
    rule(
        "follow_up",
        "N3-NEXT-ROUND-BOOKED",
        "The next round is booked, so there is nothing to ask now.",
    ),
    rule(
        "routing",
        "M2-SPACING",
        "Your last message went out on {last}; leave at least {spacing} between messages.",
    ),
    rule(
        "value",
        "V1",
        "You have something new to show. It may go out before the promised day as long as it asks for nothing.",
    ),
    rule(
        "value",
        "V2-CARRY",
        "There is no room for a separate message, so this one carries your new qualification.",
    ),
    rule("blocks", "B1", "They asked not to be contacted."),
    rule("blocks", "B1-DNC", "They asked not to be asked where things stand."),
    rule(
        "blocks",
        "B3-NO-CONTACT",
        "They asked not to be contacted, except for what they request.",
    ),
    rule("agency", "R1", "An agency stands in between; the thanks go through its recruiter."),
    rule(
        "agency",
        "R2",
        "Tell the recruiter how it went while it is fresh; they are waiting to hear it.",
    ),
    rule(
        "offers",
        "O1",
        "You have another offer to answer by {deadline}. Telling them is fair and useful at any time.",
    ),
    rule("offers", "O2-SHORT-FUSE", "There is little time left, so call first and then write."),
    rule(
        "offers",
        "O3-MERGED-INTO-NUDGE",
        "Your news about the other offer asks the same question, so this message waits.",
    ),
    rule(
        "offers",
        "O4-OFF-HOURS-OK",
        "The deadline comes before their office opens; outside office hours is fine here.",
    ),
    rule(
        "decision",
        "D1",
        "They decided for someone else. A short kind reply is optional and often remembered.",
    ),
    rule("decision", "D2", "Acknowledge the offer and confirm by when they need your answer."),
    rule("decision", "D3", "They expect your answer by {deadline}."),
    rule(
        "decision",
        "D4-ASK-EXTENSION",
        "You have other applications open; asking for three to seven more working days is normal.",
    ),
    rule(
        "exceptions",
        "X1",
        "Nobody came. A short friendly line to whoever set it up sorts it out.",
    ),
    rule("exceptions", "X2", "You missed the appointment. Call, say sorry, and offer new times."),
    rule("exceptions", "X3", "They cancelled on {cancelled} and named no new date. Ask for one."),
    rule(
        "statutory",
        "S1-ON-45",
        "Ontario asks employers to tell applicants within 45 days of the last interview whether a decision was made: by {until}. Good to know; not something to argue with.",
    ),
    rule("custom", "U1-CUSTOM", "You planned this yourself."),
    rule("headline", "H1-ACT-NOW", "Now is a good time to {what}."),
    rule("headline", "H2-WAIT", "Nothing to do until {when}; then {what}."),
    rule("headline", "H3-OVERDUE", "It is not too late to {what}."),
    rule("headline", "H4-LAST-CALL", "You may {what} one last time."),
    rule("headline", "H5-LET-GO", "It is time to let this one rest."),
    rule("headline", "H6-BLOCKED", "Please do not {what} now."),
    rule("headline", "H7-NOTHING", "There is nothing for you to do at the moment."),
    rule("headline", "H8-CLOSED", "This one is closed. There is nothing left to do."),
];
