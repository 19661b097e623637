//! Rows for office weeks: "end of the week", "early next week". The week begins where the
//! office's week begins.

use super::{Scene, Window};
use crate::calendar::shift_days;
use crate::clock::CivilTime;
use crate::promise::names::weekday;
use crate::promise::phrase::Phrase;
use chrono::Timelike;

/// From this hour on, "the end of the week" said on its last day means the next week.
const TOO_LATE_TODAY_HOUR: u32 = 12;

/// "Early next week", "end of next week".
pub(super) fn part_of_next_week(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let part = phrase.find(|words| {
        let (part, rest) = match words {
            ["beginning" | "start", "of", rest @ ..] | ["early", rest @ ..] => ("early", rest),
            ["middle", "of", rest @ ..] | ["mid", rest @ ..] => ("mid", rest),
            ["late", rest @ ..] => ("late", rest),
            ["end", "of", rest @ ..] => ("end", rest),
            _ => return None,
        };
        matches!(rest, ["next", "week", ..] | ["the", "next", "week", ..]).then_some(part)
    })?;
    let office = scene.office;
    let next_week = shift_days(scene.today(), 7);
    let last = office.week_last(next_week);
    Some(match part {
        "early" => {
            let first = office.week_first(next_week);
            Window::new("PH-NW-EARLY", first, office.add_business_days(first, 1))
        }
        "mid" => {
            let third = shift_days(office.week_start(next_week), 2);
            Window::day("PH-NW-MID", office.roll_forward(third))
        }
        "late" => Window::new("PH-NW-LATE", office.add_business_days(last, -1), last),
        _ => Window::day("PH-NW-END", last),
    })
}

/// "Next week" without a weekday: all of it.
pub(super) fn next_week(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let next_week = shift_days(scene.today(), 7);
    let (first, last) = (scene.office.week_first(next_week), scene.office.week_last(next_week));
    let said = phrase.has_sequence(&["next", "week"]) && !names_a_weekday(phrase);
    said.then(|| Window::new("PH-NW", first, last))
}

/// "By the end of the week", "later this week". Said on its last day from noon on, or later, the
/// following week is meant.
pub(super) fn end_of_week(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let later = phrase.has_sequence(&["later", "this", "week"]);
    let end = phrase.find(|words| match words {
        ["end", "of", "week", ..]
        | ["end", "of", "the" | "this", "week", ..]
        | ["week" | "weeks", "end", ..]
        | ["week", "s", "end", ..]
        | ["eow", ..] => Some(()),
        _ => None,
    });
    if !later && end.is_none() {
        return None;
    }
    let (office, today) = (scene.office, scene.today());
    let last = office.week_last(today);
    if today < last || (today == last && is_morning(scene.time())) {
        let from = if later { office.add_business_days(today, 1).min(last) } else { last };
        return Some(Window::new("PH-EOW", from, last));
    }
    let next = Window::day("PH-EOW-NEXT", office.week_last(shift_days(today, 7)));
    Some(next.or((today == last).then_some(last)))
}

/// "This week" without a weekday: what is left of it.
pub(super) fn this_week(scene: &Scene<'_>, phrase: &Phrase<'_>) -> Option<Window> {
    let said = phrase.has_sequence(&["this", "week"]) && !names_a_weekday(phrase);
    let (today, last) = (scene.today(), scene.office.week_last(scene.today()));
    said.then(|| Window::new("PH-TW", today, last.max(today)))
}

fn is_morning(time: CivilTime) -> bool {
    time.hour() < TOO_LATE_TODAY_HOUR
}

fn names_a_weekday(phrase: &Phrase<'_>) -> bool {
    phrase.find(|words| weekday(words.first()?)).is_some()
}
