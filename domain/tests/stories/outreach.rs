//! What went out, in stories: what counts, to whom, and what the other side has seen of it.

use crate::world::*;
use afterview_domain::entities::contact::{ChannelKind, ContactRole};
use afterview_domain::entities::follow_up::{FollowUpKind, FollowUpStatus, OutboundChannel};
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::entities::{FollowUp, Reply};
use afterview_domain::plan::{
    Item, ItemChannel, ItemKind, ManagerView, Policy, Proposal, Snapshot, tact_check,
};

const TUESDAY: &str = "2026-05-12T14:00:00Z";

/// Interviewed on Wednesday, promised an answer by Friday, with these messages sent or planned.
fn with(follow_ups: Vec<FollowUp>) -> Snapshot {
    let contacts = vec![
        person("anna", ContactRole::HiringManager),
        person("bob", ContactRole::Interviewer),
        person("ruth", ContactRole::Referee),
    ];
    let expectations = vec![promised("e1", at("2026-05-06T19:00:00Z"), day("2026-05-08"))];
    Snapshot { contacts, expectations, follow_ups, ..interviewed() }
}

fn sent(key: &str, kind: FollowUpKind, sent_at: &str) -> FollowUp {
    follow_up(key, kind, Some(at(sent_at)))
}

fn asking(snapshot: &Snapshot, now: &str) -> Item {
    only(&plan_at(snapshot, at(now)), ItemKind::FollowUp).clone()
}

/// What the recipient of `item` sees at `when`, as known by then or on Tuesday.
fn seen(snapshot: &Snapshot, item: &Item, when: &str) -> Option<ManagerView> {
    let proposal = Proposal { at: at(when), channel: None, contact_id: None };
    let now = at(when).min(at(TUESDAY));
    tact_check(snapshot, &Policy::default(), now, item, &proposal).manager_view
}

#[test]
fn one_message_reported_by_two_devices_counts_once_at_its_earliest_time() {
    let key = "opp/follow_up/1/employer";
    let one = sent(key, FollowUpKind::FollowUp, TUESDAY);
    let other = sent(key, FollowUpKind::FollowUp, "2026-05-14T14:00:00Z");
    let other = FollowUp { id: "the other".to_owned(), ..other };
    for records in [vec![one.clone(), other.clone()], vec![other, one]] {
        let item = asking(&with(records), "2026-05-15T14:00:00Z");
        assert_eq!((item.n, item.ideal), (Some(2), at("2026-05-21T14:00:00Z")));
    }
}

#[test]
fn of_two_records_of_one_item_the_decision_against_it_counts() {
    let key = "opp/follow_up/1/employer";
    let open = follow_up(key, FollowUpKind::FollowUp, None);
    let id = "the other".to_owned();
    let skipped = FollowUp { status: FollowUpStatus::Skipped, id, ..open.clone() };
    for records in [vec![open.clone(), skipped.clone()], vec![skipped, open]] {
        assert!(!has(&plan_at(&with(records), at(TUESDAY)), ItemKind::FollowUp));
    }
}

#[test]
fn only_what_the_employer_receives_keeps_messages_apart() {
    let first_day = |key: &str, kind: FollowUpKind| {
        asking(&with(vec![sent(key, kind, "2026-05-11T15:00:00Z")]), TUESDAY).earliest
    };
    let (as_before, apart) = (at("2026-05-11T12:30:00Z"), at("2026-05-14T12:30:00Z"));
    assert_eq!(first_day("opp/custom/c/anna", FollowUpKind::Custom), apart);
    assert_eq!(first_day("opp/thank_you/i1/bob", FollowUpKind::ThankYou), apart);
    assert_eq!(first_day("opp/custom/c/self", FollowUpKind::Custom), as_before);
    assert_eq!(first_day("opp/custom/c/ruth", FollowUpKind::Custom), as_before);
    assert_eq!(first_day("opp/apologise/i1/anna", FollowUpKind::Apologise), as_before);
}

/// The custom item to `to`, due at `due_at`, as planned then.
fn custom(to: &str, due_at: &str, now: &str) -> Item {
    let key = format!("opp/custom/mine/{to}");
    let record = follow_up(&key, FollowUpKind::Custom, None);
    let thanked = sent("opp/thank_you/i1/anna", FollowUpKind::ThankYou, "2026-05-06T21:00:00Z");
    let record = FollowUp { due_at: Some(at(due_at)), ..record };
    only(&plan_at(&with(vec![thanked, record]), at(now)), ItemKind::Custom).clone()
}

#[test]
fn distance_and_office_hours_are_for_the_employer() {
    let due_at = "2026-05-07T15:00:00Z";
    assert_eq!(rules(&custom("anna", due_at, due_at)), ["U1-CUSTOM", "M2-SPACING"]);
    assert_eq!(rules(&custom("ruth", due_at, due_at)), ["U1-CUSTOM"]);
    assert_eq!(rules(&custom("self", due_at, due_at)), ["U1-CUSTOM"]);
    let night = "2026-05-13T03:00:00Z";
    let own = custom("self", due_at, night);
    assert_eq!((own.do_at, own.channel), (Some(at(night)), ItemChannel::None));
    let weekend = custom("bob", "2026-05-16T15:00:00Z", due_at);
    let monday = at("2026-05-18T12:30:00Z");
    assert_eq!((weekend.ideal, weekend.latest), (monday, monday));
    let theirs = custom("bob", due_at, night);
    assert_eq!(theirs.do_at, Some(at("2026-05-13T12:30:00Z")));
    assert_eq!(theirs.channel, ItemChannel::Email);
}

