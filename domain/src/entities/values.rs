//! One value at a time: from untrusted JSON to the canonical spelling of its kind.
//!
//! **Must never** stop at the first fault.

use super::Collection;
use super::error::{At, FaultCode, FieldErrors};
use super::field::{Kind, MAX_TEXT_BYTES};
use super::parse::object;
use crate::calendar;
use crate::clock::{CivilDate, CivilTime, Instant, MAX_YEAR, MIN_YEAR, format_instant};
use crate::ids;
use chrono::{DateTime, Datelike, Utc};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The canonical form of `value`, or a fault at the place `at`.
pub(crate) fn parse_value(
    kind: &Kind,
    value: &Value,
    at: At<'_>,
    errors: &mut FieldErrors,
) -> Option<Value> {
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
        Kind::Fields => match value {
            Value::Object(_) => Some(value.clone()),
            _ => wrong_type(at, "an object", errors),
        },
        scalar => match value {
            Value::String(text) => string(scalar, text, at, errors).map(Value::String),
            _ => wrong_type(at, "a string", errors),
        },
    }
}

fn wrong_type<T>(at: At<'_>, expected: &str, errors: &mut FieldErrors) -> Option<T> {
    errors.push(at, FaultCode::Type, format!("expected {expected}"));
    None
}

fn fault<T>(
    at: At<'_>,
    code: FaultCode,
    detail: impl Into<String>,
    errors: &mut FieldErrors,
) -> Option<T> {
    errors.push(at, code, detail);
    None
}

fn integer(
    min: i64,
    max: i64,
    value: &Value,
    at: At<'_>,
    errors: &mut FieldErrors,
) -> Option<Value> {
    let Some(number) = value.as_i64() else {
        return wrong_type(at, "a whole number", errors);
    };
    if (min..=max).contains(&number) {
        Some(Value::from(number))
    } else {
        fault(at, FaultCode::Range, format!("must be between {min} and {max}"), errors)
    }
}

fn string(kind: &Kind, text: &str, at: At<'_>, errors: &mut FieldErrors) -> Option<String> {
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
    if chars > max {
        return Err((FaultCode::TooLong, format!("at most {max} characters, got {chars}")));
    }
    if text.len() > MAX_TEXT_BYTES {
        let detail = format!("at most {MAX_TEXT_BYTES} bytes, got {}", text.len());
        return Err((FaultCode::TooLong, detail));
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
    at: At<'_>,
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
        .filter_map(|(i, item)| parse_value(kind, item, At::Item(&at, i), errors))
        .collect();
    Some((parsed, given))
}

fn list(
    kind: &Kind,
    max: usize,
    key: &[&str],
    value: &Value,
    at: At<'_>,
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
                errors.push(At::Item(&at, i), FaultCode::Duplicate, detail);
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
    at: At<'_>,
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
    at: At<'_>,
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
        let at = At::Member(&at, name);
        if let Err((code, detail)) = bounded_text(name, 1, 40) {
            errors.push(at, code, format!("names have 1 to 40 characters: {detail}"));
        } else if let Some(value) = parse_value(&text, value, at, errors) {
            output.insert(name.clone(), value);
        }
    }
    Some(Value::Object(output))
}
