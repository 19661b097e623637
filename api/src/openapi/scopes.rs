//! Which scope opens which operation, as a page for people who make a personal access token.
//!
//! **Must never** know more than the document: a scope that it does not tell is in no column.

use crate::auth::caller::ALL_SCOPES;
use serde_json::{Map, Value};
use utoipa::openapi::OpenApi;

const HEAD: &str = "# What each scope opens

A token of the scope in whose column the mark is opens the operation; one without a mark needs no token. Where a session
is needed, only a device that signed in gets in, and a personal access token never does.
";

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The page, in Markdown.
///
/// # Errors
/// Never in practice: the document always has a JSON form.
pub fn page(document: &OpenApi) -> Result<String, serde_json::Error> {
    let document = serde_json::to_value(document)?;
    let scopes: Vec<&str> = ALL_SCOPES.split(' ').collect();
    let mut page =
        format!("{HEAD}\n| Address | Operation | {} | needs a session |\n", scopes.join(" | "));
    page.push_str(&format!("|---|---|{}:-:|\n", ":-:|".repeat(scopes.len())));
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    for (path, item) in paths {
        for method in METHODS {
            if let Some(operation) = item.get(method).and_then(Value::as_object) {
                page.push_str(&row(method, path, operation, &scopes));
            }
        }
    }
    Ok(page)
}

fn row(method: &str, path: &str, operation: &Map<String, Value>, scopes: &[&str]) -> String {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
    let needed = needed(operation);
    let mark = |yes: bool| if yes { " ✓ |" } else { " |" };
    let cells: String = scopes.iter().map(|scope| mark(needed.contains(scope))).collect();
    let session = mark(operation.get("x-session-only") == Some(&Value::Bool(true)));
    format!("| `{} {path}` | {id} |{cells}{session}\n", method.to_uppercase())
}

/// The scopes in the requirements of an operation.
fn needed(operation: &Map<String, Value>) -> Vec<&str> {
    let requirements = operation.get("security").and_then(Value::as_array).into_iter().flatten();
    let lists = requirements.filter_map(|one| one.get("bearer")?.as_array());
    lists.flatten().filter_map(Value::as_str).collect()
}
