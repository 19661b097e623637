//! When to ask where things stand, in stories: what moves the window, and when it is too late.

use crate::world::*;
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::interview::InterviewStatus;
use afterview_domain::entities::opportunity::ContactPolicy;
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::entities::{Expectation, Reply, Supplement};
use afterview_domain::plan::{Item, ItemKind, Snapshot, Verdict};

const TUESDAY: &str = "2026-05-12T14:00:00Z";

/// Interviewed on Wednesday, thanked, promised an answer by this day.
fn promised_by(by: &str) -> Snapshot {
    let thanks = at("2026-05-06T21:00:00Z");
    Snapshot {
        expectations: vec![promised("e1", at("2026-05-06T19:00:00Z"), day(by))],
        follow_ups: vec![follow_up("opp/thank_you/i1/anna", FollowUpKind::ThankYou, Some(thanks))],
        ..interviewed()
    }
}

/// The same, by Friday.
fn waiting() -> Snapshot {
    promised_by("2026-05-08")
}

fn asking(snapshot: &Snapshot, now: &str) -> Item {
    only(&plan_at(snapshot, at(now)), ItemKind::FollowUp).clone()
}

#[test]
fn a_promise_with_a_hopefully_is_given_a_day_more() {
    let mut snapshot = waiting();
    let promise = promised("e1", at("2026-05-06T19:00:00Z"), day("2026-05-08"));
    snapshot.expectations = vec![Expectation { hedged: true, ..promise }];
    let item = asking(&snapshot, "2026-05-07T15:00:00Z");
    let window = (item.earliest, item.ideal, item.latest);
    let expected =
        (at("2026-05-12T12:30:00Z"), at("2026-05-13T14:00:00Z"), at("2026-05-18T21:30:00Z"));
    assert_eq!(window, expected);
    assert_eq!(rules(&item), ["F1-PROMISE", "F3-HEDGED"]);
}

#[test]
fn distance_to_the_last_message_gives_more_time_only_when_it_overtakes_the_window() {
    let after = |sent_at: &str| {
        let mut snapshot = waiting();
        let late = follow_up("opp/thank_you/i1/bob", FollowUpKind::ThankYou, Some(at(sent_at)));
        snapshot.follow_ups.push(late);
        let item = asking(&snapshot, "2026-05-13T20:00:00Z");
        (rules(&item).len(), item.earliest, item.latest)
    };
    // Three business days after Wednesday is the first day anyhow.
    let (monday, friday) = (at("2026-05-11T12:30:00Z"), at("2026-05-15T21:30:00Z"));
    assert_eq!(after("2026-05-06T21:10:00Z"), (1, monday, friday));
    assert_eq!(after("2026-05-12T15:00:00Z"), (2, at("2026-05-15T12:30:00Z"), friday));
    let later = (2, at("2026-05-18T12:30:00Z"), at("2026-05-21T21:30:00Z"));
    assert_eq!(after("2026-05-13T15:00:00Z"), later);
}

#[test]
fn an_absence_counts_until_somebody_answers() {
    let rules_after = |replies: Vec<Reply>| {
        rules(&asking(&Snapshot { replies, ..waiting() }, "2026-05-08T16:00:00Z"))
    };
    let away = |received_at: &str, returns: &str| Reply {
        returns: Some(day(returns)),
        ..reply("away", at(received_at), ReplyKind::OutOfOffice)
    };
    let answer = || reply("r1", at("2026-05-08T14:00:00Z"), ReplyKind::ReplyInfo);
    let with_absence = ["F1-PROMISE", "F6-OOO"];
    assert_eq!(rules_after(vec![away("2026-05-07T14:00:00Z", "2026-05-20")]), with_absence);
    let later = away("2026-05-08T15:00:00Z", "2026-05-20");
    assert_eq!(rules_after(vec![answer(), later]), with_absence);
    // The answer came on the promised day, so the promise stands.
    for received_at in ["2026-05-07T14:00:00Z", "2026-05-08T14:00:00Z"] {
        assert_eq!(rules_after(vec![away(received_at, "2026-05-20"), answer()]), ["F1-PROMISE"]);
    }
    // Back on Friday is no reason to wait beyond Monday.
    assert_eq!(rules_after(vec![away("2026-05-07T14:00:00Z", "2026-05-08")]), ["F1-PROMISE"]);
}

#[test]
fn a_date_given_after_a_hold_ends_it() {
    let mut snapshot = waiting();
    snapshot.replies = vec![reply("r1", at("2026-05-07T15:00:00Z"), ReplyKind::OnHold)];
    assert_eq!(asking(&snapshot, TUESDAY).verdict, Verdict::Blocked);
    snapshot.expectations.push(promised("e2", at("2026-05-08T15:00:00Z"), day("2026-05-11")));
    assert_eq!(asking(&snapshot, TUESDAY).verdict, Verdict::GoodTime);
}

#[test]
fn whoever_asked_not_to_be_contacted_is_not_asked() {
    let mut snapshot = waiting();
    snapshot.replies = vec![reply("r1", at("2026-05-07T15:00:00Z"), ReplyKind::DoNotContact)];
    let item = asking(&snapshot, TUESDAY);
    assert_eq!((item.verdict, rules(&item).last()), (Verdict::Blocked, Some(&"B1-DNC")));
}

#[test]
fn long_after_its_window_a_first_message_becomes_the_only_one() {
    // Twenty business days after Friday 15 May, without Memorial Day.
    let last_moment = "2026-06-15T21:30:00Z";
    assert_eq!(asking(&waiting(), last_moment).verdict, Verdict::Overdue);
    let plan = plan_at(&waiting(), just_after(last_moment));
    let item = only(&plan, ItemKind::FollowUp);
    assert_eq!(item.verdict, Verdict::LastCall);
    assert_eq!(rules(item), ["F1-PROMISE", "F7-STALE-SINGLE", "F5-LAST-CALL"]);
}

