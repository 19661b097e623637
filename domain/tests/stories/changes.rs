//! What changes a plan, and what does not: withdrawal, holds, reopening, tact, diffs and reminders.

use crate::world::*;
use afterview_domain::clock::Instant;
use afterview_domain::entities::FollowUp;
use afterview_domain::entities::expectation::ExpectationStatus;
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::interview::{InterviewStatus, NextStepOwner};
use afterview_domain::entities::opportunity::{Closed, Interest};
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::plan::{
    Ball, ChangeKind, ItemChannel, ItemKind, OpportunityState, Policy, Proposal, Snapshot,
    TactBand, TactCheck, Verdict, diff, outline, reminders, tact_check,
};

const FRIDAY: &str = "2026-05-08";
const TUESDAY: &str = "2026-05-12T14:00:00Z";

/// Interviewed on Wednesday, thanked, promised an answer by Friday.
fn waiting() -> Snapshot {
    let thanks = at("2026-05-06T21:00:00Z");
    Snapshot {
        expectations: vec![promised("e1", at("2026-05-06T19:00:00Z"), day(FRIDAY))],
        follow_ups: vec![follow_up("opp/thank_you/i1/anna", FollowUpKind::ThankYou, Some(thanks))],
        ..interviewed()
    }
}

#[test]
fn a_wait_is_counted_in_the_business_days_of_their_office() {
    let waited = |now: &str| plan_at(&waiting(), at(now)).waiting.map(|wait| wait.business_days);
    assert_eq!(waited("2026-05-06T20:00:00Z"), Some(0));
    assert_eq!(waited("2026-05-11T03:59:00Z"), Some(2));
    assert_eq!(waited(TUESDAY), Some(4));
    let mut mine = waiting();
    mine.commitments = vec![owed("c1", at("2026-05-06T19:00:00Z"), None)];
    assert_eq!(plan_at(&mine, at(TUESDAY)).waiting, None);
}

#[test]
fn lost_interest_leaves_one_courteous_message() {
    let mut snapshot = waiting();
    snapshot.opportunity.interest = Interest::Withdrawn;
    snapshot.opportunity.withdrawn_at = Some(at("2026-05-11T15:00:00Z"));
    let plan = plan_at(&snapshot, at("2026-05-11T15:30:00Z"));
    assert_eq!(plan.items.len(), 1);
    let item = only(&plan, ItemKind::Withdrawal);
    assert_eq!((item.verdict, plan.ball), (Verdict::GoodTime, Ball::Me));
    assert_eq!(item.do_at, Some(at("2026-05-11T16:00:00Z")));
    snapshot.follow_ups.push(record_of(item, at("2026-05-11T16:00:00Z")).expect("a record"));
    let after = plan_at(&snapshot, at(TUESDAY));
    assert_eq!((after.items.len(), after.state), (0, OpportunityState::Withdrawn));
}

#[test]
fn a_withdrawal_does_not_wait_for_an_interview_that_is_still_ahead() {
    let mut snapshot = nothing_yet();
    let starts_at = at("2026-05-11T15:20:00Z");
    snapshot.interviews = vec![interview("i1", starts_at, InterviewStatus::Scheduled)];
    snapshot.opportunity.interest = Interest::Withdrawn;
    snapshot.opportunity.withdrawn_at = Some(at("2026-05-11T15:00:00Z"));
    let plan = plan_at(&snapshot, at("2026-05-11T15:00:00Z"));
    let item = only(&plan, ItemKind::Withdrawal);
    assert_eq!((item.ideal, item.latest), (starts_at, starts_at));
}

#[test]
fn nobody_is_asked_while_the_position_is_on_hold() {
    let mut snapshot = waiting();
    snapshot.replies = vec![reply("r1", at("2026-05-07T15:00:00Z"), ReplyKind::OnHold)];
    let item = only(&plan_at(&snapshot, at(TUESDAY)), ItemKind::FollowUp).clone();
    assert_eq!(item.verdict, Verdict::Blocked);
    assert_eq!(rules(&item).last(), Some(&"N4-ON-HOLD"));
    // With a date, the hold is a promise like any other.
    snapshot.replies[0].text = "on hold until June 5".to_owned();
    let item = only(&plan_at(&snapshot, at(TUESDAY)), ItemKind::FollowUp).clone();
    assert_eq!((item.verdict, item.ideal), (Verdict::TooSoon, at("2026-06-09T14:00:00Z")));
}

