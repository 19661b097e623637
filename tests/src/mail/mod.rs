//! A double of a server for mail (SMTP, RFC 5321), which keeps what it takes.
//!
//! It says as much of the protocol as one sender needs, in its strict order. What goes wrong is scripted for
//! each connection. When it refuses it repeats what it was told, as real servers do with addresses.

mod session;
mod state;

pub use state::{Mail, Step, Turn};

use crate::backend::Settings;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use state::State;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Whoever waits longer than this for a mail waits in vain.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running double. It ends with this value.
pub struct MailServer {
    state: Arc<State>,
    url: String,
    accepting: JoinHandle<()>,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl MailServer {
    /// Starts one that takes mail from anybody.
    pub async fn start() -> Self {
        Self::begin("", State::default()).await
    }

    /// Starts one that takes mail only from this user.
    pub async fn start_for(user: &str, password: &str) -> Self {
        let expected = STANDARD.encode(format!("\0{user}\0{password}"));
        Self::begin(&format!("{user}:{password}@"), State::for_login(expected)).await
    }

    async fn begin(user: &str, state: State) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{user}{}", listener.local_addr().unwrap());
        let state = Arc::new(state);
        let accepting = tokio::spawn(session::accept(listener, state.clone()));
        Self { state, url, accepting }
    }

    /// The settings of a server that sends its mail here.
    #[must_use]
    pub fn settings(&self) -> Settings {
        vec![
            ("AFTERVIEW_SMTP_URL", self.url.clone()),
            ("AFTERVIEW_MAIL_FROM", "Afterview <no-reply@afterview.test>".to_owned()),
        ]
    }

    /// What it does on the next connections, one after the other; afterwards what it [always](Self::always)
    /// does.
    pub fn script(&self, turns: impl IntoIterator<Item = Turn>) {
        self.state.inner().script.extend(turns);
    }

    /// What it does on every connection that the script says nothing about, instead of taking the mail.
    pub fn always(&self, turn: Turn) {
        self.state.inner().always = turn;
    }

    /// Waits until so many mails were taken.
    pub async fn arrived(&self, count: usize) -> Vec<Mail> {
        self.wait(|seen| seen.mails >= count, &format!("{count} mails")).await;
        self.mails()
    }

    /// Waits until so many connections went wrong as it was scripted.
    pub async fn troubled(&self, count: usize) {
        self.wait(|seen| seen.troubles >= count, &format!("{count} troubles")).await;
    }

    async fn wait(&self, enough: impl Fn(&state::Seen) -> bool, what: &str) {
        let mut seen = self.state.seen.subscribe();
        let waited = tokio::time::timeout(PATIENCE, seen.wait_for(enough)).await;
        assert!(waited.is_ok(), "waited for {what} in vain; {:?}", self.faults());
    }

    /// The mails that were taken.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.state.inner().mails.clone()
    }

    /// What no server should have to hear.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.state.inner().faults.clone()
    }
}
