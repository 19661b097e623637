//! What a device has not seen yet, page by page.
//!
//! **Must never** parse or write anew the text of a record: it is sent as it is stored.

use crate::sync::limits::{DEFAULT_ANSWER_BYTES, DEFAULT_CHANGES, MAX_ANSWER_BYTES, MAX_CHANGES};
use afterview_domain::entities::Collection;
use afterview_domain::sync::{ChangeRow, Cursor, Feed, Filter, LogState, ResetReason, cut};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Where a device that has to begin anew finds everything.
pub const SNAPSHOT: &str = "/v1/sync/snapshot";

/// About how many bytes the members of an answer have beside its changes.
const MEMBERS_BYTES: usize = 256;

/// How many rows are read at once. Bounds what is in memory although only a page is wanted.
const ROWS_AT_ONCE: usize = 100;

/// What a device asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Where it stands; nothing for a device that has nothing.
    pub cursor: Option<String>,
    /// At most this many changes; 1 to [`MAX_CHANGES`], what lies outside is read as the nearest.
    pub limit: usize,
    /// About how many bytes of changes at most; more than [`MAX_ANSWER_BYTES`] is read as that.
    pub max_bytes: usize,
    /// Only these collections.
    pub collections: Option<Vec<Collection>>,
    /// For a device that has nothing: the head before its own mutations of the same round. What was
    /// deleted since then it is told.
    pub began: Option<i64>,
}

impl Default for PullRequest {
    fn default() -> Self {
        Self {
            cursor: None,
            limit: DEFAULT_CHANGES,
            max_bytes: DEFAULT_ANSWER_BYTES,
            collections: None,
            began: None,
        }
    }
}

/// Names and revisions that the device gets in another part of the same answer.
pub type Delivered = BTreeSet<(Collection, String, i64)>;

/// What it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullAnswer {
    /// The lineage of the log.
    pub epoch: i64,
    /// The newest states of records that changed, in the order of their stamps.
    pub changes: Vec<ChangeRow>,
    /// Where the device stands after it has applied them; none when it has to begin anew.
    pub cursor: Option<Cursor>,
    /// Whether there is more to get.
    pub has_more: bool,
    /// Whether the page ends inside a transaction.
    pub partial_txn: bool,
    /// The digest of all live records, when the device has all of them now.
    pub digest: Option<i64>,
    /// Why the device has to begin anew.
    pub reset: Option<ResetReason>,
}

/// The next page for a device, without the records in `delivered`. Everything is read in the one state
/// that `feed` shows.
///
/// A device that begins with nothing is told of no deletion from before it began. A page without changes
/// that has more behind it is possible only when all of the page was delivered already.
///
/// # Errors
/// That the log cannot be read.
pub fn answer<F: Feed>(
    feed: &mut F,
    request: &PullRequest,
    delivered: &Delivered,
) -> Result<PullAnswer, F::Error> {
    let log = feed.state()?;
    let filter = Filter::of(request.collections.as_deref());
    let cursor = match place(request.cursor.as_deref(), &log, filter) {
        Ok(cursor) => cursor,
        Err(reason) => return Ok(reset(&log, reason)),
    };
    let began = request.began.filter(|_| request.cursor.is_none()).unwrap_or(cursor.began);
    let cursor = Cursor { began, ..cursor };
    let rows = read(feed, request, cursor, log.head)?;
    let page = cut(&rows, limit(request), max_bytes(request));
    let mut changes = rows;
    changes.truncate(page.taken);
    // At the end of the log its head, so that nothing between the last change and it is asked for again.
    let after = changes.last().filter(|_| page.has_more).map_or(log.head, |last| last.rev);
    changes.retain(|row| !delivered.contains(&(row.collection, row.id.clone(), row.rev)));
    let complete = !page.has_more && request.collections.is_none();
    Ok(PullAnswer {
        epoch: log.epoch,
        changes,
        cursor: Some(Cursor { epoch: log.epoch, after, ..cursor }),
        has_more: page.has_more,
        partial_txn: page.partial_txn,
        digest: complete.then_some(log.digest),
        reset: None,
    })
}

/// Where the device stands in `log`.
///
/// # Errors
/// Why it has to begin anew.
pub fn place(text: Option<&str>, log: &LogState, filter: Filter) -> Result<Cursor, ResetReason> {
    let Some(text) = text else { return Ok(Cursor::at_the_beginning(log, filter)) };
    let cursor = Cursor::decode(text).map_err(|_damaged| ResetReason::Cursor)?;
    cursor.judge(log, filter).map(|after| Cursor { after, ..cursor })
}

