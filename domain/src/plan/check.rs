//! Whether a message would be tactful: any time, way and recipient for an item of the plan.
//!
//! **Must never** forbid anything; it says what the other side would think.

use super::draft::SELF;
use super::facts::Facts;
use super::item::{Item, ItemChannel, ItemKind};
use super::manager::{self, ManagerView};
use super::people;
use super::policy::Policy;
use super::reason::Reason;
use super::routing::{is_call, may_use};
use super::snapshot::Snapshot;
use super::tact::{self, TactBand, TactPoint};
use super::{blocks, say};
use crate::clock::Instant;
use crate::entities::contact::ChannelKind;

/// What somebody thinks of doing with an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// When; a moment before now counts as now.
    pub at: Instant,
    /// By which way; `None` leaves the planned one.
    pub channel: Option<ItemChannel>,
    /// To which contact; `None` leaves the planned one.
    pub contact_id: Option<String>,
}

/// The judgement of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TactCheck {
    /// 0 to 100; `None` where tact is not the question.
    pub score: Option<u8>,
    /// What the score means.
    pub band: Option<TactBand>,
    /// Every point that counted, the start first.
    pub points: Vec<TactPoint>,
    /// What speaks against it besides the score.
    pub concerns: Vec<Reason>,
    /// What the recipient sees at that moment.
    pub manager_view: Option<ManagerView>,
}

/// Judges `proposal` for `item` of the plan of `snapshot` as of `now`.
#[must_use]
pub fn tact_check(
    snapshot: &Snapshot,
    policy: &Policy,
    now: Instant,
    item: &Item,
    proposal: &Proposal,
) -> TactCheck {
    let facts = Facts::new(snapshot, policy, now);
    let at = proposal.at.max(now);
    let mut item = item.clone();
    if let Some(channel) = proposal.channel {
        item.channel = channel;
    }
    if proposal.contact_id.is_some() {
        item.contact_id.clone_from(&proposal.contact_id);
    }
    let (score, points) = match tact::itemised(&facts, &item, at) {
        Some((score, points)) => (Some(score), points),
        None => (None, Vec::new()),
    };
    TactCheck {
        score,
        band: score.map(TactBand::of),
        points,
        concerns: concerns(&facts, &item, at),
        manager_view: (item.to != SELF).then(|| manager::view(&facts, &item, at)),
    }
}

fn concerns(facts: &Facts<'_>, item: &Item, at: Instant) -> Vec<Reason> {
    if item.to == SELF {
        return Vec::new();
    }
    let mut concerns = Vec::new();
    concerns.extend(wrong_person(facts, item));
    concerns.extend(wrong_way(facts, item));
    if item.kind == ItemKind::ThankYou && blocks::forbids_thanks(facts) {
        concerns.push(Reason::new("B2-NO-THANKS"));
    }
    concerns.extend(too_close(facts, item, at));
    if let Some(returns) = manager::away_until(facts, facts.day(at)) {
        concerns.push(Reason::new("TACT-AWAY").with("returns", say::day(returns)));
    }
    concerns
}

/// W3, and whoever goes around the agency.
fn wrong_person(facts: &Facts<'_>, item: &Item) -> Option<Reason> {
    let contact = facts.contact(item.contact_id.as_deref()?)?;
    if people::is_outsider(contact) {
        Some(Reason::new("W3-NO-THIRD-PARTY"))
    } else if facts.via_agency() && !facts.is_agency_recruiter(&contact.id) {
        Some(Reason::new("TACT-AGENCY"))
    } else {
        None
    }
}

/// W2: a way that nobody has opened.
fn wrong_way(facts: &Facts<'_>, item: &Item) -> Option<Reason> {
    let (kind, name) = match item.channel {
        ItemChannel::InPerson => return Some(Reason::new("W3-NO-THIRD-PARTY")),
        ItemChannel::Linkedin => (ChannelKind::Linkedin, "LinkedIn"),
        ItemChannel::Sms => (ChannelKind::Sms, "A text message"),
        channel if is_call(channel) => (ChannelKind::Phone, "A call"),
        _ => return None,
    };
    let planned = item.reasons.iter().any(|reason| reason.rule == "O2-SHORT-FUSE");
    let expected = (facts.via_agency() || planned) && kind == ChannelKind::Phone
        || matches!(item.kind, ItemKind::Apologise | ItemKind::RespondOffer);
    let contact = item.contact_id.as_deref().and_then(|id| facts.contact(id));
    let allowed = contact.and_then(|contact| may_use(facts, contact, kind)).is_some();
    (!expected && !allowed).then(|| Reason::new("TACT-CHANNEL").with("channel", name))
}

/// M2 for the proposed moment.
fn too_close(facts: &Facts<'_>, item: &Item, at: Instant) -> Option<Reason> {
    let asks = matches!(item.kind, ItemKind::FollowUp | ItemKind::ValueAdd | ItemKind::Custom);
    let last = facts.last_outbound().filter(|_| asks).map(|at| facts.day(at))?;
    let spacing_bd = facts.cadence().spacing_bd;
    let soonest = facts.office.opening(facts.add(last, spacing_bd));
    (at < soonest).then(|| {
        Reason::new("TACT-SPACING")
            .with("last", say::day(last))
            .with("spacing", say::business_days(spacing_bd))
    })
}
