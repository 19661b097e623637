//! Cutting a page off the log, so that a device that stops between two pages holds no half
//! transaction.
//!
//! **Must never** answer an empty page while there is more: a client would turn in a circle.

use super::ChangeRow;

/// What a change costs on the wire besides its texts: names of members, revision, punctuation.
const FRAME_BYTES: usize = 64;

/// Where a page ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many rows, from the first on, are in it.
    pub taken: usize,
    /// Whether rows come after it.
    pub has_more: bool,
    /// Whether it ends inside a transaction, because that is larger than a page.
    pub partial_txn: bool,
}

impl ChangeRow {
    /// About how many bytes the row takes in an answer. A tombstone is sent without its content.
    #[must_use]
    pub fn wire_bytes(&self) -> usize {
        let content = if self.deleted {
            self.cascade_of.as_ref().map_or(0, String::len)
        } else {
            self.doc.len().saturating_add(self.extra.as_ref().map_or(0, String::len))
        };
        content.saturating_add(self.id.len()).saturating_add(FRAME_BYTES)
    }
}

/// Cuts a page of at most `limit` rows and `max_bytes` off `rows`, which are in the order of their
/// stamps. One row is always taken, however large. For `has_more` to be true, a row beyond the page must
/// be among `rows`: the caller asks for one more than `limit`.
#[must_use]
pub fn cut(rows: &[ChangeRow], limit: usize, max_bytes: usize) -> Page {
    let fitting = fitting(rows, limit.max(1), max_bytes);
    let same_txn = |end: usize| {
        let pair = end.checked_sub(1).and_then(|last| rows.get(last)).zip(rows.get(end));
        pair.is_some_and(|(last, next)| last.txn == next.txn)
    };
    let clean = (1..=fitting).rev().find(|end| !same_txn(*end));
    let taken = clean.unwrap_or(fitting);
    Page { taken, has_more: taken < rows.len(), partial_txn: clean.is_none() && !rows.is_empty() }
}

/// How many rows fit, transactions apart.
fn fitting(rows: &[ChangeRow], limit: usize, max_bytes: usize) -> usize {
    let mut bytes = 0_usize;
    let fits = |row: &&ChangeRow| {
        bytes = bytes.saturating_add(row.wire_bytes());
        bytes <= max_bytes
    };
    let fitting = rows.iter().take(limit).take_while(fits).count();
    fitting.max(1).min(rows.len())
}

#[cfg(test)]
mod tests;
