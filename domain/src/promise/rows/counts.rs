//! Rows that count: "two weeks", "a few days", "within 48 hours", "one to two weeks".

use super::{Scene, Window};
use crate::calendar::month_after;
use crate::clock::CivilDate;
use crate::promise::names::number;
use crate::promise::phrase::Phrase;
use chrono::TimeDelta;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Hour,
    Day,
    BusinessDay,
    Week,
    Month,
}

impl Unit {
    /// The unit at the beginning of `words`.
    fn of(words: &[&str]) -> Option<Self> {
        match words {
            ["business" | "working", "day" | "days", ..] => Some(Self::BusinessDay),
            ["hour" | "hours", ..] => Some(Self::Hour),
            ["day" | "days", ..] => Some(Self::Day),
            ["week" | "weeks", ..] => Some(Self::Week),
            ["month" | "months", ..] => Some(Self::Month),
            _ => None,
        }
    }

    /// The business day on which `n` of the unit are over.
    fn day_after(self, n: u32, scene: &Scene<'_>) -> CivilDate {
        match self {
            Self::Hour => {
                let hours = TimeDelta::hours(i64::from(n));
                let end = scene.civil.checked_add_signed(hours).unwrap_or(scene.civil);
                scene.office.roll_forward(end.date())
            }
            Self::Day => scene.business_day_in(n),
            Self::BusinessDay => scene.business_days_on(n),
            Self::Week => scene.business_day_in(7 * n),
            Self::Month => scene.office.roll_forward(month_after(scene.today(), n)),
        }
    }
}

/// "One to two weeks", "2-3 business days".
pub(super) fn range(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let (low, high, unit) = phrase.find(|words| match words {
        [low, "-" | "to" | "or", high, rest @ ..] => {
            Some((number(low)?, number(high)?, Unit::of(rest)?))
        }
        [low, high, rest @ ..] => {
            let (low, high) = (number(low)?, number(high)?);
            (low > 1 && high > low).then_some((low, high, Unit::of(rest)?))
        }
        _ => None,
    })?;
    let rule = match unit {
        Unit::Week => "PH-RANGE-W",
        Unit::BusinessDay => "PH-RANGE-BD",
        Unit::Day => "PH-RANGE-D",
        Unit::Hour | Unit::Month => return None,
    };
    let day = |n| unit.day_after(n, scene);
    Some(Window::new(rule, day(low.min(high)), day(low.max(high))))
}

/// "A week or two".
pub(super) fn a_week_or_two(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let said = phrase.has_sequence(&["a", "week", "or", "two"]);
    said.then(|| weeks(scene, "PH-RANGE-W", 1, 2))
}

/// "A couple of weeks", "a few weeks".
pub(super) fn couple_or_few_weeks(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    phrase.find(|words| match words {
        ["couple", "weeks", ..] | ["couple", "of", "weeks", ..] => {
            Some(weeks(scene, "PH-COUPLE-W", 2, 2))
        }
        ["few", "weeks", ..] => Some(weeks(scene, "PH-FEW-W", 3, 5)),
        _ => None,
    })
}

/// "A couple of days", "a few days", "several days": business days.
pub(super) fn couple_or_few_days(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let (rule, low, high) = phrase.find(|words| {
        let (row, rest) = match words {
            ["couple", "of", rest @ ..] | ["couple", rest @ ..] => (("PH-COUPLE-D", 2, 3), rest),
            ["few", "more", rest @ ..] | ["few", rest @ ..] => (("PH-FEW-D", 3, 5), rest),
            ["several", rest @ ..] => (("PH-SEVERAL-D", 4, 7), rest),
            _ => return None,
        };
        matches!(rest, ["days", ..] | ["business" | "working", "days", ..]).then_some(row)
    })?;
    Some(Window::new(rule, scene.business_days_on(low), scene.business_days_on(high)))
}

/// "Within ten business days", "within 48 hours": from today until then.
pub(super) fn within(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let (count, unit) = phrase.find(|words| match words {
        ["within", "the", "next", count, rest @ ..] | ["within", count, rest @ ..] => {
            Some((number(count)?, Unit::of(rest)?))
        }
        _ => None,
    })?;
    Some(Window::new("PH-WITHIN", scene.today(), unit.day_after(count, scene)))
}

/// "Two weeks", "10 days", "a month", "a fortnight". Smaller units are looked for first.
pub(super) fn count(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let counted = |wanted: Unit| {
        phrase.find(|words| match words {
            [count, rest @ ..] => number(count).filter(|_| Unit::of(rest) == Some(wanted)),
            [] => None,
        })
    };
    let fortnight = || phrase.has("fortnight").then_some(2);
    let (rule, unit, n) = None
        .or_else(|| counted(Unit::BusinessDay).map(|n| ("PH-N-BD", Unit::BusinessDay, n)))
        .or_else(|| counted(Unit::Day).map(|n| ("PH-N-D", Unit::Day, n)))
        .or_else(|| fortnight().map(|n| ("PH-N-W", Unit::Week, n)))
        .or_else(|| counted(Unit::Week).map(|n| ("PH-N-W", Unit::Week, n)))
        .or_else(|| counted(Unit::Month).map(|n| ("PH-N-M", Unit::Month, n)))?;
    Some(Window::day(rule, unit.day_after(n, scene)))
}

fn weeks(scene: &Scene<'_>, rule: &'static str, low: u32, high: u32) -> Window {
    Window::new(rule, scene.business_day_in(7 * low), scene.business_day_in(7 * high))
}
