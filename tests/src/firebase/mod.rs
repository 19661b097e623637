//! A double of Firebase Cloud Messaging, HTTP v1, with the token endpoint beside it.
//!
//! It checks what Google would check: the assertion's signature and claims, the bearer, and every body
//! against Google's own description of the interface. What it then answers is scripted for each
//! registration.
//!
//! That it is a fair double is proven by Google's own client: `tests/firebase_client.py`.

mod answer;
mod key;
mod schema;
mod server;
mod state;
mod tokens;

pub use crate::double::{Answer, Gate};
pub use schema::{faults, normalised};
pub use state::Received;

use crate::double::accept;
use afterview_api::system::SystemClock;
use afterview_domain::clock::Clock;
use serde_json::json;
use state::State;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The project that the double serves; any other is not found.
pub const PROJECT: &str = "afterview-test";

/// The service account that may send.
pub const CLIENT_EMAIL: &str = "sender@afterview-test.iam.gserviceaccount.com";

/// Whoever waits longer than this for a message waits in vain.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running double. It ends with this value.
pub struct FirebaseDouble {
    state: Arc<State>,
    accepting: Mutex<JoinHandle<()>>,
}

impl Drop for FirebaseDouble {
    fn drop(&mut self) {
        self.accepting().abort();
    }
}

impl FirebaseDouble {
    /// Starts one that lives in real time.
    pub async fn start() -> Self {
        Self::start_at(Arc::new(SystemClock)).await
    }

    /// Starts one that lives in the time of `clock`.
    pub async fn start_at(clock: Arc<dyn Clock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State::new(url, clock));
        let accepting = Mutex::new(tokio::spawn(accept(listener, state.clone())));
        Self { state, accepting }
    }

    fn accepting(&self) -> MutexGuard<'_, JoinHandle<()>> {
        self.accepting.lock().unwrap()
    }

    /// Refuses connections, and closes those that are open at their next request, until it
    /// [listens again](Self::listen_again).
    pub async fn hang_up(&self) {
        self.answer_everything(Answer::DropBefore);
        let ended = std::mem::replace(&mut *self.accepting(), tokio::spawn(async {}));
        ended.abort();
        let _ = ended.await;
    }

    /// Accepts connections where it did before, and takes messages.
    pub async fn listen_again(&self) {
        let address = self.state.url.trim_start_matches("http://");
        let listener = TcpListener::bind(address).await.unwrap();
        self.answer_everything(Answer::Ok);
        *self.accepting() = tokio::spawn(accept(listener, self.state.clone()));
    }

    /// Where it is reached.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.state.url
    }

    /// Writes the service account file that belongs to it into `folder`.
    #[must_use]
    pub fn credentials_file(&self, folder: &Path) -> PathBuf {
        let account = json!({
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": key::KEY_ID,
            "private_key": key::test_key().pem,
            "client_email": CLIENT_EMAIL,
            "client_id": "1",
            "token_uri": self.state.token_uri(),
        });
        let path = folder.join("service-account.json");
        std::fs::write(&path, account.to_string()).unwrap();
        path
    }

    /// What it answers to the next messages to `registration`, one after the other; afterwards it
    /// delivers again.
    pub fn script(&self, registration: &str, answers: impl IntoIterator<Item = Answer>) {
        let mut inner = self.state.inner();
        inner.scripts.entry(registration.to_owned()).or_default().extend(answers);
    }

    /// What it answers from now on to everything for which nothing is scripted, tokens included.
    pub fn answer_everything(&self, answer: Answer) {
        self.state.inner().weather = answer;
    }

    /// What it answers to the next requests for a token.
    pub fn script_tokens(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state.inner().token_script.extend(answers);
    }

    /// How long the tokens that it hands out from now on live, in seconds; an hour at first.
    pub fn set_token_life(&self, seconds: u32) {
        self.state.inner().token_life_s = seconds;
    }

    /// Makes every token that it handed out worthless.
    pub fn revoke_tokens(&self) {
        self.state.inner().tokens.clear();
    }

    /// The valid messages that arrived with a good bearer, in order, whatever was answered.
    #[must_use]
    pub fn messages(&self) -> Vec<Received> {
        self.state.inner().messages.clone()
    }

    /// The same without the first `seen` of them.
    #[must_use]
    pub fn messages_after(&self, seen: usize) -> Vec<Received> {
        self.state.inner().messages.iter().skip(seen).cloned().collect()
    }

    /// How many messages were sent to it with a good bearer, those included that it did not let arrive.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.state.inner().asked
    }

    /// How many those are.
    #[must_use]
    pub fn message_count(&self) -> usize {
        *self.state.arrived.borrow()
    }

    /// Waits until so many messages arrived.
    pub async fn arrived(&self, count: usize) {
        let mut counted = self.state.arrived.subscribe();
        let enough = counted.wait_for(|arrived| *arrived >= count);
        let waited = tokio::time::timeout(PATIENCE, enough).await;
        assert!(waited.is_ok(), "waited for {count} messages in vain; {:?}", self.faults());
    }

    /// What was wrong with messages and assertions that were not what they must be.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.state.inner().faults.clone()
    }

    /// How often a token was asked for.
    #[must_use]
    pub fn token_requests(&self) -> usize {
        self.state.inner().token_requests
    }

    /// How many connections were opened.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.state.inner().connections
    }
}
