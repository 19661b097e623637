//! Whether a message would be tactful, in stories: the points and the concerns.

use crate::world::*;
use afterview_domain::entities::contact::{ChannelKind, ContactRole};
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::interview::{InterviewStatus, NextStepOwner};
use afterview_domain::entities::offer::OfferStatus;
use afterview_domain::entities::opportunity::ContactPolicy;
use afterview_domain::entities::{Contact, Offer};
use afterview_domain::plan::{
    ItemChannel, ItemKind, Policy, Proposal, Snapshot, TactBand, TactCheck, tact_check,
};

const TUESDAY: &str = "2026-05-12T14:00:00Z";

/// Interviewed on Wednesday, thanked, promised an answer by Friday.
fn waiting() -> Snapshot {
    let thanks = at("2026-05-06T21:00:00Z");
    Snapshot {
        contacts: vec![
            person("anna", ContactRole::HiringManager),
            person("rita", ContactRole::AgencyRecruiter),
        ],
        expectations: vec![promised("e1", at("2026-05-06T19:00:00Z"), day("2026-05-08"))],
        follow_ups: vec![follow_up("opp/thank_you/i1/anna", FollowUpKind::ThankYou, Some(thanks))],
        ..interviewed()
    }
}

fn offer(opportunity: &str) -> Offer {
    Offer {
        id: "o1".to_owned(),
        opportunity_id: opportunity.to_owned(),
        received_at: at("2026-05-11T15:00:00Z"),
        deadline: Some(at("2026-05-22T21:00:00Z")),
        status: OfferStatus::Open,
    }
}

fn check(snapshot: &Snapshot, kind: ItemKind, proposal: &Proposal) -> TactCheck {
    let now = at("2026-05-07T12:30:00Z").max(proposal.at - chrono::TimeDelta::hours(1));
    let plan = plan_at(snapshot, now);
    tact_check(snapshot, &Policy::default(), now, only(&plan, kind), proposal)
}

fn proposed(when: &str, channel: Option<ItemChannel>, to: Option<&str>) -> Proposal {
    Proposal { at: at(when), channel, contact_id: to.map(str::to_owned) }
}

fn points(snapshot: &Snapshot, kind: ItemKind, when: &str) -> Vec<(i32, &'static str)> {
    let check = check(snapshot, kind, &proposed(when, None, None));
    check.points.into_iter().map(|point| (point.points, point.reason.rule)).collect()
}

fn concerns(
    snapshot: &Snapshot,
    kind: ItemKind,
    channel: ItemChannel,
    to: Option<&str>,
) -> Vec<&'static str> {
    let check = check(snapshot, kind, &proposed(TUESDAY, Some(channel), to));
    check.concerns.into_iter().map(|reason| reason.rule).collect()
}

#[test]
fn the_bands_are_of_25_points_each() {
    let bands = [0, 24, 25, 49, 50, 74, 75, 100].map(TactBand::of);
    let expected = [TactBand::DoNot, TactBand::Risky, TactBand::Careful, TactBand::Tactful];
    assert_eq!(bands, expected.map(|band| [band, band]).concat().as_slice());
}

#[test]
fn late_thanks_lose_points_from_the_moment_they_are_late() {
    // A day after the interview is later than ten on the next morning.
    let snapshot = interviewed();
    let latest = "2026-05-07T19:00:00Z";
    assert_eq!(points(&snapshot, ItemKind::ThankYou, latest), [(80, "TACT-START")]);
    let late = [(80, "TACT-START"), (-20, "TACT-LATE-THANKS")];
    assert_eq!(points(&snapshot, ItemKind::ThankYou, "2026-05-07T19:01:00Z"), late);
}

#[test]
fn asking_before_the_next_interview_or_beside_other_news_loses_points() {
    let with_point = |snapshot: &Snapshot, point: (i32, &'static str)| {
        points(snapshot, ItemKind::FollowUp, TUESDAY).contains(&point)
    };
    let mut booked = waiting();
    let next = interview("i2", at("2026-05-20T15:00:00Z"), InterviewStatus::Scheduled);
    booked.interviews.push(next);
    assert!(with_point(&booked, (-40, "TACT-NEXT-ROUND")));
    let news = Snapshot { offers_elsewhere: vec![offer("another")], ..waiting() };
    assert!(with_point(&news, (-20, "TACT-OFFER-NEWS")));
}

