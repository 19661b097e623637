//! The door of the server: which operations ask for a token, read from the document, so that a route
//! that is new cannot be forgotten. What is wrong with a token is in `door_tokens.rs`, what a good one
//! allows in `door_scopes.rs`.

use crate::forge::personal;
use crate::operations::{closed, operations};
use afterview_tests::TestApp;
use reqwest::Method;

#[actix_web::test]
async fn every_operation_that_needs_a_token_refuses_callers_without_one() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    for operation in closed(&client).await {
        let answer = operation.ask(&client).await;
        answer.expect_problem("unauthenticated");
        let said = (answer.status, answer.header("www-authenticate"));
        assert_eq!(said, (401, "Bearer"), "{operation:?}");
    }
}

/// The token is looked at first: what else is wrong is nobody's business.
#[actix_web::test]
async fn without_a_token_nobody_learns_what_is_wrong_with_the_rest_of_a_request() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    // A personal token has to be looked up; nobody has this one.
    let stranger = client.with_token(&personal(&"x".repeat(43)));
    for operation in closed(&client).await {
        for client in [&client, &stranger] {
            operation.ask_badly(client).await.expect_problem("unauthenticated");
        }
    }
}

#[actix_web::test]
async fn what_is_open_to_everybody_is_on_this_list() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    let mut open = operations(&client).await;
    open.retain(|operation| operation.scope.is_none());
    for operation in &open {
        let answer = operation.ask(&client).await;
        let asked_for = answer.status == 401 && answer.json()["code"] == "unauthenticated";
        assert!(!asked_for && answer.status != 403, "{operation:?}: {}", answer.text);
    }
    let only_read = |method: &Method| method == Method::GET;
    let doors = ["/v1/auth/", "/account/"];
    let is_door = |path: &str| doors.iter().any(|door| path.starts_with(door));
    assert!(open.iter().all(|it| only_read(&it.method) || is_door(&it.path)));
    let mut names: Vec<&str> = open.iter().map(|operation| operation.id.as_str()).collect();
    names.sort_unstable();
    insta::assert_snapshot!(names.join("\n"), @r"
    forgotPassword
    getDeletionPage
    getIndex
    getJsonWebKeySet
    getLimits
    getLiveness
    getOpenApi
    getProblemType
    getReadiness
    getResetPage
    login
    loginWithIdToken
    readCalendar
    refresh
    register
    registerGuest
    resetPassword
    submitDeletionPage
    submitResetPage
    ");
}
