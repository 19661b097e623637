//! What the types that the schemas are made of cannot say, so that all generators read the same.
//!
//! `null` is sent in a merge patch only, where it clears: a value that there is not is left out of every
//! answer, and nobody sends a parameter without a value. An object of any members says so.
//!
//! **Must never** change what is accepted or answered.

use super::operations_of;
use utoipa::openapi::schema::{AdditionalProperties, Object, Schema, SchemaType, Type};
use utoipa::openapi::{OpenApi, RefOr};

/// How the schemas of merge patches are called.
const PATCH: &str = "Patch";

/// Makes the types of the whole document plain.
pub(super) fn plain(document: &mut OpenApi) {
    for operation in operations_of(document) {
        for parameter in operation.parameters.iter_mut().flatten() {
            if let RefOr::T(parameter) = parameter
                && let Some(RefOr::T(schema)) = &mut parameter.schema
            {
                never_null(schema);
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
