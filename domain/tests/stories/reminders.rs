//! When to remind, and what to say at a glance, in stories.

use crate::world::*;
use afterview_domain::entities::FollowUp;
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::plan::{Item, ItemKind, Plan, Reminder, Snapshot, reminders};
use chrono_tz::{America, Asia, Tz};

/// The best moment to ask: ten in New York.
const TUESDAY: &str = "2026-05-12T14:00:00Z";

/// Interviewed on Wednesday, thanked, promised an answer by Friday.
fn waiting() -> Snapshot {
    let thanks = at("2026-05-06T21:00:00Z");
    Snapshot {
        expectations: vec![promised("e1", at("2026-05-06T19:00:00Z"), day("2026-05-08"))],
        follow_ups: vec![follow_up("opp/thank_you/i1/anna", FollowUpKind::ThankYou, Some(thanks))],
        ..interviewed()
    }
}

/// The same with the follow-up put off.
fn put_off(until: &str) -> Snapshot {
    let mut snapshot = waiting();
    let record = follow_up("opp/follow_up/1/employer", FollowUpKind::FollowUp, None);
    let snoozed_until = Some(at(until));
    let snoozed_window = Some(at(TUESDAY));
    snapshot.follow_ups.push(FollowUp { snoozed_until, snoozed_window, ..record });
    snapshot
}

fn asking(plan: &Plan) -> &Item {
    only(plan, ItemKind::FollowUp)
}

#[test]
fn no_reminder_comes_in_the_quiet_hours_of_the_candidate() {
    let reminded = |zone: Tz, (from, to): (u32, u32)| {
        let mut snapshot = waiting();
        snapshot.preferences.time_zone = zone;
        snapshot.preferences.quiet_from = time(from, 0);
        snapshot.preferences.quiet_to = time(to, 0);
        let plan = plan_at(&snapshot, at("2026-05-11T14:00:00Z"));
        let item = asking(&plan).clone();
        (item.remind_at, item.flags.contains("schedule_send"))
    };
    let as_planned = (Some(at(TUESDAY)), false);
    let before = |when: &str| (Some(at(when)), true);
    let (here, night) = (America::New_York, (22, 8));
    assert_eq!(reminded(here, night), as_planned);
    // At 23:00 in Tokyo, and at 04:00 in Honolulu: half an hour before the night in question.
    assert_eq!(reminded(Asia::Tokyo, night), before("2026-05-12T12:30:00Z"));
    assert_eq!(reminded(chrono_tz::Pacific::Honolulu, night), before("2026-05-12T07:30:00Z"));
    // The quiet hours begin with their first minute and are over with the last.
    assert_eq!(reminded(here, (22, 10)), as_planned);
    assert_eq!(reminded(here, (8, 10)), as_planned);
    assert_eq!(reminded(here, (11, 12)), as_planned);
    assert_eq!(reminded(here, (10, 11)), before("2026-05-12T13:30:00Z"));
    assert_eq!(reminded(here, (9, 11)), before("2026-05-12T12:30:00Z"));
    // Hours that end as they begin are none.
    assert_eq!(reminded(here, (12, 12)), as_planned);
}

#[test]
fn a_reminder_put_off_to_the_last_timely_moment_is_not_too_late() {
    let is_late = |until: &str| {
        let plan = plan_at(&put_off(until), at("2026-05-11T14:00:00Z"));
        assert_eq!(asking(&plan).remind_at, Some(at(until)));
        asking(&plan).flags.contains("snooze_past_latest")
    };
    assert!(!is_late("2026-05-15T21:30:00Z"));
    assert!(is_late("2026-05-15T21:31:00Z"));
}

fn known(snapshot: &Snapshot, now: &str) -> Vec<Reminder> {
    reminders(&plan_at(snapshot, at(now)), &[])
}

#[test]
fn changed_advice_is_repeated_only_when_it_lies_clearly_ahead() {
    // What was due when the best moment was thought to be an hour earlier.
    let earlier = at("2026-05-12T13:00:00Z");
    let mut before = known(&waiting(), TUESDAY);
    before.iter_mut().for_each(|one| (one.ideal, one.remind_at) = (earlier, earlier));
    let renewed = |now: &str| reminders(&plan_at(&waiting(), at(now)), &before);
    assert_eq!(renewed("2026-05-12T13:30:00Z"), before);
    let due_long_ago = at("2026-05-11T14:00:00Z");
    before.iter_mut().for_each(|one| (one.ideal, one.remind_at) = (due_long_ago, due_long_ago));
    let renewed = reminders(&plan_at(&waiting(), at("2026-05-11T15:00:00Z")), &before);
    assert_eq!(renewed.first().map(|one| one.remind_at), Some(at(TUESDAY)));
}

#[test]
fn a_reminder_that_was_put_off_comes_again_however_soon() {
    let before = known(&waiting(), TUESDAY);
    let now = at("2026-05-12T14:30:00Z");
    for until in ["2026-05-12T14:45:00Z", "2026-05-12T17:30:00Z"] {
        let again = reminders(&plan_at(&put_off(until), now), &before);
        assert_eq!(again.first().map(|one| one.remind_at), Some(at(until)));
        // Once it came, it is not repeated.
        let later = at(until) + chrono::TimeDelta::minutes(1);
        assert_eq!(reminders(&plan_at(&put_off(until), later), &again), again);
    }
    // Put off to a moment that is over, it stays the one that came.
    assert_eq!(reminders(&plan_at(&put_off("2026-05-12T14:20:00Z"), now), &before), before);
}

#[test]
fn letting_go_is_said_once_though_its_moment_is_always_now() {
    let mut snapshot = waiting();
    let asked = follow_up("opp/follow_up/1/employer", FollowUpKind::FollowUp, Some(at(TUESDAY)));
    snapshot.follow_ups.push(asked);
    let before = known(&snapshot, "2026-06-15T14:00:00Z");
    assert_eq!(before.first().map(|one| one.kind), Some(ItemKind::CloseOut));
    // At night the moment of a new one would lie hours ahead.
    let night = plan_at(&snapshot, at("2026-06-16T03:00:00Z"));
    assert_eq!(reminders(&night, &before), before);
}

#[test]
fn the_headline_names_the_moment_while_it_lies_ahead() {
    let headline = |now: &str| {
        let headline = plan_at(&waiting(), at(now)).headline;
        (headline.rule, headline.param("when").is_some())
    };
    assert_eq!(headline("2026-05-11T12:29:59Z"), ("H2-WAIT", true));
    // From the opening of the first tactful day on, asking is fine already.
    assert_eq!(headline("2026-05-11T12:30:00Z"), ("H9-ALREADY-FINE", true));
    assert_eq!(headline(TUESDAY), ("H1-ACT-NOW", false));
}

#[test]
fn what_is_recorded_for_later_is_the_next_change() {
    let next = |snapshot: &Snapshot| plan_at(snapshot, at("2026-05-11T22:00:00Z")).next_change_at;
    assert_eq!(next(&nothing_yet()), None);
    let answered_at = at("2026-05-12T03:00:00Z");
    let replies = vec![reply("r1", answered_at, ReplyKind::ReplyInfo)];
    assert_eq!(next(&Snapshot { replies, ..nothing_yet() }), Some(answered_at));
}
