//! How long advice takes and how often it allocates: `cargo bench -p afterview-domain`.
//!
//! What is aimed at, as medians on one core of an ordinary server: 30 µs for the plan of an
//! opportunity with 50 facts, 8 ms for the plans of 200 of them in one order, 2 µs for reading a
//! phrase, and time in proportion to the facts.
//!
//! **Must never** fail for being slow: the machine decides that as well.

#![allow(clippy::expect_used, reason = "a benchmark may stop at what cannot be")]

mod story;
#[path = "../../tests/support/world.rs"]
mod world;

use afterview_domain::calendar::BusinessOffice;
use afterview_domain::plan::{Item, Plan, Policy, Snapshot, compare, plan};
use afterview_domain::promise::{Reading, parse};
use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher, black_box};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// One plan. The number of facts doubles: the time per fact, which is what the throughput says,
/// should stay.
#[divan::bench(args = [12, 25, 50, 100, 200, 400])]
fn plan_of_facts(bencher: Bencher<'_, '_>, facts: usize) {
    let (snapshot, policy) = (story::of(facts), Policy::default());
    let planned = bencher.counter(ItemsCount::new(facts));
    planned.bench_local(|| -> Plan { plan(black_box(&snapshot), &policy, story::now()) });
}

/// What is to be done for all of 200 opportunities with 50 facts each, in one order.
#[divan::bench]
fn agenda_of_200(bencher: Bencher<'_, '_>) {
    let (snapshots, policy) = (vec![story::of(50); 200], Policy::default());
    bencher.bench_local(|| -> Vec<Item> {
        let plans =
            black_box(&snapshots).iter().map(|story: &Snapshot| plan(story, &policy, story::now()));
        let mut items: Vec<_> = plans.flat_map(|plan| plan.items).collect();
        items.sort_by(compare);
        items
    });
}

/// Words of every row of the grammar.
#[divan::bench(args = [
    "after the holidays",
    "2027-01-18",
    "mid to late April",
    "end of the month",
    "end of the quarter",
    "March 3",
    "after the 15th",
    "2-3 business days",
    "a week or two",
    "a couple of weeks",
    "a few days",
    "within ten business days",
    "early next week",
    "next week",
    "by the end of the week",
    "this week",
    "Tuesday week",
    "next Tuesday",
    "hopefully by Thursday",
    "close of business",
    "tomorrow by 3pm",
    "probably in about two weeks",
    "we'll be in touch soon",
    "when the stars align",
])]
fn phrase(bencher: Bencher<'_, '_>, words: &str) {
    let office = BusinessOffice::new(&world::new_york(), chrono_tz::UTC);
    bencher.bench_local(|| -> Reading { parse(&office, black_box(words), story::now()) });
}

/// A long letter in which no row finds anything: the most that reading can cost.
#[divan::bench]
fn letter_without_a_date(bencher: Bencher<'_, '_>) {
    let office = BusinessOffice::new(&world::new_york(), chrono_tz::UTC);
    let letter = "thank you for the good talk about the team and its work ".repeat(40);
    bencher.bench_local(|| -> Reading { parse(&office, black_box(&letter), story::now()) });
}
