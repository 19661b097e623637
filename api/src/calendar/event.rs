//! A calendar and its events as iCalendar text (RFC 5545, RFC 7986).
//!
//! **Must never** tell more than an [`Event`] holds: its address, which is a secret, least of all.

use super::content::Lines;
use super::zone::{self, Moment};
use afterview_domain::clock::Instant;
use chrono_tz::Tz;
use std::collections::BTreeMap;

/// Who made the text.
const PRODUCT: &str = "-//Afterview//Afterview//EN";

/// How often programs are asked to look again. Most have a mind of their own.
const REFRESH: &str = "PT1H";

/// Whether it is to take place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Planned by a rule, and may move.
    Tentative,
    /// Agreed upon.
    Confirmed,
    /// Called off.
    Cancelled,
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Tentative => "TENTATIVE",
            Self::Confirmed => "CONFIRMED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// When a program reminds of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// A day before by the clock on the wall, even where that is 23 or 25 hours.
    DayBefore,
    /// An hour before.
    HourBefore,
    /// At a moment.
    At(Instant),
}

/// Something with a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The same for ever, and nobody else's.
    pub uid: String,
    /// Rises whenever the time or the status changes.
    pub sequence: i64,
    /// When it was made; `None` for what a rule planned.
    pub created_at: Option<Instant>,
    /// When it last changed.
    pub changed_at: Instant,
    /// Its first moment.
    pub starts_at: Instant,
    /// The moment after its last.
    pub ends_at: Instant,
    /// The zone in which people speak of it.
    pub zone: Tz,
    /// Whether it is to take place.
    pub status: Status,
    /// Whether there is time for nothing else.
    pub is_busy: bool,
    /// Its title.
    pub summary: String,
    /// What else to say.
    pub description: Option<String>,
    /// Where.
    pub location: Option<String>,
    /// What kind of thing it is.
    pub category: Option<&'static str>,
    /// When to remind of it.
    pub alarms: Vec<Alarm>,
}

/// A calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// What programs call it.
    pub name: String,
    /// Its events in any order.
    pub events: Vec<Event>,
}

impl Calendar {
    /// The text, the same for equal calendars; earlier events first.
    #[must_use]
    pub fn text(&self) -> String {
        let mut events: Vec<&Event> = self.events.iter().collect();
        events.sort_by_key(|event| (event.starts_at, &event.uid));
        let mut lines = Lines::default();
        lines.plain("BEGIN", "VCALENDAR");
        lines.plain("VERSION", "2.0");
        lines.plain("PRODID", PRODUCT);
        lines.plain("CALSCALE", "GREGORIAN");
        lines.text("NAME", &self.name);
        lines.text("X-WR-CALNAME", &self.name);
        lines.plain("REFRESH-INTERVAL;VALUE=DURATION", REFRESH);
        lines.plain("X-PUBLISHED-TTL", REFRESH);
        for (zone, from, to) in zones(&events).into_values() {
            zone::write(&mut lines, zone, from, to);
        }
        events.iter().for_each(|event| event.write(&mut lines));
        lines.plain("END", "VCALENDAR");
        lines.finish()
    }
}

/// The zones by which moments are told, by name, each with the first and the last of them.
fn zones(events: &[&Event]) -> BTreeMap<&'static str, (Tz, Instant, Instant)> {
    let mut zones = BTreeMap::new();
    for event in events {
        let [Moment::Local(..), _] = event.span() else { continue };
        let own = (event.zone, event.starts_at, event.ends_at);
        let (_, from, to) = zones.entry(event.zone.name()).or_insert(own);
        *from = event.starts_at.min(*from);
        *to = event.ends_at.max(*to);
    }
    zones
}

impl Event {
    fn span(&self) -> [Moment; 2] {
        Moment::all([self.starts_at, self.ends_at], self.zone)
    }

    fn write(&self, lines: &mut Lines) {
        lines.plain("BEGIN", "VEVENT");
        lines.plain("UID", &self.uid);
        lines.plain("SEQUENCE", &self.sequence.to_string());
        lines.plain("DTSTAMP", &zone::utc(self.changed_at));
        if let Some(at) = self.created_at {
            lines.plain("CREATED", &zone::utc(at));
        }
        lines.plain("LAST-MODIFIED", &zone::utc(self.changed_at));
        let [starts_at, ends_at] = self.span();
        starts_at.write(lines, "DTSTART");
        ends_at.write(lines, "DTEND");
        lines.plain("STATUS", self.status.as_str());
        lines.plain("CLASS", "PRIVATE");
        lines.plain("TRANSP", if self.is_busy { "OPAQUE" } else { "TRANSPARENT" });
        lines.text("SUMMARY", &self.summary);
        if let Some(description) = &self.description {
            lines.text("DESCRIPTION", description);
        }
        if let Some(location) = &self.location {
            lines.text("LOCATION", location);
        }
        if let Some(category) = self.category {
            lines.text("CATEGORIES", category);
        }
        self.alarms.iter().for_each(|alarm| self.write_alarm(lines, *alarm));
        lines.plain("END", "VEVENT");
    }

    fn write_alarm(&self, lines: &mut Lines, alarm: Alarm) {
        lines.plain("BEGIN", "VALARM");
        lines.plain("ACTION", "DISPLAY");
        match alarm {
            Alarm::DayBefore => lines.plain("TRIGGER", "-P1D"),
            Alarm::HourBefore => lines.plain("TRIGGER", "-PT1H"),
            Alarm::At(at) => lines.plain("TRIGGER;VALUE=DATE-TIME", &zone::utc(at)),
        }
        lines.text("DESCRIPTION", &self.summary);
        lines.plain("END", "VALARM");
    }
}
