//! The real clock and the real source of randomness, handed to everything that needs them.

use afterview_domain::clock::{Clock, Instant};
use afterview_domain::ids::IdSource;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    // The one place that reads the system clock.
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> Instant {
        chrono::Utc::now()
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl IdSource for SystemRandom {
    // The one place that asks the operating system for randomness. Without it no secret would be
    // one, so there is nothing better to do than to stop.
    #[allow(clippy::disallowed_methods, clippy::expect_used)]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives no randomness");
    }
}
