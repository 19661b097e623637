//! Reading a promise: from the words heard to a window of days in the office's calendar.
//!
//! Deterministic: the words are cut into tokens, and the first row of an ordered table that fits
//! wins. Words with two readings are read the later way, with the other one offered beside it.
//! **Must never** guess: what no row fits stays unread, and the candidate is asked for a date.

mod names;
mod phrase;
mod remarks;
mod rows;

use crate::calendar::BusinessOffice;
use crate::clock::{CivilDate, CivilTime, Instant};
use crate::entities::field::words;
use phrase::{Phrase, normalise};
use remarks::Remarks;
use rows::{Scene, Window};
use std::borrow::Cow;

/// The version of the grammar. A reading is stored with the version that made it.
pub const PARSER_VERSION: i64 = 1;

/// How many business days an "about" adds to the end of a window.
const FUZZ_BD: i32 = 2;

words! {
    /// How much a phrase says about the day.
    ReadingKind {
        /// One day.
        Exact = "exact",
        /// A range of days.
        Window = "window",
        /// A promise without a date, such as "soon".
        Vague = "vague",
        /// Not understood.
        Unparsed = "unparsed",
    }
}

/// What was read from a phrase. `from` and `by` are both present for an exact day or a window,
/// with `from` never after `by`, and both absent otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// How much the phrase says about the day.
    pub kind: ReadingKind,
    /// First promised day.
    pub from: Option<CivilDate>,
    /// Last promised day.
    pub by: Option<CivilDate>,
    /// Time of the last day, when one was named.
    pub by_time: Option<CivilTime>,
    /// Said with a "hopefully" or "probably".
    pub hedged: bool,
    /// The words have a second, earlier reading.
    pub ambiguous: bool,
    /// The day of that second reading.
    pub alternative: Option<CivilDate>,
    /// The row of the grammar that fitted, such as `PH-EOW`; `+fuzz2` when an "about" added two
    /// business days.
    pub rule: Cow<'static, str>,
}

/// Reads `text`, said at `spoken_at` by someone of `office`. Total; linear in the length of the
/// text, of which only the first few hundred words are looked at.
#[must_use]
pub fn parse(office: &BusinessOffice, text: &str, spoken_at: Instant) -> Reading {
    let text = normalise(text);
    let mut phrase = Phrase::new(&text);
    let remarks = Remarks::take_from(&mut phrase);
    let scene = Scene::new(office, spoken_at);
    match rows::first_match(&scene, &phrase) {
        Some(window) => dated(&scene, &remarks, window),
        None if rows::is_vague(&phrase) => undated(ReadingKind::Vague, "PH-VAGUE", &remarks),
        None => undated(ReadingKind::Unparsed, "PH-UNPARSED", &remarks),
    }
}

fn dated(scene: &Scene<'_>, remarks: &Remarks, window: Window) -> Reading {
    let from = window.from;
    let mut by = window.by.max(from);
    let mut rule = Cow::Borrowed(window.rule);
    if remarks.fuzzy {
        by = scene.office.add_business_days(by, FUZZ_BD);
        rule = Cow::Owned(format!("{}+fuzz{FUZZ_BD}", window.rule));
    }
    Reading {
        kind: if from == by { ReadingKind::Exact } else { ReadingKind::Window },
        from: Some(from),
        by: Some(by),
        by_time: remarks.by_time,
        hedged: remarks.hedged,
        ambiguous: window.alternative.is_some(),
        alternative: window.alternative,
        rule,
    }
}

const fn undated(kind: ReadingKind, rule: &'static str, remarks: &Remarks) -> Reading {
    Reading {
        kind,
        from: None,
        by: None,
        by_time: None,
        hedged: remarks.hedged,
        ambiguous: false,
        alternative: None,
        rule: Cow::Borrowed(rule),
    }
}

#[cfg(test)]
mod tests;
