//! How tactful something would be, and what the other side sees.
//!
//! **Must never** store anything.

use crate::dto::draft::FindingView;
use crate::dto::follow_up::{FollowUpView, served};
use crate::dto::tact::{ManagerViewDto, TactCheckBody, TactCheckView, TactView};
use crate::error::{ApiError, Code};
use crate::planning::drafts::{Others, lint_of};
use crate::planning::{Dossier, dossier, follow_ups, view};
use crate::store::DbConnection;
use afterview_domain::clock::Instant;
use afterview_domain::entities::FaultCode;
use afterview_domain::plan::{Item, Policy, Proposal, TactCheck, tact_check};
use afterview_domain::text::Pack;
use serde_json::Value;

/// An open follow-up with the facts around it.
pub(super) struct Planned {
    /// The facts.
    pub dossier: Dossier,
    /// What is planned.
    pub item: Item,
}

/// The open follow-up called `id`.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::WrongState`] when it is recorded but not open any more.
pub(super) fn planned(
    connection: &mut DbConnection,
    account_id: &str,
    id: &str,
    now: Instant,
) -> Result<Planned, ApiError> {
    let owner = follow_ups::owner(connection, account_id, id, now, None)?;
    let found = dossier::of_opportunity(connection, account_id, &owner)?;
    let dossier = found.ok_or_else(|| ApiError::not_found("follow-up", id))?;
    match view::item_called(&dossier.plan(now), id).cloned() {
        Some(item) => Ok(Planned { dossier, item }),
        None => {
            let detail = "it is not open: it was sent or skipped, or is not advised any more";
            Err(ApiError::new(Code::WrongState, detail))
        }
    }
}

/// The judgement of a proposal for the open follow-up called `id`, and of its text: that of `body`,
/// else the stored draft.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::WrongState`] when it is not open; [`Code::ValidationFailed`] when the
/// recipient is not known here or the moment has passed.
pub fn check(
    connection: &mut DbConnection,
    account_id: &str,
    id: &str,
    body: &TactCheckBody,
    now: Instant,
) -> Result<TactCheckView, ApiError> {
    let Planned { dossier, item } = &planned(connection, account_id, id, now)?;
    let known = |id: &String| dossier.snapshot.contacts.iter().any(|contact| contact.id == *id);
    if !body.to.as_ref().is_none_or(known) {
        let detail = "no contact of this opportunity has that id";
        return Err(ApiError::field("/to", FaultCode::UnknownReference, detail));
    }
    if body.at.is_some_and(|at| at < now) {
        return Err(ApiError::field("/at", FaultCode::Range, "must not lie in the past"));
    }
    let proposal = Proposal {
        at: body.at.unwrap_or(now),
        channel: body.channel.map(Into::into),
        contact_id: body.to.clone(),
    };
    let check = judged(dossier, item, &proposal, now);
    Ok(TactCheckView {
        follow_up_id: item.follow_up_id(),
        tact: TactView::new(&check, proposal.at),
        manager_view: manager_view(dossier, &check),
        findings: findings(connection, account_id, (dossier, item), body, now)?,
        do_at: served(item.do_at),
        tact_at_do: item.tact_at_do.map(i32::from),
    })
}

fn findings(
    connection: &mut DbConnection,
    account_id: &str,
    (dossier, item): (&Dossier, &Item),
    body: &TactCheckBody,
    now: Instant,
) -> Result<Vec<FindingView>, ApiError> {
    let stored = dossier.follow_ups.get(&item.follow_up_id());
    let stored = |name: &str| stored.and_then(|doc| doc.get(name)).and_then(Value::as_str);
    let Some(text) = body.body.as_deref().or(stored("body")) else { return Ok(Vec::new()) };
    let others = Others::of(connection, account_id, &dossier.snapshot.opportunity.id)?;
    let pack = Pack::for_locale(&dossier.snapshot.preferences.locale);
    let subject = body.subject.as_deref().or(stored("subject"));
    let to = (item, body.to.as_deref());
    let found = lint_of(dossier, &others, to, (subject, text), (pack, now));
    Ok(found.into_iter().map(Into::into).collect())
}

/// Adds to `view` how tactful its item would be now, by points, and what the recipient sees.
pub fn explain(dossier: &Dossier, item: &Item, now: Instant, view: &mut FollowUpView) {
    let proposal = Proposal { at: now, channel: None, contact_id: None };
    let check = judged(dossier, item, &proposal, now);
    view.tact = check.score.is_some().then(|| TactView::new(&check, now));
    view.manager_view = manager_view(dossier, &check);
}

fn judged(dossier: &Dossier, item: &Item, proposal: &Proposal, now: Instant) -> TactCheck {
    tact_check(&dossier.snapshot, Policy::current(), now, item, proposal)
}

fn manager_view(dossier: &Dossier, check: &TactCheck) -> Option<ManagerViewDto> {
    let office = view::office(dossier);
    check.manager_view.as_ref().map(|view| ManagerViewDto::new(view, &office))
}
