//! Acting on follow-ups: finding the one meant, changing its record, showing the result.
//!
//! A planned follow-up has no record until somebody acts on it; the first act makes it, under the
//! id that every device derives.
//!
//! **Must never** search the whole account inside a write, which everybody else waits for.

use crate::dto::follow_up::FollowUpView;
use crate::dto::follow_up_bodies::{CustomBody, DRAFT};
use crate::error::{ApiError, Code};
use crate::planning::{Dossier, dossier, tact, view};
use crate::store::records::find_doc;
use crate::store::{AccountWrite, DbConnection};
use afterview_domain::clock::{Instant, format_instant};
use afterview_domain::entities::actions::Action;
use afterview_domain::entities::follow_up::{
    FollowUpKind, FollowUpStatus, OutboundChannel, reviewed,
};
use afterview_domain::entities::parse::merge_patch;
use afterview_domain::entities::{Collection, FaultCode, Fields, FollowUp, parse};
use afterview_domain::plan::{Item, ItemChannel, compare};
use afterview_domain::sync::Record;
use afterview_domain::sync::{self, Precondition};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Every follow-up of the account, planned and recorded: open ones first in the order of the
/// agenda, then the rest, the newest first; and when that next changes by itself.
///
/// # Errors
/// That the database is unavailable or a record corrupt.
pub fn all(
    connection: &mut DbConnection,
    account_id: &str,
    now: Instant,
) -> Result<(Vec<FollowUpView>, Option<Instant>), ApiError> {
    let dossiers = dossier::of_account(connection, account_id)?;
    let (mut views, next_change_at) = agenda(&dossiers, now);
    let planned: BTreeSet<String> = views.iter().map(|view| view.id.clone()).collect();
    let mut rest: Vec<FollowUpView> = Vec::new();
    for dossier in &dossiers {
        let archived = |doc: &Map<String, Value>| doc.get("archived") == Some(&Value::Bool(true));
        let stored = dossier.follow_ups.iter();
        let stored = stored.filter(|(id, doc)| !planned.contains(*id) && !archived(doc));
        rest.extend(stored.map(|(_, doc)| view::recorded(dossier, doc)));
    }
    rest.sort_by_key(|view| std::cmp::Reverse(view.rev));
    views.extend(rest);
    Ok((views, next_change_at))
}

/// Every open item of every opportunity in order, and when that next changes by itself.
#[must_use]
pub fn agenda(dossiers: &[Dossier], now: Instant) -> (Vec<FollowUpView>, Option<Instant>) {
    let mut items: Vec<(Item, &Dossier)> = Vec::new();
    let mut next_change_at: Option<Instant> = None;
    for dossier in dossiers {
        let plan = dossier.plan(now);
        next_change_at = next_change_at.into_iter().chain(plan.next_change_at).min();
        items.extend(plan.items.into_iter().map(|item| (item, dossier)));
    }
    items.sort_by(|(a, _), (b, _)| compare(a, b));
    (items.iter().map(|(item, dossier)| view::planned(dossier, item)).collect(), next_change_at)
}

/// One follow-up, planned or recorded.
///
/// # Errors
/// [`Code::NotFound`].
pub fn one(
    connection: &mut DbConnection,
    account_id: &str,
    id: &str,
    now: Instant,
) -> Result<FollowUpView, ApiError> {
    let owner = owner(connection, account_id, id, now, None)?;
    let found = dossier::of_opportunity(connection, account_id, &owner)?;
    let dossier = found.ok_or_else(|| ApiError::not_found("follow-up", id))?;
    shown_of(&dossier, id, now)
}

/// Does `action` to a follow-up and shows it afterwards. With `happened_at` the follow-up may also be
/// one that was planned at that moment: what was done in time can be recorded late.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::WrongState`] when the action does not fit the state.
pub fn perform(
    unit: &mut AccountWrite<'_>,
    (opportunity_id, id): (&str, &str),
    happened_at: Option<Instant>,
    action: impl FnOnce(&Target) -> Action,
    precondition: Option<&Precondition>,
) -> Result<FollowUpView, ApiError> {
    let now = unit.now();
    let target = find(unit, opportunity_id, id, happened_at)?;
    sync::check_precondition(target.record.as_ref(), precondition)?;
    let (fields, _) = target.fields(now)?;
    let action = action(&target);
    sync::act_now(unit, id, fields, &action)?;
    shown(unit, opportunity_id, id)
}

