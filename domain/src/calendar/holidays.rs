//! Which public holidays an office may keep: frozen data, the same on every device.
//!
//! A calendar holds the days on which offices close; weekends are the work week's business. The
//! data is a text in the folder `holidays` of this crate, made by the script beside it and turned
//! into tables by the build script. It is versioned as a whole, and the plan names the version
//! that it was made with.
//! **Must never** compute holidays: new years are new data.

use crate::clock::CivilDate;
use chrono::Datelike;

/// What the build script has made of the data.
mod tables {
    use super::{Calendar, CalendarInfo, Holidays};

    include!(concat!(env!("OUT_DIR"), "/holidays.rs"));
}

/// The version of the holiday data.
pub const VERSION: &str = tables::VERSION;

/// What there is to know about a calendar besides its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalendarInfo {
    /// The name by which records refer to it: a country (ISO 3166-1, such as `CZ`), a part of one
    /// (ISO 3166-2, such as `DE-BE`), `US-FED` for the United States as a whole, or `NONE`.
    pub id: &'static str,
    /// Its name for people, such as `Germany, Berlin`.
    pub name: &'static str,
    /// The country, ISO 3166-1; none for the calendar without holidays.
    pub country: Option<&'static str>,
    /// The first year with data. In earlier years only weekends and closures count.
    pub first_year: i32,
    /// The last year with all of its days. Dates that follow the moon or a later decree are
    /// estimates.
    pub last_year: i32,
}

/// One calendar with its days.
#[derive(Debug)]
struct Calendar {
    info: CalendarInfo,
    days: Holidays,
}

/// The holidays of one calendar. Cheap to copy; a plan asks it dozens of times.
///
/// One word for every month from the first year of the data on, in it one bit for every day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holidays(&'static [u32]);

impl Holidays {
    /// Whether `date` is a holiday; never outside the years of the data.
    #[must_use]
    pub fn contains(self, date: CivilDate) -> bool {
        let Self(months) = self;
        let days = month_number(date).and_then(|month| months.get(month));
        days.is_some_and(|days| days >> date.day0() & 1 == 1)
    }
}

/// How many months the month of `date` comes after the first one of the data.
fn month_number(date: CivilDate) -> Option<usize> {
    let years = usize::try_from(date.year().checked_sub(tables::FIRST_YEAR)?).ok()?;
    years.checked_mul(12)?.checked_add(usize::try_from(date.month0()).ok()?)
}

/// Whether a calendar of that name is known.
#[must_use]
pub fn is_known(id: &str) -> bool {
    holidays(id).is_some()
}

/// Every calendar known, in ascending order of the id.
pub fn all() -> impl Iterator<Item = CalendarInfo> {
    tables::CALENDARS.iter().map(|calendar| calendar.info)
}

/// The days on which offices under the calendar `id` are closed; `None` for a calendar that is
/// not known.
#[must_use]
pub fn holidays(id: &str) -> Option<Holidays> {
    let at = tables::CALENDARS.binary_search_by(|calendar| calendar.info.id.cmp(id)).ok()?;
    tables::CALENDARS.get(at).map(|calendar| calendar.days)
}
