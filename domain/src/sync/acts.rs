//! Steps of a follow-up that a device took, perhaps days ago and not knowing what others did.
//!
//! `sent` absorbs everything. **Must never** refuse to record what has happened because it was not
//! wise: that is for the plan to say.

use super::complete::{Targets, complete, typed};
use super::disputes::{Dispute, note};
use super::edit::{self, create_new, reach};
use super::push::{Done, Job};
use super::write::{WriteResult, existing, patch, put_derived, refused, store_next};
use super::{Edit, Log, Next, Record, Refusal, RefusalCode, Status};
use crate::clock::format_instant;
use crate::entities::actions::{self, Action, act};
use crate::entities::conflict::ConflictReason;
use crate::entities::follow_up::{FollowUpKind, FollowUpStatus};
use crate::entities::parse::parse_instant;
use crate::entities::{Collection, FollowUp};
use chrono::TimeDelta;
use serde_json::{Map, Value, json};

/// How far apart two devices may report the sending of one message before it may have been two.
pub const SAME_SENDING: TimeDelta = TimeDelta::minutes(10);

/// A state that an edit of fields asks a follow-up to be in.
pub(super) type WantedState = Option<(String, Option<Value>)>;

/// The state that the fields of an edit ask for.
pub(super) fn state_of(collection: Collection, set: &Map<String, Value>) -> WantedState {
    if collection != Collection::FollowUps {
        return None;
    }
    let status = set.get("status").and_then(Value::as_str)?;
    Some((status.to_owned(), set.get("sent_at").cloned()))
}

/// Takes the state out of the fields of an edit: it is reached by a step, not written.
pub(super) fn take_state(collection: Collection, set: &mut Map<String, Value>) -> WantedState {
    let state = state_of(collection, set);
    if collection == Collection::FollowUps {
        set.remove("status");
    }
    if state.is_some() {
        set.remove("sent_at");
    }
    state
}

/// Brings a follow-up into a state that an edit asked for.
pub(super) fn bring_into_state<L: Log>(
    log: &mut L,
    job: &Job<'_>,
    record: Record,
    state: WantedState,
) -> WriteResult<Record, L> {
    let Some((status, sent_at)) = state else { return Ok(record) };
    let present = record.doc.get("status").and_then(Value::as_str).unwrap_or_default();
    let action = match status.as_str() {
        same if same == present && sent_at == record.doc.get("sent_at").cloned() => {
            return Ok(record);
        }
        "sent" => {
            let sent_at = sent_at.as_ref().and_then(Value::as_str).map(parse_instant).transpose();
            let sent_at = sent_at
                .map_err(|(_, detail)| Refusal::new(RefusalCode::ValidationFailed, detail))?;
            Action::MarkSent { sent_at, channel: None, asked_timeline: None, included: None }
        }
        "skipped" => Action::Skip,
        "open" if present == "skipped" => Action::Reopen,
        "open" if present == "open" => return Ok(record),
        "open" => {
            return Err(refused(
                RefusalCode::AlreadySent,
                actions::Refusal::AlreadySent.to_string(),
            ));
        }
        _ => return Err(refused(RefusalCode::ValidationFailed, "no such status of a follow-up")),
    };
    let done = perform(log, job, record.clone(), &action)?;
    Ok(done.record.unwrap_or(record))
}

