//! What of the records and the plan stands in a calendar, and when.
//!
//! An interview stands at its time. A follow-up stands at its best moment; once that has passed, at the
//! opening of the office on the day on which it can next be done. So it is found on the page of today, and
//! moves at most once a day.
//! **Must never** say of what [`Detail::Private`] hides more than that there is something.

use super::event::{Alarm, Event, Status};
use super::sequence::sequence;
use super::words;
use crate::planning::{Dossier, view};
use afterview_domain::calendar::{BusinessOffice, shift, shift_days};
use afterview_domain::clock::{CivilDate, CivilTime, Instant, from_millis};
use afterview_domain::entities::Interview;
use afterview_domain::entities::field::Kind;
use afterview_domain::entities::interview::InterviewStatus;
use afterview_domain::ids::calendar_uid;
use afterview_domain::plan::{Item, ItemKind};
use chrono::TimeDelta;
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// How long after its end an interview stays.
const PAST: TimeDelta = TimeDelta::days(366);

/// How long before its start an interview appears.
const FUTURE: TimeDelta = TimeDelta::days(731);

/// How long a follow-up takes.
const FOLLOW_UP: TimeDelta = TimeDelta::minutes(15);

/// How much of each event is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// That there is something: whoever looks over the candidate's shoulder learns of no interview.
    Private,
    /// Everything worth knowing at its time.
    Full,
}

impl Detail {
    /// Every word.
    pub const WORDS: &'static [&'static str] = &["private", "full"];

    /// As it is stored and sent. Whatever is not understood tells less.
    #[must_use]
    pub fn of(word: &str) -> Self {
        if word == "full" { Self::Full } else { Self::Private }
    }
}

/// The kinds of events that a feed can have.
pub const COMPONENTS: Kind = Kind::Word(&["follow_ups", "interviews"]);

/// What a feed is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// How much of each event.
    pub detail: Detail,
    /// Whether interviews.
    pub interviews: bool,
    /// Whether follow-ups.
    pub follow_ups: bool,
    /// Whether programs are to remind.
    pub alarms: bool,
}

/// What the log knows about an interview beyond its fields. Stamps look like Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The zone in which the appointment was made.
    pub time_zone: Option<Tz>,
    /// The stamp of its creation; of one that was deleted and made again, of the first.
    pub made: i64,
    /// The stamp of its last change.
    pub rev: i64,
    /// The stamp of the last change of its time or status.
    pub moved: i64,
}

/// Everything that the events are made of.
pub struct Facts<'a> {
    /// Whose they are.
    pub account_id: &'a str,
    /// The account's opportunities.
    pub dossiers: &'a [Dossier],
    /// What else is known about interviews, by id.
    pub interviews: &'a BTreeMap<String, Kept>,
    /// The stamps of the creation of each opportunity and of the last change of anything that its advice
    /// depends on, by id.
    pub stamps: &'a BTreeMap<String, (i64, i64)>,
}

/// The events, and until when they are the same although nobody writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The events in no order.
    pub events: Vec<Event>,
    /// The next moment at which something else is shown; `None` for never.
    pub until: Option<Instant>,
}

/// What is to be shown at `now`.
#[must_use]
pub fn events(facts: &Facts<'_>, wanted: Wanted, now: Instant) -> Shown {
    let mut shown = Shown { events: Vec::new(), until: None };
    for dossier in facts.dossiers {
        if wanted.interviews {
            interviews(facts, dossier, wanted, now, &mut shown);
        }
        if wanted.follow_ups {
            follow_ups(facts, dossier, wanted, now, &mut shown);
        }
    }
    shown
}

impl Shown {
    fn changes_at(&mut self, moment: Option<Instant>, now: Instant) {
        let later = moment.filter(|moment| *moment > now);
        self.until = self.until.into_iter().chain(later).min();
    }
}

