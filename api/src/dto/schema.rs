//! From a table of fields to an OpenAPI 3.1 schema, so that what is documented is what is checked.

use afterview_domain::entities::field::{Field, Kind, Need, Shape};
use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};

/// Named schemas in the making.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// For which side of the wire a schema is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What is served.
    View,
    /// What is sent to create or replace.
    Create,
    /// What is sent as a merge patch.
    Patch,
}

impl Side {
    /// The name of the schema of `shape` on this side.
    #[must_use]
    pub fn name_of(self, shape: &Shape) -> String {
        match self {
            Self::View => shape.name.to_owned(),
            Self::Create => format!("{}Create", shape.name),
            Self::Patch => format!("{}Patch", shape.name),
        }
    }
}

/// The schema of an object inside a body or of a whole body.
#[must_use]
pub fn of_shape(shape: &Shape, side: Side) -> RefOr<Schema> {
    to_schema(object(shape, side))
}

/// The schema of a record: its fields and, when served, the system fields.
#[must_use]
pub fn of_record(shape: &Shape, side: Side) -> RefOr<Schema> {
    let mut schema = object(shape, side);
    let id = json!({
        "type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$",
        "description": "Identifier, chosen by the client or made by the server.",
        "examples": ["0192f0c1-7b1a-7c3d-8a55-3b6f0c1d2e4f"]
    });
    let instant =
        |about: &str| json!({ "type": "string", "format": "date-time", "description": about });
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        if side != Side::Patch {
            properties.insert("id".to_owned(), id);
        }
        if side == Side::View {
            properties.insert(
                "rev".to_owned(),
                json!({ "type": "integer", "format": "int64", "description": "Revision, also the entity tag. Grows with every change." }),
            );
            properties.insert(
                "created_at".to_owned(),
                instant("When it was created, by the server's clock."),
            );
            properties.insert(
                "updated_at".to_owned(),
                instant("When it last changed, by the server's clock."),
            );
        }
    }
    if side == Side::View
        && let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut)
    {
        required.extend(["id", "rev", "created_at", "updated_at"].map(Value::from));
    }
    to_schema(schema)
}

/// The schemas of the objects inside `shape`, by name.
pub fn nested(shape: &Shape, side: Side, into: &mut Schemas) {
    for field in shape.fields {
        nested_in(&field.kind, side, into);
    }
}

fn nested_in(kind: &Kind, side: Side, into: &mut Schemas) {
    match kind {
        Kind::Object(shape) => {
            into.push((side.name_of(shape), of_shape(shape, side)));
            nested(shape, side, into);
        }
        // A list is replaced as a whole, so its items are always complete.
        Kind::List { of, .. } | Kind::Set { of, .. } => {
            nested_in(of, if side == Side::Patch { Side::Create } else { side }, into);
        }
        _ => {}
    }
}

/// A page of a list of `item`.
#[must_use]
pub fn page_of(item: &str) -> RefOr<Schema> {
    to_schema(json!({
        "type": "object",
        "description": "One page of a list.",
        "required": ["items"],
        "properties": {
            "items": {
                "type": "array", "description": "What is on this page.", "items": { "$ref": reference(item) }
            },
            "next_cursor": { "type": "string", "description": "Where the next page begins; absent on the last one." }
        }
    }))
}

/// A schema in which `member` may be left out.
#[must_use]
pub fn with_optional(mut schema: RefOr<Schema>, member: &str) -> RefOr<Schema> {
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        object.required.retain(|name| name != member);
    }
    schema
}

/// The place of a named schema in the document.
#[must_use]
pub fn reference(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

fn object(shape: &Shape, side: Side) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in
        shape.fields.iter().filter(|field| side == Side::View || field.need != Need::Server)
    {
        properties.insert(field.name.to_owned(), property(field, side));
        let present = match side {
            Side::View => matches!(field.need, Need::Required | Need::Default(_) | Need::Now),
            Side::Create => field.need == Need::Required,
            Side::Patch => false,
        };
        if present {
            required.push(field.name);
        }
    }
    let mut schema =
        json!({ "type": "object", "description": shape.about, "properties": properties });
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("required".to_owned(), json!(required));
        if side != Side::View {
            schema.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
    }
    schema
}