/// Carries out a step that a device asks for.
pub(super) fn act_asked<L: Log>(
    log: &mut L,
    job: &Job<'_>,
    action: &Action,
    set: &Map<String, Value>,
) -> WriteResult<Done, L> {
    let (collection, id) = (job.ask.collection, job.ask.record_id.as_str());
    if collection != Collection::FollowUps {
        return Err(refused(RefusalCode::Malformed, "only follow-ups take this action"));
    }
    let before = log.find(collection, id)?;
    let nothing_left = before.as_ref().is_none_or(Record::is_purged);
    let (record, mut conflicts) = if nothing_left && !set.is_empty() {
        let edit = Edit { set: set.clone(), ..Edit::default() };
        let conflicts = create_new(log, job, (collection, id), before.as_ref(), &edit)?.conflicts;
        (existing(log, collection, id)?, conflicts)
    } else {
        // Somebody else has made the record meanwhile: what this device put into it is an edit.
        let (record, mut conflicts) = reach(log, job)?;
        let sent = record.doc.get("status") == Some(&Value::from("sent"));
        let mut set = set.clone();
        // Of a message that has gone out only its words are worth a refusal.
        set.retain(|name, _| !sent || ["subject", "body", "slots"].contains(&name.as_str()));
        let edit = Edit { set, ..Edit::default() };
        let done = edit::patch_live(log, job, &record, &edit)?;
        conflicts.extend(done.conflicts);
        (done.record.unwrap_or(record), conflicts)
    };
    let mut done = perform(log, job, record, action)?;
    conflicts.append(&mut done.conflicts);
    Ok(Done { conflicts, ..done })
}

fn perform<L: Log>(
    log: &mut L,
    job: &Job<'_>,
    record: Record,
    action: &Action,
) -> WriteResult<Done, L> {
    let Some(mut before) = typed::<FollowUp>(record.clone()) else {
        return Err(refused(RefusalCode::WrongState, "the stored follow-up cannot be read"));
    };
    let unseen = |name: &str| job.unseen(&record, name);
    if *action == Action::Reopen && before.status == FollowUpStatus::Skipped && unseen("status") {
        // Somebody else skipped it meanwhile: that takes an edit that has seen it.
        return Ok(Done { status: Status::Merged, record: Some(record), conflicts: Vec::new() });
    }
    if let Action::Snooze { until, window } = action
        && before.status != FollowUpStatus::Sent
    {
        let instant = |at: &Option<crate::clock::Instant>| {
            at.map(format_instant).map_or(Value::Null, Value::from)
        };
        let set = json!({ "snoozed_until": instant(until), "snoozed_window": instant(window) });
        let set = set.as_object().cloned().unwrap_or_default();
        return edit::patch_live(log, job, &record, &Edit { set, ..Edit::default() });
    }
    // It went out before anybody could know that the draft was to be read again.
    let base = job.base.unwrap_or(i64::MIN);
    before.needs_review &= record.last_change("needs_review").is_none_or(|meta| meta.rev <= base);
    let action = &with_time(action, job);
    let fields = act(record.fields(), &before, action, log.now()).map_err(refusal)?;
    let stored = record.fields();
    let fields = complete(log, record.collection, fields, Some(&stored), Targets::Known)?;
    let next = Next { fields, extra: record.extra.clone(), given: Map::new() };
    let after = store_next(log, &record, &next, job.by())?;
    settle_duty(log, &before, &after)?;
    let mut conflicts = Vec::new();
    if before.status == FollowUpStatus::Sent && unseen("status") {
        conflicts.extend(ask_whether_twice(log, job, &before, action)?);
    }
    let changed = after.rev != record.rev;
    let status = match (differs(&after, action), changed) {
        (true, _) => Status::Merged,
        (false, true) => Status::Applied,
        (false, false) => Status::Noop,
    };
    Ok(Done { status, record: Some(after), conflicts })
}

/// A sending without a time happened when it was reported.
fn with_time(action: &Action, job: &Job<'_>) -> Action {
    match action.clone() {
        Action::MarkSent { sent_at, channel, asked_timeline, included } => {
            let sent_at = sent_at.or(Some(job.effective));
            Action::MarkSent { sent_at, channel, asked_timeline, included }
        }
        other => other,
    }
}

fn refusal(refusal: actions::Refusal) -> Refusal {
    let code = match refusal {
        actions::Refusal::AlreadySent => RefusalCode::AlreadySent,
        _ => RefusalCode::WrongState,
    };
    Refusal::new(code, refusal.to_string())
}

