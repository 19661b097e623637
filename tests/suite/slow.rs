//! Clients that take their time: the server does not wait for them for ever, and nobody waits with them.
//! That a body has to arrive in time is tested where it is read, by a clock that can be moved.

use afterview_tests::TestApp;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

#[actix_web::test]
async fn whoever_does_not_finish_the_head_of_a_request_is_shown_the_door_and_others_are_served() {
    let app = TestApp::start().await;
    let client = app.user("anna").await;
    let mut slow = Vec::new();
    for url in app.urls() {
        let address = url.strip_prefix("http://").unwrap().to_owned();
        for _ in 0..50 {
            let mut stream = TcpStream::connect(&address).unwrap();
            // Only ends a test in which nothing happens.
            stream.set_read_timeout(Some(Duration::from_secs(25))).unwrap();
            stream.write_all(b"GET /v1/preferences HTTP/1.1\r\nhost: slow\r\nx-").unwrap();
            slow.push(stream);
        }
    }
    client.get("/v1/preferences").await.expect(200);
    let told = actix_web::rt::task::spawn_blocking(move || {
        let mut told = Vec::new();
        for mut stream in slow {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            told.push(answer);
        }
        told
    });
    for answer in told.await.unwrap() {
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
    client.get("/v1/preferences").await.expect(200);
}

/// A client that keeps its connection reads whatever comes next as the next answer.
#[actix_web::test]
async fn nothing_comes_after_the_head_of_an_answer_that_the_client_knows_already() {
    let app = TestApp::start().await;
    let tag = app.anonymous().get("/openapi.json").await.header("etag").to_owned();
    let addresses: Vec<String> = app.urls().map(|url| url.replace("http://", "")).collect();
    let told = actix_web::rt::task::spawn_blocking(move || {
        addresses.into_iter().map(|address| {
            let mut stream = TcpStream::connect(address).unwrap();
            let known = format!("GET /openapi.json HTTP/1.1\r\nhost: x\r\naccept-encoding: gzip\r\nif-none-match: {tag}\r\n\r\n");
            let next = "GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
            stream.write_all((known + next).as_bytes()).unwrap();
            let mut answers = Vec::new();
            stream.read_to_end(&mut answers).unwrap();
            String::from_utf8_lossy(&answers).into_owned()
        })
        .collect::<Vec<String>>()
    });
    for answers in told.await.unwrap() {
        let (first, second) = answers.split_once("\r\n\r\n").unwrap();
        assert!(first.starts_with("HTTP/1.1 304 "), "{first}");
        assert!(second.starts_with("HTTP/1.1 200 "), "{second}");
    }
}
