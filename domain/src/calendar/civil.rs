//! Civil dates and times, and how they become instants.
//!
//! **Must never** panic: at the ends of the range the value stays where it is.

use crate::clock::{CivilDate, CivilTime, Instant};
use chrono::{Days, Months, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

/// The instant of a civil date and time in `zone`. In the gap of a spring change the time is moved
/// forward by the gap; in the overlap of an autumn change it is the first of the two.
#[must_use]
pub fn to_instant(zone: Tz, date: CivilDate, time: CivilTime) -> Instant {
    let civil = date.and_time(time);
    match zone.from_local_datetime(&civil).earliest() {
        Some(found) => found.to_utc(),
        None => through_the_gap(zone, civil),
    }
}

/// What a wall clock in `zone` shows at `at`; at the ends of the range what a clock in UTC shows.
#[must_use]
pub fn to_civil(zone: Tz, at: Instant) -> NaiveDateTime {
    let utc = at.naive_utc();
    utc.checked_add_offset(zone.offset_from_utc_datetime(&utc).fix()).unwrap_or(utc)
}

/// Reads a time that no clock showed with the offset that held a day before: no gap is longer.
fn through_the_gap(zone: Tz, civil: NaiveDateTime) -> Instant {
    let before = civil.checked_sub_days(Days::new(1)).unwrap_or(civil);
    let offset = zone.offset_from_utc_datetime(&before).fix();
    civil.checked_sub_offset(offset).unwrap_or(civil).and_utc()
}

/// `at` moved by `by`; out of range it stays.
#[must_use]
pub fn shift(at: Instant, by: TimeDelta) -> Instant {
    at.checked_add_signed(by).unwrap_or(at)
}

/// `date` moved by `days` calendar days; out of range it stays.
#[must_use]
pub fn shift_days(date: CivilDate, days: i32) -> CivilDate {
    date.checked_add_signed(TimeDelta::days(i64::from(days))).unwrap_or(date)
}

/// The same day `months` months later, or that month's last day when it is shorter.
#[must_use]
pub fn month_after(date: CivilDate, months: u32) -> CivilDate {
    date.checked_add_months(Months::new(months)).unwrap_or(date)
}

/// The last calendar day of the month of `date`.
#[must_use]
pub fn month_end(date: CivilDate) -> CivilDate {
    use chrono::Datelike;
    let first = date.with_day(1).unwrap_or(date);
    month_after(first, 1).pred_opt().unwrap_or(date)
}
