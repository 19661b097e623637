//! Stamps: the commit-ordered numbers by which an account's log is read.
//!
//! A stamp is unique within an account and looks like a Unix time in milliseconds, so that clients
//! which keep "last synced at" can keep a stamp instead.

use crate::clock::Instant;

/// The stamps of one write transaction: a run of consecutive numbers.
///
/// A server clock that jumps ahead only makes later stamps grow by one until real time catches up;
/// one that jumps back does no harm. Stamps stay below 2^53 until the year 287,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    first: i64,
    taken: i64,
}

impl Block {
    /// The block that follows `last_stamp`, the account's newest, at `now`.
    #[must_use]
    pub fn after(last_stamp: i64, now: Instant) -> Self {
        Self { first: last_stamp.saturating_add(1).max(now.timestamp_millis()), taken: 0 }
    }

    /// The first stamp of the block, which also names the transaction.
    #[must_use]
    pub fn first(&self) -> i64 {
        self.first
    }

    /// The stamp that [`take`](Self::take) will give next.
    #[must_use]
    pub fn next(&self) -> i64 {
        self.first.saturating_add(self.taken)
    }

    /// Takes the next stamp.
    pub fn take(&mut self) -> i64 {
        let stamp = self.next();
        self.taken = self.taken.saturating_add(1);
        stamp
    }

    /// The newest stamp taken; `None` while the transaction has changed nothing.
    #[must_use]
    pub fn last_taken(&self) -> Option<i64> {
        (self.taken > 0).then(|| self.first.saturating_add(self.taken).saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_millis;

    #[test]
    fn stamps_follow_the_clock_and_never_go_back() {
        let mut block = Block::after(5, from_millis(1_000));
        assert_eq!((block.take(), block.take()), (1_000, 1_001));
        assert_eq!(block.last_taken(), Some(1_001));
        let mut behind = Block::after(2_000, from_millis(1_000));
        assert_eq!(behind.take(), 2_001);
    }

    #[test]
    fn a_transaction_that_changes_nothing_takes_no_stamp() {
        assert_eq!(Block::after(5, from_millis(1_000)).last_taken(), None);
    }
}
