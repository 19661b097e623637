//! To whom, by which way and together with what: routing told in stories.

use crate::world::*;
use afterview_domain::entities::contact::{Channel, ChannelKind, ContactRole};
use afterview_domain::entities::follow_up::{FollowUpKind, OutboundChannel};
use afterview_domain::entities::interview::{Attendee, InterviewStatus};
use afterview_domain::entities::opportunity::ContactPolicy;
use afterview_domain::entities::{Contact, Expectation, FollowUp};
use afterview_domain::plan::{Item, ItemChannel, ItemKind, Snapshot};

/// The Tuesday after the promised Friday.
const TUESDAY: &str = "2026-05-12T14:00:00Z";

/// Interviewed by Anna, thanked, promised an answer by Friday; these people are known.
fn waiting(contacts: Vec<Contact>) -> Snapshot {
    let thanks = at("2026-05-06T21:00:00Z");
    Snapshot {
        contacts,
        expectations: vec![promised("e1", at("2026-05-06T19:00:00Z"), day("2026-05-08"))],
        follow_ups: vec![follow_up("opp/thank_you/i1/anna", FollowUpKind::ThankYou, Some(thanks))],
        ..interviewed()
    }
}

fn asking(snapshot: &Snapshot) -> Item {
    only(&plan_at(snapshot, at(TUESDAY)), ItemKind::FollowUp).clone()
}

fn recipient(snapshot: &Snapshot) -> Option<String> {
    asking(snapshot).contact_id
}

fn routing_rules(item: &Item) -> Vec<&'static str> {
    item.routing.iter().map(|reason| reason.rule).collect()
}

#[test]
fn whoever_promised_is_asked_before_everybody_else_at_the_employer() {
    let mut people = vec![
        person("anna", ContactRole::Interviewer),
        person("boss", ContactRole::HiringManager),
        person("cora", ContactRole::Coordinator),
        person("rita", ContactRole::InternalRecruiter),
        person("vera", ContactRole::Referee),
        person("fred", ContactRole::Referrer),
    ];
    let mut snapshot = waiting(people.clone());
    snapshot.expectations[0].promised_by = Some("boss".to_owned());
    assert_eq!(recipient(&snapshot).as_deref(), Some("boss"));
    snapshot.expectations[0].promised_by = None;
    for expected in ["rita", "cora", "boss", "anna"] {
        let snapshot = Snapshot { contacts: people.clone(), ..snapshot.clone() };
        assert_eq!(recipient(&snapshot).as_deref(), Some(expected));
        people.retain(|contact| contact.id != expected);
    }
    // Neither a referee nor a referrer asks or is asked.
    assert_eq!(recipient(&Snapshot { contacts: people, ..snapshot }), None);
}

#[test]
fn the_key_of_an_item_does_not_depend_on_who_is_known() {
    let nobody = asking(&waiting(Vec::new()));
    let somebody = asking(&waiting(vec![person("rita", ContactRole::InternalRecruiter)]));
    assert_eq!(nobody.key, somebody.key);
    assert_eq!((nobody.to.as_str(), somebody.to.as_str()), ("employer", "employer"));
    assert_eq!(routing_rules(&somebody), ["W1-RECIPIENT"]);
    assert_eq!(routing_rules(&nobody), [""; 0]);
}

#[test]
fn an_agency_stands_before_the_person_who_promised() {
    let mut snapshot = waiting(vec![
        person("boss", ContactRole::HiringManager),
        person("agnes", ContactRole::AgencyRecruiter),
        person("adam", ContactRole::AgencyRecruiter),
    ]);
    snapshot.expectations[0].promised_by = Some("boss".to_owned());
    snapshot.opportunity.via_agency = true;
    assert_eq!(recipient(&snapshot).as_deref(), Some("adam"));
    snapshot.opportunity.agency_contact_id = Some("agnes".to_owned());
    assert_eq!(recipient(&snapshot).as_deref(), Some("agnes"));
}

