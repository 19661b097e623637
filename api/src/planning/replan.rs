//! Planning anew what a write touched, inside that write, and what time alone has changed.
//!
//! Keeps what the next comparison needs: the outline, the reminders to come, the status of promises.
//!
//! **Must never** serve as a source of advice: every answer is planned from the facts.

use crate::dto::plan::PlanChangeView;
use crate::error::{ApiError, Code};
use crate::jobs;
use crate::planning::{Dossier, dossier, view};
use crate::store::docs::has_more_records;
use crate::store::plans::{self, KeptPlan, KeptReminder};
use crate::store::{AccountWrite, StoreError, Transient};
use afterview_domain::calendar::holidays;
use afterview_domain::clock::from_millis;
use afterview_domain::entities::Collection;
use afterview_domain::plan::{ItemKind, Outline, Plan, Policy, Reminder, diff, outline, reminders};
use afterview_domain::promise::PARSER_VERSION;
use afterview_domain::sync;
use afterview_domain::sync::Record;
use chrono::TimeDelta;
use serde_json::Value;
use std::collections::BTreeSet;

/// The most records that are read for planning inside a write, which everybody else waits for. What
/// has more is planned anew by the re-planner, within its longest wait.
const MAX_RECORDS: i64 = 1_000;

/// When a plan that could not be made is tried again.
const RETRY_AFTER: TimeDelta = TimeDelta::hours(1);

/// What made the plans of this version of the program.
#[must_use]
pub fn versions() -> String {
    format!("{}/{}/{PARSER_VERSION}", Policy::current().version, holidays::VERSION)
}

/// Plans anew what a write touched; part of every write. A plan that cannot be made does not stand in
/// the way of the write: it is logged and tried again later.
///
/// # Errors
/// That the database is unavailable.
pub fn before_commit(unit: &mut AccountWrite<'_>) -> Result<(), StoreError> {
    let mut touched = unit.take_touched();
    if touched.shared {
        unit.wake_reminders((unit.now() + jobs::LEASE).timestamp_millis())?;
    }
    if touched.shared && unit.live_records() > MAX_RECORDS {
        unit.postpone_plans()?;
    } else if touched.shared {
        everything(unit, &mut touched.opportunities)?;
    }
    for id in touched.opportunities {
        let outcome = after_write(unit, &id);
        settle(unit, &id, outcome)?;
    }
    // What was just derived needs no second round.
    unit.take_touched();
    Ok(())
}

/// Plans anew every opportunity of the account after a write, and takes them out of `touched`.
fn everything(
    unit: &mut AccountWrite<'_>,
    touched: &mut BTreeSet<String>,
) -> Result<(), StoreError> {
    let account_id = unit.account_id();
    let dossiers = match dossier::of_account(unit.connection()?, account_id) {
        Ok(dossiers) => dossiers,
        Err(error) => {
            log(account_id, &error);
            return unit.postpone_plans();
        }
    };
    for dossier in dossiers {
        let id = &dossier.snapshot.opportunity.id;
        let before = plans::find(unit.connection()?, account_id, id)?;
        let outcome = keep(unit, &dossier, before.as_ref(), true);
        settle(unit, id, outcome)?;
        touched.remove(id);
    }
    Ok(())
}

/// Puts off the plan that could not be made, unless the database is to blame.
fn settle(
    unit: &mut AccountWrite<'_>,
    id: &str,
    outcome: Result<(), ApiError>,
) -> Result<(), StoreError> {
    match outcome {
        Ok(()) => Ok(()),
        Err(error) if error.is_contention() => Err(StoreError::Contention(error.to_string())),
        Err(error) if error.code() == Code::Unavailable => {
            Err(StoreError::Unavailable(error.to_string()))
        }
        Err(error) => {
            log(id, &error);
            let next_change_at = Some((unit.now() + RETRY_AFTER).timestamp_millis());
            let account_id = unit.account_id();
            let before = plans::find(unit.connection()?, account_id, id)?;
            let before = before.unwrap_or_else(KeptPlan::empty);
            unit.keep_plan(id, &KeptPlan { versions: versions(), next_change_at, ..before })
        }
    }
}

fn log(what: &str, error: &ApiError) {
    tracing::error!(what, cause = %error, "could not be planned anew; tried again later");
}

/// The record as it is once everything that follows from it is written, too.
///
/// # Errors
/// As [`before_commit`].
pub fn settled(unit: &mut AccountWrite<'_>, record: Record) -> Result<Record, ApiError> {
    if record.collection != Collection::Expectations {
        return Ok(record);
    }
    before_commit(unit)?;
    Ok(sync::existing(unit, record.collection, &record.id)?)
}

/// Plans anew one opportunity because its time has come.
///
/// # Errors
/// That the database is unavailable.
pub fn in_time(unit: &mut AccountWrite<'_>, id: &str) -> Result<(), StoreError> {
    let outcome = by_itself(unit, id);
    settle(unit, id, outcome)?;
    unit.take_touched();
    Ok(())
}

