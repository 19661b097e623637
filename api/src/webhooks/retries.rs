//! What an answer means, and when to try again.
//!
//! **Must never** read a clock or draw randomness: both are parameters.

use afterview_domain::clock::Instant;
use chrono::TimeDelta;
use std::time::Duration;

/// For so long an event is tried again; and a webhook to which nothing arrived meanwhile is disabled then.
pub const PATIENCE: TimeDelta = TimeDelta::days(3);

/// The longest wait before the first repetition, and before any.
const BASE: Duration = Duration::from_secs(10);
const CAP: Duration = Duration::from_secs(8 * 60 * 60);

/// The longest wait of other events.
const PAUSE_CAP: Duration = Duration::from_secs(5 * 60);

/// By how much the longest wait grows each time.
const GROWTH: u32 = 4;

/// What a receiver may ask for at most. A wrong header must not use up the three days.
pub const ASKED_CAP: Duration = Duration::from_secs(12 * 60 * 60);

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver has the event.
    Delivered,
    /// The receiver wants no more of them, ever.
    Gone,
    /// It did not work this time.
    Again,
}

/// THE table from a status, or that there was none, to what it means.
#[must_use]
pub fn judge(status: Option<u16>) -> Verdict {
    match status {
        Some(200..=299) => Verdict::Delivered,
        Some(410) => Verdict::Gone,
        _ => Verdict::Again,
    }
}

/// How long an event waits after so many failures of its own, the first being 1: what the receiver asked for at
/// least, and between half and all of a time that grows from ten seconds to eight hours. `share` is random between
/// 0 and 1; anything else counts as 1.
#[must_use]
pub fn wait(failures: u32, asked: Option<Duration>, share: f64) -> TimeDelta {
    longer(backoff(failures, share), asked)
}

/// How long the other events of a webhook wait after so many failures of it in a row: the same, but five minutes at
/// most unless the receiver asked for more, because it may be the event that it cannot take.
#[must_use]
pub fn pause(failures: u32, asked: Option<Duration>, share: f64) -> TimeDelta {
    longer(backoff(failures, share).min(PAUSE_CAP), asked)
}

fn backoff(failures: u32, share: f64) -> Duration {
    let growth = GROWTH.saturating_pow(failures.saturating_sub(1));
    let ceiling = BASE.saturating_mul(growth).min(CAP);
    let share = if (0.0..=1.0).contains(&share) { share } else { 1.0 };
    ceiling.mul_f64(0.5 + share / 2.0)
}

fn longer(own: Duration, asked: Option<Duration>) -> TimeDelta {
    let wait = own.max(asked.unwrap_or_default().min(ASKED_CAP));
    TimeDelta::from_std(wait).unwrap_or(PATIENCE)
}

/// When an event that happened at `created` and failed at `now` is tried again after `wait`; `None` if it is
/// given up. The last time is when the patience ends.
#[must_use]
pub fn next_attempt(created: Instant, now: Instant, wait: TimeDelta) -> Option<Instant> {
    let end = created + PATIENCE;
    (now < end).then(|| (now + wait).min(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterview_domain::clock::from_millis;

    #[test]
    fn two_hundreds_are_taken_and_everything_else_is_tried_again_but_410() {
        for status in [200, 202, 204, 299] {
            assert_eq!(judge(Some(status)), Verdict::Delivered, "{status}");
        }
        assert_eq!(judge(Some(410)), Verdict::Gone);
        for status in [100, 199, 301, 307, 400, 401, 404, 408, 429, 500, 503, 599] {
            assert_eq!(judge(Some(status)), Verdict::Again, "{status}");
        }
        assert_eq!(judge(None), Verdict::Again);
    }

    #[test]
    fn the_longest_wait_grows_from_ten_seconds_to_eight_hours() {
        let longest: Vec<i64> = (1..9).map(|n| wait(n, None, 1.0).num_seconds()).collect();
        assert_eq!(longest, [10, 40, 160, 640, 2_560, 10_240, 28_800, 28_800]);
        assert_eq!(wait(u32::MAX, None, 1.0).num_seconds(), 28_800);
        assert_eq!(wait(0, None, 1.0).num_seconds(), 10);
    }

    #[test]
    fn a_wait_is_drawn_from_its_longer_half() {
        assert_eq!(wait(2, None, 0.0).num_seconds(), 20);
        assert_eq!(wait(2, None, 0.5).num_seconds(), 30);
        for impossible in [f64::NAN, f64::INFINITY, -1.0, 2.0] {
            assert_eq!(wait(2, None, impossible).num_seconds(), 40);
        }
    }

    #[test]
    fn what_the_receiver_asks_for_is_the_least_it_gets_and_half_a_day_the_most() {
        let asked = |secs| Some(Duration::from_secs(secs));
        assert_eq!(wait(1, asked(3_600), 1.0).num_seconds(), 3_600);
        assert_eq!(wait(7, asked(1), 1.0).num_seconds(), 28_800);
        assert_eq!(wait(1, asked(u64::MAX), 1.0).num_hours(), 12);
    }

    #[test]
    fn other_events_wait_five_minutes_at_most_unless_the_receiver_asks_for_more() {
        let longest: Vec<i64> = (1..6).map(|n| pause(n, None, 1.0).num_seconds()).collect();
        assert_eq!(longest, [10, 40, 160, 300, 300]);
        assert_eq!(pause(1, Some(Duration::from_secs(900)), 1.0).num_seconds(), 900);
    }

    #[test]
    fn the_last_attempt_is_when_the_patience_ends() {
        let (day, hour) = (24 * 3_600_000, TimeDelta::hours(1));
        let at = from_millis;
        assert_eq!(next_attempt(at(0), at(day), hour), Some(at(day) + hour));
        assert_eq!(next_attempt(at(0), at(3 * day - 1), hour), Some(at(3 * day)));
        assert_eq!(next_attempt(at(0), at(3 * day), hour), None);
    }

    #[test]
    fn about_fifteen_attempts_fit_into_three_days() {
        let attempts = |share| {
            let (mut now, mut count) = (from_millis(0), 0);
            while let Some(next) = next_attempt(from_millis(0), now, wait(count + 1, None, share)) {
                (now, count) = (next, count + 1);
            }
            count + 1
        };
        assert_eq!((attempts(1.0), attempts(0.0)), (16, 25));
    }
}
