//! Everything that is alive, line by line, for a device that begins or begins anew.
//!
//! The cursor of the head is taken before the first row. What changes while the rows go out gets a
//! higher stamp and comes with the first changes after that cursor, so no transaction need stay open:
//! rows of different moments are as good as rows of one. **Must never** hold more than a piece of it in
//! memory, or parse the text of a record that it sends.

use super::pull::{place, write_content, write_name};
use crate::store::{AccountFeed, StoreError};
use afterview_domain::clock::Instant;
use afterview_domain::entities::{Collection, Fields, PREFERENCES_ID, references};
use afterview_domain::sync::{
    ChangeRow, Cursor, Feed, Filter, LogState, ResetReason, StateKey, digest_of,
};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How far ahead interviews count as the next ones, in days.
pub const RECENT_DAYS: i64 = 60;

/// How many of the next interviews go first at most.
const MAX_RECENT: i64 = 200;

/// How many rows are read at once.
const ROWS_AT_ONCE: usize = 100;

/// After how many bytes a piece is sent.
const PIECE_BYTES: usize = 256 * 1024;

/// What a device asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SnapshotRequest {
    /// The record that the device got last from a stream that broke.
    pub after: Option<(Collection, String)>,
    /// The cursor at the head of that stream.
    pub cursor: Option<String>,
    /// Whether what the next interviews need goes first.
    pub recent_first: bool,
}

/// A snapshot on its way out.
#[derive(Debug)]
pub struct Snapshot {
    /// What goes first, by name.
    first: VecDeque<(Collection, Vec<String>)>,
    /// What of it is out.
    sent: BTreeSet<(Collection, String)>,
    /// The collections to come.
    rest: VecDeque<Collection>,
    /// Where the first of them goes on.
    after: String,
    count: u64,
    digest: i64,
    ended: bool,
}

impl Snapshot {
    /// Begins or resumes a stream at `now`; also its first line.
    ///
    /// # Errors
    /// That the database is unavailable. Inside: why the stream cannot be resumed.
    pub fn begin(
        feed: &mut AccountFeed<'_>,
        request: &SnapshotRequest,
        now: Instant,
    ) -> Result<Result<(Self, String), ResetReason>, StoreError> {
        let log = feed.state()?;
        let everything = Filter::of(None);
        let cursor = match request.cursor.as_deref() {
            None => Cursor::at_the_head(&log, everything),
            Some(text) => match place(Some(text), &log, everything) {
                Ok(cursor) => cursor,
                Err(reason) => return Ok(Err(reason)),
            },
        };
        let header = header(&log, cursor, &feed.live_counts()?);
        let first = if request.recent_first { recent(feed, now)? } else { VecDeque::new() };
        let (mut rest, mut after) = (VecDeque::from(Collection::ALL), String::new());
        if let Some((collection, id)) = &request.after {
            rest = rest.into_iter().skip_while(|it| it != collection).collect();
            after.clone_from(id);
        }
        let sent = BTreeSet::new();
        let snapshot = Self { first, sent, rest, after, count: 0, digest: 0, ended: false };
        Ok(Ok((snapshot, header)))
    }

    /// The next lines; `None` when the last one is out.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn next_piece(&mut self, feed: &mut AccountFeed<'_>) -> Result<Option<String>, StoreError> {
        let mut text = String::new();
        while text.len() < PIECE_BYTES && !self.ended {
            if let Some((collection, ids)) = self.first.pop_front() {
                for row in feed.live_named(collection, &ids)? {
                    self.write(&row, true, &mut text);
                    self.sent.insert((row.collection, row.id));
                }
            } else if let Some(collection) = self.rest.front().copied() {
                self.write_some(feed, collection, &mut text)?;
            } else {
                self.ended = true;
                let (count, digest) = (self.count, self.digest);
                text.push_str(&format!(
                    "{{\"end\":true,\"count\":{count},\"digest\":\"{digest:016x}\"}}\n"
                ));
            }
        }
        Ok((!text.is_empty()).then_some(text))
    }

    fn write_some(
        &mut self,
        feed: &mut AccountFeed<'_>,
        collection: Collection,
        text: &mut String,
    ) -> Result<(), StoreError> {
        let mut rows = feed.live(collection, &self.after, ROWS_AT_ONCE)?;
        match rows.last() {
            Some(last) if rows.len() == ROWS_AT_ONCE => self.after.clone_from(&last.id),
            _ => {
                self.rest.pop_front();
                self.after.clear();
            }
        }
        rows.retain(|row| !self.sent.contains(&(row.collection, row.id.clone())));
        for row in &rows {
            self.write(row, false, text);
        }
        Ok(())
    }

    fn write(&mut self, row: &ChangeRow, recent: bool, text: &mut String) {
        write_name(row, text);
        write_content(row, text);
        text.push_str(if recent { ",\"recent\":true}\n" } else { "}\n" });
        self.count = self.count.saturating_add(1);
        let ChangeRow { collection, id, rev, .. } = row;
        self.digest ^= digest_of(StateKey { collection: *collection, id, rev: *rev });
    }
}

fn header(log: &LogState, cursor: Cursor, counts: &[(Collection, i64)]) -> String {
    let counts: BTreeMap<Collection, i64> = counts.iter().copied().collect();
    let mut listed = String::new();
    for collection in Collection::ALL {
        if let Some(count) = counts.get(&collection) {
            let comma = if listed.is_empty() { "" } else { "," };
            listed.push_str(&format!("{comma}\"{}\":{count}", collection.as_str()));
        }
    }
    let cursor = cursor.encode();
    let epoch = log.epoch;
    format!("{{\"cursor\":\"{cursor}\",\"epoch\":\"{epoch:016x}\",\"counts\":{{{listed}}}}}\n")
}

/// What the next interviews need, parents before children.
fn recent(
    feed: &mut AccountFeed<'_>,
    now: Instant,
) -> Result<VecDeque<(Collection, Vec<String>)>, StoreError> {
    let until = now.checked_add_signed(TimeDelta::days(RECENT_DAYS)).unwrap_or(now);
    let interviews = feed.live_between(Collection::Interviews, now, until, MAX_RECENT)?;
    let mut parents: BTreeMap<Collection, BTreeSet<String>> = BTreeMap::new();
    let mut ids = Vec::new();
    for interview in interviews {
        let fields = serde_json::from_str(&interview.doc).map_err(|error| {
            StoreError::Corrupt(format!("interviews/{}: {error}", interview.id))
        })?;
        for reference in references(Collection::Interviews, &Fields::stored(fields)) {
            parents.entry(reference.collection).or_default().insert(reference.id);
        }
        ids.push(interview.id);
    }
    let mut first = VecDeque::from([(Collection::Preferences, vec![PREFERENCES_ID.to_owned()])]);
    for collection in [Collection::Opportunities, Collection::Contacts] {
        let ids = Vec::from_iter(parents.remove(&collection).unwrap_or_default());
        first.extend(ids.chunks(ROWS_AT_ONCE).map(|some| (collection, some.to_vec())));
    }
    first.extend(ids.chunks(ROWS_AT_ONCE).map(|some| (Collection::Interviews, some.to_vec())));
    Ok(first)
}
