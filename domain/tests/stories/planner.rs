//! The advice in stories: one situation, what the plan says, and what it says after the next fact.

use crate::world::*;
use afterview_domain::entities::follow_up::{FollowUpKind, FollowUpStatus};
use afterview_domain::entities::interview::InterviewStatus;
use afterview_domain::entities::offer::OfferStatus;
use afterview_domain::entities::opportunity::{Closed, ContactPolicy};
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::entities::{FollowUp, Offer};
use afterview_domain::ids;
use afterview_domain::plan::{
    Ball, ItemChannel, ItemKind, OpportunityState, Route, Snapshot, Verdict,
};

const FRIDAY: &str = "2026-05-08";

/// Interviewed on Wednesday, thanked, promised an answer by Friday.
fn waiting() -> Snapshot {
    let mut snapshot = interviewed();
    snapshot.expectations = vec![promised("e1", at("2026-05-06T19:00:00Z"), day(FRIDAY))];
    let thanks = at("2026-05-06T21:00:00Z");
    let thanks = follow_up("opp/thank_you/i1/anna", FollowUpKind::ThankYou, Some(thanks));
    snapshot.follow_ups = vec![thanks];
    snapshot
}

fn offer(id: &str, received_at: &str, deadline: Option<&str>, status: OfferStatus) -> Offer {
    Offer {
        id: id.to_owned(),
        opportunity_id: "opp".to_owned(),
        received_at: at(received_at),
        deadline: deadline.map(at),
        status,
    }
}

#[test]
fn what_is_fine_already_may_be_done_now_but_not_at_night() {
    let headline = |now: &str| plan_at(&interviewed(), at(now)).headline.text();
    // The interview ended at 15:00; its best moment is the next morning.
    assert_eq!(
        headline("2026-05-06T20:30:00Z"),
        "You may send your thanks now; best on Thursday 7 May at 09:00."
    );
    assert_eq!(
        headline("2026-05-07T02:00:00Z"),
        "Nothing to do until Thursday 7 May at 09:00; then send your thanks."
    );
}

#[test]
fn a_missed_promise_may_be_asked_after_from_the_next_business_day() {
    let before = plan_at(&waiting(), at("2026-05-08T15:00:00Z"));
    let item = only(&before, ItemKind::FollowUp);
    assert_eq!((item.verdict, before.ball), (Verdict::TooSoon, Ball::Them));
    assert_eq!(item.do_at, Some(at("2026-05-12T14:00:00Z")));
    // At midnight the promise counts as missed.
    assert_eq!(before.next_change_at, Some(at("2026-05-09T04:00:00Z")));
    assert_eq!(
        item.reasons.first().expect("a reason").text(),
        "They promised an answer by Friday 8 May; two business days later is the tactful moment."
    );
    assert_eq!(
        before.headline.text(),
        "Nothing to do until Tuesday 12 May at 10:00; then ask where things stand."
    );
    let tuesday = plan_at(&waiting(), at("2026-05-12T14:00:00Z"));
    assert_eq!(only(&tuesday, ItemKind::FollowUp).verdict, Verdict::GoodTime);
    assert_eq!(tuesday.headline.text(), "Now is a good time to ask where things stand.");
}

#[test]
fn after_an_answer_the_count_begins_anew_under_a_key_of_its_own() {
    let mut snapshot = waiting();
    let first = plan_at(&snapshot, at("2026-05-12T14:00:00Z"));
    let first = only(&first, ItemKind::FollowUp);
    assert_eq!(first.follow_up_id(), ids::follow_up_id("opp/follow_up/1/employer"));
    snapshot.follow_ups.extend(record_of(first, at("2026-05-12T14:00:00Z")));
    let answered_at = at("2026-05-13T14:00:00Z");
    snapshot.replies = vec![reply("r1", answered_at, ReplyKind::ReplyInfo)];

    let plan = plan_at(&snapshot, answered_at);
    let again = only(&plan, ItemKind::FollowUp);
    assert_eq!((again.key.as_str(), again.n), ("opp/follow_up/1/employer", Some(1)));
    assert_eq!(again.action_key(), "opp/follow_up/1/employer#2");
    let sent_at = again.do_at.expect("a moment");
    snapshot.follow_ups.extend(record_of(again, sent_at));
    let plan = plan_at(&snapshot, sent_at);
    assert_eq!(only(&plan, ItemKind::FollowUp).key, "opp/follow_up/2/employer");
}

