//! Every operation that the server offers, as its own document tells it: a route that is new is tried by
//! the tests of all routes without being added to any of them.

use afterview_tests::{Answer, Client};
use reqwest::Method;
use serde_json::{Value, json};

/// Everything that a token may allow.
pub(crate) const SCOPES: [&str; 6] = ["read", "write", "sync", "calendar", "webhooks", "account"];

/// A name that no record, session or token of any account has.
pub(crate) const NOBODYS: &str = "x";

/// One way of asking the server.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    /// Its method.
    pub(crate) method: Method,
    /// Its address with the names of its parameters, such as `/v1/contacts/{id}`.
    pub(crate) path: String,
    /// Its name in the document.
    pub(crate) id: String,
    /// What a token has to allow; `None` where no token is needed.
    pub(crate) scope: Option<String>,
    /// Whether it takes a sign-in, so that a personal token does not do.
    pub(crate) session_only: bool,
    /// Whether it takes a body.
    pub(crate) has_body: bool,
    /// The names of its query parameters.
    pub(crate) query: Vec<String>,
    /// Whether its answer has no end.
    pub(crate) is_stream: bool,
}

impl Operation {
    fn read(method: &str, path: &str, operation: &Value) -> Self {
        let id = operation["operationId"].as_str().unwrap().to_owned();
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let query = parameters.filter(|parameter| parameter["in"] == "query");
        Self {
            query: query.map(|it| it["name"].as_str().unwrap().to_owned()).collect(),
            method: method.to_uppercase().parse().unwrap(),
            path: path.to_owned(),
            scope: scope(&id, &operation["security"]),
            session_only: operation["x-session-only"] == true,
            has_body: operation.get("requestBody").is_some(),
            is_stream: operation["responses"]["200"]["content"].get("text/event-stream").is_some(),
            id,
        }
    }

    /// Its address with `id` for whatever it names; other parameters are such that they exist.
    pub(crate) fn address(&self, id: &str) -> String {
        let known = [("{id}", id), ("{code}", "not_found"), ("{collection}", "contacts")];
        let path = known.iter().fold(self.path.clone(), |path, (name, it)| path.replace(name, it));
        let path = path.replace("{provider}", "nobody").replace("{schema_version}", "0");
        let path = path.replace("{secret}", id);
        assert!(!path.contains('{'), "a parameter that no test knows: {path}");
        path
    }

    /// Sends the least that it may be asked by: an address that names nothing, and an empty body.
    pub(crate) async fn ask(&self, client: &Client) -> Answer {
        let body = self.has_body.then(|| json!({}));
        client.send(self.method.clone(), &self.address(NOBODYS), &[], body).await
    }

    /// Sends a request in which everything is wrong that can be.
    pub(crate) async fn ask_badly(&self, client: &Client) -> Answer {
        // A stream may be opened by something else than a token, which its query tells.
        let query = if self.is_stream { "" } else { "?nonsense=1" };
        let path = format!("{}{query}", self.address("%20"));
        let headers = [("content-type", "text/plain"), ("idempotency-key", ""), ("if-match", "x")];
        client.raw(self.method.clone(), &path, &headers, b"{".to_vec()).await
    }
}

/// The one scope of a requirement as the document writes it, or none.
fn scope(id: &str, security: &Value) -> Option<String> {
    let requirements = security.as_array().unwrap_or_else(|| panic!("{id} says nothing of tokens"));
    match requirements.as_slice() {
        [] => None,
        [one] => {
            let [scope] = one["bearer"].as_array().unwrap().as_slice() else {
                panic!("{id}: not exactly one scope in {one}")
            };
            let scope = scope.as_str().unwrap();
            assert!(SCOPES.contains(&scope), "{id}: {scope}");
            Some(scope.to_owned())
        }
        several => panic!("{id}: {several:?}"),
    }
}

/// Every operation that the server says it has, in the order of its document.
pub(crate) async fn operations(client: &Client) -> Vec<Operation> {
    let document = client.get("/openapi.json").await.expect(200);
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push(Operation::read(method, path, operation));
        }
    }
    all
}

/// Those that need a token.
pub(crate) async fn closed(client: &Client) -> Vec<Operation> {
    let mut all = operations(client).await;
    all.retain(|operation| operation.scope.is_some());
    assert!(all.len() > 60, "{}", all.len());
    all
}
