//! Does a thank-you note matter at all? It is cheap insurance and never decides alone.

use super::Grade::{A, B};
use super::{Evidence, opinion, survey};

/// Notes are noticed by many and decisive for few.
pub(in crate::plan::rules) const NOTES_COUNT: &[Evidence] = &[
    survey(
        A,
        "TopResume",
        "Most recruiters and hiring managers say that a thank-you note influences them; some have \
            dropped a candidate because none came.",
    )
    .figure("68% of 358 are influenced; 16% have dropped somebody")
    .at("talentinc.com/press-2017-11-14")
    .published("2017-11-14"),
    survey(
        A,
        "Accountemps",
        "Most HR managers take a note into account, and few candidates send one.",
    )
    .figure(
        "80% take it into account; 24% of candidates send one, 51% in 2007; very helpful 22%, \
            somewhat 58%, not very 12%, not at all 8%",
    )
    .at("press.roberthalf.com/2017-11-20-…; reprinted at ceo-mag.com")
    .published("2017-11-20"),
    survey(
        A,
        "Accountemps, reported by CareerBeacon",
        "In another wave of the Accountemps survey more than half found a note of little or no \
            help.",
    )
    .figure("very helpful 2%, somewhat 40%, not very 17%, not at all 38%")
    .at("explore.careerbeacon.com/surveys-find-job-candidates-…")
    .dissenting(),
    survey(
        A,
        "CareerBuilder",
        "Some managers would not hire a candidate who sent no note; more would think less of them.",
    )
    .figure("about 15% and 32% of more than 650 managers")
    .at("press.careerbuilder.com/2005-08-16-…")
    .published("2005-08-16"),
    opinion(
        B,
        "Ask a Manager",
        "To turn down an otherwise good candidate over a missing note is wrong.",
    )
    .at("askamanager.org/2015/05/which-is-better-…")
    .published("2015-05")
    .dissenting(),
];
