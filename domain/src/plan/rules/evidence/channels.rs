//! By which way, to whom, at what hour, and when not at all.

use super::Grade::{A, B, C};
use super::{Evidence, analogy, official, opinion, survey};

/// Write; call only with good reason.
pub(in crate::plan::rules) const WRITE_DO_NOT_CALL: &[Evidence] = &[
    opinion(B, "Ask a Manager", "Repeated calls are what hiring managers dread.")
        .at("askamanager.org/2011/08")
        .published("2011-08"),
    opinion(B, "clearpointco.com", "Follow up by e-mail; call only if invited.")
        .at("clearpointco.com"),
    opinion(
        C,
        "climbtheladder.com",
        "A call is all right after a missed date, after a week or two, or with another offer.",
    )
    .figure("one to two weeks")
    .at("climbtheladder.com/is-it-appropriate-to-call-…"),
    opinion(B, "blog.expresspros.com", "Leave a voicemail or two at most.")
        .figure("one to two")
        .at("blog.expresspros.com"),
    opinion(C, "thebalancemoney.com", "A call shows initiative.")
        .at("thebalancemoney.com")
        .dissenting(),
    opinion(C, "Monster", "A call shows initiative.").dissenting(),
];

const IF_CONNECTED: &str = "Use LinkedIn only if you are connected or talk there already.";

/// On social networks only between people who are connected.
pub(in crate::plan::rules) const LINKEDIN: &[Evidence] = &[
    opinion(B, "Missouri career centre", IF_CONNECTED).at("career.missouri.edu"),
    opinion(B, "clearpointco.com", IF_CONNECTED).at("clearpointco.com"),
    opinion(C, "thebalancemoney.com", IF_CONNECTED).at("thebalancemoney.com"),
];

const NOBODY_PUSHES: &str =
    "No drop-in visits, no insiders who push, no references who call for you.";

/// Nobody turns up, nobody pushes.
pub(in crate::plan::rules) const NO_THIRD_PARTIES: &[Evidence] = &[
    opinion(C, "nexxt.com", NOBODY_PUSHES).at("nexxt.com, article 14722"),
    opinion(B, "Tim Sackett", NOBODY_PUSHES)
        .at("timsackett.com/2012/07/11")
        .published("2012-07-11"),
    opinion(B, "Missouri career centre", NOBODY_PUSHES).at("career.missouri.edu"),
];

const TELL_THE_RECRUITER: &str =
    "Everything goes through the agency; tell its recruiter the same day how it went.";

/// With an agency in between.
pub(in crate::plan::rules) const THROUGH_THE_AGENCY: &[Evidence] = &[
    opinion(
        B,
        "us.hudson.com",
        "Everything goes through the agency; tell its recruiter the same day how it went, and call \
            sooner than you would write to an employer.",
    )
    .at("us.hudson.com/it/blog/postid/557"),
    opinion(C, "recruiterscouch.com", TELL_THE_RECRUITER)
        .at("recruiterscouch.com/2018/05/31")
        .published("2018-05-31"),
    opinion(C, "careerone.com.au", TELL_THE_RECRUITER).at("careerone.com.au"),
];

/// Not in their evening.
pub(in crate::plan::rules) const OFF_HOURS: &[Evidence] = &[analogy(
    A,
    "Giurge and Bohns",
    "People who get work mail believe that it wants a quicker answer than its senders do, and are \
        strained by it, most outside working hours; saying that there is no rush helps.",
)
.figure("eight studies")
.at("news.cornell.edu/node/322477; labmanager.com")];

const MORNINGS: &str = "Mornings in the middle of the week, their time, are best.";

/// The best hour.
pub(in crate::plan::rules) const BEST_HOUR: &[Evidence] = &[
    opinion(C, "parlantex.com", MORNINGS)
        .figure("Tuesday and Wednesday, 9:00 to 12:00")
        .at("parlantex.com"),
    opinion(C, "jobinterview.coach", MORNINGS).at("jobinterview.coach"),
];

const THEY_MEAN_IT: &str = "\"We will contact you\" and \"no calls\" mean what they say.";

/// What they asked for binds.
pub(in crate::plan::rules) const THEIR_WISH_BINDS: &[Evidence] = &[
    opinion(B, "Ask a Manager", THEY_MEAN_IT).at("askamanager.org/2011/08").published("2011-08"),
    opinion(C, "yourjobiscalling.com", THEY_MEAN_IT).at("yourjobiscalling.com"),
    official(A, "stmarymed.com", THEY_MEAN_IT).at("stmarymed.com"),
];

const TELL_AT_ONCE: &str = "Tell every other employer at once about an offer, ask where they \
    stand, set no ultimatum, and leave some days.";

/// Another offer is news for everybody.
pub(in crate::plan::rules) const TELL_ABOUT_OFFERS: &[Evidence] = &[
    opinion(C, "formation.dev", TELL_AT_ONCE)
        .at("formation.dev/blog/understanding-exploding-offers…"),
    opinion(C, "climbtheladder.com", TELL_AT_ONCE)
        .at("climbtheladder.com/how-to-tell-a-hiring-manager-…"),
    opinion(C, "kalikajaros.com", TELL_AT_ONCE).at("kalikajaros.com"),
    opinion(B, "Duke career hub", TELL_AT_ONCE).at("careerhub.students.duke.edu"),
];

/// More time to decide.
pub(in crate::plan::rules) const ASK_FOR_TIME: &[Evidence] = &[opinion(
    C,
    "climbtheladder.com",
    "An extension of some days is usual; ask for no more than you need.",
)
.figure("three to seven business days")
.at("climbtheladder.com/what-to-say-if-offered-…")];

const ONE_CALM_MESSAGE: &str =
    "Wait a little, then send one calm message to whoever set it up, the same day.";

/// When nobody comes.
pub(in crate::plan::rules) const NOBODY_CAME: &[Evidence] = &[
    opinion(C, "climbtheladder.com", ONE_CALM_MESSAGE)
        .figure("10 to 15 minutes")
        .at("climbtheladder.com/what-to-do-if-your-interviewer-…"),
    opinion(C, "yourcareersupport.com", ONE_CALM_MESSAGE)
        .figure("10 to 15 minutes")
        .at("yourcareersupport.com"),
    opinion(C, "career-ops, an issue of the project", ONE_CALM_MESSAGE).at("career-ops#1859"),
];

/// What the wait does.
pub(in crate::plan::rules) const THE_WAIT: &[Evidence] = &[survey(
    A,
    "Robert Half",
    "The wait is what frustrates candidates most, and many lose interest soon.",
)
.figure("57% name the wait; 23% lose interest within a week, 46% more within two")
.at("blog.hreonline.com")
.published("2016")];
