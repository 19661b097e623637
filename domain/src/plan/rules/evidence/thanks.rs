//! Thank-you notes: when, by which way, to how many, and when not.

use super::Grade::{A, B, C};
use super::{Evidence, official, opinion, survey};

/// By the next business day.
pub(in crate::plan::rules) const WITHIN_A_DAY: &[Evidence] = &[
    opinion(B, "Accountemps", "Send the note within a day.")
        .figure("24 hours")
        .at("usccu.org/2017/12/01/…")
        .published("2017-12-01"),
    opinion(B, "Missouri career centre", "Send the note within a day.")
        .figure("24 hours")
        .at("career.missouri.edu/interview-follow-up-the-dos-and-donts"),
    opinion(B, "Challenger Gray", "Send the note within a day.")
        .figure("24 hours")
        .at("challengergray.com/blog/art-follow-tips-…"),
    survey(A, "CareerBuilder", "Managers themselves expected a note within days, not hours.")
        .figure("26% within two days, 36% within three to five")
        .at("press.careerbuilder.com/2005-08-16-…")
        .published("2005-08-16"),
];

/// Not in the first minutes.
pub(in crate::plan::rules) const NOT_AT_ONCE: &[Evidence] = &[
    opinion(C, "careertrend.com", "Let some hours pass first.")
        .figure("at least four hours")
        .at("careertrend.com/long-long-wait-…"),
    opinion(B, "smithhanley.com", "The next morning is a good moment.")
        .at("smithhanley.com/2024/09/12/…")
        .published("2024-09-12"),
    opinion(C, "climbtheladder.com", "Send it some hours after the interview.")
        .figure("two to four hours")
        .at("climbtheladder.com/when-to-send-thank-you-after-an-interview-on-friday"),
    opinion(C, "dummies.com", "Write it the same day, from the parking lot.")
        .at("dummies.com/careers/…/3-tips-…")
        .dissenting(),
];

/// Before a weekend.
pub(in crate::plan::rules) const FRIDAY: &[Evidence] = &[opinion(
    C,
    "climbtheladder.com",
    "After an interview on a Friday write the same afternoon, else on Monday morning.",
)
.figure("Monday between 8:00 and 9:00, local time")
.at("climbtheladder.com/when-to-send-thank-you-after-an-interview-on-friday")];

/// When thanks alone come too late.
pub(in crate::plan::rules) const TOO_LATE_ALONE: &[Evidence] = &[opinion(
    C,
    "careertrend.com",
    "After about a week a bare thank-you has lost its point; put it into another message.",
)
.at("careertrend.com/long-long-wait-…")];

/// E-mail is welcome.
pub(in crate::plan::rules) const EMAIL_IS_FINE: &[Evidence] = &[
    survey(
        A,
        "Accountemps",
        "Nearly all managers find e-mail appropriate for thanks, most a handwritten note.",
    )
    .figure("e-mail 94%, handwritten 86%")
    .at("press.roberthalf.com/2017-11-20-…")
    .published("2017-11-20"),
    survey(
        A,
        "blog.resumebear.com",
        "In 2012 e-mail led as clearly, and the telephone came second.",
    )
    .figure("e-mail 87%, telephone 81%, handwritten 38%")
    .at("blog.resumebear.com/interview-tips/farewell-…")
    .published("2012"),
    survey(
        A,
        "e-channelnews.com",
        "In Canada, too, more managers find e-mail appropriate for thanks than a handwritten note.",
    )
    .figure("e-mail 67%, handwritten 48%")
    .at("e-channelnews.com/saying-thanks-…"),
    survey(
        A,
        "massagemag.com",
        "In 2008 the handwritten note was still ahead; the preference has turned since.",
    )
    .figure("handwritten 52%, e-mail 44%")
    .at("massagemag.com")
    .published("2008"),
];

/// Social networks and text messages are not.
pub(in crate::plan::rules) const NOT_BY_TEXT: &[Evidence] = &[survey(
    A,
    "the surveys about e-mail for thanks",
    "Few managers find a social network or a text message appropriate for thanks.",
)
.figure("social network 27% and 6%, text message 10% and 4%, depending on the survey")
.at("press.roberthalf.com/2017-11-20-…; blog.resumebear.com/interview-tips/farewell-…; \
    e-channelnews.com/saying-thanks-…")];