/// Changes the draft of a follow-up that has not been sent.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::WrongState`] once it was sent; [`Code::ValidationFailed`].
pub fn edit(
    unit: &mut AccountWrite<'_>,
    (opportunity_id, id): (&str, &str),
    patch: &Map<String, Value>,
    precondition: Option<&Precondition>,
) -> Result<FollowUpView, ApiError> {
    let now = unit.now();
    if let Some(name) = patch.keys().find(|name| DRAFT.field(name).is_none()) {
        let detail = format!("`{name}` cannot be changed here; use the actions");
        return Err(ApiError::field(&format!("/{name}"), FaultCode::UnknownField, &detail));
    }
    let target = find(unit, opportunity_id, id, None)?;
    sync::check_precondition(target.record.as_ref(), precondition)?;
    let (mut fields, typed) = target.fields(now)?;
    if typed.status == FollowUpStatus::Sent {
        let detail = "what was sent stays as it was; file a correction if its record is wrong";
        return Err(ApiError::new(Code::WrongState, detail));
    }
    for name in ["title", "due_at"] {
        if typed.kind != FollowUpKind::Custom
            && patch.get(name).is_some_and(|value| !value.is_null())
        {
            let detail = "only a custom follow-up has one of its own";
            return Err(ApiError::field(&format!("/{name}"), FaultCode::Inconsistent, detail));
        }
    }
    merge_patch(&mut fields, patch);
    let written = sync::put(unit, Collection::FollowUps, id, &fields, None)?;
    if typed.needs_review && patch.contains_key("body") {
        // Whoever saves the draft has read what was woven from two.
        let fields = reviewed(Fields::stored(written.record.fields()));
        sync::put_derived(unit, Collection::FollowUps, id, fields)?;
    }
    shown(unit, opportunity_id, id)
}

/// Makes a follow-up of the candidate's own.
///
/// # Errors
/// [`Code::AlreadyExists`], [`Code::ValidationFailed`].
pub fn create_custom(
    unit: &mut AccountWrite<'_>,
    id: &str,
    body: &CustomBody,
) -> Result<FollowUpView, ApiError> {
    let recipient = body.to.as_deref().unwrap_or("self");
    let action_key = format!("{}/custom/{id}/{recipient}", body.opportunity_id);
    let mut fields = json!({
        "action_key": action_key,
        "opportunity_id": body.opportunity_id,
        "kind": FollowUpKind::Custom.as_str(),
        "title": body.title,
        "due_at": format_instant(body.due_at),
        "interview_id": body.interview_id,
        "to": body.to,
        "channel": body.channel.map(OutboundChannel::as_str),
        "subject": body.subject,
        "body": body.body,
    });
    let map = fields.as_object_mut().map(std::mem::take).unwrap_or_default();
    sync::create(unit, Collection::FollowUps, id, &map)?;
    shown(unit, &body.opportunity_id, id)
}

/// The follow-up meant by an id.
pub struct Target {
    /// The opportunity that it belongs to.
    pub opportunity_id: String,
    /// What is stored of it.
    pub record: Option<Record>,
    /// What is planned of it.
    pub item: Option<Item>,
}

impl Target {
    /// The stored fields, or those of a first record of the planned item.
    fn fields(&self, now: Instant) -> Result<(Map<String, Value>, FollowUp), ApiError> {
        let map = match (&self.record, &self.item) {
            (Some(record), _) => record.fields(),
            (None, Some(item)) => {
                parse(Collection::FollowUps, &first_record(&self.opportunity_id, item), None, now)?
                    .into_map()
            }
            (None, None) => return Err(ApiError::internal("a follow-up without record and item")),
        };
        let mut named = map.clone();
        named.insert("id".to_owned(), Value::from(""));
        let typed = serde_json::from_value(Value::Object(named)).map_err(ApiError::internal)?;
        Ok((map, typed))
    }
}