/// Whether a sending stands in the record otherwise than it was reported.
fn differs(after: &Record, action: &Action) -> bool {
    let Action::MarkSent { sent_at, channel, .. } = action else { return false };
    let text = |name: &str| after.doc.get(name).and_then(Value::as_str);
    let time = sent_at.is_some_and(|at| text("sent_at") != Some(&format_instant(at)));
    time || channel.is_some_and(|channel| text("channel") != Some(channel.as_str()))
}

/// Two devices report the sending of one message: if too differently, the candidate is asked whether
/// there were two. One follow-up stays until then.
fn ask_whether_twice<L: Log>(
    log: &mut L,
    job: &Job<'_>,
    before: &FollowUp,
    action: &Action,
) -> WriteResult<Option<String>, L> {
    let Action::MarkSent { sent_at: Some(reported), channel, .. } = action else { return Ok(None) };
    let apart = before.sent_at.is_some_and(|known| (known - *reported).abs() > SAME_SENDING);
    let other_way = channel.is_some() && *channel != before.channel;
    if !apart && !other_way {
        return Ok(None);
    }
    let dispute = Dispute {
        name: "sending",
        reason: ConflictReason::PossibleDoubleSend,
        about: (Collection::FollowUps.as_str(), &before.id),
        fields: json!({
            "policy": "sent",
            "kept": { "sent_at": before.sent_at.map(format_instant), "channel": before.channel },
            "lost": { "sent_at": format_instant(*reported), "channel": channel },
        }),
        asks: true,
    };
    note(log, job, &dispute).map(Some)
}

/// What is owed is delivered when its message goes out, and open again when it turns out not to have
/// gone. What the candidate recorded apart stays.
///
/// # Errors
/// [`RefusalCode::ValidationFailed`].
pub fn settle_duty<L: Log>(log: &mut L, before: &FollowUp, after: &Record) -> WriteResult<(), L> {
    let text = |name: &str| after.doc.get(name).and_then(Value::as_str);
    let duty_id = before.action_key.split('/').nth(2).unwrap_or_default();
    if before.kind != FollowUpKind::Fulfil {
        return Ok(());
    }
    let duty = log.find(Collection::Commitments, duty_id)?;
    let Some(duty) = duty.filter(|duty| duty.deleted_rev.is_none()) else { return Ok(()) };
    let delivered_at = duty.doc.get("fulfilled_at").and_then(Value::as_str);
    let by_this = before.sent_at.map(format_instant);
    if delivered_at.is_some() && delivered_at != by_this.as_deref() {
        return Ok(());
    }
    let change = match text("sent_at") {
        Some(sent_at) => json!({ "status": "fulfilled", "fulfilled_at": sent_at }),
        None if delivered_at.is_some() => json!({ "status": "open", "fulfilled_at": null }),
        None => return Ok(()),
    };
    let change = change.as_object().cloned().unwrap_or_default();
    patch(log, Collection::Commitments, duty_id, &change, None).map(|_| ())
}

/// Does `action` to the record of a follow-up whose present state the candidate has seen, or to the
/// fields of its first record.
///
/// # Errors
/// [`RefusalCode::WrongState`] or [`RefusalCode::AlreadySent`] when the action does not fit the state.
pub fn act_now<L: Log>(
    log: &mut L,
    id: &str,
    fields: Map<String, Value>,
    action: &Action,
) -> WriteResult<Record, L> {
    let mut named = fields.clone();
    named.insert("id".to_owned(), Value::from(id));
    let Ok(before) = serde_json::from_value::<FollowUp>(Value::Object(named)) else {
        return Err(refused(RefusalCode::WrongState, "the stored follow-up cannot be read"));
    };
    let fields = act(fields, &before, action, log.now()).map_err(refusal)?;
    let after = put_derived(log, Collection::FollowUps, id, fields)?;
    settle_duty(log, &before, &after)?;
    existing(log, Collection::FollowUps, id)
}
