//! Identifiers: what clients may choose, and how derived ones are computed.
//!
//! **Must never** draw randomness; fresh identifiers come from an [`IdSource`] of the caller.

use crate::clock::Instant;
use uuid::{Builder, Uuid};

/// The longest identifier of a record, in characters.
pub const MAX_RECORD_ID_LEN: usize = 64;

/// The namespace of derived identifiers (UUID version 5, RFC 9562), so that two offline phones that
/// act on the same thing write the same record.
const NAMESPACE: Uuid = Uuid::from_u128(0xb369_ee72_c40f_4fd5_bc8d_3985_e59d_a632);

/// Where fresh identifiers and secrets come from. Handed in by the caller, like the clock.
pub trait IdSource: Send + Sync {
    /// Fills `bytes` with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);

    /// A time-ordered UUID (version 7, RFC 9562) for a record made at `now`.
    fn record_id(&self, now: Instant) -> String {
        let mut random = [0_u8; 10];
        self.fill(&mut random);
        ordered_id(now, random)
    }
}

/// A time-ordered UUID (version 7, RFC 9562) of `now` that ends in `distinction`.
#[must_use]
pub fn ordered_id(now: Instant, distinction: [u8; 10]) -> String {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &distinction).into_uuid().to_string()
}

/// Whether `id` may name a record: 1 to 64 characters of `A-Z a-z 0-9 _ . -`, but not `.` or `..`,
/// which no address can end in.
///
/// Not a UUID on purpose: offline databases of client libraries make identifiers of their own
/// shape, and an identifier is unique only within one account and collection.
#[must_use]
pub fn is_record_id(id: &str) -> bool {
    (1..=MAX_RECORD_ID_LEN).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
        && !matches!(id, "." | "..")
}

/// The identifier of the follow-up record that belongs to `action_key`.
#[must_use]
pub fn follow_up_id(action_key: &str) -> String {
    Uuid::new_v5(&NAMESPACE, action_key.as_bytes()).to_string()
}

/// The identifier of what was noted as `words` under `kind` in the debrief of an interview, so that
/// noting the same again, here or on another phone, is the same record.
#[must_use]
pub fn debrief_id(interview_id: &str, kind: &str, words: &str) -> String {
    let name = format!("{interview_id}/debrief/{kind}/{words}");
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
}

/// The name under which calendar programs know the event of the record `id` of an account. It tells neither.
#[must_use]
pub fn calendar_uid(account_id: &str, collection: &str, id: &str) -> String {
    let name = format!("{account_id}/calendar/{collection}/{id}");
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
}

/// The identifier of the conflict that the mutation called `mutation` brought up about `name`, so that
/// a mutation that is carried out again brings up the same one.
#[must_use]
pub fn conflict_id(mutation: &str, name: &str) -> String {
    Uuid::new_v5(&NAMESPACE, format!("{mutation}/conflict/{name}").as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_ids_are_short_and_plain() {
        for good in ["a", "me", "0192f0c1-7b1a-7c3d-8a55-000000000000", "aB3_.-x9QwErTyUi"] {
            assert!(is_record_id(good), "{good}");
        }
        for bad in ["", ".", "..", "a b", "a/b", "ä", "a\u{0}", &"x".repeat(65)] {
            assert!(!is_record_id(bad), "{bad:?}");
        }
    }

    #[test]
    fn the_same_action_has_the_same_follow_up_id_on_every_device() {
        assert_eq!(
            follow_up_id("opp/follow_up/1/employer"),
            follow_up_id("opp/follow_up/1/employer")
        );
        assert_ne!(
            follow_up_id("opp/follow_up/1/employer"),
            follow_up_id("opp/follow_up/2/employer")
        );
    }
}
