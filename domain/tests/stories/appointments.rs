//! Around the interview in stories: failed and cancelled ones, the agency, the law, a withdrawal.

use crate::world::*;
use afterview_domain::clock::Instant;
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::interview::InterviewStatus;
use afterview_domain::entities::opportunity::Interest;
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::plan::{Ball, ItemKind, OpportunityState, Plan, Snapshot};

/// When the interview begins.
const START: &str = "2026-05-06T18:00:00Z";

fn with_interviews(interviews: &[(&str, &str, InterviewStatus)]) -> Snapshot {
    let interviews = interviews.iter();
    let interviews = interviews.map(|(id, start, status)| interview(id, at(start), *status));
    Snapshot { interviews: interviews.collect(), ..nothing_yet() }
}

fn after_sending(mut snapshot: Snapshot, key: &str, kind: FollowUpKind, now: Instant) -> Plan {
    snapshot.follow_ups.push(follow_up(key, kind, Some(now)));
    plan_at(&snapshot, now)
}

#[test]
fn who_did_not_come_is_asked_about_once_for_each_interview() {
    let missed = InterviewStatus::NoShowThem;
    let snapshot = with_interviews(&[("i1", START, missed), ("i2", START, missed)]);
    let plan = plan_at(&snapshot, at(START));
    assert_eq!(plan.items.iter().filter(|item| item.kind == ItemKind::NoShowPing).count(), 2);
    let key = "opp/no_show_ping/i1/scheduler";
    let plan = after_sending(snapshot, key, FollowUpKind::NoShowPing, at("2026-05-06T18:20:00Z"));
    let item = only(&plan, ItemKind::NoShowPing);
    assert_eq!(item.interview_id.as_deref(), Some("i2"));
    assert_eq!(item.ideal, at("2026-05-06T18:15:00Z"));
}

#[test]
fn what_is_put_right_at_once_does_not_wait_for_the_office() {
    let late = "2026-05-06T23:10:00Z";
    for (status, kind) in [
        (InterviewStatus::NoShowThem, ItemKind::NoShowPing),
        (InterviewStatus::NoShowMe, ItemKind::Apologise),
    ] {
        let snapshot = with_interviews(&[("i1", "2026-05-06T21:00:00Z", status)]);
        let plan = plan_at(&snapshot, at(late));
        assert_eq!(only(&plan, kind).do_at, Some(at(late)));
    }
}

#[test]
fn after_a_cancellation_a_new_appointment_is_asked_for_unless_there_is_one() {
    let cancelled_at = "2026-05-05T15:00:00Z";
    let plan = |other: Option<(&str, InterviewStatus)>, now: &str| {
        let mut snapshot = with_interviews(&[("i1", START, InterviewStatus::CancelledThem)]);
        snapshot.interviews[0].status_changed_at = Some(at(cancelled_at));
        let other = other.map(|(start, status)| interview("i2", at(start), status));
        snapshot.interviews.extend(other);
        plan_at(&snapshot, at(now))
    };
    let asks = |start: &str, status: InterviewStatus| {
        has(&plan(Some((start, status)), "2026-05-08T15:00:00Z"), ItemKind::AskNewSlot)
    };
    assert!(!asks("2026-05-20T15:00:00Z", InterviewStatus::Scheduled));
    assert!(!asks("2026-05-07T15:00:00Z", InterviewStatus::Held));
    assert!(asks("2026-05-04T15:00:00Z", InterviewStatus::Held));
    assert!(asks(cancelled_at, InterviewStatus::Held));
    // They have a day to offer one by themselves.
    let same_day = plan(None, cancelled_at);
    assert!(has(&same_day, ItemKind::AskNewSlot) && same_day.ball == Ball::Nobody);
    assert_eq!(plan(None, "2026-05-06T15:00:00Z").ball, Ball::Me);
}

