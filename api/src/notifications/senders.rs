//! The senders of this server behind one door, and what an answer of theirs means for everything else
//! that goes the same way.
//!
//! **Must never** touch the database.

use super::alerts::Alerts;
use super::retry::{Cause, Retry, Scope};
use super::{Notification, Platform, Registration, Verdict, fcm};
use crate::config::Config;
use crate::store::OpenError;
use afterview_domain::clock::{Clock, Instant};
use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long nothing is tried that only an operator can put right.
pub const OPERATOR_WAIT: TimeDelta = TimeDelta::minutes(15);

/// Where a notification goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Through Firebase Cloud Messaging.
    Fcm(Registration, Platform),
}

impl Address {
    /// The way, as it is noted.
    #[must_use]
    pub fn way(&self) -> &'static str {
        match self {
            Self::Fcm(..) => "fcm",
        }
    }
}

/// Whatever can send; a way without credentials has no sender.
pub struct Senders {
    fcm: Option<fcm::Client>,
    clock: Arc<dyn Clock>,
    alerts: Alerts,
    /// Until when nothing is sent to a platform that the provider has no access to.
    parked: Mutex<BTreeMap<Platform, Instant>>,
}

impl Senders {
    /// The senders that the settings describe.
    ///
    /// # Errors
    /// One sentence when credentials cannot be used.
    pub fn from_config(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let fcm = fcm::Client::from_config(config, Arc::clone(&clock))?;
        Ok(Self { fcm, clock, alerts: Alerts::default(), parked: Mutex::default() })
    }

    /// Whether what is at `address` can be told to sync. Browsers cannot: they have to show something for
    /// everything that they receive.
    #[must_use]
    pub fn pokes(&self, address: &Address) -> bool {
        match address {
            Address::Fcm(_, platform) => self.fcm.is_some() && *platform != Platform::Web,
        }
    }

    /// Whether anything can be told to sync.
    #[must_use]
    pub fn can_poke(&self) -> bool {
        self.fcm.is_some()
    }

    /// Sends a notification and says what became of it; `None` if this server has no sender for it. Tells
    /// the operator what only the operator can put right.
    pub async fn send(&self, to: &Address, notification: Notification<'_>) -> Option<Verdict> {
        let Address::Fcm(registration, platform) = to;
        let client = self.fcm.as_ref()?;
        if let Some(wait) = self.parked_for(*platform) {
            return Some(wait);
        }
        let verdict = client.send(registration, *platform, notification).await;
        self.heed(*platform, &verdict);
        Some(verdict)
    }

    fn parked_for(&self, platform: Platform) -> Option<Verdict> {
        let until = *self.parked().get(&platform)?;
        let asked = (until - self.clock.now()).to_std().ok().filter(|wait| !wait.is_zero())?;
        let retry = Retry { asked: Some(asked), scope: Scope::Project, cause: Cause::Paused };
        Some(Verdict::Retry(retry))
    }

    fn heed(&self, platform: Platform, verdict: &Verdict) {
        let now = self.clock.now();
        let raise = |what, detail: &str| self.alerts.raise(what, detail, now);
        match verdict {
            Verdict::Delivered { .. } | Verdict::Unregistered | Verdict::Retry(_) => {}
            Verdict::Invalid { names_registration: true, .. } => {}
            Verdict::Invalid { detail, .. } => raise("a notification was refused", detail),
            Verdict::SenderMismatch => {
                raise("an app is registered with another project than these credentials", "");
            }
            Verdict::WrongProject { detail } => {
                raise("the project or the address of Firebase is wrong", detail);
            }
            Verdict::ProviderAuth => {
                self.parked().insert(platform, now + OPERATOR_WAIT);
                raise(
                    "Firebase has no access to the push service of a platform",
                    platform.as_str(),
                );
            }
            Verdict::Unauthenticated { detail } => {
                raise("Firebase does not accept the access token", detail);
            }
            Verdict::Forbidden { detail } => {
                raise("the service account may not send notifications", detail);
            }
            Verdict::CredentialsRefused { detail } => {
                raise("the service account is refused; nothing is sent until a restart", detail);
            }
        }
    }

    fn parked(&self) -> std::sync::MutexGuard<'_, BTreeMap<Platform, Instant>> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
