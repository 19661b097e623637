//! An interview that one device reports as past while another one moves it into the future.
//!
//! **Must never** forget a date that somebody typed: the one that gives way becomes a conflict or stands
//! in the history.

use super::Record;
use super::merge::{Asked, Merged, Wanted};
use super::seen::Seen;
use crate::clock::Instant;
use crate::entities::Collection;
use crate::entities::interview::InterviewStatus;
use crate::entities::parse::parse_instant;
use serde_json::{Map, Value};

/// Whether another device moved the appointment since the edit began.
pub(super) fn may_matter(record: &Record, seen: &Seen<'_>) -> bool {
    record.collection == Collection::Interviews
        && APPOINTMENT.iter().any(|name| seen.moved(record, name))
}

/// The fields of an interview's appointment.
const APPOINTMENT: [&str; 3] = ["starts_at", "ends_at", "time_zone"];

/// An interview that one device reports as past while another one, not knowing of it, moved it into the
/// future: it was when it was planned before, and the candidate is asked.
pub(super) fn keep(
    record: &Record,
    merged: &mut Merged,
    wanted: &Wanted,
    seen: &Seen<'_>,
    now: Instant,
) {
    use InterviewStatus::{Held, NoShowMe, NoShowThem};
    let status = merged.fields.get("status").and_then(Value::as_str).unwrap_or_default();
    if record.collection != Collection::Interviews
        || ![Held, NoShowMe, NoShowThem].iter().any(|past| past.as_str() == status)
    {
        return;
    }
    let ends_at = merged.fields.get("ends_at").and_then(Value::as_str);
    if ends_at.and_then(|text| parse_instant(text).ok()).is_none_or(|ends_at| ends_at <= now) {
        return;
    }
    let of = |map: &Map<String, Value>| -> Map<String, Value> {
        let value = |name: &str| map.get(name).cloned().unwrap_or_default();
        APPOINTMENT.iter().map(|name| ((*name).to_owned(), value(name))).collect()
    };
    let unseen_move = APPOINTMENT.iter().find(|name| seen.moved(record, name));
    if let (true, Some(moved)) = (wanted.fields.contains_key("status"), unseen_move) {
        let was = seen.values(record, &APPOINTMENT);
        let asked = APPOINTMENT.iter().filter_map(|name| match wanted.fields.get(*name) {
            Some(Asked::Value(value)) => Some(((*name).to_owned(), value.clone())),
            _ => None,
        });
        let asked = asked.collect();
        let meta = record.last_change(moved);
        let theirs = meta.map_or((String::new(), 0), |meta| (meta.device.clone(), meta.eff));
        // The other date stands in the history as what is replaced; one of its own stands nowhere else.
        let own = APPOINTMENT.iter().any(|name| wanted.fields.contains_key(*name));
        let (lost, who) = match own {
            true => (asked, (seen.device.to_owned(), seen.effective)),
            false => (of(&record.doc), theirs),
        };
        merged.hold("appointment", (was, lost), who);
    } else if seen.moved(record, "status") {
        let (kept, lost) = (of(&record.doc), of(&merged.fields));
        merged.hold("appointment", (kept, lost), (seen.device.to_owned(), seen.effective));
    }
}