#[test]
fn a_new_appointment_is_asked_for_once() {
    let mut snapshot = with_interviews(&[("i1", START, InterviewStatus::CancelledThem)]);
    snapshot.interviews[0].status_changed_at = Some(at("2026-05-05T15:00:00Z"));
    let now = at("2026-05-07T15:00:00Z");
    let plan =
        after_sending(snapshot, "opp/ask_new_slot/i1/scheduler", FollowUpKind::AskNewSlot, now);
    assert!(!has(&plan, ItemKind::AskNewSlot));
}

#[test]
fn preparing_ends_as_the_interview_begins_and_reporting_begins_as_it_ends() {
    let snapshot = with_interviews(&[("i1", START, InterviewStatus::Scheduled)]);
    let kinds = |now: Instant| {
        let plan = plan_at(&snapshot, now);
        plan.items.iter().map(|item| item.kind).collect::<Vec<_>>()
    };
    let a_moment = chrono::TimeDelta::milliseconds(1);
    assert_eq!(kinds(at(START) - a_moment), [ItemKind::PrepClose]);
    assert_eq!(kinds(at(START)), []);
    assert_eq!(kinds(at("2026-05-06T19:00:00Z")), [ItemKind::LogDebrief]);
}

#[test]
fn an_agency_hears_how_it_went_once_and_within_two_business_days() {
    let mut snapshot = interviewed();
    snapshot.opportunity.via_agency = true;
    let last_moment = "2026-05-08T21:30:00Z";
    assert!(has(&plan_at(&snapshot, at(last_moment)), ItemKind::Debrief));
    assert!(!has(&plan_at(&snapshot, just_after(last_moment)), ItemKind::Debrief));
    let now = at("2026-05-06T20:00:00Z");
    let plan = after_sending(snapshot, "opp/debrief/i1/recruiter", FollowUpKind::Debrief, now);
    assert!(!has(&plan, ItemKind::Debrief));
}

#[test]
fn the_law_of_ontario_is_mentioned_only_where_every_condition_is_known() {
    let mentioned = |region: &str, employer_25_plus: Option<bool>, public: Option<bool>| {
        let mut snapshot = interviewed();
        snapshot.opportunity.region = Some(region.to_owned());
        snapshot.opportunity.employer_25_plus = employer_25_plus;
        snapshot.opportunity.public_posting = public;
        has(&plan_at(&snapshot, at("2026-06-22T15:00:00Z")), ItemKind::LegalNotice)
    };
    assert!(mentioned("CA-ON", Some(true), Some(true)));
    assert!(!mentioned("CA-QC", Some(true), Some(true)));
    assert!(!mentioned("CA-ON", None, Some(true)));
    assert!(!mentioned("CA-ON", Some(true), None));
}

#[test]
fn whoever_lost_interest_says_so_only_to_those_who_wait() {
    let withdrawn = |mut snapshot: Snapshot| {
        snapshot.opportunity.interest = Interest::Withdrawn;
        snapshot.opportunity.withdrawn_at = Some(at("2026-05-11T15:00:00Z"));
        plan_at(&snapshot, at("2026-05-11T15:30:00Z"))
    };
    assert_eq!(withdrawn(nothing_yet()).items, []);
    let told_us = reply("r1", at("2026-05-08T15:00:00Z"), ReplyKind::Reject);
    let rejected = Snapshot { replies: vec![told_us], ..interviewed() };
    assert!(!has(&withdrawn(rejected), ItemKind::Withdrawal));
    let waiting = withdrawn(interviewed());
    assert!(has(&waiting, ItemKind::Withdrawal));
    // Until it is said, they are waiting.
    assert_eq!(waiting.state, OpportunityState::Limbo);
}

#[test]
fn one_says_sorry_once() {
    let snapshot = with_interviews(&[("i1", START, InterviewStatus::NoShowMe)]);
    let now = at("2026-05-06T18:20:00Z");
    assert!(has(&plan_at(&snapshot, now), ItemKind::Apologise));
    let plan = after_sending(snapshot, "opp/apologise/i1/scheduler", FollowUpKind::Apologise, now);
    assert!(!has(&plan, ItemKind::Apologise));
}
