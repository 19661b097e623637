//! The employer's office as the rules see it: which days count, and when a message is welcome.

use super::civil::{shift_days, to_civil, to_instant};
use super::holidays::{self, Holidays};
use crate::clock::{CivilDate, CivilTime, Instant};
use crate::entities::opportunity::Office;
use chrono::{Datelike, NaiveDateTime, Weekday};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// How many days a search for a business day looks at before it gives up. One working day a week
/// with all 366 closures on it fits in.
const MAX_SEARCH_DAYS: i32 = 3_000;

/// The most business days that one call counts.
const MAX_COUNT: i32 = 2_000;

/// Monday to Sunday, the order in which `working` is kept.
const WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

/// An office with its zone, work week, holidays and send window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessOffice {
    zone: Tz,
    assumed_zone: bool,
    unknown_calendar: bool,
    /// Monday first.
    working: [bool; 7],
    week_start: Weekday,
    holidays: Holidays,
    closures: BTreeSet<CivilDate>,
    send_open: CivilTime,
    send_close: CivilTime,
}

impl BusinessOffice {
    /// The office described by `office`. Without a zone it is assumed to be in `fallback_zone`;
    /// without a known calendar only the work week and the closures count.
    #[must_use]
    pub fn new(office: &Office, fallback_zone: Tz) -> Self {
        let calendar = office.calendar.as_deref();
        let known = calendar.map(holidays::holidays);
        let working = working_days(office);
        Self {
            zone: office.time_zone.unwrap_or(fallback_zone),
            assumed_zone: office.time_zone.is_none(),
            unknown_calendar: matches!(known, Some(None)),
            working,
            week_start: week_start(working),
            holidays: known.flatten().unwrap_or_default(),
            closures: office.closures.iter().copied().collect(),
            send_open: office.send_open,
            send_close: office.send_close,
        }
    }

    /// Whether the office's zone is not known and the fallback is used instead.
    #[must_use]
    pub const fn assumed_zone(&self) -> bool {
        self.assumed_zone
    }

    /// Whether a calendar was named that this version does not know.
    #[must_use]
    pub const fn unknown_calendar(&self) -> bool {
        self.unknown_calendar
    }

