//! The client: a bounded number of messages on their way, one verdict each.
//!
//! **Must never** repeat a message by itself.

use super::encryption::encrypt;
use super::error::{NOT_SEALED, OUT_OF_REACH, POKE, invalid, later, no_answer, verdict};
use super::keys::VapidKeys;
use super::message::Message;
use super::services::Services;
use super::subscription::Subscription;
use crate::config::Config;
use crate::notifications::breaker::Passage;
use crate::notifications::retry::Cause;
use crate::notifications::{Notification, Secret, Verdict};
use crate::outbound::{NotPublic, Outbound, Reach, read_bounded};
use crate::store::OpenError;
use afterview_domain::clock::Clock;
use reqwest::RequestBuilder;
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// What may differ from one installation, or one test, to another.
#[derive(Debug, Clone)]
pub struct Options {
    /// How far requests may go.
    pub reach: Reach,
    /// Where the people behind a push service find the operator: an https or mailto address. Apple
    /// takes no message without one, nor one that names this machine itself.
    pub contact: Option<String>,
    /// The longest wait for a whole answer.
    pub timeout: Duration,
    /// How many messages are on their way at the same time; at least 1.
    pub in_flight: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            reach: Reach::Public,
            contact: None,
            timeout: Duration::from_secs(10),
            in_flight: 100,
        }
    }
}

/// A sender to all push services. Shared by reference; safe to use from many tasks.
pub struct Client {
    outbound: Outbound,
    keys: VapidKeys,
    contact: Option<String>,
    clock: Arc<dyn Clock>,
    on_their_way: Semaphore,
    services: Services,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Client").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Client {
    /// The client that the settings describe. Its key is made when there is none, and its contact is
    /// the public address of this server, if that is an https one.
    ///
    /// # Errors
    /// One sentence when the key cannot be used.
    pub fn from_config(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let contact = config.public_url.clone().filter(|url| url.starts_with("https://"));
        let options = Options { reach: config.push_reach, contact, ..Options::default() };
        Self::new(VapidKeys::load_or_create(&config.secrets_dir)?, &options, clock)
    }

    /// A client that signs with `keys`. It connects when it first sends.
    ///
    /// # Errors
    /// One sentence when the library for TLS cannot be used.
    pub fn new(
        keys: VapidKeys,
        options: &Options,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let outbound = Outbound::new(options.reach, options.timeout)
            .map_err(|error| OpenError(format!("cannot send Web Push: {error}")))?;
        Ok(Self {
            outbound,
            keys,
            contact: options.contact.clone(),
            clock,
            on_their_way: Semaphore::new(options.in_flight.max(1)),
            services: Services::default(),
        })
    }

    /// What a page hands to the browser as `applicationServerKey`; see [`VapidKeys::public_key`].
    #[must_use]
    pub fn public_key(&self) -> &str {
        self.keys.public_key()
    }

    /// Whether the address of a subscription may be within reach, as far as it can be told without a
    /// name server: for whoever registers it, to be told at once.
    ///
    /// # Errors
    /// [`NotPublic`] if it holds an address of this machine or of a private network, and that is not
    /// allowed.
    pub fn check(&self, subscription: &Subscription) -> Result<(), NotPublic> {
        self.outbound.check(subscription.endpoint())
    }

    /// Sends `notification` to one subscription and says what became of it.
    ///
    /// Waits its turn when too many messages are on their way. At least once: after a verdict other
    /// than [`Verdict::Delivered`] the message may still have been delivered. Dropping the future
    /// gives the sending up, whatever became of it.
    ///
    /// A [`Notification::Poke`] is not sent, because a browser must show something for everything it
    /// receives, and ends the subscription of a page that does not. To ask for it is a mistake of the
    /// caller, so the verdict is [`Verdict::Invalid`] with the detail [`POKE`]. It is the same with
    /// [`OUT_OF_REACH`] for an address that may not be reached. The subscription stays in both cases.
    pub async fn send(&self, to: &Subscription, notification: Notification<'_>) -> Verdict {
        let Notification::Reminder(reminder) = notification else { return invalid(POKE) };
        let Ok(_turn) = self.on_their_way.acquire().await else {
            return later(None, Cause::Paused);
        };
        let (origin, now) = (to.origin(), self.clock.now());
        if let Passage::Wait(time) = self.services.ask(&origin, now) {
            return later(Some(time), Cause::Paused);
        }
        let verdict = match self.request(to, &origin, &Message::of(reminder, now)) {
            Ok(request) => self.post(request, to).await,
            Err(verdict) => verdict,
        };
        self.services.report(&origin, &verdict, self.clock.now());
        verdict
    }

    fn request(
        &self,
        to: &Subscription,
        origin: &str,
        message: &Message,
    ) -> Result<RequestBuilder, Verdict> {
        let request =
            self.outbound.post(to.endpoint().clone()).map_err(|_refused| invalid(OUT_OF_REACH))?;
        let sealed = || {
            let token = self.authorization(origin)?;
            Some((token, encrypt(to, message.text.as_bytes())?))
        };
        let (token, body) = sealed().ok_or_else(|| invalid(NOT_SEALED))?;
        Ok(request
            .header(AUTHORIZATION, token)
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header("TTL", message.ttl_s)
            .header("Urgency", "high")
            .header("Topic", message.topic.as_str())
            .body(body))
    }

    fn authorization(&self, origin: &str) -> Option<HeaderValue> {
        let sign = |end| -> Option<Secret> {
            self.keys.authorization(origin, self.contact.as_deref(), end)
        };
        let token = self.services.token(origin, self.clock.now(), sign)?;
        let mut value = HeaderValue::from_str(token.expose()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    async fn post(&self, request: RequestBuilder, to: &Subscription) -> Verdict {
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return no_answer(&error),
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        match read_bounded(response).await {
            Ok(body) => without_address(verdict(status, &headers, &body, self.clock.now()), to),
            Err(error) => no_answer(&error),
        }
    }
}

/// A name of a message may be written down, so it must not hold the address of the subscription.
fn without_address(verdict: Verdict, to: &Subscription) -> Verdict {
    let path = to.endpoint().path().trim_matches('/');
    match verdict {
        Verdict::Delivered { name } if !path.is_empty() && name.contains(path) => {
            Verdict::Delivered { name: String::new() }
        }
        other => other,
    }
}
