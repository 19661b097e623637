//! THE table: what an answer of a push service means for the message, the subscription and the operator.
//!
//! RFC 8030 and RFC 8292 name few answers, and the large services add their own: Mozilla's an `errno`
//! in JSON, Apple's a `reason`, Google's plain words, Microsoft's a 406 for too many messages.
//!
//! Whoever must wait is always the one subscription: the service is one that its client chose, and
//! must not slow anything else down. That all messages to a failing service pause is the matter of its
//! own circuit breaker.
//!
//! **Must never** pass on free text of an answer: it may repeat what was sent.

use crate::notifications::Verdict;
use crate::notifications::fcm::error::{asked, is_identifier};
use crate::notifications::retry::{Cause, Retry, Scope};
use crate::outbound::is_refusal;
use afterview_domain::clock::Instant;
use reqwest::header::{HeaderMap, LOCATION};
use serde::Deserialize;

/// The longest name of a message that is passed on, in bytes.
const MAX_NAME_BYTES: usize = 1000;

/// Apple's word for a subscription that was made with another key.
const OTHER_KEY: &str = "VapidPkHashMismatch";

/// What was wrong when nothing was sent because the address is not within reach.
pub const OUT_OF_REACH: &str = "the address is not a public one";

/// What was wrong when nothing was sent because pokes are not for Web Push.
pub const POKE: &str = "a poke is not for Web Push";

/// What was wrong when nothing was sent because the library encrypted or signed nothing.
pub const NOT_SEALED: &str = "the message cannot be encrypted or signed";

/// What the answer to one sending means. `status` is its HTTP status, `now` the time it came.
pub fn verdict(status: u16, headers: &HeaderMap, body: &[u8], now: Instant) -> Verdict {
    let answer = Answer::read(body);
    let reason = answer.reason.as_str();
    let detail = answer.detail(status);
    match (status, reason) {
        // 201 by the standard; 202 with a receipt; some servers of UnifiedPush do with 200 or 204.
        (200 | 201 | 202 | 204, _) => Verdict::Delivered { name: name(headers) },
        (404 | 410, _) => Verdict::Unregistered,
        (400 | 401 | 403, OTHER_KEY) => Verdict::SenderMismatch,
        // The key is not the one that the subscription was made with (RFC 8292, section 4.2).
        (401 | 403, "") => Verdict::SenderMismatch,
        // Apple takes the token for none: its contact, or this machine's clock.
        (401 | 403, _) => Verdict::Forbidden { detail },
        (406 | 429, _) => retry(headers, Cause::Quota, now),
        (408 | 500..=599, _) => retry(headers, Cause::Failed, now),
        // 400, 413 and all that is never said to a message in order, such as a redirection.
        _ => invalid(detail),
    }
}

/// No answer at all.
pub(super) fn no_answer(error: &reqwest::Error) -> Verdict {
    if is_refusal(error) {
        return invalid(OUT_OF_REACH);
    }
    later(None, if error.is_timeout() { Cause::TimedOut } else { Cause::Unreachable })
}

/// The message was not taken, or not even sent. That never costs the subscription.
pub(super) fn invalid(detail: impl Into<String>) -> Verdict {
    Verdict::Invalid { names_registration: false, detail: detail.into() }
}

/// The same message to the same subscription, later.
pub(super) fn later(asked: Option<std::time::Duration>, cause: Cause) -> Verdict {
    Verdict::Retry(Retry { asked, scope: Scope::Device, cause })
}

fn retry(headers: &HeaderMap, cause: Cause, now: Instant) -> Verdict {
    later(asked(headers, now), cause)
}

/// The address of the message, if it was given one of a believable length.
fn name(headers: &HeaderMap) -> String {
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if location.len() <= MAX_NAME_BYTES { location.to_owned() } else { String::new() }
}

/// What the table looks at. Everything may be missing; what is no JSON has nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    reason: String,
    errno: u32,
}

impl Answer {
    fn read(body: &[u8]) -> Self {
        let answer: Self = serde_json::from_slice(body).unwrap_or_default();
        if is_identifier(&answer.reason) {
            return answer;
        }
        Self { reason: String::new(), ..answer }
    }

    /// The identifiers of the answer.
    fn detail(&self, status: u16) -> String {
        let mut detail = status.to_string();
        if self.errno != 0 {
            detail.push_str(&format!(" errno {}", self.errno));
        }
        if !self.reason.is_empty() {
            detail.push_str(&format!(" {}", self.reason));
        }
        detail
    }
}

#[cfg(test)]
mod tests;
