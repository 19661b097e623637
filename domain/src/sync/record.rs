//! One record with its revision, and how it becomes the next one.
//!
//! **Must never** lose a value: what a change replaces is in its [`Change`].

use super::StateKey;
use crate::clock::{Instant, format_instant};
use crate::entities::{Collection, Fields};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The name under which the creation stands in the field meta. No field is called so.
const EVERY_FIELD: &str = "*";

/// Who changed a field last, and when in effect. Kept with the record, so that finding a conflict
/// never depends on how long history is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldMeta {
    /// The revision of the last change.
    pub rev: i64,
    /// The device (session) that made it.
    pub device: String,
    /// Its effective time, Unix milliseconds.
    pub eff: i64,
}

/// A record as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its collection.
    pub collection: Collection,
    /// Its identifier, unique within account and collection.
    pub id: String,
    /// The stamp of its last change.
    pub rev: i64,
    /// The stamp of its creation.
    pub created_rev: i64,
    /// The stamp of its deletion; a tombstone keeps its content until it is purged.
    pub deleted_rev: Option<i64>,
    /// `collection/id` of the parent whose deletion took this record along.
    pub cascade_of: Option<String>,
    /// The fields, canonical, with the system fields.
    pub doc: Map<String, Value>,
    /// Per field its last change; `*` stands for every field that is not named, which are those
    /// untouched since the creation.
    pub field_meta: BTreeMap<String, FieldMeta>,
    /// Fields that this version does not know, kept as they came from a newer app.
    pub extra: Map<String, Value>,
}

/// Who makes a change, when, and under which stamp.
#[derive(Debug, Clone, Copy)]
pub struct Author<'a> {
    /// The device (session).
    pub device: &'a str,
    /// The server's time.
    pub now: Instant,
    /// The effective time of the edit; for a REST write the server's time.
    pub effective: Instant,
    /// The stamp of the change.
    pub stamp: i64,
    /// The mutation that asked for it, if one did.
    pub mutation: Option<&'a str>,
}

/// What a record is to hold next.
#[derive(Debug, Clone, PartialEq)]
pub struct Next {
    /// The fields, checked.
    pub fields: Fields,
    /// Fields that this version does not know.
    pub extra: Map<String, Value>,
    /// Fields as they were sent, where the merge made something else of them: kept in the history.
    pub given: Map<String, Value>,
}

/// One change of a record, as history keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct PastChange {
    /// Its stamp.
    pub rev: i64,
    /// The device that made it.
    pub device: String,
    /// `{field: {old, new, given?}}`.
    pub changed: Map<String, Value>,
}

/// The next state of a record and what it replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The new state.
    pub record: Record,
    /// Per changed field the value before and after: `{field: {old, new}}`. A deletion and its end
    /// stand under `deleted_rev`. Where a merge stored something else than was sent, that is under
    /// `given`.
    pub changed: Map<String, Value>,
    /// The mutation that asked for it, if one did.
    pub mutation: Option<String>,
}

/// The name under which a deletion stands in history and field meta. No field is called so.
pub(super) const DELETION: &str = "deleted_rev";

impl Record {
    /// A new record.
    #[must_use]
    pub fn created(collection: Collection, id: &str, fields: Fields, author: Author<'_>) -> Self {
        let fields = fields.into_map();
        let field_meta = BTreeMap::from([(EVERY_FIELD.to_owned(), meta(author))]);
        let mut record = Self {
            collection,
            id: id.to_owned(),
            rev: author.stamp,
            created_rev: author.stamp,
            deleted_rev: None,
            cascade_of: None,
            doc: fields,
            field_meta,
            extra: Map::new(),
        };
        let at = Value::from(format_instant(author.now));
        record.doc.insert("created_at".to_owned(), at.clone());
        record.finish(author.stamp, at);
        record
    }

