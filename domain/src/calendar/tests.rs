use super::*;
use crate::clock::{CivilDate, Instant};
use crate::entities::opportunity::{Office, Weekday};
use chrono::NaiveTime;
use chrono_tz::Tz;

fn day(text: &str) -> CivilDate {
    text.parse().expect("a date")
}

fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}

fn time(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).expect("a time")
}

fn record(zone: Option<Tz>, calendar: &str) -> Office {
    Office {
        name: None,
        time_zone: zone,
        work_week: vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
        calendar: Some(calendar.to_owned()),
        closures: Vec::new(),
        send_open: time(8, 30),
        send_close: time(17, 30),
    }
}

fn office_of(record: &Office) -> BusinessOffice {
    BusinessOffice::new(record, Tz::Europe__Prague)
}

fn new_york() -> BusinessOffice {
    office_of(&record(Some(Tz::America__New_York), "US-FED"))
}

#[test]
fn a_time_that_no_clock_showed_moves_forward_by_the_gap() {
    let instant = new_york().at(day("2026-03-08"), time(2, 30));
    assert_eq!(instant, at("2026-03-08T07:30:00Z"));
    assert_eq!(new_york().civil(instant).time(), time(3, 30));
}

#[test]
fn a_time_that_came_twice_is_the_first_of_the_two() {
    assert_eq!(new_york().at(day("2026-11-01"), time(1, 30)), at("2026-11-01T05:30:00Z"));
}

#[test]
fn a_day_that_a_zone_left_out_is_passed_over() {
    let instant = to_instant(Tz::Pacific__Apia, day("2011-12-30"), time(10, 0));
    assert_eq!(instant, at("2011-12-30T20:00:00Z"));
}

#[test]
fn business_days_leave_out_weekends_and_holidays() {
    let office = new_york();
    assert_eq!(office.add_business_days(day("2026-05-22"), 1), day("2026-05-26"));
    assert_eq!(office.add_business_days(day("2026-05-26"), -1), day("2026-05-22"));
    assert_eq!(office.add_business_days(day("2026-05-23"), 0), day("2026-05-26"));
    assert_eq!(office.roll_back(day("2026-05-25")), day("2026-05-22"));
    assert_eq!(office.business_days_between(day("2026-05-21"), day("2026-05-26")), 2);
    assert_eq!(office.business_days_between(day("2026-05-26"), day("2026-05-21")), 0);
}

#[test]
fn the_week_begins_after_the_weekend_wherever_that_is() {
    let mut sunday_to_thursday = record(Some(Tz::Asia__Jerusalem), "NONE");
    sunday_to_thursday.work_week =
        vec![Weekday::Mon, Weekday::Sun, Weekday::Thu, Weekday::Tue, Weekday::Wed];
    let office = office_of(&sunday_to_thursday);
    assert_eq!(office.week_start_day(), chrono::Weekday::Sun);
    assert_eq!(office.week_first(day("2026-05-07")), day("2026-05-03"));
    assert_eq!(office.week_last(day("2026-05-03")), day("2026-05-07"));

    let mut some_days = record(None, "NONE");
    some_days.work_week = vec![Weekday::Fri, Weekday::Mon, Weekday::Wed];
    assert_eq!(office_of(&some_days).week_start_day(), chrono::Weekday::Mon);
    some_days.work_week = vec![Weekday::Sat, Weekday::Thu, Weekday::Tue, Weekday::Fri];
    assert_eq!(office_of(&some_days).week_start_day(), chrono::Weekday::Tue);
}

#[test]
fn of_two_equal_breaks_the_one_nearer_to_monday_ends_the_week() {
    let mut two_breaks = record(None, "NONE");
    two_breaks.work_week =
        vec![Weekday::Mon, Weekday::Tue, Weekday::Thu, Weekday::Fri, Weekday::Sat];
    assert_eq!(office_of(&two_breaks).week_start_day(), chrono::Weekday::Mon);
}