#[test]
fn what_the_candidate_planned_keeps_its_record() {
    let item = custom("anna", "2026-05-11T15:00:00Z", TUESDAY);
    assert_eq!(item.follow_up_id(), "record of opp/custom/mine/anna");
}

#[test]
fn what_one_device_sent_is_not_left_open_by_another() {
    let key = "opp/custom/mine/anna";
    let open = follow_up(key, FollowUpKind::Custom, None);
    let open = FollowUp { due_at: Some(at(TUESDAY)), id: "the other".to_owned(), ..open };
    let done = sent(key, FollowUpKind::Custom, "2026-05-11T15:00:00Z");
    assert!(has(&plan_at(&with(vec![open.clone()]), at(TUESDAY)), ItemKind::Custom));
    assert!(!has(&plan_at(&with(vec![open, done]), at(TUESDAY)), ItemKind::Custom));
}

#[test]
fn linkedin_is_open_with_whom_one_wrote_there_and_nobody_else() {
    let channel = |recipient: &str| {
        let record = sent(&format!("opp/custom/c/{recipient}"), FollowUpKind::Custom, TUESDAY);
        let record = FollowUp { channel: Some(OutboundChannel::Linkedin), ..record };
        let mut snapshot = with(vec![record]);
        snapshot.contacts[0].preferred = Some(ChannelKind::Linkedin);
        asking(&snapshot, TUESDAY).channel
    };
    assert_eq!(channel("anna"), ItemChannel::Linkedin);
    assert_eq!(channel("bob"), ItemChannel::Email);
}

#[test]
fn the_other_side_has_seen_what_reached_it_in_the_last_month() {
    let to_anna = FollowUp {
        to: Some("anna".to_owned()),
        ..sent("opp/thank_you/i1/bob", FollowUpKind::ThankYou, "2026-05-06T20:30:00Z")
    };
    let snapshot = with(vec![
        sent("opp/fulfil/c0/employer", FollowUpKind::Fulfil, "2026-04-01T15:00:00Z"),
        sent("opp/custom/c/self", FollowUpKind::Custom, "2026-05-06T20:00:00Z"),
        sent("opp/apologise/i0/bob", FollowUpKind::Apologise, "2026-05-06T20:15:00Z"),
        to_anna,
        sent("opp/thank_you/i1/anna", FollowUpKind::ThankYou, "2026-05-06T20:45:00Z"),
        sent("opp/fulfil/c1/employer", FollowUpKind::Fulfil, "2026-05-06T21:00:00Z"),
    ]);
    let item = asking(&snapshot, TUESDAY);
    assert_eq!((item.to.as_str(), item.contact_id.as_deref()), ("employer", Some("anna")));
    let view = |item: &Item, when: &str| seen(&snapshot, item, when);
    let received = view(&item, TUESDAY).expect("somebody receives it").received;
    let seen: Vec<_> = received.iter().map(|one| (one.kind, one.to_same_person)).collect();
    let expected = [
        (FollowUpKind::Fulfil, true),
        (FollowUpKind::ThankYou, true),
        (FollowUpKind::ThankYou, true),
        (FollowUpKind::Apologise, false),
    ];
    assert_eq!(seen, expected);
    // On the promised day itself they are not late.
    let past = |when: &str| view(&item, when).is_some_and(|view| view.is_past_promise);
    assert!(!past("2026-05-08T15:00:00Z") && past("2026-05-09T15:00:00Z"));
    let own = Item { to: "self".to_owned(), ..item.clone() };
    assert_eq!(view(&own, TUESDAY), None);
}

#[test]
fn the_other_side_is_away_until_the_day_of_the_return() {
    let mut snapshot = with(Vec::new());
    let away = reply("r1", at("2026-05-07T15:00:00Z"), ReplyKind::OutOfOffice);
    snapshot.replies = vec![Reply { returns: Some(day("2026-05-20")), ..away }];
    let item = asking(&snapshot, TUESDAY);
    let away_until = |when: &str| seen(&snapshot, &item, when).and_then(|view| view.away_until);
    assert_eq!(away_until("2026-05-19T15:00:00Z"), Some(day("2026-05-20")));
    assert_eq!(away_until("2026-05-20T15:00:00Z"), None);
}

#[test]
fn an_item_gives_its_timing_first_and_then_its_person() {
    let item = asking(&with(Vec::new()), "2026-05-08T15:00:00Z");
    let all: Vec<_> = item.all_reasons().map(|reason| reason.rule).collect();
    assert_eq!(all, ["F1-PROMISE", "W1-RECIPIENT"]);
}
