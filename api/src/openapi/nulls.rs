//! What may be `null`, said in one place: only a member of a merge patch, which it clears.
//!
//! A value that there is not is left out of every answer, and nobody sends a parameter without a value. The
//! types that the schemas are made of cannot say that of an `Option`.
//!
//! **Must never** touch a schema of a patch.

use super::operations_of;
use utoipa::openapi::schema::{Object, Schema, SchemaType, Type};
use utoipa::openapi::{OpenApi, RefOr};

/// How the schemas of merge patches are called.
const PATCH: &str = "Patch";

/// Takes `null` away wherever it is never sent.
pub(super) fn only_in_patches(document: &mut OpenApi) {
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
    for (_, schema) in schemas.filter(|(name, _)| !name.ends_with(PATCH)) {
        if let RefOr::T(Schema::Object(object)) = schema {
            members_never_null(object);
        }
    }
}

fn members_never_null(object: &mut Object) {
    for member in object.properties.values_mut() {
        if let RefOr::T(schema) = member {
            never_null(schema);
        }
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
