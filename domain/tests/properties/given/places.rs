//! Where the employer works, and where the candidate is.

use super::times::base;
use crate::world::{day, time};
use afterview_domain::calendar::BusinessOffice;
use afterview_domain::entities::opportunity::{Office, Weekday};
use afterview_domain::plan::Snapshot;
use chrono::{NaiveTime, TimeDelta};
use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// North and south, with and without summer time, half and three-quarter hours, and Lord Howe, whose
/// clocks change by half an hour.
const OFFICE_ZONES: &[Option<Tz>] = &[
    Some(chrono_tz::America::New_York),
    Some(chrono_tz::Europe::London),
    Some(chrono_tz::Europe::Berlin),
    Some(chrono_tz::Australia::Sydney),
    Some(chrono_tz::Pacific::Auckland),
    Some(chrono_tz::America::Sao_Paulo),
    Some(chrono_tz::Australia::Lord_Howe),
    Some(chrono_tz::Asia::Tokyo),
    Some(chrono_tz::Asia::Kathmandu),
    None,
];

const WITHOUT_CHANGES: &[Option<Tz>] = &[
    Some(chrono_tz::America::Sao_Paulo),
    Some(chrono_tz::Asia::Tokyo),
    Some(chrono_tz::Asia::Kathmandu),
    None,
];

const CANDIDATE_ZONES: &[Tz] = &[
    chrono_tz::America::New_York,
    chrono_tz::Europe::Berlin,
    chrono_tz::Asia::Tokyo,
    chrono_tz::Australia::Lord_Howe,
    chrono_tz::Pacific::Auckland,
    chrono_tz::Pacific::Honolulu,
];

use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};

const WEEKS: &[&[Weekday]] = &[
    &[Mon, Tue, Wed, Thu, Fri],
    &[Mon, Tue, Wed, Thu, Fri],
    &[Mon, Tue, Wed, Thu, Fri],
    &[Sun, Mon, Tue, Wed, Thu],
    &[Mon, Tue, Wed, Thu, Fri, Sat],
    &[Mon, Wed, Fri],
    &[Tue, Wed, Thu, Fri],
    &[Wed],
    &[],
];

const CALENDARS: &[Option<&str>] =
    &[Some("US-FED"), Some("GB-ENG"), Some("DE-BE"), Some("NONE"), Some("XX-NOWHERE"), None];

/// Opening and closing, also late and for less than an hour; the last one opens in the hour that
/// summer time skips.
const HOURS: &[(u32, u32, u32, u32)] = &[
    (8, 30, 17, 30),
    (8, 30, 17, 30),
    (9, 0, 16, 0),
    (7, 0, 22, 0),
    (0, 0, 23, 59),
    (10, 30, 19, 0),
    (8, 0, 8, 45),
    (12, 0, 20, 0),
    (2, 15, 20, 0),
];

/// An office and the zone of the candidate.
#[derive(Debug, Clone)]
pub(super) struct Place {
    office: Office,
    candidate: Tz,
}

impl Place {
    /// Moves the story of `snapshot` here.
    pub(super) fn settle(self, snapshot: &mut Snapshot) {
        snapshot.opportunity.office = self.office;
        snapshot.preferences.time_zone = self.candidate;
    }
}

/// Any office.
pub(super) fn office() -> impl Strategy<Value = Place> {
    office_in(OFFICE_ZONES)
}

/// An office whose clocks never change.
pub(super) fn office_without_clock_changes() -> impl Strategy<Value = Place> {
    office_in(WITHOUT_CHANGES)
}

/// The office of `snapshot` as the rules see it.
pub(crate) fn home(snapshot: &Snapshot) -> BusinessOffice {
    BusinessOffice::new(&snapshot.opportunity.office, snapshot.preferences.time_zone)
}

fn office_in(zones: &'static [Option<Tz>]) -> impl Strategy<Value = Place> {
    let place = (select(zones), candidate_zone(), select(CALENDARS));
    let closures = prop_oneof![vec(0_i64..70, 0..3), Just((10..22).collect())];
    (place, select(WEEKS), closures, select(HOURS)).prop_map(
        |((time_zone, candidate, calendar), week, closures, (from, from_min, to, to_min))| {
            let first = base().date_naive();
            let mut closures: Vec<_> =
                closures.into_iter().map(|days| first + TimeDelta::days(days)).collect();
            closures.sort();
            closures.dedup();
            let office = Office {
                name: None,
                time_zone,
                work_week: week.to_vec(),
                calendar: calendar.map(str::to_owned),
                closures,
                send_open: time(from, from_min),
                send_close: time(to, to_min),
            };
            Place { office, candidate }
        },
    )
}

/// Where a candidate may be.
pub(crate) fn candidate_zone() -> impl Strategy<Value = Tz> {
    select(CANDIDATE_ZONES)
}

/// Quiet hours of three to fourteen hours, over midnight or not.
pub(super) fn quiet_hours() -> impl Strategy<Value = (NaiveTime, NaiveTime)> {
    let hours: &[(u32, u32)] = &[(22, 8), (22, 8), (19, 9), (0, 6), (1, 4), (13, 16)];
    select(hours).prop_map(|(from, to)| (time(from, 0), time(to, 0)))
}

/// A day of the story.
pub(super) fn date(days: i64) -> chrono::NaiveDate {
    day("2026-05-01") + TimeDelta::days(days)
}