/// The first record of a planned item, as a client would give it.
pub(super) fn first_record(opportunity_id: &str, item: &Item) -> Map<String, Value> {
    let channel = match item.channel {
        ItemChannel::PhoneOrEmail | ItemChannel::PhoneThenEmail => {
            Some(OutboundChannel::Phone.as_str())
        }
        ItemChannel::Both => Some(OutboundChannel::Email.as_str()),
        ItemChannel::None => None,
        other => Some(other.as_str()),
    };
    let is_role = ["self", "employer", "recruiter", "scheduler"].contains(&item.to.as_str());
    let asks = item.flags.contains("ask_timeline");
    let mut record = json!({
        "action_key": item.action_key(),
        "opportunity_id": opportunity_id,
        "kind": item.kind.as_str(),
        "interview_id": item.interview_id,
        "n": item.n,
        "channel": channel,
        "to": (!is_role).then(|| item.to.clone()),
        "asked_timeline": asks,
    });
    record.as_object_mut().map(std::mem::take).unwrap_or_default()
}

/// The opportunity of the follow-up called `id`, recorded, planned at `now`, or planned at
/// `happened_at`. Looks through the whole account, so it is asked before the write begins.
///
/// # Errors
/// [`Code::NotFound`].
pub fn owner(
    connection: &mut DbConnection,
    account_id: &str,
    id: &str,
    now: Instant,
    happened_at: Option<Instant>,
) -> Result<String, ApiError> {
    let recorded = find_doc(connection, account_id, Collection::FollowUps, id)?;
    if let Some(recorded) = recorded {
        let doc: Map<String, Value> =
            serde_json::from_str(&recorded.doc).map_err(ApiError::internal)?;
        let owner = doc.get("opportunity_id").and_then(Value::as_str).map(str::to_owned);
        return owner.ok_or_else(|| ApiError::internal("a follow-up without its opportunity"));
    }
    let dossiers = dossier::of_account(connection, account_id)?;
    let plans = |moment: Instant| dossiers.iter().map(move |dossier| dossier.plan(moment));
    let mut plans = [Some(now), happened_at].into_iter().flatten().flat_map(plans);
    let found = plans.find(|plan| view::item_called(plan, id).is_some());
    found.map(|plan| plan.opportunity_id).ok_or_else(|| ApiError::not_found("follow-up", id))
}

fn find(
    unit: &mut AccountWrite<'_>,
    opportunity_id: &str,
    id: &str,
    happened_at: Option<Instant>,
) -> Result<Target, ApiError> {
    let (account_id, now) = (unit.account_id(), unit.now());
    let record = sync::find_live(unit, Collection::FollowUps, id)?;
    let found = dossier::of_opportunity(unit.connection()?, account_id, opportunity_id)?;
    let dossier = found.ok_or_else(|| ApiError::not_found("follow-up", id))?;
    let planned_at = |moment| view::item_called(&dossier.plan(moment), id).cloned();
    let item = planned_at(now).or_else(|| happened_at.and_then(planned_at));
    if record.is_none() && item.is_none() {
        return Err(ApiError::not_found("follow-up", id));
    }
    Ok(Target { opportunity_id: opportunity_id.to_owned(), record, item })
}

/// The follow-up after a write, as served.
fn shown(
    unit: &mut AccountWrite<'_>,
    opportunity_id: &str,
    id: &str,
) -> Result<FollowUpView, ApiError> {
    let (account_id, now) = (unit.account_id(), unit.now());
    let found = dossier::of_opportunity(unit.connection()?, account_id, opportunity_id)?;
    let dossier = found.ok_or_else(|| ApiError::not_found("opportunity", opportunity_id))?;
    shown_of(&dossier, id, now)
}

/// The follow-up called `id` of an opportunity, planned or recorded.
fn shown_of(dossier: &Dossier, id: &str, now: Instant) -> Result<FollowUpView, ApiError> {
    let plan = dossier.plan(now);
    match (view::item_called(&plan, id), dossier.follow_ups.get(id)) {
        (Some(item), _) => {
            let mut view = view::planned(dossier, item);
            tact::explain(dossier, item, now, &mut view);
            Ok(view)
        }
        (None, Some(doc)) => Ok(view::recorded(dossier, doc)),
        (None, None) => Err(ApiError::not_found("follow-up", id)),
    }
}
