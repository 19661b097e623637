//! Time as a parameter: the types of time that the rules speak of, and the clock that callers own.
//!
//! **Must never** read the system clock; implementations of [`Clock`] live outside this crate.

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeZone, Utc};
use std::time::Duration;

/// A point in time, UTC. On the wire an RFC 3339 string ending in `Z`.
pub type Instant = DateTime<Utc>;

/// A civil date without a zone, read in the employer's office zone. On the wire `YYYY-MM-DD`.
pub type CivilDate = NaiveDate;

/// A civil time of day without a zone. On the wire `HH:MM`.
pub type CivilTime = NaiveTime;

/// Whoever tells the time. Handed in by the caller, so that tests and simulations own it.
pub trait Clock: Send + Sync {
    /// The current instant.
    fn now(&self) -> Instant;

    /// The time since some moment in the past, which never goes back: for telling how long ago something
    /// was, whatever becomes of the date.
    fn uptime(&self) -> Duration;
}

/// The earliest year that an instant or a date from outside may have.
pub const MIN_YEAR: i32 = 1970;

/// The latest year that an instant or a date from outside may have. Far enough for any job hunt,
/// near enough that date arithmetic of the rules cannot overflow.
pub const MAX_YEAR: i32 = 2199;

/// Writes an instant the one way it is stored and served: UTC, `Z`, and no more fraction than
/// milliseconds, which are left out when zero.
#[must_use]
pub fn format_instant(at: Instant) -> String {
    let at = truncate_to_millis(at);
    let form =
        if at.timestamp_subsec_millis() == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
    at.to_rfc3339_opts(form, true)
}

/// Drops everything below a millisecond, the resolution of everything stored.
#[must_use]
pub fn truncate_to_millis(at: Instant) -> Instant {
    from_millis(at.timestamp_millis())
}

/// The instant of a Unix time in milliseconds; out of range gives the nearest end of the range.
#[must_use]
pub fn from_millis(millis: i64) -> Instant {
    Utc.timestamp_millis_opt(millis).single().unwrap_or(if millis < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_in_utc_with_milliseconds_only_when_needed() {
        assert_eq!(format_instant(from_millis(1_778_094_000_000)), "2026-05-06T19:00:00Z");
        assert_eq!(format_instant(from_millis(1_778_094_000_250)), "2026-05-06T19:00:00.250Z");
    }

    #[test]
    fn absurd_unix_times_are_clamped_instead_of_panicking() {
        assert_eq!(from_millis(i64::MAX), DateTime::<Utc>::MAX_UTC);
        assert_eq!(from_millis(i64::MIN), DateTime::<Utc>::MIN_UTC);
    }
}
