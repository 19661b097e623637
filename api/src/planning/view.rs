//! Joining planned items with stored records into the one resource that is served.
//!
//! **Must never** compute advice; what the planner says is shown as it is.

use crate::dto::follow_up::{AlternativeView, FollowUpView, ReasonView, served};
use crate::dto::plan::{PlanChangeView, PlanChanges, PlanView};
use crate::error::ApiError;
use crate::planning::Dossier;
use crate::store::plans::KeptPlan;
use afterview_domain::calendar::BusinessOffice;
use afterview_domain::clock::{Instant, format_instant, from_millis};
use afterview_domain::entities::parse::parse_instant;
use afterview_domain::plan::{Alternative, Item, Plan, PlanChange};
use afterview_domain::text::{moment, recorded as recorded_as, summary};
use serde_json::{Map, Value};

/// The plan of one opportunity as served, as of `now`.
#[must_use]
pub fn plan(dossier: &Dossier, now: Instant, last_change: Option<PlanChanges>) -> PlanView {
    of_plan(dossier, &dossier.plan(now), last_change)
}

/// A plan as served.
#[must_use]
pub fn of_plan(dossier: &Dossier, plan: &Plan, last_change: Option<PlanChanges>) -> PlanView {
    let opportunity = &dossier.snapshot.opportunity;
    PlanView {
        opportunity_id: opportunity.id.clone(),
        employer: opportunity.employer.clone(),
        role: opportunity.role.clone(),
        now: format_instant(plan.now),
        state: plan.state.as_str().to_owned(),
        ball: plan.ball.as_str().to_owned(),
        waiting_since: served(plan.waiting.map(|waiting| waiting.since)),
        waited_business_days: plan.waiting.map(|waiting| waiting.business_days),
        headline: ReasonView::from(&plan.headline),
        items: plan.items.iter().map(|item| planned(dossier, item)).collect(),
        last_change,
        next_change_at: served(plan.next_change_at),
        policy_version: plan.policy_version.to_owned(),
        calendar_version: plan.calendar_version.to_owned(),
    }
}

/// A planned item with what is stored of it.
#[must_use]
pub fn planned(dossier: &Dossier, item: &Item) -> FollowUpView {
    let id = item.follow_up_id();
    let stored = dossier.follow_ups.get(&id);
    let mut view = stored.map_or_else(FollowUpView::default, from_stored);
    view.id = id;
    view.action_key = item.action_key();
    view.opportunity_id.clone_from(&dossier.snapshot.opportunity.id);
    view.interview_id.clone_from(&item.interview_id);
    view.kind = item.kind.as_str().to_owned();
    view.n = item.n;
    view.to = Some(view.to.unwrap_or_else(|| item.to.clone()));
    view.channel = Some(view.channel.unwrap_or_else(|| item.channel.as_str().to_owned()));
    view.route = Some(item.route.as_str().to_owned());
    view.contact_id.clone_from(&item.contact_id);
    view.bundle_with = item.bundle_with.clone();
    view.alternatives = item.alternatives.iter().map(alternative).collect();
    view.state = "open".to_owned();
    view.verdict = Some(item.verdict.as_str().to_owned());
    view.earliest = served(Some(item.earliest));
    view.ideal = served(Some(item.ideal));
    view.latest = served(Some(item.latest));
    view.expires = served(item.expires);
    view.do_at = served(item.do_at);
    view.remind_at = served(item.remind_at);
    view.tact_now = item.tact_now.map(i32::from);
    view.tact_at_do = item.tact_at_do.map(i32::from);
    view.reasons = item.all_reasons().map(ReasonView::from).collect();
    view.flags = item.flags.iter().cloned().collect();
    view.title = view.title.or_else(|| item.title.clone());
    let mut view = name_people(dossier, view);
    view.summary = summary(item, &office(dossier), view.to_name.as_deref());
    view
}

fn alternative(alternative: &Alternative) -> AlternativeView {
    AlternativeView {
        reason: ReasonView::from(&alternative.reason),
        contact_id: alternative.contact_id.clone(),
        channel: alternative.channel.map(|channel| channel.as_str().to_owned()),
        do_at: served(alternative.do_at),
    }
}

/// What changed between two plans, as served.
#[must_use]
pub fn changes(dossier: &Dossier, changes: &[PlanChange]) -> Vec<PlanChangeView> {
    let office = office(dossier);
    let changes = changes.iter().map(|change| PlanChangeView {
        change: change.change.as_str().to_owned(),
        follow_up_id: change.follow_up_id.clone(),
        kind: change.kind.as_str().to_owned(),
        text: change.reason(&office).text(),
        before: served(change.before),
        after: served(change.after),
        because: change.because.as_ref().map(ReasonView::from),
    });
    changes.collect()
}