fn interviews(
    facts: &Facts<'_>,
    dossier: &Dossier,
    wanted: Wanted,
    now: Instant,
    shown: &mut Shown,
) {
    for interview in &dossier.snapshot.interviews {
        let (from, to) = (shift(interview.starts_at, -FUTURE), shift(interview.ends_at, PAST));
        shown.changes_at(Some(from), now);
        shown.changes_at(Some(to), now);
        let Some(kept) = facts.interviews.get(&interview.id).filter(|_| from <= now && now < to)
        else {
            continue;
        };
        let event = Event {
            uid: calendar_uid(facts.account_id, "interviews", &interview.id),
            sequence: sequence(kept.made, kept.moved),
            created_at: Some(from_millis(kept.made)),
            changed_at: from_millis(kept.rev),
            starts_at: interview.starts_at,
            ends_at: interview.ends_at,
            zone: kept.time_zone.unwrap_or_else(|| view::office(dossier).zone()),
            status: status(interview.status),
            is_busy: status(interview.status) == Status::Confirmed,
            summary: "Appointment".to_owned(),
            description: None,
            location: None,
            category: None,
            alarms: interview_alarms(interview, wanted),
        };
        shown.events.push(match wanted.detail {
            Detail::Private => event,
            Detail::Full => words::told(dossier, interview, event),
        });
    }
}

/// What was moved stands elsewhere, as an interview of its own.
const fn status(status: InterviewStatus) -> Status {
    match status {
        InterviewStatus::CancelledThem
        | InterviewStatus::CancelledMe
        | InterviewStatus::Rescheduled => Status::Cancelled,
        InterviewStatus::Scheduled
        | InterviewStatus::Held
        | InterviewStatus::NoShowThem
        | InterviewStatus::NoShowMe => Status::Confirmed,
    }
}

fn interview_alarms(interview: &Interview, wanted: Wanted) -> Vec<Alarm> {
    if wanted.alarms && interview.status == InterviewStatus::Scheduled {
        vec![Alarm::DayBefore, Alarm::HourBefore]
    } else {
        Vec::new()
    }
}

fn follow_ups(
    facts: &Facts<'_>,
    dossier: &Dossier,
    wanted: Wanted,
    now: Instant,
    shown: &mut Shown,
) {
    let Some((made, written)) = facts.stamps.get(dossier.opportunity_id()).copied() else { return };
    let (plan, office) = (dossier.plan(now), view::office(dossier));
    shown.changes_at(plan.next_change_at, now);
    let tomorrow = shift_days(office.date_of(now), 1);
    for item in &plan.items {
        let Some(place) = place(item, &office, now) else { continue };
        if place.starts_at <= now {
            shown.changes_at(Some(midnight(&office, tomorrow)), now);
        }
        let stamp = place.since.map_or(written, |at| written.max(at.timestamp_millis()));
        let event = Event {
            uid: calendar_uid(facts.account_id, "follow_ups", &item.follow_up_id()),
            sequence: sequence(made, stamp),
            created_at: None,
            changed_at: from_millis(stamp),
            starts_at: place.starts_at,
            ends_at: shift(place.starts_at, FOLLOW_UP),
            zone: office.zone(),
            status: match item.kind {
                ItemKind::Custom => Status::Confirmed,
                _ => Status::Tentative,
            },
            is_busy: false,
            summary: "Reminder".to_owned(),
            description: None,
            location: None,
            category: None,
            alarms: follow_up_alarm(item, wanted, now),
        };
        shown.events.push(match wanted.detail {
            Detail::Private => event,
            Detail::Full => words::advised(dossier, item, event),
        });
    }
}

/// Where an item stands, and since when it stands there if time alone has moved it.
struct Place {
    starts_at: Instant,
    since: Option<Instant>,
}

/// What must wait for something else stands nowhere.
fn place(item: &Item, office: &BusinessOffice, now: Instant) -> Option<Place> {
    let do_at = item.do_at?;
    if do_at <= item.ideal {
        return Some(Place { starts_at: do_at, since: None });
    }
    // What is due now stays at the opening of this day: its own moment moves along with the clock.
    let day = office.date_of(do_at);
    let starts_at = office.opening(day).max(item.ideal);
    if starts_at == item.ideal {
        return Some(Place { starts_at, since: None });
    }
    let since = if do_at > now {
        office.closing(office.add_business_days(day, -1))
    } else {
        midnight(office, day)
    };
    Some(Place { starts_at, since: Some(since.max(item.ideal).min(now)) })
}

fn midnight(office: &BusinessOffice, day: CivilDate) -> Instant {
    office.at(day, CivilTime::MIN)
}

/// The reminder that the plan gives, once: what was not done is not rung for every morning.
fn follow_up_alarm(item: &Item, wanted: Wanted, now: Instant) -> Vec<Alarm> {
    let first = item.do_at.is_some_and(|at| at <= item.ideal) || item.snoozed_until.is_some();
    let to_come = item.remind_at.filter(|at| wanted.alarms && first && *at > now);
    to_come.map(Alarm::At).into_iter().collect()
}
