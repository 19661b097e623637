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
mod world;

use afterview_tests::TestApp;
use world::{Fortnight, World};

/// How many accounts there are in all fortnights together, unless it is said otherwise.
const ACCOUNTS: u64 = 60;

/// The fortnights: in the first one clocks go back in Europe and then in America; in the second one they
/// go forward there; in the last one they go back in the south.
const FORTNIGHTS: [Fortnight; 3] = [
    Fortnight { begin: "2026-10-22T12:05:00Z", days: 14 },
    Fortnight { begin: "2027-03-13T12:05:00Z", days: 17 },
    Fortnight { begin: "2027-03-31T12:05:00Z", days: 14 },
];

#[expect(clippy::disallowed_methods, reason = "how long a test runs is said from outside")]
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[actix_web::test]
async fn what_is_due_comes_in_time_once_to_whom_it_should_and_to_nobody_else() {
    let (accounts, seed) = (setting("AFTERVIEW_ACCOUNTS", ACCOUNTS), setting("AFTERVIEW_SEED", 1));
    let mut told = Vec::new();
    for (app, firebase) in TestApp::each_with_firebase().await {
        let mut world = World::new(app, firebase, seed);
        for (number, fortnight) in (0..).zip(&FORTNIGHTS) {
            let share = (accounts + number) / 3;
            world.live(fortnight, usize::try_from(share).unwrap()).await;
        }
        let (tally, transcript) = world.end();
        println!("{accounts} accounts from seed {seed}: {tally}");
        tally.assert_that_everything_happened();
        told.push(transcript);
    }
    told.dedup();
    assert_eq!(told.len(), 1, "two databases, two stories");
}
