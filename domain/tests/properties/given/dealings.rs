//! What was promised, owed, sent, received and offered.

use super::people::person;
use super::places::date;
use super::times::fact;
use super::words::phrase;
use crate::world::{follow_up, owed, promised, reply};
use afterview_domain::clock::Instant;
use afterview_domain::entities::commitment::{CommitmentKind, CommitmentStatus};
use afterview_domain::entities::expectation::{ExpectationKind, Subject};
use afterview_domain::entities::follow_up::{FollowUpKind, FollowUpStatus, OutboundChannel};
use afterview_domain::entities::offer::OfferStatus;
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::entities::{Commitment, Expectation, FollowUp, Offer, Reply, Supplement};
use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::ops::Range;
use std::sync::LazyLock;

/// An action key after the opportunity with its kind and its interview. What is frequent in life is
/// frequent here.
type Act = (&'static str, FollowUpKind, Option<&'static str>);

const ACTS: &[Act] = &[
    ("follow_up/1/employer", FollowUpKind::FollowUp, Some("i0")),
    ("follow_up/1/employer", FollowUpKind::FollowUp, None),
    ("follow_up/1/employer#2", FollowUpKind::FollowUp, None),
    ("follow_up/2/employer", FollowUpKind::FollowUp, None),
    ("follow_up/2/employer", FollowUpKind::FollowUp, Some("i1")),
    ("follow_up/3/employer", FollowUpKind::FollowUp, None),
    ("follow_up/1/recruiter", FollowUpKind::FollowUp, None),
    ("follow_up/2/recruiter#3", FollowUpKind::FollowUp, None),
    ("thank_you/i0/anna", FollowUpKind::ThankYou, Some("i0")),
    ("thank_you/i0/ben", FollowUpKind::ThankYou, Some("i0")),
    ("thank_you/i1/employer", FollowUpKind::ThankYou, Some("i1")),
    ("value_add/1/employer", FollowUpKind::ValueAdd, None),
    ("value_add/1/recruiter", FollowUpKind::ValueAdd, None),
    ("fulfil/c0/employer", FollowUpKind::Fulfil, None),
    ("fulfil/c1/employer", FollowUpKind::Fulfil, None),
    ("offer_nudge/x0/employer", FollowUpKind::OfferNudge, None),
    ("debrief/i0/recruiter", FollowUpKind::Debrief, Some("i0")),
    ("ack_offer/1/employer", FollowUpKind::AckOffer, None),
    ("respond_offer/1/employer", FollowUpKind::RespondOffer, None),
    ("gracious_reply/1/employer", FollowUpKind::GraciousReply, None),
    ("ask_new_slot/i0/scheduler", FollowUpKind::AskNewSlot, Some("i0")),
    ("no_show_ping/i1/anna", FollowUpKind::NoShowPing, Some("i1")),
    ("apologise/i0/scheduler", FollowUpKind::Apologise, Some("i0")),
    ("custom/mine/self", FollowUpKind::Custom, None),
    ("custom/hers/anna", FollowUpKind::Custom, None),
    ("custom/theirs/employer", FollowUpKind::Custom, None),
    ("withdrawal/1/employer", FollowUpKind::Withdrawal, None),
    ("close_out/2/self", FollowUpKind::CloseOut, None),
    ("close_out/3/self", FollowUpKind::CloseOut, None),
    ("log_debrief/i0/self", FollowUpKind::LogDebrief, Some("i0")),
    ("prep_close/i1/self", FollowUpKind::PrepClose, Some("i1")),
];

const CHANNELS: &[OutboundChannel] = &[
    OutboundChannel::Email,
    OutboundChannel::Phone,
    OutboundChannel::Linkedin,
    OutboundChannel::Handwritten,
    OutboundChannel::Sms,
    OutboundChannel::InPerson,
    OutboundChannel::ViaRecruiter,
];

const REPLIES: &[ReplyKind] = &[
    ReplyKind::ReplyInfo,
    ReplyKind::ReplyInfo,
    ReplyKind::NewDate,
    ReplyKind::NewDate,
    ReplyKind::OutOfOffice,
    ReplyKind::OutOfOffice,
    ReplyKind::Request,
    ReplyKind::NextRound,
    ReplyKind::OnHold,
    ReplyKind::Offer,
    ReplyKind::Reject,
    ReplyKind::DoNotContact,
];

const SUBJECTS: &[Subject] =
    &[Subject::Decision, Subject::NextRound, Subject::Feedback, Subject::Documents];

const COMMITMENTS: &[CommitmentKind] = &[
    CommitmentKind::References,
    CommitmentKind::WritingSample,
    CommitmentKind::RecommendationLetter,
    CommitmentKind::Portfolio,
    CommitmentKind::TakeHome,
    CommitmentKind::Other,
];

/// Promises, most of them as words still to be read.
pub(super) fn expectations() -> impl Strategy<Value = Vec<Expectation>> {
    let confirmed = option::weighted(0.4, (0_i64..30, 0_i64..4, any::<bool>()));
    let what = (select(SUBJECTS), phrase());
    vec((fact(), confirmed, what, person()), 0..3).prop_map(|promises| {
        let promises = promises.into_iter().enumerate();
        promises
            .map(|(number, (spoken_at, confirmed, (subject, text), promised_by))| {
                let (days, width, hedged) = confirmed.unwrap_or_default();
                let by = spoken_at.date_naive() + TimeDelta::days(days);
                let promise = promised(&format!("e{number}"), spoken_at, by);
                let read = ExpectationKind::Unparsed;
                Expectation {
                    subject,
                    text: text.to_owned(),
                    promised_by,
                    kind: if confirmed.is_some() { ExpectationKind::Confirmed } else { read },
                    from: Some(by - TimeDelta::days(width)),
                    hedged,
                    ..promise
                }
            })
            .collect()
    })
}

