use super::*;
use crate::entities::opportunity::{Office, Weekday};
use chrono::NaiveTime;
use proptest::prelude::*;

/// An office in New York that keeps the federal holidays.
fn office() -> BusinessOffice {
    let time = |hour| NaiveTime::from_hms_opt(hour, 30, 0).expect("a time");
    let record = Office {
        name: None,
        time_zone: Some(chrono_tz::America::New_York),
        work_week: vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
        calendar: Some("US-FED".to_owned()),
        closures: Vec::new(),
        send_open: time(8),
        send_close: time(17),
    };
    BusinessOffice::new(&record, chrono_tz::UTC)
}

/// `text` as said on Wednesday 6 May 2026 at 15:00 in the office: kind, window and rule in short.
fn read(text: &str) -> String {
    read_at(text, "2026-05-06T19:00:00Z")
}

fn read_at(text: &str, spoken_at: &str) -> String {
    let reading = parse(&office(), text, spoken_at.parse().expect("an instant"));
    let day = |date: Option<CivilDate>| date.map_or("-".to_owned(), |date| date.to_string());
    let other = reading.alternative.map_or(String::new(), |date| format!(" or {date}"));
    format!("{}..{}{other} {}", day(reading.from), day(reading.by), reading.rule)
}

#[test]
fn months_and_quarters_are_read_in_business_days() {
    for (text, expected) in [
        ("early June", "2026-06-01..2026-06-10 PH-MONTH-THIRD"),
        ("mid-May", "2026-05-11..2026-05-20 PH-MONTH-THIRD"),
        ("early May", "2026-05-06..2026-05-08 PH-MONTH-THIRD"),
        ("late next month", "2026-06-22..2026-06-30 PH-MONTH-THIRD"),
        ("early to mid June", "2026-06-01..2026-06-18 PH-MONTH-THIRD"),
        ("mid-to-late April", "2027-04-12..2027-04-30 PH-MONTH-THIRD"),
        ("by the end of May", "2026-05-29..2026-05-29 PH-EOM"),
        ("end of month", "2026-05-29..2026-05-29 PH-EOM"),
        ("EOM", "2026-05-29..2026-05-29 PH-EOM"),
        ("end of the quarter", "2026-06-30..2026-06-30 PH-EOQ"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
    let after_the_last_business_day = "2026-05-31T15:00:00Z";
    let next = read_at("end of the month", after_the_last_business_day);
    assert_eq!(next, "2026-06-30..2026-06-30 PH-EOM");
    let on_the_last_day = read_at("late April", "2026-04-30T15:00:00Z");
    assert_eq!(on_the_last_day, "2026-04-30..2026-04-30 PH-MONTH-THIRD");
    for (spoken, expected) in [
        ("2026-03-10T15:00:00Z", "2026-03-31..2026-03-31 PH-EOQ"),
        ("2026-08-10T15:00:00Z", "2026-09-30..2026-09-30 PH-EOQ"),
        ("2026-12-10T15:00:00Z", "2026-12-31..2026-12-31 PH-EOQ"),
    ] {
        assert_eq!(read_at("end of this quarter", spoken), expected, "{spoken}");
    }
}

#[test]
fn dates_are_the_next_of_their_name() {
    for (text, expected) in [
        ("June 3rd", "2026-06-03..2026-06-03 PH-DATE"),
        ("the 3rd of March", "2027-03-03..2027-03-03 PH-DATE"),
        ("May the 8th", "2026-05-08..2026-05-08 PH-DATE"),
        ("8 May 2027", "2027-05-10..2027-05-10 PH-DATE"),
        ("29 February", "2028-02-29..2028-02-29 PH-DATE"),
        ("after June 3", "2026-06-04..2026-06-10 PH-AFTER-DATE"),
        ("the 5th", "2026-06-05..2026-06-05 PH-DOM"),
        ("2026-13-45", "-..- PH-UNPARSED"),
        ("February 30", "-..- PH-UNPARSED"),
        ("the 45th floor", "-..- PH-UNPARSED"),
        ("May-8", "2026-05-08..2026-05-08 PH-DATE"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn counts_are_calendar_days_unless_business_days_are_named() {
    for (text, expected) in [
        ("2-3 days", "2026-05-08..2026-05-11 PH-RANGE-D"),
        ("two, three days", "2026-05-08..2026-05-11 PH-RANGE-D"),
        ("1-2 weeks", "2026-05-13..2026-05-20 PH-RANGE-W"),
        ("1–2 weeks", "2026-05-13..2026-05-20 PH-RANGE-W"),
        ("a 2-week wait", "2026-05-20..2026-05-20 PH-N-W"),
        ("a 10 day wait", "2026-05-18..2026-05-18 PH-N-D"),
        ("two, two days", "2026-05-08..2026-05-08 PH-N-D"),
        ("two or three business days", "2026-05-08..2026-05-11 PH-RANGE-BD"),
        ("a week or two", "2026-05-13..2026-05-20 PH-RANGE-W"),
        ("a couple weeks", "2026-05-20..2026-05-20 PH-COUPLE-W"),
        ("the next few weeks", "2026-05-27..2026-06-10 PH-FEW-W"),
        ("several days", "2026-05-12..2026-05-15 PH-SEVERAL-D"),
        ("within the next two weeks", "2026-05-06..2026-05-20 PH-WITHIN"),
        ("within a month", "2026-05-06..2026-06-08 PH-WITHIN"),
        ("10 working days", "2026-05-20..2026-05-20 PH-N-BD"),
        ("10 days", "2026-05-18..2026-05-18 PH-N-D"),
        ("three months", "2026-08-06..2026-08-06 PH-N-M"),
        ("99999 weeks", "-..- PH-UNPARSED"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn weeks_and_days_count_from_the_office_week() {
    for (text, expected) in [
        ("mid next week", "2026-05-13..2026-05-13 PH-NW-MID"),
        ("late next week", "2026-05-14..2026-05-15 PH-NW-LATE"),
        ("by the end of next week", "2026-05-15..2026-05-15 PH-NW-END"),
        ("later this week", "2026-05-07..2026-05-08 PH-EOW"),
        ("this week", "2026-05-06..2026-05-08 PH-TW"),
        ("a week on Monday", "2026-05-18..2026-05-18 PH-WEEKDAY-WEEK"),
        ("Monday of next week", "2026-05-11..2026-05-11 PH-NEXT-WEEKDAY"),
        ("next Friday", "2026-05-15..2026-05-15 or 2026-05-08 PH-NEXT-WEEKDAY"),
        ("after Thursday's meeting", "2026-05-08..2026-05-14 PH-AFTER-DATE"),
        ("this Wednesday", "2026-05-06..2026-05-06 PH-WEEKDAY"),
        ("Wednesday", "2026-05-13..2026-05-13 or 2026-05-06 PH-WEEKDAY"),
        ("COB", "2026-05-06..2026-05-06 PH-TODAY"),
        ("end of day tomorrow", "2026-05-07..2026-05-07 PH-TOMORROW"),
        ("the day after tomorrow", "2026-05-08..2026-05-08 PH-TOMORROW"),
        ("Monday at 9am next week", "2026-05-11..2026-05-11 PH-NEXT-WEEKDAY"),
        ("Monday at noon next week", "2026-05-11..2026-05-11 PH-NEXT-WEEKDAY"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn from_noon_of_its_last_day_on_the_end_of_the_week_is_the_next_one() {
    let just_before_noon = read_at("end of the week", "2026-05-08T15:59:59Z");
    assert_eq!(just_before_noon, "2026-05-08..2026-05-08 PH-EOW");
    let noon = read_at("end of the week", "2026-05-08T16:00:00Z");
    assert_eq!(noon, "2026-05-15..2026-05-15 or 2026-05-08 PH-EOW-NEXT");
}

#[test]
fn the_day_of_a_month_is_still_this_months_while_it_is_ahead() {
    let late_in_may = "2026-05-20T19:00:00Z";
    assert_eq!(read_at("the 28th", late_in_may), "2026-05-28..2026-05-28 PH-DOM");
    assert_eq!(read_at("the 20th", late_in_may), "2026-05-20..2026-05-20 PH-DOM");
    assert_eq!(read_at("the 19th", late_in_may), "2026-06-22..2026-06-22 PH-DOM");
}

#[test]
fn doubt_and_times_are_kept_apart_from_the_day() {
    let spoken_at = "2026-05-06T19:00:00Z".parse().expect("an instant");
    let reading = parse(&office(), "We should be able to say by Friday, 3:30 p.m.", spoken_at);
    assert!(reading.hedged && reading.kind == ReadingKind::Exact);
    assert_eq!(reading.by_time, NaiveTime::from_hms_opt(15, 30, 0));
    let reading = parse(&office(), "by noon in roughly 3 days", spoken_at);
    assert_eq!((reading.hedged, reading.rule.as_ref()), (false, "PH-N-D+fuzz2"));
    assert_eq!(reading.by_time, NaiveTime::from_hms_opt(12, 0, 0));
}

#[test]
fn every_usual_remark_of_doubt_is_heard() {
    let spoken_at = "2026-05-06T19:00:00Z".parse().expect("an instant");
    for text in [
        "hopefully Friday",
        "probably Friday",
        "we'll try to answer by Friday",
        "we aim to be done Friday",
        "fingers crossed, Friday",
        "I think Friday",
        "with any luck Friday",
    ] {
        let reading = parse(&office(), text, spoken_at);
        assert!(reading.hedged && reading.rule == "PH-WEEKDAY", "{text}: {reading:?}");
    }
    for text in ["about a week", "a week or so", "approximately one week"] {
        assert_eq!(read(text), "2026-05-13..2026-05-15 PH-N-W+fuzz2", "{text}");
    }
}

#[test]
fn times_of_day_are_heard_in_their_usual_forms() {
    let spoken_at = "2026-05-06T19:00:00Z".parse().expect("an instant");
    for (text, hour, minute) in [
        ("by 9am on Friday", 9, 0),
        ("Friday before 9:45 a.m.", 9, 45),
        ("Friday 5 pm", 17, 0),
        ("Friday at 5:15 p.m.", 17, 15),
        ("12am Friday", 0, 0),
        ("12pm Friday", 12, 0),
        ("Friday, midday", 12, 0),
    ] {
        let reading = parse(&office(), text, spoken_at);
        assert_eq!(reading.by_time, NaiveTime::from_hms_opt(hour, minute, 0), "{text}");
        assert_eq!(reading.rule, "PH-WEEKDAY", "{text}");
    }
}

#[test]
fn names_of_numbers_weekdays_and_months_are_known() {
    let numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    for (name, number) in numbers.into_iter().zip(1..) {
        assert_eq!(names::number(name), Some(number), "{name}");
    }
    let weekdays = ["mon", "tues", "wed", "thurs", "fri", "sat", "sunday"];
    let days = weekdays.map(|name| names::weekday(name).map(|day| day.number_from_monday()));
    assert_eq!(days, [1, 2, 3, 4, 5, 6, 7].map(Some));
    let months = "jan feb mar apr may jun july aug sept oct nov december";
    for (name, month) in months.split(' ').zip(1..) {
        assert_eq!(names::month(name), Some(month), "{name}");
    }
}

#[test]
fn after_the_holidays_is_never_in_the_past() {
    let january = "2027-01-05T15:00:00Z";
    assert_eq!(read_at("after the holidays", january), "2027-01-04..2027-01-08 PH-HOLIDAYS");
    let march = "2027-03-05T15:00:00Z";
    assert_eq!(read_at("after the holidays", march), "2028-01-03..2028-01-07 PH-HOLIDAYS");
}

#[test]
fn words_without_a_date_are_told_from_words_not_understood() {
    for vague in ["soon", "We'll be in touch", "I will let you know", "as soon as we can"] {
        assert_eq!(read(vague), "-..- PH-VAGUE", "{vague}");
    }
    for strange in ["", "   ", "3", "Grüße 周末", "next", "a", "-"] {
        assert_eq!(read(strange), "-..- PH-UNPARSED", "{strange}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_into_a_sound_window(
        text in any::<String>(), words in "(early |mid |late |next |this |end of |week |friday |may |31st |2 |-|:|to |days |months |a |within |after |3pm ){0,9}",
        seconds in 0_i64..7_258_118_400
    ) {
        let spoken_at = crate::clock::from_millis(seconds * 1_000);
        for text in [text, words] {
            let reading = parse(&office(), &text, spoken_at);
            prop_assert_eq!(reading.from.is_some(), reading.by.is_some());
            prop_assert!(reading.from <= reading.by, "{text}: {reading:?}");
            prop_assert_eq!(reading.ambiguous, reading.alternative.is_some());
        }
    }
}
