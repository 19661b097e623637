//! A double of a provider of identities: its description, its keys, and tokens with any claims.
//!
//! It answers as a provider does (OpenID Connect Discovery 1.0, RFC 7517), or as scripted.

mod keys;
mod state;

pub use crate::double::{Answer, Gate};
pub use keys::{Kind, TestKey, unsigned, with_secret};

use crate::ManualClock;
use crate::double::accept;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use state::State;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The app that the double makes tokens for.
pub const APP: &str = "afterview-app";

/// Another app of the same people.
pub const WEB_APP: &str = "afterview-web";

/// What the app keeps at its sign-ins.
pub const NONCE: &str = "a nonce of sixteen characters or more";

/// A running double. It ends with this value.
pub struct OidcDouble {
    state: Arc<State>,
    clock: ManualClock,
    accepting: JoinHandle<()>,
}

impl Drop for OidcDouble {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl OidcDouble {
    /// Starts one that lives in the time of `clock` and signs by an ES256 key.
    pub async fn start(clock: &ManualClock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State::new(url));
        let accepting = tokio::spawn(accept(listener, state.clone()));
        let double = Self { state, clock: clock.clone(), accepting };
        double.add_key(Kind::Es256);
        double
    }

    /// Its name and address.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.state.url
    }

    /// Writes a file of providers into `folder`, with their names.
    #[must_use]
    pub fn settings_file(folder: &Path, providers: &[(&str, &Self)]) -> PathBuf {
        let mut text = String::new();
        for (name, double) in providers {
            let issuer = double.issuer();
            let audiences = format!("[\"{APP}\", \"{WEB_APP}\"]");
            writeln!(text, "[{name}]\nissuer = \"{issuer}\"\naudiences = {audiences}\n").unwrap();
        }
        let path = tempfile::Builder::new().suffix(".toml").tempfile_in(folder).unwrap();
        std::fs::write(&path, text).unwrap();
        path.into_temp_path().keep().unwrap()
    }

    /// Adds a fresh key to its set.
    pub fn add_key(&self, kind: Kind) -> Arc<TestKey> {
        let mut inner = self.state.inner();
        inner.made += 1;
        let key = Arc::new(TestKey::generate(kind, &format!("key-{}", inner.made)));
        inner.keys.push(Arc::clone(&key));
        key
    }

    /// Replaces every key by a fresh one of the same kind.
    pub fn rotate(&self) {
        let old = std::mem::take(&mut self.state.inner().keys);
        for key in old {
            self.add_key(key.kind());
        }
    }

    /// The key that it signs with: the first.
    #[must_use]
    pub fn key(&self) -> Arc<TestKey> {
        Arc::clone(self.state.inner().keys.first().unwrap())
    }

    /// What a token of it claims at a sign-in of now that keeps [`NONCE`].
    #[must_use]
    pub fn claims(&self, subject: &str) -> Value {
        let now = self.clock.get().timestamp();
        let nonce: String =
            Sha256::digest(NONCE).iter().map(|byte| format!("{byte:02x}")).collect();
        json!({
            "iss": self.issuer(), "aud": APP, "sub": subject, "nonce": nonce,
            "iat": now, "exp": now + 3600, "email": format!("{subject}@example.org"),
        })
    }

    /// A good token.
    #[must_use]
    pub fn token(&self, subject: &str) -> String {
        self.key().token(&self.claims(subject))
    }

    /// What it says of itself when nothing is scripted.
    #[must_use]
    pub fn description(&self) -> Value {
        self.state.description()
    }

    /// What it answers to the next requests for its description.
    pub fn script_description(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state.inner().description_script.extend(answers);
    }

    /// What it answers to the next requests for its keys.
    pub fn script_keys(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state.inner().key_script.extend(answers);
    }

    /// What it answers from now on to everything for which nothing is scripted.
    pub fn answer_everything(&self, answer: Answer) {
        self.state.inner().weather = answer;
    }

    /// The `Cache-Control` of its keys from now on; none at first.
    pub fn set_cache_control(&self, value: &str) {
        self.state.inner().cache_control = Some(value.to_owned());
    }

    /// How often its description was asked for.
    #[must_use]
    pub fn description_requests(&self) -> usize {
        self.state.inner().description_requests
    }

    /// How often its keys were asked for.
    #[must_use]
    pub fn key_requests(&self) -> usize {
        self.state.inner().key_requests
    }
}
