//! A double of a push service (RFC 8030), with the browsers that subscribe at it.
//!
//! It checks what a strict service would check: who sends (VAPID, RFC 8292), the headers, the length;
//! and then what only the browser can: that the body decrypts (RFC 8291) and is JSON. What it answers
//! to a message in order is scripted for each subscription.
//!
//! Decryption and VAPID are written here a second time, from the standards and not from the sender.
//! That they are right is proven by what others wrote: `tests/web_push_peer.py` sends to this double,
//! and reads what the sender under test sends.

mod browser;
mod server;
mod state;
mod vapid;

pub use crate::double::{Answer, Gate};
pub use browser::Browser;
pub use state::Received;

use crate::double::accept;
use afterview_api::system::SystemClock;
use afterview_domain::clock::Clock;
use state::State;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Whoever waits longer than this for a message waits in vain.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running double. It ends with this value.
pub struct PushService {
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

impl Drop for PushService {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl PushService {
    /// Starts one that lives in real time.
    pub async fn start() -> Self {
        Self::start_at(Arc::new(SystemClock)).await
    }

    /// Starts one that lives in the time of `clock`.
    pub async fn start_at(clock: Arc<dyn Clock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State::new(url, clock));
        let accepting = tokio::spawn(accept(listener, state.clone()));
        Self { state, accepting }
    }

    /// Its origin.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// A new subscription that takes messages from whoever signs them.
    #[must_use]
    pub fn subscribe(&self) -> Browser {
        self.state.subscribe(None)
    }

    /// A new subscription that takes only messages signed with `application_server_key`.
    #[must_use]
    pub fn subscribe_for(&self, application_server_key: &str) -> Browser {
        self.state.subscribe(Some(application_server_key.to_owned()))
    }

    /// Forgets the subscription, as if its browser had ended it.
    pub fn unsubscribe(&self, browser: &Browser) {
        self.state.inner().subscriptions.remove(&browser.id);
    }

    /// What it answers to the next messages to `browser` that are in order, one after the other;
    /// afterwards it takes them over again.
    pub fn script(&self, browser: &Browser, answers: impl IntoIterator<Item = Answer>) {
        let mut inner = self.state.inner();
        inner.scripts.entry(browser.id.clone()).or_default().extend(answers);
    }

    /// Waits until so many messages arrived.
    pub async fn arrived(&self, count: usize) {
        let mut counted = self.state.arrived.subscribe();
        let enough = counted.wait_for(|arrived| *arrived >= count);
        let waited = tokio::time::timeout(PATIENCE, enough).await;
        assert!(waited.is_ok(), "waited for {count} messages in vain; {:?}", self.faults());
    }

    /// The messages in order that arrived, whatever was answered.
    #[must_use]
    pub fn messages(&self) -> Vec<Received> {
        self.state.inner().messages.clone()
    }

    /// What was wrong with those that were not.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.state.inner().faults.clone()
    }

    /// How many connections were opened.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.state.inner().connections
    }
}