fn reset(log: &LogState, reason: ResetReason) -> PullAnswer {
    PullAnswer {
        epoch: log.epoch,
        changes: Vec::new(),
        cursor: None,
        has_more: false,
        partial_txn: false,
        digest: None,
        reset: Some(reason),
    }
}

fn limit(request: &PullRequest) -> usize {
    request.limit.clamp(1, MAX_CHANGES)
}

fn max_bytes(request: &PullRequest) -> usize {
    request.max_bytes.min(MAX_ANSWER_BYTES)
}

/// The rows of one page and at least one beyond it, if there is one.
fn read<F: Feed>(
    feed: &mut F,
    request: &PullRequest,
    cursor: Cursor,
    head: i64,
) -> Result<Vec<ChangeRow>, F::Error> {
    let (wanted, max_bytes) = (limit(request).saturating_add(1), max_bytes(request));
    let (mut rows, mut bytes, mut after) = (Vec::new(), 0_usize, cursor.after);
    if after >= head {
        return Ok(rows);
    }
    // One row is taken whatever its size, so the size may stop the reading only from the second on.
    while rows.len() < wanted && (bytes <= max_bytes || rows.len() < 2) {
        let some = wanted.saturating_sub(rows.len()).min(ROWS_AT_ONCE);
        let read = feed.changes(after, head, request.collections.as_deref(), some)?;
        let all = read.len() < some;
        after = read.last().map_or(after, |last| last.rev);
        for row in read.into_iter().filter(|row| !row.deleted || row.rev > cursor.began) {
            bytes = bytes.saturating_add(row.wire_bytes());
            rows.push(row);
        }
        if all {
            break;
        }
    }
    Ok(rows)
}

impl PullAnswer {
    /// Writes the members of the answer, without braces, into a JSON object in the making.
    pub fn write_members(&self, into: &mut String) {
        into.reserve(self.changes.iter().map(ChangeRow::wire_bytes).sum::<usize>() + MEMBERS_BYTES);
        add(into, format_args!("\"epoch\":\"{:016x}\",\"changes\":[", self.epoch));
        for (i, row) in self.changes.iter().enumerate() {
            if i > 0 {
                into.push(',');
            }
            write_change(row, into);
        }
        into.push(']');
        if let Some(cursor) = self.cursor {
            add(into, format_args!(",\"cursor\":\"{}\"", cursor.encode()));
        }
        into.push_str(if self.has_more { ",\"has_more\":true" } else { ",\"has_more\":false" });
        if self.partial_txn {
            into.push_str(",\"partial_txn\":true");
        }
        if let Some(digest) = self.digest {
            add(into, format_args!(",\"digest\":\"{digest:016x}\""));
        }
        if let Some(reason) = self.reset {
            let reason = reason.as_str();
            add(
                into,
                format_args!(",\"reset\":{{\"reason\":\"{reason}\",\"snapshot\":\"{SNAPSHOT}\"}}"),
            );
        }
    }
}

/// Writes one change as a JSON object.
fn write_change(row: &ChangeRow, into: &mut String) {
    write_name(row, into);
    if !row.deleted {
        write_content(row, into);
    } else {
        into.push_str(",\"deleted\":true");
        if let Some(parent) = &row.cascade_of {
            add(into, format_args!(",\"cascade_of\":\"{parent}\""));
        }
    }
    into.push('}');
}

/// Begins a JSON object with the name and the revision of a record. Identifiers hold nothing that JSON
/// would escape.
pub fn write_name(row: &ChangeRow, into: &mut String) {
    for text in ["{\"c\":\"", row.collection.as_str(), "\",\"id\":\"", &row.id, "\",\"rev\":"] {
        into.push_str(text);
    }
    add(into, format_args!("{}", row.rev));
}

/// Writes into a text, which cannot fail.
fn add(into: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = into.write_fmt(what);
}

/// Adds the content of a live record to a JSON object, as it is stored.
pub fn write_content(row: &ChangeRow, into: &mut String) {
    into.push_str(",\"doc\":");
    into.push_str(&row.doc);
    if let Some(extra) = &row.extra {
        into.push_str(",\"extra\":");
        into.push_str(extra);
    }
}

#[cfg(test)]
mod tests;