#[test]
fn who_said_to_move_next_moves_before_asking() {
    let mut snapshot = waiting();
    snapshot.interviews[0].next_step_owner = NextStepOwner::Me;
    let plan = plan_at(&snapshot, at(TUESDAY));
    let item = only(&plan, ItemKind::FollowUp);
    assert_eq!(rules(item).last(), Some(&"C3-NEXT-STEP-MINE"));
    assert_eq!((plan.ball, plan.state), (Ball::Me, OpportunityState::MyTurn));
    let mut done = owed("c1", at("2026-05-06T19:00:00Z"), None);
    done.fulfilled_at = Some(at("2026-05-07T14:00:00Z"));
    snapshot.commitments = vec![done];
    let plan = plan_at(&snapshot, at(TUESDAY));
    assert_eq!(only(&plan, ItemKind::FollowUp).verdict, Verdict::GoodTime);
}

#[test]
fn what_was_given_up_opens_again_when_they_write() {
    let mut snapshot = waiting();
    snapshot.opportunity.closed = Some(Closed::PresumedClosed);
    snapshot.opportunity.closed_at = Some(at("2026-06-10T15:00:00Z"));
    let now = at("2026-06-16T15:00:00Z");
    assert_eq!(plan_at(&snapshot, now).state, OpportunityState::PresumedClosed);
    snapshot.replies = vec![reply("r1", at("2026-06-15T15:00:00Z"), ReplyKind::ReplyInfo)];
    let reopened = plan_at(&snapshot, now);
    assert_eq!(reopened.state, OpportunityState::Limbo);
    assert_eq!(only(&reopened, ItemKind::FollowUp).n, Some(1));
    // An opportunity that the candidate withdrew from stays closed.
    snapshot.opportunity.closed = Some(Closed::Withdrawn);
    assert_eq!(plan_at(&snapshot, now).state, OpportunityState::Withdrawn);
}

#[test]
fn a_custom_message_keeps_distance_and_office_hours_but_a_note_to_oneself_does_not() {
    let custom = |recipient: &str, due_at: &str| {
        let mut snapshot = waiting();
        let key = format!("opp/custom/mine/{recipient}");
        let record = follow_up(&key, FollowUpKind::Custom, None);
        snapshot.follow_ups.push(FollowUp { due_at: Some(at(due_at)), ..record });
        only(&plan_at(&snapshot, at("2026-05-07T10:00:00Z")), ItemKind::Custom).clone()
    };
    let soon = custom("anna", "2026-05-07T15:00:00Z");
    assert_eq!(rules(&soon), ["U1-CUSTOM", "M2-SPACING"]);
    assert_eq!(soon.earliest, at("2026-05-11T12:30:00Z"));
    assert_eq!(soon.do_at, Some(at("2026-05-11T14:00:00Z")));
    let weekend = custom("anna", "2026-05-16T15:00:00Z");
    assert_eq!(rules(&weekend), ["U1-CUSTOM", "M3-SEND-WINDOW"]);
    assert_eq!(weekend.do_at, Some(at("2026-05-18T12:30:00Z")));
    assert_eq!(rules(&custom("self", "2026-05-16T15:00:00Z")), ["U1-CUSTOM"]);
}

