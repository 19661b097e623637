//! What the double remembers.

use crate::double::Answer;
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard};
use tokio::sync::watch;

/// An event as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The name of the address that it came to.
    pub to: String,
    /// The header `webhook-id`.
    pub id: String,
    /// The header `webhook-timestamp`, Unix seconds.
    pub timestamp: i64,
    /// The header `webhook-signature`.
    pub signature: String,
    /// The header `user-agent`.
    pub user_agent: String,
    /// The body.
    pub body: Value,
    /// The body as it came.
    pub text: String,
}

impl Event {
    /// The name of the event.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap()
    }

    /// Whether one of its signatures was made with `secret`.
    #[must_use]
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let signed = format!("{}.{}.{}", self.id, self.timestamp, self.text);
        let made = sign(&Key::new(HMAC_SHA256, &key), signed.as_bytes());
        let expected = format!("v1,{}", STANDARD.encode(made));
        self.signature.split(' ').any(|signature| signature == expected)
    }
}

pub(super) struct State {
    pub(super) url: String,
    /// How many events came, for those who wait for it.
    pub(super) came: watch::Sender<usize>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
pub(super) struct Inner {
    pub(super) scripts: HashMap<String, VecDeque<Answer>>,
    pub(super) always: HashMap<String, Answer>,
    pub(super) refused: HashSet<String>,
    pub(super) connections: usize,
    pub(super) events: Vec<Event>,
    pub(super) faults: Vec<String>,
}

impl State {
    pub(super) fn new(url: String) -> Self {
        Self { url, came: watch::Sender::new(0), inner: Mutex::default() }
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }
}
