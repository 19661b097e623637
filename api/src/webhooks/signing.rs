//! Secrets and signatures as Standard Webhooks has them: HMAC-SHA256 over name, time and body.
//!
//! **Must never** print a secret.

use crate::store::webhooks::WebhookRow;
use afterview_domain::clock::Instant;
use afterview_domain::ids::IdSource;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;

/// What begins every secret.
pub const PREFIX: &str = "whsec_";

/// For how long the secret before signs besides, after a rotation.
pub const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// How many random bytes a secret has.
const SECRET_BYTES: usize = 32;

/// A fresh secret: [`PREFIX`] and 256 random bits in base64.
#[must_use]
pub fn fresh_secret(random: &dyn IdSource) -> String {
    let mut secret = [0_u8; SECRET_BYTES];
    random.fill(&mut secret);
    format!("{PREFIX}{}", STANDARD.encode(secret))
}

/// The secrets that sign at `now`: the present one, and for a day after a rotation the one before.
#[must_use]
pub fn secrets_of(webhook: &WebhookRow, now: Instant) -> Vec<&str> {
    let is_good = webhook.previous_until.is_some_and(|until| now.timestamp_millis() < until);
    let before = webhook.previous_secret.as_deref().filter(|_| is_good);
    std::iter::once(webhook.secret.as_str()).chain(before).collect()
}

/// The header `webhook-signature` of a body that is sent under a name at a time (Unix seconds): one signature
/// for each secret, separated by blanks. `None` if a secret is none.
#[must_use]
pub fn signatures(secrets: &[&str], name: &str, at: i64, body: &str) -> Option<String> {
    let message = format!("{name}.{at}.{body}");
    let each = secrets.iter().map(|secret| {
        let bytes = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
        let made = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &bytes), message.as_bytes());
        Some(format!("v1,{}", STANDARD.encode(made)))
    });
    Some(each.collect::<Option<Vec<String>>>()?.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;

    #[test]
    fn a_secret_is_a_prefix_and_256_bits() {
        let secret = fresh_secret(&SystemRandom);
        let bytes = STANDARD.decode(secret.strip_prefix(PREFIX).expect("the prefix"));
        assert_eq!(bytes.expect("base64").len(), 32);
        assert_ne!(secret, fresh_secret(&SystemRandom));
    }

    #[test]
    fn every_secret_signs_and_what_is_no_secret_does_not() {
        let [one, other] = [fresh_secret(&SystemRandom), fresh_secret(&SystemRandom)];
        let both = signatures(&[&one, &other], "e1", 1, "{}").expect("signatures");
        let (first, second) = both.split_once(' ').expect("two");
        assert_eq!(signatures(&[&one], "e1", 1, "{}").as_deref(), Some(first));
        assert_eq!(signatures(&[&other], "e1", 1, "{}").as_deref(), Some(second));
        for (name, at, body) in [("e2", 1, "{}"), ("e1", 2, "{}"), ("e1", 1, "{ }")] {
            assert_ne!(signatures(&[&one], name, at, body).as_deref(), Some(first));
        }
        assert_eq!(signatures(&[&one, "whsec_?"], "e1", 1, "{}"), None);
        assert_eq!(signatures(&[&one[PREFIX.len()..]], "e1", 1, "{}"), None);
    }
}
