//! What must hold for every plan, whatever the facts.
//!
//! The twelve metamorphic properties of the planner: how its advice may change when the facts do.
//!
//! | No. | Property | Test |
//! |---|---|---|
//! | 1 | The order of the facts changes nothing | `order::the_order_of_the_facts_changes_nothing` |
//! | 2 | A day off more never makes a follow-up earlier | `places::another_day_off_never_makes_a_follow_up_earlier` |
//! | 3 | The candidate's zone moves only reminders | `places::the_candidates_zone_moves_only_reminders` |
//! | 4 | What is recorded as done leaves the plan | `deeds::doing_what_is_advised_settles_it` |
//! | 5 | Answers never raise the count of unanswered messages | `deeds::an_answer_never_raises_the_count_of_unanswered_messages` |
//! | 6 | An earlier promise never makes the window later | `deeds::an_earlier_promise_never_makes_the_follow_up_later` |
//! | 7 | While nothing happens, verdicts only move forward | `waiting::verdicts_only_move_forward` |
//! | 8 | It does not matter how facts arrive | `order::facts_that_arrive_in_any_order_and_twice_make_the_same_plan` |
//! | 9 | 52 weeks later the advice is the same | `places::the_same_story_a_year_later_is_advised_alike` |
//! | 10 | What is blocked has no reminder | `waiting::what_is_blocked_is_never_pushed` |
//! | 11 | Waiting for the advised moment is never less tactful | `waiting::waiting_for_the_advised_moment_is_never_less_tactful` |
//! | 12 | Every recipient is somebody | `order::every_recipient_is_somebody` |
//!
//! Beside them, in `shape`: what is well formed, what is announced, and what does no harm.
//!
//! `PROPTEST_CASES` sets how many cases each test tries. A failing one leaves its seed in
//! `regressions.txt`, which is checked in and tried first from then on.

#![allow(clippy::expect_used, reason = "a test may stop at what cannot be")]

mod deeds;
mod given;
mod order;
mod places;
mod shape;
mod waiting;
#[path = "../support/world.rs"]
mod world;

use afterview_domain::clock::Instant;
use afterview_domain::plan::{Item, ItemKind, Plan, Verdict};
use proptest::prelude::ProptestConfig;
use proptest::test_runner::FileFailurePersistence;

/// As proptest reads it from the environment, with the failures kept beside the tests.
fn config() -> ProptestConfig {
    let regressions = FileFailurePersistence::Direct("tests/properties/regressions.txt");
    ProptestConfig { failure_persistence: Some(Box::new(regressions)), ..ProptestConfig::default() }
}

/// Whether `item` asks where things stand, or gives that up.
fn is_asking(item: &Item) -> bool {
    matches!(item.kind, ItemKind::FollowUp | ItemKind::CloseOut)
}

fn asking(plan: &Plan) -> Option<&Item> {
    plan.items.iter().find(|item| is_asking(item))
}

fn has_rule(item: &Item, rule: &str) -> bool {
    item.reasons.iter().any(|reason| reason.rule == rule)
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

/// What may not change before the announced moment. A message too late to be worth it is dated now.
fn outline(plan: &Plan) -> Vec<(String, Verdict, Instant, Instant, Instant)> {
    let items = plan.items.iter().filter(|item| !has_rule(item, "G2-STALE"));
    let mut outline: Vec<_> = items
        .map(|item| (item.key.clone(), item.verdict, item.earliest, item.ideal, item.latest))
        .collect();
    outline.sort();
    outline
}
