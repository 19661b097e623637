//! The dialects of other people's sync libraries, spoken on the account's log.
//!
//! An adapter says what a client's words mean and how the answer is spelled. **Must never** merge, decide
//! who wins, or fail a request because of one record.

pub mod rxdb;
pub mod watermelondb;

use afterview_domain::entities::Collection;
use afterview_domain::hex::hex;
use afterview_domain::sync::LogState;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// A stamp as clients keep it: 0 for one that has nothing yet, whatever its library writes for that.
#[must_use]
pub fn stamp(text: Option<&str>) -> i64 {
    text.and_then(|text| text.trim().parse::<i64>().ok()).unwrap_or(0).max(0)
}

/// Whether a client that has seen everything up to `stamp` can be told what happened since. It cannot
/// after a restore that took back what it may have seen, or where deletions have been forgotten.
#[must_use]
pub fn continues(stamp: i64, log: &LogState) -> bool {
    stamp <= log.head && stamp >= log.gc_floor && log.surviving(stamp) == stamp
}

/// Names the content of one pushed record, so that the same refusal is noted once.
#[must_use]
pub fn fingerprint(device: &str, collection: &str, id: &str, content: &Value) -> String {
    let mut hash = Sha256::new();
    for part in [device, collection, id, &content.to_string()] {
        hash.update(part);
        hash.update([0]);
    }
    hex(hash.finalize())
}

/// What is refused unread, as the log of conflicts keeps it.
#[must_use]
pub fn unread(table: &str, id: &str, content: Value) -> Map<String, Value> {
    let members =
        [("c", table.into()), ("id", id.into()), ("op", "patch".into()), ("set", content)];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The collection that a table or an address names, if clients may write it.
#[must_use]
pub fn writable(name: &str) -> Option<Collection> {
    Collection::from_word(name).filter(|collection| !collection.is_read_only())
}

#[cfg(test)]
mod tests {
    use super::*;
    use afterview_domain::sync::LostInterval;

    #[test]
    fn whatever_stands_for_nothing_is_the_beginning() {
        for nothing in [None, Some(""), Some("null"), Some("undefined"), Some("NaN"), Some("-5")] {
            assert_eq!(stamp(nothing), 0);
        }
        assert_eq!(stamp(Some("1780000000000")), 1_780_000_000_000);
    }

    #[test]
    fn a_stamp_of_a_state_that_a_restore_undid_is_the_end() {
        let lost = vec![LostInterval { from: 50, to: 60 }];
        let log = LogState { head: 100, epoch: 1, gc_floor: 10, digest: 0, lost };
        assert_eq!(
            [9, 10, 50, 51, 60, 61, 100, 101].map(|stamp| continues(stamp, &log)),
            [false, true, true, false, false, true, true, false]
        );
    }
}
