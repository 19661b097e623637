//! What the types that the schemas are made of cannot say, so that all generators read the same.
//!
//! `null` is sent in a merge patch only, where it clears: a value that there is not is left out of every
//! answer, and nobody sends a parameter without a value. An object of any members says so.
//!
//! **Must never** change what is accepted or answered.

use super::operations_of;
use std::collections::BTreeSet;
use utoipa::openapi::schema::{AdditionalProperties, Object, Schema, SchemaType, Type};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Required};

/// How the schemas of merge patches are called.
const PATCH: &str = "Patch";

/// Says of a body without members that are required that it may be left out: it is read as an empty object.
pub(super) fn bodies(document: &mut OpenApi) {
    let schemas = document.components.iter().flat_map(|components| &components.schemas);
    let optional: BTreeSet<String> = schemas
        .filter(
            |(_, schema)| matches!(schema, RefOr::T(Schema::Object(it)) if it.required.is_empty()),
        )
        .map(|(name, _)| Ref::from_schema_name(name).ref_location)
        .collect();
    for operation in operations_of(document) {
        let Some(RefOr::T(body)) = &mut operation.request_body else { continue };
        let mut named = body.content.values().filter_map(|content| match content {
            RefOr::T(Content { schema: Some(RefOr::Ref(named)), .. }) => Some(&named.ref_location),
            _ => None,
        });
        if named.any(|name| optional.contains(name)) {
            body.required = Some(Required::False);
        }
    }
}

/// Makes the types of the whole document plain.
pub(super) fn plain(document: &mut OpenApi) {
    for operation in operations_of(document) {
        for parameter in operation.parameters.iter_mut().flatten() {
            if let RefOr::T(parameter) = parameter
                && let Some(RefOr::T(schema)) = &mut parameter.schema
            {
                never_null(schema);
                as_large_as_may_be(schema);
            }
        }
    }
    let schemas = document.components.iter_mut().flat_map(|components| &mut components.schemas);
    for (name, schema) in schemas {
        if let RefOr::T(Schema::Object(object)) = schema {
            plain_members(object, name.ends_with(PATCH));
        }
    }
}

/// A number that is larger than a page can be is read as the largest page, so it needs no format.
fn as_large_as_may_be(schema: &mut Schema) {
    if let Schema::Object(object) = schema
        && object.schema_type == SchemaType::Type(Type::Integer)
    {
        object.format = None;
    }
}

fn plain_members(object: &mut Object, in_patch: bool) {
    for member in object.properties.values_mut() {
        let RefOr::T(schema) = member else { continue };
        if !in_patch {
            never_null(schema);
        }
        if let Schema::Object(object) = schema {
            of_any_members(object);
        }
    }
}

fn of_any_members(object: &mut Object) {
    let is_object = object.schema_type == SchemaType::Type(Type::Object);
    if is_object && object.properties.is_empty() && object.additional_properties.is_none() {
        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(true)));
    }
}

fn never_null(schema: &mut Schema) {
    let kind = match schema {
        Schema::Object(object) => &mut object.schema_type,
        Schema::Array(array) => &mut array.schema_type,
        _ => return,
    };
    if let SchemaType::Array(kinds) = kind {
        kinds.retain(|kind| *kind != Type::Null);
        if let [only] = kinds.as_slice() {
            *kind = SchemaType::Type(only.clone());
        }
    }
}