#[test]
fn a_skipped_item_does_not_come_back() {
    let mut snapshot = waiting();
    let key = "opp/follow_up/1/employer";
    let record = follow_up(key, FollowUpKind::FollowUp, None);
    snapshot.follow_ups.push(FollowUp { status: FollowUpStatus::Skipped, ..record });
    assert!(!has(&plan_at(&snapshot, at("2026-05-12T14:00:00Z")), ItemKind::FollowUp));
}

#[test]
fn what_is_due_now_changes_next_when_the_office_closes() {
    let noon = at("2026-05-12T16:00:00Z");
    let plan = plan_at(&waiting(), noon);
    assert_eq!(only(&plan, ItemKind::FollowUp).do_at, Some(noon));
    assert_eq!(plan.next_change_at, Some(at("2026-05-12T21:30:00Z")));
}

#[test]
fn a_skip_binds_until_they_answer() {
    let mut snapshot = waiting();
    let skipped = follow_up("opp/follow_up/1/employer", FollowUpKind::FollowUp, None);
    let skipped_at = Some(at("2026-05-11T14:00:00Z"));
    let skipped = FollowUp { status: FollowUpStatus::Skipped, skipped_at, ..skipped };
    snapshot.follow_ups.push(skipped);
    let tuesday = at("2026-05-12T14:00:00Z");
    assert!(plan_at(&snapshot, tuesday).items.is_empty());
    snapshot.replies = vec![reply("r1", at("2026-05-12T13:00:00Z"), ReplyKind::ReplyInfo)];
    let plan = plan_at(&snapshot, tuesday);
    assert_eq!(only(&plan, ItemKind::FollowUp).action_key(), "opp/follow_up/1/employer#2");
}

#[test]
fn somebody_is_thanked_even_when_no_attendee_was_recorded() {
    let mut snapshot = interviewed();
    snapshot.contacts.clear();
    for interview in &mut snapshot.interviews {
        interview.attendees.clear();
    }
    let plan = plan_at(&snapshot, at("2026-05-06T19:30:00Z"));
    assert_eq!(only(&plan, ItemKind::ThankYou).key, "opp/thank_you/i1/employer");
}

#[test]
fn nobody_asks_while_owing_something_and_delivering_late_starts_the_clock_anew() {
    let mut snapshot = waiting();
    let owed_since = at("2026-05-06T19:00:00Z");
    snapshot.commitments = vec![owed("refs", owed_since, Some(day("2026-05-11")))];
    let now = at("2026-05-12T15:00:00Z");
    let plan = plan_at(&snapshot, now);
    assert_eq!(only(&plan, ItemKind::FollowUp).verdict, Verdict::Blocked);
    assert_eq!(plan.ball, Ball::Me);
    assert_eq!(state(&snapshot, now), OpportunityState::MyTurn);

    snapshot.follow_ups.extend(record_of(only(&plan, ItemKind::Fulfil), now));
    let after = plan_at(&snapshot, now);
    assert!(!has(&after, ItemKind::Fulfil));
    assert_eq!(rules(only(&after, ItemKind::FollowUp)), ["C6-REANCHOR"]);
}

#[test]
fn a_date_confirmed_for_a_written_promise_beats_its_words() {
    let mut snapshot = waiting();
    let written_at = at("2026-05-07T14:00:00Z");
    let mut written = reply("r1", written_at, ReplyKind::NewDate);
    written.text = "next Friday".to_owned();
    snapshot.replies = vec![written];
    let plan = plan_at(&snapshot, written_at);
    assert!(only(&plan, ItemKind::FollowUp).flags.contains("confirm_date"));

    snapshot.expectations.push(promised("e2", written_at, day("2026-05-08")));
    let plan = plan_at(&snapshot, written_at);
    let item = only(&plan, ItemKind::FollowUp);
    assert!(!item.flags.contains("confirm_date"));
    assert_eq!(item.ideal, at("2026-05-12T14:00:00Z"));
}

#[test]
fn an_absent_interviewer_gets_no_thanks_and_thanks_carried_later_are_thanks() {
    let mut snapshot = interviewed();
    snapshot.interviews[0].attendees[0].present = false;
    let now = at("2026-05-20T15:00:00Z");
    assert!(!plan_at(&snapshot, now).items[0].flags.contains("include_thanks"));

    let mut snapshot = interviewed();
    let asked = plan_at(&snapshot, now);
    assert!(only(&asked, ItemKind::FollowUp).flags.contains("include_thanks"));
    let record = record_of(only(&asked, ItemKind::FollowUp), now).expect("a record");
    snapshot.follow_ups.push(FollowUp { included: vec!["thanks".to_owned()], ..record });
    let after = plan_at(&snapshot, at("2026-05-21T15:00:00Z"));
    assert!(!only(&after, ItemKind::FollowUp).flags.contains("include_thanks"));
}

