//! A clock that stands still and randomness that counts.

use afterview_domain::clock::{Clock, Instant};
use afterview_domain::ids::IdSource;
use chrono::{DateTime, TimeDelta};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// The instant written as RFC 3339.
#[must_use]
pub fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// A clock that moves only when told to, also back.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Shown>>);

#[derive(Debug, Clone, Copy)]
struct Shown {
    now: Instant,
    /// How far it went forward.
    uptime: TimeDelta,
}

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        let uptime = now - DateTime::UNIX_EPOCH;
        Self(Arc::new(Mutex::new(Shown { now, uptime })))
    }

    /// What it shows.
    #[must_use]
    pub fn get(&self) -> Instant {
        self.0.lock().unwrap().now
    }

    /// Makes it show `now`.
    pub fn set(&self, now: &str) {
        self.show(|_| at(now));
    }

    /// Moves it forward.
    pub fn advance(&self, by: TimeDelta) {
        self.show(|now| now + by);
    }

    fn show(&self, next: impl FnOnce(Instant) -> Instant) {
        let mut shown = self.0.lock().unwrap();
        let now = next(shown.now);
        let forward = (now - shown.now).max(TimeDelta::zero());
        *shown = Shown { now, uptime: shown.uptime + forward };
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        self.get()
    }

    fn uptime(&self) -> std::time::Duration {
        self.0.lock().unwrap().uptime.to_std().unwrap()
    }
}

/// Randomness that is the same in every run and never repeats within one.
#[derive(Debug, Default)]
pub struct CountedIds(AtomicU64);

impl IdSource for CountedIds {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            // The finaliser of SplitMix64 (Steele, Lea and Flood, 2014) over a counter.
            let mut z = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            for (to, from) in chunk.iter_mut().zip((z ^ (z >> 31)).to_be_bytes()) {
                *to = from;
            }
        }
    }
}
