//! Arbitrary facts: every kind of record, at times that overlap in every way.

use crate::world::{at, follow_up, interview, nothing_yet, owed, promised, reply};
use afterview_domain::clock::Instant;
use afterview_domain::entities::commitment::CommitmentStatus;
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::interview::InterviewStatus;
use afterview_domain::entities::offer::OfferStatus;
use afterview_domain::entities::opportunity::ContactPolicy;
use afterview_domain::entities::preferences::ThankChannel;
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::entities::{
    Commitment, Expectation, FollowUp, Interview, Offer, Opportunity, Preferences, Reply,
    Supplement,
};
use afterview_domain::plan::Snapshot;
use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Around this moment everything happens.
pub(crate) fn base() -> Instant {
    at("2026-05-01T12:00:00Z")
}

/// 52 weeks: the same weekdays again.
pub(crate) const YEAR: TimeDelta = TimeDelta::weeks(52);

/// A moment within the five weeks after [`base`].
fn fact() -> impl Strategy<Value = Instant> {
    (0_i64..50_000).prop_map(|minutes| base() + TimeDelta::minutes(minutes))
}

/// A moment at which a plan is asked for.
pub(crate) fn moment() -> impl Strategy<Value = Instant> {
    (-5_000_i64..120_000).prop_map(|minutes| base() + TimeDelta::minutes(minutes))
}

fn interviews() -> impl Strategy<Value = Vec<Interview>> {
    let status = select(vec![
        InterviewStatus::Held,
        InterviewStatus::Held,
        InterviewStatus::Scheduled,
        InterviewStatus::NoShowThem,
        InterviewStatus::NoShowMe,
        InterviewStatus::CancelledThem,
        InterviewStatus::Rescheduled,
    ]);
    numbered(vec((fact(), status, option::of(fact())), 0..4), |id, (starts_at, status, changed)| {
        Interview { status_changed_at: changed, ..interview(&id, starts_at, status) }
    })
}

fn expectations() -> impl Strategy<Value = Vec<Expectation>> {
    numbered(
        vec((fact(), 0_i64..20, any::<bool>(), any::<bool>()), 0..3),
        |id, (spoken_at, days, hedged, dated)| {
            let by = spoken_at.date_naive() + TimeDelta::days(days);
            let promise = promised(&id, spoken_at, by);
            Expectation { by: dated.then_some(by), hedged, ..promise }
        },
    )
}

fn commitments() -> impl Strategy<Value = Vec<Commitment>> {
    numbered(
        vec((fact(), option::of(0_i64..8), option::of(fact()), any::<bool>()), 0..3),
        |id, (spoken_at, due, fulfilled_at, third_party)| {
            let due = due.map(|days| spoken_at.date_naive() + TimeDelta::days(days));
            let status = match fulfilled_at {
                Some(_) => CommitmentStatus::Fulfilled,
                None => CommitmentStatus::Open,
            };
            Commitment { fulfilled_at, status, third_party, ..owed(&id, spoken_at, due) }
        },
    )
}

fn follow_ups() -> impl Strategy<Value = Vec<FollowUp>> {
    let action = select(vec![
        ("opp/follow_up/1/employer", FollowUpKind::FollowUp),
        ("opp/follow_up/1/employer#2", FollowUpKind::FollowUp),
        ("opp/follow_up/2/employer", FollowUpKind::FollowUp),
        ("opp/thank_you/id0/anna", FollowUpKind::ThankYou),
        ("opp/value_add/1/employer", FollowUpKind::ValueAdd),
        ("opp/custom/mine/self", FollowUpKind::Custom),
        ("opp/custom/mine/anna", FollowUpKind::Custom),
    ]);
    numbered(
        vec((action, option::of(fact()), option::of(fact())), 0..5),
        |id, ((key, kind), sent_at, later)| {
            let record = follow_up(key, kind, sent_at);
            FollowUp { id, due_at: later, snoozed_until: later, ..record }
        },
    )
}

fn replies() -> impl Strategy<Value = Vec<Reply>> {
    let kind = select(vec![
        ReplyKind::ReplyInfo,
        ReplyKind::NewDate,
        ReplyKind::Request,
        ReplyKind::NextRound,
        ReplyKind::Offer,
        ReplyKind::Reject,
        ReplyKind::OutOfOffice,
        ReplyKind::DoNotContact,
        ReplyKind::OnHold,
    ]);
    let text = select(vec!["", "next Friday", "in about two weeks", "soon"]);
    numbered(
        vec((fact(), kind, text, option::of(0_i64..20)), 0..3),
        |id, (at, kind, text, away)| {
            let returns = away.map(|days| at.date_naive() + TimeDelta::days(days));
            let deadline = away.map(|days| at + TimeDelta::days(days + 1));
            Reply { text: text.to_owned(), returns, deadline, ..reply(&id, at, kind) }
        },
    )
}