fn by_itself(unit: &mut AccountWrite<'_>, id: &str) -> Result<(), ApiError> {
    let account_id = unit.account_id();
    let before = plans::find(unit.connection()?, account_id, id)?;
    match dossier::of_opportunity(unit.connection()?, account_id, id)? {
        Some(dossier) => keep(unit, &dossier, before.as_ref(), false),
        None => Ok(unit.forget_plan(id)?),
    }
}

fn after_write(unit: &mut AccountWrite<'_>, id: &str) -> Result<(), ApiError> {
    let account_id = unit.account_id();
    let before = plans::find(unit.connection()?, account_id, id)?;
    if before.as_ref().is_some_and(|kept| kept.versions == plans::POSTPONED) {
        return Ok(());
    }
    if has_more_records(unit.connection()?, account_id, id, MAX_RECORDS)? {
        return Ok(unit.postpone_plan(id, before)?);
    }
    match dossier::of_opportunity(unit.connection()?, account_id, id)? {
        Some(dossier) => keep(unit, &dossier, before.as_ref(), true),
        None => Ok(unit.forget_plan(id)?),
    }
}

/// Keeps what follows from the facts of `dossier`. With `by_write` the difference to the plan before
/// is news for the candidate; what time alone changed is not.
fn keep(
    unit: &mut AccountWrite<'_>,
    dossier: &Dossier,
    before: Option<&KeptPlan>,
    by_write: bool,
) -> Result<(), ApiError> {
    let plan = dossier.plan(unit.now());
    keep_promises(unit, dossier, &plan)?;
    keep_reminders(unit, &plan, by_write)?;
    let known: Option<Outline> = before.and_then(|kept| serde_json::from_str(&kept.outline).ok());
    let changes = match known.filter(|_| by_write) {
        Some(known) => view::changes(dossier, &diff(&known, &plan)),
        None => Vec::new(),
    };
    let after = kept(&plan, &changes, before)?;
    if before != Some(&after) {
        unit.keep_plan(&plan.opportunity_id, &after)?;
    }
    Ok(())
}

fn kept(
    plan: &Plan,
    changes: &[PlanChangeView],
    before: Option<&KeptPlan>,
) -> Result<KeptPlan, ApiError> {
    let news = (!changes.is_empty()).then(|| plan.now.timestamp_millis());
    Ok(KeptPlan {
        versions: versions(),
        next_change_at: plan.next_change_at.map(|at| at.timestamp_millis()),
        outline: serde_json::to_string(&outline(plan)).map_err(ApiError::internal)?,
        changed_at: news.or(before.and_then(|kept| kept.changed_at)),
        changes: match (news, before) {
            (None, Some(before)) => before.changes.clone(),
            _ => serde_json::to_string(changes).map_err(ApiError::internal)?,
        },
    })
}

/// Writes down what became of each promise, where that is not what is stored.
fn keep_promises(
    unit: &mut AccountWrite<'_>,
    dossier: &Dossier,
    plan: &Plan,
) -> Result<(), ApiError> {
    for (id, status) in &plan.promises {
        let stored = dossier.snapshot.expectations.iter().find(|promise| promise.id == *id);
        if stored.is_some_and(|promise| promise.status != Some(*status)) {
            sync::set_promise_status(unit, id, *status)?;
        }
    }
    Ok(())
}

/// What time alone took away before it came to anybody is noted; what the candidate did away with is not.
fn keep_reminders(
    unit: &mut AccountWrite<'_>,
    plan: &Plan,
    by_write: bool,
) -> Result<(), ApiError> {
    let known = unit.reminders(&plan.opportunity_id)?;
    let typed: Vec<Reminder> = known.iter().filter_map(typed).collect();
    let wanted: Vec<_> = reminders(plan, &typed).iter().map(stored).collect();
    let keys = known.iter().filter(|old| !old.is_done).map(|old| old.action_key.as_str());
    let gone: Vec<&str> =
        keys.filter(|key| wanted.iter().all(|new| new.action_key != *key)).collect();
    if !by_write && !gone.is_empty() {
        unit.note_expired(&gone)?;
    }
    Ok(unit.replace_reminders(&plan.opportunity_id, &known, &wanted)?)
}

fn stored(reminder: &Reminder) -> KeptReminder {
    KeptReminder {
        action_key: reminder.action_key.clone(),
        follow_up_id: reminder.follow_up_id.clone(),
        kind: reminder.kind.as_str().to_owned(),
        remind_at: reminder.remind_at.timestamp_millis(),
        ideal: reminder.ideal.timestamp_millis(),
        snoozed_until: reminder.snoozed_until.map(|at| at.timestamp_millis()),
        useful_until: reminder.useful_until.timestamp_millis(),
        is_done: false,
    }
}

/// `None` for a kind that this version does not know: it is then planned as if for the first time.
fn typed(kept: &KeptReminder) -> Option<Reminder> {
    let kind: ItemKind = serde_json::from_value(Value::from(kept.kind.as_str())).ok()?;
    Some(Reminder {
        action_key: kept.action_key.clone(),
        follow_up_id: kept.follow_up_id.clone(),
        kind,
        remind_at: from_millis(kept.remind_at),
        ideal: from_millis(kept.ideal),
        snoozed_until: kept.snoozed_until.map(from_millis),
        useful_until: from_millis(kept.useful_until),
    })
}