#[test]
fn an_unwanted_call_is_out_of_the_question_but_the_agency_may_be_called() {
    let mut snapshot = waiting();
    snapshot.opportunity.contact_policy = ContactPolicy::NoCalls;
    let call = proposed(TUESDAY, Some(ItemChannel::Phone), None);
    let score = |snapshot: &Snapshot| check(snapshot, ItemKind::FollowUp, &call).score;
    assert_eq!(score(&snapshot), Some(0));
    snapshot.opportunity.via_agency = true;
    assert_eq!(score(&snapshot), Some(90));
}

#[test]
fn whoever_goes_around_the_agency_is_told_so() {
    let to = |snapshot: &Snapshot, id: &str| {
        concerns(snapshot, ItemKind::FollowUp, ItemChannel::Email, Some(id))
    };
    let mut snapshot = waiting();
    assert_eq!(to(&snapshot, "anna"), NONE);
    snapshot.opportunity.via_agency = true;
    assert_eq!(to(&snapshot, "rita"), NONE);
    assert_eq!(to(&snapshot, "anna"), ["TACT-AGENCY"]);
}

#[test]
fn a_way_that_nobody_has_opened_is_a_concern() {
    let closed = waiting();
    let mut open = waiting();
    let channels = vec![
        way(ChannelKind::Phone, true, false),
        way(ChannelKind::Linkedin, false, true),
        way(ChannelKind::Sms, true, false),
    ];
    open.contacts[0] = Contact { channels, ..person("anna", ContactRole::HiringManager) };
    for channel in [ItemChannel::Phone, ItemChannel::Linkedin, ItemChannel::Sms] {
        let by = |snapshot: &Snapshot| concerns(snapshot, ItemKind::FollowUp, channel, None);
        assert_eq!(by(&closed), ["TACT-CHANNEL"], "{}", channel.as_str());
        assert_eq!(by(&open), NONE, "{}", channel.as_str());
    }
}

#[test]
fn a_call_is_expected_by_an_agency_and_after_an_offer() {
    let mut agency = waiting();
    agency.opportunity.via_agency = true;
    agency.contacts.clear();
    let call = |snapshot: &Snapshot, kind| concerns(snapshot, kind, ItemChannel::Phone, None);
    assert_eq!(call(&agency, ItemKind::FollowUp), NONE);
    let linkedin = concerns(&agency, ItemKind::FollowUp, ItemChannel::Linkedin, None);
    assert_eq!(linkedin, ["TACT-CHANNEL"]);
    let offered = Snapshot { offers: vec![offer("opp")], ..waiting() };
    assert_eq!(call(&offered, ItemKind::RespondOffer), NONE);
    assert_eq!(call(&offered, ItemKind::AckOffer), ["TACT-CHANNEL"]);
}

#[test]
fn a_message_is_too_close_until_the_office_opens_on_the_third_day() {
    let mut snapshot = waiting();
    snapshot.expectations.clear();
    let is_close = |when: &str| {
        let check = check(&snapshot, ItemKind::FollowUp, &proposed(when, None, None));
        check.concerns.iter().any(|reason| reason.rule == "TACT-SPACING")
    };
    assert!(is_close("2026-05-11T12:29:59Z"));
    assert!(!is_close("2026-05-11T12:30:00Z"));
}

#[test]
fn asking_while_the_next_step_is_ones_own_loses_points() {
    let mut snapshot = waiting();
    snapshot.interviews[0].next_step_owner = NextStepOwner::Me;
    let points = points(&snapshot, ItemKind::FollowUp, TUESDAY);
    assert!(points.contains(&(-40, "TACT-MY-COURT")), "{points:?}");
}

#[test]
fn nobody_turns_up_in_person_or_thanks_where_thanks_are_not_wanted() {
    let in_person = concerns(&waiting(), ItemKind::FollowUp, ItemChannel::InPerson, None);
    assert_eq!(in_person, ["W3-NO-THIRD-PARTY"]);
    let plan = plan_at(&interviewed(), at("2026-05-07T15:00:00Z"));
    let mut asked_not_to = interviewed();
    asked_not_to.opportunity.contact_policy = ContactPolicy::NoThanks;
    let objections = |snapshot: &Snapshot, kind: ItemKind| {
        let proposal = proposed("2026-05-07T15:00:00Z", None, None);
        let policy = Policy::default();
        let check = tact_check(snapshot, &policy, proposal.at, only(&plan, kind), &proposal);
        check.concerns.into_iter().map(|reason| reason.rule).collect::<Vec<_>>()
    };
    assert_eq!(objections(&asked_not_to, ItemKind::ThankYou), ["B2-NO-THANKS"]);
    assert_eq!(objections(&asked_not_to, ItemKind::FollowUp), NONE);
    assert_eq!(objections(&interviewed(), ItemKind::ThankYou), NONE);
}
