//! The OpenAPI document: complete, and the same as what is served, both ways.

use crate::operations::{NOBODYS, SCOPES, closed};
use afterview_api::openapi::scopes;
use afterview_tests::{Client, TestApp};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

async fn document(client: &Client) -> Value {
    client.get("/openapi.json").await.expect(200)
}

/// Every operation with its method and address.
fn operations(document: &Value) -> Vec<(Method, &str, &Map<String, Value>)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            all.push((method, path.as_str(), operation.as_object().unwrap()));
        }
    }
    all
}

fn filled(path: &str) -> String {
    let known = [
        ("{id}", "x"),
        ("{code}", "not_found"),
        ("{collection}", "contacts"),
        ("{schema_version}", "0"),
        ("{secret}", "x"),
    ];
    known.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value))
}

/// Everything under `value` that is called `name`.
fn named<'v>(value: &'v Value, name: &str, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get(name));
            map.values().for_each(|value| named(value, name, found));
        }
        Value::Array(items) => items.iter().for_each(|value| named(value, name, found)),
        _ => {}
    }
}

#[actix_web::test]
async fn the_served_document_is_the_checked_in_one() {
    let app = TestApp::start().await;
    let served = app.anonymous().get("/openapi.json").await;
    assert_eq!(served.header("content-type"), "application/json");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.json");
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    let same = served.text == checked_in;
    assert!(same, "run `cargo run -- openapi > openapi/openapi.json`");
}

#[test]
fn the_page_of_scopes_is_the_checked_in_one() {
    let page = scopes::page(&afterview_api::app::document()).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/scopes.md");
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    let same = page == checked_in;
    assert!(same, "run `cargo run -- openapi --scopes > openapi/scopes.md`");
}

#[actix_web::test]
async fn the_document_is_not_sent_twice() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    let tag = client.get("/openapi.json").await.header("etag").to_owned();
    let known = [("if-none-match", tag.as_str())];
    let again = client.send(Method::GET, "/openapi.json", &known, None).await;
    assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", tag.as_str()));
}

#[actix_web::test]
async fn every_operation_is_described() {
    let app = TestApp::start().await;
    let document = document(&app.anonymous()).await;
    let tags = document["tags"].as_array().unwrap();
    let tags: Vec<&str> = tags.iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    for (method, path, operation) in operations(&document) {
        let name = format!("{method} {path}");
        let text = |field: &str| operation.get(field).and_then(Value::as_str).unwrap_or_default();
        assert!(!text("summary").is_empty() && !text("summary").ends_with('.'), "{name}");
        assert!(text("description").ends_with('.'), "{name}: {}", text("description"));
        let [tag] = operation["tags"].as_array().unwrap().as_slice() else {
            panic!("{name}: not exactly one tag")
        };
        assert!(tags.contains(&tag.as_str().unwrap()), "{name}: {tag}");
        let needs = &operation["security"];
        let allowed = |scope: &&str| *needs == json!([{ "bearer": [scope] }]);
        assert!(*needs == json!([]) || SCOPES.iter().any(allowed), "{name}: {needs}");
        for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten()
        {
            let about = parameter["description"].as_str().unwrap_or_default();
            assert!(about.ends_with('.'), "{name}: {parameter}");
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            let about = response["description"].as_str().unwrap_or_default();
            assert!(response["$ref"].is_string() || about.ends_with('.'), "{name} {status}");
        }
    }
}

#[actix_web::test]
async fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let app = TestApp::start().await;
    let document = document(&app.anonymous()).await;
    let mut references = Vec::new();
    named(&document, "$ref", &mut references);
    let references: BTreeSet<&str> = references.into_iter().filter_map(Value::as_str).collect();
    for reference in &references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        let reference = format!("#/components/schemas/{name}");
        assert!(references.contains(reference.as_str()), "nothing refers to {name}");
    }
}

#[actix_web::test]
async fn every_operation_is_served_and_answers_as_documented() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let document = document(&client).await;
    for (method, path, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        // Who asks for one of these is nobody afterwards.
        let farewell = ["logout", "deleteAccount"].contains(&id);
        let client = if farewell { app.user(id).await } else { client.clone() };
        let name = format!("{method} {path}");
        let body = [Method::POST, Method::PUT, Method::PATCH].contains(&method).then(|| json!({}));
        // A stream that is opened has no end; a wrong ticket does not open it.
        let query = if path.ends_with("tream") { "?ticket=none" } else { "" };
        let answer = client.send(method, &(filled(path) + query), &[], body).await;
        assert!(![405, 500].contains(&answer.status), "{name}: {} {}", answer.status, answer.text);
        if answer.header("content-type") == "application/problem+json" {
            assert_ne!(answer.json()["code"], "no_such_route", "{name}");
        }
        let documented = operation["responses"].as_object().unwrap();
        assert!(documented.contains_key(&answer.status.to_string()), "{name}: {}", answer.status);
    }
}

#[actix_web::test]
async fn methods_that_are_not_in_the_document_are_refused_with_those_that_are() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let document = document(&client).await;
    for (path, item) in document["paths"].as_object().unwrap() {
        let mut known: BTreeSet<String> =
            item.as_object().unwrap().keys().map(|m| m.to_uppercase()).collect();
        if known.contains("GET") {
            known.insert("HEAD".to_owned());
        }
        let allow = Vec::from_iter(known.iter().map(String::as_str)).join(", ");
        for method in ["GET", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "BREW"] {
            if known.contains(method) {
                continue;
            }
            let method = method.parse().unwrap();
            let name = format!("{method} {path}");
            let answer = client.send(method, &filled(path), &[], None).await;
            answer.expect_problem("method_not_allowed");
            assert_eq!((answer.status, answer.header("allow")), (405, allow.as_str()), "{name}");
        }
    }
}

#[actix_web::test]
async fn a_misspelt_query_parameter_is_refused_wherever_a_token_is_needed() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let mut ignored = Vec::new();
    for operation in closed(&client).await {
        let body = operation.has_body.then(|| json!({}));
        let path = format!("{}?limitt=1", operation.address(NOBODYS));
        let answer = client.send(operation.method, &path, &[], body).await;
        let refused = answer.status == 400 && answer.json()["code"] == "invalid_parameter";
        ignored.extend((!refused).then_some(operation.id));
    }
    assert_eq!(ignored, [""; 0]);
}

#[actix_web::test]
async fn every_schema_says_what_it_is_and_what_it_holds() {
    let app = TestApp::start().await;
    let document = document(&app.anonymous()).await;
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
        let properties = schema["properties"].as_object();
        // The body of an action that takes nothing is the one object without members.
        assert!(name == "Nothing" || properties.is_some(), "{name}");
        for (property, schema) in properties.into_iter().flatten() {
            let typed = schema.get("type").or(schema.get("$ref"));
            assert!(typed.is_some(), "{name}.{property} has no type");
        }
    }
}
