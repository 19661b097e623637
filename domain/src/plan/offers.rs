//! An offer from elsewhere: telling this employer is fair, and useful to both.

use super::draft::{Draft, Drafts, Times};
use super::facts::Facts;
use super::item::{ItemChannel, ItemKind};
use super::reason::Reason;
use super::{blocks, routing, say};
use crate::calendar::shift;
use crate::clock::Instant;
use crate::entities::Offer;
use crate::entities::follow_up::FollowUpKind;
use chrono::TimeDelta;

/// Business days before the deadline by which they should know.
const LEAD_BD: i32 = 2;

/// When even that has passed, the time before the deadline that is left to them.
const SHORT_LEAD: TimeDelta = TimeDelta::hours(4);

/// The time that the candidate has at least.
const AT_LEAST: TimeDelta = TimeDelta::minutes(30);

/// O1, O2 and O4 for every offer from elsewhere not told yet.
pub(super) fn propose(facts: &Facts<'_>, drafts: &mut Drafts) {
    for (offer, deadline) in untold(facts) {
        drafts.changes_at(deadline);
        drafts.push(news(facts, offer, deadline));
    }
}

/// O3: whether such news is about to be told, so that nothing else is asked meanwhile.
pub(super) fn is_telling(facts: &Facts<'_>) -> bool {
    !blocks::forbids_contact(facts)
        && untold(facts).any(|(offer, deadline)| {
            let action_key = news(facts, offer, deadline).key(facts);
            !facts.is_skipped(&action_key)
        })
}

/// Live offers from elsewhere of which this employer has not heard.
fn untold<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = (&'f Offer, Instant)> {
    let waiting = facts.is_active() && !facts.next_round_booked;
    let offers = facts.snapshot.offers_elsewhere.iter().filter(move |_| waiting);
    offers.filter_map(|offer| {
        let deadline = offer.deadline?;
        let live = offer.received_at <= facts.now && facts.now < deadline;
        let mut told = facts.sent.iter().filter(|sent| sent.kind() == FollowUpKind::OfferNudge);
        let is_told = told.any(|sent| sent.subject() == offer.id);
        (live && !offer.status.is_final() && !is_told).then_some((offer, deadline))
    })
}

fn news(facts: &Facts<'_>, offer: &Offer, deadline: Instant) -> Draft {
    let (office, received) = (&facts.office, offer.received_at);
    let by = say::moment(office, deadline);
    let mut reasons = vec![Reason::new("O1").with("deadline", by)];
    let mut channel = ItemChannel::Email;
    let mut any_hour = false;
    let mut ideal = office.next_send(received);
    let mut latest = office.closing(facts.add(facts.day(deadline), -LEAD_BD));
    if latest <= ideal {
        latest = shift(deadline, -SHORT_LEAD).max(shift(received, AT_LEAST));
        channel = ItemChannel::PhoneThenEmail;
        reasons.push(Reason::new("O2-SHORT-FUSE"));
        if ideal > latest {
            ideal = shift(received, AT_LEAST);
            any_hour = true;
            reasons.push(Reason::new("O4-OFF-HOURS-OK"));
        }
    }
    let times = Times { earliest: received, ideal, latest };
    let recipient = routing::main_recipient(facts);
    let mut draft = Draft::new(ItemKind::OfferNudge, &offer.id, recipient, times).by(channel);
    draft.any_hour = any_hour;
    draft.reasons = reasons;
    if blocks::forbids_contact(facts) {
        return draft.blocked(Reason::new("B1"));
    }
    let deadline = office.civil(deadline).format("%Y-%m-%d %H:%M");
    draft.flagged(format!("deadline={deadline}"))
}
