//! Rows for parts of a month or quarter: "mid to late April", "end of the month".

use super::{Scene, Window};
use crate::calendar::{month_after, month_end};
use crate::clock::CivilDate;
use crate::promise::names;
use crate::promise::phrase::Phrase;
use chrono::Datelike;

/// Which part of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// From one day of the month to another; `None` for its last one.
    Days(u32, Option<u32>),
    /// Its last business day.
    End,
}

/// Which month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Named(u32),
    This,
    Next,
}

/// "Early May", "mid to late April", "end of the month": the business days within that part, or
/// for its end the last one. What has passed already starts today; an end that has passed is that
/// of the following month.
pub(super) fn part_of_month(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let (part, target) = phrase.find(|words| {
        let (part, rest) = part(words)?;
        Some((part, target(rest)?))
    })?;
    let first = first_of(scene.today(), target)?;
    let Part::Days(from, to) = part else {
        return Some(last_business_day(scene, "PH-EOM", month_end(first), 1));
    };
    let to = to.and_then(|day| first.with_day(day)).unwrap_or_else(|| month_end(first));
    let from = scene.office.roll_forward(first.with_day(from)?).max(scene.today());
    Some(Window::new("PH-MONTH-THIRD", from, scene.office.roll_back(to)))
}

/// "EOM", "month end".
pub(super) fn end_of_month(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let said = phrase.has("eom") || phrase.has_sequence(&["month", "end"]);
    said.then(|| last_business_day(scene, "PH-EOM", month_end(scene.today()), 1))
}

/// "End of the quarter".
pub(super) fn end_of_quarter(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    phrase.find(|words| match words {
        ["end", "of", "quarter", ..] | ["end", "of", "the" | "this", "quarter", ..] => Some(()),
        _ => None,
    })?;
    let months_left = 2 - scene.today().month0() % 3;
    let end = month_end(month_after(scene.today(), months_left));
    Some(last_business_day(scene, "PH-EOQ", end, 3))
}

fn part<'w, 'a>(words: &'w [&'a str]) -> Option<(Part, &'w [&'a str])> {
    match words {
        ["mid", "to", "late", rest @ ..] => Some((Part::Days(11, None), rest)),
        ["early", "to", "mid", rest @ ..] => Some((Part::Days(1, Some(20)), rest)),
        ["early", rest @ ..] | ["beginning" | "start", "of", rest @ ..] => {
            Some((Part::Days(1, Some(10)), rest))
        }
        ["mid", rest @ ..] | ["middle", "of", rest @ ..] => Some((Part::Days(11, Some(20)), rest)),
        ["late", rest @ ..] => Some((Part::Days(21, None), rest)),
        ["end", "of", rest @ ..] => Some((Part::End, rest)),
        _ => None,
    }
}

fn target(words: &[&str]) -> Option<Target> {
    match words {
        ["next", "month", ..] => Some(Target::Next),
        ["month", ..] | ["this" | "the", "month", ..] => Some(Target::This),
        [name, ..] => names::month(name).map(Target::Named),
        [] => None,
    }
}

/// The first day of the month meant; a named month that is over is next year's.
fn first_of(today: CivilDate, target: Target) -> Option<CivilDate> {
    let this = today.with_day(1)?;
    match target {
        Target::This => Some(this),
        Target::Next => Some(month_after(this, 1)),
        Target::Named(month) => {
            let first = CivilDate::from_ymd_opt(today.year(), month, 1)?;
            if month_end(first) < today { Some(month_after(first, 12)) } else { Some(first) }
        }
    }
}

/// The last business day up to `end`, or when that has passed, up to the end `months` later.
fn last_business_day(scene: &Scene<'_>, rule: &'static str, end: CivilDate, months: u32) -> Window {
    let last = scene.office.roll_back(end);
    if last >= scene.today() {
        return Window::day(rule, last);
    }
    let later = month_end(month_after(end, months));
    Window::day(rule, scene.office.roll_back(later))
}