#[test]
fn the_candidates_own_choice_of_a_person_stands() {
    let mut snapshot = waiting(vec![
        person("anna", ContactRole::Interviewer),
        person("rita", ContactRole::InternalRecruiter),
    ]);
    let draft = follow_up("opp/follow_up/1/employer", FollowUpKind::FollowUp, None);
    snapshot.follow_ups.push(FollowUp { to: Some("anna".to_owned()), ..draft });
    let item = asking(&snapshot);
    assert_eq!(item.contact_id.as_deref(), Some("anna"));
    let next: Vec<_> = item.alternatives.iter().map(|other| other.contact_id.clone()).collect();
    assert_eq!(next, [Some("rita".to_owned())]);
}

#[test]
fn a_call_or_linkedin_is_chosen_only_where_it_was_opened() {
    let channel = |channels: Vec<Channel>, preferred: Option<ChannelKind>| {
        let rita = person("rita", ContactRole::InternalRecruiter);
        asking(&waiting(vec![Contact { channels, preferred, ..rita }])).channel
    };
    let (phone, linkedin) = (ChannelKind::Phone, ChannelKind::Linkedin);
    let email = || way(ChannelKind::Email, false, false);
    assert_eq!(channel(vec![way(phone, false, false)], Some(phone)), ItemChannel::Email);
    assert_eq!(channel(vec![way(phone, true, false)], None), ItemChannel::Phone);
    assert_eq!(channel(vec![email(), way(phone, true, false)], None), ItemChannel::Email);
    assert_eq!(channel(vec![email(), way(phone, true, false)], Some(phone)), ItemChannel::Phone);
    assert_eq!(channel(vec![way(linkedin, false, true)], None), ItemChannel::Linkedin);
    assert_eq!(channel(vec![way(linkedin, false, false)], None), ItemChannel::Email);
    assert_eq!(channel(vec![way(ChannelKind::Sms, false, false)], None), ItemChannel::Email);
}

#[test]
fn linkedin_is_fine_with_whom_one_wrote_there_before() {
    let linkedin = vec![way(ChannelKind::Linkedin, false, false)];
    let rita = Contact { channels: linkedin, ..person("rita", ContactRole::InternalRecruiter) };
    let mut snapshot = waiting(vec![rita]);
    let before = FollowUp {
        to: Some("rita".to_owned()),
        channel: Some(OutboundChannel::Linkedin),
        ..follow_up("opp/custom/mine/rita", FollowUpKind::Custom, Some(at("2026-05-05T15:00:00Z")))
    };
    assert_eq!(asking(&snapshot).channel, ItemChannel::Email);
    snapshot.follow_ups.push(before);
    assert_eq!(asking(&snapshot).channel, ItemChannel::Linkedin);
}

#[test]
fn no_calls_takes_an_invitation_to_call_back() {
    let phone = vec![way(ChannelKind::Phone, true, false)];
    let rita = Contact { channels: phone, ..person("rita", ContactRole::InternalRecruiter) };
    let mut snapshot = waiting(vec![rita]);
    snapshot.opportunity.contact_policy = ContactPolicy::NoCalls;
    assert_eq!(asking(&snapshot).channel, ItemChannel::Email);
}

#[test]
fn two_messages_to_one_person_on_one_day_become_one() {
    let mut snapshot = waiting(vec![person("anna", ContactRole::Interviewer)]);
    snapshot.follow_ups.clear();
    snapshot.commitments = vec![owed("c1", at("2026-05-06T19:00:00Z"), Some(day("2026-05-08")))];
    let plan = plan_at(&snapshot, at("2026-05-06T20:00:00Z"));
    let (thanks, duty) = (only(&plan, ItemKind::ThankYou), only(&plan, ItemKind::Fulfil));
    assert_eq!(duty.contact_id.as_deref(), Some("anna"));
    assert_eq!((thanks.contact_id.as_deref(), &thanks.bundle_with), (Some("anna"), &None));
    assert_eq!(duty.bundle_with.as_deref(), Some(thanks.follow_up_id().as_str()));
    assert!(duty.routing.iter().any(|reason| reason.rule == "M1-BUNDLE"));
}

