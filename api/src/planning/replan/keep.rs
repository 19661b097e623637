//! Keeping what the next comparison needs: the outline, the reminders to come, the status of promises.
//!
//! **Must never** write anything that the facts do not say.

use super::{KeptPlans, versions};
use crate::dto::plan::PlanChangeView;
use crate::error::ApiError;
use crate::planning::{Dossier, view};
use crate::store::plans::{KeptPlan, KeptReminder, Replacement};
use crate::store::{AccountWrite, StoreError};
use crate::webhooks::outbox;
use afterview_domain::clock::from_millis;
use afterview_domain::plan::{ItemKind, Outline, Plan, Reminder, diff, outline, reminders};
use afterview_domain::sync;
use serde_json::Value;

/// Keeps what follows from the facts of each dossier. With `by_write` the difference to the plan before
/// is news for the candidate; what time alone changed is not.
pub(super) fn keep(
    unit: &mut AccountWrite<'_>,
    dossiers: &[Dossier],
    before: &KeptPlans,
    by_write: bool,
) -> Result<(), ApiError> {
    let ids: Vec<&str> = dossiers.iter().map(Dossier::opportunity_id).collect();
    let reminders = unit.reminders(&ids)?;
    let (mut replacements, mut plans, mut moved) = (Vec::new(), Vec::new(), Vec::new());
    for (id, dossier) in ids.into_iter().zip(dossiers) {
        let plan = dossier.plan(unit.now());
        keep_promises(unit, dossier, &plan)?;
        let known = reminders.get(id).map_or(&[][..], Vec::as_slice);
        replacements.push(Replacement { opportunity_id: id, known, wanted: wanted(&plan, known) });
        let before = before.get(id);
        let known: Option<Outline> =
            before.and_then(|kept| serde_json::from_str(&kept.outline).ok());
        let changes = known.filter(|_| by_write).map(|known| diff(&known, &plan));
        let changes = changes.unwrap_or_default();
        let after = kept(&plan, &view::changes(dossier, &changes), before)?;
        moved.push((&dossier.snapshot.opportunity, changes));
        if before != Some(&after) {
            plans.push((id, after));
        }
    }
    if !by_write {
        note_expired(unit, &replacements)?;
    }
    unit.replace_reminders(&replacements)?;
    let plans: Vec<(&str, &KeptPlan)> = plans.iter().map(|(id, plan)| (*id, plan)).collect();
    unit.keep_plans(&plans)?;
    for (opportunity, changes) in moved {
        outbox::moved(unit, opportunity, &changes)?;
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
fn note_expired(
    unit: &mut AccountWrite<'_>,
    replacements: &[Replacement<'_>],
) -> Result<(), StoreError> {
    let gone: Vec<&str> = replacements.iter().flat_map(Replacement::gone).collect();
    if gone.is_empty() { Ok(()) } else { unit.note_expired(&gone) }
}

fn wanted(plan: &Plan, known: &[KeptReminder]) -> Vec<KeptReminder> {
    let typed: Vec<Reminder> = known.iter().filter_map(typed).collect();
    reminders(plan, &typed).iter().map(stored).collect()
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
