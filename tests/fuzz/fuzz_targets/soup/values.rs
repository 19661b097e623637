//! Values of every kind of field.

use super::object;
use afterview_domain::calendar::holidays;
use afterview_domain::clock::{Instant, format_instant, from_millis};
use afterview_domain::entities::Collection;
use afterview_domain::entities::field::Kind;
use arbitrary::{Result, Unstructured};
use chrono::TimeDelta;
use chrono_tz::{TZ_VARIANTS, Tz};
use serde_json::{Value, json};

/// 1 May 2026, 12:00 UTC; around it most facts lie.
const BASE_MILLIS: i64 = 1_777_636_800_000;

/// Minutes of twelve weeks.
const SPAN_MINUTES: u32 = 12 * 7 * 24 * 60;

/// Milliseconds from 1970 to 2199.
const MOST_MILLIS: i64 = 7_258_032_000_000;

const TEXTS: &[&str] = &[
    "",
    "CA-ON",
    "by the end of the week",
    "in about two weeks",
    "hopefully next Friday",
    "after the 15th",
    "after the holidays",
    "end of the month",
    "tomorrow by 3pm",
    "soon",
    "2026-10-25",
    "thanks",
    "supplement",
];

const KINDS: &[&str] = &[
    "follow_up",
    "thank_you",
    "value_add",
    "fulfil",
    "offer_nudge",
    "debrief",
    "custom",
    "close_out",
];

const SUBJECTS: &[&str] = &["1", "2", "3", "i0", "i1", "c0", "x0", "mine"];

const RECIPIENTS: &[&str] = &["employer", "recruiter", "scheduler", "self", "k0", "k1"];

/// A value of `kind` for the field called `name`, mostly one that passes.
pub(super) fn of(bytes: &mut Unstructured<'_>, name: &str, kind: &Kind) -> Result<Value> {
    Ok(match kind {
        Kind::Text { .. } if name == "action_key" => Value::from(action_key(bytes)?),
        Kind::Text { min, max } => Value::from(text(bytes, *min, *max)?),
        Kind::Bool => Value::from(bytes.arbitrary::<bool>()?),
        Kind::Integer { min, max } => Value::from(bytes.int_in_range(*min..=*max)?),
        Kind::Word(words) => Value::from(*bytes.choose(words)?),
        Kind::Instant => Value::from(format_instant(instant(bytes)?)),
        Kind::Date => Value::from(instant(bytes)?.date_naive().to_string()),
        Kind::Time => Value::from(time(bytes)?),
        Kind::TimeZone => Value::from(zone(bytes)?.name()),
        Kind::Calendar => {
            let calendars: Vec<_> = holidays::all().map(|calendar| calendar.id).collect();
            Value::from(*bytes.choose(&calendars)?)
        }
        Kind::Ref(Collection::Opportunities) => Value::from("opp"),
        Kind::Ref(collection) => Value::from(reference(bytes, *collection)?),
        Kind::Url => Value::from("https://example.org/x"),
        Kind::Sha256 => Value::from("0".repeat(64)),
        Kind::Object(shape) => Value::Object(object(bytes, shape)?),
        Kind::List { of, max, .. } | Kind::Set { of, max, .. } => list(bytes, name, of, *max)?,
        Kind::TextMap { .. } | Kind::Fields => json!({}),
    })
}

/// A moment: mostly around the facts, sometimes anywhere in time.
pub fn moment(bytes: &mut Unstructured<'_>) -> Result<Instant> {
    if bytes.ratio(1, 16)? {
        return Ok(from_millis(bytes.arbitrary()?));
    }
    let minutes = bytes.int_in_range(0..=2 * SPAN_MINUTES)?;
    Ok(from_millis(BASE_MILLIS) + TimeDelta::minutes(i64::from(minutes)))
}

/// Any zone of the world.
pub(super) fn zone(bytes: &mut Unstructured<'_>) -> Result<Tz> {
    Ok(*bytes.choose(&TZ_VARIANTS)?)
}

/// A moment that may be stored: mostly within weeks, to the minute.
fn instant(bytes: &mut Unstructured<'_>) -> Result<Instant> {
    if bytes.ratio(1, 32)? {
        return Ok(from_millis(bytes.int_in_range(0..=MOST_MILLIS)?));
    }
    let minutes = bytes.int_in_range(0..=SPAN_MINUTES)?;
    Ok(from_millis(BASE_MILLIS) + TimeDelta::minutes(i64::from(minutes)))
}

fn time(bytes: &mut Unstructured<'_>) -> Result<String> {
    let minutes = bytes.int_in_range(0..=1_439_u16)?;
    Ok(format!("{:02}:{:02}", minutes / 60, minutes % 60))
}

fn text(bytes: &mut Unstructured<'_>, min: usize, max: usize) -> Result<String> {
    let fits = |text: &&&str| (min..=max).contains(&text.len());
    let fitting: Vec<_> = TEXTS.iter().filter(fits).collect();
    if fitting.is_empty() {
        Ok("x".repeat(min))
    } else {
        Ok((**bytes.choose(&fitting)?).to_owned())
    }
}

fn action_key(bytes: &mut Unstructured<'_>) -> Result<String> {
    let kind = bytes.choose(KINDS)?;
    let (subject, to) = (bytes.choose(SUBJECTS)?, bytes.choose(RECIPIENTS)?);
    let occurrence = if bytes.ratio(1, 4)? { "#2" } else { "" };
    Ok(format!("opp/{kind}/{subject}/{to}{occurrence}"))
}

fn reference(bytes: &mut Unstructured<'_>, collection: Collection) -> Result<String> {
    let prefix = match collection {
        Collection::Contacts => "k",
        Collection::Interviews => "i",
        Collection::FollowUps => "f",
        _ => "z",
    };
    Ok(format!("{prefix}{}", bytes.int_in_range(0..=super::MOST)?))
}

fn list(bytes: &mut Unstructured<'_>, name: &str, kind: &Kind, max: usize) -> Result<Value> {
    let count = bytes.int_in_range(0..=max.min(6))?;
    let mut values: Vec<Value> = Vec::new();
    for _ in 0..count {
        let value = of(bytes, name, kind)?;
        if !values.contains(&value) {
            values.push(value);
        }
    }
    Ok(Value::Array(values))
}
