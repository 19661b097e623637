//! How tactful something would be, and what the other side sees.
//!
//! **Must never** store anything.

use crate::dto::follow_up::{FollowUpView, served};
use crate::dto::tact::{ManagerViewDto, TactCheckBody, TactCheckView, TactView};
use crate::error::{ApiError, Code};
use crate::planning::{Dossier, dossier, follow_ups, view};
use crate::store::DbConnection;
use afterview_domain::clock::Instant;
use afterview_domain::entities::FaultCode;
use afterview_domain::entities::follow_up::OutboundChannel;
use afterview_domain::plan::{Item, ItemChannel, Policy, Proposal, TactCheck, tact_check};

/// An open follow-up with the facts around it.
pub struct Planned {
    /// The facts.
    pub dossier: Dossier,
    /// What is planned.
    pub item: Item,
}

/// The open follow-up called `id`.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::WrongState`] when it is recorded but not open any more.
pub fn planned(
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

/// The judgement of a proposal for an open follow-up.
///
/// # Errors
/// [`Code::ValidationFailed`] when the recipient is not known here.
pub fn check(
    planned: &Planned,
    body: &TactCheckBody,
    now: Instant,
) -> Result<TactCheckView, ApiError> {
    let Planned { dossier, item } = planned;
    let known = |id: &String| dossier.snapshot.contacts.iter().any(|contact| contact.id == *id);
    if !body.to.as_ref().is_none_or(known) {
        let detail = "no contact of this opportunity has that id";
        return Err(ApiError::field("/to", FaultCode::UnknownReference, detail));
    }
    let proposal = Proposal {
        at: body.at.unwrap_or(now).max(now),
        channel: body.channel.map(item_channel),
        contact_id: body.to.clone(),
    };
    let check = judged(dossier, item, &proposal, now);
    Ok(TactCheckView {
        follow_up_id: item.follow_up_id(),
        tact: TactView::new(&check, proposal.at),
        manager_view: manager_view(dossier, &check),
        do_at: served(item.do_at),
        tact_at_do: item.tact_at_do.map(i32::from),
    })
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

const fn item_channel(channel: OutboundChannel) -> ItemChannel {
    match channel {
        OutboundChannel::Email | OutboundChannel::ViaRecruiter => ItemChannel::Email,
        OutboundChannel::Phone => ItemChannel::Phone,
        OutboundChannel::Linkedin => ItemChannel::Linkedin,
        OutboundChannel::Handwritten => ItemChannel::Handwritten,
        OutboundChannel::Sms => ItemChannel::Sms,
        OutboundChannel::InPerson => ItemChannel::InPerson,
    }
}
