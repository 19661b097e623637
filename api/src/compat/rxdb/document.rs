//! Records as documents.
//!
//! **Must never** show two answers of one route by different rules: what is pulled, answered to a push and
//! streamed goes through one [`View`].

use afterview_domain::entities::Collection;
use afterview_domain::entities::field::{Field, Kind, Need};
use afterview_domain::sync::{ChangeRow, Record};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What the library keeps in documents for itself.
const OWN: &[&str] = &["_rev", "_meta", "_attachments"];

/// How an app wants to see documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The collection.
    pub collection: Collection,
    /// The field that marks deleted documents.
    pub deleted_field: String,
    /// The fields that the app's schema has; all, if it does not say.
    pub fields: Option<BTreeSet<String>>,
}

impl View {
    /// A row of the log as a document.
    ///
    /// # Errors
    /// The stored text is damaged.
    pub fn row(&self, row: &ChangeRow) -> Result<Map<String, Value>, serde_json::Error> {
        let mut fields: Map<String, Value> = serde_json::from_str(&row.doc)?;
        if let Some(extra) = &row.extra {
            fields.extend(serde_json::from_str::<Map<String, Value>>(extra)?);
        }
        Ok(self.document(&row.id, fields, row.deleted))
    }

    /// A record as a document.
    #[must_use]
    pub fn record(&self, record: &Record) -> Map<String, Value> {
        let mut fields = record.doc.clone();
        fields.extend(record.extra.clone());
        self.document(&record.id, fields, record.deleted_rev.is_some())
    }

    /// The fields of a document that a client sent.
    #[must_use]
    pub fn fields(&self, document: &Map<String, Value>) -> Map<String, Value> {
        let of_record = |name: &str| {
            name != "id" && name != self.deleted_field && !OWN.contains(&name) && name != "rev"
        };
        let fields = document.iter().filter(|(name, _)| of_record(name));
        fields.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Whether a client calls the document deleted. A time in the field means so, too.
    #[must_use]
    pub fn is_deleted(&self, document: &Map<String, Value>) -> bool {
        match document.get(&self.deleted_field) {
            None | Some(Value::Null | Value::Bool(false)) => false,
            Some(Value::Number(number)) => number.as_f64() != Some(0.0),
            Some(Value::String(text)) => !text.is_empty(),
            Some(_) => true,
        }
    }

    /// Whether `sent` says the same as what is served, `now`. What the client lacks counts, too: the library
    /// passes over a pulled document while it has an edit of it, and is told here or never.
    #[must_use]
    pub fn agree(
        &self,
        sent: &Map<String, Value>,
        assumed: Option<&Map<String, Value>>,
        now: &Map<String, Value>,
    ) -> bool {
        let all = [Some(sent), assumed, Some(now)].into_iter().flatten();
        let names: BTreeSet<String> =
            all.flat_map(|it| self.fields(it)).map(|(name, _)| name).collect();
        let is_said =
            |name: &str| sent.contains_key(name) || assumed.is_some_and(|it| it.contains_key(name));
        let compared = names.iter().filter(|name| {
            self.is_compared(name) && (is_said(name) || !self.goes_without_saying(name, now))
        });
        let value = |of: &Map<String, Value>, name: &str| of.get(name).cloned().unwrap_or_default();
        self.is_deleted(sent) == self.is_deleted(now)
            && compared.into_iter().all(|name| value(sent, name) == value(now, name))
    }

    /// Whether a field holds what every new record has, for an app that does not say which fields it knows.
    fn goes_without_saying(&self, name: &str, now: &Map<String, Value>) -> bool {
        let need = self.collection.shape().field(name).map(|field| field.need);
        let Some(Need::Default(text)) = need else { return false };
        self.fields.is_none() && serde_json::from_str::<Value>(text).ok().as_ref() == now.get(name)
    }

    /// Fields that the server sets count only for an app that says that its schema has them.
    fn is_compared(&self, name: &str) -> bool {
        let is_servers = ["created_at", "updated_at"].contains(&name)
            || matches!(self.collection.shape().field(name), Some(field) if field.need == Need::Server);
        let is_known = self.fields.as_ref().is_some_and(|fields| fields.contains(name));
        !is_servers || (is_known && name != "updated_at")
    }

    fn document(
        &self,
        id: &str,
        mut fields: Map<String, Value>,
        deleted: bool,
    ) -> Map<String, Value> {
        fields.remove("rev");
        if deleted && !fields.contains_key("created_at") {
            // Its content was forgotten. A schema may demand it all the same.
            for field in
                self.collection.shape().fields.iter().filter(|it| it.need == Need::Required)
            {
                fields.entry(field.name).or_insert_with(|| nothing(field));
            }
        }
        if let Some(known) = &self.fields {
            fields.retain(|name, _| known.contains(name));
        }
        fields.insert("id".to_owned(), Value::from(id));
        fields.insert(self.deleted_field.clone(), Value::from(deleted));
        fields
    }
}

/// A value that says nothing, of the type of a field.
fn nothing(field: &Field) -> Value {
    match &field.kind {
        Kind::Bool => json!(false),
        Kind::Integer { min, .. } => json!(min),
        Kind::Object(_) | Kind::Fields | Kind::TextMap { .. } => json!({}),
        Kind::List { .. } | Kind::Set { .. } => json!([]),
        Kind::Word(words) => json!(words.first()),
        Kind::Instant => json!("1970-01-01T00:00:00Z"),
        Kind::Date => json!("1970-01-01"),
        _ => json!(""),
    }
}