    /// This record with `fields` as its content; `None` when nothing differs. A tombstone comes
    /// back to life as if created now.
    #[must_use]
    pub fn changed_to(&self, fields: &Fields, author: Author<'_>) -> Option<Change> {
        let (fields, extra) = (fields.clone(), self.extra.clone());
        self.moved_on(&Next { fields, extra, given: Map::new() }, author)
    }

    /// This record with `next` as its content; `None` when nothing differs. A tombstone comes back to
    /// life as if created now; of a purged one nothing but the name is used again.
    #[must_use]
    pub fn moved_on(&self, next: &Next, author: Author<'_>) -> Option<Change> {
        if self.is_purged() {
            let fields = next.fields.clone();
            let mut record = Self::created(self.collection, &self.id, fields, author);
            record.extra.clone_from(&next.extra);
            return Some(self.succeeded_by(record, author.mutation));
        }
        let after = next.fields.as_map();
        let mut changed = differences(&self.fields(), after);
        let unknown = differences(&self.extra, &next.extra);
        if changed.is_empty() && unknown.is_empty() && self.deleted_rev.is_none() {
            return None;
        }
        let at = Value::from(format_instant(author.now));
        let mut record = Self { deleted_rev: None, cascade_of: None, ..self.clone() };
        for name in changed.keys() {
            match after.get(name) {
                Some(value) => record.doc.insert(name.clone(), value.clone()),
                None => record.doc.remove(name),
            };
        }
        record.extra.clone_from(&next.extra);
        changed.extend(unknown);
        for (name, change) in &mut changed {
            record.field_meta.insert(name.clone(), meta(author));
            if let (Some(given), Some(change)) = (next.given.get(name), change.as_object_mut()) {
                change.insert("given".to_owned(), given.clone());
            }
        }
        if let Some(deleted_rev) = self.deleted_rev {
            changed.insert(DELETION.to_owned(), json!({ "old": deleted_rev, "new": null }));
            record.created_rev = author.stamp;
            record.doc.insert("created_at".to_owned(), at.clone());
            record.field_meta.remove(DELETION);
        }
        record.finish(author.stamp, at);
        Some(Change { record, changed, mutation: author.mutation.map(str::to_owned) })
    }

    /// This tombstone alive again, with the content that it had.
    #[must_use]
    pub fn restored(&self, author: Author<'_>) -> Change {
        let mut record = Self { deleted_rev: None, cascade_of: None, ..self.clone() };
        record.field_meta.remove(DELETION);
        record.finish(author.stamp, Value::from(format_instant(author.now)));
        let mark = json!({ "old": self.deleted_rev, "new": null });
        let changed = Map::from_iter([(DELETION.to_owned(), mark)]);
        Change { record, changed, mutation: author.mutation.map(str::to_owned) }
    }

    /// This record as a tombstone. Its content stays, so that a deletion can be taken back.
    #[must_use]
    pub fn deleted(&self, cascade_of: Option<&str>, author: Author<'_>) -> Change {
        let mut record = Self {
            deleted_rev: Some(author.stamp),
            cascade_of: cascade_of.map(str::to_owned),
            ..self.clone()
        };
        record.field_meta.insert(DELETION.to_owned(), meta(author));
        record.finish(author.stamp, Value::from(format_instant(author.now)));
        let mark = json!({ "old": null, "new": author.stamp });
        let changed = Map::from_iter([(DELETION.to_owned(), mark)]);
        Change { record, changed, mutation: author.mutation.map(str::to_owned) }
    }

    /// This record, unchanged, under a new revision.
    #[must_use]
    pub fn shown_again(&self, author: Author<'_>) -> Self {
        let mut record = self.clone();
        record.finish(author.stamp, Value::from(format_instant(author.now)));
        record
    }

    /// The last change of the field called `name`, or the creation.
    #[must_use]
    pub fn last_change(&self, name: &str) -> Option<&FieldMeta> {
        self.field_meta.get(name).or_else(|| self.field_meta.get(EVERY_FIELD))
    }

    /// Who made it.
    #[must_use]
    pub fn creation(&self) -> Option<&FieldMeta> {
        self.field_meta.get(EVERY_FIELD)
    }

