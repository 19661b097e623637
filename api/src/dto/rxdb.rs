//! What goes to and comes from apps with RxDB, as its documentation spells it.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// One batch of documents: the answer of the library's pull handler.
#[derive(Debug, Serialize, ToSchema)]
pub struct RxdbPull {
    /// The documents as they are now, in the order of their last changes. A deleted one has the mark.
    #[schema(value_type = Vec<RxdbDocument>)]
    pub documents: Vec<Map<String, Value>>,
    /// Where the next pull goes on.
    pub checkpoint: RxdbCheckpoint,
}

/// Where a client stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct RxdbCheckpoint {
    /// The last document.
    #[schema(examples("anna"))]
    pub id: String,
    /// The stamp of its last change.
    #[serde(rename = "updatedAt")]
    #[schema(examples(1_780_000_000_000_i64))]
    pub updated_at: i64,
    /// The same, as the library's own server spells it.
    #[schema(examples(1_780_000_000_000_i64))]
    pub lwt: i64,
}

/// One document that a client has changed.
#[derive(ToSchema)]
pub struct RxdbPushRow {
    /// The state that the client believes to be the server's; absent for a new document.
    #[schema(rename = "assumedMasterState", required = false, value_type = RxdbDocument)]
    pub assumed_master_state: Map<String, Value>,
    /// The state that it has now.
    #[schema(rename = "newDocumentState", value_type = RxdbDocument)]
    pub new_document_state: Map<String, Value>,
}

/// A document: the fields of the record, and the mark of deletion.
#[derive(ToSchema)]
pub struct RxdbDocument {
    /// Its identifier.
    #[schema(examples("anna"))]
    pub id: String,
    /// Whether it is deleted; called as `deleted_field` says.
    #[schema(rename = "_deleted", required = false)]
    pub deleted: bool,
    /// The fields.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}
