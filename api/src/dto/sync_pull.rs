//! What a device reads to keep its copy. The answers with records in them are spliced together from
//! stored texts; the types here say what comes out, to the document and to nobody else.

use super::schema::{self, Schemas, Side};
use afterview_domain::entities::conflict;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// What changed since a cursor.
#[derive(ToSchema)]
pub struct SyncChanges {
    /// The lineage of the account's log. Another one after a restore from a backup.
    #[schema(examples("3f8a0c1d2e4f5a6b"))]
    pub epoch: String,
    /// The newest state of each record that changed, in the order of their last changes.
    pub changes: Vec<SyncChange>,
    /// Where to go on: to be kept when the changes are.
    pub cursor: String,
    /// Whether there is more to get with the new cursor.
    pub has_more: bool,
    /// True if the page ends inside a transaction, because that is larger than a page.
    #[schema(required = false)]
    pub partial_txn: bool,
    /// The digest of all live records, on the last page of a reader of all collections: the exclusive
    /// or over the first eight bytes of SHA-256 of `collection:id:rev`.
    #[schema(required = false, examples("9c1f5e7a03b2d468"))]
    pub digest: String,
}

/// The newest state of one record.
#[derive(ToSchema)]
pub struct SyncChange {
    /// Its collection. Clients must accept collections that they do not know.
    #[schema(examples("interviews"))]
    pub c: String,
    /// Its identifier.
    pub id: String,
    /// Its revision.
    pub rev: i64,
    /// The record as its own address serves it; absent when it is deleted.
    #[schema(required = false, value_type = Object)]
    pub doc: BTreeMap<String, String>,
    /// Fields that a newer app gave it and that this server does not know.
    #[schema(required = false, value_type = Object)]
    pub extra: BTreeMap<String, String>,
    /// True if it is deleted; otherwise absent.
    #[schema(required = false)]
    pub deleted: bool,
    /// `collection/id` of the record whose deletion took this one along.
    #[schema(required = false, examples("opportunities/acme"))]
    pub cascade_of: String,
}

/// The head of the account's log.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncHead {
    /// The newest revision of anything.
    pub head: i64,
    /// The lineage of the log.
    #[schema(examples("3f8a0c1d2e4f5a6b"))]
    pub epoch: String,
    /// The digest of all live records.
    #[schema(examples("9c1f5e7a03b2d468"))]
    pub digest: String,
    /// How many records are alive.
    #[schema(examples(120))]
    pub live_records: i64,
}

/// Names and revisions of live records.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncRevs {
    /// The newest revision of anything when they were read.
    pub head: i64,
    /// The lineage of the log.
    #[schema(examples("3f8a0c1d2e4f5a6b"))]
    pub epoch: String,
    /// The digest of exactly these records.
    #[schema(examples("9c1f5e7a03b2d468"))]
    pub digest: String,
    /// The records.
    pub items: Vec<SyncRev>,
}

/// Name and revision of one live record.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncRev {
    /// Its collection.
    #[schema(examples("interviews"))]
    pub c: &'static str,
    /// Its identifier.
    pub id: String,
    /// Its revision.
    pub rev: i64,
}

/// One line of a snapshot. The first one has `cursor`, `epoch` and `counts`, the last one `end`, `count`
/// and `digest`; every other one is a record.
#[derive(ToSchema)]
pub struct SnapshotLine {
    /// First line: where to go on with changes when the whole snapshot is there.
    #[schema(required = false)]
    pub cursor: String,
    /// First line: the lineage of the log.
    #[schema(required = false)]
    pub epoch: String,
    /// First line: how many records of each collection were alive when the stream began.
    #[schema(required = false)]
    pub counts: BTreeMap<String, i64>,
    /// The record's collection.
    #[schema(required = false, examples("interviews"))]
    pub c: String,
    /// The record's identifier.
    #[schema(required = false)]
    pub id: String,
    /// The record's revision.
    #[schema(required = false)]
    pub rev: i64,
    /// The record as its own address serves it.
    #[schema(required = false, value_type = Object)]
    pub doc: BTreeMap<String, String>,
    /// Fields that a newer app gave the record and that this server does not know.
    #[schema(required = false, value_type = Object)]
    pub extra: BTreeMap<String, String>,
    /// True if the record goes first because of `scope=recent`; otherwise absent.
    #[schema(required = false)]
    pub recent: bool,
    /// Last line: true. A stream without it is not complete.
    #[schema(required = false)]
    pub end: bool,
    /// Last line: how many records this stream had.
    #[schema(required = false)]
    pub count: i64,
    /// Last line: the digest of exactly the records of this stream.
    #[schema(required = false)]
    pub digest: String,
}

/// One page of what became of a record, the newest first.
#[derive(ToSchema)]
pub struct RecordHistoryPage {
    /// The changes.
    pub items: Vec<RecordChange>,
    /// Where the next page begins; absent on the last one.
    #[schema(required = false)]
    pub next_cursor: String,
}

/// One change of a record, or its creation.
#[derive(ToSchema)]
pub struct RecordChange {
    /// The revision that it made.
    pub rev: i64,
    /// When it arrived.
    #[schema(format = DateTime, examples("2026-05-06T19:05:00Z"))]
    pub at: String,
    /// The device (session) that made it.
    pub device_id: String,
    /// The mutation that brought it; absent for a change by another address than sync.
    #[schema(required = false)]
    pub mutation_id: String,
    /// Per changed field `{old, new}`, null for no value, and `given` where the merge stored another text
    /// than was sent. A deletion and its end stand under `deleted_rev`. Absent on the creation.
    #[schema(required = false, value_type = Object)]
    pub changed: BTreeMap<String, String>,
    /// True on the creation; otherwise absent.
    #[schema(required = false)]
    pub created: bool,
}

/// A conflict.
pub struct ConflictView;

impl PartialSchema for ConflictView {
    fn schema() -> RefOr<Schema> {
        schema::of_record(&conflict::SHAPE, Side::View)
    }
}

impl ToSchema for ConflictView {
    fn name() -> Cow<'static, str> {
        conflict::SHAPE.name.into()
    }
}

/// One page of conflicts.
pub struct ConflictPage;

impl PartialSchema for ConflictPage {
    fn schema() -> RefOr<Schema> {
        schema::page_of(conflict::SHAPE.name)
    }
}

impl ToSchema for ConflictPage {
    fn name() -> Cow<'static, str> {
        "ConflictPage".into()
    }

    fn schemas(into: &mut Schemas) {
        let shape = &conflict::SHAPE;
        into.push((Side::View.name_of(shape), schema::of_record(shape, Side::View)));
        schema::nested(shape, Side::View, into);
    }
}
