//! Thanks in stories: until when, how, to whom, and what they ask.

use crate::world::*;
use afterview_domain::entities::contact::{ChannelKind, ContactRole};
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::interview::{Attendee, InterviewKind, InterviewStatus};
use afterview_domain::entities::preferences::ThankChannel;
use afterview_domain::entities::{Contact, FollowUp, Interview};
use afterview_domain::plan::{Item, ItemKind, Plan, Route, Snapshot};

/// Half an hour after the interview.
const SOON: &str = "2026-05-06T19:30:00Z";

/// The interview with these people.
fn met(people: &[&str]) -> Snapshot {
    let present = |id: &&str| Attendee { contact_id: (*id).to_owned(), present: true };
    let attendees = people.iter().map(present).collect();
    let interview = interview("i1", at("2026-05-06T18:00:00Z"), InterviewStatus::Held);
    Snapshot { interviews: vec![Interview { attendees, ..interview }], ..nothing_yet() }
}

/// The interview with one person of whom this is known.
fn met_known(contact: Contact) -> Snapshot {
    let snapshot = met(&[&contact.id]);
    Snapshot { contacts: vec![contact], ..snapshot }
}

fn notes(plan: &Plan) -> Vec<&Item> {
    plan.items.iter().filter(|item| item.kind == ItemKind::ThankYou).collect()
}

#[test]
fn thanks_are_dropped_when_the_fifth_office_day_ends_and_the_next_message_carries_them() {
    let last_moment = "2026-05-13T21:30:00Z";
    let in_time = plan_at(&interviewed(), at(last_moment));
    assert_eq!(only(&in_time, ItemKind::ThankYou).expires, Some(at(last_moment)));
    assert!(!only(&in_time, ItemKind::FollowUp).flags.contains("include_thanks"));
    let too_late = plan_at(&interviewed(), just_after(last_moment));
    assert!(!has(&too_late, ItemKind::ThankYou));
    assert!(only(&too_late, ItemKind::FollowUp).flags.contains("include_thanks"));
}

#[test]
fn only_a_later_message_with_thanks_makes_up_for_a_missing_note() {
    let lacks_thanks = |sent_at: &str, what: &str| {
        let mut snapshot = interviewed();
        let key = "opp/follow_up/1/employer";
        let asked = follow_up(key, FollowUpKind::FollowUp, Some(at(sent_at)));
        snapshot.follow_ups = vec![FollowUp { included: vec![what.to_owned()], ..asked }];
        let plan = plan_at(&snapshot, at("2026-05-21T15:00:00Z"));
        only(&plan, ItemKind::FollowUp).flags.contains("include_thanks")
    };
    assert!(lacks_thanks("2026-05-20T15:00:00Z", "supplement"));
    assert!(lacks_thanks("2026-05-06T19:00:00Z", "thanks"));
    assert!(!lacks_thanks("2026-05-20T15:00:00Z", "thanks"));
}

#[test]
fn thanks_for_an_early_interview_wait_for_the_office_and_not_longer() {
    let ideal = |ends_at: &str| {
        let mut snapshot = interviewed();
        snapshot.interviews[0].starts_at = at(ends_at) - chrono::TimeDelta::hours(1);
        snapshot.interviews[0].ends_at = at(ends_at);
        let plan = plan_at(&snapshot, at(ends_at));
        let item = only(&plan, ItemKind::ThankYou);
        (item.ideal, rules(item).contains(&"T2-BEFORE-HOURS"))
    };
    assert_eq!(ideal("2026-05-06T09:29:00Z"), (at("2026-05-06T13:00:00Z"), true));
    assert_eq!(ideal("2026-05-06T09:30:00Z"), (at("2026-05-06T12:30:00Z"), false));
}

#[test]
fn notes_to_several_people_are_each_their_own() {
    let is_unique = |snapshot: &Snapshot| {
        let plan = plan_at(snapshot, at(SOON));
        notes(&plan).iter().all(|note| note.flags.contains("unique_text"))
    };
    assert!(is_unique(&met(&["anna", "bob"])));
    assert!(!is_unique(&met(&["anna"])));
    let mut panel = met(&["anna"]);
    panel.interviews[0].kind = InterviewKind::Panel;
    assert!(is_unique(&panel));
}

