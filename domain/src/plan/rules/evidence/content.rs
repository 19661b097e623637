//! What a good message holds, and what annoys.

use super::Grade::{B, C};
use super::{Evidence, analogy, opinion};

const SHORT_AND_THEIR_OWN: &str = "Keep it to three short paragraphs: the name spelled right, one \
    moment of the talk, a line about how you fit or about a concern of theirs, your interest; and \
    proofread it.";

/// What belongs into a thank-you note.
pub(in crate::plan::rules) const A_GOOD_NOTE: &[Evidence] = &[
    opinion(B, "Accountemps", SHORT_AND_THEIR_OWN)
        .figure("three to six sentences")
        .at("usccu.org/2017/12/01/…; e-channelnews.com")
        .published("2017-12-01"),
    opinion(B, "CareerBuilder", SHORT_AND_THEIR_OWN)
        .at("press.careerbuilder.com/2005-08-16-…")
        .published("2005-08-16"),
    opinion(B, "smithhanley.com", SHORT_AND_THEIR_OWN).at("smithhanley.com"),
    opinion(C, "kathleenmeil.com", "If a competitor could have written it, rewrite it.")
        .at("kathleenmeil.com"),
    opinion(C, "deckdout.net", "Add one thought that was not said in the room.").at("deckdout.net"),
];

/// What makes a follow-up worth reading.
pub(in crate::plan::rules) const SOMETHING_NEW: &[Evidence] = &[analogy(
    C,
    "imisofts",
    "Cold mail that brings something new is answered more often than mail that only checks in.",
)
.figure("0.8 to 1.2% against 0.3%")];

/// What does not belong into a follow-up.
pub(in crate::plan::rules) const NO_SALARY: &[Evidence] = &[opinion(
    B,
    "Accountemps, reported by yourcoffeebreak.co.uk",
    "Do not bring up salary or benefits.",
)
.at("yourcoffeebreak.co.uk")];

const NUISANCES: &str = "What annoys recruiters: frequent calls about the status, ignored \
    instructions, several channels at once, a letter read onto voicemail, gifts and gimmicks.";

/// What recruiters say annoys them.
pub(in crate::plan::rules) const ANNOYING: &[Evidence] = &[
    opinion(C, "people-corner.com; highpoweredprofessional.com; world.edu", NUISANCES)
        .at("people-corner.com; highpoweredprofessional.com; world.edu/follow-job-interview"),
    opinion(B, "Tim Sackett", NUISANCES).at("tlnt; timsackett.com"),
];
