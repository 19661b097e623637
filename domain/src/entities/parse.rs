//! From untrusted JSON to the canonical fields of a record.
//!
//! Parse, don't validate: the only way to [`Fields`] is through here, so whoever holds them holds
//! values of the right type, in range, in the one spelling that is stored. All faults of a body are
//! reported together. **Must never** look at other records; references are checked by the caller.

use super::error::{FaultCode, FieldErrors, child};
use super::field::{Field, Kind, MAX_TEXT_BYTES, Need, Shape};
use super::{Collection, rules};
use crate::calendar;
use crate::clock::{CivilDate, CivilTime, Instant, MAX_YEAR, MIN_YEAR, format_instant};
use crate::ids;
use chrono::{DateTime, Datelike, Utc};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Names that every served record carries and that a body may repeat without effect.
pub const SYSTEM_FIELDS: &[&str] = &["id", "rev", "created_at", "updated_at"];

/// The canonical fields of one record: checked one by one and against each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// The fields as JSON, without the system fields.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Fields that were canonical when they were stored.
    pub(super) fn from_stored(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    /// Sets a field that the server owns. Only derivations may, so this stays inside the crate.
    pub(super) fn set(&mut self, name: &str, value: Option<Value>) {
        match value {
            Some(value) => self.0.insert(name.to_owned(), value),
            None => self.0.remove(name),
        };
    }

    /// The same, owned.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }
}

/// Parses one object against `shape`, such as the body of an action.
///
/// # Errors
/// Every fault found, with JSON Pointers into `body`.
pub fn parse_shape(
    shape: &Shape,
    body: &Map<String, Value>,
) -> Result<Map<String, Value>, FieldErrors> {
    let mut errors = FieldErrors::default();
    let fields = object(shape, body, "", &[], &mut errors);
    errors.or_ok(fields)
}

/// Parses the whole content of a record as a client gave it.
///
/// `before` holds the stored fields when the record exists already: server-owned fields are carried
/// over from it and the state machines compare with it. `now` bounds claims about the past.
///
/// # Errors
/// Every fault found, with JSON Pointers into `body`.
pub fn parse(
    collection: Collection,
    body: &Map<String, Value>,
    before: Option<&Map<String, Value>>,
    now: Instant,
) -> Result<Fields, FieldErrors> {
    let mut errors = FieldErrors::default();
    let mut fields = object(collection.shape(), body, "", SYSTEM_FIELDS, &mut errors);
    for field in collection.shape().fields {
        let stored = before.and_then(|stored| stored.get(field.name)).cloned();
        let value = match field.need {
            Need::Server => stored,
            Need::Now if fields.contains_key(field.name) => None,
            Need::Now => stored.or_else(|| Some(Value::from(format_instant(now)))),
            _ => None,
        };
        if let Some(value) = value {
            fields.insert(field.name.to_owned(), value);
        }
    }
    if errors.is_empty() {
        rules::check(collection, &fields, before, now, &mut errors);
    }
    errors.or_ok(Fields(fields))
}

/// Applies an RFC 7396 merge patch to the stored fields and parses the result.
///
/// # Errors
/// Every fault found, with JSON Pointers that are valid in the patch or the record.
pub fn parse_patch(
    collection: Collection,
    stored: &Map<String, Value>,
    patch: &Map<String, Value>,
    now: Instant,
) -> Result<Fields, FieldErrors> {
    let mut merged = stored.clone();
    merge_patch(&mut merged, patch);
    parse(collection, &merged, Some(stored), now)
}

/// RFC 7396: members of `patch` replace those of `target`, `null` removes, objects go deeper.
pub fn merge_patch(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, change) in patch {
        match change {
            Value::Null => {
                target.remove(name);
            }
            Value::Object(inner) => {
                let slot = target.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
                if !slot.is_object() {
                    *slot = Value::Object(Map::new());
                }
                if let Value::Object(existing) = slot {
                    merge_patch(existing, inner);
                }
            }
            other => {
                target.insert(name.clone(), other.clone());
            }
        }
    }
}

fn object(
    shape: &Shape,
    input: &Map<String, Value>,
    pointer: &str,
    ignored: &[&str],
    errors: &mut FieldErrors,
) -> Map<String, Value> {
    for name in input.keys().filter(|name| !ignored.contains(&name.as_str())) {
        if shape.field(name).is_none() {
            let detail = format!("{} has no field `{name}`", shape.name);
            errors.push(child(pointer, name), FaultCode::UnknownField, detail);
        }
    }
    let mut output = Map::new();
    for field in shape.fields.iter().filter(|field| field.need != Need::Server) {
        if let Some(value) = member(field, input.get(field.name), pointer, errors) {
            output.insert(field.name.to_owned(), value);
        }
    }
    output
}

