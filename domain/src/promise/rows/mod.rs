//! The rows of the grammar, in the order in which they are tried.
//!
//! A row is a function that either recognises its words anywhere in the phrase and gives the
//! window, or stands aside. The order is part of the grammar: "next week" must be tried before
//! "week", a range before a single count.

mod counts;
mod dates;
mod days;
mod months;
mod weeks;

use super::phrase::Phrase;
use crate::calendar::{BusinessOffice, shift_days};
use crate::clock::{CivilDate, CivilTime, Instant};
use chrono::NaiveDateTime;

/// Where and when a phrase was said.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    /// The office in whose calendar the words are read.
    pub(super) office: &'a BusinessOffice,
    /// The office's date and time.
    civil: NaiveDateTime,
}

impl<'a> Scene<'a> {
    /// The scene of something said at `spoken_at` by someone of `office`.
    pub(super) fn new(office: &'a BusinessOffice, spoken_at: Instant) -> Self {
        Self { office, civil: office.civil(spoken_at) }
    }

    const fn today(&self) -> CivilDate {
        self.civil.date()
    }

    const fn time(&self) -> CivilTime {
        self.civil.time()
    }

    /// The business day on or after the day `days` calendar days from today.
    fn business_day_in(&self, days: u32) -> CivilDate {
        let days = i32::try_from(days).unwrap_or(0);
        self.office.roll_forward(shift_days(self.today(), days))
    }

    /// The `n`-th business day after today.
    fn business_days_on(&self, n: u32) -> CivilDate {
        self.office.add_business_days(self.today(), i32::try_from(n).unwrap_or(0))
    }

    /// The first to fifth business day after `date`.
    fn days_after(&self, date: CivilDate) -> Window {
        let add = |n| self.office.add_business_days(date, n);
        Window::new("PH-AFTER-DATE", add(1), add(5))
    }

    /// The business day on or after `date`, or the days after it when the phrase says "after".
    fn day_or_after(&self, phrase: &Phrase<'_>, rule: &'static str, date: CivilDate) -> Window {
        if phrase.has("after") {
            self.days_after(date)
        } else {
            Window::day(rule, self.office.roll_forward(date))
        }
    }
}

/// What a row makes of a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// First promised day.
    pub(super) from: CivilDate,
    /// Last promised day.
    pub(super) by: CivilDate,
    /// The row's name.
    pub(super) rule: &'static str,
    /// The day of the other reading, if there is one.
    pub(super) alternative: Option<CivilDate>,
}

impl Window {
    const fn new(rule: &'static str, from: CivilDate, by: CivilDate) -> Self {
        Self { from, by, rule, alternative: None }
    }

    const fn day(rule: &'static str, day: CivilDate) -> Self {
        Self::new(rule, day, day)
    }

    const fn or(self, alternative: Option<CivilDate>) -> Self {
        Self { alternative, ..self }
    }
}

type Row = fn(&Scene<'_>, &Phrase<'_>) -> Option<Window>;

const ROWS: &[Row] = &[
    dates::after_the_holidays,
    dates::iso_date,
    months::part_of_month,
    months::end_of_month,
    months::end_of_quarter,
    dates::month_and_day,
    dates::day_of_month,
    counts::range,
    counts::a_week_or_two,
    counts::couple_or_few_weeks,
    counts::couple_or_few_days,
    counts::within,
    weeks::part_of_next_week,
    weeks::next_week,
    weeks::end_of_week,
    weeks::this_week,
    days::weekday_week,
    days::next_weekday,
    days::weekday,
    days::today,
    days::tomorrow,
    counts::count,
];

/// The window of the first row that fits.
pub(super) fn first_match(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    ROWS.iter().find_map(|row| row(scene, phrase))
}

/// Whether the words promise an answer without saying when.
pub(super) fn is_vague(phrase: &Phrase<'_>) -> bool {
    let vague = phrase.find(|words| match words {
        ["soon" | "shortly" | "asap", ..]
        | ["be", "in", "touch", ..]
        | ["get", "back", "to", "you", ..]
        | ["let", "you", "know", ..]
        | ["keep", "you", "posted", ..]
        | ["circle", "back", ..] => Some(()),
        _ => None,
    });
    vague.is_some()
}
