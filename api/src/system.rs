//! The real clock and the real source of randomness, handed to everything that needs them.

use afterview_domain::clock::{Clock, Instant};
use afterview_domain::ids::IdSource;
use std::sync::LazyLock;
use std::time::Duration;

/// When this program was first asked how long it has run.
static BEGIN: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the only place that reads the system clock")]
    fn now(&self) -> Instant {
        chrono::Utc::now()
    }

    fn uptime(&self) -> Duration {
        BEGIN.elapsed()
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl IdSource for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the only place that asks for randomness")]
    #[expect(clippy::expect_used, reason = "without randomness no secret would be one: stop")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives no randomness");
    }
}
