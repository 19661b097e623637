//! Google's description of a request to send, and what Google's reader of JSON forgives.
//!
//! The description is strict and knows the JSON names only. Google's servers also take the names of
//! the protocol buffers (`collapse_key`), and null for absent; official clients make use of that.
//! Such bodies are brought into the one form before they are checked.

use jsonschema::Validator;
use serde_json::{Map, Value};
use std::sync::OnceLock;

const TEXT: &str = include_str!("../../fcm/fcm-send.schema.json");

fn document() -> &'static (Value, Validator) {
    static DOCUMENT: OnceLock<(Value, Validator)> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let schema: Value = serde_json::from_str(TEXT).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        (schema, validator)
    })
}

/// What is wrong with a request to send: the fields at fault, such as `message.android.ttl`, and why.
#[must_use]
pub fn faults(request: &Value) -> Vec<(String, String)> {
    let errors = document().1.iter_errors(request);
    let mut faults: Vec<(String, String)> = errors
        .map(|error| {
            let field = error.instance_path().to_string();
            (field.trim_start_matches('/').replace('/', "."), error.to_string())
        })
        .collect();
    // The description cannot count.
    let mut payload = request["message"].clone();
    for target in ["fid", "token"] {
        payload.as_object_mut().and_then(|fields| fields.remove(target));
    }
    if payload.to_string().len() > 4096 {
        faults.push(("message".to_owned(), "more than 4096 bytes".to_owned()));
    }
    faults
}

/// The request with the names that the description has.
#[must_use]
pub fn normalised(request: Value) -> Value {
    in_form(request, &document().0)
}

fn in_form(value: Value, schema: &Value) -> Value {
    let schema = resolved(schema);
    match value {
        Value::Object(fields) if schema.get("properties").is_some() => {
            Value::Object(fields_in_form(fields, &schema["properties"]))
        }
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| in_form(item, &schema["items"])).collect())
        }
        // Also the maps whose keys are the sender's own.
        other => other,
    }
}

fn fields_in_form(fields: Map<String, Value>, properties: &Value) -> Map<String, Value> {
    let known = fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| {
        let name = if properties.get(&name).is_some() { name } else { camel_case(&name) };
        let value = in_form(value, &properties[&name]);
        (name, value)
    });
    known.collect()
}

fn resolved(schema: &Value) -> &Value {
    let Some(reference) = schema["$ref"].as_str() else { return schema };
    let target = document().0.pointer(reference.trim_start_matches('#')).unwrap();
    resolved(target)
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut sum, word| {
        let (head, tail) = word.split_at(word.len().min(1));
        sum.push_str(&head.to_ascii_uppercase());
        sum.push_str(tail);
        sum
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_googles_reader_forgives_is_forgiven_and_nothing_else() {
        let request = json!({
            "validate_only": false,
            "message": {
                "fid": "f",
                "topic": null,
                "data": { "follow_up_id": "x" },
                "android": { "collapse_key": "sync", "notification": { "channel_id": "c" } },
            },
        });
        let request = normalised(request);
        assert_eq!(
            request,
            json!({
                "validateOnly": false,
                "message": {
                    "fid": "f",
                    "data": { "follow_up_id": "x" },
                    "android": { "collapseKey": "sync", "notification": { "channelId": "c" } },
                },
            })
        );
        assert_eq!(faults(&request), []);
    }

    #[test]
    fn a_fault_names_its_field() {
        for (message, field) in [
            (json!({ "fid": "f", "android": { "ttl": 5 } }), "message.android.ttl"),
            (json!({ "fid": "f", "data": { "v": 5 } }), "message.data.v"),
            (json!({ "fid": "f", "token": "t" }), "message"),
            (json!({ "fid": "f", "colour": "red" }), "message"),
            (json!({ "fid": "f", "data": { "long": "x".repeat(5000) } }), "message"),
        ] {
            let faults = faults(&json!({ "message": message }));
            assert_eq!(faults.first().expect("a fault").0, field);
        }
    }
}
