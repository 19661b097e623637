//! The log as an operator reads it, by eye and by program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The whole answer to a request that calls itself `id`.
fn ask(address: &str, head: &str, id: &str, body: &Value) -> String {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let text = format!(
        "{head} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-request-id: {id}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// What a server logs while it makes an account, fails for its owner, and is asked for what it has not.
fn log(format: &str, filter: &str) -> String {
    let folder = TempDir::new().unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_afterview"))
        .current_dir(folder.path())
        .env_clear()
        .env("AFTERVIEW_LISTEN", "127.0.0.1:0")
        .env("AFTERVIEW_LOG_FORMAT", format)
        .env("AFTERVIEW_LOG", filter)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().rsplit("http://").next().unwrap();
    let account = json!({
        "email": "canary@example.org", "password": "correct horse battery", "device": {},
    });
    let made = ask(address, "POST /v1/auth/register", "made", &account);
    let (_, token) = made.split_once(r#""access_token":""#).unwrap();
    let token = token.split('"').next().unwrap();
    let file = folder.path().join("data/afterview.db");
    let mut database = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    database.batch_execute("ALTER TABLE records RENAME TO hidden").unwrap();
    // The head ends in `HTTP/1.1` once more, as the value of a header that means nothing.
    let list = format!("GET /v1/opportunities HTTP/1.1\r\nauthorization: Bearer {token}\r\nx:");
    let failed = ask(address, &list, "failed", &Value::Null);
    assert!(failed.starts_with("HTTP/1.1 500 "), "{failed}");
    ask(address, "GET /calendar/canary-secret.ics", "strange", &Value::Null);
    let order = format!("kill -TERM {}", server.id());
    assert!(Command::new("sh").args(["-c", &order]).status().unwrap().success());
    let mut text = String::new();
    server.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(server.wait().unwrap().code(), Some(0));
    assert!(!text.contains("canary"), "{text}");
    text
}

#[test]
fn programs_get_flat_objects_that_name_their_request() {
    let text = log("json", "info,afterview_api=debug,actix_server=warn,actix_http=off");
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    for line in &lines {
        for member in ["timestamp", "level", "target", "message"] {
            assert!(line[member].is_string(), "{member} of {line}");
        }
        let is_flat =
            line.as_object().unwrap().values().all(|it| !it.is_object() && !it.is_array());
        assert!(is_flat, "{line}");
    }
    let of = |id: &str, message: &str| -> Vec<&Value> {
        let wanted = |line: &&Value| line["request_id"] == id && line["message"] == message;
        lines.iter().filter(wanted).collect()
    };
    let [made] = of("made", "answered")[..] else { panic!("{text}") };
    assert_eq!(
        json!([made["method"], made["route"], made["status"], made["level"]]),
        json!(["POST", "/v1/auth/register", 201, "DEBUG"])
    );
    let [failed] = of("failed", "request failed")[..] else { panic!("{text}") };
    assert_eq!(
        json!([
            failed["method"],
            failed["route"],
            failed["status"],
            failed["code"],
            failed["level"]
        ]),
        json!(["GET", "/v1/opportunities", 500, "internal", "ERROR"])
    );
    assert!(failed["cause"].as_str().unwrap().contains("records"), "{failed}");
    let [strange] = of("strange", "answered")[..] else { panic!("{text}") };
    assert_eq!(strange["route"], "/calendar/{secret}.ics");
}

#[test]
fn people_get_one_line_for_what_failed_and_none_for_what_went_well() {
    let text = log("text", "info,actix_server=warn,actix_http=off");
    // On a busy machine anything may be slow, too.
    let of = |id: &str| {
        let names = format!("request_id={id} ");
        let lines = text.lines().filter(|line| line.contains(&names) && !line.contains(": slow "));
        lines.count()
    };
    assert_eq!((of("made"), of("failed"), of("strange")), (0, 1, 0), "{text}");
    let failed = text.lines().find(|line| line.contains("request failed")).unwrap();
    for part in
        [" ERROR afterview_api::error: ", "status=500", "method=GET", "route=/v1/opportunities"]
    {
        assert!(failed.contains(part), "{part} in {failed}");
    }
}
