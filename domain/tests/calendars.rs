//! The holiday data that is shipped, against dates known from elsewhere: the lists with which the
//! golden cases were computed, and days that anybody can look up.

#![allow(clippy::expect_used, reason = "a test may stop at what cannot be")]

use afterview_domain::calendar::holidays::{self, CalendarInfo, Holidays};
use chrono::{Datelike, NaiveDate, Weekday};
use std::collections::{BTreeMap, BTreeSet};

fn calendar(id: &str) -> Holidays {
    holidays::holidays(id).expect("a known calendar")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn is_weekday(date: &NaiveDate) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Every date of the years `first` to `last`.
fn dates(first: i32, last: i32) -> impl Iterator<Item = NaiveDate> {
    let start = NaiveDate::from_ymd_opt(first, 1, 1).expect("a date");
    start.iter_days().take_while(move |date| date.year() <= last)
}

#[test]
fn the_data_agrees_with_the_lists_of_the_golden_cases_on_every_weekday() {
    let lists: BTreeMap<String, BTreeSet<NaiveDate>> =
        serde_json::from_str(include_str!("golden/holidays.json")).expect("lists of dates");
    assert!(!lists.is_empty());
    for (id, list) in lists {
        let known = calendar(&id);
        for date in dates(2026, 2027).filter(is_weekday) {
            assert_eq!(known.contains(date), list.contains(&date), "{id} {date}");
        }
    }
}

#[test]
fn holidays_are_where_everybody_knows_them_to_be() {
    for (id, held, not_held) in [
        ("AE", "2026-12-02", "2026-12-25"),
        ("AU-VIC", "2026-11-03", "2026-08-12"),
        ("BR", "2026-11-20", "2026-07-09"),
        ("CA-QC", "2026-06-24", "2026-02-16"),
        ("CH-GE", "2026-09-10", "2026-12-08"),
        ("CN", "2026-10-01", "2026-12-25"),
        ("DE", "2025-10-03", "2026-06-04"),
        ("DE-BE", "2027-03-08", "2026-06-04"),
        ("DE-BY", "2026-06-04", "2027-03-08"),
        ("ES-CT", "2026-09-11", "2025-05-02"),
        ("FR", "2026-07-14", "2026-04-03"),
        ("FR-57", "2026-04-03", "2026-06-10"),
        ("GB-ENG", "2026-05-04", "2026-01-02"),
        ("GB-NIR", "2026-07-13", "2026-08-03"),
        ("GB-SCT", "2026-01-02", "2026-04-06"),
        ("IE", "2026-02-02", "2026-07-13"),
        ("IL", "2026-09-21", "2026-12-25"),
        ("IN", "2026-01-26", "2026-05-25"),
        ("IT-MI", "2026-12-07", "2026-06-29"),
        ("IT-RM", "2026-06-29", "2026-12-07"),
        ("JP", "2026-09-22", "2026-12-25"),
        ("NZ", "2026-07-10", "2026-07-14"),
        ("US", "2026-06-19", "2026-03-31"),
        ("US-CA", "2026-03-31", "2026-10-12"),
        ("US-FED", "2026-10-12", "2026-11-27"),
        ("ZA", "2026-04-27", "2026-04-24"),
    ] {
        assert!(calendar(id).contains(day(held)), "{id} {held}");
        assert!(!calendar(id).contains(day(not_held)), "{id} {not_held}");
    }
}

#[test]
fn days_in_lieu_are_kept_and_so_are_the_days_that_they_replace() {
    for date in ["2026-07-03", "2026-07-04", "2027-12-31", "2028-01-01"] {
        assert!(calendar("US-FED").contains(day(date)), "{date}");
    }
    let golden_week = ["2026-04-29", "2026-05-03", "2026-05-04", "2026-05-05", "2026-05-06"];
    assert!(golden_week.iter().all(|date| calendar("JP").contains(day(date))));
    assert!(!calendar("JP").contains(day("2026-04-30")));
}

#[test]
fn every_calendar_but_the_one_without_holidays_has_some_in_each_of_its_years() {
    for CalendarInfo { id, first_year, last_year, .. } in holidays::all() {
        assert!(first_year == 2024 && (2035..=2036).contains(&last_year), "{id}");
        let years: BTreeSet<i32> = dates(first_year, last_year)
            .filter(|date| calendar(id).contains(*date))
            .map(|date| date.year())
            .collect();
        let expected: BTreeSet<i32> = (first_year..=last_year).filter(|_| id != "NONE").collect();
        assert_eq!(years, expected, "{id}");
    }
}

#[test]
fn a_name_says_country_and_part() {
    let named = |id: &str| holidays::all().find(|info| info.id == id).expect("a calendar");
    assert_eq!((named("DE-BE").name, named("DE-BE").country), ("Germany, Berlin", Some("DE")));
    assert_eq!((named("CZ").name, named("CZ").country), ("Czechia", Some("CZ")));
    assert_eq!(named("US-FED").name, "United States, federal");
    assert_eq!((named("NONE").name, named("NONE").country), ("Weekends only", None));
}
