//! How it ended, if it has: an offer or a no.

use super::snapshot::Snapshot;
use crate::clock::Instant;
use crate::entities::Reply;
use crate::entities::offer::OfferStatus;
use crate::entities::reply::ReplyKind;

/// Their decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// They said no.
    Rejected {
        /// When.
        at: Instant,
    },
    /// They made an offer.
    Offered {
        /// When.
        at: Instant,
        /// Until when they expect the answer.
        deadline: Option<Instant>,
        /// What became of it.
        status: OfferStatus,
    },
}

/// Their decision as of `now`; `replies` are those received so far, the earliest first.
///
/// A no stands until they come back with an offer, another round, a new date or a request. Kind
/// words after a no do not reopen anything.
pub(super) fn outcome(snapshot: &Snapshot, replies: &[&Reply], now: Instant) -> Option<Outcome> {
    let received = snapshot.offers.iter().filter(|offer| offer.received_at <= now);
    let offer = received.max_by_key(|offer| (offer.received_at, &offer.id));
    let announced = replies.iter().rev().find(|reply| reply.kind == ReplyKind::Offer);
    let reopened = replies.iter().filter(|reply| reopens(reply.kind)).map(|reply| reply.at);
    let reopened = reopened.chain(offer.map(|offer| offer.received_at)).max();
    let is_last_word = |at: Instant| reopened.is_none_or(|reopened| at >= reopened);
    let rejection = replies
        .iter()
        .find(|reply| reply.kind == ReplyKind::Reject && is_last_word(reply.at))
        .map(|reply| Outcome::Rejected { at: reply.at });
    let offered = || match (offer, announced) {
        (Some(offer), _) => Some(Outcome::Offered {
            at: offer.received_at,
            deadline: offer.deadline,
            status: offer.status,
        }),
        (None, Some(reply)) => Some(Outcome::Offered {
            at: reply.at,
            deadline: reply.deadline,
            status: OfferStatus::Open,
        }),
        (None, None) => None,
    };
    rejection.or_else(offered)
}

const fn reopens(kind: ReplyKind) -> bool {
    matches!(
        kind,
        ReplyKind::Offer | ReplyKind::NextRound | ReplyKind::NewDate | ReplyKind::Request
    )
}
