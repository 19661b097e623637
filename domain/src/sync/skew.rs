//! Apps of other versions: what an older one calls otherwise, and which versions there are.
//!
//! An app may be years older than the server and must never lose an edit for it; a newer one's fields are
//! kept until the server learns them (see `extra` of a record). **Must never** drop what it does not
//! understand.

use crate::entities::Collection;
use serde_json::{Map, Value};

/// The version of the collections and fields that this server knows. It grows with every field, word or
/// collection that is added; an app that knows more says so.
pub const SCHEMA: i64 = 1;

/// A field that has another name since some version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rename {
    /// The collection.
    pub collection: Collection,
    /// What apps call it that know only older versions.
    pub old: &'static str,
    /// What it is called now.
    pub new: &'static str,
    /// The first version with the new name.
    pub since: i64,
}

/// Every renaming so far, the oldest first. A row stays as long as apps of older versions are about.
pub const RENAMES: &[Rename] = &[];

/// Fields as an app of version `schema` sends them, under the names of today. A name that is there
/// already is left alone.
#[must_use]
pub fn up_convert(
    renames: &[Rename],
    collection: Collection,
    schema: i64,
    mut fields: Map<String, Value>,
) -> Map<String, Value> {
    let due = renames.iter().filter(|it| it.collection == collection && schema < it.since);
    for Rename { old, new, .. } in due {
        if let Some(value) = fields.remove(*old) {
            fields.entry((*new).to_owned()).or_insert(value);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TABLE: &[Rename] = &[
        Rename { collection: Collection::Contacts, old: "memo", new: "remarks", since: 2 },
        Rename { collection: Collection::Contacts, old: "remarks", new: "notes", since: 3 },
    ];

    fn convert(collection: Collection, schema: i64) -> Value {
        let fields = json!({"memo": "x"}).as_object().cloned().unwrap_or_default();
        Value::Object(up_convert(TABLE, collection, schema, fields))
    }

    #[test]
    fn an_old_app_speaks_in_old_names_and_is_understood() {
        assert_eq!(convert(Collection::Contacts, 1), json!({"notes": "x"}));
        assert_eq!(convert(Collection::Contacts, 3), json!({"memo": "x"}));
        assert_eq!(convert(Collection::Interviews, 1), json!({"memo": "x"}));
    }

    #[test]
    fn every_renaming_leads_to_a_field_of_today() {
        for rename in RENAMES {
            assert!(rename.since <= SCHEMA);
            let last = RENAMES.iter().filter(|it| it.collection == rename.collection);
            let last = last.fold(rename.new, |name, it| if it.old == name { it.new } else { name });
            assert!(rename.collection.shape().field(last).is_some(), "{}", rename.old);
        }
    }
}
