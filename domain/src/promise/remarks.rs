//! What a phrase says besides the day: how sure, how exact, until what time.

use super::names::twelve_hour_time;
use super::phrase::Phrase;
use crate::clock::CivilTime;

/// The remarks of a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Remarks {
    /// "Hopefully", "probably".
    pub(super) hedged: bool,
    /// "About", "or so".
    pub(super) fuzzy: bool,
    /// "By 3pm", "noon".
    pub(super) by_time: Option<CivilTime>,
}

impl Remarks {
    /// Takes the remarks out of `phrase`, so that only the day remains.
    pub(super) fn take_from(phrase: &mut Phrase<'_>) -> Self {
        let hedged = phrase.take(|words| hedge(words).map(|length| (length, ()))).is_some();
        let fuzzy = phrase.take(|words| fuzz(words).map(|length| (length, ()))).is_some();
        let by_time = phrase.take(clock_time).or_else(|| phrase.take(noon));
        Self { hedged, fuzzy, by_time }
    }
}

fn hedge(words: &[&str]) -> Option<usize> {
    match words {
        ["hopefully" | "probably" | "likely" | "aiming", ..] => Some(1),
        ["try" | "aim", "to", ..] | ["fingers", "crossed", ..] | ["i", "think", ..] => Some(2),
        ["should", "be", "able", ..] | ["with", "any", "luck", ..] => Some(3),
        _ => None,
    }
}

fn fuzz(words: &[&str]) -> Option<usize> {
    match words {
        ["about" | "around" | "roughly" | "approximately" | "ish", ..] => Some(1),
        ["or", "so", ..] => Some(2),
        _ => None,
    }
}

/// "By 3pm", with the word that leads to it.
fn clock_time(words: &[&str]) -> Option<(usize, CivilTime)> {
    let (lead, words) = without_lead(words);
    let (length, time) = match words {
        [time, "am", ..] => (2, twelve_hour_time(time, false)?),
        [time, "pm", ..] => (2, twelve_hour_time(time, true)?),
        [time, "a", "m", ..] => (3, twelve_hour_time(time, false)?),
        [time, "p", "m", ..] => (3, twelve_hour_time(time, true)?),
        _ => return None,
    };
    Some((lead + length, time))
}

/// "At noon", with the word that leads to it.
fn noon(words: &[&str]) -> Option<(usize, CivilTime)> {
    let length = match words {
        ["noon" | "midday", ..] => 1,
        ["by" | "at" | "before", "noon" | "midday", ..] => 2,
        _ => return None,
    };
    Some((length, CivilTime::from_hms_opt(12, 0, 0)?))
}

fn without_lead<'w, 'a>(words: &'w [&'a str]) -> (usize, &'w [&'a str]) {
    match words {
        ["by" | "at" | "before", after @ ..] => (1, after),
        _ => (0, words),
    }
}