    /// The zone of the office.
    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.zone
    }

    /// The first minute of a business day at which a message is welcome.
    #[must_use]
    pub const fn send_open(&self) -> CivilTime {
        self.send_open
    }

    /// The last minute of a business day at which a message is welcome.
    #[must_use]
    pub const fn send_close(&self) -> CivilTime {
        self.send_close
    }

    /// The first working day after the weekend: with it an office week begins.
    #[must_use]
    pub const fn week_start_day(&self) -> Weekday {
        self.week_start
    }

    /// What a wall clock in the office shows at `at`.
    #[must_use]
    pub fn civil(&self, at: Instant) -> NaiveDateTime {
        to_civil(self.zone, at)
    }

    /// The office's date at `at`.
    #[must_use]
    pub fn date_of(&self, at: Instant) -> CivilDate {
        self.civil(at).date()
    }

    /// The instant of a civil date and time of the office; see [`to_instant`].
    #[must_use]
    pub fn at(&self, date: CivilDate, time: CivilTime) -> Instant {
        to_instant(self.zone, date, time)
    }

    /// The instant at which a message planned for `time` of `date` is welcome: that time, moved into the
    /// send window.
    #[must_use]
    pub fn at_hour(&self, date: CivilDate, time: CivilTime) -> Instant {
        self.at(date, time.min(self.send_close).max(self.send_open))
    }

    /// The opening of the send window on `date`.
    #[must_use]
    pub fn opening(&self, date: CivilDate) -> Instant {
        self.at(date, self.send_open)
    }

    /// The end of the send window on `date`, itself still inside.
    #[must_use]
    pub fn closing(&self, date: CivilDate) -> Instant {
        self.at(date, self.send_close)
    }

    /// Whether the office works on `date`.
    #[must_use]
    pub fn is_business_day(&self, date: CivilDate) -> bool {
        let weekday = WEEK.iter().position(|day| *day == date.weekday());
        weekday.and_then(|at| self.working.get(at)).copied().unwrap_or(false)
            && !self.holidays.contains(date)
            && !self.closures.contains(&date)
    }

    /// `date` when it is a business day, else the next one.
    #[must_use]
    pub fn roll_forward(&self, date: CivilDate) -> CivilDate {
        self.search(date, 0, 1).unwrap_or(date)
    }

    /// `date` when it is a business day, else the one before.
    #[must_use]
    pub fn roll_back(&self, date: CivilDate) -> CivilDate {
        self.search(date, 0, -1).unwrap_or(date)
    }

    /// The `n`-th business day strictly after `date`, for negative `n` strictly before it; zero
    /// rolls forward. `date` need not be a business day. An office that never opens again gives
    /// the last day found. `n` beyond two thousand counts as two thousand.
    #[must_use]
    pub fn add_business_days(&self, date: CivilDate, n: i32) -> CivilDate {
        if n == 0 {
            return self.roll_forward(date);
        }
        let step = n.signum();
        let mut found = date;
        for _ in 0..n.saturating_abs().min(MAX_COUNT) {
            match self.search(found, step, step) {
                Some(next) => found = next,
                None => break,
            }
        }
        found
    }

    /// How many business days lie in the half-open range after `from` up to and including `to`;
    /// none when `to` is not later. Counting stops at a bound of some years.
    #[must_use]
    pub fn business_days_between(&self, from: CivilDate, to: CivilDate) -> i32 {
        let mut count = 0;
        let mut date = from;
        for _ in 0..MAX_SEARCH_DAYS {
            if date >= to {
                break;
            }
            date = shift_days(date, 1);
            count += i32::from(self.is_business_day(date));
        }
        count
    }

    /// The first day of the office week of `date`, a business day or not.
    #[must_use]
    pub fn week_start(&self, date: CivilDate) -> CivilDate {
        shift_days(date, -days_since(self.week_start, date.weekday()))
    }

    /// The first business day of the office week of `date`; in a week without any, the next one.
    #[must_use]
    pub fn week_first(&self, date: CivilDate) -> CivilDate {
        let start = self.week_start(date);
        let days = (0..7).map(|offset| shift_days(start, offset));
        let mut business = days.filter(|day| self.is_business_day(*day));
        business.next().unwrap_or_else(|| self.roll_forward(start))
    }

    /// The last business day of the office week of `date`; in a week without any, the one before.
    #[must_use]
    pub fn week_last(&self, date: CivilDate) -> CivilDate {
        let start = self.week_start(date);
        let days = (0..7).rev().map(|offset| shift_days(start, offset));
        let mut business = days.filter(|day| self.is_business_day(*day));
        business.next().unwrap_or_else(|| self.roll_back(shift_days(start, 6)))
    }

    /// The day `weekday` of the office week of `date`.
    #[must_use]
    pub fn day_of_week(&self, date: CivilDate, weekday: Weekday) -> CivilDate {
        shift_days(self.week_start(date), days_since(self.week_start, weekday))
    }

    /// The first moment from `at` on at which a message is welcome: `at` itself inside the send
    /// window of a business day, the opening before it, else the opening of the next business day.
    #[must_use]
    pub fn next_send(&self, at: Instant) -> Instant {
        let date = self.date_of(at);
        if self.is_business_day(date) && at <= self.closing(date) {
            return at.max(self.opening(date));
        }
        self.opening(self.add_business_days(date, 1))
    }

    /// The nearest business day from `start` moved by `offset`, walking by `step`.
    fn search(&self, start: CivilDate, offset: i32, step: i32) -> Option<CivilDate> {
        let mut date = shift_days(start, offset);
        for _ in 0..MAX_SEARCH_DAYS {
            if self.is_business_day(date) {
                return Some(date);
            }
            date = shift_days(date, step);
        }
        None
    }
}

/// How many days `weekday` comes after `start`, 0 to 6.
fn days_since(start: Weekday, weekday: Weekday) -> i32 {
    i32::try_from(weekday.days_since(start)).unwrap_or(0)
}

/// Which weekdays are worked, Monday first. An empty set means that nothing is known: Monday to
/// Friday.
fn working_days(office: &Office) -> [bool; 7] {
    if office.work_week.is_empty() {
        return [true, true, true, true, true, false, false];
    }
    WEEK.map(|day| office.work_week.iter().any(|worked| Weekday::from(*worked) == day))
}

/// The working day after the longest run of free days; of equal runs the one nearest to Monday.
fn week_start(working: [bool; 7]) -> Weekday {
    let is_free = |day: Weekday| {
        let at = WEEK.iter().position(|known| *known == day);
        !at.and_then(|at| working.get(at)).copied().unwrap_or(true)
    };
    let free_days_before = |day: Weekday| {
        let days_before = std::iter::successors(Some(day.pred()), |day| Some(day.pred()));
        days_before.take(WEEK.len()).take_while(|day| is_free(*day)).count()
    };
    let mut best = (Weekday::Mon, 0);
    for day in WEEK.into_iter().filter(|day| !is_free(*day)) {
        let length = free_days_before(day);
        if length > best.1 {
            best = (day, length);
        }
    }
    best.0
}
