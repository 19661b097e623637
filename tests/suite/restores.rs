//! After a copy of the database was put back: who has seen what is lost begins anew, nobody else.

use crate::device::{drain, first_sync, ids, page};
use crate::support::{count, create, database, opportunity};
use afterview_tests::{Client, TestApp};
use serde_json::json;

#[actix_web::test]
async fn after_a_restore_those_who_saw_what_is_lost_begin_anew_and_the_others_go_on() {
    let app = TestApp::start().await;
    let (client, other) = (app.user("candidate").await, app.user("other").await);
    create(&client, "/v1/opportunities", opportunity("acme")).await;
    let (_, before) = first_sync(&client).await;
    let (_, untouched) = first_sync(&other).await;
    let old = client.get("/v1/sync/head").await;
    create(&client, "/v1/opportunities", opportunity("beta")).await;
    let (_, at_backup) = first_sync(&client).await;
    let copy = app.copy("copy.db");
    create(&client, "/v1/opportunities", opportunity("lost")).await;
    let (_, after) = first_sync(&client).await;
    let app = app.put_back(&copy).await;
    let again = |client: &Client| app.anonymous().with_token(client.token());
    let (client, other) = (again(&client), again(&other));
    let problem = page(&client, Some(&after), "").await.expect_problem("cursor_expired");
    assert!(problem["detail"].as_str().unwrap().starts_with("epoch "), "{problem}");
    create(&client, "/v1/opportunities", opportunity("gamma")).await;
    let (changes, last) = drain(&client, Some(&before), "").await;
    assert_eq!(ids(&changes), ["beta", "gamma"]);
    let (changes, _) = drain(&client, Some(&at_backup), "").await;
    assert_eq!(ids(&changes), ["gamma"]);
    let (none, _) = drain(&client, last["cursor"].as_str(), "").await;
    assert_eq!(none, [json!(null); 0]);
    let (none, _) = drain(&other, Some(&untouched), "").await;
    assert_eq!(none, [json!(null); 0]);
    page(&client, Some(&after), "").await.expect_problem("cursor_expired");
    let head = client.get("/v1/sync/head").await;
    assert_ne!(head.json()["epoch"], old.json()["epoch"]);
    assert_ne!(head.header("etag"), old.header("etag"));
    assert_ne!(head.json()["epoch"], other.get("/v1/sync/head").await.json()["epoch"]);
}

#[actix_web::test]
async fn no_stamp_is_given_out_twice_and_a_second_restore_is_no_special_case() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    create(&client, "/v1/opportunities", opportunity("acme")).await;
    let (_, first) = first_sync(&client).await;
    let copy = app.copy("one.db");
    let lost = create(&client, "/v1/opportunities", opportunity("lost")).await;
    let app = app.put_back(&copy).await;
    let client = app.anonymous().with_token(client.token());
    let (_, idle) = first_sync(&client).await;
    let again = create(&client, "/v1/opportunities", opportunity("again")).await;
    assert!(again["rev"].as_i64().unwrap() > lost["rev"].as_i64().unwrap() + 60_000);
    let (_, second) = first_sync(&client).await;
    let copy = app.copy("two.db");
    let app = app.put_back(&copy).await;
    let client = app.anonymous().with_token(client.token());
    for (cursor, found) in [(first, vec!["again"]), (idle, vec!["again"]), (second, vec![])] {
        let (changes, _) = drain(&client, Some(&cursor), "").await;
        assert_eq!(ids(&changes), found);
    }
    assert_eq!(count(&mut database(&app), "lost_intervals"), 2);
}
