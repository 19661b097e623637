//! The clients of others: the reference client of `openapi/client`, `WatermelonDB` and `RxDB`, each as its
//! package is, on a server of each database. What they must see is in `tests/clients`.
//!
//! They need Node and the packages of `tests/clients/package-lock.json`; see CONTRIBUTING.md.

use actix_web::{App, HttpServer, web};
use afterview_tests::{ManualClock, TestApp, tool};
use chrono::TimeDelta;
use std::path::PathBuf;
use std::process::Command;

/// Runs the tests in the folder called `name`, or in one file, on a server of each database.
async fn run(name: &'static str) {
    // The folder in which `npm ci` was run.
    let Some(folder) = tool("AFTERVIEW_NODE_CLIENTS") else { return };
    let apps = TestApp::each().await;
    let urls: Vec<&str> = apps.iter().flat_map(TestApp::urls).collect();
    let clocks: Vec<String> = apps.iter().map(|app| let_turn(app.clock.clone())).collect();
    let mut command = Command::new("node");
    command
        .args(["--import", "./support/typescript.mjs", "--test", "--test-reporter=spec"])
        // The libraries have timers of their own, which would keep it waiting.
        .args(["--test-force-exit", name])
        .current_dir(PathBuf::from(folder))
        .env("AFTERVIEW_URLS", urls.join(","))
        .env("AFTERVIEW_CLOCKS", clocks.join(","));
    let running = actix_web::rt::task::spawn_blocking(move || command.output());
    let output = running.await.unwrap().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    println!("{shown}");
    assert!(output.status.success(), "{shown}{}", String::from_utf8_lossy(&output.stderr));
}

/// Lets whoever knows the address move a clock forward by the milliseconds in the body: a program of others has
/// no other way to make time pass.
fn let_turn(clock: ManualClock) -> String {
    let turn = |clock: web::Data<ManualClock>, body: String| async move {
        clock.advance(TimeDelta::milliseconds(body.parse().unwrap()));
        String::new()
    };
    let clock = web::Data::new(clock);
    let server = HttpServer::new(move || {
        App::new().app_data(clock.clone()).route("/", web::post().to(turn))
    });
    let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let address = server.addrs()[0];
    actix_web::rt::spawn(server.run());
    format!("http://{address}/")
}

#[actix_web::test]
async fn the_reference_client_keeps_phones_in_step_whatever_fails() {
    run("native/").await;
}

#[actix_web::test]
async fn apps_with_watermelondb_keep_phones_in_step() {
    run("watermelondb/").await;
}

#[actix_web::test]
async fn apps_with_rxdb_keep_phones_in_step() {
    run("rxdb/").await;
}

#[actix_web::test]
async fn nothing_that_anybody_typed_is_lost_between_phones_with_three_libraries() {
    run("mixed/").await;
}

#[actix_web::test]
async fn the_guides_for_people_who_write_apps_come_out_as_printed() {
    run("guides/").await;
}