fn property(field: &Field, side: Side) -> Value {
    let mut schema = value(&field.kind, side);
    if let Some(map) = schema.as_object_mut() {
        let mut about = field.about.to_owned();
        if side == Side::View
            && let Kind::Word(words) = field.kind
        {
            about = format!(
                "{about} One of {}; clients must accept other words too.",
                words.join(", ")
            );
        }
        if side == Side::Create && field.need == Need::Now {
            about.push_str(" Without it: now.");
        }
        map.insert("description".to_owned(), Value::from(about));
        if let (Side::Create, Need::Default(json)) = (side, field.need)
            && let Ok(default) = serde_json::from_str::<Value>(json)
            && !map.contains_key("$ref")
        {
            map.insert("default".to_owned(), default);
        }
        // What is required can be replaced, not cleared.
        if side == Side::Patch && field.need != Need::Required {
            allow_null(map);
        }
    }
    schema
}

/// In a merge patch `null` clears a field.
fn allow_null(schema: &mut Map<String, Value>) {
    if let Some(kind) = schema.get("type").cloned() {
        schema.insert("type".to_owned(), json!([kind, "null"]));
    }
    if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
    }
}

fn value(kind: &Kind, side: Side) -> Value {
    let string = |format: &str, example: &str| json!({ "type": "string", "format": format, "examples": [example] });
    match kind {
        Kind::Text { min: 0, max } => json!({ "type": "string", "maxLength": max }),
        Kind::Text { min, max } => json!({ "type": "string", "minLength": min, "maxLength": max }),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Integer { min, max } => {
            json!({ "type": "integer", "format": "int64", "minimum": min, "maximum": max })
        }
        // Open sets: what is served may hold words that a client does not know yet.
        Kind::Word(words) if side == Side::View => {
            json!({ "type": "string", "examples": [words.first()] })
        }
        Kind::Word(words) => json!({ "type": "string", "enum": words }),
        Kind::Instant => string("date-time", "2026-05-06T19:00:00Z"),
        Kind::Date => string("date", "2026-05-08"),
        Kind::Time => {
            json!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "examples": ["09:30"] })
        }
        Kind::TimeZone => json!({ "type": "string", "examples": ["Europe/Prague"] }),
        Kind::Calendar => json!({ "type": "string", "examples": ["US-FED"] }),
        Kind::Ref(_) => json!({ "type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$" }),
        Kind::Url => json!({ "type": "string", "format": "uri", "maxLength": 2000 }),
        Kind::Sha256 => json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" }),
        Kind::Object(shape) => json!({ "$ref": reference(&side.name_of(shape)) }),
        Kind::List { of, max, .. } => {
            let side = if side == Side::Patch { Side::Create } else { side };
            json!({ "type": "array", "items": value(of, side), "maxItems": max })
        }
        Kind::Set { of, min, max } => {
            let side = if side == Side::Patch { Side::Create } else { side };
            json!({ "type": "array", "items": value(of, side), "minItems": min, "maxItems": max, "uniqueItems": side == Side::View })
        }
        Kind::Fields => json!({ "type": "object", "additionalProperties": true }),
        Kind::TextMap { max_chars, .. } => json!({
            "type": "object", "additionalProperties": { "type": "string", "maxLength": max_chars }
        }),
    }
}

/// The tables are constants, so what they become does not change at run time; one that did not convert
/// would be an empty schema, which a test of the document refuses.
#[must_use]
pub fn to_schema(value: Value) -> RefOr<Schema> {
    serde_json::from_value(value).unwrap_or_else(|_never| RefOr::T(Schema::default()))
}
