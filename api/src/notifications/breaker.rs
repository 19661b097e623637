//! The circuit breaker of one provider: while it fails for everybody, nobody keeps asking.
//!
//! Closed, every sending goes. After [`THRESHOLD`] failures in a row it opens, and nothing goes for
//! [`COOL_DOWN_S`] seconds. Then one sending goes to see; its success closes the breaker, its failure
//! opens it again.
//!
//! **Must never** read a clock: time is a parameter.

use afterview_domain::clock::Instant;
use chrono::TimeDelta;
use std::time::Duration;

/// So many failures in a row open it.
pub const THRESHOLD: u32 = 5;

/// For so long it stays open, in seconds. A sending that goes to see has as long to report back.
pub const COOL_DOWN_S: i64 = 30;

/// The answer to whether a sending may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// It may.
    Go,
    /// It may not; ask again after this time.
    Wait(Duration),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        until: Instant,
    },
    /// One is on its way to see. If nobody hears of it until then, another one goes.
    HalfOpen {
        until: Instant,
    },
}

/// A circuit breaker, closed at first.
#[derive(Debug)]
pub struct Breaker(State);

impl Default for Breaker {
    fn default() -> Self {
        Self(State::Closed { failures: 0 })
    }
}

impl Breaker {
    /// Whether a sending may go at `now`. Whoever goes reports by [`Self::succeeded`] or
    /// [`Self::failed`].
    pub fn ask(&mut self, now: Instant) -> Passage {
        match self.0 {
            State::Closed { .. } => Passage::Go,
            State::Open { until } | State::HalfOpen { until } if now < until => {
                Passage::Wait((until - now).to_std().unwrap_or_default())
            }
            State::Open { .. } | State::HalfOpen { .. } => {
                self.0 = State::HalfOpen { until: cool_down(now) };
                Passage::Go
            }
        }
    }

    /// The provider answered, whatever it said of the message.
    pub fn succeeded(&mut self) {
        self.0 = State::Closed { failures: 0 };
    }

    /// The provider failed at `now`.
    pub fn failed(&mut self, now: Instant) {
        self.0 = match self.0 {
            State::Closed { failures } if failures + 1 < THRESHOLD => {
                State::Closed { failures: failures + 1 }
            }
            // One of those that were on their way when it opened.
            State::Open { until } => State::Open { until },
            State::Closed { .. } | State::HalfOpen { .. } => State::Open { until: cool_down(now) },
        };
    }
}

fn cool_down(now: Instant) -> Instant {
    now + TimeDelta::seconds(COOL_DOWN_S)
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterview_domain::clock::from_millis;

    fn second(count: i64) -> Instant {
        from_millis(count * 1000)
    }

    fn wait(seconds: u64) -> Passage {
        Passage::Wait(Duration::from_secs(seconds))
    }

    fn opened_at_zero() -> Breaker {
        let mut breaker = Breaker::default();
        (0..THRESHOLD).for_each(|_| breaker.failed(second(0)));
        breaker
    }

    #[test]
    fn five_failures_in_a_row_open_it_and_four_do_not() {
        let mut breaker = Breaker::default();
        for _ in 0..4 {
            breaker.failed(second(0));
        }
        assert_eq!(breaker.ask(second(0)), Passage::Go);
        breaker.failed(second(0));
        assert_eq!(breaker.ask(second(10)), wait(20));
    }

    #[test]
    fn a_success_in_between_starts_the_counting_anew() {
        let mut breaker = Breaker::default();
        for _ in 0..20 {
            (0..4).for_each(|_| breaker.failed(second(0)));
            breaker.succeeded();
        }
        assert_eq!(breaker.ask(second(0)), Passage::Go);
    }

    #[test]
    fn after_the_cool_down_one_goes_to_see_and_the_others_wait() {
        let mut breaker = opened_at_zero();
        assert_eq!(breaker.ask(second(30)), Passage::Go);
        assert_eq!(breaker.ask(second(31)), wait(29));
        breaker.succeeded();
        assert_eq!(breaker.ask(second(31)), Passage::Go);
    }

    #[test]
    fn a_failure_of_the_one_that_went_to_see_opens_it_again() {
        let mut breaker = opened_at_zero();
        assert_eq!(breaker.ask(second(30)), Passage::Go);
        breaker.failed(second(40));
        assert_eq!(breaker.ask(second(41)), wait(29));
    }

    #[test]
    fn failures_of_those_that_were_on_their_way_do_not_keep_it_open_longer() {
        let mut breaker = opened_at_zero();
        breaker.failed(second(9));
        assert_eq!(breaker.ask(second(29)), wait(1));
        assert_eq!(breaker.ask(second(30)), Passage::Go);
    }

    #[test]
    fn one_that_went_to_see_and_was_never_heard_of_again_does_not_close_the_road() {
        let mut breaker = opened_at_zero();
        assert_eq!(breaker.ask(second(30)), Passage::Go);
        assert_eq!(breaker.ask(second(60)), Passage::Go);
    }
}
