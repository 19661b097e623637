//! What the candidate owes, in stories: what counts as owed, and when to deliver it.

use crate::world::*;
use afterview_domain::entities::Commitment;
use afterview_domain::entities::commitment::{CommitmentKind, CommitmentStatus};
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::interview::NextStepOwner;
use afterview_domain::entities::opportunity::Closed;
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::plan::{ItemKind, OpportunityState, Snapshot};

/// As the interview ended.
const SPOKEN: &str = "2026-05-06T19:00:00Z";

fn owing(commitments: Vec<Commitment>) -> Snapshot {
    Snapshot { commitments, ..interviewed() }
}

#[test]
fn a_duty_is_shown_as_the_candidate_recorded_it() {
    let duty = owed("c1", at(SPOKEN), Some(day("2026-05-12")));
    let (title, interview_id) = (Some("Two referees".to_owned()), Some("i1".to_owned()));
    let duty = Commitment { title: title.clone(), interview_id: interview_id.clone(), ..duty };
    let plan = plan_at(&owing(vec![duty]), at("2026-05-07T15:00:00Z"));
    let item = only(&plan, ItemKind::Fulfil);
    assert_eq!((&item.title, &item.interview_id), (&title, &interview_id));
    assert_eq!(only(&plan, ItemKind::ThankYou).interview_id, interview_id);
}

#[test]
fn each_duty_is_settled_by_its_own_delivery_and_owed_once_it_is_taken_on() {
    let to_come = owed("c3", at("2026-05-08T15:00:00Z"), None);
    let mut snapshot =
        owing(vec![owed("c1", at(SPOKEN), None), owed("c2", at(SPOKEN), None), to_come]);
    let sent_at = at("2026-05-07T14:00:00Z");
    let delivered = follow_up("opp/fulfil/c1/employer", FollowUpKind::Fulfil, Some(sent_at));
    snapshot.follow_ups = vec![delivered];
    let plan = plan_at(&snapshot, at("2026-05-07T15:00:00Z"));
    assert_eq!(only(&plan, ItemKind::Fulfil).key, "opp/fulfil/c2/employer");
}

#[test]
fn a_duty_is_delivered_on_the_morning_before_or_as_soon_as_one_can() {
    let ideal = |spoken_at: &str| {
        let duty = owed("c1", at(spoken_at), Some(day("2026-05-12")));
        let plan = plan_at(&owing(vec![duty]), at(spoken_at));
        only(&plan, ItemKind::Fulfil).ideal
    };
    assert_eq!(ideal(SPOKEN), at("2026-05-11T14:00:00Z"));
    assert_eq!(ideal("2026-05-11T16:00:00Z"), at("2026-05-11T17:00:00Z"));
    assert_eq!(ideal("2026-05-11T21:00:00Z"), at("2026-05-12T12:30:00Z"));
}

#[test]
fn what_is_due_at_once_goes_out_at_any_hour_until_the_day_is_over() {
    let spoken_at = "2026-05-06T22:00:00Z";
    let snapshot = owing(vec![owed("c1", at(spoken_at), Some(day("2026-05-06")))]);
    let do_at = |now: &str| only(&plan_at(&snapshot, at(now)), ItemKind::Fulfil).do_at;
    assert_eq!(do_at("2026-05-07T03:59:00Z"), Some(at("2026-05-07T03:59:00Z")));
    assert_eq!(do_at("2026-05-07T04:00:00Z"), Some(at("2026-05-07T12:30:00Z")));
}

#[test]
fn what_was_handed_over_in_the_interview_is_not_the_step_promised_in_it() {
    let state_after = |delivered_at: &str| {
        let duty = owed("c1", at("2026-05-05T15:00:00Z"), None);
        let (status, fulfilled_at) = (CommitmentStatus::Fulfilled, Some(at(delivered_at)));
        let mut snapshot = owing(vec![Commitment { status, fulfilled_at, ..duty }]);
        snapshot.interviews[0].next_step_owner = NextStepOwner::Me;
        state(&snapshot, at("2026-05-07T15:00:00Z"))
    };
    assert_eq!(state_after(SPOKEN), OpportunityState::MyTurn);
    assert_eq!(state_after("2026-05-06T19:10:00Z"), OpportunityState::Limbo);
}

#[test]
fn what_was_given_up_as_they_wrote_stays_closed() {
    let mut snapshot = interviewed();
    let closed_at = at("2026-06-15T15:00:00Z");
    snapshot.opportunity.closed = Some(Closed::PresumedClosed);
    snapshot.opportunity.closed_at = Some(closed_at);
    snapshot.replies = vec![reply("r1", closed_at, ReplyKind::ReplyInfo)];
    let now = at("2026-06-16T15:00:00Z");
    assert_eq!(state(&snapshot, now), OpportunityState::PresumedClosed);
    snapshot.replies[0].at = closed_at + chrono::TimeDelta::milliseconds(1);
    assert_eq!(state(&snapshot, now), OpportunityState::Limbo);
}

#[test]
fn what_somebody_else_must_write_is_given_days_and_the_rest_goes_with_the_thanks() {
    let rule = |third_party: bool, kind: CommitmentKind| {
        let duty = Commitment { third_party, kind, ..owed("c1", at(SPOKEN), None) };
        let plan = plan_at(&owing(vec![duty]), at(SPOKEN));
        rules(only(&plan, ItemKind::Fulfil))
    };
    assert_eq!(rule(false, CommitmentKind::References), ["C5-WITH-THANKS"]);
    assert_eq!(rule(true, CommitmentKind::References), ["C4-THIRD-PARTY"]);
    assert_eq!(rule(false, CommitmentKind::RecommendationLetter), ["C4-THIRD-PARTY"]);
}

#[test]
fn delivering_on_the_promised_day_leaves_their_promise_as_it_is() {
    let asking = |delivered_at: &str| {
        let duty = owed("c1", at(SPOKEN), None);
        let (status, fulfilled_at) = (CommitmentStatus::Fulfilled, Some(at(delivered_at)));
        let mut snapshot = owing(vec![Commitment { status, fulfilled_at, ..duty }]);
        snapshot.expectations = vec![promised("e1", at(SPOKEN), day("2026-05-08"))];
        let plan = plan_at(&snapshot, at("2026-05-12T15:00:00Z"));
        *rules(only(&plan, ItemKind::FollowUp)).first().expect("a reason")
    };
    assert_eq!(asking("2026-05-08T20:00:00Z"), "F1-PROMISE");
    assert_eq!(asking("2026-05-11T15:00:00Z"), "C6-REANCHOR");
}
