//! From untrusted JSON to the canonical fields of a record.
//!
//! Parse, don't validate: the only way to [`Fields`] is through here, so whoever holds them holds
//! values of the right type, in range, in the one spelling that is stored. All faults of a body are
//! reported together. **Must never** look at other records; references are checked by the caller.

use super::error::{At, FaultCode, FieldErrors};
use super::field::{Field, Need, Shape};
use super::values::parse_value;
use super::{Collection, rules};
use crate::clock::{Instant, format_instant};
use serde_json::{Map, Value};

pub use super::values::{parse_date, parse_instant, parse_zone};

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

    /// Fields that come back from the store, where only canonical ones go.
    #[must_use]
    pub fn stored(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    /// Sets a field that the server owns. Only derivations may, so this stays inside the crate.
    pub(crate) fn set(&mut self, name: &str, value: Option<Value>) {
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
    let fields = object(shape, body, At::BODY, &[], &mut errors);
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
    let fields = object(collection.shape(), body, At::BODY, SYSTEM_FIELDS, &mut errors);
    whole(collection, fields, before, now, errors)
}

/// The content of a new record made of values that are canonical one by one, as [`parse_field`] gives them.
/// Null counts as absent.
///
/// # Errors
/// As [`parse`].
pub(crate) fn parse_given(
    collection: Collection,
    mut given: Map<String, Value>,
    now: Instant,
) -> Result<Fields, FieldErrors> {
    let mut errors = FieldErrors::default();
    given.retain(|_, value| !value.is_null());
    for field in collection.shape().fields.iter().filter(|field| field.need != Need::Server) {
        if !given.contains_key(field.name)
            && let Some(value) = member(field, None, At::BODY, &mut errors)
        {
            given.insert(field.name.to_owned(), value);
        }
    }
    whole(collection, given, None, now, errors)
}

/// Adds to fields that were parsed what the server and the clock give, and checks them as a whole.
fn whole(
    collection: Collection,
    mut fields: Map<String, Value>,
    before: Option<&Map<String, Value>>,
    now: Instant,
    mut errors: FieldErrors,
) -> Result<Fields, FieldErrors> {
    for field in collection.shape().fields {
        let stored = || before.and_then(|stored| stored.get(field.name)).cloned();
        let value = match field.need {
            Need::Server => stored(),
            Need::Now if fields.contains_key(field.name) => None,
            Need::Now => stored().or_else(|| Some(Value::from(format_instant(now)))),
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

/// Parses the whole content of a record as it was served once, what the server owns included: such as
/// comes back from an export. It claims nothing new, so the state machines see no step.
///
/// # Errors
/// Every fault found, with JSON Pointers into `body`.
pub fn parse_served(
    collection: Collection,
    body: &Map<String, Value>,
    now: Instant,
) -> Result<Fields, FieldErrors> {
    let mut errors = FieldErrors::default();
    let mut fields = object(collection.shape(), body, At::BODY, SYSTEM_FIELDS, &mut errors);
    for field in collection.shape().fields.iter().filter(|field| field.need == Need::Server) {
        let given = body.get(field.name).filter(|value| !value.is_null());
        let at = At::Member(&At::BODY, field.name);
        if let Some(value) =
            given.and_then(|value| parse_value(&field.kind, value, at, &mut errors))
        {
            fields.insert(field.name.to_owned(), value);
        }
    }
    if errors.is_empty() {
        rules::check(collection, &fields, Some(&fields), now, &mut errors);
    }
    errors.or_ok(Fields(fields))
}

/// The canonical form of one field's value, or a fault at the place `at`. Null is the default of the
/// field, or null where it may be absent.
pub(crate) fn parse_field(
    field: &Field,
    value: &Value,
    at: At<'_>,
    errors: &mut FieldErrors,
) -> Option<Value> {
    if !value.is_null() {
        return parse_value(&field.kind, value, at, errors);
    }
    match field.need {
        Need::Required => {
            errors.push(at, FaultCode::Required, format!("`{}` is required", field.name));
            None
        }
        Need::Default(json) => serde_json::from_str(json).ok(),
        Need::Optional | Need::Now | Need::Server => Some(Value::Null),
    }
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

pub(super) fn object(
    shape: &Shape,
    input: &Map<String, Value>,
    place: At<'_>,
    ignored: &[&str],
    errors: &mut FieldErrors,
) -> Map<String, Value> {
    for name in input.keys().filter(|name| !ignored.contains(&name.as_str())) {
        if shape.field(name).is_none() {
            let detail = format!("{} has no field `{name}`", shape.name);
            errors.push(At::Member(&place, name), FaultCode::UnknownField, detail);
        }
    }
    let mut output = Map::new();
    for field in shape.fields.iter().filter(|field| field.need != Need::Server) {
        if let Some(value) = member(field, input.get(field.name), place, errors) {
            output.insert(field.name.to_owned(), value);
        }
    }
    output
}

fn member(
    field: &Field,
    given: Option<&Value>,
    place: At<'_>,
    errors: &mut FieldErrors,
) -> Option<Value> {
    let at = At::Member(&place, field.name);
    match given {
        None | Some(Value::Null) => match field.need {
            Need::Required => {
                errors.push(at, FaultCode::Required, format!("`{}` is required", field.name));
                None
            }
            Need::Default(json) => serde_json::from_str(json).ok(),
            Need::Optional | Need::Now | Need::Server => None,
        },
        Some(value) => parse_value(&field.kind, value, at, errors),
    }
}
