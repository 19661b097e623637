//! With an agency in between: its recruiter wants to hear how it went.

use super::draft::{Draft, Drafts, RECRUITER, Times};
use super::facts::Facts;
use super::item::{ItemChannel, ItemKind};
use super::reason::Reason;
use crate::calendar::shift;
use crate::clock::CivilTime;
use crate::entities::follow_up::FollowUpKind;
use chrono::TimeDelta;

/// From the end of the interview to the best moment to call.
const CALL_AFTER: TimeDelta = TimeDelta::minutes(30);

/// Business days after which the call is no longer worth it.
const DROPPED_BD: i32 = 2;

/// R2, for the interview held last.
pub(super) fn propose(facts: &Facts<'_>, drafts: &mut Drafts) {
    let Some(held) = facts.last_held().filter(|_| facts.via_agency() && facts.is_active()) else {
        return;
    };
    let (office, day) = (&facts.office, facts.day(held.ends_at));
    let dropped = office.closing(facts.add(day, DROPPED_BD));
    if facts.now > dropped || facts.sent_about_interview(FollowUpKind::Debrief, &held.id) {
        return;
    }
    drafts.changes_at(dropped);
    let noon = CivilTime::from_hms_opt(12, 0, 0).unwrap_or_default();
    let times = Times {
        earliest: held.ends_at,
        ideal: office.next_send(shift(held.ends_at, CALL_AFTER)),
        latest: office.at_hour(facts.add(day, 1), noon),
    };
    let draft = Draft::new(ItemKind::Debrief, &held.id, RECRUITER, times);
    let draft = draft.by(ItemChannel::PhoneOrEmail).about_interview(&held.id);
    drafts.push(draft.because(Reason::new("R2")));
}
