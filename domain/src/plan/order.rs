//! The order of a plan: total, and the same on every device.

use super::item::{Item, Verdict};
use crate::clock::Instant;
use std::cmp::Ordering;

/// What is not blocked first, then what is due earlier, then the more urgent kind, then the key.
pub fn compare(left: &Item, right: &Item) -> Ordering {
    rank(left).cmp(&rank(right))
}

fn rank(item: &Item) -> (bool, Instant, super::ItemKind, &str) {
    let do_at = item.do_at.unwrap_or(Instant::MAX_UTC);
    (item.verdict == Verdict::Blocked, do_at, item.kind, &item.key)
}
