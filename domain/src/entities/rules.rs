//! What must hold between the fields of a record, and which steps its status may take.
//!
//! Called after every field has been parsed on its own, so the typed view always decodes.

use super::{Collection, FaultCode, FieldErrors};
use super::{
    commitment, expectation, follow_up, interview, offer, opportunity, preferences, reply,
};
use crate::clock::Instant;
use serde::de::DeserializeOwned;
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
    let mut named = fields.clone();
    named.insert("id".to_owned(), Value::from(""));
    match serde_json::from_value(Value::Object(named)) {
        Ok(typed) => check(&typed, errors),
        Err(error) => errors.push("", FaultCode::Type, error.to_string()),
    }
}
