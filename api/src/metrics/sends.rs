//! What leaves this node for others: notifications, events, mail.
//!
//! **Must never** tell two receivers apart.

use super::durations;
use crate::notifications::Verdict;
use crate::webhooks::retries;
use crate::webhooks::sender::Answer;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::sync::Arc;
use std::time::Instant;

/// A way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Firebase Cloud Messaging.
    Fcm,
    /// A push service of browsers.
    WebPush,
    /// A webhook.
    Webhook,
    /// The operator's server for mail.
    Mail,
}

impl Transport {
    /// As it is named in figures and spans.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fcm => "fcm",
            Self::WebPush => "web_push",
            Self::Webhook => "webhook",
            Self::Mail => "mail",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    transport: &'static str,
    outcome: &'static str,
}

type Durations = Family<Labels, Histogram, fn() -> Histogram>;

/// Whatever was sent. A sending costs milliseconds, so it is looked up by its labels.
#[derive(Debug, Clone)]
pub struct Sends(Arc<Durations>);

impl Default for Sends {
    fn default() -> Self {
        Self(Arc::new(Durations::new_with_constructor(durations)))
    }
}

impl Sends {
    /// Notes a sending that began at `began`, and what became of it.
    pub fn note(&self, transport: Transport, outcome: &'static str, began: Instant) {
        let labels = Labels { transport: transport.as_str(), outcome };
        self.0.get_or_create_owned(&labels).observe(began.elapsed().as_secs_f64());
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Sendings of notifications, events and mail, by what became of them";
        registry.register_with_unit(
            "send_duration",
            help,
            Unit::Seconds,
            Durations::clone(&self.0),
        );
    }
}

/// What a provider's verdict comes to, in one word.
#[must_use]
pub fn of_verdict(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Delivered { .. } => "delivered",
        Verdict::Unregistered | Verdict::Invalid { names_registration: true, .. } => "unregistered",
        Verdict::Invalid { .. } => "invalid",
        Verdict::SenderMismatch
        | Verdict::WrongProject { .. }
        | Verdict::ProviderAuth
        | Verdict::Unauthenticated { .. }
        | Verdict::Forbidden { .. }
        | Verdict::CredentialsRefused { .. } => "refused",
        Verdict::Retry(retry) => retry.cause.as_str(),
    }
}

/// What the answer of a receiver of webhooks comes to, in one word.
#[must_use]
pub fn of_answer(answer: &Answer) -> &'static str {
    match (retries::judge(answer.status), answer.detail) {
        (retries::Verdict::Delivered, _) => "delivered",
        (retries::Verdict::Gone, _) => "gone",
        (retries::Verdict::Again, Some(detail)) => detail,
        (retries::Verdict::Again, None) => "failed",
    }
}
