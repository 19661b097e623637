//! What a round of sync answers: what became of each mutation.
//!
//! **Must never** show a record otherwise than its own address does.

use super::sync_pull::SyncChange;
use crate::error::FieldProblem;
use afterview_domain::sync::{Mutation, Outcome, Record, Refusal, Status};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What a round of sync answers.
#[derive(ToSchema)]
pub struct SyncAnswer {
    /// The server's clock, Unix milliseconds.
    #[schema(examples(1_780_000_000_000_i64))]
    pub server_time: i64,
    /// What became of each mutation, in the order of the request.
    pub results: Vec<SyncResult>,
    /// The lineage of the account's log. Another one after a restore from a backup.
    #[schema(examples("3f8a0c1d2e4f5a6b"))]
    pub epoch: String,
    /// The newest state of each record that changed, in the order of their last changes. What a result
    /// shows is left out.
    pub changes: Vec<SyncChange>,
    /// Where to go on: to be kept when the changes are. Absent with `reset`.
    #[schema(required = false)]
    pub cursor: String,
    /// Whether there is more to get with the new cursor.
    pub has_more: bool,
    /// True if the page ends inside a transaction, because that is larger than a page.
    #[schema(required = false)]
    pub partial_txn: bool,
    /// The digest of all live records, when this answer brings the device up to date.
    #[schema(required = false, examples("9c1f5e7a03b2d468"))]
    pub digest: String,
    /// Present when the cursor is of no use: begin anew with the snapshot, keep what is not sent yet.
    #[schema(nullable = false)]
    pub reset: Option<SyncReset>,
}

/// Why a device has to begin anew.
#[derive(ToSchema)]
pub struct SyncReset {
    /// One of epoch, expired, filter, cursor; clients must accept other words too.
    #[schema(examples("epoch"))]
    pub reason: String,
    /// Where everything is.
    #[schema(examples("/v1/sync/snapshot"))]
    pub snapshot: String,
}

/// What became of one mutation.
#[derive(ToSchema)]
pub struct SyncResult {
    /// Its identifier.
    pub mid: String,
    /// One of applied, merged, noop, duplicate, rejected, blocked.
    #[schema(examples("applied"))]
    pub status: String,
    /// The revision of the record afterwards.
    #[schema(required = false)]
    pub rev: i64,
    /// True if no record of that name is alive now; otherwise absent.
    #[schema(required = false)]
    pub deleted: bool,
    /// The record as it is now, where that is not what was sent.
    #[schema(required = false, value_type = Object)]
    pub record: BTreeMap<String, String>,
    /// Fields of the record that a newer app gave it and that this server does not know.
    #[schema(required = false, value_type = Object)]
    pub extra: BTreeMap<String, String>,
    /// Identifiers of the conflicts that it brought up.
    #[schema(required = false)]
    pub conflicts: Vec<String>,
    /// Why it was rejected or blocked.
    #[schema(nullable = false)]
    pub error: Option<SyncError>,
    /// For a duplicate: the first result, as it was answered. What it says of the record is of then;
    /// `record` and `deleted` beside it are of now.
    #[schema(required = false, value_type = Object)]
    pub original: BTreeMap<String, String>,
}

/// Why a mutation was refused.
#[derive(ToSchema)]
pub struct SyncError {
    /// The kind of refusal; clients must accept words that they do not know.
    #[schema(examples("already_sent"))]
    pub code: String,
    /// One sentence.
    pub detail: String,
    /// The faults field by field; absent when no field is at fault.
    #[schema(required = false)]
    pub errors: Vec<FieldProblem>,
}

#[derive(Serialize)]
struct ResultView<'o> {
    mid: &'o str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rev: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<&'o Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<&'o Map<String, Value>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deleted: bool,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    conflicts: &'o [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorView<'o>>,
    // As it stands in the ledger, byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<&'o RawValue>,
}

#[derive(Serialize)]
struct ErrorView<'o> {
    code: &'static str,
    detail: &'o str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FaultView<'o>>,
}

#[derive(Serialize)]
struct FaultView<'o> {
    pointer: &'o str,
    code: &'static str,
    detail: &'o str,
}

/// The JSON text of one result.
#[must_use]
pub fn result_text(mutation: &Mutation, outcome: &Outcome) -> String {
    let given = mutation.payload.get("mid").and_then(Value::as_str).unwrap_or_default();
    let view = match outcome {
        Outcome::Done { status, rev, record, deleted, conflicts } => ResultView {
            rev: *rev,
            deleted: *deleted,
            conflicts,
            ..ResultView::of(given, *status, record.as_deref())
        },
        Outcome::Refused { status, refusal, record, conflicts } => ResultView {
            deleted: record.is_none(),
            conflicts,
            error: Some(error_view(refusal)),
            ..ResultView::of(given, *status, record.as_deref())
        },
        Outcome::Duplicate { original, record } => ResultView {
            deleted: record.is_none(),
            original: serde_json::from_str(original).ok(),
            ..ResultView::of(given, Status::Duplicate, record.as_deref())
        },
    };
    serde_json::to_string(&view).unwrap_or_default()
}

impl<'o> ResultView<'o> {
    fn of(mid: &'o str, status: Status, record: Option<&'o Record>) -> Self {
        Self {
            mid,
            status: status.as_str(),
            rev: record.map(|record| record.rev),
            record: record.map(|record| &record.doc),
            extra: record.map(|record| &record.extra).filter(|extra| !extra.is_empty()),
            deleted: false,
            conflicts: &[],
            error: None,
            original: None,
        }
    }
}

fn error_view(refusal: &Refusal) -> ErrorView<'_> {
    let errors = refusal.errors.iter().map(|error| FaultView {
        pointer: &error.pointer,
        code: error.code.as_str(),
        detail: &error.detail,
    });
    let errors = errors.collect();
    ErrorView { code: refusal.code.as_str(), detail: &refusal.detail, errors }
}
