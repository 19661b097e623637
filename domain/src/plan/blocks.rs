//! What the employer asked not to do.

use super::facts::Facts;
use crate::entities::opportunity::ContactPolicy;

/// B2, B3: no thank-you notes.
pub(super) fn forbids_thanks(facts: &Facts<'_>) -> bool {
    matches!(facts.contact_policy(), ContactPolicy::NoThanks | ContactPolicy::NoContact)
}

/// B1, B3: no questions about where things stand, as the opportunity says or as they wrote.
pub(super) fn forbids_status(facts: &Facts<'_>) -> bool {
    let policy = facts.contact_policy();
    matches!(policy, ContactPolicy::NoStatus | ContactPolicy::NoContact) || facts.asked_to_stop()
}

/// B3: nothing but what they request.
pub(super) fn forbids_contact(facts: &Facts<'_>) -> bool {
    facts.contact_policy() == ContactPolicy::NoContact
}

/// No telephone calls.
pub(super) fn forbids_calls(facts: &Facts<'_>) -> bool {
    facts.contact_policy() == ContactPolicy::NoCalls
}