    /// The fields without the system fields.
    #[must_use]
    pub fn fields(&self) -> Map<String, Value> {
        let mut fields = self.doc.clone();
        for name in crate::entities::parse::SYSTEM_FIELDS {
            fields.remove(*name);
        }
        fields
    }

    /// The name of this state.
    #[must_use]
    pub fn state_key(&self) -> StateKey<'_> {
        StateKey { collection: self.collection, id: &self.id, rev: self.rev }
    }

    /// The identifier of the opportunity that this record belongs to; its own, if it is one.
    #[must_use]
    pub fn opportunity_id(&self) -> Option<&str> {
        match self.collection {
            Collection::Opportunities => Some(&self.id),
            _ => self.doc.get("opportunity_id").and_then(Value::as_str),
        }
    }

    fn finish(&mut self, stamp: i64, at: Value) {
        self.rev = stamp;
        self.doc.insert("id".to_owned(), Value::from(self.id.clone()));
        self.doc.insert("rev".to_owned(), Value::from(stamp));
        self.doc.insert("updated_at".to_owned(), at);
    }
}

/// What differs between two contents: `{field: {old, new}}`.
fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let mut changed = Map::new();
    for name in before.keys().chain(after.keys()) {
        let (old, new) = (before.get(name), after.get(name));
        if old != new {
            changed.insert(name.clone(), json!({ "old": old, "new": new }));
        }
    }
    changed
}

fn meta(author: Author<'_>) -> FieldMeta {
    FieldMeta {
        rev: author.stamp,
        device: author.device.to_owned(),
        eff: author.effective.timestamp_millis(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_millis;
    use crate::entities::parse;

    fn author(stamp: i64) -> Author<'static> {
        let now = from_millis(stamp);
        Author { device: "phone", now, effective: now, stamp, mutation: None }
    }

    fn fields(value: Value) -> Fields {
        let Value::Object(map) = value else { panic!("not an object") };
        parse(Collection::Supplements, &map, None, from_millis(0)).expect("valid")
    }

    fn certificate() -> Record {
        Record::created(
            Collection::Supplements,
            "s1",
            fields(json!({"title": "A", "url": "https://a.example"})),
            author(10),
        )
    }

    #[test]
    fn only_what_differs_gets_a_new_revision() {
        let change =
            certificate().changed_to(&fields(json!({"title": "B"})), author(20)).expect("changed");
        assert_eq!(change.record.rev, 20);
        assert_eq!(change.record.last_change("title").map(|meta| meta.rev), Some(20));
        assert_eq!(change.record.last_change("kind").map(|meta| meta.rev), Some(10));
        assert_eq!(
            Value::Object(change.changed),
            json!({"title": {"old": "A", "new": "B"}, "url": {"old": "https://a.example", "new": null}})
        );
        assert_eq!(change.record.doc.get("url"), None);
    }

    #[test]
    fn writing_the_same_content_again_changes_nothing() {
        let record = certificate();
        let same = fields(json!({"title": "A", "url": "https://a.example"}));
        assert_eq!(record.changed_to(&same, author(20)), None);
    }

    #[test]
    fn a_tombstone_keeps_its_content_and_can_come_back() {
        let gone = certificate().deleted(Some("opportunities/o1"), author(30)).record;
        assert_eq!((gone.deleted_rev, gone.doc.get("title")), (Some(30), Some(&json!("A"))));
        let back =
            gone.changed_to(&fields(json!({"title": "A", "url": "https://a.example"})), author(40));
        assert_eq!(
            back.map(|change| (change.record.deleted_rev, change.record.cascade_of)),
            Some((None, None))
        );
    }

    #[test]
    fn the_digest_depends_on_collection_id_and_revision() {
        let key = |rev| StateKey { collection: Collection::Offers, id: "x", rev };
        assert_ne!(super::super::digest_of(key(1)), super::super::digest_of(key(2)));
    }
}
