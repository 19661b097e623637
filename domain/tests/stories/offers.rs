//! Decisions in stories: an offer from elsewhere, and what is left after a no.

use crate::world::*;
use afterview_domain::entities::Offer;
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::interview::InterviewStatus;
use afterview_domain::entities::offer::OfferStatus;
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::plan::{Item, ItemChannel, ItemKind, Snapshot};

const MONDAY: &str = "2026-05-11T15:00:00Z";

fn offer(id: &str, received_at: &str, deadline: &str) -> Offer {
    Offer {
        id: id.to_owned(),
        opportunity_id: "another".to_owned(),
        received_at: at(received_at),
        deadline: Some(at(deadline)),
        status: OfferStatus::Open,
    }
}

/// Interviewed, with an offer from elsewhere to answer on Friday.
fn with_offer() -> Snapshot {
    let offers_elsewhere = vec![offer("o1", MONDAY, "2026-05-15T20:00:00Z")];
    Snapshot { offers_elsewhere, ..interviewed() }
}

fn news(snapshot: &Snapshot, now: &str) -> Option<Item> {
    let plan = plan_at(snapshot, at(now));
    plan.items.into_iter().find(|item| item.kind == ItemKind::OfferNudge)
}

#[test]
fn an_offer_from_elsewhere_is_told_two_business_days_before_its_deadline() {
    let item = news(&with_offer(), MONDAY).expect("news");
    assert_eq!((item.channel, item.latest), (ItemChannel::Email, at("2026-05-13T21:30:00Z")));
    assert_eq!(rules(&item), ["O1"]);
    let plan = plan_at(&with_offer(), at("2026-05-15T19:00:00Z"));
    assert_eq!(plan.next_change_at, Some(at("2026-05-15T20:00:00Z")));
    assert_eq!(news(&with_offer(), "2026-05-15T20:00:00Z"), None);
}

#[test]
fn with_little_time_left_it_is_told_as_the_office_opens_if_four_hours_remain() {
    let offers_elsewhere = vec![offer("o1", "2026-05-11T10:00:00Z", "2026-05-11T16:30:00Z")];
    let snapshot = Snapshot { offers_elsewhere, ..interviewed() };
    let item = news(&snapshot, "2026-05-11T10:00:00Z").expect("news");
    assert_eq!(rules(&item), ["O1", "O2-SHORT-FUSE"]);
    let opening = at("2026-05-11T12:30:00Z");
    assert_eq!((item.do_at, item.latest), (Some(opening), opening));
}

#[test]
fn an_offer_is_news_once_and_only_while_it_is_open() {
    let told = |id: &str| {
        let key = format!("opp/offer_nudge/{id}/employer");
        let record = follow_up(&key, FollowUpKind::OfferNudge, Some(at(MONDAY)));
        news(&Snapshot { follow_ups: vec![record], ..with_offer() }, MONDAY)
    };
    assert_eq!(told("o1"), None);
    assert!(told("o2").is_some());
    let mut declined = with_offer();
    declined.offers_elsewhere[0].status = OfferStatus::Declined;
    assert_eq!(news(&declined, MONDAY), None);
}

#[test]
fn with_the_next_interview_booked_an_offer_is_not_used_to_press() {
    let mut snapshot = with_offer();
    let next = interview("i2", at("2026-05-14T15:00:00Z"), InterviewStatus::Scheduled);
    snapshot.interviews.push(next);
    assert_eq!(news(&snapshot, MONDAY), None);
}

#[test]
fn after_a_no_only_a_kind_reply_is_left() {
    let mut snapshot = interviewed();
    snapshot.commitments = vec![owed("c1", at("2026-05-06T19:00:00Z"), Some(day("2026-05-11")))];
    let missed = interview("i2", at("2026-05-07T14:00:00Z"), InterviewStatus::NoShowThem);
    snapshot.interviews.push(missed);
    let kinds = |snapshot: &Snapshot| {
        let plan = plan_at(snapshot, at("2026-05-07T16:00:00Z"));
        plan.items.iter().map(|item| item.kind).collect::<Vec<_>>()
    };
    for kind in [ItemKind::ThankYou, ItemKind::Fulfil, ItemKind::NoShowPing] {
        assert!(kinds(&snapshot).contains(&kind), "{}", kind.as_str());
    }
    snapshot.replies = vec![reply("r1", at("2026-05-07T15:00:00Z"), ReplyKind::Reject)];
    assert_eq!(kinds(&snapshot), [ItemKind::GraciousReply]);
}

#[test]
fn a_kind_reply_is_sent_once_and_not_after_a_week() {
    let mut snapshot = interviewed();
    snapshot.replies = vec![reply("r1", at(MONDAY), ReplyKind::Reject)];
    let last_moment = "2026-05-18T21:30:00Z";
    assert!(has(&plan_at(&snapshot, at(last_moment)), ItemKind::GraciousReply));
    assert!(plan_at(&snapshot, just_after(last_moment)).items.is_empty());
    let replied = at("2026-05-11T16:00:00Z");
    let key = "opp/gracious_reply/1/employer";
    snapshot.follow_ups = vec![follow_up(key, FollowUpKind::GraciousReply, Some(replied))];
    assert!(plan_at(&snapshot, replied).items.is_empty());
}

#[test]
fn an_offer_is_answered_on_the_morning_of_the_day_before_its_deadline() {
    let own =
        Offer { opportunity_id: "opp".to_owned(), ..offer("o1", MONDAY, "2026-05-22T21:00:00Z") };
    let snapshot = Snapshot { offers: vec![own], ..interviewed() };
    let plan = plan_at(&snapshot, at(MONDAY));
    assert_eq!(only(&plan, ItemKind::RespondOffer).ideal, at("2026-05-21T14:00:00Z"));
}
