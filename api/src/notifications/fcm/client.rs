//! The client: one connection, a bounded number of messages on their way, one verdict each.
//!
//! Every request speaks HTTP/2 from its first byte. Only a client that expects nothing else opens one
//! connection for a burst of messages; one that would also take HTTP/1.1 opens one for each and finds
//! out afterwards.
//!
//! **Must never** repeat a message by itself, but for the one time that its access token was refused.

use super::credentials::ServiceAccount;
use super::endpoint::{endpoint, is_loopback};
use super::error::{no_answer, verdict};
use super::token::Tokens;
use super::{DEFAULT_URL, message, read_bounded};
use crate::config::Config;
use crate::notifications::breaker::{Breaker, Passage};
use crate::notifications::retry::{Cause, Retry};
use crate::notifications::{Notification, Platform, Registration, Secret, Verdict};
use crate::store::OpenError;
use afterview_domain::clock::Clock;
use reqwest::Url;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// A connection on which nothing came back to a ping for so long is given up.
const PING_TIMEOUT: Duration = Duration::from_secs(5);

/// So often a connection with messages on their way is asked whether it still lives.
const PING_INTERVAL: Duration = Duration::from_secs(15);

/// What may differ from one installation, or one test, to another.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the interface is served: https, or http on this machine itself.
    pub base_url: String,
    /// The longest wait for a whole answer.
    pub timeout: Duration,
    /// How many messages are on their way at the same time; at least 1.
    pub in_flight: usize,
    /// Messages are checked by the provider and not delivered.
    pub validate_only: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            base_url: DEFAULT_URL.to_owned(),
            timeout: Duration::from_secs(10),
            in_flight: 100,
            validate_only: false,
        }
    }
}

/// A sender for one project. Shared by reference; safe to use from many tasks.
pub struct Client {
    http: reqwest::Client,
    messages: Url,
    validate_only: bool,
    clock: Arc<dyn Clock>,
    tokens: Tokens,
    on_their_way: Semaphore,
    breaker: Mutex<Breaker>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Client")
            .field("messages", &self.messages.as_str())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// The client that the settings describe; `None` if they name no credentials, and reminders go to
    /// the log.
    ///
    /// # Errors
    /// One sentence when the credentials cannot be used.
    pub fn from_config(config: &Config, clock: Arc<dyn Clock>) -> Result<Option<Self>, OpenError> {
        let Some(path) = &config.fcm_credentials else { return Ok(None) };
        let options = Options { base_url: config.fcm_base_url.clone(), ..Options::default() };
        Self::new(ServiceAccount::read(path)?, &options, clock).map(Some)
    }

    /// A client that sends as `account`. It connects when it first sends.
    ///
    /// # Errors
    /// One sentence when the options cannot be used.
    pub fn new(
        account: ServiceAccount,
        options: &Options,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let failed = |why: &dyn std::fmt::Display| OpenError(format!("cannot send: {why}"));
        let base = endpoint(&options.base_url)
            .map_err(|why| failed(&format!("the address of Firebase {why}")))?;
        let path = format!(
            "{}/v1/projects/{}/messages:send",
            base.path().trim_end_matches('/'),
            account.project()
        );
        let mut messages = base.clone();
        messages.set_path(&path);
        let mut builder = reqwest::Client::builder()
            .http2_prior_knowledge()
            .http2_keep_alive_interval(PING_INTERVAL)
            .http2_keep_alive_timeout(PING_TIMEOUT)
            .redirect(Policy::none())
            .timeout(options.timeout);
        if is_loopback(&base) {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| failed(&error))?;
        Ok(Self {
            tokens: Tokens::new(account, http.clone(), clock.clone()),
            http,
            messages,
            validate_only: options.validate_only,
            clock,
            on_their_way: Semaphore::new(options.in_flight.max(1)),
            breaker: Mutex::default(),
        })
    }

    /// Sends `notification` to one installation and says what became of it.
    ///
    /// Waits its turn when too many messages are on their way. At least once: after a verdict other
    /// than [`Verdict::Delivered`] the message may still have been delivered. Dropping the future
    /// gives the sending up, whatever became of it.
    pub async fn send(
        &self,
        to: &Registration,
        platform: Platform,
        notification: Notification<'_>,
    ) -> Verdict {
        let Ok(_turn) = self.on_their_way.acquire().await else {
            return Verdict::Retry(Retry::of(Cause::Paused));
        };
        let now = self.clock.now();
        if let Passage::Wait(time) = self.breaker().ask(now) {
            return Verdict::Retry(Retry { asked: Some(time), ..Retry::of(Cause::Paused) });
        }
        let body = message::build(to, platform, notification, now, self.validate_only).to_string();
        let verdict = self.send_with_a_token(&body).await;
        self.report(&verdict);
        verdict
    }

    /// A refused token is dropped, and the message gets a second chance with a new one.
    async fn send_with_a_token(&self, body: &str) -> Verdict {
        let first = match self.tokens.get().await {
            Ok(bearer) => bearer,
            Err(error) => return error.into(),
        };
        let verdict = self.post(body, &first).await;
        if !matches!(verdict, Verdict::Unauthenticated { .. }) {
            return verdict;
        }
        self.tokens.drop_token(&first);
        match self.tokens.get().await {
            Ok(bearer) => self.post(body, &bearer).await,
            Err(error) => error.into(),
        }
    }

    async fn post(&self, body: &str, bearer: &Secret) -> Verdict {
        let request = self
            .http
            .post(self.messages.clone())
            .bearer_auth(bearer.expose())
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_owned());
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return no_answer(&error),
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        match read_bounded(response).await {
            Ok(body) => verdict(status, &headers, &body, self.clock.now()),
            Err(error) => no_answer(&error),
        }
    }

    fn report(&self, verdict: &Verdict) {
        match verdict {
            // Nothing was asked of the provider of messages.
            Verdict::CredentialsRefused { .. } => {}
            Verdict::Retry(Retry { cause: Cause::Paused, .. }) => {}
            Verdict::Retry(Retry { cause: Cause::Quota, .. }) => self.breaker().succeeded(),
            Verdict::Retry(_) => self.breaker().failed(self.clock.now()),
            _ => self.breaker().succeeded(),
        }
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
