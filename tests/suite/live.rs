//! The live stream: every change of an account is told to its devices at once, and to nobody else.

use crate::support::{create, database, opportunity};
use actix_web::rt::time::timeout;
use afterview_tests::{Client, Events, START, TestApp, at, story};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};

const STREAM: &str = "/v1/sync/stream";

/// Whoever waits longer than this waits in vain.
const PATIENCE: Duration = Duration::from_secs(10);

async fn listen(client: &Client) -> Events {
    Events::of(client.open(STREAM, &[]).await)
}

async fn ticket(client: &Client) -> String {
    let ticket = client.post("/v1/sync/stream-ticket", json!({})).await.expect(200);
    assert_eq!(ticket["expires_in"], 60);
    format!("{STREAM}?ticket={}", ticket["ticket"].as_str().unwrap())
}

/// Another device of the account that [`TestApp::user`] made under `name`.
async fn another_device(app: &TestApp, name: &str) -> Client {
    let mut client = app.anonymous();
    let body = json!({"email": format!("{name}@example.org"), "password": "correct horse battery", "device": {}});
    let tokens = client.post("/v1/auth/login", body).await.expect(200);
    client.sign_in_with(&tokens);
    client
}

/// The newest stamp of the account with that address.
fn head(app: &TestApp, name: &str) -> i64 {
    let query = format!(
        "SELECT CAST(last_stamp AS TEXT) AS line FROM account_sync JOIN accounts USING (account_id)
         WHERE email = '{name}@example.org'"
    );
    database(app).lines(&query).concat().parse().unwrap()
}

#[actix_web::test]
async fn a_stream_begins_with_the_present_head_and_nothing_holds_it_back() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    create(&anna, "/v1/opportunities", opportunity("acme")).await;
    let response = anna.open(STREAM, &[("accept-encoding", "br, gzip")]).await;
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/event-stream");
    assert_eq!(header("cache-control"), "no-store, no-transform");
    assert_eq!(header("content-encoding"), "identity");
    assert_eq!(header("x-accel-buffering"), "no");
    assert_eq!(Events::of(response).head().await, head(&app, "anna"));
}

#[actix_web::test]
async fn a_write_of_one_device_is_told_to_the_others() {
    let app = TestApp::start().await;
    let (phone, mut told) = (app.user("anna").await, Vec::new());
    let laptop = another_device(&app, "anna").await;
    let (mut to_phone, mut to_laptop) = (listen(&phone).await, listen(&laptop).await);
    assert_eq!(to_phone.head().await, to_laptop.head().await);
    for id in ["acme", "globex"] {
        create(&phone, "/v1/opportunities", opportunity(id)).await;
        told.push(to_laptop.head().await);
        assert_eq!(to_phone.head().await, head(&app, "anna"));
    }
    laptop.delete("/v1/opportunities/acme").await;
    told.push(to_laptop.head().await);
    assert_eq!(told.last(), Some(&head(&app, "anna")));
    assert!(told.is_sorted_by(|earlier, later| earlier < later), "{told:?}");
}

#[actix_web::test]
async fn what_others_write_and_what_is_refused_is_not_told() {
    let app = TestApp::start().await;
    let (anna, bob) = (app.user("anna").await, app.user("bob").await);
    create(&anna, "/v1/opportunities", opportunity("acme")).await;
    let mut stream = listen(&anna).await;
    stream.head().await;
    create(&bob, "/v1/opportunities", opportunity("bobs")).await;
    anna.post("/v1/opportunities", opportunity("acme")).await.expect_problem("already_exists");
    anna.get("/v1/opportunities/acme").await.expect(200);
    create(&anna, "/v1/opportunities", opportunity("globex")).await;
    assert_eq!(stream.head().await, head(&app, "anna"));
}

