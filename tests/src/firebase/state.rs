//! What the double remembers.

use crate::double::Answer;
use afterview_domain::clock::{Clock, Instant};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;

/// A message as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// The message, in the names of the interface's description.
    pub message: Value,
    /// It was only to be checked.
    pub validate_only: bool,
    /// When, by the double's clock.
    pub at: Instant,
    /// The connection it came by, counted from 1.
    pub connection: usize,
    /// It came by HTTP/2.
    pub http2: bool,
    /// It was taken over, to be delivered, whatever the sender then heard of it.
    pub taken: bool,
}

pub(super) struct State {
    pub(super) url: String,
    pub(super) clock: Arc<dyn Clock>,
    /// How many messages arrived, for those who wait for it.
    pub(super) arrived: watch::Sender<usize>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
pub(super) struct Inner {
    pub(super) scripts: HashMap<String, VecDeque<Answer>>,
    pub(super) token_script: VecDeque<Answer>,
    /// What everything gets for which nothing is scripted.
    pub(super) weather: Answer,
    /// How many messages were sent, those included that were dropped.
    pub(super) asked: usize,
    pub(super) token_life_s: u32,
    /// Bearers and the ends of their lives.
    pub(super) tokens: HashMap<String, Instant>,
    pub(super) token_requests: usize,
    pub(super) connections: usize,
    pub(super) messages: Vec<Received>,
    pub(super) faults: Vec<String>,
}

impl State {
    pub(super) fn new(url: String, clock: Arc<dyn Clock>) -> Self {
        let inner = Inner { token_life_s: 3600, ..Inner::default() };
        Self { url, clock, arrived: watch::Sender::new(0), inner: Mutex::new(inner) }
    }

    pub(super) fn token_uri(&self) -> String {
        format!("{}/token", self.url)
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub(super) fn fault(&self, why: String) {
        self.inner().faults.push(why);
    }
}
