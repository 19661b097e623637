//! What the law asks of the employer, for the candidate to know.
//!
//! **Must never** show unless every fact that the duty depends on is known, nor become an argument
//! in a message.

use super::draft::{Draft, Drafts, Times};
use super::facts::Facts;
use super::item::ItemKind;
use super::reason::Reason;
use super::say;
use crate::calendar::shift_days;

/// Days after the last interview within which an employer in Ontario must inform applicants.
const ONTARIO_DAYS: i32 = 45;

/// Days for which the note stays timely.
const TIMELY_DAYS: i32 = 15;

/// S1.
pub(super) fn propose(facts: &Facts<'_>, drafts: &mut Drafts) {
    let opportunity = &facts.snapshot.opportunity;
    let applies = opportunity.region.as_deref() == Some("CA-ON")
        && opportunity.employer_25_plus == Some(true)
        && opportunity.public_posting == Some(true);
    let Some(held) = facts.last_held().filter(|_| applies && facts.is_active()) else { return };
    let until = shift_days(facts.day(held.ends_at), ONTARIO_DAYS);
    let first = facts.office.at_hour(shift_days(until, 1), facts.policy.follow_up_time);
    let times = Times {
        earliest: first,
        ideal: first,
        latest: facts.office.closing(shift_days(until, TIMELY_DAYS)),
    };
    let draft = Draft::private(ItemKind::LegalNotice, &held.id, times).about_interview(&held.id);
    let reason = Reason::new("S1-ON-45").with("until", say::day(until));
    drafts.push(draft.because(reason).flagged(format!("duty_until={until}")));
}
