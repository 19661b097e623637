//! Promises in stories: which one counts, and what became of each.

use crate::world::*;
use afterview_domain::entities::expectation::{ExpectationKind, ExpectationStatus, Subject};
use afterview_domain::entities::interview::InterviewStatus;
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::entities::{Expectation, Reply};
use afterview_domain::plan::{Item, ItemKind, Snapshot};

/// Spoken as the interview ended.
const SPOKEN: &str = "2026-05-06T19:00:00Z";

/// Before any of the promised days.
const THURSDAY: &str = "2026-05-07T16:00:00Z";

fn with(expectations: Vec<Expectation>, replies: Vec<Reply>) -> Snapshot {
    Snapshot { expectations, replies, ..interviewed() }
}

fn asking(snapshot: &Snapshot) -> Item {
    only(&plan_at(snapshot, at(THURSDAY)), ItemKind::FollowUp).clone()
}

/// The day from which the follow-up is counted, as its first reason tells it.
fn counted_from(snapshot: &Snapshot) -> String {
    asking(snapshot)
        .reasons
        .first()
        .and_then(|why| Some(why.param("by")?.text()))
        .unwrap_or_default()
}

fn status(snapshot: &Snapshot, id: &str) -> ExpectationStatus {
    let promises = plan_at(snapshot, at(THURSDAY)).promises;
    promises.into_iter().find(|(known, _)| known == id).expect("a promise").1
}

fn new_date(received_at: &str, words: &str) -> Reply {
    Reply { text: words.to_owned(), ..reply("r1", at(received_at), ReplyKind::NewDate) }
}

#[test]
fn of_two_promises_of_one_moment_the_confirmed_one_counts() {
    let confirmed = promised("e1", at(SPOKEN), day("2026-05-08"));
    let heard = promised("e2", at(SPOKEN), day("2026-05-15"));
    let heard = Expectation { kind: ExpectationKind::Exact, ..heard };
    assert_eq!(counted_from(&with(vec![confirmed, heard], Vec::new())), "Friday 8 May");
}

#[test]
fn the_newest_words_count_spoken_or_written() {
    let spoken = |spoken_at: &str, kind: ExpectationKind| {
        let spoken = Expectation { kind, ..promised("e1", at(spoken_at), day("2026-05-13")) };
        with(vec![spoken], vec![new_date("2026-05-07T14:00:00Z", "by Friday")])
    };
    let (heard, confirmed) = (ExpectationKind::Exact, ExpectationKind::Confirmed);
    assert_eq!(counted_from(&spoken(SPOKEN, confirmed)), "Friday 8 May");
    assert_eq!(counted_from(&spoken("2026-05-07T15:00:00Z", heard)), "Wednesday 13 May");
    // Of one moment: the words themselves, unless somebody confirmed a date for them.
    assert_eq!(counted_from(&spoken("2026-05-07T14:00:00Z", heard)), "Friday 8 May");
    assert_eq!(counted_from(&spoken("2026-05-07T14:00:00Z", confirmed)), "Wednesday 13 May");
}

#[test]
fn a_later_interview_makes_a_promise_void_and_the_one_at_which_it_was_made_does_not() {
    let made = |spoken_at: &str| {
        let mut snapshot = with(vec![promised("e1", at(spoken_at), day("2026-05-13"))], Vec::new());
        let second = interview("i2", at("2026-05-07T14:00:00Z"), InterviewStatus::Held);
        snapshot.interviews.push(second);
        (rules(&asking(&snapshot)), status(&snapshot, "e1"))
    };
    assert_eq!(made(SPOKEN), (vec!["F2-OPEN-ENDED"], ExpectationStatus::Void));
    let counts = (vec!["F1-PROMISE"], ExpectationStatus::Active);
    assert_eq!(made("2026-05-07T14:00:00Z"), counts);
    assert_eq!(made("2026-05-07T15:00:00Z"), counts);
}

#[test]
fn newer_words_supersede_older_ones_once_they_are_spoken() {
    let older = promised("e1", at(SPOKEN), day("2026-05-13"));
    let newer = promised("e2", at("2026-05-07T15:00:00Z"), day("2026-05-20"));
    let snapshot = with(vec![older.clone(), newer], Vec::new());
    assert_eq!(status(&snapshot, "e1"), ExpectationStatus::Superseded);
    assert_eq!(status(&snapshot, "e2"), ExpectationStatus::Active);
    let still_to_come = promised("e2", at("2026-05-07T17:00:00Z"), day("2026-05-20"));
    assert_eq!(
        status(&with(vec![older, still_to_come], Vec::new()), "e1"),
        ExpectationStatus::Active
    );
}

#[test]
fn what_came_with_a_promise_neither_keeps_nor_supersedes_it() {
    let promise = promised("e1", at("2026-05-07T14:00:00Z"), day("2026-05-13"));
    let words = new_date("2026-05-07T14:00:00Z", "by next Wednesday");
    let invitation = reply("r2", at("2026-05-07T14:00:00Z"), ReplyKind::NextRound);
    let snapshot = with(vec![promise], vec![words, invitation]);
    assert_eq!(status(&snapshot, "e1"), ExpectationStatus::Active);
    // Nor does it end one that was recorded only after its day.
    let late = promised("e1", at("2026-05-07T14:00:00Z"), day("2026-05-06"));
    let answer = reply("r1", at("2026-05-07T14:00:00Z"), ReplyKind::ReplyInfo);
    assert_eq!(counted_from(&with(vec![late], vec![answer])), "Wednesday 6 May");
}

#[test]
fn any_answer_keeps_a_promise_of_feedback_but_not_of_a_decision() {
    let promise_of = |subject: Subject| {
        let promise = promised("e1", at(SPOKEN), day("2026-05-13"));
        let answer = reply("r1", at("2026-05-07T14:00:00Z"), ReplyKind::ReplyInfo);
        status(&with(vec![Expectation { subject, ..promise }], vec![answer]), "e1")
    };
    assert_eq!(promise_of(Subject::Feedback), ExpectationStatus::Kept);
    assert_eq!(promise_of(Subject::Documents), ExpectationStatus::Kept);
    assert_eq!(promise_of(Subject::Decision), ExpectationStatus::Active);
    assert_eq!(promise_of(Subject::NextRound), ExpectationStatus::Active);
}

#[test]
fn a_confirmed_day_has_no_other_reading() {
    let other_readings = |kind: ExpectationKind| {
        let promise = promised("e1", at(SPOKEN), day("2026-05-08"));
        let alternative = Some(day("2026-05-15"));
        let promise = Expectation { kind, ambiguous: true, alternative, ..promise };
        asking(&with(vec![promise], Vec::new())).alternatives.len()
    };
    assert_eq!(other_readings(ExpectationKind::Exact), 1);
    assert_eq!(other_readings(ExpectationKind::Confirmed), 0);
}