/// What the candidate owes, some of it delivered or no longer wanted.
pub(super) fn commitments() -> impl Strategy<Value = Vec<Commitment>> {
    let due = option::of(-1_i64..10);
    let settled = prop_oneof![
        2 => fact().prop_map(|at| (CommitmentStatus::Fulfilled, Some(at))),
        1 => Just((CommitmentStatus::Waived, None)),
        1 => Just((CommitmentStatus::Open, None)),
    ];
    vec((fact(), due, settled, (select(COMMITMENTS), any::<bool>())), 0..3).prop_map(|duties| {
        let duties = duties.into_iter().enumerate();
        duties
            .map(|(number, (spoken_at, due, (status, fulfilled_at), (kind, third_party)))| {
                let due = due.map(|days| spoken_at.date_naive() + TimeDelta::days(days));
                let owed = owed(&format!("c{number}"), spoken_at, due);
                Commitment { kind, status, fulfilled_at, third_party, ..owed }
            })
            .collect()
    })
}

/// Stored follow-ups: sent, skipped, put off, drafted or of the candidate's own.
pub(super) fn acts(count: Range<usize>) -> impl Strategy<Value = Vec<FollowUp>> {
    static BLANK: LazyLock<FollowUp> = LazyLock::new(|| follow_up("", FollowUpKind::Custom, None));
    let status = select(vec![
        FollowUpStatus::Sent,
        FollowUpStatus::Sent,
        FollowUpStatus::Skipped,
        FollowUpStatus::Open,
    ]);
    let times = (fact(), option::of(fact()), option::weighted(0.3, fact()));
    let how = (person(), option::of(select(CHANNELS)), any::<bool>());
    let included = option::weighted(0.2, subsequence(&["thanks", "supplement", "c0"][..], 1..3));
    vec((select(ACTS), status, times, how, included), count).prop_map(|records| {
        let records = records.into_iter().enumerate();
        records
            .map(|(number, ((key, kind, interview), status, times, how, included))| {
                let (at, snoozed_until, snoozed_window) = times;
                let (to, channel, asked_timeline) = how;
                let private = kind.is_private() && status == FollowUpStatus::Sent;
                let status = if private { FollowUpStatus::Skipped } else { status };
                let custom = kind == FollowUpKind::Custom;
                FollowUp {
                    id: format!("f{number}"),
                    action_key: format!("opp/{key}"),
                    opportunity_id: "opp".to_owned(),
                    interview_id: interview.map(str::to_owned),
                    kind,
                    to,
                    channel,
                    status,
                    sent_at: (status == FollowUpStatus::Sent).then_some(at),
                    skipped_at: (status == FollowUpStatus::Skipped).then_some(at),
                    snoozed_until,
                    snoozed_window,
                    asked_timeline,
                    included: included.into_iter().flatten().map(str::to_owned).collect(),
                    due_at: custom.then_some(at),
                    title: custom.then(|| "Mine".to_owned()),
                    ..BLANK.clone()
                }
            })
            .collect()
    })
}

/// What came back.
pub(super) fn replies() -> impl Strategy<Value = Vec<Reply>> {
    let away = option::weighted(0.8, 0_i64..20);
    vec((fact(), select(REPLIES), phrase(), away, person()), 0..4).prop_map(|replies| {
        let replies = replies.into_iter().enumerate();
        replies
            .map(|(number, (at, kind, text, days, from))| {
                let returns = days.filter(|_| kind == ReplyKind::OutOfOffice);
                let deadline = days.filter(|_| kind == ReplyKind::Offer);
                Reply {
                    from,
                    text: text.to_owned(),
                    returns: returns.map(|days| at.date_naive() + TimeDelta::days(days)),
                    deadline: deadline.map(|days| at + TimeDelta::days(days + 1)),
                    ..reply(&format!("r{number}"), at, kind)
                }
            })
            .collect()
    })
}

/// Offers with ids that begin with `prefix`.
pub(super) fn offers(prefix: &'static str) -> impl Strategy<Value = Vec<Offer>> {
    let status = select(vec![
        OfferStatus::Open,
        OfferStatus::Open,
        OfferStatus::Extended,
        OfferStatus::Accepted,
        OfferStatus::Declined,
        OfferStatus::Expired,
        OfferStatus::Rescinded,
    ]);
    let minutes = option::weighted(0.9, prop_oneof![1_i64..3_000, 1_i64..30_000]);
    vec((fact(), minutes, status), 0..3).prop_map(move |offers| {
        let offers = offers.into_iter().enumerate();
        offers.map(|(number, given)| offer(format!("{prefix}{number}"), given)).collect()
    })
}

fn offer(id: String, (at, minutes, status): (Instant, Option<i64>, OfferStatus)) -> Offer {
    let deadline = minutes.map(|minutes| at + TimeDelta::minutes(minutes));
    Offer { id, opportunity_id: "opp".to_owned(), received_at: at, deadline, status }
}

/// Qualifications: for this opportunity, any or another one, shown or not.
pub(super) fn supplements() -> impl Strategy<Value = Vec<Supplement>> {
    let owner = option::of(select(vec!["opp", "other"]));
    let used = option::weighted(0.2, Just("f0".to_owned()));
    vec((owner, used, option::of(0_i64..30)), 0..3).prop_map(|supplements| {
        let supplements = supplements.into_iter().enumerate();
        supplements
            .map(|(number, (owner, used_by, earned))| Supplement {
                id: format!("s{number}"),
                opportunity_id: owner.map(str::to_owned),
                title: "Certificate".to_owned(),
                earned_at: earned.map(date),
                used_by,
            })
            .collect()
    })
}
