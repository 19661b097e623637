//! What goes to and comes from apps with WatermelonDB, as its documentation spells it.

use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Everything that changed since the last pull: the answer of the library's `pullChanges`.
#[derive(Debug, Serialize, ToSchema)]
pub struct WatermelonChanges {
    /// By table, which is named as the collection. A table without changes is left out.
    pub changes: BTreeMap<&'static str, WatermelonTable>,
    /// To be sent as `last_pulled_at` with the next pull.
    #[schema(examples(1_780_000_000_000_i64), minimum = 1)]
    pub timestamp: i64,
    /// True if `limit` cut the answer: pull again. The library hands it to `onDidPullChanges`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub has_more: Option<bool>,
    /// `replacement` if the answer is everything there is, because a restore or a very long absence made the
    /// stamp useless. For apps that hand it on; others do without.
    #[serde(rename = "experimentalStrategy", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub experimental_strategy: Option<&'static str>,
}

/// The changes of one table. Each row stands in one of the lists.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct WatermelonTable {
    /// At the first pull, every row; later, none.
    #[schema(value_type = Vec<WatermelonRow>)]
    pub created: Vec<Map<String, Value>>,
    /// Rows that were made or changed.
    #[schema(value_type = Vec<WatermelonRow>)]
    pub updated: Vec<Map<String, Value>>,
    /// Identifiers of rows that are gone.
    pub deleted: Vec<String>,
}

/// A row: its columns by name, each a text, a number, a boolean or null.
#[derive(ToSchema)]
pub struct WatermelonRow {
    /// Its identifier.
    #[schema(examples("aZ3kQ9xP2mN7rT5w"))]
    pub id: String,
    /// Pushed rows: what the library notes about the row, `created` or `updated`. Helps to tell what its user
    /// meant.
    #[schema(rename = "_status", required = false, examples("updated"))]
    pub status: String,
    /// Pushed rows: the columns that the user changed, separated by commas.
    #[schema(rename = "_changed", required = false, examples("notes,role"))]
    pub changed: String,
    /// The columns.
    #[serde(flatten)]
    pub columns: Map<String, Value>,
}
