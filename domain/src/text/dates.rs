//! Days in words.
//!
//! **Must never** choose a day; it says one in the language of a pack.

use crate::clock::CivilDate;
use chrono::{Datelike, NaiveDateTime, Timelike};

/// Days in the words of a language. `{weekday}`, `{day}`, `{month}` and `{time}` are filled in.
pub(super) struct Dates {
    /// From Monday.
    pub(super) weekdays: [&'static str; 7],
    /// From January.
    pub(super) months: [&'static str; 12],
    /// "Friday 8 May".
    pub(super) day: &'static str,
    /// "Friday 8 May at 17:00".
    pub(super) moment: &'static str,
    pub(super) today: &'static str,
    /// "on Wednesday".
    pub(super) on_weekday: &'static str,
    /// "on 6 May".
    pub(super) on_day: &'static str,
}

impl Dates {
    /// "Friday 8 May".
    pub(super) fn day(&self, date: CivilDate) -> String {
        self.fill(self.day, date)
    }

    /// "Friday 8 May at 17:00".
    pub(super) fn moment(&self, at: NaiveDateTime) -> String {
        let time = format!("{:02}:{:02}", at.hour(), at.minute());
        self.fill(self.moment, at.date()).replace("{time}", &time)
    }

    /// The day `date` as one speaks of it on the day `seen_from`: for a week by its weekday, which stays
    /// right if the text goes out a day earlier or later, and then by its date.
    pub(super) fn when(&self, date: CivilDate, seen_from: CivilDate) -> String {
        match (seen_from - date).num_days() {
            0..=6 => self.fill(self.on_weekday, date),
            _ => self.fill(self.on_day, date),
        }
    }

    fn fill(&self, form: &str, date: CivilDate) -> String {
        let weekday = usize::try_from(date.weekday().num_days_from_monday()).ok();
        let month = usize::try_from(date.month0()).ok();
        let weekday = weekday.and_then(|index| self.weekdays.get(index)).copied();
        let month = month.and_then(|index| self.months.get(index)).copied();
        form.replace("{weekday}", weekday.unwrap_or_default())
            .replace("{day}", &date.day().to_string())
            .replace("{month}", month.unwrap_or_default())
    }
}
