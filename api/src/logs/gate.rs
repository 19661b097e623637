//! A gate for lines that a busy moment would write by the thousand.
//!
//! **Must never** lose a line without saying so: the next one that passes tells how many were left out.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many lines pass in a span of time.
const LINES: u32 = 20;
const SPAN: Duration = Duration::from_secs(10);

/// Lets some lines pass in every span of time.
#[derive(Debug, Default)]
pub struct Gate(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    began: Option<Instant>,
    passed: u32,
    left_out: u64,
}

impl Gate {
    /// Whether a line may be written; then, how many were left out since the one before.
    pub fn pass(&self) -> Option<u64> {
        self.pass_at(Instant::now())
    }

    fn pass_at(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.began.is_none_or(|began| now - began >= SPAN) {
            (state.began, state.passed) = (Some(now), 0);
        }
        if state.passed == LINES {
            state.left_out += 1;
            return None;
        }
        state.passed += 1;
        Some(std::mem::take(&mut state.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_lines_is_cut_and_counted() {
        let (gate, now) = (Gate::default(), Instant::now());
        let passed = (0..100).filter_map(|_| gate.pass_at(now)).collect::<Vec<_>>();
        assert_eq!(passed, [0; 20]);
        assert_eq!(gate.pass_at(now + SPAN), Some(80));
        assert_eq!(gate.pass_at(now + SPAN), Some(0));
    }
}
