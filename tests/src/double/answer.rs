//! What a double may answer.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::http::{Response, StatusCode};
use serde_json::Value;
use tokio::sync::watch;

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
    /// A status and an address in `Location`, such as a redirection.
    Located {
        /// HTTP status.
        status: u16,
        /// The header.
        location: String,
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
    /// A status with a body.
    #[must_use]
    pub fn status(status: u16, body: impl Into<Value>) -> Self {
        Self::Status { status, body: body.into(), retry_after: None }
    }

    /// A page where JSON should be, as something in between writes it.
    #[must_use]
    pub fn html(status: u16) -> Self {
        let body = format!("<!DOCTYPE html><title>Error {status}</title><p>That is all we know.");
        Self::Status { status, body: body.into(), retry_after: None }
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
    pub(crate) fn takes(&self) -> bool {
        match self {
            Self::Ok | Self::DropAfter | Self::GoAway => true,
            Self::Status { .. } | Self::Located { .. } | Self::DropBefore => false,
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

    pub(crate) async fn passed(&self) {
        self.0.subscribe().wait_for(|open| *open).await.unwrap();
    }
}

/// An answer as it goes out.
pub(crate) type Reply = Response<Full<Bytes>>;

pub(crate) fn reply(status: u16, body: &Value, retry_after: Option<&str>) -> Reply {
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
