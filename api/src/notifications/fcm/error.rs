//! THE table: what an answer of the provider means for the message, the registration and the operator.
//!
//! Pruning a registration loses reminders for good, so it takes a clear word of the provider. What is
//! unclear leaves registrations alone.
//!
//! **Must never** pass on free text of an answer: it may repeat what was sent.

use crate::notifications::Verdict;
use crate::notifications::retry::{Cause, Retry, Scope, retry_after};
use afterview_domain::clock::Instant;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use serde_json::Value;

const FCM_ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.FcmError";

/// The longest name that is passed on from an answer, in bytes.
const MAX_NAME_BYTES: usize = 100;

/// What the answer to one sending means. `status` is its HTTP status, `now` the time it came.
pub fn verdict(status: u16, headers: &HeaderMap, body: &[u8], now: Instant) -> Verdict {
    if status == 200 {
        return delivered(body);
    }
    let answer = Answer::read(body);
    let detail = answer.detail(status);
    match (status, answer.code.as_str()) {
        (404, "UNREGISTERED") => Verdict::Unregistered,
        (404, _) => Verdict::WrongProject { detail },
        (400 | 413, _) => {
            Verdict::Invalid { names_registration: answer.names_registration(), detail }
        }
        (403, "SENDER_ID_MISMATCH") => Verdict::SenderMismatch,
        (403, _) => Verdict::Forbidden { detail },
        (401, "THIRD_PARTY_AUTH_ERROR" | "APNS_AUTH_ERROR") => Verdict::ProviderAuth,
        (401, _) => Verdict::Unauthenticated { detail },
        (429, _) => retry(headers, answer.quota_scope(), Cause::Quota, now),
        (408 | 500..=599, _) => retry(headers, Scope::Project, Cause::Failed, now),
        // What this interface never says, such as a redirection: somebody else answered.
        _ => Verdict::WrongProject { detail },
    }
}

/// No answer at all.
pub(super) fn no_answer(error: &reqwest::Error) -> Verdict {
    let cause = if error.is_timeout() { Cause::TimedOut } else { Cause::Unreachable };
    Verdict::Retry(Retry::of(cause))
}

fn retry(headers: &HeaderMap, scope: Scope, cause: Cause, now: Instant) -> Verdict {
    let asked = asked(headers, now);
    Verdict::Retry(Retry { asked, scope, cause })
}

/// What the answer's `Retry-After` asks for.
pub(in crate::notifications) fn asked(
    headers: &HeaderMap,
    now: Instant,
) -> Option<std::time::Duration> {
    let header = headers.get(RETRY_AFTER)?.to_str().ok()?;
    retry_after(header, now)
}

/// A 200 without a message's name is something else than Firebase, such as a proxy's page.
fn delivered(body: &[u8]) -> Verdict {
    #[derive(Deserialize)]
    struct Sent {
        name: String,
    }
    match serde_json::from_slice::<Sent>(body) {
        Ok(sent) if sent.name.contains("/messages/") => Verdict::Delivered { name: sent.name },
        _ => Verdict::Retry(Retry::of(Cause::Failed)),
    }
}

/// What the table looks at. Everything may be missing; what is no JSON has nothing.
#[derive(Default)]
struct Answer {
    /// `error.status`, the general code of Google's interfaces.
    status: String,
    /// `errorCode` of the `FcmError`, wherever in `details` it stands.
    code: String,
    details: Vec<Value>,
}

impl Answer {
    fn read(body: &[u8]) -> Self {
        let Ok(mut body) = serde_json::from_slice::<Value>(body) else { return Self::default() };
        let Some(error) = body.get_mut("error") else { return Self::default() };
        let details = match error.get_mut("details").map(Value::take) {
            Some(Value::Array(details)) => details,
            _ => Vec::new(),
        };
        let code = details.iter().find(|detail| text(detail, "@type") == FCM_ERROR);
        Self {
            status: text(error, "status").to_owned(),
            code: code.map(|detail| text(detail, "errorCode")).unwrap_or_default().to_owned(),
            details,
        }
    }

    /// The entries of the lists called `list` of all details.
    fn entries<'a>(&'a self, list: &'a str) -> impl Iterator<Item = &'a Value> {
        self.details.iter().filter_map(move |detail| detail.get(list)?.as_array()).flatten()
    }

    fn fields(&self) -> impl Iterator<Item = &str> {
        self.entries("fieldViolations").map(|violation| text(violation, "field"))
    }

    fn names_registration(&self) -> bool {
        self.fields().any(|field| matches!(field, "message.token" | "message.fid"))
    }

    /// Which quota was used up stands in the violations, if anywhere.
    fn quota_scope(&self) -> Scope {
        let of_device = |violation: &Value| {
            ["subject", "description"].iter().any(|field| {
                let words = text(violation, field).to_ascii_lowercase();
                ["device", "message.token", "message.fid"].iter().any(|word| words.contains(word))
            })
        };
        if self.entries("violations").any(of_device) { Scope::Device } else { Scope::Project }
    }

    /// The identifiers of the answer: status, codes, reasons, names of fields.
    fn detail(&self, status: u16) -> String {
        let mut parts = vec![status.to_string()];
        let reasons = self.details.iter().map(|detail| text(detail, "reason"));
        let codes = [self.status.as_str(), self.code.as_str()];
        for name in codes.into_iter().chain(reasons).chain(self.fields()) {
            if is_identifier(name) && !parts.iter().any(|part| part == name) {
                parts.push(name.to_owned());
            }
            if parts.len() > 8 {
                break;
            }
        }
        parts.join(" ")
    }
}

/// Whether the text is the name of something, such as `message.android.ttl`, and not somebody's words.
pub(in crate::notifications) fn is_identifier(text: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'[' | b']'))
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
