//! Time zones as calendar programs need them: each change of the clock that matters, spelled out, so that a
//! program that knows no zone by its name is right, too (RFC 5545, section 3.6.5).
//!
//! **Must never** guess a rule from changes: lawmakers keep to none.

use super::content::Lines;
use afterview_domain::calendar::{shift, to_civil, to_instant};
use afterview_domain::clock::Instant;
use chrono::{Days, NaiveDateTime, Offset, SubsecRound, TimeDelta, TimeZone};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

/// How long before and after the events changes of the clock are told. More than a year, so that a zone
/// with summer time shows both sides of it.
const AROUND: TimeDelta = TimeDelta::days(400);

/// From when on the time holds that held before the first change told.
const EVER: &str = "19700101T000000";

/// What clocks of a zone show from some moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    /// East of UTC.
    offset_secs: i32,
    is_summer: bool,
    name: Option<String>,
}

/// A moment as the value of a property: with the name of its zone, or in UTC if that is the zone or if a
/// clock there shows the same time twice and this is the second one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// In UTC.
    Utc(Instant),
    /// As a clock in the zone shows it.
    Local(Tz, NaiveDateTime),
}

impl Moment {
    /// `moments` in `zone`; all of them in UTC if one cannot be told otherwise.
    #[must_use]
    pub fn all<const N: usize>(moments: [Instant; N], zone: Tz) -> [Self; N] {
        let moments = moments.map(|at| at.trunc_subsecs(0));
        if is_utc(zone) || moments.iter().any(|at| !is_first(zone, *at)) {
            return moments.map(Self::Utc);
        }
        moments.map(|at| Self::Local(zone, to_civil(zone, at)))
    }

    /// Writes it as the property `name`.
    pub fn write(&self, lines: &mut Lines, name: &str) {
        match self {
            Self::Utc(at) => lines.plain(name, &utc(*at)),
            Self::Local(zone, civil) => {
                lines.plain(&format!("{name};TZID={}", zone.name()), &local(*civil));
            }
        }
    }
}

/// A moment in UTC as a value.
#[must_use]
pub fn utc(at: Instant) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

fn local(civil: NaiveDateTime) -> String {
    civil.format("%Y%m%dT%H%M%S").to_string()
}

fn is_utc(zone: Tz) -> bool {
    matches!(zone, Tz::UTC | Tz::Etc__UTC)
}

fn is_first(zone: Tz, at: Instant) -> bool {
    let civil = to_civil(zone, at);
    to_instant(zone, civil.date(), civil.time()) == at
}

/// Writes the component that describes `zone` for events between `from` and `to`.
pub fn write(lines: &mut Lines, zone: Tz, from: Instant, to: Instant) {
    let (begin, end) = (shift(from, -AROUND), shift(to, AROUND));
    lines.plain("BEGIN", "VTIMEZONE");
    lines.plain("TZID", zone.name());
    let mut before = shown(zone, begin);
    observance(lines, EVER, &before, &before);
    for at in changes(zone, begin, end) {
        let after = shown(zone, at);
        let offset = TimeDelta::seconds(before.offset_secs.into());
        observance(lines, &local(shift(at, offset).naive_utc()), &before, &after);
        before = after;
    }
    lines.plain("END", "VTIMEZONE");
}

fn observance(lines: &mut Lines, since: &str, before: &Shown, after: &Shown) {
    let component = if after.is_summer { "DAYLIGHT" } else { "STANDARD" };
    lines.plain("BEGIN", component);
    lines.plain("DTSTART", since);
    lines.plain("TZOFFSETFROM", &offset(before.offset_secs));
    lines.plain("TZOFFSETTO", &offset(after.offset_secs));
    if let Some(name) = &after.name {
        lines.text("TZNAME", name);
    }
    lines.plain("END", component);
}

