//! The answer at a glance, in one sentence about the first item of a plan.

use super::Rule;
use super::evidence::{channels, persistence};

const FAMILY: &str = "headline";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "H1-ACT-NOW",
        family: FAMILY,
        title: "Now",
        template: "Now is a good time to {what}.",
        about: "Said when the first item of the plan is due and in its window.",
        why: "The question was: to follow up, or not? Here the answer is yes.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "H2-WAIT",
        family: FAMILY,
        title: "Wait",
        template: "Nothing to do until {when}; then {what}.",
        about: "Said when the first item lies ahead. It always names the moment.",
        why: "The wait is what frustrates candidates most; a date gives it an end.",
        numbers: &[],
        sources: &[channels::THE_WAIT],
    },
    Rule {
        id: "H3-OVERDUE",
        family: FAMILY,
        title: "Late, not too late",
        template: "It is not too late to {what}.",
        about: "Said when the best days of the first item are over and it is still worth doing.",
        why: "A reproach would not help; the item does.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "H4-LAST-CALL",
        family: FAMILY,
        title: "One last time",
        template: "You may {what} one last time.",
        about: "Said when the first item is the last message that is tactful.",
        why: "It is good to know before you write it.",
        numbers: &[],
        sources: &[persistence::AT_MOST_TWO],
    },
    Rule {
        id: "H5-LET-GO",
        family: FAMILY,
        title: "Let it rest",
        template: "It is time to let this one rest.",
        about: "Said when enough has gone unanswered.",
        why: "Most likely it is a no. An end that you set yourself is better than none.",
        numbers: &[],
        sources: &[persistence::NO_GOODBYE, persistence::GHOSTING],
    },
    Rule {
        id: "H6-BLOCKED",
        family: FAMILY,
        title: "Not now",
        template: "Please do not {what} now.",
        about: "Said when everything in the plan is blocked. The item says by what.",
        why: "To know why not is as useful as to know when.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "H7-NOTHING",
        family: FAMILY,
        title: "Nothing to do",
        template: "There is nothing for you to do at the moment.",
        about: "Said when the plan is empty.",
        why: "A plain no is an answer as well.",
        numbers: &[],
        sources: &[],
    },
    Rule {
        id: "H8-CLOSED",
        family: FAMILY,
        title: "Closed",
        template: "This one is closed. There is nothing left to do.",
        about: "Said when you have closed the opportunity or withdrawn.",
        why: "It is over until you or they open it again.",
        numbers: &[],
        sources: &[],
    },
];