#[test]
fn messages_go_out_in_office_hours() {
    let office = new_york();
    for (wanted, allowed) in [
        ("2026-05-08T15:00:00Z", "2026-05-08T15:00:00Z"),
        ("2026-05-08T21:30:00Z", "2026-05-08T21:30:00Z"),
        ("2026-05-08T21:30:01Z", "2026-05-11T12:30:00Z"),
        ("2026-05-08T10:00:00Z", "2026-05-08T12:30:00Z"),
        ("2026-05-09T15:00:00Z", "2026-05-11T12:30:00Z"),
    ] {
        assert_eq!(office.next_send(at(wanted)), at(allowed), "{wanted}");
    }
}

#[test]
fn what_is_not_known_is_said_and_replaced() {
    let office = office_of(&record(None, "MARS"));
    assert!(office.assumed_zone() && office.unknown_calendar());
    assert_eq!(office.zone(), Tz::Europe__Prague);
    assert!(office.is_business_day(day("2026-12-25")));

    let mut without_calendar = record(None, "NONE");
    without_calendar.calendar = None;
    assert!(!office_of(&without_calendar).unknown_calendar());
}

#[test]
fn an_office_that_never_opens_ends_the_search() {
    let mut closed = record(None, "NONE");
    closed.work_week = vec![Weekday::Mon];
    let mondays = (0..4_000).map(|week| shift_days(day("2026-01-05"), 7 * week));
    closed.closures = mondays.collect();
    let office = office_of(&closed);
    let monday = day("2026-05-04");
    assert_eq!(office.roll_forward(monday), monday);
    assert_eq!(office.add_business_days(monday, 5), monday);
    assert_eq!(office.week_first(monday), monday);
}

#[test]
fn the_ends_of_the_calendar_are_no_cliffs() {
    let office = new_york();
    let _ = office.add_business_days(CivilDate::MAX, i32::MAX);
    let _ = office.add_business_days(CivilDate::MIN, i32::MIN);
    let _ = office.week_last(CivilDate::MAX);
    let _ = office.next_send(Instant::MAX_UTC);
    let _ = office.next_send(Instant::MIN_UTC);
    assert_eq!(shift_days(CivilDate::MAX, 1), CivilDate::MAX);
}

#[test]
fn months_are_clamped_to_their_last_day() {
    assert_eq!(month_after(day("2027-01-31"), 1), day("2027-02-28"));
    assert_eq!(month_end(day("2028-02-03")), day("2028-02-29"));
}

#[test]
fn holidays_count_wherever_the_week_has_its_weekend() {
    let mut tel_aviv = record(Some(Tz::Asia__Jerusalem), "IL");
    tel_aviv.work_week = vec![Weekday::Sun, Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu];
    let office = office_of(&tel_aviv);
    // Rosh Hashanah is on Saturday 12 and Sunday 13 September 2026.
    assert_eq!(office.add_business_days(day("2026-09-10"), 1), day("2026-09-14"));
    assert_eq!(office.add_business_days(day("2026-09-03"), 1), day("2026-09-06"));
}

#[test]
fn outside_the_years_of_the_data_only_weekends_count() {
    let office = new_york();
    for christmas in ["2023-12-25", "2037-12-25", "1889-12-25", "9999-12-24"] {
        assert!(office.is_business_day(day(christmas)), "{christmas}");
    }
    for christmas in ["2024-12-25", "2036-12-25"] {
        assert!(!office.is_business_day(day(christmas)), "{christmas}");
    }
}

#[test]
fn every_calendar_can_be_found_by_its_id() {
    let ids: Vec<_> = holidays::all().map(|calendar| calendar.id).collect();
    assert!(ids.is_sorted_by(|one, next| one < next));
    assert!(ids.iter().all(|id| holidays::is_known(id)));
    assert!(!holidays::is_known("MARS") && holidays::holidays("").is_none());
}