#[test]
fn every_promise_ends_in_one_way() {
    let status = |change: &dyn Fn(&mut Snapshot), now: &str| {
        let mut snapshot = waiting();
        change(&mut snapshot);
        let promises = plan_at(&snapshot, at(now)).promises;
        promises.into_iter().find(|(id, _)| id == "e1").expect("a promise").1
    };
    let heard = |kind: ReplyKind, when: &'static str| {
        move |snapshot: &mut Snapshot| snapshot.replies.push(reply("r", at(when), kind))
    };
    let nothing = |_: &mut Snapshot| {};
    assert_eq!(status(&nothing, "2026-05-08T23:00:00Z"), ExpectationStatus::Active);
    assert_eq!(status(&nothing, "2026-05-09T04:00:00Z"), ExpectationStatus::Missed);
    let in_time = heard(ReplyKind::Reject, "2026-05-08T15:00:00Z");
    assert_eq!(status(&in_time, TUESDAY), ExpectationStatus::Kept);
    let too_late = heard(ReplyKind::Reject, "2026-05-11T15:00:00Z");
    assert_eq!(status(&too_late, TUESDAY), ExpectationStatus::Void);
    let small_talk = heard(ReplyKind::ReplyInfo, "2026-05-08T15:00:00Z");
    assert_eq!(status(&small_talk, TUESDAY), ExpectationStatus::Missed);
    let info = heard(ReplyKind::ReplyInfo, "2026-05-11T15:00:00Z");
    assert_eq!(status(&info, TUESDAY), ExpectationStatus::Superseded);
    let newer = heard(ReplyKind::NewDate, "2026-05-07T15:00:00Z");
    assert_eq!(status(&newer, TUESDAY), ExpectationStatus::Superseded);
    let another = |snapshot: &mut Snapshot| {
        let second = interview("i2", at("2026-05-07T15:00:00Z"), InterviewStatus::Held);
        snapshot.interviews.push(second);
    };
    assert_eq!(status(&another, TUESDAY), ExpectationStatus::Void);
}

fn checked(snapshot: &Snapshot, kind: ItemKind, at: Instant, channel: ItemChannel) -> TactCheck {
    let plan = plan_at(snapshot, snapshot_now());
    let proposal = Proposal { at, channel: Some(channel), contact_id: None };
    tact_check(snapshot, &Policy::default(), snapshot_now(), only(&plan, kind), &proposal)
}

fn snapshot_now() -> Instant {
    at("2026-05-08T14:00:00Z")
}

#[test]
fn a_score_is_the_sum_of_its_points() {
    let check =
        checked(&waiting(), ItemKind::FollowUp, at("2026-05-09T14:00:00Z"), ItemChannel::Phone);
    let points: Vec<_> = check.points.iter().map(|p| (p.points, p.reason.rule)).collect();
    assert_eq!(
        points,
        [
            (80, "TACT-START"),
            (10, "TACT-AFTER-PROMISE"),
            (-10, "TACT-EARLY"),
            (-20, "TACT-DAY-OFF"),
            (-15, "TACT-CALL"),
        ]
    );
    assert_eq!((check.score, check.band), (Some(45), Some(TactBand::Risky)));
    let concerns: Vec<_> = check.concerns.iter().map(|reason| reason.rule).collect();
    assert_eq!(concerns, ["TACT-CHANNEL", "TACT-SPACING"]);
}

#[test]
fn the_other_side_sees_what_it_received_and_what_it_promised() {
    let check = checked(&waiting(), ItemKind::FollowUp, at(TUESDAY), ItemChannel::Email);
    let view = check.manager_view.expect("somebody receives it");
    assert_eq!((view.received.len(), view.unanswered), (1, 0));
    assert!(view.is_past_promise && view.in_office_hours);
    assert_eq!(view.local_time.to_string(), "2026-05-12 10:00:00");
    assert_eq!(check.band, Some(TactBand::Tactful));
    assert_eq!(check.concerns, []);
}

#[test]
fn a_later_promise_moves_the_follow_up_and_says_why() {
    let now = at(TUESDAY);
    let before = outline(&plan_at(&waiting(), now));
    let mut snapshot = waiting();
    let mut news = reply("r1", at("2026-05-12T13:00:00Z"), ReplyKind::NewDate);
    news.text = "by next Friday".to_owned();
    snapshot.replies = vec![news];
    let changes = diff(&before, &plan_at(&snapshot, now));
    assert_eq!(changes.len(), 1);
    let change = changes.first().expect("one change");
    assert_eq!((change.change, change.kind), (ChangeKind::Moved, ItemKind::FollowUp));
    assert_eq!(change.before, Some(at("2026-05-12T14:00:00Z")));
    assert_eq!(change.after, Some(at("2026-05-27T14:00:00Z")));
    assert_eq!(change.because.as_ref().map(|reason| reason.rule), Some("F1-PROMISE"));
}

