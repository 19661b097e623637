//! The manager's-eye view: what the person who receives a message has seen of the candidate.
//!
//! **Must never** judge; the score does that.

use super::facts::Facts;
use super::item::Item;
use super::outbound::Sent;
use crate::calendar::shift;
use crate::clock::{CivilDate, Instant};
use crate::entities::follow_up::{FollowUpKind, OutboundChannel};
use chrono::{NaiveDateTime, TimeDelta};

/// How far back the view looks.
const LOOKS_BACK: TimeDelta = TimeDelta::days(30);

/// One message that the employer received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// When it went out.
    pub at: Instant,
    /// What it was.
    pub kind: FollowUpKind,
    /// By which way.
    pub channel: Option<OutboundChannel>,
    /// Whether it went to the very person of the view.
    pub to_same_person: bool,
}

/// What the recipient of an item sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagerView {
    /// What a clock in their office shows.
    pub local_time: NaiveDateTime,
    /// Whether it is a business day inside their office hours.
    pub in_office_hours: bool,
    /// What the employer received in the last 30 days, the newest first.
    pub received: Vec<Received>,
    /// Follow-ups that nobody has answered since they last wrote or met.
    pub unanswered: usize,
    /// The last day of the promise that counts.
    pub promised_by: Option<CivilDate>,
    /// Whether that day has passed.
    pub is_past_promise: bool,
    /// Until when somebody there is away, if so at the moment.
    pub away_until: Option<CivilDate>,
    /// When a person there last wrote.
    pub last_reply_at: Option<Instant>,
}

/// What the recipient of `item` sees at `at`.
pub(super) fn view(facts: &Facts<'_>, item: &Item, at: Instant) -> ManagerView {
    let office = &facts.office;
    let person = item.contact_id.as_deref().unwrap_or(&item.to);
    let since = shift(at, -LOOKS_BACK);
    let outbound = facts.sent.iter().rev().filter(|sent| reaches_employer(facts, sent));
    let received = outbound.filter(|sent| sent.at >= since && sent.at <= at).map(|sent| Received {
        at: sent.at,
        kind: sent.kind(),
        channel: sent.channel(),
        to_same_person: sent.is_to(person) || sent.is_to(&item.to),
    });
    let promised_by = facts.promise.map(|promise| promise.by);
    let today = office.date_of(at);
    ManagerView {
        local_time: office.civil(at),
        in_office_hours: office.next_send(at) == at,
        received: received.collect(),
        unanswered: facts.unanswered().len(),
        promised_by,
        is_past_promise: promised_by.is_some_and(|by| today > by),
        away_until: away_until(facts, today),
        last_reply_at: facts.last_human_reply,
    }
}

fn reaches_employer(facts: &Facts<'_>, sent: &Sent<'_>) -> bool {
    sent.kind() != FollowUpKind::Custom || sent.counts_for_spacing(&facts.snapshot.contacts)
}

/// The latest return that was announced and has not come by `today`.
pub(super) fn away_until(facts: &Facts<'_>, today: CivilDate) -> Option<CivilDate> {
    facts.returns().filter(|returns| *returns > today).max()
}
