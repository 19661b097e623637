//! Everything that changed since a stamp, as rows.
//!
//! **Must never** name a row in two lists, or a live row as created after the first sync: the library
//! would bring back what its user has just deleted.

use super::super::continues;
use super::columns;
use crate::dto::watermelondb::{WatermelonChanges, WatermelonTable};
use crate::error::ApiError;
use crate::store::AccountFeed;
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use afterview_domain::sync::{ChangeRow, Feed};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How long a client that marks deleted rows in a column is shown the mark; then the row goes.
const MARKED: TimeDelta = TimeDelta::days(30);

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Everything up to this stamp it has; 0 for nothing.
    pub since: i64,
    /// Its session.
    pub device: String,
    /// The columns that its app has since its last pull.
    pub migration: Option<Migration>,
    /// Only these tables.
    pub tables: Option<Vec<Collection>>,
    /// At most so many rows, and the rest in the next pulls.
    pub limit: Option<usize>,
    /// The column in which the app marks deleted rows, if it keeps them.
    pub soft_delete: Option<String>,
}

/// What an app has learnt since its last pull: the library's `migration`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Migration {
    /// Tables.
    #[serde(default)]
    pub tables: Vec<String>,
    /// Columns of tables that it had.
    #[serde(default)]
    pub columns: Vec<MigratedColumns>,
}

/// Columns that a table has got.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MigratedColumns {
    /// The table.
    pub table: String,
    /// Its new columns.
    #[serde(default)]
    pub columns: Vec<String>,
}

/// Answers a pull from one state of the log.
///
/// # Errors
/// That the log cannot be read.
pub fn pull(
    feed: &mut AccountFeed<'_>,
    request: &PullRequest,
    now: Instant,
) -> Result<WatermelonChanges, ApiError> {
    let log = feed.state()?;
    let anew = request.since > 0 && !continues(request.since, &log);
    let since = if anew { 0 } else { request.since };
    let limit = request.limit.filter(|_| !anew);
    let wanted = limit.map_or(usize::MAX, |limit| limit.saturating_add(1));
    let mut changes = feed.changes(since, log.head, request.tables.as_deref(), wanted)?;
    let has_more = limit.is_some_and(|limit| changes.len() > limit);
    changes.truncate(limit.unwrap_or(usize::MAX));
    let until = changes.last().filter(|_| has_more).map_or(log.head, |last| last.rev);
    let mut rows =
        Rows { first: request.since == 0, tables: BTreeMap::new(), seen: BTreeSet::new() };
    for change in &changes {
        rows.add(change, request, now)?;
    }
    if !rows.first {
        for change in migrated(feed, request.migration.as_ref())? {
            rows.add(&change, request, now)?;
        }
        let told = request.tables.as_ref().is_none_or(|it| it.contains(&Collection::Conflicts));
        let untold = match told {
            true => Vec::new(),
            false => feed.changes(since, until, Some(&[Collection::Conflicts]), usize::MAX)?,
        };
        rows.take_refused_back(changes.iter().chain(&untold), &request.device);
    }
    Ok(WatermelonChanges {
        changes: rows.tables,
        timestamp: until.max(1),
        has_more: has_more.then_some(true),
        experimental_strategy: anew.then_some("replacement"),
    })
}

/// The rows of an answer in the making.
struct Rows {
    /// Whether the client has nothing yet.
    first: bool,
    tables: BTreeMap<&'static str, WatermelonTable>,
    seen: BTreeSet<(Collection, String)>,
}

impl Rows {
    fn add(
        &mut self,
        change: &ChangeRow,
        request: &PullRequest,
        now: Instant,
    ) -> Result<(), ApiError> {
        if (self.first && change.deleted) || !self.is_new(change.collection, &change.id) {
            return Ok(());
        }
        let marked = || marked(change, request.soft_delete.as_deref(), now);
        let row = match change.deleted {
            false => Some(columns::row(change).map_err(ApiError::internal)?),
            true => marked().transpose().map_err(ApiError::internal)?,
        };
        let table = self.tables.entry(change.collection.as_str()).or_default();
        match row {
            Some(row) if self.first => table.created.push(row),
            Some(mut row) => {
                let mark = request.soft_delete.as_deref();
                columns::empty_what_is_missing(change.collection, &mut row, mark);
                table.updated.push(row);
            }
            None => table.deleted.push(change.id.clone()),
        }
        Ok(())
    }

    /// What this session made and what was refused is taken from it again: the log of conflicts has it.
    fn take_refused_back<'c>(
        &mut self,
        changes: impl Iterator<Item = &'c ChangeRow>,
        device: &str,
    ) {
        for conflict in changes.filter(|it| it.collection == Collection::Conflicts && !it.deleted) {
            let Ok(conflict) = serde_json::from_str::<Map<String, Value>>(&conflict.doc) else {
                continue;
            };
            let text = |name: &str| conflict.get(name).and_then(Value::as_str).unwrap_or_default();
            let of_creation =
                conflict.get("mutation").is_some_and(|it| it["op"] == json!("create"));
            let own = text("reason") == "rejected" && text("device_id") == device && of_creation;
            let Some(collection) = Collection::from_word(text("collection")).filter(|_| own) else {
                continue;
            };
            if self.is_new(collection, text("record_id")) {
                let table = self.tables.entry(collection.as_str()).or_default();
                table.deleted.push(text("record_id").to_owned());
            }
        }
    }

    fn is_new(&mut self, collection: Collection, id: &str) -> bool {
        self.seen.insert((collection, id.to_owned()))
    }
}

/// A deleted record as a row with the mark of the app; `None` where the row is to go.
fn marked(
    change: &ChangeRow,
    column: Option<&str>,
    now: Instant,
) -> Option<Result<Map<String, Value>, serde_json::Error>> {
    let column = column?;
    let deleted_at = change.rev;
    let content = change.doc.contains("\"created_at\"");
    if !content || now.timestamp_millis() - deleted_at > MARKED.num_milliseconds() {
        return None;
    }
    let mark = if column.starts_with("is_") { json!(true) } else { json!(deleted_at) };
    Some(columns::row(change).map(|mut row| {
        row.insert(column.to_owned(), mark);
        row
    }))
}

/// The rows that an app has to be shown because it has learnt of their table or of a column in them.
fn migrated(
    feed: &mut AccountFeed<'_>,
    migration: Option<&Migration>,
) -> Result<Vec<ChangeRow>, ApiError> {
    let Some(Migration { tables, columns }) = migration else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    for collection in Collection::ALL {
        let name = collection.as_str();
        let whole = tables.iter().any(|table| table == name);
        let named = columns.iter().filter(|it| it.table == name).flat_map(|it| &it.columns);
        let named: Vec<&String> = named.collect();
        if !whole && named.is_empty() {
            continue;
        }
        let holds = |text: &str| {
            let fields: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
            named.iter().any(|name| fields.contains_key(*name))
        };
        let live = feed.live(collection, "", usize::MAX)?;
        rows.extend(
            live.into_iter()
                .filter(|row| whole || holds(&row.doc) || row.extra.as_deref().is_some_and(holds)),
        );
    }
    Ok(rows)
}
