//! The holiday tables.
//!
//! Kept apart from the code that reads them, so that a new edition of the data changes this file
//! and nothing else. Calendars in ascending order of the id, days as `yyyymmdd` in
//! ascending order.

use super::{Calendar, CalendarInfo};

pub(super) const VERSION: &str = "2026.1";

const FIRST_YEAR: i32 = 2026;
const LAST_YEAR: i32 = 2027;

const fn calendar(id: &'static str, name: &'static str, days: &'static [u32]) -> Calendar {
    Calendar { info: CalendarInfo { id, name, first_year: FIRST_YEAR, last_year: LAST_YEAR }, days }
}

pub(super) static CALENDARS: &[Calendar] = &[
    calendar("CA-ON", "Canada, Ontario", CA_ON),
    calendar("CZ", "Czechia", CZ),
    calendar("DE-BE", "Germany, Berlin", DE_BE),
    calendar("GB-ENG", "England", GB_ENG),
    calendar("NONE", "Weekends only", NONE),
    calendar("US-FED", "United States, federal", US_FED),
];

const CA_ON: &[u32] = &[
    20260101, 20260216, 20260403, 20260518, 20260701, 20260907, 20261012, 20261225, 20261228,
    20270101, 20270215, 20270326, 20270524, 20270701, 20270906, 20271011, 20271227, 20271228,
];

const CZ: &[u32] = &[
    20260101, 20260403, 20260406, 20260501, 20260508, 20260705, 20260706, 20260928, 20261028,
    20261117, 20261224, 20261225, 20261226, 20270101, 20270326, 20270329, 20270501, 20270508,
    20270705, 20270706, 20270928, 20271028, 20271117, 20271224, 20271225, 20271226,
];

const DE_BE: &[u32] = &[
    20260101, 20260308, 20260403, 20260406, 20260501, 20260514, 20260525, 20261003, 20261225,
    20261226, 20270101, 20270308, 20270326, 20270329, 20270501, 20270506, 20270517, 20271003,
    20271225, 20271226,
];

const GB_ENG: &[u32] = &[
    20260101, 20260403, 20260406, 20260504, 20260525, 20260831, 20261225, 20261228, 20270101,
    20270326, 20270329, 20270503, 20270531, 20270830, 20271227, 20271228,
];

const NONE: &[u32] = &[];

const US_FED: &[u32] = &[
    20260101, 20260119, 20260216, 20260525, 20260619, 20260703, 20260907, 20261012, 20261111,
    20261126, 20261225, 20270101, 20270118, 20270215, 20270531, 20270618, 20270705, 20270906,
    20271011, 20271111, 20271125, 20271224, 20271231,
];