#[actix_web::test]
async fn what_time_changes_is_told_like_a_write() {
    let app = TestApp::start().await;
    let mut anna = app.user("anna").await;
    let story = story::record(&anna).await;
    story::debrief(&anna, &story).await;
    app.let_time_pass_until("2026-05-09T03:59:59Z").await;
    anna.refresh().await;
    let mut stream = listen(&anna).await;
    let before = stream.head().await;
    app.let_time_pass_until("2026-05-09T04:00:00Z").await;
    let missed = stream.head().await;
    assert!(missed > before);
    assert_eq!(missed, head(&app, "anna"));
}

#[actix_web::test]
async fn whoever_does_not_read_gets_the_newest_head_and_none_twice() {
    for app in TestApp::each().await {
        let anna = app.user("anna").await;
        let mut stream = listen(&anna).await;
        for number in 0..10 {
            create(&anna, "/v1/opportunities", opportunity(&format!("o{number}"))).await;
        }
        let (newest, mut told) = (head(&app, "anna"), Vec::new());
        while told.last() != Some(&newest) {
            told.push(stream.head().await);
        }
        assert!(told.is_sorted_by(|earlier, later| earlier < later), "{told:?}");
    }
}

#[actix_web::test]
async fn a_ticket_opens_one_stream() {
    let app = TestApp::start().await;
    let (anna, bob, nobody) = (app.user("anna").await, app.user("bob").await, app.anonymous());
    let path = ticket(&anna).await;
    let mut stream = Events::of(nobody.open(&path, &[]).await);
    assert_eq!(stream.head().await, head(&app, "anna"));
    create(&bob, "/v1/opportunities", opportunity("bobs")).await;
    create(&anna, "/v1/opportunities", opportunity("acme")).await;
    assert_eq!(stream.head().await, head(&app, "anna"));
    nobody.get(&path).await.expect_problem("unauthenticated");
    // A ticket is not made good by a token beside it.
    anna.get(&path).await.expect_problem("unauthenticated");
}

#[actix_web::test]
async fn a_ticket_works_for_a_minute_and_as_long_as_its_session() {
    let app = TestApp::start().await;
    let (anna, nobody) = (app.user("anna").await, app.anonymous());
    let (in_time, too_late) = (ticket(&anna).await, ticket(&anna).await);
    app.clock.advance(TimeDelta::seconds(59));
    assert_eq!(nobody.open(&in_time, &[]).await.status(), 200);
    app.clock.advance(TimeDelta::seconds(1));
    nobody.get(&too_late).await.expect_problem("unauthenticated");
    let orphan = ticket(&anna).await;
    anna.post("/v1/auth/logout", json!({})).await;
    nobody.get(&orphan).await.expect_problem("unauthenticated");
}

#[actix_web::test]
async fn a_made_up_ticket_opens_nothing() {
    let app = TestApp::start().await;
    let (anna, bob, nobody) = (app.user("anna").await, app.user("bob").await, app.anonymous());
    let (hers, his) = (ticket(&anna).await, ticket(&bob).await);
    let (head, secret) = hers.rsplit_once('.').unwrap();
    let (his_head, _) = his.rsplit_once('.').unwrap();
    let foreign = format!("{his_head}.{secret}");
    for path in [foreign, format!("{head}."), head.to_owned(), format!("{STREAM}?ticket=")] {
        let refused = nobody.get(&path).await;
        refused.expect_problem("unauthenticated");
        assert_eq!(refused.status, 401, "{path}");
    }
    assert_eq!(nobody.open(&hers, &[]).await.status(), 200);
    nobody.post("/v1/sync/stream-ticket", json!({})).await.expect_problem("unauthenticated");
}

#[actix_web::test]
async fn expired_tickets_are_cleared_away_and_the_database_holds_no_secret() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let _expired = ticket(&anna).await;
    app.clock.advance(TimeDelta::seconds(60));
    let path = ticket(&anna).await;
    let stored = database(&app).lines("SELECT ticket_hash AS line FROM stream_tickets");
    assert_eq!(stored.len(), 1);
    assert!(!path.contains(&stored[0]) && stored[0].len() == 64);
}

