//! What single words stand for: numbers, weekdays, months, days of a month.

use crate::clock::{CivilDate, CivilTime};
use chrono::Weekday;

/// A count such as "a", "two" or "10", at most 999.
pub(super) fn number(word: &str) -> Option<u32> {
    let named = match word {
        "a" | "an" | "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" => 10,
        _ => return digits(word, 3),
    };
    Some(named)
}

/// A weekday by its name or a usual short form.
pub(super) fn weekday(word: &str) -> Option<Weekday> {
    let day = match word {
        "monday" | "mon" => Weekday::Mon,
        "tuesday" | "tue" | "tues" => Weekday::Tue,
        "wednesday" | "wed" => Weekday::Wed,
        "thursday" | "thu" | "thur" | "thurs" => Weekday::Thu,
        "friday" | "fri" => Weekday::Fri,
        "saturday" | "sat" => Weekday::Sat,
        "sunday" | "sun" => Weekday::Sun,
        _ => return None,
    };
    Some(day)
}

/// A month, 1 to 12, by its name or a usual short form.
pub(super) fn month(word: &str) -> Option<u32> {
    let month = match word {
        "january" | "jan" => 1,
        "february" | "feb" => 2,
        "march" | "mar" => 3,
        "april" | "apr" => 4,
        "may" => 5,
        "june" | "jun" => 6,
        "july" | "jul" => 7,
        "august" | "aug" => 8,
        "september" | "sep" | "sept" => 9,
        "october" | "oct" => 10,
        "november" | "nov" => 11,
        "december" | "dec" => 12,
        _ => return None,
    };
    Some(month)
}

/// A day of a month as an ordinal, such as "15th".
pub(super) fn ordinal(word: &str) -> Option<u32> {
    let digits_of = |ending| word.strip_suffix(ending);
    let number = ["st", "nd", "rd", "th"].into_iter().find_map(digits_of)?;
    digits(number, 2).filter(|day| (1..=31).contains(day))
}

/// A day of a month, such as "15" or "15th".
pub(super) fn day_of_month(word: &str) -> Option<u32> {
    ordinal(word).or_else(|| digits(word, 2).filter(|day| (1..=31).contains(day)))
}

/// A year of four digits.
pub(super) fn year(word: &str) -> Option<i32> {
    let year = digits(word, 4).filter(|year| (1970..=2199).contains(year))?;
    i32::try_from(year).ok()
}

/// A date such as "2027-01-18"; no other token has dashes between digits.
pub(super) fn iso_date(word: &str) -> Option<CivilDate> {
    CivilDate::parse_from_str(word, "%Y-%m-%d").ok()
}

/// A time of day on a clock of twelve hours, such as "3" or "3:30", with "am" or "pm".
pub(super) fn twelve_hour_time(word: &str, afternoon: bool) -> Option<CivilTime> {
    let (hour, minute) = word.split_once(':').unwrap_or((word, "0"));
    let hour = digits(hour, 2).filter(|hour| *hour <= 23)? % 12;
    CivilTime::from_hms_opt(hour + if afternoon { 12 } else { 0 }, digits(minute, 2)?, 0)
}

fn digits(word: &str, most: usize) -> Option<u32> {
    let plain = (1..=most).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
    if plain { word.parse().ok() } else { None }
}
