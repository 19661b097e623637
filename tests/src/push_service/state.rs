//! What the double remembers.

use super::browser::Browser;
use crate::double::Answer;
use afterview_domain::clock::{Clock, Instant};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;

/// A message as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// Where it was sent to.
    pub endpoint: String,
    /// What the browser read.
    pub message: Value,
    /// The header of that name, in seconds.
    pub ttl_s: u32,
    /// The header of that name.
    pub urgency: String,
    /// The header of that name.
    pub topic: String,
    /// The header of that name.
    pub authorization: String,
    /// The encrypted body.
    pub body: Vec<u8>,
    /// When, by the double's clock.
    pub at: Instant,
    /// The connection it came by, counted from 1.
    pub connection: usize,
}

pub(super) struct State {
    pub(super) url: String,
    pub(super) clock: Arc<dyn Clock>,
    /// How many messages arrived, for those who wait for it.
    pub(super) arrived: watch::Sender<usize>,
    inner: Mutex<Inner>,
}

#[derive(Clone)]
pub(super) struct Subscription {
    pub(super) browser: Browser,
    /// The only key that may sign messages to it.
    pub(super) key: Option<String>,
}

#[derive(Default)]
pub(super) struct Inner {
    subscribed: usize,
    pub(super) subscriptions: HashMap<String, Subscription>,
    pub(super) scripts: HashMap<String, VecDeque<Answer>>,
    pub(super) connections: usize,
    pub(super) messages: Vec<Received>,
    pub(super) faults: Vec<String>,
}

impl State {
    pub(super) fn new(url: String, clock: Arc<dyn Clock>) -> Self {
        Self { url, clock, arrived: watch::Sender::new(0), inner: Mutex::default() }
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub(super) fn subscribe(&self, key: Option<String>) -> Browser {
        let mut inner = self.inner();
        inner.subscribed += 1;
        let id = format!("subscription-{}", inner.subscribed);
        let browser = Browser::new(id.clone(), format!("{}/push/{id}", self.url));
        let subscription = Subscription { browser: browser.clone(), key };
        inner.subscriptions.insert(id, subscription);
        browser
    }
}