#[actix_web::test]
async fn signing_out_ends_the_streams_of_that_device_only() {
    let app = TestApp::start().await;
    let phone = app.user("anna").await;
    let laptop = another_device(&app, "anna").await;
    let mut to_phone = listen(&phone).await;
    let mut by_ticket = Events::of(app.anonymous().open(&ticket(&phone).await, &[]).await);
    let mut to_laptop = listen(&laptop).await;
    for stream in [&mut to_phone, &mut by_ticket, &mut to_laptop] {
        stream.head().await;
    }
    assert_eq!(phone.post("/v1/auth/logout", json!({})).await.status, 204);
    assert_eq!(to_phone.next().await, None);
    assert_eq!(by_ticket.next().await, None);
    create(&laptop, "/v1/opportunities", opportunity("acme")).await;
    assert_eq!(to_laptop.head().await, head(&app, "anna"));
}

#[actix_web::test]
async fn a_stream_ends_with_its_access_token() {
    let app = TestApp::start().await;
    let phone = app.user("anna").await;
    let mut laptop = another_device(&app, "anna").await;
    let mut stream = listen(&phone).await;
    stream.head().await;
    app.clock.advance(TimeDelta::minutes(15));
    laptop.refresh().await;
    create(&laptop, "/v1/opportunities", opportunity("acme")).await;
    assert_eq!(stream.next().await, None);
    // Clocks may differ by half a minute.
    app.clock.advance(TimeDelta::seconds(30));
    phone.get(STREAM).await.expect_problem("unauthenticated");
}

#[actix_web::test]
async fn an_account_has_as_many_streams_as_the_limits_say() {
    let app = TestApp::start().await;
    let (phone, bob) = (app.user("anna").await, app.user("bob").await);
    let laptop = another_device(&app, "anna").await;
    let limit = phone.get("/v1/limits").await.expect(200)["account_streams"].as_u64().unwrap();
    let mut to_laptop = listen(&laptop).await;
    to_laptop.head().await;
    let mut to_phone = Vec::new();
    for _ in 1..limit {
        to_phone.push(listen(&phone).await);
    }
    let refused = phone.get(STREAM).await;
    refused.expect_problem("too_many_streams");
    assert_eq!(refused.status, 429);
    listen(&bob).await.head().await;
    laptop.post("/v1/auth/logout", json!({})).await;
    assert_eq!(to_laptop.next().await, None);
    listen(&phone).await.head().await;
}

#[actix_web::test]
async fn a_client_that_goes_away_makes_room_at_once() {
    for app in TestApp::each().await {
        let anna = app.user("anna").await;
        let limit = anna.get("/v1/limits").await.expect(200)["account_streams"].as_u64().unwrap();
        let mut all = Vec::new();
        for _ in 0..limit {
            all.push(listen(&anna).await);
        }
        drop(all.pop());
        let began = Instant::now();
        // The server learns of it with the next packets; the silence of a stream lasts far longer.
        while anna.open(STREAM, &[]).await.status() != 200 {
            assert!(began.elapsed() < Duration::from_secs(10), "its place was not given back");
        }
    }
}

#[actix_web::test]
async fn only_the_headers_of_a_stream_can_be_asked_for() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let headers = anna.send(Method::HEAD, STREAM, &[], None).await;
    assert_eq!((headers.status, headers.header("content-type")), (200, "text/event-stream"));
    // The connection is free again: the next request does not stand behind a stream without end.
    let next = timeout(PATIENCE, anna.get("/v1/preferences")).await;
    next.expect("answered").expect(200);
}

#[actix_web::test]
async fn a_stop_of_the_server_ends_the_streams_and_does_not_wait_for_them() {
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let mut stream = listen(&anna).await;
    stream.head().await;
    let began = Instant::now();
    let app = app.restart().await;
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert_eq!(stream.next().await, None);
    let again = app.anonymous().with_token(anna.token());
    assert_eq!(listen(&again).await.head().await, head(&app, "anna"));
    assert_eq!(app.clock.get(), at(START));
}
