//! Planning anew what a write touched, inside that write, and what time alone has changed.
//!
//! What a unit touched is planned together, so that it is read and kept in a few statements.
//!
//! **Must never** serve as a source of advice: every answer is planned from the facts.

mod keep;

use crate::error::{ApiError, Code};
use crate::jobs;
use crate::planning::{Dossier, dossier};
use crate::store::plans::{self, KeptPlan};
use crate::store::{AccountWrite, StoreError, Transient};
use afterview_domain::calendar::holidays;
use afterview_domain::entities::Collection;
use afterview_domain::plan::Policy;
use afterview_domain::promise::PARSER_VERSION;
use afterview_domain::sync;
use afterview_domain::sync::Record;
use chrono::TimeDelta;
use keep::keep;
use std::collections::{BTreeMap, BTreeSet};

/// The most records that are read for planning inside a write, which everybody else waits for. What
/// has more is planned anew by the re-planner, within its longest wait. Also how many are read at once,
/// which bounds the memory of a write.
const MAX_RECORDS: i64 = 1_000;

/// When a plan that could not be made is tried again.
const RETRY_AFTER: TimeDelta = TimeDelta::hours(1);

/// What was kept of plans, by opportunity.
type KeptPlans = BTreeMap<String, KeptPlan>;

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
    after_write(unit, &touched.opportunities)?;
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
    let planned: Vec<&str> = dossiers.iter().map(Dossier::opportunity_id).collect();
    let before = plans::of_opportunities(unit.connection()?, account_id, &planned)?;
    let outcome = keep(unit, &dossiers, &before, true);
    settle(unit, &planned, &before, outcome)?;
    for id in planned {
        touched.remove(id);
    }
    Ok(())
}

/// Unless the database is to blame for what went wrong, plans one by one what was planned together, and
/// puts off what cannot be planned.
fn settle(
    unit: &mut AccountWrite<'_>,
    ids: &[&str],
    before: &KeptPlans,
    outcome: Result<(), ApiError>,
) -> Result<(), StoreError> {
    match outcome {
        Ok(()) => Ok(()),
        Err(error) if error.is_contention() => Err(StoreError::Contention(error.to_string())),
        Err(error) if error.code() == Code::Unavailable => {
            Err(StoreError::Unavailable(error.to_string()))
        }
        Err(error) => match ids {
            [id] => put_off(unit, id, before.get(*id), &error),
            _ => ids.iter().try_for_each(|id| together(unit, &[*id], before)),
        },
    }
}

fn put_off(
    unit: &mut AccountWrite<'_>,
    id: &str,
    before: Option<&KeptPlan>,
    error: &ApiError,
) -> Result<(), StoreError> {
    log(id, error);
    let next_change_at = Some((unit.now() + RETRY_AFTER).timestamp_millis());
    let before = before.cloned().unwrap_or_else(KeptPlan::empty);
    unit.keep_plans(&[(id, &KeptPlan { versions: versions(), next_change_at, ..before })])
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
    let account_id = unit.account_id();
    let before = plans::of_opportunities(unit.connection()?, account_id, &[id])?;
    let outcome = anew(unit, &[id], &before, false);
    settle(unit, &[id], &before, outcome)?;
    unit.take_touched();
    Ok(())
}

/// Plans anew what a write touched, in groups that are not larger than what may be read at once.
fn after_write(unit: &mut AccountWrite<'_>, touched: &BTreeSet<String>) -> Result<(), StoreError> {
    if touched.is_empty() {
        return Ok(());
    }
    let account_id = unit.account_id();
    let ids: Vec<&str> = touched.iter().map(String::as_str).collect();
    let known = plans::of_counted(unit.connection()?, account_id, &ids, MAX_RECORDS + 1)?;
    let (mut before, mut counts) = (KeptPlans::new(), BTreeMap::new());
    for (id, count, kept) in known {
        if kept.as_ref().is_none_or(|kept| kept.versions != plans::POSTPONED) {
            counts.insert(id.clone(), count);
        }
        before.extend(kept.map(|kept| (id, kept)));
    }
    let (mut group, mut size) = (Vec::new(), 0);
    for (id, count) in &counts {
        if *count > MAX_RECORDS {
            unit.postpone_plan(id, before.get(id).cloned())?;
            continue;
        }
        if size + count > MAX_RECORDS {
            together(unit, &std::mem::take(&mut group), &before)?;
            size = 0;
        }
        group.push(id.as_str());
        size += count;
    }
    together(unit, &group, &before)
}

fn together(
    unit: &mut AccountWrite<'_>,
    ids: &[&str],
    before: &KeptPlans,
) -> Result<(), StoreError> {
    let outcome = anew(unit, ids, before, true);
    settle(unit, ids, before, outcome)
}

/// Plans anew those of some opportunities that there are, and forgets the plans of the others.
fn anew(
    unit: &mut AccountWrite<'_>,
    ids: &[&str],
    before: &KeptPlans,
    by_write: bool,
) -> Result<(), ApiError> {
    if ids.is_empty() {
        return Ok(());
    }
    let account_id = unit.account_id();
    let dossiers = dossier::of_opportunities(unit.connection()?, account_id, ids)?;
    let found: BTreeSet<&str> = dossiers.iter().map(Dossier::opportunity_id).collect();
    let gone: Vec<&str> = ids.iter().copied().filter(|id| !found.contains(id)).collect();
    unit.forget_plans(&gone)?;
    keep(unit, &dossiers, before, by_write)
}
