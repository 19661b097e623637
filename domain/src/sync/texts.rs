//! Weaving two versions of a text into one.
//!
//! Word by word, without markers, and the same whichever side comes first. **Must never** weave what
//! only looks alike: then one text stays whole and the other becomes a conflict.

use crate::hex::hex;
use reconcile_text::{BuiltinTokenizer, reconcile};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// The longest text that is woven, in bytes. Beyond it the cost of finding what differs is not worth
/// it.
const MAX_WOVEN_BYTES: usize = 64 * 1024;

/// `base` with the changes of both sides; `None` when they have too little in common.
pub(super) fn weave(base: &str, one: &str, other: &str) -> Option<String> {
    let longest = base.len().max(one.len()).max(other.len());
    if base.trim().is_empty() || longest > MAX_WOVEN_BYTES || !share_a_third(one, other) {
        return None;
    }
    let (left, right) = if one <= other { (one, other) } else { (other, one) };
    let woven = reconcile(base, &left.into(), &right.into(), &*BuiltinTokenizer::Word);
    Some(woven.apply().text())
}

/// Whether two texts have at least a third of the words of the richer one in common.
fn share_a_third(one: &str, other: &str) -> bool {
    let words = |text: &'_ str| text.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
    let (one, other) = (words(one), words(other));
    one.intersection(&other).count() * 3 >= one.len().max(other.len())
}

/// The name of a text by which a device says from which one it began: the first eight bytes of the
/// SHA-256, in hexadecimal.
#[must_use]
pub fn text_digest(text: &str) -> String {
    hex(Sha256::digest(text.as_bytes()).into_iter().take(8))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "Met the team at a meetup in March.";

    #[test]
    fn both_changes_are_in_the_woven_text() {
        let one = "Met the whole team at a meetup in March.";
        let other = "Met the team at a meetup in March. They moved to a new platform.";
        let woven = weave(BASE, one, other).expect("alike enough");
        assert_eq!(woven, "Met the whole team at a meetup in March. They moved to a new platform.");
        assert_eq!(weave(BASE, other, one), Some(woven));
    }

    #[test]
    fn the_same_insertion_is_not_doubled() {
        let both = "Met the whole team at a meetup in March.";
        assert_eq!(weave(BASE, both, both).as_deref(), Some(both));
    }

    #[test]
    fn texts_that_have_little_in_common_are_not_woven() {
        assert_eq!(weave(BASE, "Call Anna on Monday about references.", BASE), None);
        assert_eq!(weave("", "one", "one two"), None);
    }
}
