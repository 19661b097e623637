//! What the candidate planned by hand.

use super::draft::{Draft, SELF, Times};
use super::facts::Facts;
use super::item::{Item, ItemChannel, ItemKind};
use super::people::is_outsider;
use super::reason::Reason;
use super::{blocks, say};
use crate::calendar::shift;
use crate::entities::FollowUp;
use crate::entities::follow_up::{FollowUpKind, FollowUpStatus};
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
            && !facts.has_sent_key(&record.action_key)
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
    if to != SELF && !facts.contact(to).is_some_and(is_outsider) {
        draft = keep_distance(facts, draft);
    }
    if to != SELF {
        draft = inside_hours(facts, draft);
    }
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

/// M2: also what the candidate planned by hand keeps its distance to the last message.
fn keep_distance(facts: &Facts<'_>, draft: Draft) -> Draft {
    let Some(last) = facts.last_outbound().map(|at| facts.day(at)) else { return draft };
    let spacing_bd = facts.cadence().spacing_bd;
    let day = facts.add(last, spacing_bd);
    let soonest = facts.office.opening(day);
    if soonest <= draft.times.earliest {
        return draft;
    }
    let ideal = draft.times.ideal.max(facts.office.at_hour(day, facts.policy.follow_up_time));
    let last_day = facts.add(facts.day(ideal), facts.policy.overtaken_bd);
    let latest = draft.times.latest.max(facts.office.closing(last_day));
    let times = Times { earliest: soonest, ideal, latest };
    let reason = Reason::new("M2-SPACING").with("last", say::day(last));
    let reason = reason.with("spacing", say::business_days(spacing_bd));
    Draft { times, ..draft }.because(reason)
}

/// M3: nothing is planned for an hour at which nobody wants mail.
fn inside_hours(facts: &Facts<'_>, draft: Draft) -> Draft {
    let ideal = facts.office.next_send(draft.times.ideal);
    if ideal == draft.times.ideal {
        return draft;
    }
    let times = Times { ideal, latest: draft.times.latest.max(ideal), ..draft.times };
    Draft { times, ..draft }.because(Reason::new("M3-SEND-WINDOW"))
}

fn channel(record: &FollowUp, to: &str) -> ItemChannel {
    match record.channel {
        Some(channel) => channel.into(),
        None if to == SELF => ItemChannel::None,
        None => ItemChannel::Email,
    }
}
