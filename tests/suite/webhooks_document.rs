//! The events in the document, under `webhooks`: all that are sent and no others, as they are sent.

use afterview_api::app::document;
use afterview_api::dto::webhook_events::{EVENTS, TEST};
use serde_json::{Value, json};
use std::sync::OnceLock;

fn whole() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::to_value(document()).unwrap())
}

/// What of a body is not as the document says of that event.
pub(crate) fn faults(event: &str, body: &Value) -> Vec<String> {
    let content = &whole()["webhooks"][event]["post"]["requestBody"]["content"];
    let mut schema = content["application/json"]["schema"].clone();
    schema["components"] = whole()["components"].clone();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut faults: Vec<String> =
        validator.iter_errors(body).map(|error| error.to_string()).collect();
    if body["type"] != event {
        faults.push(format!("{} is not {event}", body["type"]));
    }
    // What is sent is described to the last field, although receivers must bear more.
    let name = schema["$ref"].as_str().unwrap().trim_start_matches('#');
    let data = whole().pointer(name).unwrap()["properties"]["data"]["$ref"].as_str().unwrap();
    let known = &whole().pointer(data.trim_start_matches('#')).unwrap()["properties"];
    let fields = body["data"].as_object().unwrap();
    faults.extend(fields.keys().filter(|name| known.get(name.as_str()).is_none()).cloned());
    assert!(fields.values().all(|value| !value.is_object() && !value.is_array()), "not flat");
    faults
}

#[test]
fn every_event_is_described_with_an_example_that_fits() {
    let described = whole()["webhooks"].as_object().unwrap();
    let mut expected: Vec<&str> = EVENTS.iter().copied().chain([TEST]).collect();
    expected.sort_unstable();
    assert_eq!(Vec::from_iter(described.keys()), expected);
    let mut ids = Vec::new();
    for (name, item) in described {
        let operation = &item["post"];
        assert_eq!(item.as_object().unwrap().len(), 1, "{name}");
        ids.push(operation["operationId"].as_str().unwrap());
        assert!(operation["description"].as_str().unwrap().ends_with('.'), "{name}");
        assert!(!operation["summary"].as_str().unwrap().ends_with('.'), "{name}");
        assert_eq!(operation["tags"], json!(["events"]));
        let headers = operation["parameters"].as_array().unwrap().iter();
        let headers: Vec<_> =
            headers.map(|it| json!([it["in"], it["name"], it["required"]])).collect();
        let expected = json!([
            ["header", "webhook-id", true],
            ["header", "webhook-timestamp", true],
            ["header", "webhook-signature", true],
        ]);
        assert_eq!(Value::from(headers), expected, "{name}");
        let answers: Vec<_> = operation["responses"].as_object().unwrap().keys().collect();
        assert_eq!(answers, ["2XX", "410"], "{name}");
        let example = &operation["requestBody"]["content"]["application/json"]["example"];
        assert_eq!(faults(name, example), [""; 0], "{name}");
    }
    insta::assert_snapshot!(ids.join("\n"), @r"
    onFollowUpDue
    onFollowUpMoved
    onFollowUpSent
    onInterviewCreated
    onInterviewUpdated
    onOpportunityClosed
    onPromiseMissed
    onReplyRecorded
    onWebhookTest
    ");
}
