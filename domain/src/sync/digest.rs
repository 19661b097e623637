//! The digest of an account's live records, by which a device notices that it has drifted.

use crate::entities::Collection;
use sha2::{Digest, Sha256};

/// What names one state of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateKey<'a> {
    /// Its collection.
    pub collection: Collection,
    /// Its identifier.
    pub id: &'a str,
    /// Its revision.
    pub rev: i64,
}

/// The contribution of one live record: the first eight bytes, big endian, of the SHA-256 of
/// `collection:id:rev`. The digest of an account is the exclusive or over its live records, so it
/// can be kept up to date record by record.
#[must_use]
pub fn digest_of(key: StateKey<'_>) -> i64 {
    let text = format!("{}:{}:{}", key.collection.as_str(), key.id, key.rev);
    let hash = Sha256::digest(text.as_bytes());
    let mut head = [0_u8; 8];
    for (to, from) in head.iter_mut().zip(hash.iter()) {
        *to = *from;
    }
    i64::from_be_bytes(head)
}
