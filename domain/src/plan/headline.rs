//! The answer at a glance: who has to move, and one sentence.

use super::facts::Facts;
use super::item::{Ball, Item, ItemKind, Verdict};
use super::reason::Reason;
use super::say;
use super::state::{self, OpportunityState};

/// Who has to move.
pub(super) fn ball(facts: &Facts<'_>, items: &[Item]) -> Ball {
    let is_mine = |item: &Item| {
        item.verdict != Verdict::TooSoon
            && matches!(
                item.kind,
                ItemKind::Apologise
                    | ItemKind::NoShowPing
                    | ItemKind::LogDebrief
                    | ItemKind::AskNewSlot
                    | ItemKind::RespondOffer
                    | ItemKind::AckOffer
            )
    };
    match state::of(facts) {
        OpportunityState::MyTurn | OpportunityState::Offer => Ball::Me,
        _ if items.iter().any(is_mine) => Ball::Me,
        OpportunityState::WaitingThem | OpportunityState::Limbo => Ball::Them,
        _ => Ball::Nobody,
    }
}

/// One sentence about the first item.
pub(super) fn headline(facts: &Facts<'_>, items: &[Item]) -> Reason {
    if facts.snapshot.opportunity.closed.is_some() {
        return Reason::new("H8-CLOSED");
    }
    let Some(item) = items.first() else { return Reason::new("H7-NOTHING") };
    let what = Reason::new(rule(facts, item)).with("what", what(item.kind));
    match item.do_at.filter(|do_at| *do_at > facts.now) {
        Some(do_at) if item.verdict != Verdict::LetItGo => {
            what.with("when", say::moment(&facts.office, do_at))
        }
        _ => what,
    }
}

fn rule(facts: &Facts<'_>, item: &Item) -> &'static str {
    let later = item.do_at.is_some_and(|do_at| do_at > facts.now);
    match item.verdict {
        Verdict::Blocked => "H6-BLOCKED",
        Verdict::LetItGo => "H5-LET-GO",
        _ if later => "H2-WAIT",
        Verdict::LastCall => "H4-LAST-CALL",
        Verdict::Overdue => "H3-OVERDUE",
        Verdict::TooSoon | Verdict::GoodTime => "H1-ACT-NOW",
    }
}

const fn what(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Apologise => "say sorry for the missed appointment",
        ItemKind::NoShowPing => "ask what became of the interview",
        ItemKind::LogDebrief => "note how the interview ended",
        ItemKind::PrepClose => "prepare the three closing questions",
        ItemKind::Fulfil => "deliver what you promised",
        ItemKind::RespondOffer => "answer their offer",
        ItemKind::AckOffer => "acknowledge their offer",
        ItemKind::OfferNudge => "tell them about your other offer",
        ItemKind::Debrief => "tell the recruiter how it went",
        ItemKind::ThankYou => "send your thanks",
        ItemKind::GraciousReply => "send a short kind reply",
        ItemKind::AskNewSlot => "ask for a new date",
        ItemKind::ValueAdd => "send what is new, without asking for anything",
        ItemKind::FollowUp => "ask where things stand",
        ItemKind::Custom => "do what you planned",
        ItemKind::LegalNotice => "know what the law asks of them",
        ItemKind::CloseOut => "let it rest",
    }
}
