//! Examples of requests and answers: what a server really answered, recorded by `tests/suite/examples/`,
//! put where the document shows none.
//!
//! **Must never** hold an example that was made up.

use super::operations_of;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::openapi::path::{Operation, ParameterBuilder};
use utoipa::openapi::{Content, OpenApi, RefOr};

const RECORDED: &str = include_str!("examples.json");

/// One request and its answers.
#[derive(Deserialize)]
struct Recorded {
    /// Values of the parameters of the address, by name.
    #[serde(default)]
    parameters: BTreeMap<String, Value>,
    /// The body that was sent.
    body: Option<Value>,
    /// Status to media type to body.
    #[serde(default)]
    answers: BTreeMap<String, BTreeMap<String, Value>>,
}

/// Shows in every operation what was recorded of it. What was recorded of an operation that is gone is passed
/// over; a test records all of them anew.
pub(super) fn show(document: &mut OpenApi) {
    // A test reads the same text, so it can be read.
    let mut recorded: BTreeMap<String, Recorded> =
        serde_json::from_str(RECORDED).unwrap_or_default();
    for operation in operations_of(document) {
        let id = operation.operation_id.as_deref().unwrap_or_default();
        if let Some(recorded) = recorded.remove(id) {
            show_in(operation, recorded);
        }
    }
}

fn show_in(operation: &mut Operation, mut recorded: Recorded) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(known) = parameter else { continue };
        if let Some(value) = recorded.parameters.remove(&known.name) {
            let parameter_with = ParameterBuilder::from(known.clone()).example(Some(value));
            *known = parameter_with.build();
        }
    }
    if let (Some(RefOr::T(request)), Some(body)) = (&mut operation.request_body, recorded.body) {
        request.content.values_mut().for_each(|content| put(content, &body));
    }
    for (status, bodies) in recorded.answers {
        let Some(RefOr::T(response)) = operation.responses.responses.get_mut(&status) else {
            continue;
        };
        for (media_type, body) in bodies {
            if let Some(content) = response.content.get_mut(&media_type) {
                put(content, &body);
            }
        }
    }
}

/// Puts the example where there is none.
fn put(content: &mut RefOr<Content>, example: &Value) {
    if let RefOr::T(content) = content
        && content.example.is_none()
        && content.examples.is_empty()
    {
        content.example = Some(example.clone());
    }
}
