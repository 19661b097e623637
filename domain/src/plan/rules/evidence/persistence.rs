//! How often to ask, how long to hope, and when to stop.

use super::Grade::{A, B, C};
use super::{Evidence, analogy, official, opinion, survey};

/// Two unanswered messages are enough.
pub(in crate::plan::rules) const AT_MOST_TWO: &[Evidence] = &[
    opinion(
        B,
        "HR officials in fresnobee.com",
        "One message is fine, two perhaps if a week lies between them, more make you a pest.",
    )
    .figure("two, a week apart")
    .at("fresnobee.com/…article24651292"),
    opinion(B, "Ask a Manager", "One message, two at most.")
        .figure("one to two")
        .at("askamanager.org/2011/11/is-this-an-unofficial-rejection")
        .published("2011-11"),
    opinion(C, "careery.pro", "Two messages.").figure("two").at("careery.pro"),
    opinion(C, "jobinterview.coach", "Two messages.").figure("two").at("jobinterview.coach"),
    opinion(C, "wiseworq.com", "A third message is all right some weeks past the date.")
        .figure("two to three weeks past the date")
        .at("wiseworq.com")
        .dissenting(),
    analogy(
        C,
        "Instantly",
        "Cold sales mail is answered most after two follow-ups and less after each further one.",
    )
    .figure("replies after one to five mails and more: 4.1, 6.64, 6.94, 5.75, 3.01%")
    .at("dripdraft.com")
    .published("2026"),
    analogy(C, "stripo.email", "In cold sales mail complaints triple with the fourth.")
        .at("stripo.email"),
];

/// A week and more between two messages.
pub(in crate::plan::rules) const GROWING_GAPS: &[Evidence] = &[
    opinion(B, "HR officials in fresnobee.com", "A week lies between two messages.")
        .figure("one week")
        .at("fresnobee.com/…article24651292"),
    opinion(B, "mgt.buffalo.edu", "Wait another week before the next message.")
        .figure("one week")
        .at("mgt.buffalo.edu, managing offers"),
    opinion(C, "katherineturpin.com", "At least a week lies between two messages.")
        .figure("one week")
        .at("katherineturpin.com"),
    opinion(C, "parlantex.com", "The gaps should grow.").at("parlantex.com"),
];

/// Silence is not an answer yet.
pub(in crate::plan::rules) const SILENCE_IS_NOT_A_NO: &[Evidence] = &[
    opinion(B, "Ask a Manager", "Silence is not a no, and three weeks are not long.")
        .at("askamanager.org/2011/11/is-this-an-unofficial-rejection")
        .published("2011-11"),
    opinion(B, "interviewdoctor.com", "Silence is not a no, and three weeks are not long.")
        .at("interviewdoctor.com"),
    survey(
        A,
        "Glassdoor, reported by salarytutor.com",
        "Hiring takes long, and longer than before.",
    )
    .figure("interview process of 24 days in 2022, 12 in 2009")
    .at("salarytutor.com")
    .published("2022"),
    survey(
        A,
        "Glassdoor, reported by The Globe and Mail",
        "After the interview weeks pass, in some countries more than in others.",
    )
    .figure("22.1 days in Canada to 31.9 in France")
    .at("theglobeandmail.com")
    .published("2014"),
];

/// No farewell message.
pub(in crate::plan::rules) const NO_GOODBYE: &[Evidence] = &[opinion(
    B,
    "Ask a Manager",
    "A message that closes the matter yourself sounds as if you had turned yourself down.",
)
.at("askamanager.org/2011/11/is-this-an-unofficial-rejection")
.published("2011-11")];

/// Many never hear back.
pub(in crate::plan::rules) const GHOSTING: &[Evidence] = &[
    survey(
        A,
        "Greenhouse, reported by hr-brew.com",
        "Most candidates have been left without an answer.",
    )
    .figure("75% of 1,500 candidates")
    .at("hr-brew.com"),
    survey(
        A,
        "Indeed, reported by hr-brew.com",
        "Most candidates had been left without an answer since 2020.",
    )
    .figure("77%")
    .at("hr-brew.com")
    .published("2021"),
    survey(
        A,
        "Greenhouse, reported by justblockchaintalent.com",
        "Most were left without an answer after an interview, more than before.",
    )
    .figure("61%, nine points more")
    .at("justblockchaintalent.com")
    .published("2024"),
    survey(
        A,
        "kieransnyder.kit.com",
        "More than a third of full rounds of interviews ended without an answer.",
    )
    .figure("51 of 144, 35%")
    .at("kieransnyder.kit.com"),
    survey(
        A,
        "Glassdoor, reported by recruitingnewsnetwork.com",
        "How often reviews speak of silence depends on how the candidate came in.",
    )
    .figure("through a recruiter 5.4%, online 3.8%, referral 2.2%, government 1.3%")
    .at("recruitingnewsnetwork.com"),
];

/// The one legal floor that is known.
pub(in crate::plan::rules) const ONTARIO: &[Evidence] = &[official(
    A,
    "Ontario, as explained by lawyers and HR editors",
    "From 2026 employers of some size who advertise a post in public must tell the people whom \
        they interviewed whether they have decided.",
)
.figure("25 staff or more; 45 days after the last interview; from 2026-01-01")
.at("bennettjones.com; shibleyrighton.com; hcamag.com")];
