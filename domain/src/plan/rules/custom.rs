//! What you planned yourself.

use super::Rule;

const FAMILY: &str = "custom";

pub(super) const RULES: &[Rule] = &[Rule {
    id: "U1-CUSTOM",
    family: FAMILY,
    title: "Your own plan",
    template: "You planned this yourself.",
    about: "Stands in the plan at the time that you set, and stays timely for a day. Blocks \
            and tact apply to it as to everything else.",
    why: "You know things that no rule knows.",
    numbers: &[],
    sources: &[],
}];
