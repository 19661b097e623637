//! Asking when nothing was promised: most say about a week.

use super::Grade::{A, B, C};
use super::{Evidence, analogy, opinion, survey};

/// How long to wait when nobody named a day.
pub(in crate::plan::rules) const ABOUT_A_WEEK: &[Evidence] = &[
    opinion(B, "Indeed", "Wait a working week at least.")
        .figure("five business days")
        .at("indeed.com"),
    opinion(B, "youtern.com", "Wait about a working week.")
        .figure("four to five days")
        .at("youtern.com"),
    opinion(B, "journalismjobs.com", "Wait about a week.")
        .figure("five to seven days")
        .at("journalismjobs.com"),
    opinion(C, "inspireambitions.com", "Wait one to two working weeks.")
        .figure("five to ten days")
        .at("inspireambitions.com"),
    opinion(C, "climbtheladder.com", "After a final round wait one to two working weeks.")
        .figure("five to ten days")
        .at("climbtheladder.com/when-should-you-follow-up-after-final-…"),
    opinion(B, "jobs.ieee.org", "Wait a week or two, and not less than one.")
        .figure("one to two weeks")
        .at("jobs.ieee.org, 2018-04-17")
        .published("2018-04-17"),
    survey(
        B,
        "marajobs.wordpress.com",
        "An informal poll of recruiters: most want to hear from a candidate within a week.",
    )
    .figure("after five days 48%, seven 39%, two weeks 11%, never 2%")
    .at("marajobs.wordpress.com"),
    opinion(B, "merrittstaffing.com", "In summer and around holidays wait longer.")
        .figure("two weeks")
        .at("merrittstaffing.com"),
    analogy(
        A,
        "Robert Half",
        "After a résumé, which is less than an interview, nobody minds being asked, most within \
            two weeks.",
    )
    .figure("less than a week 29%, one to two weeks 36%, two to three 25%, later 10%, never 0%")
    .at("press.roberthalf.com/2017-09-19")
    .published("2017-09-19"),
];

/// By which way managers want to be asked after a résumé.
pub(in crate::plan::rules) const ASK_BY_EMAIL: &[Evidence] =
    &[analogy(A, "Robert Half", "After a résumé, most managers prefer to be asked by e-mail.")
        .figure("e-mail 64%, telephone 21%, in person 14%, social network 1%, text message 0%")
        .at("press.roberthalf.com/2017-09-19")
        .published("2017-09-19")];