fn member(
    field: &Field,
    given: Option<&Value>,
    pointer: &str,
    errors: &mut FieldErrors,
) -> Option<Value> {
    let at = child(pointer, field.name);
    match given {
        None | Some(Value::Null) => match field.need {
            Need::Required => {
                errors.push(at, FaultCode::Required, format!("`{}` is required", field.name));
                None
            }
            Need::Default(json) => serde_json::from_str(json).ok(),
            Need::Optional | Need::Now | Need::Server => None,
        },
        Some(value) => parse_value(&field.kind, value, &at, errors),
    }
}

fn parse_value(kind: &Kind, value: &Value, at: &str, errors: &mut FieldErrors) -> Option<Value> {
    match kind {
        Kind::Bool => match value {
            Value::Bool(_) => Some(value.clone()),
            _ => wrong_type(at, "true or false", errors),
        },
        Kind::Integer { min, max } => integer(*min, *max, value, at, errors),
        Kind::Object(shape) => match value {
            Value::Object(map) => Some(Value::Object(object(shape, map, at, &[], errors))),
            _ => wrong_type(at, "an object", errors),
        },
        Kind::List { of, max, key } => list(of, *max, key, value, at, errors),
        Kind::Set { of, min, max } => set(of, *min, *max, value, at, errors),
        Kind::TextMap { max_entries, max_chars } => {
            text_map(*max_entries, *max_chars, value, at, errors)
        }
        scalar => match value {
            Value::String(text) => string(scalar, text, at, errors).map(Value::String),
            _ => wrong_type(at, "a string", errors),
        },
    }
}

fn wrong_type<T>(at: &str, expected: &str, errors: &mut FieldErrors) -> Option<T> {
    errors.push(at, FaultCode::Type, format!("expected {expected}"));
    None
}

fn fault<T>(
    at: &str,
    code: FaultCode,
    detail: impl Into<String>,
    errors: &mut FieldErrors,
) -> Option<T> {
    errors.push(at, code, detail);
    None
}

fn integer(min: i64, max: i64, value: &Value, at: &str, errors: &mut FieldErrors) -> Option<Value> {
    let Some(number) = value.as_i64() else {
        return wrong_type(at, "a whole number", errors);
    };
    if (min..=max).contains(&number) {
        Some(Value::from(number))
    } else {
        fault(at, FaultCode::Range, format!("must be between {min} and {max}"), errors)
    }
}

fn string(kind: &Kind, text: &str, at: &str, errors: &mut FieldErrors) -> Option<String> {
    let parsed = match kind {
        Kind::Text { min, max } => bounded_text(text, *min, *max),
        Kind::Word(words) => word(text, words),
        Kind::Instant => parse_instant(text).map(format_instant),
        Kind::Date => parse_date(text).map(|date| date.to_string()),
        Kind::Time => parse_time(text).map(|time| time.format("%H:%M").to_string()),
        Kind::TimeZone => parse_zone(text).map(|zone| zone.name().to_owned()),
        Kind::Calendar => known_calendar(text),
        Kind::Ref(collection) => reference(text, *collection),
        Kind::Url => url(text),
        Kind::Sha256 => sha256(text),
        _ => Err((FaultCode::Type, "not a string field".to_owned())),
    };
    match parsed {
        Ok(text) => Some(text),
        Err((code, detail)) => fault(at, code, detail, errors),
    }
}

type Parsed<T> = Result<T, (FaultCode, String)>;

fn bounded_text(text: &str, min: usize, max: usize) -> Parsed<String> {
    let chars = text.chars().count();
    if chars > max || text.len() > MAX_TEXT_BYTES {
        return Err((FaultCode::TooLong, format!("at most {max} characters, got {chars}")));
    }
    if chars < min || (min > 0 && text.trim().is_empty()) {
        return Err((FaultCode::TooShort, format!("at least {min} characters that are not blank")));
    }
    if text.contains('\u{0}') {
        return Err((FaultCode::Format, "must not contain the character U+0000".to_owned()));
    }
    Ok(text.to_owned())
}

fn word(text: &str, words: &[&str]) -> Parsed<String> {
    if words.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err((FaultCode::NotAllowed, format!("must be one of {}", words.join(", "))))
    }
}

/// Reads an RFC 3339 instant.
///
/// # Errors
/// A fault code with a sentence, when the form or the year is wrong.
pub fn parse_instant(text: &str) -> Parsed<Instant> {
    let Ok(at) = DateTime::parse_from_rfc3339(text) else {
        let detail = "expected an RFC 3339 instant such as 2026-05-06T19:00:00Z";
        return Err((FaultCode::Format, detail.to_owned()));
    };
    let at = at.with_timezone(&Utc);
    in_years(at.year()).map(|()| at)
}

/// Reads a civil date.
///
/// # Errors
/// A fault code with a sentence, when the form or the year is wrong.
pub fn parse_date(text: &str) -> Parsed<CivilDate> {
    match CivilDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(date) if text.len() == 10 => in_years(date.year()).map(|()| date),
        _ => Err((FaultCode::Format, "expected a date such as 2026-05-06".to_owned())),
    }
}

