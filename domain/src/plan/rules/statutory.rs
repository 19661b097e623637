//! What the law asks of the employer, for the candidate to know.

use super::Rule;
use super::evidence::persistence;

const FAMILY: &str = "statutory";

pub(super) const RULES: &[Rule] = &[Rule {
    id: "S1-ON-45",
    family: FAMILY,
    title: "Ontario, 45 days",
    template: "Ontario asks employers to tell applicants within 45 days of the last interview \
            whether a decision was made: by {until}. Good to know; not something to argue with.",
    about: "A private note on the day after the 45 days, only when the region, the size of the \
            employer and the public posting are known to meet the law.",
    why: "Silence is common, and here it is not allowed. The note is for you to know; it never \
            goes into a message.",
    numbers: &[],
    sources: &[persistence::ONTARIO, persistence::GHOSTING],
}];
