//! The simulation in CI: thousands of schedules must come out right, and planted mistakes must be found.
//!
//! `AFTERVIEW_SCHEDULES` sets how many schedules are run, `AFTERVIEW_FIRST_SEED` from which seed on,
//! `AFTERVIEW_SEED` runs one. For many of them
//! build it optimised: `cargo test -p afterview-tests --test simulation --profile checked`.
// Tests may stop at the first surprise.
#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod device;

use afterview_tests::simulation::{Bug, Failure, RealStores, Tally, run_in_memory};
use std::thread;
use std::time::Instant;

/// How many schedules are run unless the environment says otherwise. `.ci/run` says 5,000.
const SCHEDULES: u64 = 200;

/// On how many threads.
const THREADS: u64 = 2;

/// Within how many seeds a planted mistake must be found.
const SEEDS_TO_FIND: u64 = 40;

#[expect(
    clippy::disallowed_methods,
    reason = "how long to search is up to whoever runs the search"
)]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a whole number"))
}

/// Runs every `THREADS`th seed from `first` on, up to `end`.
fn stride(first: u64, end: u64) -> Result<Tally, Box<Failure>> {
    let mut sum = Tally::default();
    let step = usize::try_from(THREADS).expect("small");
    for seed in (first..end).step_by(step) {
        sum.add(&run_in_memory(seed, Bug::None)?);
    }
    Ok(sum)
}

#[test]
fn every_schedule_ends_with_everybody_seeing_the_same_and_nothing_lost() {
    if let Some(seed) = number("AFTERVIEW_SEED") {
        let tally = run_in_memory(seed, Bug::None).unwrap_or_else(|failure| panic!("{failure}"));
        println!("seed {seed}: {tally:?}");
        return;
    }
    let schedules = number("AFTERVIEW_SCHEDULES").unwrap_or(SCHEDULES);
    let from = number("AFTERVIEW_FIRST_SEED").unwrap_or(0);
    let started = Instant::now();
    let threads: Vec<_> =
        (0..THREADS).map(|n| thread::spawn(move || stride(from + n, from + schedules))).collect();
    let mut sum = Tally::default();
    for thread in threads {
        let tally = thread.join().expect("no panic in a schedule");
        sum.add(&tally.unwrap_or_else(|failure| panic!("{failure}")));
    }
    println!("{schedules} schedules in {:.1?}: {sum:?}", started.elapsed());
    assert!(sum.restores > 0 && sum.resets > 0, "no schedule went through a restore: {sum:?}");
}

/// How many schedules run on databases: each request costs milliseconds there.
const SCHEDULES_ON_DATABASES: u64 = 20;

#[test]
fn databases_answer_as_memory_does_to_the_last_byte() {
    let stores = RealStores::open();
    let started = Instant::now();
    let mut sum = Tally::default();
    for seed in 0..number("AFTERVIEW_ON_DATABASES").unwrap_or(SCHEDULES_ON_DATABASES) {
        sum.add(&stores.run(seed).unwrap_or_else(|failure| panic!("{failure}")));
    }
    println!("on databases in {:.1?}: {sum:?}", started.elapsed());
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 0..20 {
        let tallies = [(); 2].map(|()| run_in_memory(seed, Bug::None).map_err(|f| f.to_string()));
        assert_eq!(tallies[0], tallies[1]);
    }
}

#[test]
fn planted_mistakes_are_found() {
    for bug in Bug::PLANTED {
        let found = (0..SEEDS_TO_FIND).find_map(|seed| run_in_memory(seed, bug).err());
        let found =
            found.unwrap_or_else(|| panic!("{bug:?} goes unnoticed in {SEEDS_TO_FIND} seeds"));
        println!("{bug:?}: seed {}, {}", found.seed, found.found.first().expect("a finding"));
    }
}
