//! The OpenAPI operations and schemas of the record resources, from the same table as the routes.
#![allow(clippy::indexing_slicing, reason = "only members of objects written out here")]

use crate::dto::schema::{self, Side};
use crate::http::records::RecordResource;
use afterview_domain::entities::{Collection, Shape};
use serde_json::{Value, json};
use utoipa::openapi::path::{PathItem, Paths, PathsBuilder};

/// The operations of one resource.
pub(super) fn paths(resource: &RecordResource) -> Paths {
    PathsBuilder::new()
        .path(format!("/v1/{}", resource.path), item(&json!({ "get": list(resource), "post": create(resource) })))
        .path(
            format!("/v1/{}/{{id}}", resource.path),
            item(&json!({
                "get": read(resource), "put": replace(resource), "patch": patch(resource), "delete": delete(resource)
            })),
        )
        .build()
}

/// The schemas of one resource.
pub(super) fn schemas(resource: &RecordResource, into: &mut schema::Schemas) {
    let shape = resource.collection.shape();
    for side in [Side::View, Side::Create, Side::Patch] {
        into.push((side.name_of(shape), schema::of_record(shape, side)));
        schema::nested(shape, side, into);
    }
    into.push((format!("{}Page", shape.name), schema::page_of(shape.name)));
    if resource.collection == Collection::Interviews {
        into.push((new_name(resource), new_interview()));
    }
}

/// What a POST takes: for an interview the opportunity may come along.
fn new_name(resource: &RecordResource) -> String {
    match resource.collection {
        Collection::Interviews => "NewInterview".to_owned(),
        _ => Side::Create.name_of(shape(resource)),
    }
}

fn new_interview() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
    let schema = schema::of_record(Collection::Interviews.shape(), Side::Create);
    let schema = schema::with_optional(schema, "opportunity_id");
    let mut value = serde_json::to_value(&schema).unwrap_or_default();
    value["properties"]["opportunity"] = json!({ "$ref": schema::reference("OpportunityCreate") });
    serde_json::from_value(value).unwrap_or(schema)
}

fn item(operations: &Value) -> PathItem {
    serde_json::from_value(operations.clone()).unwrap_or_default()
}

fn operation(
    resource: &RecordResource,
    scope: &str,
    id: &str,
    summary: &str,
    description: &str,
) -> Value {
    json!({
        "operationId": id,
        "tags": [resource.path],
        "summary": summary,
        "description": description,
        "security": [{ "bearer": [scope] }],
        "parameters": [],
        "responses": {}
    })
}

fn shape(resource: &RecordResource) -> &'static Shape {
    resource.collection.shape()
}

fn noun(resource: &RecordResource) -> &'static str {
    afterview_domain::sync::singular(resource.collection)
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

fn list(resource: &RecordResource) -> Value {
    let description =
        "In the order of their creation. A cursor belongs to the filters of the page that gave it.";
    let mut get = operation(
        resource,
        "read",
        &format!("list{}", resource.many),
        &format!("List {}", resource.path),
        description,
    );
    let filters = resource.filters().iter().map(|name| filter(name));
    get["parameters"] = filters.chain(paging()).chain([if_none_match()]).collect();
    get["responses"] = json!({ "200": page(shape(resource).name), "304": not_modified() });
    with_problems(get, &["400", "401", "403", "503"])
}

fn create(resource: &RecordResource) -> Value {
    let summary = format!("Create {} {}", article(noun(resource)), noun(resource));
    let description = match resource.collection {
        Collection::Interviews => {
            "Give `opportunity_id`, or an `opportunity` to create along with it. The id may be chosen by the client."
        }
        _ => "The id may be chosen by the client; without one the server makes it.",
    };
    let mut post =
        operation(resource, "write", &format!("create{}", resource.one), &summary, description);
    post["parameters"] = json!([idempotency_key()]);
    post["requestBody"] = body("application/json", &new_name(resource));
    post["responses"] = json!({ "201": record(resource, "It exists now.", true) });
    with_problems(post, &["400", "401", "403", "409", "413", "415", "422", "503"])
}

fn read(resource: &RecordResource) -> Value {
    let summary = format!("Read {} {}", article(noun(resource)), noun(resource));
    let mut get = operation(
        resource,
        "read",
        &format!("get{}", resource.one),
        &summary,
        "As stored, with its revision as entity tag.",
    );
    get["parameters"] = json!([id_parameter(), if_none_match()]);
    get["responses"] =
        json!({ "200": record(resource, "The record.", false), "304": not_modified() });
    with_problems(get, &["400", "401", "403", "404", "503"])
}

fn replace(resource: &RecordResource) -> Value {
    let summary = format!("Create or replace {} {}", article(noun(resource)), noun(resource));
    let description = "The whole content: a field that is left out is cleared or gets its default. Fields that the server owns are ignored.";
    let mut put =
        operation(resource, "write", &format!("replace{}", resource.one), &summary, description);
    put["parameters"] = json!([id_parameter(), if_match(), only_if_absent()]);
    put["requestBody"] = body("application/json", &Side::Create.name_of(shape(resource)));
    put["responses"] = json!({
        "200": record(resource, "Replaced.", false), "201": record(resource, "It exists now.", true)
    });
    with_problems(put, &["400", "401", "403", "412", "413", "415", "422", "503"])
}

