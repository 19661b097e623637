//! When to try again: what the provider asked for, else exponential backoff with full jitter.
//!
//! **Must never** read a clock or draw randomness: both are parameters.

use afterview_domain::clock::Instant;
use chrono::{DateTime, NaiveDateTime};
use std::time::Duration;

/// The longest wait before the first repetition.
pub const BASE: Duration = Duration::from_secs(10);

/// The longest wait before any repetition, unless the provider asks for more.
pub const CAP: Duration = Duration::from_secs(15 * 60);

/// The shortest wait after a quota was used up, unless the provider asks for less.
pub const QUOTA_FLOOR: Duration = Duration::from_secs(60);

/// What a provider may ask for at most. A wrong header must not silence a server for a day.
pub const ASKED_CAP: Duration = Duration::from_secs(60 * 60);

/// Who has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Only this registration.
    Device,
    /// Everything that goes through the same provider.
    Project,
}

/// Why it did not work this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Too many messages.
    Quota,
    /// The provider failed, or something in between answered in its place.
    Failed,
    /// No connection, or it ended before the answer.
    Unreachable,
    /// No answer in time. The message may have been delivered.
    TimedOut,
    /// Nothing was sent: the circuit breaker is open.
    Paused,
}

impl Cause {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quota => "quota",
            Self::Failed => "provider_failed",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Paused => "paused",
        }
    }
}

/// A sending that may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// What the provider asked for; at most [`ASKED_CAP`].
    pub asked: Option<Duration>,
    /// Who has to wait.
    pub scope: Scope,
    /// Why.
    pub cause: Cause,
}

impl Retry {
    /// One that concerns everything and for which the provider asked no particular wait.
    #[must_use]
    pub fn of(cause: Cause) -> Self {
        Self { asked: None, scope: Scope::Project, cause }
    }

    /// How long to wait after the attempt number `attempt`, the first being 0. `random` is between 0
    /// and 1.
    #[must_use]
    pub fn wait(&self, attempt: u32, random: f64) -> Duration {
        match (self.asked, self.cause) {
            (Some(asked), _) => asked,
            (None, Cause::Quota) => (QUOTA_FLOOR + backoff(attempt, random)).min(CAP),
            (None, _) => backoff(attempt, random),
        }
    }
}

/// A wait drawn evenly between nothing and a ceiling that doubles from [`BASE`] with every attempt,
/// the first being 0, up to [`CAP`]. `random` is between 0 and 1; anything else counts as 1.
#[must_use]
pub fn backoff(attempt: u32, random: f64) -> Duration {
    let ceiling = BASE.saturating_mul(2_u32.saturating_pow(attempt)).min(CAP);
    let share = if (0.0..=1.0).contains(&random) { random } else { 1.0 };
    ceiling.mul_f64(share)
}

/// The wait that a `Retry-After` header asks for (RFC 9110, section 10.2.3): seconds or a date, at
/// most [`ASKED_CAP`]. A date in the past means now; what is neither counts as absent.
#[must_use]
pub fn retry_after(header: &str, now: Instant) -> Option<Duration> {
    retry_after_up_to(header, now, ASKED_CAP)
}

/// As [`retry_after`], at most `cap`.
#[must_use]
pub fn retry_after_up_to(header: &str, now: Instant, cap: Duration) -> Option<Duration> {
    let text = header.trim();
    let asked = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a very long time.
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        (http_date(text)? - now).to_std().unwrap_or_default()
    };
    Some(asked.min(cap))
}

/// A date in any of the three forms of RFC 9110, section 5.6.7.
fn http_date(text: &str) -> Option<Instant> {
    if let Ok(date) = DateTime::parse_from_rfc2822(text) {
        return Some(date.to_utc());
    }
    let obsolete = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let date = obsolete.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
    Some(date.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Instant {
        "1994-11-06T08:48:37Z".parse().expect("a date")
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn the_ceiling_doubles_from_ten_seconds_to_a_quarter_of_an_hour() {
        let ceilings: Vec<u64> = (0..9).map(|attempt| backoff(attempt, 1.0).as_secs()).collect();
        assert_eq!(ceilings, [10, 20, 40, 80, 160, 320, 640, 900, 900]);
        assert_eq!(backoff(u32::MAX, 1.0), CAP);
    }

    #[test]
    fn the_wait_is_drawn_from_all_of_the_time_below_the_ceiling() {
        assert_eq!(backoff(3, 0.0), Duration::ZERO);
        assert_eq!(backoff(3, 0.5), seconds(40));
    }

    #[test]
    fn impossible_randomness_waits_longest_instead_of_panicking() {
        for random in [f64::NAN, f64::INFINITY, -1.0, 2.0] {
            assert_eq!(backoff(0, random), BASE, "{random}");
        }
    }

    #[test]
    fn a_quota_waits_a_minute_at_least_and_longer_each_time() {
        let quota = Retry::of(Cause::Quota);
        assert_eq!(quota.wait(0, 0.0), seconds(60));
        assert_eq!(quota.wait(2, 1.0), seconds(100));
        assert_eq!(quota.wait(20, 1.0), CAP);
    }

    #[test]
    fn what_the_provider_asks_for_is_what_it_gets() {
        let asked = Retry { asked: Some(seconds(7)), ..Retry::of(Cause::Quota) };
        assert_eq!(asked.wait(5, 1.0), seconds(7));
    }

    #[test]
    fn a_retry_after_is_read_in_seconds_and_in_all_forms_of_dates() {
        for header in [
            "60",
            " 60 ",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(retry_after(header, now()), Some(seconds(60)), "{header}");
        }
    }

    #[test]
    fn a_date_in_the_past_means_now_and_one_far_away_an_hour() {
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now()), Some(Duration::ZERO));
        assert_eq!(retry_after("Sat, 06 Nov 2094 08:49:37 GMT", now()), Some(ASKED_CAP));
        assert_eq!(retry_after("86400", now()), Some(ASKED_CAP));
        assert_eq!(retry_after("99999999999999999999999", now()), Some(ASKED_CAP));
    }

    #[test]
    fn what_is_neither_seconds_nor_a_date_counts_as_absent() {
        for header in ["", "soon", "-5", "1.5", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(retry_after(header, now()), None, "{header}");
        }
    }
}