#[test]
fn notes_to_two_people_stay_two() {
    let mut snapshot = waiting(vec![
        person("anna", ContactRole::Interviewer),
        person("bob", ContactRole::Interviewer),
    ]);
    snapshot.follow_ups.clear();
    let bob = Attendee { contact_id: "bob".to_owned(), present: true };
    snapshot.interviews[0].attendees.push(bob);
    let plan = plan_at(&snapshot, at("2026-05-06T20:00:00Z"));
    let notes: Vec<_> = plan.items.iter().filter(|i| i.kind == ItemKind::ThankYou).collect();
    assert_eq!(notes.len(), 2);
    assert!(notes.iter().all(|note| note.bundle_with.is_none()));
}

#[test]
fn notes_that_an_agency_passes_on_go_out_together() {
    let mut snapshot = waiting(vec![
        person("agnes", ContactRole::AgencyRecruiter),
        person("anna", ContactRole::Interviewer),
        person("bob", ContactRole::Interviewer),
    ]);
    snapshot.follow_ups.clear();
    snapshot.opportunity.via_agency = true;
    let bob = Attendee { contact_id: "bob".to_owned(), present: true };
    snapshot.interviews[0].attendees.push(bob);
    let plan = plan_at(&snapshot, at("2026-05-06T20:00:00Z"));
    let notes: Vec<_> = plan.items.iter().filter(|i| i.kind == ItemKind::ThankYou).collect();
    assert!(notes.iter().all(|note| note.contact_id.as_deref() == Some("agnes")));
    assert_eq!(notes.iter().filter(|note| note.bundle_with.is_some()).count(), 1);
}

#[test]
fn whoever_wrote_the_offer_gets_the_answer() {
    let mut snapshot = waiting(vec![
        person("anna", ContactRole::Interviewer),
        person("rita", ContactRole::InternalRecruiter),
    ]);
    let kind = afterview_domain::entities::reply::ReplyKind::Reject;
    let mut no = reply("r1", at("2026-05-11T15:00:00Z"), kind);
    no.from = Some("anna".to_owned());
    snapshot.replies = vec![no];
    let plan = plan_at(&snapshot, at(TUESDAY));
    assert_eq!(only(&plan, ItemKind::GraciousReply).contact_id.as_deref(), Some("anna"));
}

#[test]
fn ambiguous_words_come_with_the_moment_of_their_other_reading() {
    let mut snapshot = waiting(Vec::new());
    snapshot.expectations = vec![Expectation {
        ambiguous: true,
        alternative: Some(day("2026-05-06")),
        kind: afterview_domain::entities::expectation::ExpectationKind::Exact,
        ..promised("e1", at("2026-05-06T19:00:00Z"), day("2026-05-13"))
    }];
    let item = asking(&snapshot);
    let other = item.alternatives.first().expect("an alternative");
    assert_eq!(other.reason.rule, "A1-OTHER-READING");
    // Two business days after Wednesday the 6th would have been Friday: by now that is at once.
    assert_eq!(other.do_at, Some(at(TUESDAY)));
}

#[test]
fn a_missed_appointment_is_put_right_with_whoever_arranged_it() {
    let mut snapshot = nothing_yet();
    let missed = interview("i1", at("2026-05-06T18:00:00Z"), InterviewStatus::NoShowThem);
    snapshot.interviews = vec![missed];
    snapshot.contacts =
        vec![person("anna", ContactRole::Interviewer), person("cora", ContactRole::Coordinator)];
    let plan = plan_at(&snapshot, at("2026-05-06T18:30:00Z"));
    let ping = only(&plan, ItemKind::NoShowPing);
    assert_eq!((ping.to.as_str(), ping.contact_id.as_deref()), ("scheduler", Some("cora")));
}