#[test]
fn an_open_duty_blocks_and_its_delivery_unblocks() {
    let now = at("2026-05-07T15:00:00Z");
    let mut snapshot = waiting();
    let free = plan_at(&snapshot, now);
    snapshot.commitments = vec![owed("c1", at("2026-05-06T19:00:00Z"), Some(day("2026-05-20")))];
    let blocked = plan_at(&snapshot, now);
    let kinds = |changes: Vec<afterview_domain::plan::PlanChange>| {
        changes.into_iter().map(|c| (c.change, c.kind)).collect::<Vec<_>>()
    };
    assert_eq!(
        kinds(diff(&outline(&free), &blocked)),
        [(ChangeKind::Added, ItemKind::Fulfil), (ChangeKind::Blocked, ItemKind::FollowUp)]
    );
    assert_eq!(
        kinds(diff(&outline(&blocked), &free)),
        [(ChangeKind::Unblocked, ItemKind::FollowUp), (ChangeKind::Removed, ItemKind::Fulfil)]
    );
    assert_eq!(diff(&outline(&free), &free), []);
}

#[test]
fn a_move_is_because_of_the_rule_that_was_not_at_work_before() {
    let now = at("2026-05-12T16:00:00Z");
    let before = outline(&plan_at(&waiting(), now));
    let mut snapshot = waiting();
    let late = follow_up("opp/thank_you/i1/bob", FollowUpKind::ThankYou, Some(at(TUESDAY)));
    snapshot.follow_ups.push(late);
    let changes = diff(&before, &plan_at(&snapshot, now));
    let told = changes
        .iter()
        .map(|change| (change.change.as_str(), change.because.as_ref().map(|reason| reason.rule)));
    assert_eq!(told.collect::<Vec<_>>(), [("moved", Some("M2-SPACING"))]);
}

#[test]
fn a_window_that_opens_or_closes_is_no_change() {
    let snapshot = waiting();
    let moments = ["2026-05-07T10:00:00Z", "2026-05-11T13:00:00Z", "2026-05-18T13:00:00Z"];
    let first = plan_at(&snapshot, at(moments[0]));
    for moment in moments {
        assert_eq!(diff(&outline(&first), &plan_at(&snapshot, at(moment))), []);
    }
}

#[test]
fn nobody_is_reminded_twice_of_the_same_advice() {
    let snapshot = waiting();
    let before = reminders(&plan_at(&snapshot, at("2026-05-11T15:00:00Z")), &[]);
    let due = at(TUESDAY);
    assert_eq!(before.iter().map(|r| r.remind_at).collect::<Vec<_>>(), [due]);
    // Overdue advice moves along with the clock; its reminder does not.
    for later in ["2026-05-12T20:00:00Z", "2026-05-13T02:00:00Z", "2026-05-19T15:00:00Z"] {
        assert_eq!(reminders(&plan_at(&snapshot, at(later)), &before), before);
    }
    // A promise that moves the window clearly ahead brings a new one.
    let mut moved = snapshot.clone();
    let mut news = reply("r1", at("2026-05-12T15:00:00Z"), ReplyKind::NewDate);
    news.text = "by next Friday".to_owned();
    moved.replies = vec![news];
    let after = reminders(&plan_at(&moved, at("2026-05-12T15:00:00Z")), &before);
    assert_eq!(after.first().map(|r| r.remind_at), Some(at("2026-05-27T14:00:00Z")));
    // And so does a snooze.
    let mut put_off = snapshot;
    let record = follow_up("opp/follow_up/1/employer", FollowUpKind::FollowUp, None);
    let until = at("2026-05-13T14:00:00Z");
    put_off.follow_ups.push(FollowUp {
        snoozed_until: Some(until),
        snoozed_window: Some(due),
        ..record
    });
    let after = reminders(&plan_at(&put_off, at("2026-05-12T15:00:00Z")), &before);
    assert_eq!(after.first().map(|r| r.remind_at), Some(until));
}
