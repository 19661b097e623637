//! Sends one event to one target, once, and says what came back.
//!
//! **Must never** read the body of an answer, follow it anywhere, or say what was found where nothing may be
//! looked for: an address out of reach and one where nobody answers are the same.

use super::signing;
use crate::metrics::sends::of_answer;
use crate::metrics::{Sends, Transport};
use crate::notifications::retry::retry_after_up_to;
use crate::outbound::{Outbound, Reach};
use crate::store::OpenError;
use crate::traces;
use crate::webhooks::retries::ASKED_CAP;
use afterview_domain::clock::Instant;
use afterview_domain::ids::IdSource;
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument;

/// The longest wait for an answer.
pub const TIMEOUT: Duration = Duration::from_secs(15);

/// What we call ourselves.
const OURSELVES: &str = concat!("Afterview/", env!("CARGO_PKG_VERSION"));

/// The server did not answer in time.
pub const TIMED_OUT: &str = "timed_out";
/// There is no such server, or none that may be reached, or it broke the connection.
pub const UNREACHABLE: &str = "unreachable";

/// What is to be sent. It has no `Debug`, because of the secrets.
pub struct Message<'m> {
    /// Where to.
    pub url: &'m str,
    /// What signs it.
    pub secrets: &'m [&'m str],
    /// Its name, the same each time that it is sent.
    pub name: &'m str,
    /// The body.
    pub body: &'m str,
}

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Answer {
    /// The status; `None`: no answer.
    pub status: Option<u16>,
    /// How long the receiver asked to be left alone.
    pub asked: Option<Duration>,
    /// Why there was no answer: [`TIMED_OUT`] or [`UNREACHABLE`].
    pub detail: Option<&'static str>,
}

/// Whatever sends events. Shared by reference.
pub struct Sender {
    outbound: Outbound,
    ids: Arc<dyn IdSource>,
    sends: Sends,
}

impl Sender {
    /// One whose requests go no further than `reach`.
    ///
    /// # Errors
    /// One sentence when the library for TLS cannot be used.
    pub fn new(reach: Reach, ids: Arc<dyn IdSource>, sends: Sends) -> Result<Self, OpenError> {
        let outbound = Outbound::new(reach, TIMEOUT)
            .map_err(|error| OpenError(format!("cannot send webhooks: {error}")))?;
        Ok(Self { outbound, ids, sends })
    }

    /// The way out, by which an address can be judged.
    #[must_use]
    pub fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    /// A number between 0 and 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        let mut bytes = [0_u8; 4];
        self.ids.fill(&mut bytes);
        f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX)
    }

    /// Sends it at `now`, signed for that moment.
    pub async fn send(&self, message: &Message<'_>, now: Instant) -> Answer {
        let began = std::time::Instant::now();
        let sending = self.post(message, now).instrument(traces::send(Transport::Webhook));
        let answer = sending.await;
        self.sends.note(Transport::Webhook, of_answer(&answer), began);
        answer
    }

    async fn post(&self, message: &Message<'_>, now: Instant) -> Answer {
        let nothing = |detail| Answer { detail: Some(detail), ..Answer::default() };
        let at = now.timestamp();
        let request = Url::parse(message.url).ok().and_then(|url| self.outbound.post(url).ok());
        let signature = signing::signatures(message.secrets, message.name, at, message.body);
        let (Some(request), Some(signature)) = (request, signature) else {
            return nothing(UNREACHABLE);
        };
        let request = request
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, OURSELVES)
            .header("webhook-id", message.name)
            .header("webhook-timestamp", at)
            .header("webhook-signature", signature)
            .body(message.body.to_owned());
        match request.send().await {
            Ok(response) => {
                let asked = response.headers().get(RETRY_AFTER);
                let asked = asked.and_then(|header| header.to_str().ok());
                Answer {
                    status: Some(response.status().as_u16()),
                    asked: asked.and_then(|header| retry_after_up_to(header, now, ASKED_CAP)),
                    detail: None,
                }
            }
            Err(error) if error.is_timeout() => nothing(TIMED_OUT),
            Err(_unreachable) => nothing(UNREACHABLE),
        }
    }
}