#[test]
fn only_one_note_about_the_last_interview_asks_when_they_will_answer() {
    let mut snapshot = met(&["anna", "bob"]);
    let second = interview("i2", at("2026-05-07T18:00:00Z"), InterviewStatus::Held);
    snapshot.interviews.push(second);
    let asking = |snapshot: &Snapshot| {
        let plan = plan_at(snapshot, at("2026-05-07T19:30:00Z"));
        let asking = notes(&plan).into_iter().filter(|note| note.flags.contains("ask_timeline"));
        asking.map(|note| note.interview_id.clone().unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(asking(&snapshot), ["i2"]);
    snapshot.interviews.pop();
    assert_eq!(asking(&snapshot), ["i1", "i1"]);
    let thanked = follow_up("opp/thank_you/i1/anna", FollowUpKind::ThankYou, Some(at(SOON)));
    snapshot.follow_ups = vec![FollowUp { asked_timeline: true, ..thanked }];
    assert_eq!(asking(&snapshot), NONE);
    let plan = plan_at(&snapshot, at("2026-05-07T19:30:00Z"));
    assert!(!only(&plan, ItemKind::FollowUp).flags.contains("ask_timeline"));
}

#[test]
fn a_note_to_somebody_without_an_address_goes_through_the_coordinator() {
    let mut anna = person("anna", ContactRole::Interviewer);
    anna.channels = vec![way(ChannelKind::Phone, false, false)];
    let plan = plan_at(&met_known(anna), at(SOON));
    assert_eq!(only(&plan, ItemKind::ThankYou).route, Route::ViaCoordinator);
}

#[test]
fn the_agencys_own_recruiter_is_thanked_directly() {
    let route = |role: ContactRole| {
        let mut snapshot = met_known(person("rita", role));
        snapshot.opportunity.via_agency = true;
        only(&plan_at(&snapshot, at(SOON)), ItemKind::ThankYou).route
    };
    assert_eq!(route(ContactRole::AgencyRecruiter), Route::Direct);
    assert_eq!(route(ContactRole::Interviewer), Route::ViaRecruiter);
}

#[test]
fn thanks_recorded_for_the_employer_but_sent_to_somebody_are_thanks_to_that_person() {
    let mut snapshot = met(&["anna", "bob"]);
    let thanked = follow_up("opp/thank_you/i1/employer", FollowUpKind::ThankYou, Some(at(SOON)));
    snapshot.follow_ups = vec![FollowUp { to: Some("anna".to_owned()), ..thanked }];
    let plan = plan_at(&snapshot, at(SOON));
    assert_eq!(only(&plan, ItemKind::ThankYou).to, "bob");
}

#[test]
fn a_letter_written_after_the_last_post_goes_out_on_the_next_office_day() {
    let posted = |starts_at: &str| {
        let starts_at = at(starts_at);
        let mut snapshot = nothing_yet();
        snapshot.interviews = vec![interview("i1", starts_at, InterviewStatus::Held)];
        snapshot.preferences.thank_channel = ThankChannel::Handwritten;
        let plan = plan_at(&snapshot, starts_at + chrono::TimeDelta::hours(1));
        let flags = only(&plan, ItemKind::ThankYou).flags.clone();
        flags.into_iter().find_map(|flag| flag.strip_prefix("mail_on=").map(str::to_owned))
    };
    // An hour to write it, and the post is collected at 17:00 office time.
    assert_eq!(posted("2026-05-06T19:00:00Z").as_deref(), Some("2026-05-06"));
    assert_eq!(posted("2026-05-06T19:30:00Z").as_deref(), Some("2026-05-07"));
    assert_eq!(posted("2026-05-09T15:00:00Z").as_deref(), Some("2026-05-11"));
}