fn patch(resource: &RecordResource) -> Value {
    let summary = format!("Change {} {}", article(noun(resource)), noun(resource));
    let description = "A merge patch (RFC 7396): members replace, `null` clears. Clients that cannot send `null` name the fields in `clear`.";
    let mut patch =
        operation(resource, "write", &format!("update{}", resource.one), &summary, description);
    patch["parameters"] = json!([id_parameter(), clear(), if_match()]);
    patch["requestBody"] =
        body("application/merge-patch+json", &Side::Patch.name_of(shape(resource)));
    patch["requestBody"]["content"]["application/json"] =
        patch["requestBody"]["content"]["application/merge-patch+json"].clone();
    patch["responses"] = json!({ "200": record(resource, "Changed.", false) });
    with_problems(patch, &["400", "401", "403", "404", "412", "413", "415", "422", "503"])
}

fn delete(resource: &RecordResource) -> Value {
    let summary = format!("Delete {} {}", article(noun(resource)), noun(resource));
    let description = match resource.collection {
        Collection::Opportunities => "Everything that belongs to it goes with it.",
        _ => "What points at it keeps its pointer.",
    };
    let mut delete =
        operation(resource, "write", &format!("delete{}", resource.one), &summary, description);
    delete["parameters"] = json!([id_parameter(), if_match()]);
    delete["responses"] = json!({ "204": { "description": "It is gone." } });
    with_problems(delete, &["400", "401", "403", "404", "412", "503"])
}

fn record(resource: &RecordResource, about: &str, created: bool) -> Value {
    let mut response = json!({
        "description": about,
        "headers": { "ETag": text_header("Revision of the record.") },
        "content": { "application/json": { "schema": { "$ref": schema::reference(shape(resource).name) } } }
    });
    if created {
        response["headers"]["Location"] = text_header("Its address.");
    }
    response
}

fn page(item: &str) -> Value {
    json!({
        "description": "One page.",
        "headers": { "ETag": text_header("Changes when anything in the account does.") },
        "content": { "application/json": { "schema": { "$ref": schema::reference(&format!("{item}Page")) } } }
    })
}

fn not_modified() -> Value {
    json!({ "description": "The client has this state already." })
}

fn text_header(about: &str) -> Value {
    json!({ "description": about, "schema": { "type": "string" } })
}

fn body(media_type: &str, schema_name: &str) -> Value {
    json!({ "required": true, "content": { media_type: { "schema": { "$ref": schema::reference(schema_name) } } } })
}

fn with_problems(mut operation: Value, statuses: &[&str]) -> Value {
    for status in statuses {
        operation["responses"][*status] = json!({ "$ref": "#/components/responses/Problem" });
    }
    operation
}

fn parameter(name: &str, place: &str, about: &str, schema: &Value) -> Value {
    json!({ "name": name, "in": place, "required": place == "path", "description": about, "schema": schema })
}

fn id_parameter() -> Value {
    let schema = json!({ "type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$" });
    parameter("id", "path", "Identifier of the record.", &schema)
}

fn if_match() -> Value {
    parameter(
        "If-Match",
        "header",
        "Write only if the record has this entity tag.",
        &json!({ "type": "string" }),
    )
}

fn if_none_match() -> Value {
    let about = "Answer 304 if the entity tag is still this one.";
    parameter("If-None-Match", "header", about, &json!({ "type": "string" }))
}

fn only_if_absent() -> Value {
    let schema = json!({ "type": "string", "enum": ["*"] });
    parameter("If-None-Match", "header", "With `*`: create only, never replace.", &schema)
}

fn idempotency_key() -> Value {
    let schema = json!({ "type": "string" });
    parameter(
        "Idempotency-Key",
        "header",
        "A repeated request with the same key gets the answer of the first one, for a day.",
        &schema,
    )
}

fn clear() -> Value {
    parameter(
        "clear",
        "query",
        "Names of fields to clear, separated by commas.",
        &json!({ "type": "string" }),
    )
}

fn paging() -> [Value; 2] {
    [
        parameter(
            "limit",
            "query",
            "How many items a page has; more than 200 is read as 200.",
            &json!({ "type": "integer", "minimum": 1, "default": 50 }),
        ),
        parameter(
            "cursor",
            "query",
            "Where the page begins: `next_cursor` of the page before.",
            &json!({ "type": "string" }),
        ),
    ]
}

fn filter(name: &str) -> Value {
    let instant = json!({ "type": "string", "format": "date-time" });
    let (about, schema) = match name {
        "opportunity_id" => ("Only what belongs to this opportunity.", json!({ "type": "string" })),
        "updated_since" => ("Only what changed at or after this instant.", instant),
        "starts_after" => ("Only interviews that start at or after this instant.", instant),
        "starts_before" => ("Only interviews that start before this instant.", instant),
        _ => (
            "Only interviews with this status.",
            json!({ "type": "string", "enum": afterview_domain::entities::interview::InterviewStatus::WORDS }),
        ),
    };
    parameter(name, "query", about, &schema)
}