fn in_years(year: i32) -> Parsed<()> {
    if (MIN_YEAR..=MAX_YEAR).contains(&year) {
        Ok(())
    } else {
        Err((FaultCode::Range, format!("the year must be between {MIN_YEAR} and {MAX_YEAR}")))
    }
}

fn parse_time(text: &str) -> Parsed<CivilTime> {
    match CivilTime::parse_from_str(text, "%H:%M") {
        Ok(time) if text.len() == 5 => Ok(time),
        _ => Err((FaultCode::Format, "expected a time such as 09:30".to_owned())),
    }
}

/// Reads the name of an IANA time zone.
///
/// # Errors
/// A fault code with a sentence, when no such zone is known.
pub fn parse_zone(text: &str) -> Parsed<chrono_tz::Tz> {
    let found: Result<chrono_tz::Tz, _> = text.parse();
    found.map_err(|_unknown| {
        (FaultCode::Format, "expected an IANA time zone such as Europe/Prague".to_owned())
    })
}

fn known_calendar(text: &str) -> Parsed<String> {
    if calendar::holidays::is_known(text) {
        Ok(text.to_owned())
    } else {
        let detail = "no such business calendar; GET /v1/calendars lists them";
        Err((FaultCode::NotAllowed, detail.to_owned()))
    }
}

fn reference(text: &str, collection: Collection) -> Parsed<String> {
    if ids::is_record_id(text) {
        Ok(text.to_owned())
    } else {
        let name = collection.as_str();
        let detail = format!("expected the id of one of your {name}: 1 to 64 of A-Z a-z 0-9 _ . -");
        Err((FaultCode::Format, detail))
    }
}

fn url(text: &str) -> Parsed<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let has_host = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    if text.len() > 2_000 {
        Err((FaultCode::TooLong, "at most 2000 characters".to_owned()))
    } else if has_host && plain {
        Ok(text.to_owned())
    } else {
        Err((FaultCode::Format, "expected an http or https address".to_owned()))
    }
}

fn sha256(text: &str) -> Parsed<String> {
    if text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        Ok(text.to_owned())
    } else {
        Err((FaultCode::Format, "expected 64 lower-case hexadecimal digits".to_owned()))
    }
}

fn items<'v>(
    kind: &Kind,
    max: usize,
    value: &'v Value,
    at: &str,
    errors: &mut FieldErrors,
) -> Option<(Vec<Value>, &'v [Value])> {
    let Value::Array(given) = value else {
        return wrong_type(at, "a list", errors);
    };
    if given.len() > max {
        return fault(
            at,
            FaultCode::TooLong,
            format!("at most {max} items, got {}", given.len()),
            errors,
        );
    }
    let parsed = given
        .iter()
        .enumerate()
        .filter_map(|(i, item)| parse_value(kind, item, &child(at, &i.to_string()), errors))
        .collect();
    Some((parsed, given))
}

fn list(
    kind: &Kind,
    max: usize,
    key: &[&str],
    value: &Value,
    at: &str,
    errors: &mut FieldErrors,
) -> Option<Value> {
    let (parsed, _) = items(kind, max, value, at, errors)?;
    if !key.is_empty() {
        let mut seen = BTreeSet::new();
        for (i, item) in parsed.iter().enumerate() {
            let identity: Vec<String> = key
                .iter()
                .map(|name| item.get(*name).unwrap_or(&Value::Null).to_string())
                .collect();
            if !seen.insert(identity) {
                let detail = format!("the same {} twice", key.join(" and "));
                errors.push(child(at, &i.to_string()), FaultCode::Duplicate, detail);
            }
        }
    }
    Some(Value::Array(parsed))
}

fn set(
    kind: &Kind,
    min: usize,
    max: usize,
    value: &Value,
    at: &str,
    errors: &mut FieldErrors,
) -> Option<Value> {
    let (mut parsed, given) = items(kind, max, value, at, errors)?;
    if given.len() < min {
        return fault(at, FaultCode::TooShort, format!("at least {min} items"), errors);
    }
    parsed.sort_by_key(ToString::to_string);
    parsed.dedup();
    Some(Value::Array(parsed))
}

fn text_map(
    max_entries: usize,
    max_chars: usize,
    value: &Value,
    at: &str,
    errors: &mut FieldErrors,
) -> Option<Value> {
    let Value::Object(given) = value else {
        return wrong_type(at, "an object of texts", errors);
    };
    if given.len() > max_entries {
        return fault(at, FaultCode::TooLong, format!("at most {max_entries} entries"), errors);
    }
    let text = Kind::Text { min: 0, max: max_chars };
    let mut output = Map::new();
    for (name, value) in given {
        let at = child(at, name);
        if name.is_empty() || name.chars().count() > 40 {
            errors.push(at, FaultCode::TooLong, "names have 1 to 40 characters");
        } else if let Some(value) = parse_value(&text, value, &at, errors) {
            output.insert(name.clone(), value);
        }
    }
    Some(Value::Object(output))
}
