//! What must hold for every plan, whatever the facts.

#![allow(clippy::expect_used, reason = "a test may stop at what cannot be")]

#[path = "properties/facts.rs"]
mod facts;
#[path = "support/world.rs"]
mod world;

use afterview_domain::clock::Instant;
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::reply::ReplyKind;
use afterview_domain::plan::{Item, ItemKind, Plan, Policy, Snapshot, Verdict, plan, rules};
use chrono::TimeDelta;
use facts::{YEAR, a_year_later, base, moment, snapshot};
use proptest::prelude::*;
use std::collections::BTreeSet;
use world::{follow_up, plan_at, promised, record_of, reply, state};

fn config() -> ProptestConfig {
    ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() }
}

fn is_asking(item: &Item) -> bool {
    matches!(item.kind, ItemKind::FollowUp | ItemKind::CloseOut)
}

fn asking(plan: &Plan) -> Option<&Item> {
    plan.items.iter().find(|item| is_asking(item))
}

/// How far a verdict has gone; a blocked item has not set out.
fn progress(verdict: Verdict) -> Option<u8> {
    match verdict {
        Verdict::TooSoon => Some(0),
        Verdict::GoodTime => Some(1),
        Verdict::Overdue | Verdict::LastCall => Some(2),
        Verdict::LetItGo => Some(3),
        Verdict::Blocked => None,
    }
}

fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|part| part.split('}').next())
}

/// What may not change before the announced moment.
fn outline(plan: &Plan) -> Vec<(String, Verdict, Instant, Instant, Instant)> {
    let stale = |item: &Item| item.reasons.iter().any(|reason| reason.rule == "G2-STALE");
    let items = plan.items.iter().filter(|item| !stale(item));
    let mut outline: Vec<_> = items
        .map(|item| (item.key.clone(), item.verdict, item.earliest, item.ideal, item.latest))
        .collect();
    outline.sort();
    outline
}

