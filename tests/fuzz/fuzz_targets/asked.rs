//! Requests out of bytes, by the document of the interface: a new operation is fuzzed without a change here.

use actix_http::Request;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::http::{Method, Uri};
use actix_web::test::TestRequest;
use afterview_api::app;
use arbitrary::{Result, Unstructured};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(app::document()).expect("JSON"));

/// Headers that something is read from.
const HEADERS: &[&str] = &[
    "if-match",
    "if-none-match",
    "idempotency-key",
    "x-forwarded-for",
    "x-request-id",
    "traceparent",
    "accept",
    "accept-encoding",
    "content-encoding",
    "content-type",
    "authorization",
    "last-event-id",
    "range",
    "origin",
];

struct Operation {
    method: Method,
    path: &'static str,
    about: &'static Value,
}

static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let all = paths.iter().flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(method, about)| (path, method, about))
    });
    let operations = all.filter_map(|(path, method, about)| {
        let method = method.to_uppercase().parse().ok()?;
        Some(Operation { method, path, about })
    });
    // Streams have no end; the trial of a webhook goes out into the network.
    let is_stream = |about: &Value| about["responses"].to_string().contains("text/event-stream");
    let is_trial = |about: &Value| about["operationId"] == "testWebhook";
    operations.filter(|it| !is_stream(it.about) && !is_trial(it.about)).collect()
});

/// A fresh account.
pub fn guest() -> Request {
    let body = json!({ "device": { "name": "phone" } });
    TestRequest::post().uri("/v1/auth/guest").set_json(body).to_request()
}

/// What an account has asked so far, and learnt.
#[derive(Debug, Default)]
pub struct Asked {
    token: String,
    known: Vec<String>,
    /// For whoever wants to know what failed.
    lines: Vec<String>,
}

impl Asked {
    /// The account whose tokens these are.
    pub fn by(tokens: &Value) -> Self {
        let token = tokens["access_token"].as_str().expect("a token").to_owned();
        let known = ["one", "me", "contacts", "interviews"].map(str::to_owned).to_vec();
        Self { token, known, lines: Vec::new() }
    }

    /// Takes identifiers, cursors, tokens and the like out of an answer.
    pub fn learn(&mut self, answer: &Value) {
        match answer {
            Value::Object(map) => map.iter().for_each(|(name, value)| match value {
                Value::String(text) if is_name(name) && self.known.len() < 64 => {
                    self.known.push(text.clone());
                }
                other => self.learn(other),
            }),
            Value::Array(items) => items.iter().take(8).for_each(|item| self.learn(item)),
            _ => {}
        }
    }

    /// The next request; none if what the bytes say is no request at all.
    pub fn request(&mut self, bytes: &mut Unstructured<'_>) -> Result<Option<Request>> {
        let operation = bytes.choose(&OPERATIONS)?;
        let uri = self.uri(bytes, operation)?;
        if uri.parse::<Uri>().is_err() {
            return Ok(None);
        }
        let method = if bytes.ratio(1, 32)? { Method::HEAD } else { operation.method.clone() };
        let mut request = TestRequest::with_uri(&uri).method(method.clone());
        if !bytes.ratio(1, 32)? {
            let bearer = format!("Bearer {}", self.token);
            request = request.insert_header((AUTHORIZATION, bearer));
        }
        let content = operation.about["requestBody"]["content"].as_object();
        let mut body = Vec::new();
        if let Some((kind, about)) = content.and_then(|content| content.iter().next()) {
            request = request.insert_header((CONTENT_TYPE, kind.as_str()));
            body = self.body(bytes, kind, &about["schema"])?;
        }
        while bytes.arbitrary()? {
            let name = HeaderName::from_static(bytes.choose(HEADERS)?);
            let text = self.text(bytes)?;
            if let Ok(value) = HeaderValue::from_str(&text) {
                request = request.insert_header((name, value));
            }
        }
        let shown = String::from_utf8_lossy(&body).into_owned();
        self.lines.push(format!("{method} {uri} {shown}"));
        Ok(Some(request.set_payload(body).to_request()))
    }

