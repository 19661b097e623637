//! Asking after a promised day: most say a day or two later, some say more.

use super::Grade::{B, C};
use super::{Evidence, opinion};

/// Not before the day is over.
pub(in crate::plan::rules) const NEVER_BEFORE: &[Evidence] = &[
    opinion(B, "systemspersonnel.com", "Never ask before the promised day.")
        .at("systemspersonnel.com/2017/10/24/…")
        .published("2017-10-24"),
    opinion(B, "climbtheladder.com", "Never ask before the promised day.")
        .at("climbtheladder.com/when-to-follow-up-on-interview-…"),
    opinion(C, "thatedge.org", "Never ask before the promised day.").at("thatedge.org"),
];

/// How long after it.
pub(in crate::plan::rules) const SOON_AFTER: &[Evidence] = &[
    opinion(B, "climbtheladder.com", "Ask one business day after the promised day.")
        .figure("one business day")
        .at("climbtheladder.com/when-to-follow-up-on-interview-…"),
    opinion(B, "diversityiowa.com", "When a week was promised, ask on the eighth day.")
        .figure("day 8")
        .at("diversityiowa.com"),
    opinion(B, "boston.com", "Ask within a day or two of the promised day.")
        .figure("one to two days")
        .at("boston.com/news/jobs/2010/11/11")
        .published("2010-11-11"),
    opinion(B, "Indeed", "Ask one or two business days after the promised day.")
        .figure("one to two business days")
        .at("indeed.com/career-advice/interviewing/how-long-to-wait-after-interview"),
    opinion(B, "youtern.com", "Ask one or two business days after the promised day.")
        .figure("one to two business days")
        .at("youtern.com/…/2016/12/01")
        .published("2016-12-01"),
    opinion(B, "mgt.buffalo.edu", "Ask one or two business days after the promised day.")
        .figure("one to two business days")
        .at("mgt.buffalo.edu, managing offers"),
    opinion(B, "journalismjobs.com", "When Friday was promised, ask on Monday.")
        .figure("one business day")
        .at("journalismjobs.com/career-advice/20"),
    opinion(B, "staffingagenciesdenver.com", "Wait a few days after the promised day.")
        .at("staffingagenciesdenver.com/2019/12/19")
        .published("2019-12-19"),
    opinion(B, "provisional.com", "Wait another week after the promised day.")
        .figure("one week")
        .at("provisional.com/blog/2018/05")
        .published("2018-05")
        .dissenting(),
    opinion(C, "nexxt.com", "Do not ask on the very next day.")
        .at("nexxt.com, article 14722")
        .dissenting(),
];
