//! With an agency in between.

use super::Rule;
use super::evidence::channels;

const FAMILY: &str = "agency";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "R1",
        family: FAMILY,
        title: "Thanks through the recruiter",
        template: "An agency stands in between; the thanks go through its recruiter.",
        about: "Notes to the employer's people go to the agency's recruiter, who passes them on.",
        why: "The contact with the employer is the agency's business.",
        numbers: &[],
        sources: &[channels::THROUGH_THE_AGENCY],
    },
    Rule {
        id: "R2",
        family: FAMILY,
        title: "Tell the recruiter how it went",
        template: "Tell the recruiter how it went while it is fresh; they are waiting to hear it.",
        about: "A call to the agency's recruiter half an hour after the interview, by noon of the \
            next business day at the latest, dropped after two business days.",
        why: "They speak to the employer about you, best with your impression in hand.",
        numbers: &[],
        sources: &[channels::THROUGH_THE_AGENCY],
    },
];
