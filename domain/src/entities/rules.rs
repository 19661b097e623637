//! What must hold between the fields of a record, and which steps its status may take.
//!
//! Called after every field has been parsed on its own, so the typed view always decodes.

use super::{Collection, FaultCode, FieldErrors};
use super::{
    commitment, expectation, follow_up, interview, offer, opportunity, preferences, reply,
};
use crate::clock::Instant;
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde_json::{Map, Value};

/// Checks `fields` as a whole; `before` holds the stored fields when the record exists already.
pub(super) fn check(
    collection: Collection,
    fields: &Map<String, Value>,
    before: Option<&Map<String, Value>>,
    now: Instant,
    errors: &mut FieldErrors,
) {
    match collection {
        Collection::Opportunities => with(fields, errors, opportunity::check),
        Collection::Interviews => {
            let status = stored(before, "status");
            with(fields, errors, |typed, errors| interview::check(typed, status, now, errors));
        }
        Collection::Expectations => {
            with(fields, errors, |typed, errors| expectation::check(typed, before, fields, errors));
        }
        Collection::Commitments => with(fields, errors, commitment::check),
        Collection::FollowUps => with(fields, errors, follow_up::check),
        Collection::Replies => with(fields, errors, reply::check),
        Collection::Offers => {
            let status = stored(before, "status");
            with(fields, errors, |typed, errors| offer::check(typed, status, errors));
        }
        Collection::Preferences => with(fields, errors, preferences::check),
        Collection::Contacts | Collection::Supplements | Collection::Conflicts => {}
    }
}

fn stored<T: DeserializeOwned>(before: Option<&Map<String, Value>>, field: &str) -> Option<T> {
    let value = before?.get(field)?;
    serde_json::from_value(value.clone()).ok()
}

fn with<T: DeserializeOwned>(
    fields: &Map<String, Value>,
    errors: &mut FieldErrors,
    check: impl FnOnce(&T, &mut FieldErrors),
) {
    // No check looks at the identifier, which is not among the fields.
    let nameless = Value::from("");
    let members = fields.iter().map(|(name, value)| (name.as_str(), value));
    match T::deserialize(MapDeserializer::new(members.chain([("id", &nameless)]))) {
        Ok(typed) => check(&typed, errors),
        Err(error) => fault(errors, &error),
    }
}

fn fault(errors: &mut FieldErrors, error: &serde_json::Error) {
    errors.push("", FaultCode::Type, error.to_string());
}
