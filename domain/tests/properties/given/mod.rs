//! Generated stories: everything that may be known about one opportunity, and a moment at which
//! advice is asked for.
//!
//! Everything is first told around one [base](times::base) and then moved as a whole, so that the same story can
//! happen in May, when no clock changes anywhere, or across the changes of March, April, October and
//! November. Promises are read from their words after the move, in the office's own calendar, as they
//! are when they are stored.

mod dealings;
mod moved;
mod people;
mod places;
mod times;
mod words;

pub(crate) use moved::moved;
pub(crate) use people::POOL;
pub(crate) use places::{candidate_zone, home};
pub(crate) use times::{YEAR, base, fact, pause, quiet_time, tells_apart};

use crate::world::plan_at;
use afterview_domain::clock::Instant;
use afterview_domain::entities::offer::OfferStatus;
use afterview_domain::plan::{Item, Snapshot};
use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::sample::select;
use times::{ERAS, MAY};

/// One story and the moment at which advice is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// What is known.
    pub(crate) snapshot: Snapshot,
    /// When advice is asked for.
    pub(crate) now: Instant,
    /// What the days of the story are counted from.
    pub(crate) base: Instant,
}

/// Any story, anywhere, at any time of the year.
pub(crate) fn case() -> impl Strategy<Value = Case> {
    (facts(), places::office(), select(ERAS), moment()).prop_map(told)
}

/// A story in which a week is like the same week a year later: no holidays, no clock that changes
/// and no words that name a date.
pub(crate) fn case_without_a_date() -> impl Strategy<Value = Case> {
    let anywhere = (facts(), places::office(), select(MAY), moment()).prop_map(told);
    let without_changes =
        (facts(), places::office_without_clock_changes(), select(ERAS), moment()).prop_map(told);
    prop_oneof![anywhere, without_changes].prop_map(|mut case| {
        let (office, preferences) =
            (&mut case.snapshot.opportunity.office, &mut case.snapshot.preferences);
        office.calendar = Some("NONE".to_owned());
        if case.base.date_naive() != base().date_naive() {
            preferences.time_zone = chrono_tz::Asia::Kolkata;
        }
        words::forget_dates(&mut case.snapshot);
        let before_autumn = case.base + TimeDelta::days(85);
        Case { snapshot: read(case.snapshot), now: case.now.min(before_autumn), ..case }
    })
}

fn told((mut snapshot, office, days, moment): (Snapshot, places::Place, i64, Moment)) -> Case {
    office.settle(&mut snapshot);
    let snapshot = read(forget_gone(moved(&snapshot, TimeDelta::days(days))));
    let base = base() + TimeDelta::days(days);
    Case { now: moment.resolve(&snapshot, base), snapshot, base }
}

/// Advice goes to people who are there: who is not among the contacts takes no part.
fn forget_gone(mut snapshot: Snapshot) -> Snapshot {
    let contacts = &snapshot.contacts;
    let known = |id: &str| contacts.iter().any(|contact| contact.id == id);
    for interview in &mut snapshot.interviews {
        interview.attendees.retain(|attendee| known(&attendee.contact_id));
        interview.scheduler_contact_id.take_if(|id| !known(id));
    }
    snapshot
}

/// The promises of `snapshot` as they are read in its office.
pub(crate) fn read(mut snapshot: Snapshot) -> Snapshot {
    let home = home(&snapshot);
    snapshot.expectations.iter_mut().for_each(|expectation| words::read(expectation, &home));
    snapshot
}

/// Everything known but the place.
fn facts() -> impl Strategy<Value = Snapshot> {
    let dealt = (dealings::expectations(), dealings::commitments(), dealings::acts(0..7));
    let came = (dealings::replies(), dealings::offers("o"), dealings::offers("x"));
    let rest = (dealings::supplements(), people::preferences(), any::<bool>());
    let met = (people::contacts(), people::interviews());
    (people::opportunity(), met, dealt, came, rest).prop_map(
        |(opportunity, (contacts, interviews), dealt, came, rest)| {
            let (expectations, commitments, follow_ups) = dealt;
            let (replies, mut offers, offers_elsewhere) = came;
            let (supplements, preferences, others_pending) = rest;
            // Most stories have not come to an offer.
            offers.retain(|offer| others_pending && offer.status != OfferStatus::Expired);
            Snapshot {
                opportunity,
                contacts,
                interviews,
                expectations,
                commitments,
                follow_ups,
                replies,
                offers,
                offers_elsewhere,
                others_pending,
                supplements,
                preferences,
            }
        },
    )
}

/// When advice is asked for: at any minute, soon after something happened, or right at, before or
/// after a moment that means something then.
#[derive(Debug, Clone, Copy)]
enum Moment {
    Any { minutes: i64 },
    AfterFact { number: usize, minutes: i64 },
    AtEdge { minutes: i64, number: usize, millis: i64 },
}

fn moment() -> impl Strategy<Value = Moment> {
    (-5_000_i64..120_000, 0_usize..40, 0_u8..3, -1_i64..=1).prop_map(
        |(minutes, number, how, millis)| match how {
            0 => Moment::Any { minutes },
            1 => Moment::AfterFact { number, minutes: minutes % 240 },
            _ => Moment::AtEdge { minutes, number, millis },
        },
    )
}

impl Moment {
    fn resolve(self, snapshot: &Snapshot, base: Instant) -> Instant {
        match self {
            Self::Any { minutes } => base + TimeDelta::minutes(minutes),
            Self::AfterFact { number, minutes } => {
                let facts = times::fact_times(snapshot).collect();
                nth(facts, number, base) + TimeDelta::minutes(minutes)
            }
            Self::AtEdge { minutes, number, millis } => {
                let at = base + TimeDelta::minutes(minutes);
                let plan = plan_at(snapshot, at);
                let edges = plan.items.iter().flat_map(edges).chain(plan.next_change_at);
                nth(edges.collect(), number, at) + TimeDelta::milliseconds(millis)
            }
        }
    }
}

/// The moment at the place `number`, counted round and round; `otherwise` if there is none.
fn nth(mut moments: Vec<Instant>, number: usize, otherwise: Instant) -> Instant {
    moments.sort();
    moments.get(number % moments.len().max(1)).copied().unwrap_or(otherwise)
}

fn edges(item: &Item) -> impl Iterator<Item = Instant> {
    let window = [item.earliest, item.ideal, item.latest];
    window.into_iter().chain(item.expires).chain(item.do_at).chain(item.remind_at)
}
