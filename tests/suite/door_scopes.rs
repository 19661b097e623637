//! What a personal access token allows: at every operation exactly what the document says of it.

use crate::operations::{NOBODYS, Operation, SCOPES, closed};
use afterview_tests::{Client, TestApp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The caller with a personal token that allows these scopes.
async fn allowed(client: &Client, scopes: &[&str]) -> Client {
    let body = json!({"name": scopes.join(" and "), "scopes": scopes});
    let made = client.post("/v1/auth/tokens", body).await.expect(201);
    client.with_token(made["token"].as_str().unwrap())
}

/// The status, and the code of a problem; of a stream only that it begins.
async fn outcome(operation: &Operation, client: &Client) -> (u16, Value) {
    if operation.is_stream {
        let opened = client.open(&operation.address(NOBODYS), &[]).await;
        if opened.status() == 200 {
            return (200, Value::Null);
        }
    }
    let answer = operation.ask(client).await;
    let is_problem =
        answer.is_plain() || answer.header("content-type") == "application/problem+json";
    (answer.status, if is_problem { answer.json()["code"].clone() } else { Value::Null })
}

#[actix_web::test]
async fn a_token_without_the_scope_that_an_operation_needs_is_refused_whatever_else_it_allows() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let mut without = BTreeMap::new();
    for scope in SCOPES {
        let others: Vec<&str> = SCOPES.into_iter().filter(|other| *other != scope).collect();
        without.insert(scope, allowed(&anna, &others).await);
    }
    for operation in closed(&anna).await {
        let needed = operation.scope.as_deref().unwrap();
        let answer = operation.ask(&without[needed]).await;
        let problem = answer.expect_problem("missing_scope");
        assert_eq!(answer.status, 403, "{operation:?}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(&format!("`{needed}`")), "{operation:?}: {detail}");
    }
}

#[actix_web::test]
async fn a_token_with_the_one_scope_that_an_operation_needs_is_enough_unless_it_takes_a_person() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let (mut only, mut persons) = (BTreeMap::new(), 0);
    for scope in SCOPES {
        only.insert(scope, allowed(&anna, &[scope]).await);
    }
    let everything = allowed(&anna, &SCOPES).await;
    for operation in closed(&anna).await {
        let needed = operation.scope.as_deref().unwrap();
        if operation.session_only {
            persons += 1;
            for client in [&only[needed], &everything] {
                let expected = (403, json!("session_required"));
                assert_eq!(outcome(&operation, client).await, expected, "{operation:?}");
            }
        } else {
            let (status, code) = outcome(&operation, &only[needed]).await;
            assert!(![401, 403, 500].contains(&status), "{operation:?}: {status} {code}");
        }
    }
    assert!(persons > 8, "{persons}");
    // None of it did anything that takes a person.
    let tokens = anna.get("/v1/auth/tokens").await.expect(200);
    assert_eq!(tokens["items"].as_array().unwrap().len(), SCOPES.len() + 1);
    assert_eq!(anna.get("/v1/auth/sessions").await.expect(200)["items"][0]["current"], true);
}

#[actix_web::test]
async fn a_device_that_signed_in_is_refused_for_its_scope_nowhere() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    for operation in closed(&anna).await {
        // Who asks for one of these is nobody afterwards.
        let farewell = ["logout", "deleteAccount"].contains(&operation.id.as_str());
        let client = if farewell { app.user(&operation.id).await } else { anna.clone() };
        let (status, code) = outcome(&operation, &client).await;
        assert!(![401, 403, 500].contains(&status), "{operation:?}: {status} {code}");
    }
}

/// What else is wrong with a request is told only to those who may make it.
#[actix_web::test]
async fn the_scope_of_a_personal_token_is_looked_at_before_anything_else() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    for operation in closed(&anna).await {
        let needed = operation.scope.as_deref().unwrap();
        let others: Vec<&str> = SCOPES.into_iter().filter(|other| *other != needed).collect();
        // Nobody has seen this one before, so it has to be looked up.
        let client = allowed(&anna, &others).await;
        operation.ask_badly(&client).await.expect_problem("missing_scope");
        forget_all(&anna).await;
    }
}

/// Ends every personal token, because an account has not so many as there are operations.
async fn forget_all(client: &Client) {
    let tokens = client.get("/v1/auth/tokens").await.expect(200);
    for token in tokens["items"].as_array().unwrap() {
        let path = format!("/v1/auth/tokens/{}", token["id"].as_str().unwrap());
        assert_eq!(client.delete(&path).await.status, 204);
    }
}