fn reversed(snapshot: &Snapshot) -> Snapshot {
    let mut other = snapshot.clone();
    other.contacts.reverse();
    other.interviews.reverse();
    other.interviews.iter_mut().for_each(|interview| interview.attendees.reverse());
    other.expectations.reverse();
    other.commitments.reverse();
    other.follow_ups.reverse();
    other.replies.reverse();
    other.offers.reverse();
    other.offers_elsewhere.reverse();
    other.supplements.reverse();
    other.opportunity.office.closures.reverse();
    other
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_order_of_the_facts_changes_nothing(snapshot in snapshot(), now in moment()) {
        let first = plan_at(&snapshot, now);
        prop_assert_eq!(&first, &plan_at(&snapshot, now));
        prop_assert_eq!(&first, &plan_at(&reversed(&snapshot), now));
        prop_assert_eq!(state(&snapshot, now), state(&reversed(&snapshot), now));
    }

    #[test]
    fn every_plan_is_well_formed(snapshot in snapshot(), now in moment()) {
        let plan = plan_at(&snapshot, now);
        let keys: BTreeSet<_> = plan.items.iter().map(|item| &item.key).collect();
        prop_assert_eq!(keys.len(), plan.items.len());
        for item in &plan.items {
            prop_assert!(item.earliest <= item.ideal || item.kind == ItemKind::PrepClose);
            prop_assert!(item.do_at.is_none_or(|do_at| do_at >= now));
            if item.verdict == Verdict::Blocked {
                prop_assert_eq!((item.do_at, item.remind_at), (None, None));
            }
            for reason in item.reasons.iter().chain([&plan.headline]) {
                let rule = rules::find(reason.rule).expect("a registered rule");
                for name in placeholders(rule.template) {
                    prop_assert!(reason.param(name).is_some(), "{} lacks {name}", rule.id);
                }
            }
        }
        prop_assert!(plan.next_change_at.is_none_or(|next| next > now));
    }

    #[test]
    fn nothing_changes_before_the_announced_moment(
        snapshot in snapshot(), now in moment(), part in 0_i32..=100
    ) {
        let plan = plan_at(&snapshot, now);
        let next = plan.next_change_at.unwrap_or(now + TimeDelta::days(400));
        let waited = (next - now - TimeDelta::milliseconds(1)) * part / 100;
        prop_assert_eq!(outline(&plan), outline(&plan_at(&snapshot, now + waited)));
    }

    #[test]
    fn another_day_off_never_makes_a_follow_up_earlier(
        mut snapshot in snapshot(), now in moment(), days in 0_i64..60
    ) {
        snapshot.replies.retain(|reply| reply.kind != ReplyKind::NewDate);
        let before = plan_at(&snapshot, now);
        let day_off = base().date_naive() + TimeDelta::days(days);
        snapshot.opportunity.office.closures.push(day_off);
        let after = plan_at(&snapshot, now);
        if let (Some(before), Some(after)) = (asking(&before), asking(&after))
            && before.key == after.key
        {
            prop_assert!(before.earliest <= after.earliest && before.ideal <= after.ideal);
        }
    }

    #[test]
    fn the_candidates_zone_moves_only_reminders(snapshot in snapshot(), now in moment()) {
        let mut travelled = snapshot.clone();
        travelled.preferences.time_zone = chrono_tz::Asia::Tokyo;
        let at_home = plan_at(&snapshot, now);
        let mut abroad = plan_at(&travelled, now);
        prop_assert_eq!(at_home.items.len(), abroad.items.len());
        for (abroad, home) in abroad.items.iter_mut().zip(&at_home.items) {
            abroad.remind_at = home.remind_at;
            let moved = |flag: &str| matches!(flag, "schedule_send" | "snooze_past_latest");
            abroad.flags.retain(|flag| !moved(flag));
            abroad.flags.extend(home.flags.iter().filter(|flag| moved(flag)).cloned());
        }
        prop_assert_eq!(&at_home.items, &abroad.items);
    }

    #[test]
    fn doing_what_is_advised_settles_it(snapshot in snapshot(), now in moment()) {
        for item in plan_at(&snapshot, now).items {
            let Some(do_at) = item.do_at else { continue };
            let Some(record) = record_of(&item, do_at) else { continue };
            let mut done = snapshot.clone();
            done.follow_ups.retain(|known| known.action_key != record.action_key);
            done.follow_ups.push(record);
            let after = plan_at(&done, do_at);
            let action_key = item.action_key();
            prop_assert!(after.items.iter().all(|other| other.action_key() != action_key));
            prop_assert!(after.items.iter().filter(|item| is_asking(item)).count() <= 1);
        }
    }

    #[test]
    fn an_answer_never_raises_the_count_of_unanswered_messages(
        snapshot in snapshot(), now in moment(), minutes in 0_i64..30_000
    ) {
        let count = |snapshot: &Snapshot| asking(&plan_at(snapshot, now)).and_then(|item| item.n);
        let before = count(&snapshot);
        let answered_at = (base() + TimeDelta::minutes(minutes)).min(now);
        let with = |kind| {
            let mut answered = snapshot.clone();
            answered.replies.push(reply("answer", answered_at, kind));
            count(&answered)
        };
        if let (Some(before), Some(after)) = (before, with(ReplyKind::ReplyInfo)) {
            prop_assert!(after <= before);
        }
        if let (Some(before), Some(after)) = (before, with(ReplyKind::OutOfOffice)) {
            prop_assert_eq!(after, before);
        }
    }

    #[test]
    fn an_earlier_promise_never_makes_the_first_follow_up_later(
        mut snapshot in snapshot(), now in moment(), by in 0_i64..30, earlier in 0_i64..10
    ) {
        snapshot.commitments.clear();
        snapshot.replies.clear();
        snapshot.follow_ups.retain(|record| record.kind != FollowUpKind::FollowUp);
        let mut promised_by = |days: i64| {
            let spoken_at = base() + TimeDelta::days(1);
            let by = spoken_at.date_naive() + TimeDelta::days(days);
            snapshot.expectations = vec![promised("e", spoken_at, by)];
            plan_at(&snapshot, now)
        };
        let (late, early) = (promised_by(by + earlier), promised_by(by));
        if let (Some(late), Some(early)) = (asking(&late), asking(&early)) {
            prop_assert!(early.earliest <= late.earliest && early.ideal <= late.ideal);
        }
    }

    #[test]
    fn verdicts_only_move_forward(snapshot in snapshot(), hours in 1_i64..400) {
        let now = base() + TimeDelta::days(40);
        let later = plan_at(&snapshot, now + TimeDelta::hours(hours));
        for item in plan_at(&snapshot, now).items {
            let Some(later) = later.items.iter().find(|later| later.key == item.key) else {
                continue;
            };
            if let (Some(before), Some(after)) = (progress(item.verdict), progress(later.verdict)) {
                prop_assert!(before <= after, "{} went back", item.key);
            }
        }
    }

    #[test]
    fn waiting_for_the_advised_moment_is_never_less_tactful(
        snapshot in snapshot(), now in moment()
    ) {
        for item in plan_at(&snapshot, now).items {
            let timely = matches!(item.verdict, Verdict::TooSoon | Verdict::GoodTime);
            let stays_timely = item.do_at.is_some_and(|do_at| do_at <= item.latest);
            let timely = timely && stays_timely && item.kind != ItemKind::Custom;
            if timely && let (Some(then), Some(now)) = (item.tact_at_do, item.tact_now) {
                prop_assert!(then >= now, "{}: {now} now, {then} then", item.key);
            }
        }
    }

    #[test]
    fn the_same_story_a_year_later_is_advised_alike(mut snapshot in snapshot(), now in moment()) {
        snapshot.opportunity.office.calendar = Some("NONE".to_owned());
        let then = outline(&plan_at(&a_year_later(&snapshot), now + YEAR));
        let mut now = outline(&plan_at(&snapshot, now));
        for (_, _, earliest, ideal, latest) in &mut now {
            *earliest += YEAR;
            *ideal += YEAR;
            *latest += YEAR;
        }
        prop_assert_eq!(now, then);
    }

    #[test]
    fn absurd_policies_and_moments_do_no_harm(
        snapshot in snapshot(), millis in -8_000_000_000_000_000_i64..8_000_000_000_000_000
    ) {
        let now = afterview_domain::clock::from_millis(millis);
        let policy = Policy { hedge_slack_bd: 100_000, ..Policy::default() };
        let _ = plan(&snapshot, &policy, now);
        let _ = plan(&Snapshot { follow_ups: vec![follow_up("", FollowUpKind::Custom, None)], ..snapshot }, &policy, now);
    }
}