/// A card must arrive before they decide.
pub(in crate::plan::rules) const POST_IS_SLOW: &[Evidence] = &[
    opinion(B, "Ask a Manager", "Cards arrive late or are never seen.")
        .at("askamanager.org/2015/05")
        .published("2015-05"),
    opinion(B, "Ask a Manager", "Cards arrive late or are never seen.")
        .at("askamanager.org/2017/01")
        .published("2017-01"),
    opinion(B, "CNBC", "Cards arrive late or are never seen.")
        .at("cnbc.com/2017/03/24/my-worst-interview-mistake-…")
        .published("2017-03-24"),
    opinion(
        C,
        "winenfood.com",
        "How long first-class mail travels in the United States, by its own standard.",
    )
    .figure("one to five days")
    .at("winenfood.com"),
    opinion(C, "phongnhaexplorer.com", "How long Royal Mail aims to take.")
        .figure("first class: the next working day; second class: two to three")
        .at("phongnhaexplorer.com"),
];

/// An e-mail, a card, or both.
pub(in crate::plan::rules) const ONE_OR_BOTH: &[Evidence] = &[
    opinion(B, "Ask a Manager", "Send one note, not both.")
        .at("askamanager.org/2015/05/which-is-better-…")
        .published("2015-05"),
    opinion(B, "Missouri career centre", "Both an e-mail and a card are fine.")
        .at("career.missouri.edu"),
    opinion(C, "thejobswami.com", "Both an e-mail and a card are fine.").at("thejobswami.com"),
    opinion(C, "the article in which this project began", "Both an e-mail and a card are fine."),
];

/// A note of their own for everybody.
pub(in crate::plan::rules) const ONE_EACH: &[Evidence] = &[
    opinion(B, "smithhanley.com", "Every interviewer gets a note of their own.")
        .at("smithhanley.com"),
    opinion(B, "Challenger Gray", "Every interviewer gets a note of their own.")
        .at("challengergray.com"),
    opinion(B, "netplaces.com", "After a panel every member gets a note of their own.")
        .at("netplaces.com, chapter on panels"),
    opinion(
        B,
        "L. Sarikas, Northeastern",
        "Interviewers compare notes, so no two should be alike.",
    )
    .at("americajobportal.com"),
    opinion(B, "tci-la.com", "Two people who were met at once may share one note.")
        .at("tci-la.com")
        .dissenting(),
];

const NO_DIGGING: &str = "Without an address ask the coordinator or recruiter; do not dig for it.";

/// No address at hand.
pub(in crate::plan::rules) const NO_ADDRESS: &[Evidence] = &[
    opinion(B, "clearpointco.com", NO_DIGGING)
        .at("clearpointco.com/blog/2014/10/08/…")
        .published("2014-10-08"),
    opinion(B, "careersdonewrite.com", NO_DIGGING).at("careersdonewrite.com"),
];

const A_PLACE_TO_ASK: &str = "The note is a good place to ask when to expect the next step.";

/// Nobody named a date.
pub(in crate::plan::rules) const ASK_IN_THE_NOTE: &[Evidence] = &[
    opinion(B, "manpowermaine.com", A_PLACE_TO_ASK)
        .at("manpowermaine.com/2020/05/21/…")
        .published("2020-05-21"),
    opinion(B, "us.hudson.com", A_PLACE_TO_ASK).at("us.hudson.com/it/blog/postid/557"),
    opinion(B, "higheredcareercoach.com", A_PLACE_TO_ASK).at("higheredcareercoach.com"),
    opinion(
        C,
        "climbtheladder.com",
        "Keep the note after a final round free of questions about the timeline.",
    )
    .at("climbtheladder.com/when-should-you-follow-up-after-final-…")
    .dissenting(),
];

/// Some processes forbid notes.
pub(in crate::plan::rules) const NOTES_FORBIDDEN: &[Evidence] = &[
    official(
        A,
        "AAIM",
        "Residency programmes should ask the people whom they interview not to send thank-you \
            notes.",
    )
    .at("im.org/…/recommendations-residency-recruitment"),
    official(A, "stmarymed.com", "A residency programme calls thank-you notes unnecessary.")
        .at("stmarymed.com"),
    opinion(B, "student news of a medical school", "If they told you not to write, do not.")
        .published("2024"),
];
