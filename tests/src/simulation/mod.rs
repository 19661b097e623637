//! The deterministic simulation: some devices, a server, a bad network, and bad luck, all from one seed.
//!
//! The code under test is real: the engine writes on a log in memory, the pull reads from it, and the
//! devices run the algorithm that apps are told to run. Where they meet is `seam.rs`.
//! **Must never** depend on anything but the seed: no clock, no map with a random order, no thread.

mod account;
mod audit;
mod bug;
mod edits;
mod mirror;
mod oracle;
mod quiet;
mod random;
mod seam;
mod server;
mod unit;
mod values;
mod world;

pub use account::Replaced;
pub use bug::Bug;
pub use mirror::RealStores;
pub use oracle::Tally;
pub use random::Random;
pub use server::{Kept, MemoryServer, Server};
pub use world::{Failure, run};

/// The moment at which every schedule begins: 2026-05-06T19:05:00Z.
pub const START_MS: i64 = 1_778_094_300_000;

/// Runs the schedule of `seed` against a fresh server in memory with a planted `bug`.
///
/// # Errors
/// What the oracle found, with the trace of the run.
pub fn run_in_memory(seed: u64, bug: Bug) -> Result<Tally, Box<Failure>> {
    run(seed, false, &mut MemoryServer::new(bug, START_MS)).or_else(|_| {
        // Once more, now with everything written down.
        run(seed, true, &mut MemoryServer::new(bug, START_MS))
    })
}
