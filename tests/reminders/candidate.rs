//! Candidates and their devices as the test knows them: where they are, when they sleep, what they have
//! done with, and how they can be reached.
//!
//! **Must never** ask the server: this is what its messages are compared with.

use afterview_domain::clock::Instant;
use afterview_tests::Client;
use afterview_tests::simulation::Random;
use chrono::{NaiveTime, Timelike};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// Where candidates live: both hemispheres, half hours, and half an hour of summer time.
pub(crate) const ZONES: [&str; 12] = [
    "America/New_York",
    "Europe/Prague",
    "Asia/Kolkata",
    "Australia/Sydney",
    "America/St_Johns",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kathmandu",
    "America/Los_Angeles",
    "Pacific/Auckland",
    "Asia/Tokyo",
];

/// What is to be put right at once comes in the night, too.
const AT_ANY_HOUR: [&str; 2] = ["no_show_ping", "apologise"];

/// What one does not do any more after a no.
const NOT_AFTER_A_NO: [&str; 4] = ["follow_up", "value_add", "offer_nudge", "close_out"];

/// A device: a session.
pub(crate) struct Device {
    /// In its name.
    pub(crate) client: Client,
    /// Its session's id.
    pub(crate) session: String,
    /// Where it is reached now.
    pub(crate) address: Option<String>,
    /// Up to which stamp it said that it had scheduled reminders itself.
    pub(crate) scheduled_through: i64,
    /// The zone that it reported last.
    pub(crate) zone: Option<String>,
    /// It signed out.
    pub(crate) is_out: bool,
}

/// Somebody with an account, one opportunity and some devices.
pub(crate) struct Candidate {
    /// The account.
    pub(crate) account: String,
    /// What the e-mail address begins with, and the ids of the records.
    pub(crate) name: String,
    /// Where reminders live.
    pub(crate) zone: Tz,
    /// The quiet hours, in that zone.
    pub(crate) quiet: (NaiveTime, NaiveTime),
    /// Kinds that are switched off.
    pub(crate) muted: BTreeSet<String>,
    /// Follow-ups that were sent or skipped.
    pub(crate) finished: BTreeSet<String>,
    /// Follow-ups that were put off, and when that was done last.
    pub(crate) put_off: BTreeMap<String, Instant>,
    /// The candidate closed the opportunity.
    pub(crate) is_closed: bool,
    /// They said no, and nothing since.
    pub(crate) is_rejected: bool,
    /// The first one never signs out.
    pub(crate) devices: Vec<Device>,
    /// Draws what the candidate does.
    pub(crate) random: Random,
    /// What the candidate did and when, for whoever has to find out why something went wrong.
    pub(crate) diary: Vec<String>,
}

impl Candidate {
    /// Whether the candidate is not to be disturbed.
    pub(crate) fn is_quiet(&self, at: Instant) -> bool {
        let local = at.with_timezone(&self.zone).time().with_nanosecond(0).unwrap();
        let (from, to) = self.quiet;
        if from > to { local >= from || local < to } else { local >= from && local < to }
    }

    /// Whether a reminder of that kind waits at that time.
    pub(crate) fn holds_back(&self, kind: &str, at: Instant) -> bool {
        self.is_quiet(at) && !AT_ANY_HOUR.contains(&kind)
    }

    /// Why no reminder of that kind about this follow-up may come any more.
    pub(crate) fn is_done_with(&self, follow_up: &str, kind: &str) -> Option<&'static str> {
        let no = self.is_rejected && NOT_AFTER_A_NO.contains(&kind);
        [
            (self.finished.contains(follow_up), "it was sent or skipped"),
            (self.muted.contains(kind), "its kind is switched off"),
            (self.is_closed, "the opportunity is closed"),
            (no, "they said no"),
        ]
        .into_iter()
        .find_map(|(holds, why)| holds.then_some(why))
    }

    /// The devices that get notifications.
    pub(crate) fn reachable(&self) -> impl Iterator<Item = &Device> {
        self.devices.iter().filter(|device| device.address.is_some() && !device.is_out)
    }

    /// The id of the opportunity.
    pub(crate) fn opportunity(&self) -> String {
        format!("{}-o", self.name)
    }
}
