//! `afterview health`: what a container's health check gets to know.

use afterview_api::cli::{CliError, health};
use afterview_api::config::Config;
use afterview_tests::TestApp;
use std::collections::BTreeMap;
use std::net::TcpListener;

/// What it says of the server that listens at `address`, and the code that it ends with.
async fn said(address: &str) -> (String, u8) {
    let variables = BTreeMap::from([("AFTERVIEW_LISTEN".to_owned(), address.to_owned())]);
    let config = Config::from_variables(&variables).unwrap();
    // It waits for its answer, and the server under test shares this thread.
    let asked = actix_web::rt::task::spawn_blocking(move || {
        let mut out = Vec::new();
        match health::run(&config, &mut out) {
            Ok(()) => (String::from_utf8(out).unwrap(), 0),
            Err(error) => (error.to_string(), CliError::exit_code(&error)),
        }
    });
    asked.await.unwrap()
}

#[actix_web::test]
async fn a_server_that_is_ready_is_healthy_and_says_where_it_was_asked() {
    let app = TestApp::start().await;
    for url in app.urls() {
        let address = url.strip_prefix("http://").unwrap();
        assert_eq!(said(address).await, (format!("ready: {url}/readyz\n"), 0));
    }
}

#[actix_web::test]
async fn whoever_is_not_there_or_hangs_up_is_not_ready() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap().to_string();
    drop(nobody);
    let (text, code) = said(&address).await;
    assert!(text.starts_with(&format!("not ready: http://{address}/readyz: ")), "{text}");
    assert_eq!((code, text.lines().count()), (1, 1));

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let hangs_up = std::thread::spawn(move || drop(listener.accept().unwrap()));
    let (text, code) = said(&address).await;
    hangs_up.join().unwrap();
    assert!(text.starts_with(&format!("not ready: http://{address}/readyz: ")), "{text}");
    assert_eq!(code, 1);
}
