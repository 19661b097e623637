//! Asks by the names that operations have in the document, and notes what was sent and what came back.

use afterview_tests::{Answer, Client};
use reqwest::{Method, Url};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What is secret, or made by chance, and the word that stands in its place.
const WORDS: [(&str, &str); 9] = [
    ("access_token", "eyJ0eXAiOiJhdCtqd3QifQ.eyJzdWIiOiJ0aGUgYWNjb3VudCJ9.c2lnbmF0dXJl"),
    ("refresh_token", "afr_the-refresh-token"),
    ("id_token", "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXJl"),
    ("token", "aft_the-token-shown-once"),
    ("ticket", "the-ticket-of-the-stream"),
    ("web_push_key", "BB7f-the-public-key-of-the-server"),
    ("kid", "1297aa45287358"),
    ("x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
    ("issuer", "https://accounts.example.org"),
];

/// What was noted so far.
pub(super) struct Recorder {
    document: Value,
    /// By operation id.
    noted: BTreeMap<String, Value>,
}

impl Recorder {
    pub(super) async fn new(client: &Client) -> Self {
        let document = client.get("/openapi.json").await.expect(200);
        Self { document, noted: BTreeMap::new() }
    }

    /// Asks `operation` with `request`, which may have `path`, `query` and `headers`, each an object by name,
    /// and `body`, and gives the JSON answer. Of several answers with
    /// one status and media type the first is noted.
    pub(super) async fn ask(&mut self, client: &Client, operation: &str, request: Value) -> Value {
        let (method, path, media_type) = self.find(operation);
        let body = match (&request["body"], media_type.as_str()) {
            (Value::Null, _) => Vec::new(),
            (Value::String(text), _) => text.clone().into_bytes(),
            (fields, "application/x-www-form-urlencoded") => form(fields).into_bytes(),
            (body, _) => body.to_string().into_bytes(),
        };
        let mut headers = Vec::from_iter(texts(&request["headers"]));
        headers.extend((!body.is_empty()).then_some(("content-type", media_type.as_str())));
        let answer = client.raw(method, &address(&path, &request), &headers, body).await;
        assert!(answer.status < 300, "{operation}: {} {}", answer.status, answer.text);
        self.note(operation, &request, &answer);
        if answer.header("content-type") == "application/json" {
            answer.json()
        } else {
            Value::Null
        }
    }

    /// Everything noted, as it is checked in.
    pub(super) fn text(&self) -> String {
        serde_json::to_string_pretty(&self.noted).unwrap() + "\n"
    }

    /// Method, address and media type of the body.
    fn find(&self, operation: &str) -> (Method, String, String) {
        for (path, item) in self.document["paths"].as_object().unwrap() {
            for (method, found) in item.as_object().unwrap() {
                if found["operationId"] == operation {
                    let contents = found["requestBody"]["content"].as_object();
                    let media_type = contents.and_then(|all| all.keys().next()).cloned();
                    let method = method.to_uppercase().parse().unwrap();
                    return (method, path.clone(), media_type.unwrap_or_default());
                }
            }
        }
        panic!("the document has no {operation}")
    }

    fn note(&mut self, operation: &str, request: &Value, answer: &Answer) {
        let noted = self.noted.entry(operation.to_owned()).or_insert_with(|| {
            let places = ["path", "query", "headers"].map(|place| request[place].as_object());
            let parameters: Map<String, Value> = places
                .into_iter()
                .flatten()
                .flatten()
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect();
            let mut noted = json!({});
            if !parameters.is_empty() {
                noted["parameters"] = plain(Value::Object(parameters));
            }
            if !request["body"].is_null() {
                noted["body"] = plain(request["body"].clone());
            }
            noted
        });
        let media_type = answer.header("content-type").split(';').next().unwrap().to_owned();
        let known = noted["answers"][answer.status.to_string()].get(&media_type).is_some();
        if answer.text.is_empty() || known {
            return;
        }
        let shown = match media_type.as_str() {
            "application/json" => plain(answer.json()),
            _ => Value::from(answer.text.clone()),
        };
        noted["answers"][answer.status.to_string()][media_type] = shown;
    }
}

/// The address with its parameters filled in.
fn address(path_of: &str, request: &Value) -> String {
    let path = request["path"].as_object().into_iter().flatten();
    let path = path.fold(path_of.to_owned(), |path, (name, value)| {
        path.replace(&format!("{{{name}}}"), &word(value))
    });
    let query = form(&request["query"]);
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// The members of an object as a form sends them.
fn form(fields: &Value) -> String {
    let mut url = Url::parse("http://server").unwrap();
    for (name, value) in fields.as_object().into_iter().flatten() {
        url.query_pairs_mut().append_pair(name, &word(value));
    }
    url.query().unwrap_or_default().to_owned()
}

fn texts(object: &Value) -> impl Iterator<Item = (&str, &str)> {
    let members = object.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
}

/// A parameter as an address has it.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The word in the place of a secret of an integration.
fn secret(name: &str, member: &Value) -> Option<&'static str> {
    let text = member.as_str()?;
    match name {
        "secret" if text.starts_with("whsec_") => {
            Some("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
        }
        "secret" => Some("the-secret-of-the-feed"),
        "url" if text.ends_with(".ics") => {
            Some("https://afterview.example.org/calendar/the-secret-of-the-feed.ics")
        }
        _ => None,
    }
}

/// `value` without secrets and chance.
fn plain(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            for (name, member) in members {
                let word = WORDS.iter().find(|(secret, _)| secret == name);
                let word = word.map(|(_, word)| *word).or_else(|| secret(name, member));
                *member = match word {
                    Some(word) if member.is_string() => json!(word),
                    _ => plain(member.take()),
                };
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = plain(item.take())),
        _ => {}
    }
    value
}
