//! Fields that follow from others: the reading of a promise, the moment of a change of status.
//!
//! Applied to parsed fields before they are stored, whichever way they came.
//!
//! **Must never** change what the candidate confirmed.

use super::expectation::{ExpectationKind, ExpectationStatus, keeps_an_old_reading};
use super::opportunity::Interest;
use super::parse::Fields;
use super::{Collection, parse};
use crate::calendar::BusinessOffice;
use crate::clock::{CivilDate, Instant, MAX_YEAR, MIN_YEAR, format_instant};
use crate::promise::{self, PARSER_VERSION};
use chrono::Datelike;
use serde_json::{Map, Value};

/// Completes `fields` with what the server owns. `before` holds the stored fields, if any; `office`
/// is that of the opportunity to which the record belongs.
#[must_use]
pub fn derive(
    collection: Collection,
    mut fields: Fields,
    before: Option<&Map<String, Value>>,
    office: Option<&BusinessOffice>,
    now: Instant,
) -> Fields {
    match collection {
        Collection::Interviews => {
            let status = |map: &Map<String, Value>| map.get("status").cloned();
            if before.is_some_and(|stored| status(stored) != status(fields.as_map())) {
                fields.set("status_changed_at", Some(Value::from(format_instant(now))));
            }
        }
        Collection::Opportunities => {
            let withdrawn = |word: &Value| word == Interest::Withdrawn.as_str();
            date_of_change(&mut fields, before, ("interest", "withdrawn_at"), withdrawn, now);
            date_of_change(&mut fields, before, ("closed", "closed_at"), |_| true, now);
        }
        Collection::Expectations => {
            if fields.as_map().get("status").is_none() {
                fields = with_status(fields, ExpectationStatus::Active);
            }
            if let Some(office) = office {
                read_promise(&mut fields, before, office);
            }
        }
        _ => {}
    }
    fields
}

/// The same fields of an expectation with what became of it.
#[must_use]
pub fn with_status(mut fields: Fields, status: ExpectationStatus) -> Fields {
    fields.set("status", Some(Value::from(status.as_str())));
    fields
}

/// Keeps in `at` when `field` took a value that counts; the moment goes with the value.
fn date_of_change(
    fields: &mut Fields,
    before: Option<&Map<String, Value>>,
    (field, at): (&str, &str),
    counts: impl Fn(&Value) -> bool,
    now: Instant,
) {
    let value = fields.as_map().get(field).filter(|value| counts(value)).cloned();
    let stored = before.filter(|stored| stored.get(field) == value.as_ref());
    let known = stored.and_then(|stored| stored.get(at)).cloned();
    let moment = || known.unwrap_or_else(|| Value::from(format_instant(now)));
    fields.set(at, value.map(|_| moment()));
}

/// Fills in the dates from the words, unless the candidate gave them.
fn read_promise(fields: &mut Fields, before: Option<&Map<String, Value>>, office: &BusinessOffice) {
    let text = |name: &str| fields.as_map().get(name).and_then(Value::as_str).unwrap_or_default();
    if text("kind") == ExpectationKind::Confirmed.as_str() {
        if fields.as_map().get("from").is_none() || keeps_an_old_reading(before, fields.as_map()) {
            let by = fields.as_map().get("by").cloned();
            fields.set("from", by);
        }
        fields.set("parse_rule", Some(Value::from("PH-CONFIRMED")));
        for name in ["ambiguous", "alternative", "parser_version"] {
            fields.set(name, None);
        }
        return;
    }
    let Ok(spoken_at) = parse::parse_instant(text("spoken_at")) else { return };
    let mut reading = promise::parse(office, text("text"), spoken_at);
    let storable = |date: &CivilDate| (MIN_YEAR..=MAX_YEAR).contains(&date.year());
    let dates = [reading.from, reading.by, reading.alternative];
    if !dates.iter().flatten().all(storable) {
        // Further away than any date that may be stored: as good as not understood.
        reading = promise::parse(office, "", spoken_at);
    }
    let date = |date: Option<CivilDate>| date.map(|date| Value::from(date.to_string()));
    fields.set("kind", Some(Value::from(reading.kind.as_str())));
    fields.set("from", date(reading.from));
    fields.set("by", date(reading.by));
    fields
        .set("by_time", reading.by_time.map(|time| Value::from(time.format("%H:%M").to_string())));
    fields.set("hedged", Some(Value::from(reading.hedged)));
    fields.set("ambiguous", Some(Value::from(reading.ambiguous)));
    fields.set("alternative", date(reading.alternative));
    fields.set("parse_rule", Some(Value::from(reading.rule.into_owned())));
    fields.set("parser_version", Some(Value::from(PARSER_VERSION)));
}