#[test]
fn a_no_stands_whatever_kind_words_follow_until_they_come_back() {
    let mut snapshot = waiting();
    snapshot.replies = vec![
        reply("r1", at("2026-05-11T15:00:00Z"), ReplyKind::Reject),
        reply("r2", at("2026-05-12T15:00:00Z"), ReplyKind::ReplyInfo),
    ];
    let now = at("2026-05-12T16:00:00Z");
    assert_eq!(state(&snapshot, now), OpportunityState::Rejected);
    assert!(!has(&plan_at(&snapshot, now), ItemKind::FollowUp));

    snapshot.replies.push(reply("r3", at("2026-05-12T15:30:00Z"), ReplyKind::NextRound));
    assert_eq!(state(&snapshot, now), OpportunityState::Limbo);
    assert!(has(&plan_at(&snapshot, now), ItemKind::FollowUp));
}

#[test]
fn an_offer_is_acknowledged_answered_and_then_done() {
    let mut snapshot = waiting();
    let deadline = Some("2026-05-15T21:00:00Z");
    snapshot.offers = vec![offer("o1", "2026-05-11T15:00:00Z", deadline, OfferStatus::Open)];
    snapshot.others_pending = true;
    let now = at("2026-05-11T16:00:00Z");
    let plan = plan_at(&snapshot, now);
    assert!(has(&plan, ItemKind::AckOffer) && !has(&plan, ItemKind::FollowUp));
    assert_eq!(rules(only(&plan, ItemKind::RespondOffer)), ["D3", "D4-ASK-EXTENSION"]);
    assert_eq!(state(&snapshot, now), OpportunityState::Offer);

    snapshot.offers[0].status = OfferStatus::Accepted;
    assert!(plan_at(&snapshot, now).items.is_empty());
    assert_eq!(state(&snapshot, now), OpportunityState::Accepted);
}

#[test]
fn an_offer_from_elsewhere_replaces_asking_unless_the_candidate_skips_it() {
    let mut snapshot = waiting();
    let deadline = Some("2026-05-12T01:00:00Z");
    let elsewhere = offer("o9", "2026-05-11T22:00:00Z", deadline, OfferStatus::Open);
    snapshot.offers_elsewhere = vec![elsewhere];
    let now = at("2026-05-11T22:10:00Z");
    let plan = plan_at(&snapshot, now);
    let news = only(&plan, ItemKind::OfferNudge);
    assert_eq!(rules(news), ["O1", "O2-SHORT-FUSE", "O4-OFF-HOURS-OK"]);
    assert_eq!(news.do_at, Some(at("2026-05-11T22:30:00Z")));
    assert_eq!(only(&plan, ItemKind::FollowUp).verdict, Verdict::Blocked);

    let skipped = follow_up(&news.key, FollowUpKind::OfferNudge, None);
    snapshot.follow_ups.push(FollowUp { status: FollowUpStatus::Skipped, ..skipped });
    let plan = plan_at(&snapshot, now);
    assert!(!has(&plan, ItemKind::OfferNudge));
    assert_eq!(only(&plan, ItemKind::FollowUp).verdict, Verdict::GoodTime);
}

#[test]
fn a_missed_appointment_is_called_about_unless_they_want_no_calls() {
    let start = at("2026-05-06T18:00:00Z");
    let mut snapshot = nothing_yet();
    snapshot.interviews = vec![interview("i1", start, InterviewStatus::NoShowMe)];
    let plan = plan_at(&snapshot, start);
    assert_eq!(only(&plan, ItemKind::Apologise).channel, ItemChannel::PhoneThenEmail);
    snapshot.opportunity.contact_policy = ContactPolicy::NoCalls;
    let plan = plan_at(&snapshot, start);
    assert_eq!(only(&plan, ItemKind::Apologise).channel, ItemChannel::Email);
}

#[test]
fn an_agency_stands_between() {
    let mut snapshot = interviewed();
    snapshot.opportunity.via_agency = true;
    let plan = plan_at(&snapshot, at("2026-05-06T19:05:00Z"));
    assert_eq!(only(&plan, ItemKind::ThankYou).route, Route::ViaRecruiter);
    assert_eq!(only(&plan, ItemKind::FollowUp).to, "recruiter");
    assert_eq!(only(&plan, ItemKind::Debrief).channel, ItemChannel::PhoneOrEmail);
}

