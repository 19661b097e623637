//! A small world for tests: an employer in New York and one interview on Wednesday 6 May 2026
//! from 14:00 to 15:00 office time.

#![allow(dead_code, reason = "each test file uses its own part of it")]

use afterview_domain::clock::{CivilDate, Instant};
use afterview_domain::entities::commitment::{CommitmentKind, CommitmentStatus};
use afterview_domain::entities::contact::{Channel, ChannelKind, ContactRole};
use afterview_domain::entities::expectation::ExpectationKind;
use afterview_domain::entities::follow_up::{FollowUpKind, FollowUpStatus};
use afterview_domain::entities::interview::{
    Attendee, InterviewKind, InterviewStatus, NextStepOwner,
};
use afterview_domain::entities::opportunity::{ContactPolicy, Interest, Office, Weekday};
use afterview_domain::entities::preferences::{LockScreen, ThankChannel};
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::entities::{
    Commitment, Contact, Expectation, FollowUp, Interview, Opportunity, Preferences, Reply,
    expectation::Subject,
};
use afterview_domain::plan::{Item, ItemKind, OpportunityState, Plan, Policy, Snapshot, plan};
use chrono::NaiveTime;

/// No rules, keys or names.
pub(crate) const NONE: [&str; 0] = [];

pub(crate) fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}

pub(crate) fn day(text: &str) -> CivilDate {
    text.parse().expect("a date")
}

pub(crate) fn time(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).expect("a time")
}

pub(crate) fn new_york() -> Office {
    Office {
        name: None,
        time_zone: Some(chrono_tz::America::New_York),
        work_week: vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
        calendar: Some("US-FED".to_owned()),
        closures: Vec::new(),
        send_open: time(8, 30),
        send_close: time(17, 30),
    }
}

/// An opportunity about which nothing is known but where the employer is.
pub(crate) fn nothing_yet() -> Snapshot {
    Snapshot {
        opportunity: Opportunity {
            id: "opp".to_owned(),
            employer: "Acme".to_owned(),
            role: "Engineer".to_owned(),
            office: new_york(),
            via_agency: false,
            agency_contact_id: None,
            interest: Interest::High,
            withdrawn_at: None,
            closed: None,
            closed_at: None,
            contact_policy: ContactPolicy::None,
            region: None,
            employer_25_plus: None,
            public_posting: None,
        },
        contacts: Vec::new(),
        interviews: Vec::new(),
        expectations: Vec::new(),
        commitments: Vec::new(),
        follow_ups: Vec::new(),
        replies: Vec::new(),
        offers: Vec::new(),
        offers_elsewhere: Vec::new(),
        others_pending: false,
        supplements: Vec::new(),
        preferences: Preferences {
            time_zone: chrono_tz::America::New_York,
            quiet_from: time(22, 0),
            quiet_to: time(8, 0),
            thank_channel: ThankChannel::Email,
            max_unanswered: None,
            lock_screen: LockScreen::None,
            mute: Vec::new(),
            locale: "en".to_owned(),
        },
    }
}

/// The same after the interview with Anna, which took place.
pub(crate) fn interviewed() -> Snapshot {
    let held = interview("i1", at("2026-05-06T18:00:00Z"), InterviewStatus::Held);
    Snapshot { interviews: vec![held], ..nothing_yet() }
}

pub(crate) fn interview(id: &str, starts_at: Instant, status: InterviewStatus) -> Interview {
    Interview {
        id: id.to_owned(),
        opportunity_id: "opp".to_owned(),
        round: None,
        kind: InterviewKind::Onsite,
        starts_at,
        ends_at: starts_at + chrono::TimeDelta::hours(1),
        status,
        status_changed_at: None,
        attendees: vec![Attendee { contact_id: "anna".to_owned(), present: true }],
        scheduler_contact_id: None,
        next_step_owner: NextStepOwner::Unknown,
        talking_points: Vec::new(),
    }
}

/// Somebody of whom nothing is known but the name and the part.
pub(crate) fn person(id: &str, role: ContactRole) -> Contact {
    Contact {
        id: id.to_owned(),
        opportunity_id: None,
        name: id.to_uppercase(),
        role,
        channels: Vec::new(),
        preferred: None,
        no_thanks: false,
    }
}

pub(crate) fn way(kind: ChannelKind, invited: bool, connected: bool) -> Channel {
    Channel { kind, value: "x".to_owned(), invited, connected }
}

