//! By which way a message goes.

use super::blocks;
use super::draft::{Draft, EMPLOYER, RECRUITER};
use super::facts::Facts;
use super::item::ItemChannel;

/// Who is asked where things stand: the agency's recruiter, or the employer.
pub(super) const fn main_recipient(facts: &Facts<'_>) -> &'static str {
    if facts.via_agency() { RECRUITER } else { EMPLOYER }
}

/// How to ask where things stand: a recruiter of an agency may be called.
pub(super) const fn main_channel(facts: &Facts<'_>) -> ItemChannel {
    if facts.via_agency() { ItemChannel::PhoneOrEmail } else { ItemChannel::Email }
}

/// W2: takes the telephone out where the employer wants no calls. The agency's recruiter is not
/// the employer.
pub(super) fn without_forbidden_calls(facts: &Facts<'_>, draft: Draft) -> Draft {
    let is_call = matches!(
        draft.channel,
        ItemChannel::Phone | ItemChannel::PhoneOrEmail | ItemChannel::PhoneThenEmail
    );
    if is_call && draft.to != RECRUITER && blocks::forbids_calls(facts) {
        draft.by(ItemChannel::Email)
    } else {
        draft
    }
}
