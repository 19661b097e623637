//! Others who do the jobs of the table, through their own interfaces, started as in production.
//!
//! They come from a Python environment that `AFTERVIEW_PYTHON` names:
//!
//! ```text
//! python3 -m venv VENV && VENV/bin/pip install -r tests/bench/peers/requirements.txt
//! AFTERVIEW_PYTHON=VENV/bin/python cargo run --release -p afterview-tests --bin bench -- table
//! ```
//!
//! **Must never** have it harder than Afterview: the same connections and sizes of records, in data sets
//! that are smaller because making them takes so long.

pub(crate) mod kinto;
pub(crate) mod pocketbase;
mod service;

use crate::load::Connection;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Accounts that are read and written to, records of each, accounts with a page of changes, which nobody
/// writes to.
const MANY: u32 = 100;
const RECORDS: u32 = 14;
const HEAVY: u32 = 2;

/// Changes of a page, and records of a push.
const CHANGES: u32 = 1_000;
const PUSH: u32 = 100;

/// A program of the environment, if there is one.
#[expect(clippy::disallowed_methods, reason = "where the others are is said from outside")]
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let python = PathBuf::from(std::env::var_os("AFTERVIEW_PYTHON")?);
    let program = std::path::absolute(python).unwrap().with_file_name(name);
    program.is_file().then_some(program)
}

/// The members of a record like the contacts of Afterview, about as long, without the braces.
fn contact(opportunity: u32) -> String {
    format!(
        r#""opportunity":"o{opportunity}","name":"Anna Novak","role":"hiring_manager","preferred":"email","channels":[{{"kind":"email","value":"anna.novak@example.com","invited":true,"connected":false}},{{"kind":"phone","value":"+1 212 555 0100","invited":false,"connected":false}}],"notes":"Leads the platform team; asked about backfills and on-call. They moved to a new platform last year.""#
    )
}

/// Writes a request with a header of its own for who asks.
fn request(into: &mut Vec<u8>, what: &str, who: &str, more: &str, body: &str) {
    let mut head = format!(
        "{what} HTTP/1.1\r\nhost: bench\r\nuser-agent: bench\r\naccept: */*\r\nauthorization: {who}\r\n{more}"
    );
    if !body.is_empty() {
        let length = body.len();
        head += &format!("content-type: application/json\r\ncontent-length: {length}\r\n");
    }
    into.extend_from_slice(head.as_bytes());
    into.extend_from_slice(b"\r\n");
    into.extend_from_slice(body.as_bytes());
}

/// One request outside of all counting, which must succeed: its answer.
fn ask(address: SocketAddr, what: &str, who: &str, body: &str) -> Value {
    let mut text = Vec::new();
    request(&mut text, what, who, "", body);
    let mut connection = Connection::open(address);
    let answer = connection.exchange(&text);
    let content = answer.content();
    let body = String::from_utf8_lossy(&content);
    assert!((200..300).contains(&answer.status), "{what}: {} {body}", answer.status);
    serde_json::from_str(&body).unwrap_or_default()
}

/// The first so many numbers, in twos of threads that each get a share.
fn share_out(end: u32, work: impl Fn(u32) + Sync) {
    std::thread::scope(|scope| {
        for half in 0..2 {
            let work = &work;
            scope.spawn(move || (half..end).step_by(2).for_each(work));
        }
    });
}
