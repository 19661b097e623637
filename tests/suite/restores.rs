//! After a copy of the database was put back: every device begins anew, and no stamp is used twice.

use crate::device::{drain, first_sync, ids, page};
use crate::support::{create, database, opportunity};
use afterview_tests::{Client, TestApp};

#[actix_web::test]
async fn after_a_restore_every_device_begins_anew() {
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
    for cursor in [&before, &at_backup, &after] {
        let problem = page(&client, Some(cursor), "").await.expect_problem("cursor_expired");
        assert!(problem["detail"].as_str().unwrap().starts_with("epoch "), "{problem}");
    }
    page(&other, Some(&untouched), "").await.expect_problem("cursor_expired");
    create(&client, "/v1/opportunities", opportunity("gamma")).await;
    let (changes, _) = drain(&client, None, "").await;
    assert_eq!(ids(&changes), ["me", "acme", "beta", "gamma"]);
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
    for cursor in [first, idle, second] {
        page(&client, Some(&cursor), "").await.expect_problem("cursor_expired");
    }
    assert_eq!(database(&app).count("lost_intervals"), 2);
}
