//! From what a write did to events on their way, in the transaction of the write.
//!
//! What counts is what a unit changed in the end: a record that it changed five times is told once, and one
//! that it changed back not at all. For an account without webhooks nothing of this runs.
//!
//! **Must never** send anything, or stand in the way of a write for what a record lacks.

use super::told;
use crate::dto::webhook_events::{self as events, Envelope};
use crate::store::dispatch::ClaimedReminder;
use crate::store::news::{Announcement, Changed, word_of};
use crate::store::webhooks::queue::{self, QueuedRow, WAITING};
use crate::store::webhooks::{WebhookRow, of_account};
use crate::store::{AccountWrite, StoreError};
use afterview_domain::clock::{Instant, from_millis};
use afterview_domain::entities::{Collection, Opportunity};
use afterview_domain::ids::ordered_id;
use afterview_domain::plan::{ChangeKind, PlanChange};
use afterview_domain::sync::{Log, Record, WriteError};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Puts on their way the events of what a write did. The last step of every write.
///
/// # Errors
/// That the database is unavailable.
pub fn tell(unit: &mut AccountWrite<'_>) -> Result<(), StoreError> {
    if !unit.is_told() {
        return Ok(());
    }
    for changed in unit.take_changed() {
        if let Some(event) = of_change(unit, &changed)? {
            unit.announce(event);
        }
    }
    let announced = unit.take_announced();
    if announced.is_empty() {
        return Ok(());
    }
    let (account_id, now) = (unit.account_id(), unit.now());
    let webhooks = of_account(unit.connection()?, account_id)?;
    let enabled = webhooks.iter().filter(|webhook| webhook.disabled_at.is_none());
    let rows: Vec<QueuedRow> = enabled
        .flat_map(|webhook| {
            let wanted = announced.iter().filter(|event| webhook.wants(event.kind));
            wanted.map(|event| row(webhook, event, now))
        })
        .collect();
    queue::enqueue(unit.connection()?, &rows)?;
    if !rows.is_empty() {
        unit.note_queued();
    }
    Ok(())
}

fn row(webhook: &WebhookRow, event: &Announcement, now: Instant) -> QueuedRow {
    let millis = now.timestamp_millis();
    QueuedRow {
        account_id: webhook.account_id.clone(),
        id: name(webhook, event),
        webhook_id: webhook.webhook_id.clone(),
        event: event.kind.to_owned(),
        payload: Some(event.payload.clone()),
        created_at: millis,
        attempts: 0,
        attempted_at: None,
        last_status: None,
        detail: None,
        outcome: WAITING.to_owned(),
        next_attempt_at: Some(webhook.paused_until.map_or(millis, |until| until.max(millis))),
    }
}

/// The name of an event on its way to a webhook, which no other one has.
fn name(webhook: &WebhookRow, event: &Announcement) -> String {
    let mut digest = Sha256::new();
    for part in [&webhook.account_id, &webhook.webhook_id, event.kind, &event.key] {
        digest.update(part);
        digest.update([0]);
    }
    let [a, b, c, d, e, f, g, h, i, j, ..] = <[u8; 32]>::from(digest.finalize());
    ordered_id(event.at, [a, b, c, d, e, f, g, h, i, j])
}

fn announcement(
    kind: &'static str,
    key: String,
    at: Instant,
    data: &impl Serialize,
) -> Result<Announcement, StoreError> {
    let body = Envelope::body(kind, at, data);
    let payload = body.map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok(Announcement { kind, at, key, payload })
}

/// Which event it is that a record became what it is; `None` if it is none.
fn kind_of(changed: &Changed, record: &Record) -> Option<&'static str> {
    let before = changed.before.as_ref().map(|before| before.word.as_deref());
    let (was, is) = (before.flatten(), word_of(record));
    let becomes = |word: &str| is == Some(word) && was != Some(word);
    match record.collection {
        Collection::Interviews if before.is_none() => Some(events::INTERVIEW_CREATED),
        Collection::Interviews => Some(events::INTERVIEW_UPDATED),
        Collection::Replies if before.is_none() => Some(events::REPLY_RECORDED),
        Collection::FollowUps if becomes("sent") => Some(events::FOLLOW_UP_SENT),
        Collection::Expectations if becomes("missed") => Some(events::PROMISE_MISSED),
        Collection::Opportunities if was.is_none() && is.is_some() => {
            Some(events::OPPORTUNITY_CLOSED)
        }
        _ => None,
    }
}

fn of_change(
    unit: &mut AccountWrite<'_>,
    changed: &Changed,
) -> Result<Option<Announcement>, StoreError> {
    let Some(record) = live(unit, changed.collection, &changed.id)? else { return Ok(None) };
    let Some(kind) = kind_of(changed, &record) else { return Ok(None) };
    let owner = record.opportunity_id().unwrap_or(&record.id);
    let Some(opportunity) = live(unit, Collection::Opportunities, owner)? else { return Ok(None) };
    let key = format!("{}/{}", record.id, record.rev);
    let (now, both) = (unit.now(), (&record, &opportunity));
    let event = match record.collection {
        Collection::Interviews => announcement(kind, key, now, &told::interview(both)),
        Collection::Replies => announcement(kind, key, now, &told::reply(both)),
        Collection::FollowUps => announcement(kind, key, now, &told::sent(both)),
        Collection::Expectations => announcement(kind, key, now, &told::missed(both)),
        _ => announcement(kind, key, now, &told::closed(&record)),
    };
    event.map(Some)
}

fn live(
    unit: &mut AccountWrite<'_>,
    collection: Collection,
    id: &str,
) -> Result<Option<Record>, StoreError> {
    match unit.find(collection, id) {
        Ok(found) => Ok(found.filter(|record| record.deleted_rev.is_none())),
        Err(WriteError::Log(error)) => Err(error),
        Err(WriteError::Refused(refusal)) => Err(StoreError::Corrupt(refusal.detail)),
    }
}

/// Announces what of the changes of a plan is an event.
///
/// # Errors
/// That an event has no JSON form, which does not happen.
pub fn moved(
    unit: &mut AccountWrite<'_>,
    opportunity: &Opportunity,
    changes: &[PlanChange],
) -> Result<(), StoreError> {
    if !unit.is_told() {
        return Ok(());
    }
    for change in changes.iter().filter(|change| change.change == ChangeKind::Moved) {
        let data = told::moved(opportunity, change);
        // A write may move it there and back, in two steps.
        let after = change.after.map_or(0, |at| at.timestamp_millis());
        let key = format!("{}/{}/{after}", change.follow_up_id, unit.txn());
        let event = announcement(events::FOLLOW_UP_MOVED, key, unit.now(), &data)?;
        unit.announce(event);
    }
    Ok(())
}

/// Announces that a reminder was due. It may be announced as often as the reminder is handed on.
///
/// # Errors
/// That the database is unavailable.
pub fn due(unit: &mut AccountWrite<'_>, reminder: &ClaimedReminder) -> Result<(), StoreError> {
    let owner = &reminder.opportunity_id;
    let Some(opportunity) = live(unit, Collection::Opportunities, owner)? else { return Ok(()) };
    let (at, key) = (from_millis(reminder.remind_at), reminder.action_key.clone());
    let data = told::due(reminder, &opportunity);
    unit.announce(announcement(events::FOLLOW_UP_DUE, key, at, &data)?);
    Ok(())
}
