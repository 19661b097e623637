//! Spans as a collector of others gets them: the program, and the official classes of OTLP in Python.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use tempfile::TempDir;

/// The trace that a caller is in already.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

/// A process that ends with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command) -> (Running, Lines<BufReader<ChildStdout>>) {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (Running(child), lines)
}

/// The body of the answer to a request that must succeed.
fn ask(address: &str, head: &str, body: &Value) -> String {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let length = body.len();
    let text = format!(
        "{head}\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// A program that exports to a collector, asked twice by somebody who is in a trace, and every span of it.
#[expect(clippy::disallowed_methods, reason = "says how to run the test, configures no server")]
fn spans(sampler: &str) -> Option<Vec<Value>> {
    let Ok(python) = std::env::var("AFTERVIEW_PYTHON") else {
        assert!(std::env::var("CI").is_err(), "AFTERVIEW_PYTHON must be set in CI");
        eprintln!("NOT RUN: AFTERVIEW_PYTHON names no program; see CONTRIBUTING.md");
        return None;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/otlp_collector.py");
    let (collector, mut told) = start(Command::new(python).arg(script));
    let endpoint = told.next().unwrap().unwrap();
    let folder = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_afterview"));
    command.current_dir(folder.path()).env_clear().env("AFTERVIEW_LISTEN", "127.0.0.1:0");
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint).env("OTEL_TRACES_SAMPLER", sampler);
    let (mut server, mut lines) = start(&mut command);
    let line = lines.next().unwrap().unwrap();
    let address = line.rsplit("http://").next().unwrap().to_owned();
    let account = json!({
        "email": "canary-mail@example.org", "password": "canary-password", "device": {"name": "canary"},
    });
    let tokens = ask(&address, "POST /v1/auth/register HTTP/1.1", &account);
    let tokens: Value = serde_json::from_str(&tokens).unwrap();
    let token = tokens["access_token"].as_str().unwrap();
    let known = format!(
        "authorization: Bearer {token}\r\ntraceparent: 00-{TRACE}-{CALLER}-01\r\nx-request-id: asked-by-test"
    );
    let record = json!({"id": "canary-acme", "employer": "canary-employer", "role": "canary-role"});
    ask(&address, &format!("POST /v1/opportunities HTTP/1.1\r\n{known}"), &record);
    ask(&address, &format!("GET /v1/opportunities/canary-acme HTTP/1.1\r\n{known}"), &Value::Null);
    let order = format!("kill -TERM {}", server.0.id());
    assert!(Command::new("sh").args(["-c", &order]).status().unwrap().success());
    // Whatever is left is exported before the process ends.
    assert_eq!(server.0.wait().unwrap().code(), Some(0));
    drop(collector);
    Some(told.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect())
}

#[test]
fn a_collector_gets_the_spans_of_a_request_in_the_trace_of_its_caller() {
    let Some(spans) = spans("parentbased_always_on") else { return };
    let text = Value::from(spans.clone()).to_string();
    assert!(!text.contains("canary"), "{text}");
    assert!(spans.iter().all(|span| span["service"] == "afterview"), "{text}");
    let named = |name: &str| {
        let mut found = spans.iter().filter(|span| span["name"] == name);
        found.next().unwrap_or_else(|| panic!("{name} in {text}"))
    };
    let request = named("POST /v1/opportunities");
    assert_eq!(
        json!([request["trace"], request["parent"], request["kind"]]),
        json!([TRACE, CALLER, "SPAN_KIND_SERVER"])
    );
    let attributes = &request["attributes"];
    assert_eq!(attributes["http.request.method"], "POST");
    assert_eq!(attributes["http.route"], "/v1/opportunities");
    assert_eq!(attributes["http.response.status_code"], 201);
    assert_eq!(attributes["request_id"], "asked-by-test");
    assert_eq!(named("GET /v1/opportunities/{id}")["trace"], TRACE);
    let children = |of: &Value, name: &str| -> Vec<&Value> {
        let is_child = |span: &&Value| span["parent"] == of["id"] && span["name"] == name;
        spans.iter().filter(is_child).collect()
    };
    let units = children(request, "write");
    assert_eq!(units.len(), 1, "{text}");
    let [run, commit] = ["run", "commit"].map(|name| children(units[0], name));
    assert_eq!((run.len(), commit.len()), (1, 1), "{text}");
    assert_eq!(run[0]["trace"], TRACE);
    assert!(run[0]["ended"].as_u64() <= commit[0]["began"].as_u64(), "{text}");
    // What the server does by itself is not told.
    assert!(spans.iter().all(|span| span["name"] != "read" || span["parent"] != ""), "{text}");
    // Who is in no trace begins one.
    let first = named("POST /v1/auth/register");
    assert_eq!(first["parent"], "");
    assert_ne!(first["trace"], TRACE);
}

#[test]
fn the_standard_variable_says_which_traces_are_kept() {
    let Some(spans) = spans("parentbased_always_off") else { return };
    assert!(!spans.is_empty());
    let others = spans.iter().filter(|span| span["trace"] != TRACE);
    assert_eq!(others.count(), 0, "{spans:?}");
}