#[test]
fn whoever_cannot_get_mail_or_prefers_a_call_is_reached_as_they_like() {
    let reached = |channels: Vec<Channel>, preferred: Option<ChannelKind>| {
        let rita = person("rita", ContactRole::InternalRecruiter);
        let item = asking(&waiting(vec![Contact { channels, preferred, ..rita }]));
        (item.channel, item.alternatives.len())
    };
    let (mail, call) =
        (way(ChannelKind::Email, false, false), way(ChannelKind::Phone, true, false));
    assert_eq!(reached(vec![call.clone()], None), (ItemChannel::Phone, 0));
    assert_eq!(reached(vec![mail, call], None), (ItemChannel::Email, 1));
    assert_eq!(reached(Vec::new(), None), (ItemChannel::Email, 0));
}

#[test]
fn an_agencys_recruiter_expects_calls_and_nobody_else_does() {
    let calls = |via_agency: bool, role: ContactRole| {
        let mut rita = person("rita", role);
        rita.preferred = Some(ChannelKind::Phone);
        let mut snapshot = waiting(vec![rita, person("zoe", ContactRole::AgencyRecruiter)]);
        snapshot.opportunity.via_agency = via_agency;
        let key = "opp/thank_you/i1/anna";
        snapshot.follow_ups.retain(|known| known.action_key != key);
        snapshot.interviews[0].attendees[0].contact_id = "rita".to_owned();
        let plan = plan_at(&snapshot, at("2026-05-06T19:30:00Z"));
        let others = &only(&plan, ItemKind::ThankYou).alternatives;
        others.iter().map(|other| other.reason.text()).collect::<Vec<_>>()
    };
    let agency = calls(true, ContactRole::AgencyRecruiter);
    assert_eq!(agency, ["A call would do as well: an agency expects calls."]);
    // A note that the agency passes on goes its own way.
    assert_eq!(calls(true, ContactRole::Interviewer), NONE);
    assert_eq!(calls(false, ContactRole::AgencyRecruiter), NONE);
    assert_eq!(calls(false, ContactRole::Interviewer), NONE);
}

#[test]
fn what_the_candidate_planned_by_mail_stays_a_mail() {
    let mut anna = person("anna", ContactRole::Interviewer);
    anna.channels = vec![way(ChannelKind::Phone, true, false)];
    let mut snapshot = waiting(vec![anna]);
    let record = follow_up("opp/custom/mine/anna", FollowUpKind::Custom, None);
    snapshot.follow_ups.push(FollowUp { due_at: Some(at(TUESDAY)), ..record });
    let plan = plan_at(&snapshot, at(TUESDAY));
    assert_eq!(only(&plan, ItemKind::Custom).channel, ItemChannel::Email);
}

#[test]
fn what_is_blocked_or_a_note_to_oneself_makes_no_message_with_others() {
    let mut snapshot = waiting(Vec::new());
    let own = follow_up("opp/custom/mine/self", FollowUpKind::Custom, None);
    let other = follow_up("opp/custom/other/self", FollowUpKind::Custom, None);
    let now = at(TUESDAY);
    for record in [own, other] {
        snapshot.follow_ups.push(FollowUp { due_at: Some(now), ..record });
    }
    let missed = interview("i2", at("2026-05-12T13:00:00Z"), InterviewStatus::NoShowThem);
    let again = interview("i3", at("2026-05-12T13:30:00Z"), InterviewStatus::NoShowThem);
    snapshot.interviews.extend([missed, again]);
    let plan = plan_at(&snapshot, now);
    let bundled = plan.items.iter().filter(|item| item.bundle_with.is_some());
    assert_eq!(bundled.map(|item| item.key.as_str()).collect::<Vec<_>>(), NONE);
    assert_eq!(plan.items.iter().filter(|item| item.to == "self").count(), 2);
}