/// A promise of an answer by `by`.
pub(crate) fn promised(id: &str, spoken_at: Instant, by: CivilDate) -> Expectation {
    Expectation {
        id: id.to_owned(),
        opportunity_id: "opp".to_owned(),
        interview_id: None,
        subject: Subject::Decision,
        text: String::new(),
        spoken_at,
        promised_by: None,
        kind: ExpectationKind::Confirmed,
        from: Some(by),
        by: Some(by),
        by_time: None,
        hedged: false,
        ambiguous: false,
        alternative: None,
        status: None,
    }
}

pub(crate) fn owed(id: &str, spoken_at: Instant, due: Option<CivilDate>) -> Commitment {
    Commitment {
        id: id.to_owned(),
        opportunity_id: "opp".to_owned(),
        interview_id: None,
        kind: CommitmentKind::References,
        title: None,
        spoken_at,
        due,
        due_time: None,
        third_party: false,
        status: CommitmentStatus::Open,
        fulfilled_at: None,
    }
}

pub(crate) fn reply(id: &str, at: Instant, kind: ReplyKind) -> Reply {
    Reply {
        id: id.to_owned(),
        opportunity_id: "opp".to_owned(),
        at,
        from: None,
        kind,
        text: String::new(),
        returns: None,
        deadline: None,
    }
}

/// A stored follow-up; sent when `sent_at` is given.
pub(crate) fn follow_up(key: &str, kind: FollowUpKind, sent_at: Option<Instant>) -> FollowUp {
    let status = if sent_at.is_some() { FollowUpStatus::Sent } else { FollowUpStatus::Open };
    serde_json::from_value(serde_json::json!({
        "id": format!("record of {key}"), "action_key": key, "opportunity_id": "opp",
        "kind": kind, "status": status, "sent_at": sent_at,
        "asked_timeline": false, "included": [], "needs_review": false,
    }))
    .expect("a valid record")
}

/// The record that acting on `item` leaves behind, if acting on it leaves one.
pub(crate) fn record_of(item: &Item, sent_at: Instant) -> Option<FollowUp> {
    let kind = match item.kind {
        ItemKind::ThankYou => FollowUpKind::ThankYou,
        ItemKind::FollowUp => FollowUpKind::FollowUp,
        ItemKind::ValueAdd => FollowUpKind::ValueAdd,
        ItemKind::Fulfil => FollowUpKind::Fulfil,
        ItemKind::OfferNudge => FollowUpKind::OfferNudge,
        ItemKind::Debrief => FollowUpKind::Debrief,
        ItemKind::AckOffer => FollowUpKind::AckOffer,
        ItemKind::RespondOffer => FollowUpKind::RespondOffer,
        ItemKind::GraciousReply => FollowUpKind::GraciousReply,
        ItemKind::AskNewSlot => FollowUpKind::AskNewSlot,
        ItemKind::NoShowPing => FollowUpKind::NoShowPing,
        ItemKind::Apologise => FollowUpKind::Apologise,
        ItemKind::Withdrawal => FollowUpKind::Withdrawal,
        ItemKind::Custom => FollowUpKind::Custom,
        ItemKind::LogDebrief | ItemKind::PrepClose | ItemKind::LegalNotice | ItemKind::CloseOut => {
            return None;
        }
    };
    let record = follow_up(&item.action_key(), kind, Some(sent_at));
    Some(FollowUp { interview_id: item.interview_id.clone(), n: item.n, ..record })
}

pub(crate) fn plan_at(snapshot: &Snapshot, now: Instant) -> Plan {
    plan(snapshot, &Policy::default(), now)
}

pub(crate) fn state(snapshot: &Snapshot, now: Instant) -> OpportunityState {
    plan_at(snapshot, now).state
}

/// The only item of `kind` in the plan.
pub(crate) fn only(plan: &Plan, kind: ItemKind) -> &Item {
    let mut found = plan.items.iter().filter(|item| item.kind == kind);
    let item = found.next().unwrap_or_else(|| panic!("no {} in {plan:#?}", kind.as_str()));
    assert!(found.next().is_none(), "more than one {}", kind.as_str());
    item
}

pub(crate) fn has(plan: &Plan, kind: ItemKind) -> bool {
    plan.items.iter().any(|item| item.kind == kind)
}

/// The first moment after `text`.
pub(crate) fn just_after(text: &str) -> Instant {
    at(text) + chrono::TimeDelta::milliseconds(1)
}

pub(crate) fn rules(item: &Item) -> Vec<&'static str> {
    item.reasons.iter().map(|reason| reason.rule).collect()
}
