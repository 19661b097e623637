//! Makes a body agree with itself, so that fewer are refused: what begins ends later, and so on.

use afterview_domain::entities::Collection;
use serde_json::{Map, Value};

/// Changes `body` so that most of what must hold between its fields does.
pub(super) fn make(collection: Collection, body: &mut Map<String, Value>) {
    let word = |body: &Map<String, Value>, name: &str, wanted: &str| {
        body.get(name).and_then(Value::as_str) == Some(wanted)
    };
    match collection {
        Collection::Opportunities => {
            if let Some(Value::Object(office)) = body.get_mut("office") {
                put_in_order(office, "send_open", "send_close");
            }
        }
        Collection::Interviews => put_in_order(body, "starts_at", "ends_at"),
        Collection::Offers => put_in_order(body, "received_at", "deadline"),
        Collection::Expectations if word(body, "kind", "confirmed") => {
            put_in_order(body, "from", "by");
        }
        Collection::Expectations => remove(body, &["from", "by"]),
        Collection::Commitments if !word(body, "status", "fulfilled") => {
            remove(body, &["fulfilled_at"]);
        }
        Collection::FollowUps => {
            let key = body.get("action_key").and_then(Value::as_str).unwrap_or_default();
            let kind = key.split('/').nth(1).unwrap_or_default().to_owned();
            body.insert("kind".to_owned(), Value::from(kind));
            body.entry("title").or_insert_with(|| Value::from("x"));
            if let Some(at) = body.get("sent_at").cloned() {
                body.entry("due_at").or_insert(at);
            }
        }
        Collection::Replies => {
            put_in_order(body, "at", "deadline");
            if !word(body, "kind", "ooo") {
                remove(body, &["returns"]);
            }
        }
        _ => {}
    }
}

/// Exchanges two values that are not in their order; both are spelled so that text sorts like time.
fn put_in_order(body: &mut Map<String, Value>, first: &str, second: &str) {
    let (Some(one), Some(two)) = (body.get(first).cloned(), body.get(second).cloned()) else {
        return;
    };
    if one.as_str() > two.as_str() {
        body.insert(first.to_owned(), two);
        body.insert(second.to_owned(), one);
    }
}

fn remove(body: &mut Map<String, Value>, names: &[&str]) {
    for name in names {
        body.remove(*name);
    }
}