#[test]
fn long_after_its_window_a_second_message_is_not_sent_any_more() {
    let mut snapshot = waiting();
    let first = follow_up("opp/follow_up/1/employer", FollowUpKind::FollowUp, Some(at(TUESDAY)));
    snapshot.follow_ups.push(first);
    // Ten business days after the window, which ends ten after the first message.
    let last_moment = "2026-06-10T21:30:00Z";
    assert_eq!(asking(&snapshot, last_moment).n, Some(2));
    let plan = plan_at(&snapshot, just_after(last_moment));
    assert_eq!(rules(only(&plan, ItemKind::CloseOut)), ["G2-STALE"]);
    assert!(!has(&plan, ItemKind::FollowUp));
}

#[test]
fn letting_go_takes_two_weeks_more_and_says_how_much_went_unanswered() {
    let mut snapshot = waiting();
    for (n, sent_at) in [("1", TUESDAY), ("2", "2026-05-21T14:00:00Z")] {
        let key = format!("opp/follow_up/{n}/employer");
        snapshot.follow_ups.push(follow_up(&key, FollowUpKind::FollowUp, Some(at(sent_at))));
    }
    let closing = |now: &str| only(&plan_at(&snapshot, at(now)), ItemKind::CloseOut).clone();
    let first = "2026-06-05T14:00:00Z";
    assert_eq!(closing(first).earliest, at(first));
    assert_eq!(closing("2026-06-05T13:59:00Z").verdict, Verdict::TooSoon);
    assert_eq!(closing(first).verdict, Verdict::LetItGo);
    let reason = closing(first).reasons.first().expect("a reason").text();
    assert!(reason.starts_with("Two polite messages went unanswered."), "{reason}");
}

#[test]
fn an_answer_of_the_same_moment_answers_a_message() {
    let mut snapshot = promised_by("2026-05-20");
    let sent_at = at("2026-05-18T14:00:00Z");
    let first = follow_up("opp/follow_up/1/employer", FollowUpKind::FollowUp, Some(sent_at));
    snapshot.follow_ups.push(first);
    assert_eq!(asking(&snapshot, "2026-05-18T14:00:00Z").n, Some(2));
    snapshot.replies = vec![reply("r1", sent_at, ReplyKind::ReplyInfo)];
    assert_eq!(asking(&snapshot, "2026-05-18T14:00:00Z").n, Some(1));
}

fn certificate(used_by: Option<&str>, opportunity: Option<&str>) -> Supplement {
    Supplement {
        id: "s1".to_owned(),
        opportunity_id: opportunity.map(str::to_owned),
        title: "Certificate".to_owned(),
        earned_at: None,
        used_by: used_by.map(str::to_owned),
    }
}

#[test]
fn something_new_is_for_its_opportunity_and_shown_once() {
    let shown = |used_by: Option<&str>, opportunity: Option<&str>| {
        let supplements = vec![certificate(used_by, opportunity)];
        let snapshot = Snapshot { supplements, ..promised_by("2026-05-20") };
        has(&plan_at(&snapshot, at("2026-05-07T15:00:00Z")), ItemKind::ValueAdd)
    };
    assert!(shown(None, None) && shown(None, Some("opp")));
    assert!(!shown(None, Some("another")));
    assert!(!shown(Some("f1"), None) && !shown(Some("f1"), Some("opp")));
}

#[test]
fn something_new_waits_for_whatever_asking_waits_for() {
    let shown = |change: &dyn Fn(&mut Snapshot)| {
        let supplements = vec![certificate(None, None)];
        let mut snapshot = Snapshot { supplements, ..promised_by("2026-05-20") };
        change(&mut snapshot);
        has(&plan_at(&snapshot, at("2026-05-07T15:00:00Z")), ItemKind::ValueAdd)
    };
    assert!(shown(&|_| {}));
    assert!(!shown(&|snapshot| {
        snapshot.commitments = vec![owed("c1", at("2026-05-06T19:00:00Z"), None)];
    }));
    assert!(!shown(&|snapshot| snapshot.opportunity.contact_policy = ContactPolicy::NoStatus));
    assert!(!shown(&|snapshot| {
        let next = interview("i2", at("2026-05-20T15:00:00Z"), InterviewStatus::Scheduled);
        snapshot.interviews.push(next);
    }));
    assert!(!shown(&|snapshot| {
        let asked = at("2026-05-07T14:00:00Z");
        let key = "opp/follow_up/1/employer";
        snapshot.follow_ups.push(follow_up(key, FollowUpKind::FollowUp, Some(asked)));
    }));
}

#[test]
fn something_new_goes_with_the_follow_up_when_no_day_is_left_for_it() {
    let plan = |by: &str| {
        let supplements = vec![certificate(None, None)];
        plan_at(&Snapshot { supplements, ..promised_by(by) }, at("2026-05-07T15:00:00Z"))
    };
    let one_day = plan("2026-05-12");
    let item = only(&one_day, ItemKind::ValueAdd);
    let window = (item.earliest, item.latest);
    assert_eq!(window, (at("2026-05-11T12:30:00Z"), at("2026-05-11T21:30:00Z")));
    let none = plan("2026-05-11");
    assert!(!has(&none, ItemKind::ValueAdd));
    assert!(only(&none, ItemKind::FollowUp).flags.contains("include_supplement"));
}
