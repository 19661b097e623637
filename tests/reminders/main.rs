//! Reminders that arrive: a simulated fortnight in which many candidates in many zones do what candidates
//! do, across the days on which clocks change, and what must hold for every message that Firebase got.
//!
//! ```text
//! AFTERVIEW_ACCOUNTS=500 cargo test -p afterview-tests --test reminders -- --nocapture
//! ```
//!
//! A story is drawn from a seed (`AFTERVIEW_SEED`) and is the same on every database, and so must be what
//! is sent. The clock stands still but for the steps of the test: nothing here knows what time it is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod acts;
mod candidate;
mod invariants;
mod ledger;
mod settings;
mod world;

use afterview_tests::TestApp;
use world::{Fortnight, World};

/// How many accounts live through each fortnight, unless it is said otherwise.
const ACCOUNTS: u64 = 24;

#[expect(clippy::disallowed_methods, reason = "how long a test runs is said from outside")]
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// So many candidates live through a fortnight, on every database.
async fn live(fortnight: &Fortnight) {
    let (accounts, seed) = (setting("AFTERVIEW_ACCOUNTS", ACCOUNTS), setting("AFTERVIEW_SEED", 1));
    let mut stories = Vec::new();
    for (app, firebase) in TestApp::each_with_firebase().await {
        let mut world = World::new(app, firebase, seed);
        world.live(fortnight, usize::try_from(accounts).unwrap()).await;
        let (tally, messages) = world.end();
        println!("{accounts} accounts from {}, seed {seed}: {tally}", fortnight.begin);
        tally.assert_that_everything_happened();
        stories.push(messages);
    }
    stories.dedup();
    assert_eq!(stories.len(), 1, "two databases, two stories");
}

#[actix_web::test]
async fn what_is_due_comes_in_time_to_whom_it_should_when_clocks_go_back_in_the_north() {
    live(&Fortnight { begin: "2026-10-22T12:05:00Z", days: 14 }).await;
}

#[actix_web::test]
async fn what_is_due_comes_in_time_to_whom_it_should_when_clocks_go_forward_in_the_north() {
    live(&Fortnight { begin: "2027-03-13T12:05:00Z", days: 16 }).await;
}

#[actix_web::test]
async fn what_is_due_comes_in_time_to_whom_it_should_when_clocks_go_back_in_the_south() {
    live(&Fortnight { begin: "2027-03-31T12:05:00Z", days: 14 }).await;
}
