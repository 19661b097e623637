//! What several subjects share: short bodies, and looking into answers.

use afterview_tests::{Client, Databases, TestApp};
use serde_json::{Value, json};

/// The least that an opportunity needs.
pub(crate) fn opportunity(id: &str) -> Value {
    json!({"id": id, "employer": "Acme", "role": "Data engineer"})
}

/// `base` with the members of `extra` besides.
pub(crate) fn with(mut base: Value, extra: &Value) -> Value {
    for (name, value) in extra.as_object().unwrap() {
        base[name] = value.clone();
    }
    base
}

/// Creates a record that must be right.
pub(crate) async fn create(client: &Client, path: &str, body: Value) -> Value {
    client.post(path, body).await.expect(201)
}

/// The texts under `name` of the items of a page or a plan.
pub(crate) fn each<'v>(page: &'v Value, name: &str) -> Vec<&'v str> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item[name].as_str().unwrap_or_default()).collect()
}

/// The first item of that kind.
pub(crate) fn item<'v>(page: &'v Value, kind: &str) -> &'v Value {
    let mut items = page["items"].as_array().unwrap().iter();
    items.find(|item| item["kind"] == kind).unwrap_or_else(|| panic!("no {kind} in {page:#}"))
}

/// The pointers of the faults of a problem, in their order.
pub(crate) fn pointers(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().into_iter().flatten();
    errors.map(|error| error["pointer"].as_str().unwrap()).collect()
}

/// The same answer without what differs between any two requests.
pub(crate) fn without_request_id(mut problem: Value) -> Value {
    problem.as_object_mut().unwrap().remove("request_id");
    problem
}

/// `value` with the named members, which differ from run to run, made equal.
pub(crate) fn redacted(mut value: Value, names: &[&str]) -> Value {
    for name in names {
        assert!(value[name].as_str().is_some_and(|text| !text.is_empty()), "no {name} in {value}");
        value[name] = json!(format!("[{name}]"));
    }
    value
}

/// The databases of running servers, seen from outside.
pub(crate) fn database(app: &TestApp) -> Databases {
    app.databases()
}
