//! Rows for named dates: "March 3", "the 15th", "2027-01-18", "after the holidays".

use super::{Scene, Window};
use crate::calendar::month_after;
use crate::clock::CivilDate;
use crate::promise::names::{self, month, ordinal};
use crate::promise::phrase::Phrase;
use chrono::Datelike;

/// How many years ahead a day such as 29 February is looked for.
const MAX_YEARS_AHEAD: i32 = 8;

/// "After the holidays": the first four or five business days of the year.
pub(super) fn after_the_holidays(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    if !phrase.has_sequence(&["after", "the", "holidays"]) {
        return None;
    }
    let today = scene.today();
    let in_year = |year| {
        let from = scene.office.add_business_days(CivilDate::from_ymd_opt(year, 1, 1)?, 1);
        let by = scene.office.add_business_days(from, 4);
        Some(Window::new("PH-HOLIDAYS", from, by))
    };
    let this_year = in_year(today.year()).filter(|window| window.by >= today);
    this_year.or_else(|| in_year(today.year() + 1))
}

/// "2027-01-18".
pub(super) fn iso_date(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let date = phrase.find(|words| names::iso_date(words.first()?))?;
    Some(scene.day_or_after(phrase, "PH-ISO", date))
}

/// "March 3", "3rd of March", "March 3, 2027": without a year the next such day.
pub(super) fn month_and_day(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let (month, day, year) = phrase.find(month_first).or_else(|| phrase.find(day_first))?;
    let date = match year.and_then(names::year) {
        Some(year) => CivilDate::from_ymd_opt(year, month, day)?,
        None => next_date(scene.today(), month, day)?,
    };
    Some(scene.day_or_after(phrase, "PH-DATE", date))
}

/// "The 15th": the next such day; a month that is too short is passed over.
pub(super) fn day_of_month(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let day = phrase.find(|words| ordinal(words.first()?))?;
    let today = scene.today();
    let first_of_month = today.with_day(1)?;
    let months = (0..=12).map(|ahead| month_after(first_of_month, ahead));
    let mut dates = months.filter_map(|month| month.with_day(day));
    let date = dates.find(|date| *date >= today)?;
    Some(scene.day_or_after(phrase, "PH-DOM", date))
}

type MonthDayYear<'a> = (u32, u32, Option<&'a str>);

fn month_first<'a>(words: &[&'a str]) -> Option<MonthDayYear<'a>> {
    match words {
        [name, "the", day, rest @ ..] => Some((month(name)?, ordinal(day)?, rest.first().copied())),
        [name, day, rest @ ..] => {
            Some((month(name)?, names::day_of_month(day)?, rest.first().copied()))
        }
        _ => None,
    }
}

fn day_first<'a>(words: &[&'a str]) -> Option<MonthDayYear<'a>> {
    match words {
        [day, "of", name, rest @ ..] | [day, name, rest @ ..] => {
            Some((month(name)?, names::day_of_month(day)?, rest.first().copied()))
        }
        _ => None,
    }
}

/// The first date with that month and day from `today` on.
fn next_date(today: CivilDate, month: u32, day: u32) -> Option<CivilDate> {
    let years = (0..=MAX_YEARS_AHEAD).map(|ahead| today.year() + ahead);
    let mut dates = years.filter_map(|year| CivilDate::from_ymd_opt(year, month, day));
    dates.find(|date| *date >= today)
}