/// What the last write that moved something moved, as it was kept.
///
/// # Errors
/// That what was kept cannot be read.
pub fn last_change(kept: Option<&KeptPlan>) -> Result<Option<PlanChanges>, ApiError> {
    let Some(at) = kept.and_then(|kept| kept.changed_at) else { return Ok(None) };
    let text = kept.map(|kept| kept.changes.as_str()).unwrap_or_default();
    let items = serde_json::from_str(text).map_err(ApiError::internal)?;
    Ok(Some(PlanChanges { at: format_instant(from_millis(at)), items }))
}

/// A stored follow-up that is not in the plan: sent, skipped, or no longer advised.
#[must_use]
pub fn recorded(dossier: &Dossier, stored: &Map<String, Value>) -> FollowUpView {
    let mut view = from_stored(stored);
    view.summary = match (view.state.as_str(), &view.title) {
        ("sent", _) => named(&view.kind, &sent_summary(dossier, view.sent_at.as_deref())),
        ("skipped", _) => named(&view.kind, "skipped."),
        (_, Some(title)) => title.clone(),
        _ => "Not advised any more; the draft is kept.".to_owned(),
    };
    name_people(dossier, view)
}

/// What became of a follow-up of `kind`.
fn named(kind: &str, outcome: &str) -> String {
    match serde_json::from_value(Value::from(kind)) {
        Ok(kind) => recorded_as(kind, outcome),
        Err(_unknown) => outcome.to_owned(),
    }
}

fn sent_summary(dossier: &Dossier, sent_at: Option<&str>) -> String {
    let at = sent_at.and_then(|text| parse_instant(text).ok());
    at.map_or_else(|| "sent.".to_owned(), |at| format!("sent {}.", moment(&office(dossier), at)))
}

/// The employer's office.
#[must_use]
pub fn office(dossier: &Dossier) -> BusinessOffice {
    let snapshot = &dossier.snapshot;
    BusinessOffice::new(&snapshot.opportunity.office, snapshot.preferences.time_zone)
}

/// The item of `plan` whose follow-up has that id.
#[must_use]
pub fn item_called<'p>(plan: &'p Plan, id: &str) -> Option<&'p Item> {
    plan.items.iter().find(|item| item.follow_up_id() == id)
}

fn name_people(dossier: &Dossier, mut view: FollowUpView) -> FollowUpView {
    let snapshot = &dossier.snapshot;
    view.employer.clone_from(&snapshot.opportunity.employer);
    view.role.clone_from(&snapshot.opportunity.role);
    let name_of = |id: Option<&String>| {
        let contact = snapshot.contacts.iter().find(|contact| Some(&contact.id) == id);
        contact.map(|contact| contact.name.clone())
    };
    view.to_name = name_of(view.to.as_ref());
    view.contact_name = name_of(view.contact_id.as_ref());
    view
}

fn from_stored(doc: &Map<String, Value>) -> FollowUpView {
    let text = |name: &str| doc.get(name).and_then(Value::as_str).map(str::to_owned);
    let flag = |name: &str| doc.get(name).and_then(Value::as_bool);
    let texts = |name: &str| {
        let items = doc.get(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let slots = doc.get("slots").and_then(Value::as_object).into_iter().flatten();
    FollowUpView {
        id: text("id").unwrap_or_default(),
        action_key: text("action_key").unwrap_or_default(),
        opportunity_id: text("opportunity_id").unwrap_or_default(),
        interview_id: text("interview_id"),
        kind: text("kind").unwrap_or_default(),
        n: doc.get("n").and_then(Value::as_i64),
        to: text("to"),
        channel: text("channel"),
        state: text("status").unwrap_or_default(),
        title: text("title"),
        due_at: text("due_at"),
        subject: text("subject"),
        body: text("body"),
        slots: slots
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
        sent_at: text("sent_at"),
        recorded_at: text("recorded_at"),
        sent_at_clamped: flag("sent_at_clamped"),
        asked_timeline: flag("asked_timeline"),
        included: texts("included"),
        snoozed_until: text("snoozed_until"),
        corrected_at: text("corrected_at"),
        rev: doc.get("rev").and_then(Value::as_i64),
        created_at: text("created_at"),
        updated_at: text("updated_at"),
        ..FollowUpView::default()
    }
}