/// "+0530".
fn offset(secs: i32) -> String {
    let (sign, size) = (if secs < 0 { '-' } else { '+' }, secs.unsigned_abs());
    let (hours, minutes, rest) = (size / 3_600, size / 60 % 60, size % 60);
    let rest = if rest == 0 { String::new() } else { format!("{rest:02}") };
    format!("{sign}{hours:02}{minutes:02}{rest}")
}

fn shown(zone: Tz, at: Instant) -> Shown {
    let offset = zone.offset_from_utc_datetime(&at.naive_utc());
    Shown {
        offset_secs: offset.fix().local_minus_utc(),
        is_summer: offset.dst_offset() != TimeDelta::zero(),
        name: offset.abbreviation().map(str::to_owned),
    }
}

/// The moments after `begin` up to `end` from which on clocks show something else. The library tells no
/// changes, so each day is looked at, and a day with one is halved until it is found.
fn changes(zone: Tz, begin: Instant, end: Instant) -> Vec<Instant> {
    let mut found = Vec::new();
    let mut day = begin.trunc_subsecs(0);
    while day < end {
        let next = day.checked_add_days(Days::new(1)).unwrap_or(end);
        if shown(zone, day) != shown(zone, next) {
            found.push(first_change(zone, day, next));
        }
        if next <= day {
            break;
        }
        day = next;
    }
    found
}

fn first_change(zone: Tz, mut before: Instant, mut after: Instant) -> Instant {
    let old = shown(zone, before);
    while after - before > TimeDelta::seconds(1) {
        let middle = shift(before, (after - before) / 2).trunc_subsecs(0);
        if shown(zone, middle) == old { before = middle } else { after = middle }
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterview_domain::entities::parse::parse_instant;

    fn at(text: &str) -> Instant {
        parse_instant(text).expect("an instant")
    }

    fn written(zone: Tz, from: &str, to: &str) -> String {
        let mut lines = Lines::default();
        write(&mut lines, zone, at(from), at(to));
        lines.finish().replace("\r\n", "\n")
    }

    #[test]
    fn every_change_of_the_clock_is_found_to_the_second() {
        let found = |zone, year: i32| {
            let [from, to] = [year, year + 1].map(|y| at(&format!("{y}-01-01T00:00:00Z")));
            let all = changes(zone, from, to).into_iter().map(utc);
            all.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found(Tz::Europe__Berlin, 2026), "20260329T010000Z 20261025T010000Z");
        assert_eq!(found(Tz::America__New_York, 2026), "20260308T070000Z 20261101T060000Z");
        assert_eq!(found(Tz::Australia__Lord_Howe, 2026), "20260404T150000Z 20261003T153000Z");
        // Ramadan.
        assert_eq!(found(Tz::Africa__Casablanca, 2026), "20260215T020000Z 20260322T020000Z");
        assert_eq!(found(Tz::Asia__Kathmandu, 2026), "");
    }

    #[test]
    fn a_zone_without_changes_is_one_time_for_ever() {
        let kathmandu =
            written(Tz::Asia__Kathmandu, "2026-05-06T00:00:00Z", "2026-05-07T00:00:00Z");
        let times = "DTSTART:19700101T000000\nTZOFFSETFROM:+0545\nTZOFFSETTO:+0545\n";
        assert!(kathmandu.contains(times), "{kathmandu}");
        assert_eq!(kathmandu.matches("BEGIN:").count(), 2);
    }

    #[test]
    fn the_second_of_two_equal_times_is_told_in_utc() {
        let first = at("2026-10-25T00:30:00Z");
        let second = at("2026-10-25T01:30:00Z");
        let zone = Tz::Europe__Berlin;
        let [first, moved] = Moment::all([first, shift(first, TimeDelta::hours(3))], zone);
        assert!(matches!((&first, &moved), (Moment::Local(..), Moment::Local(..))));
        let [second, _] = Moment::all([second, shift(second, TimeDelta::hours(3))], zone);
        assert_eq!(second, Moment::Utc(at("2026-10-25T01:30:00Z")));
    }
}
