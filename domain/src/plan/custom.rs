//! What the candidate planned by hand.

use super::blocks;
use super::draft::{Draft, SELF, Times};
use super::facts::Facts;
use super::item::{Item, ItemChannel, ItemKind};
use super::reason::Reason;
use crate::calendar::shift;
use crate::entities::FollowUp;
use crate::entities::follow_up::{FollowUpKind, FollowUpStatus, OutboundChannel};
use chrono::TimeDelta;

/// How long after its time it is still timely.
const TIMELY: TimeDelta = TimeDelta::hours(24);

/// Every custom follow-up that is still open. Its key is the one under which it is stored.
pub(super) fn items(facts: &Facts<'_>) -> Vec<Item> {
    let records = facts.snapshot.follow_ups.iter();
    let open = records.filter(|record| {
        record.kind == FollowUpKind::Custom
            && record.status == FollowUpStatus::Open
            && facts.unsent(&record.action_key) == Some(record)
            && facts.times_sent(&record.action_key) == 0
    });
    open.filter_map(|record| item(facts, record)).collect()
}

fn item(facts: &Facts<'_>, record: &FollowUp) -> Option<Item> {
    let due_at = record.due_at?;
    let first = record.action_key.rsplit('/').next().unwrap_or(SELF);
    let to = record.to.as_deref().unwrap_or(first);
    let times = Times { earliest: due_at, ideal: due_at, latest: shift(due_at, TIMELY) };
    let mut draft = Draft::new(ItemKind::Custom, &record.id, to, times)
        .by(channel(record, to))
        .because(Reason::new("U1-CUSTOM"));
    draft.any_hour = to == SELF;
    draft.interview_id.clone_from(&record.interview_id);
    draft.n = record.n;
    if to != SELF && blocks::forbids_contact(facts) {
        draft = draft.blocked(Reason::new("B3-NO-CONTACT"));
    }
    let item = draft.finish(facts);
    Some(Item {
        key: record.action_key.clone(),
        record_id: Some(record.id.clone()),
        title: record.title.clone(),
        ..item
    })
}

fn channel(record: &FollowUp, to: &str) -> ItemChannel {
    match record.channel {
        Some(OutboundChannel::Email | OutboundChannel::ViaRecruiter) => ItemChannel::Email,
        Some(OutboundChannel::Phone) => ItemChannel::Phone,
        Some(OutboundChannel::Linkedin) => ItemChannel::Linkedin,
        Some(OutboundChannel::Handwritten) => ItemChannel::Handwritten,
        Some(OutboundChannel::Sms) => ItemChannel::Sms,
        Some(OutboundChannel::InPerson) => ItemChannel::InPerson,
        None if to == SELF => ItemChannel::None,
        None => ItemChannel::Email,
    }
}
