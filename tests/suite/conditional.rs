//! Conditional requests: nobody overwrites what they have not seen, nobody loads what they have.

use crate::support::{create, opportunity};
use afterview_tests::{Answer, Client, TestApp, story};
use reqwest::Method;
use serde_json::{Value, json};

const ACME: &str = "/v1/opportunities/acme";

async fn write(client: &Client, method: Method, headers: &[(&str, &str)], body: Value) -> Answer {
    client.send(method, ACME, headers, Some(body)).await
}

async fn ask(client: &Client, path: &str, tag: &str) -> Answer {
    client.send(Method::GET, path, &[("if-none-match", tag)], None).await
}

#[actix_web::test]
async fn of_two_devices_that_saw_the_same_state_only_the_first_may_write() {
    let app = TestApp::start().await;
    let phone = app.user("candidate").await;
    create(&phone, "/v1/opportunities", opportunity("acme")).await;
    let seen = phone.get(ACME).await.header("etag").to_owned();
    let mine = [("if-match", seen.as_str())];
    let first = write(&phone, Method::PATCH, &mine, json!({"role": "Analyst"})).await;
    assert_ne!(first.header("etag"), seen);
    let first = first.expect(200);
    let late = opportunity("acme");
    for answer in [
        write(&phone, Method::PATCH, &mine, json!({"role": "Engineer"})).await,
        write(&phone, Method::PUT, &mine, late).await,
        phone.send(Method::DELETE, ACME, &mine, None).await,
    ] {
        answer.expect_problem("precondition_failed");
        assert_eq!(answer.status, 412);
    }
    assert_eq!(phone.get(ACME).await.expect(200), first);
    let now = phone.get(ACME).await.header("etag").to_owned();
    let gone = phone.send(Method::DELETE, ACME, &[("if-match", &now)], None).await;
    assert_eq!(gone.status, 204);
}

#[actix_web::test]
async fn if_match_takes_a_list_of_tags_and_a_star_for_any() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let any = [("if-match", "*")];
    let absent = write(&client, Method::PUT, &any, opportunity("acme")).await;
    absent.expect_problem("precondition_failed");
    create(&client, "/v1/opportunities", opportunity("acme")).await;
    write(&client, Method::PUT, &any, opportunity("acme")).await.expect(200);
    let list = format!("\"5\", {}, \"6\"", client.get(ACME).await.header("etag"));
    let body = json!({"role": "Analyst"});
    write(&client, Method::PATCH, &[("if-match", &list)], body.clone()).await.expect(200);
    let others = write(&client, Method::PATCH, &[("if-match", "\"5\", \"6\"")], body).await;
    others.expect_problem("precondition_failed");
}

#[actix_web::test]
async fn put_if_none_match_star_creates_but_never_replaces() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let absent = [("if-none-match", "*")];
    let made = write(&client, Method::PUT, &absent, opportunity("acme")).await.expect(201);
    let again = write(&client, Method::PUT, &absent, json!({"employer": "B", "role": "C"})).await;
    again.expect_problem("precondition_failed");
    assert_eq!(client.get(ACME).await.expect(200), made);
    assert_eq!(client.delete(ACME).await.status, 204);
    write(&client, Method::PUT, &absent, opportunity("acme")).await.expect(201);
}

#[actix_web::test]
async fn without_a_precondition_writes_to_different_fields_all_stay() {
    let app = TestApp::start().await;
    let phone = app.user("candidate").await;
    create(&phone, "/v1/opportunities", opportunity("acme")).await;
    phone.patch(ACME, json!({"role": "Analyst"})).await.expect(200);
    let last = phone.patch(ACME, json!({"region": "US-NY"})).await.expect(200);
    assert_eq!((&last["role"], &last["region"]), (&json!("Analyst"), &json!("US-NY")));
}

#[actix_web::test]
async fn known_state_is_not_sent_again_until_it_changes() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    let paths = [ACME, "/v1/opportunities", "/v1/contacts?opportunity_id=acme", "/v1/preferences"];
    for path in paths {
        let full = client.get(path).await;
        let tag = full.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{path}: {tag}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"old\", {tag}"), "*".to_owned()] {
            let answer = ask(&client, path, &known).await;
            assert_eq!((answer.status, answer.text.as_str()), (304, ""), "{path} {known}");
            assert_eq!(answer.header("etag"), tag);
        }
        assert_eq!(ask(&client, path, "\"old\"").await.text, full.text);
    }
    let before = client.get("/v1/opportunities").await.header("etag").to_owned();
    client.patch(ACME, json!({"role": "Analyst"})).await.expect(200);
    let after = ask(&client, "/v1/opportunities", &before).await;
    assert_eq!(after.expect(200)["items"][0]["role"], "Analyst");
}

#[actix_web::test]
async fn lists_with_different_filters_have_different_tags() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    let all = client.get("/v1/interviews").await.header("etag").to_owned();
    let held = ask(&client, "/v1/interviews?status=held", &all).await;
    assert_eq!(held.expect(200), json!({"items": []}));
    let contacts = ask(&client, "/v1/contacts", &all).await.expect(200);
    assert_eq!(contacts["items"][0]["id"], "anna");
}

#[actix_web::test]
async fn a_deletion_changes_the_tag_of_the_list() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    create(&client, "/v1/opportunities", opportunity("acme")).await;
    let tag = client.get("/v1/opportunities").await.header("etag").to_owned();
    assert_eq!(client.delete(ACME).await.status, 204);
    let answer = ask(&client, "/v1/opportunities", &tag).await;
    assert_eq!(answer.expect(200), json!({"items": []}));
}

#[actix_web::test]
async fn preferences_honour_if_match() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let path = "/v1/preferences";
    let tag = client.get(path).await.header("etag").to_owned();
    client.patch(path, json!({"locale": "de"})).await.expect(200);
    for method in [Method::PUT, Method::PATCH] {
        let body = Some(json!({"locale": "fr"}));
        let answer = client.send(method, path, &[("if-match", &tag)], body).await;
        answer.expect_problem("precondition_failed");
    }
    assert_eq!(client.get(path).await.expect(200)["locale"], "de");
}