fn offers() -> impl Strategy<Value = Vec<Offer>> {
    let status = select(vec![OfferStatus::Open, OfferStatus::Extended, OfferStatus::Declined]);
    numbered(vec((fact(), 1_i64..20_000, status), 0..2), |id, (received_at, minutes, status)| {
        let deadline = Some(received_at + TimeDelta::minutes(minutes));
        Offer { id, opportunity_id: "opp".to_owned(), received_at, deadline, status }
    })
}

fn opportunity() -> impl Strategy<Value = Opportunity> {
    let policy = select(vec![
        ContactPolicy::None,
        ContactPolicy::None,
        ContactPolicy::NoCalls,
        ContactPolicy::NoStatus,
        ContactPolicy::NoThanks,
        ContactPolicy::NoContact,
    ]);
    (policy, any::<bool>()).prop_map(|(contact_policy, via_agency)| Opportunity {
        contact_policy,
        via_agency,
        ..nothing_yet().opportunity
    })
}

/// Any facts about one opportunity.
pub(crate) fn snapshot() -> impl Strategy<Value = Snapshot> {
    let thanks = select(vec![ThankChannel::Email, ThankChannel::Handwritten, ThankChannel::Both]);
    let facts = (interviews(), expectations(), commitments(), follow_ups(), replies());
    let rest = (opportunity(), offers(), offers(), any::<bool>(), thanks);
    (facts, rest).prop_map(|(facts, (opportunity, mut offers, elsewhere, new, thank_channel))| {
        let (interviews, expectations, commitments, follow_ups, replies) = facts;
        offers.truncate(usize::from(new));
        Snapshot {
            opportunity,
            interviews,
            expectations,
            commitments,
            follow_ups,
            replies,
            offers,
            offers_elsewhere: elsewhere,
            supplements: if new { vec![supplement()] } else { Vec::new() },
            preferences: Preferences { thank_channel, ..nothing_yet().preferences },
            ..nothing_yet()
        }
    })
}

/// The same story 52 weeks later, on the same weekdays.
pub(crate) fn a_year_later(snapshot: &Snapshot) -> Snapshot {
    let mut later = snapshot.clone();
    for interview in &mut later.interviews {
        interview.starts_at += YEAR;
        interview.ends_at += YEAR;
        interview.status_changed_at = interview.status_changed_at.map(|at| at + YEAR);
    }
    for expectation in &mut later.expectations {
        expectation.spoken_at += YEAR;
        expectation.from = expectation.from.map(|day| day + YEAR);
        expectation.by = expectation.by.map(|day| day + YEAR);
    }
    for commitment in &mut later.commitments {
        commitment.spoken_at += YEAR;
        commitment.due = commitment.due.map(|day| day + YEAR);
        commitment.fulfilled_at = commitment.fulfilled_at.map(|at| at + YEAR);
    }
    for record in &mut later.follow_ups {
        record.sent_at = record.sent_at.map(|at| at + YEAR);
        record.due_at = record.due_at.map(|at| at + YEAR);
        record.snoozed_until = record.snoozed_until.map(|at| at + YEAR);
    }
    for reply in &mut later.replies {
        reply.at += YEAR;
        reply.returns = reply.returns.map(|day| day + YEAR);
        reply.deadline = reply.deadline.map(|at| at + YEAR);
    }
    for offer in later.offers.iter_mut().chain(&mut later.offers_elsewhere) {
        offer.received_at += YEAR;
        offer.deadline = offer.deadline.map(|at| at + YEAR);
    }
    later
}

fn supplement() -> Supplement {
    Supplement {
        id: "certificate".to_owned(),
        opportunity_id: None,
        title: "Certificate".to_owned(),
        earned_at: None,
        used_by: None,
    }
}

fn numbered<T: std::fmt::Debug, R: std::fmt::Debug>(
    values: impl Strategy<Value = Vec<T>>,
    record: impl Fn(String, T) -> R,
) -> impl Strategy<Value = Vec<R>> {
    values.prop_map(move |values| {
        let numbered = values.into_iter().enumerate();
        numbered.map(|(n, value)| record(format!("id{n}"), value)).collect()
    })
}
