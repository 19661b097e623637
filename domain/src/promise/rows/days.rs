//! Rows for single days: "by Friday", "next Tuesday", "tomorrow", "end of day".

use super::{Scene, Window};
use crate::calendar::shift_days;
use crate::clock::CivilDate;
use crate::promise::names;
use crate::promise::phrase::Phrase;
use chrono::{Datelike, Weekday};

/// "Tuesday week", "a week on Tuesday": a week after the next such day.
pub(super) fn weekday_week(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let on = |words: &[&str]| match words {
        ["a", "week", "on", day, ..] => names::weekday(day),
        _ => None,
    };
    let day_week = |words: &[&str]| match words {
        [day, "week", ..] => names::weekday(day),
        _ => None,
    };
    let weekday = phrase.find(on).or_else(|| phrase.find(day_week))?;
    let day = shift_days(next(scene.today(), weekday), 7);
    Some(Window::day("PH-WEEKDAY-WEEK", scene.office.roll_forward(day)))
}

/// "Next Tuesday", "Tuesday next week": that day of the following office week. "Next" may also
/// mean a nearer one.
pub(super) fn next_weekday(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let (weekday, may_be_nearer) = phrase.find(|words| match words {
        [day, "next", "week", ..] | [day, "of", "next", "week", ..] => {
            Some((names::weekday(day)?, false))
        }
        ["next", day, ..] => Some((names::weekday(day)?, true)),
        _ => None,
    })?;
    let day = scene.office.day_of_week(shift_days(scene.today(), 7), weekday);
    let nearer = next(scene.today(), weekday);
    let alternative = (may_be_nearer && nearer != day).then(|| scene.office.roll_forward(nearer));
    Some(Window::day("PH-NEXT-WEEKDAY", scene.office.roll_forward(day)).or(alternative))
}

/// "Friday", "this Friday": the first after today. Said on that very day it may mean today, and
/// with "this" it does.
pub(super) fn weekday(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let (weekday, this) = phrase.find(|words| match words {
        ["this", day, ..] => Some((names::weekday(day)?, true)),
        [day, ..] => Some((names::weekday(day)?, false)),
        [] => None,
    })?;
    let today = scene.today();
    let is_today = weekday == today.weekday();
    let day = if this && is_today { today } else { next(today, weekday) };
    let window = scene.day_or_after(phrase, "PH-WEEKDAY", day);
    let may_be_today = is_today && !this && window.rule == "PH-WEEKDAY";
    Some(window.or(may_be_today.then_some(today)))
}

/// "Today", "EOD", "close of business".
pub(super) fn today(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    phrase.find(|words| match words {
        ["today" | "tonight" | "eod" | "cob", ..]
        | ["end", "of", "day", ..]
        | ["end", "of", "the", "day", ..]
        | ["close", "of", "business", ..] => Some(()),
        _ => None,
    })?;
    let today = scene.office.roll_forward(scene.today());
    (!phrase.has("tomorrow")).then(|| Window::day("PH-TODAY", today))
}

/// "Tomorrow", "the day after tomorrow".
pub(super) fn tomorrow(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let days = if phrase.has_sequence(&["day", "after", "tomorrow"]) { 2 } else { 1 };
    phrase.has("tomorrow").then(|| Window::day("PH-TOMORROW", scene.business_day_in(days)))
}

/// The first `weekday` strictly after `date`.
fn next(date: CivilDate, weekday: Weekday) -> CivilDate {
    let days = weekday.days_since(date.weekday());
    shift_days(date, if days == 0 { 7 } else { i32::try_from(days).unwrap_or(7) })
}
