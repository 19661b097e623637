//! What the double may answer.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::http::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch;

const FCM_ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.FcmError";

/// One answer of a script.
#[derive(Debug, Clone, Default)]
pub enum Answer {
    /// What a request that is in order gets.
    #[default]
    Ok,
    /// A status, a body and perhaps a `Retry-After`.
    Status {
        /// HTTP status.
        status: u16,
        /// The body: JSON, or a page of HTML if it is a string.
        body: Value,
        /// The header, if any.
        retry_after: Option<String>,
    },
    /// What is behind the gate, once the test opens it.
    Slow(Gate, Box<Self>),
    /// The connection is closed, as if the request had never arrived.
    DropBefore,
    /// The connection is closed when the request has been taken over, before any answer.
    DropAfter,
    /// As [`Self::Ok`], and then the server says GOAWAY: the next requests need another connection.
    GoAway,
}

impl Answer {
    /// An error of the interface with `code` in an `FcmError` and `details` before it.
    #[must_use]
    pub fn fcm(status: u16, code: &str, details: &[Value]) -> Self {
        let mut details = details.to_vec();
        details.push(json!({ "@type": FCM_ERROR, "errorCode": code }));
        Self::error(status, &json!({ "details": details }))
    }

    /// An error of Google's interfaces in general; `fields` come on top of the usual ones.
    #[must_use]
    pub fn error(status: u16, fields: &Value) -> Self {
        let general = match status {
            400 => "INVALID_ARGUMENT",
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            429 => "RESOURCE_EXHAUSTED",
            503 => "UNAVAILABLE",
            _ => "INTERNAL",
        };
        let mut error = json!({ "code": status, "message": "No.", "status": general });
        for (name, value) in fields.as_object().into_iter().flatten() {
            error[name] = value.clone();
        }
        Self::Status { status, body: json!({ "error": error }), retry_after: None }
    }

    /// An invalid argument whose violation names `field`.
    #[must_use]
    pub fn invalid(field: &str) -> Self {
        let violations = json!({
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{ "field": field, "description": "Not so." }],
        });
        Self::fcm(400, "INVALID_ARGUMENT", &[violations])
    }

    /// A used up quota of `subject`, such as `device:…` or `project:…`.
    #[must_use]
    pub fn quota(subject: &str) -> Self {
        let failure = json!({
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [{ "subject": subject, "description": "Too many." }],
        });
        Self::fcm(429, "QUOTA_EXCEEDED", &[failure])
    }

    /// A page where JSON should be, as something in between writes it.
    #[must_use]
    pub fn html(status: u16) -> Self {
        let body = format!("<!DOCTYPE html><title>Error {status}</title><p>That is all we know.");
        Self::Status { status, body: body.into(), retry_after: None }
    }

    /// A refusal of the token endpoint (RFC 6749, section 5.2).
    #[must_use]
    pub fn oauth(status: u16, error: &str) -> Self {
        let body = json!({ "error": error, "error_description": "Account not found" });
        Self::Status { status, body, retry_after: None }
    }

    /// The same with a `Retry-After`: seconds or a date.
    #[must_use]
    pub fn retry_after(self, value: &str) -> Self {
        match self {
            Self::Status { status, body, .. } => {
                Self::Status { status, body, retry_after: Some(value.to_owned()) }
            }
            other => other,
        }
    }

    /// Whether a message that is answered so will be delivered.
    pub(super) fn takes(&self) -> bool {
        match self {
            Self::Ok | Self::DropAfter | Self::GoAway => true,
            Self::Status { .. } | Self::DropBefore => false,
            Self::Slow(_, behind) => behind.takes(),
        }
    }

    /// The same once `gate` is open.
    #[must_use]
    pub fn behind(self, gate: &Gate) -> Self {
        Self::Slow(gate.clone(), Box::new(self))
    }
}

/// What holds an answer back until the test opens it. Starts closed.
#[derive(Debug, Clone)]
pub struct Gate(watch::Sender<bool>);

impl Default for Gate {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Gate {
    /// Lets all answers behind it out, those to come included.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    pub(super) async fn passed(&self) {
        self.0.subscribe().wait_for(|open| *open).await.unwrap();
    }
}

/// An answer as it goes out.
pub(super) type Reply = Response<Full<Bytes>>;

pub(super) fn reply(status: u16, body: &Value, retry_after: Option<&str>) -> Reply {
    let (kind, text) = match body {
        Value::String(page) => ("text/html; charset=UTF-8", page.clone()),
        json => ("application/json; charset=UTF-8", json.to_string()),
    };
    let mut response = Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header("content-type", kind);
    if let Some(value) = retry_after {
        response = response.header("retry-after", value);
    }
    response.body(Full::new(text.into())).unwrap()
}