    fn uri(&self, bytes: &mut Unstructured<'_>, operation: &Operation) -> Result<String> {
        let mut path = String::new();
        for part in operation.path.split_inclusive('/') {
            let name = part.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
            match name {
                Some((_, end)) => path.push_str(&format!("{}{end}", escaped(&self.text(bytes)?))),
                None => path.push_str(part),
            }
        }
        let mut separator = '?';
        for parameter in operation.about["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "query" && bytes.ratio(1, 3)? {
                let name = parameter["name"].as_str().unwrap_or_default();
                let value = self.value(bytes, name, &parameter["schema"], 0)?;
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                path.push_str(&format!("{separator}{name}={}", escaped(&value)));
                separator = '&';
            }
        }
        if bytes.ratio(1, 64)? {
            path.push_str(&format!("{separator}{}", self.text(bytes)?));
        }
        Ok(path)
    }

    fn body(&self, bytes: &mut Unstructured<'_>, kind: &str, schema: &Value) -> Result<Vec<u8>> {
        if bytes.ratio(1, 16)? {
            return bytes.arbitrary();
        }
        if kind.ends_with("ndjson") {
            let words = DOCUMENT["components"]["schemas"].as_object().into_iter().flatten();
            let shapes: Vec<&Value> = words.map(|(_, schema)| schema).collect();
            let shape = *bytes.choose(&shapes)?;
            let record = self.value(bytes, "", shape, 0)?;
            let collection = self.text(bytes)?;
            let line = json!({ "type": "record", "collection": collection, "record": record });
            return Ok(line.to_string().into_bytes());
        }
        let value = self.value(bytes, "", schema, 0)?;
        if kind.ends_with("urlencoded") {
            let fields = value.as_object().into_iter().flatten();
            let pairs = fields.map(|(name, value)| {
                format!("{name}={}", escaped(value.as_str().unwrap_or_default()))
            });
            return Ok(pairs.collect::<Vec<_>>().join("&").into_bytes());
        }
        Ok(value.to_string().into_bytes())
    }

    /// A value for `name` as the schema has it, mostly.
    fn value(
        &self,
        bytes: &mut Unstructured<'_>,
        name: &str,
        schema: &Value,
        depth: u8,
    ) -> Result<Value> {
        if depth > 8 || bytes.ratio(1, 48)? {
            return self.odd(bytes);
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let pointer = reference.trim_start_matches('#');
            let schema = DOCUMENT.pointer(pointer).expect("it is in the document");
            return self.value(bytes, name, schema, depth + 1);
        }
        for choice in ["oneOf", "anyOf", "allOf", "enum", "examples"] {
            let Some(choices) = schema[choice].as_array().filter(|it| !it.is_empty()) else {
                continue;
            };
            let chosen = bytes.choose(choices)?;
            if matches!(choice, "enum" | "examples") {
                if choice == "examples" && bytes.arbitrary()? {
                    continue;
                }
                return Ok(chosen.clone());
            }
            return self.value(bytes, name, chosen, depth + 1);
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds.first().and_then(Value::as_str),
            kind => kind.as_str(),
        };
        Ok(match kind {
            Some("object") | None => self.object(bytes, schema, depth)?,
            Some("array") => {
                let count = bytes.int_in_range(0..=3_u8)?;
                let items =
                    (0..count).map(|_| self.value(bytes, name, &schema["items"], depth + 1));
                Value::Array(items.collect::<Result<_>>()?)
            }
            Some("boolean") => json!(bytes.arbitrary::<bool>()?),
            Some("integer" | "number") => {
                let least = schema["minimum"].as_i64().unwrap_or(0);
                json!(least.saturating_add(bytes.arbitrary::<u8>()?.into()))
            }
            Some("string") => match schema["format"].as_str() {
                Some("date-time") => {
                    json!(format!("2026-05-{:02}T09:00:00Z", bytes.int_in_range(0..=32_u8)?))
                }
                Some("date") => json!(format!("2026-05-{:02}", bytes.int_in_range(1..=31_u8)?)),
                Some("email") => json!("somebody@example.org"),
                Some("uri") => json!("https://example.org/x"),
                _ => json!(self.text(bytes)?),
            },
            Some(_) => Value::Null,
        })
    }

    fn object(&self, bytes: &mut Unstructured<'_>, schema: &Value, depth: u8) -> Result<Value> {
        let mut made = Map::new();
        let required = schema["required"].as_array();
        for (name, about) in schema["properties"].as_object().into_iter().flatten() {
            let needed = required.is_some_and(|names| names.contains(&json!(name)));
            if needed || bytes.ratio(1, 3)? {
                made.insert(name.clone(), self.value(bytes, name, about, depth + 1)?);
            }
        }
        let more = &schema["additionalProperties"];
        if more.is_object() || more == true {
            let inner = self.value(bytes, "", more, depth + 1)?;
            made.insert(self.text(bytes)?, inner);
        }
        Ok(Value::Object(made))
    }

    /// Something known, or any text.
    fn text(&self, bytes: &mut Unstructured<'_>) -> Result<String> {
        if bytes.ratio(3, 4)? && !self.known.is_empty() {
            return Ok(bytes.choose(&self.known)?.clone());
        }
        bytes.arbitrary()
    }

    fn odd(&self, bytes: &mut Unstructured<'_>) -> Result<Value> {
        Ok(match bytes.int_in_range(0..=5_u8)? {
            0 => Value::Null,
            1 => json!(bytes.arbitrary::<i64>()?),
            2 => json!(bytes.arbitrary::<f64>()?),
            3 => json!([[]]),
            4 => json!({ "": self.text(bytes)? }),
            _ => json!(self.text(bytes)?),
        })
    }
}

fn is_name(name: &str) -> bool {
    let ends = ["id", "_id", "cursor", "token", "ticket", "etag", "rev"];
    ends.iter().any(|end| name.ends_with(end)) && name != "access_token"
}

fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if plain(byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
        escaped
    })
}
