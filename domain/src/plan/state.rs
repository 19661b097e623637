//! Where an opportunity stands: derived from the facts, never set by hand.

use super::facts::{Facts, is_scheduled};
use super::outcome::Outcome;
use crate::entities::field::words;
use crate::entities::follow_up::FollowUpKind;
use crate::entities::offer::OfferStatus;
use crate::entities::opportunity::Closed;

words! {
    /// Where an opportunity stands.
    OpportunityState {
        /// Nothing has happened yet.
        Considering = "considering",
        /// An interview is ahead, or over and not reported on.
        Interviewing = "interviewing",
        /// They promised an answer by a day.
        WaitingThem = "waiting_them",
        /// The candidate owes them something.
        MyTurn = "my_turn",
        /// Waiting, and nobody named a day.
        Limbo = "limbo",
        /// They made an offer.
        Offer = "offer",
        /// The candidate said yes.
        Accepted = "accepted",
        /// The candidate said no, or let the offer expire.
        Declined = "declined",
        /// They said no, or took the offer back.
        Rejected = "rejected",
        /// The candidate withdrew.
        Withdrawn = "withdrawn",
        /// The candidate stopped waiting.
        PresumedClosed = "presumed_closed",
    }
}

/// What has ended comes first, then what the candidate owes, then what is ahead.
pub(super) fn of(facts: &Facts<'_>) -> OpportunityState {
    if let Some(closed) = facts.closed() {
        return match closed {
            Closed::Withdrawn => OpportunityState::Withdrawn,
            Closed::PresumedClosed => OpportunityState::PresumedClosed,
        };
    }
    if let Some(outcome) = facts.outcome {
        return of_outcome(outcome);
    }
    if facts.withdrawn_at().is_some() && facts.has_sent(FollowUpKind::Withdrawal) {
        return OpportunityState::Withdrawn;
    }
    let ahead = facts.interviews.iter().any(|interview| is_scheduled(interview));
    if !facts.duties.is_empty() || facts.next_step_is_mine() {
        OpportunityState::MyTurn
    } else if ahead {
        OpportunityState::Interviewing
    } else if facts.promise.is_some() {
        OpportunityState::WaitingThem
    } else if facts.held.is_empty() && facts.last_human_reply.is_none() {
        OpportunityState::Considering
    } else {
        OpportunityState::Limbo
    }
}

const fn of_outcome(outcome: Outcome) -> OpportunityState {
    match outcome {
        Outcome::Rejected { .. } => OpportunityState::Rejected,
        Outcome::Offered { status, .. } => match status {
            OfferStatus::Open | OfferStatus::Extended => OpportunityState::Offer,
            OfferStatus::Accepted => OpportunityState::Accepted,
            OfferStatus::Declined | OfferStatus::Expired => OpportunityState::Declined,
            OfferStatus::Rescinded => OpportunityState::Rejected,
        },
    }
}
