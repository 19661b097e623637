//! Which public holidays an office may keep: frozen data, the same on every device.
//!
//! A calendar holds the days on which offices close; weekends are the work week's business. Data
//! is versioned as a whole, and the plan names the version that it was made with.
//! **Must never** compute holidays: new years are new data.

mod data;

use crate::clock::CivilDate;
use chrono::Datelike;

/// The version of the holiday data.
pub const VERSION: &str = data::VERSION;

/// `date` as the number `yyyymmdd`: short in a table, and it sorts like the date. Dates before
/// the common era give numbers that no table holds.
#[must_use]
pub fn day_code(date: CivilDate) -> u32 {
    let year = u32::try_from(date.year()).unwrap_or(0);
    year * 10_000 + date.month() * 100 + date.day()
}

/// What there is to know about a calendar besides its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalendarInfo {
    /// The name by which records refer to it, such as `US-FED`.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// The first year with data.
    pub first_year: i32,
    /// The last year with data.
    pub last_year: i32,
}

/// One calendar with its days, in ascending order.
#[derive(Debug)]
struct Calendar {
    info: CalendarInfo,
    days: &'static [u32],
}

/// Whether a calendar of that name is known.
#[must_use]
pub fn is_known(id: &str) -> bool {
    holidays(id).is_some()
}

/// Every calendar known, in ascending order of the id.
pub fn all() -> impl Iterator<Item = CalendarInfo> {
    data::CALENDARS.iter().map(|calendar| calendar.info)
}

/// The [codes](day_code) of the days on which offices under the calendar `id` are closed, in
/// ascending order; `None` for a calendar that is not known.
#[must_use]
pub fn holidays(id: &str) -> Option<&'static [u32]> {
    let at = data::CALENDARS.binary_search_by(|calendar| calendar.info.id.cmp(id)).ok()?;
    data::CALENDARS.get(at).map(|calendar| calendar.days)
}
