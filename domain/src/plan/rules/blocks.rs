//! What they asked you not to do. It binds.

use super::Rule;
use super::evidence::{channels, content, thanks};

const FAMILY: &str = "blocks";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "B1",
        family: FAMILY,
        title: "No contact",
        template: "They asked not to be contacted.",
        about: "Blocks a message of your own accord when they want no contact at all, news about \
            another offer included.",
        why: "Whoever ignores a plain instruction is remembered for that.",
        numbers: &[],
        sources: &[channels::THEIR_WISH_BINDS],
    },
    Rule {
        id: "B1-DNC",
        family: FAMILY,
        title: "No questions about the status",
        template: "They asked not to be asked where things stand.",
        about: "Blocks follow-ups. Thanks, what you owe them and news about another offer stay \
            possible.",
        why: "\"We will contact you\" means what it says.",
        numbers: &[],
        sources: &[channels::THEIR_WISH_BINDS, content::ANNOYING],
    },
    Rule {
        id: "B2-NO-THANKS",
        family: FAMILY,
        title: "No thank-you notes",
        template: "They asked for no thank-you notes.",
        about: "No notes are planned when the employer, or the person, wants none.",
        why: "Some employers do not want notes. To send one nevertheless shows that you did not \
            read their instructions.",
        numbers: &[],
        sources: &[thanks::NOTES_FORBIDDEN],
    },
    Rule {
        id: "B3-NO-CONTACT",
        family: FAMILY,
        title: "Only what they request",
        template: "They asked not to be contacted, except for what they request.",
        about: "Blocks everything but answers and what they asked you to send.",
        why: "Whoever ignores a plain instruction is remembered for that.",
        numbers: &[],
        sources: &[channels::THEIR_WISH_BINDS],
    },
];