#[test]
fn a_custom_follow_up_enters_at_its_time_and_counts_once_sent() {
    let mut snapshot = waiting();
    let due_at = at("2026-05-11T15:00:00Z");
    let key = "opp/custom/mine/anna";
    let mut record = follow_up(key, FollowUpKind::Custom, None);
    record.title = Some("Send the article".to_owned());
    record.due_at = Some(due_at);
    snapshot.follow_ups.push(record.clone());
    let plan = plan_at(&snapshot, due_at);
    let item = only(&plan, ItemKind::Custom);
    assert_eq!((item.key.as_str(), item.to.as_str()), (key, "anna"));
    assert_eq!((item.title.as_deref(), item.do_at), (Some("Send the article"), Some(due_at)));

    snapshot.opportunity.contact_policy = ContactPolicy::NoContact;
    assert_eq!(only(&plan_at(&snapshot, due_at), ItemKind::Custom).verdict, Verdict::Blocked);

    snapshot.opportunity.contact_policy = ContactPolicy::None;
    snapshot.follow_ups.pop();
    let sent = FollowUp { status: FollowUpStatus::Sent, sent_at: Some(due_at), ..record };
    snapshot.follow_ups.push(sent);
    let plan = plan_at(&snapshot, due_at);
    assert!(!has(&plan, ItemKind::Custom));
    assert_eq!(only(&plan, ItemKind::FollowUp).earliest, at("2026-05-14T12:30:00Z"));
}

#[test]
fn a_snooze_moves_the_reminder_alone_and_ends_when_the_advice_moves() {
    let mut snapshot = waiting();
    let ideal = at("2026-05-12T14:00:00Z");
    let key = "opp/follow_up/1/employer";
    let mut record = follow_up(key, FollowUpKind::FollowUp, None);
    record.snoozed_until = Some(at("2026-05-16T15:00:00Z"));
    record.snoozed_window = Some(ideal);
    snapshot.follow_ups.push(record);
    let plan = plan_at(&snapshot, at("2026-05-11T14:00:00Z"));
    let item = only(&plan, ItemKind::FollowUp);
    assert_eq!((item.do_at, item.remind_at), (Some(ideal), Some(at("2026-05-16T15:00:00Z"))));
    assert!(item.flags.contains("snooze_past_latest"));

    snapshot.opportunity.office.closures = vec![day("2026-05-11")];
    let plan = plan_at(&snapshot, at("2026-05-11T14:00:00Z"));
    let item = only(&plan, ItemKind::FollowUp);
    assert_eq!(item.remind_at, item.do_at);
    assert!(item.flags.contains("snooze_dropped"));
}

#[test]
fn a_muted_kind_stays_in_the_plan_without_a_reminder() {
    let mut snapshot = waiting();
    snapshot.preferences.mute = vec!["follow_up".to_owned()];
    let plan = plan_at(&snapshot, at("2026-05-11T14:00:00Z"));
    let item = only(&plan, ItemKind::FollowUp);
    assert!(item.do_at.is_some() && item.remind_at.is_none());
}

#[test]
fn what_is_not_known_about_the_office_is_flagged() {
    let mut snapshot = waiting();
    snapshot.opportunity.office.time_zone = None;
    snapshot.opportunity.office.calendar = Some("MARS".to_owned());
    let plan = plan_at(&snapshot, at("2026-05-11T14:00:00Z"));
    let item = only(&plan, ItemKind::FollowUp);
    assert!(item.flags.contains("assumed_tz") && item.flags.contains("no_holidays"));
}

#[test]
fn a_closed_opportunity_asks_for_nothing() {
    let mut snapshot = waiting();
    snapshot.opportunity.closed = Some(Closed::Withdrawn);
    let plan = plan_at(&snapshot, at("2026-05-12T14:00:00Z"));
    assert_eq!((plan.items.len(), plan.ball), (0, Ball::Nobody));
    assert_eq!(plan.headline.text(), "This one is closed. There is nothing left to do.");
    assert_eq!(state(&snapshot, plan.now), OpportunityState::Withdrawn);
}

#[test]
fn states_follow_from_the_facts() {
    let now = at("2026-05-07T15:00:00Z");
    assert_eq!(state(&nothing_yet(), now), OpportunityState::Considering);
    assert_eq!(state(&interviewed(), now), OpportunityState::Limbo);
    assert_eq!(state(&waiting(), now), OpportunityState::WaitingThem);
    let mut booked = waiting();
    let next = at("2026-05-20T15:00:00Z");
    booked.interviews.push(interview("i2", next, InterviewStatus::Scheduled));
    assert_eq!(state(&booked, now), OpportunityState::Interviewing);
    assert_eq!(only(&plan_at(&booked, now), ItemKind::FollowUp).verdict, Verdict::Blocked);
}
