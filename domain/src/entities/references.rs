//! Which other records a record points at.

use super::error::At;
use super::field::{Kind, Shape};
use super::{Collection, Fields};
use serde_json::{Map, Value};

/// One pointer from a record to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// JSON Pointer to the field that holds it.
    pub pointer: String,
    /// The collection pointed into.
    pub collection: Collection,
    /// The record pointed at.
    pub id: String,
}

impl Reference {
    /// The field of the record that holds it, wherever inside.
    #[must_use]
    pub fn field(&self) -> &str {
        self.pointer.split('/').nth(1).unwrap_or_default()
    }
}

/// Every reference in `fields`, so that the caller can check that the records exist.
#[must_use]
pub fn references(collection: Collection, fields: &Fields) -> Vec<Reference> {
    let mut found = Vec::new();
    of_object(collection.shape(), fields.as_map(), At::BODY, &mut found);
    found
}

fn of_object(shape: &Shape, map: &Map<String, Value>, at: At<'_>, found: &mut Vec<Reference>) {
    for field in shape.fields {
        if let Some(value) = map.get(field.name) {
            of_value(&field.kind, value, At::Member(&at, field.name), found);
        }
    }
}

fn of_value(kind: &Kind, value: &Value, at: At<'_>, found: &mut Vec<Reference>) {
    match (kind, value) {
        (Kind::Ref(collection), Value::String(id)) => {
            found.push(Reference { pointer: at.into(), collection: *collection, id: id.clone() });
        }
        (Kind::Object(shape), Value::Object(map)) => of_object(shape, map, at, found),
        (Kind::List { of, .. } | Kind::Set { of, .. }, Value::Array(items)) => {
            for (i, item) in items.iter().enumerate() {
                of_value(of, item, At::Item(&at, i), found);
            }
        }
        _ => {}
    }
}
