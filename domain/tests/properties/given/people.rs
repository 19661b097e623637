//! The opportunity, the people, and the conversations with them.

use super::places::quiet_hours;
use super::times::fact;
use crate::world::nothing_yet;
use afterview_domain::entities::contact::{Channel, ChannelKind, ContactRole};
use afterview_domain::entities::interview::{
    Attendee, InterviewKind, InterviewStatus, NextStepOwner,
};
use afterview_domain::entities::opportunity::{Closed, ContactPolicy, Interest};
use afterview_domain::entities::preferences::{MUTABLE_KINDS, ThankChannel};
use afterview_domain::entities::{Contact, Interview, Opportunity, Preferences};
use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::{bool, option};

/// Everybody who may turn up.
pub(crate) const POOL: &[&str] = &["anna", "ben", "cleo", "dora", "emil"];

const ROLES: &[ContactRole] = &[
    ContactRole::Interviewer,
    ContactRole::HiringManager,
    ContactRole::InternalRecruiter,
    ContactRole::AgencyRecruiter,
    ContactRole::Coordinator,
    ContactRole::Referrer,
    ContactRole::Referee,
];

const CHANNELS: &[ChannelKind] = &[
    ChannelKind::Email,
    ChannelKind::Phone,
    ChannelKind::Linkedin,
    ChannelKind::Postal,
    ChannelKind::Sms,
];

const STATUSES: &[InterviewStatus] = &[
    InterviewStatus::Held,
    InterviewStatus::Held,
    InterviewStatus::Held,
    InterviewStatus::Scheduled,
    InterviewStatus::NoShowThem,
    InterviewStatus::NoShowMe,
    InterviewStatus::CancelledThem,
    InterviewStatus::CancelledMe,
    InterviewStatus::Rescheduled,
];

const KINDS: &[InterviewKind] = &[
    InterviewKind::Onsite,
    InterviewKind::Screen,
    InterviewKind::Phone,
    InterviewKind::Video,
    InterviewKind::Panel,
    InterviewKind::Technical,
    InterviewKind::TakeHomeReview,
    InterviewKind::Final,
    InterviewKind::Informal,
];

const OWNERS: &[NextStepOwner] =
    &[NextStepOwner::Unknown, NextStepOwner::Them, NextStepOwner::Me, NextStepOwner::Recruiter];

const POLICIES: &[ContactPolicy] = &[
    ContactPolicy::None,
    ContactPolicy::None,
    ContactPolicy::None,
    ContactPolicy::NoCalls,
    ContactPolicy::NoStatus,
    ContactPolicy::NoThanks,
    ContactPolicy::NoContact,
];

/// Somebody of the pool.
pub(super) fn person() -> impl Strategy<Value = Option<String>> {
    option::of(select(POOL).prop_map(str::to_owned))
}

/// Some of the pool, each reachable in some ways.
pub(super) fn contacts() -> impl Strategy<Value = Vec<Contact>> {
    let owner = option::of(Just("opp".to_owned()));
    let channel = (select(CHANNELS), any::<bool>(), any::<bool>());
    let channels = vec(channel, 0..4);
    let wishes = (option::of(select(CHANNELS)), bool::weighted(0.1));
    let details = vec((select(ROLES), owner, channels, wishes), POOL.len());
    (subsequence(POOL, 0..=POOL.len()), details).prop_map(|(people, details)| {
        let people = people.into_iter().zip(details);
        people
            .map(|(id, (role, opportunity_id, channels, (preferred, no_thanks)))| Contact {
                id: id.to_owned(),
                opportunity_id,
                name: id.to_owned(),
                role,
                channels: channels.into_iter().map(channel_of).collect(),
                preferred,
                no_thanks,
            })
            .collect()
    })
}

fn channel_of((kind, invited, connected): (ChannelKind, bool, bool)) -> Channel {
    Channel { kind, value: kind.as_str().to_owned(), invited, connected }
}

/// Up to three conversations, whatever became of them.
pub(super) fn interviews() -> impl Strategy<Value = Vec<Interview>> {
    let outcome = (select(STATUSES), option::of(fact()), select(OWNERS));
    let what = (select(KINDS), option::of(1_i64..5), 15_i64..600);
    let who = (subsequence(POOL, 0..=3), 0_u8..8, person());
    vec((fact(), outcome, what, who), 0..4).prop_map(|interviews| {
        let interviews = interviews.into_iter().enumerate();
        interviews
            .map(|(number, (starts_at, outcome, what, (who, absent, scheduler)))| {
                let (status, status_changed_at, next_step_owner) = outcome;
                let (kind, round, minutes) = what;
                let attendee = |(at, id): (usize, &str)| Attendee {
                    contact_id: id.to_owned(),
                    present: usize::from(absent) != at,
                };
                Interview {
                    id: format!("i{number}"),
                    opportunity_id: "opp".to_owned(),
                    round,
                    kind,
                    starts_at,
                    ends_at: starts_at + TimeDelta::minutes(minutes),
                    status,
                    status_changed_at,
                    attendees: who.into_iter().enumerate().map(attendee).collect(),
                    scheduler_contact_id: scheduler,
                    next_step_owner,
                    talking_points: Vec::new(),
                }
            })
            .collect()
    })
}

/// The opportunity itself; its office is chosen apart.
pub(super) fn opportunity() -> impl Strategy<Value = Opportunity> {
    let interest = prop_oneof![
        12 => select(vec![Interest::High, Interest::Medium, Interest::Low]),
        1 => Just(Interest::Withdrawn),
    ];
    // The server dates what it derives from a change.
    let since = (fact(), fact());
    let closed = prop_oneof![
        15 => Just(None),
        1 => select(vec![Some(Closed::Withdrawn), Some(Closed::PresumedClosed)]),
    ];
    let statutory = select(vec![None, None, Some(false), Some(true)]);
    (select(POLICIES), bool::weighted(0.3), person(), interest, closed, statutory, since).prop_map(
        |(contact_policy, via_agency, agent, interest, closed, statutory, since)| Opportunity {
            contact_policy,
            via_agency,
            agency_contact_id: agent.filter(|_| via_agency),
            interest,
            withdrawn_at: (interest == Interest::Withdrawn).then_some(since.0),
            closed,
            closed_at: closed.is_some().then_some(since.1),
            region: statutory.map(|_| "CA-ON".to_owned()),
            employer_25_plus: statutory,
            public_posting: statutory,
            ..nothing_yet().opportunity
        },
    )
}

/// The candidate's settings; the zone is chosen apart.
pub(super) fn preferences() -> impl Strategy<Value = Preferences> {
    const THANKS: &[ThankChannel] =
        &[ThankChannel::Email, ThankChannel::Handwritten, ThankChannel::Both];
    let mute = prop_oneof![
        3 => Just(Vec::new()),
        1 => subsequence(MUTABLE_KINDS, 0..5),
    ];
    let mute = mute.prop_map(|kinds| kinds.into_iter().map(str::to_owned).collect());
    let most = option::weighted(0.3, 1_i64..=3);
    (select(THANKS), quiet_hours(), mute, most).prop_map(
        |(thank_channel, (quiet_from, quiet_to), mute, max_unanswered)| Preferences {
            thank_channel,
            quiet_from,
            quiet_to,
            mute,
            max_unanswered,
            ..nothing_yet().preferences
        },
    )
}
