//! The senders of this server behind one door, and what an answer of theirs means for everything else
//! that goes the same way.
//!
//! **Must never** touch the database.

use super::alerts::Alerts;
use super::retry::{Cause, Retry, Scope};
use super::web_push::{self, Subscription};
use super::{Notification, Platform, Registration, Verdict, fcm};
use crate::config::Config;
use crate::metrics::sends::of_verdict;
use crate::metrics::{Sends, Transport};
use crate::store::OpenError;
use crate::traces;
use afterview_domain::clock::{Clock, Instant};
use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tracing::Instrument;

/// How long nothing is tried that only an operator can put right.
pub const OPERATOR_WAIT: TimeDelta = TimeDelta::minutes(15);

/// Where a notification goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Through Firebase Cloud Messaging.
    Fcm(Registration, Platform),
    /// Through the push service that the browser named.
    WebPush(Box<Subscription>),
}

impl Address {
    /// The way, as it is noted.
    #[must_use]
    pub fn way(&self) -> &'static str {
        match self {
            Self::Fcm(..) => "fcm",
            Self::WebPush(_) => "web_push",
        }
    }
}

/// Whatever can send. Firebase needs credentials; Web Push needs nothing but a key of its own.
pub struct Senders {
    fcm: Option<fcm::Client>,
    web_push: web_push::Client,
    clock: Arc<dyn Clock>,
    alerts: Alerts,
    sends: Sends,
    /// Until when nothing is sent to a platform that the provider has no access to.
    parked: Mutex<BTreeMap<Platform, Instant>>,
}

impl Senders {
    /// The senders that the settings describe.
    ///
    /// # Errors
    /// One sentence when credentials cannot be used.
    pub fn from_config(
        config: &Config,
        clock: Arc<dyn Clock>,
        sends: Sends,
    ) -> Result<Self, OpenError> {
        let fcm = fcm::Client::from_config(config, Arc::clone(&clock))?;
        let web_push = web_push::Client::from_config(config, Arc::clone(&clock))?;
        Ok(Self {
            fcm,
            web_push,
            clock,
            alerts: Alerts::default(),
            sends,
            parked: Mutex::default(),
        })
    }

    /// Whether what is at `address` can be told to sync. Browsers cannot: they have to show something for
    /// everything that they receive.
    #[must_use]
    pub fn pokes(&self, address: &Address) -> bool {
        match address {
            Address::Fcm(_, platform) => self.fcm.is_some() && *platform != Platform::Web,
            Address::WebPush(_) => false,
        }
    }

    /// Whether anything can be told to sync.
    #[must_use]
    pub fn can_poke(&self) -> bool {
        self.fcm.is_some()
    }

    /// The sender for browsers.
    #[must_use]
    pub fn web_push(&self) -> &web_push::Client {
        &self.web_push
    }

    /// Sends a notification and says what became of it; `None` if this server has no sender for it. Tells
    /// the operator what only the operator can put right.
    pub async fn send(&self, to: &Address, notification: Notification<'_>) -> Option<Verdict> {
        match to {
            Address::Fcm(registration, platform) => {
                let client = self.fcm.as_ref()?;
                if let Some(wait) = self.parked_for(*platform) {
                    return Some(wait);
                }
                let began = std::time::Instant::now();
                let sending = client.send(registration, *platform, notification);
                let verdict = sending.instrument(traces::send(Transport::Fcm)).await;
                self.sends.note(Transport::Fcm, of_verdict(&verdict), began);
                if verdict == Verdict::ProviderAuth {
                    self.parked().insert(*platform, self.clock.now() + OPERATOR_WAIT);
                }
                self.tell_operator("Firebase", &verdict);
                Some(verdict)
            }
            Address::WebPush(subscription) => {
                let began = std::time::Instant::now();
                let sending = self.web_push.send(subscription, notification);
                let verdict = sending.instrument(traces::send(Transport::WebPush)).await;
                self.sends.note(Transport::WebPush, of_verdict(&verdict), began);
                self.tell_operator("a push service of browsers", &verdict);
                Some(verdict)
            }
        }
    }

    fn parked_for(&self, platform: Platform) -> Option<Verdict> {
        let until = *self.parked().get(&platform)?;
        let asked = (until - self.clock.now()).to_std().ok().filter(|wait| !wait.is_zero())?;
        let retry = Retry { asked: Some(asked), scope: Scope::Project, cause: Cause::Paused };
        Some(Verdict::Retry(retry))
    }

    fn tell_operator(&self, provider: &'static str, verdict: &Verdict) {
        let (what, detail) = match verdict {
            Verdict::Delivered { .. } | Verdict::Unregistered | Verdict::Retry(_) => return,
            Verdict::Invalid { names_registration: true, .. } => return,
            Verdict::Invalid { detail, .. } => ("a notification was refused", detail.as_str()),
            Verdict::SenderMismatch => {
                ("an app is registered with other credentials than these", "SENDER_ID_MISMATCH")
            }
            Verdict::WrongProject { detail } => {
                ("the project or the address is wrong", detail.as_str())
            }
            Verdict::ProviderAuth => (
                "the provider has no access to the push service of a platform",
                "THIRD_PARTY_AUTH_ERROR",
            ),
            Verdict::Unauthenticated { detail } => ("the access token is refused", detail.as_str()),
            Verdict::Forbidden { detail } => ("this server may not send", detail.as_str()),
            Verdict::CredentialsRefused { detail } => {
                ("the credentials are refused; nothing is sent until a restart", detail.as_str())
            }
        };
        self.alerts.raise(what, provider, detail, self.clock.now());
    }

    fn parked(&self) -> std::sync::MutexGuard<'_, BTreeMap<Platform, Instant>> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
