//! The benchmark: the server beside its ceilings, in one run, in turns.
//!
//! ```text
//! cargo run --release -p afterview-tests --bin bench            everything
//! cargo run --release -p afterview-tests --bin bench read poll  workloads that begin so
//! cargo run --release -p afterview-tests --bin bench postgres   on PostgreSQL, beside pgbench
//! cargo run --release -p afterview-tests --bin bench table      one table of all, beside others; see table/mod.rs
//! cargo run --release -p afterview-tests --bin bench soak       an hour of kills; see soak/mod.rs
//! ```
//!
//! Absolute figures say something about the machine and its other work; the ratios and the CPU
//! time per request say something about the server. Everything happens on this machine, on free
//! ports, in a temporary folder beside this program, and ends with it.
// A benchmark may stop at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod ceilings;
mod children;
mod door;
mod load;
mod peers;
mod people;
mod postgres;
mod raw_push;
mod reminders;
mod report;
mod scene;
mod soak;
mod streams;
mod sync;
mod table;

use ceilings::{RawDatabase, Rows, raw_id};
use children::{Child, cpu_of, load_average};
use load::{Connection, LEARN_NOTHING, Load};
use report::{Side, compare, heading, median};
use scene::{Account, OPPORTUNITIES, contact};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// How often every side has its turn.
const ROUNDS: u32 = 7;

/// Requests of one turn: cheap ones, and durable ones on one and on many connections.
const READS: u32 = 20_000;
const SINGLE_WRITES: u32 = 500;
const GROUPED_WRITES: u32 = 6_400;

/// Connections of the cheap workloads, and of concurrent writes.
const READERS: usize = 16;
const WRITERS: usize = 32;

/// How often a start is measured.
const STARTS: u32 = 10;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.first().map(String::as_str) {
        // The two servers, started by this program itself.
        Some("serve") => {
            children::end_with_parent();
            afterview_api::cli::run(afterview_api::cli::Cli::from_arguments()).unwrap();
        }
        // What tests kill in the middle of its work, or run as somebody else.
        Some("backup" | "restore" | "doctor") => {
            afterview_api::cli::run(afterview_api::cli::Cli::from_arguments()).unwrap();
        }
        Some("bare") => {
            children::end_with_parent();
            ceilings::serve_bare();
        }
        _ => measure(&words),
    }
}

fn measure(words: &[String]) {
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.starts_with(word));
    // Beside the program and not in the system's temporary folder, which may live in memory, where
    // durability costs nothing.
    let program = std::env::current_exe().unwrap();
    let folder = tempfile::TempDir::new_in(program.parent().unwrap()).unwrap();
    let folder = folder.path();
    if soak::is_wanted(words) {
        return soak::measure(words, folder);
    }
    if table::is_wanted(words) {
        return table::measure(words, folder);
    }
    // A word for PostgreSQL asks for nothing on SQLite.
    if words.is_empty() || words.iter().any(|word| !word.starts_with("postgres")) {
        on_sqlite(&wanted, folder);
    }
    postgres::measure(&wanted, folder);
    println!("load after {}, generator CPU {:.1?}", load_average(), cpu_of("self"));
}

fn on_sqlite(wanted: &dyn Fn(&str) -> bool, folder: &Path) {
    let server = Child::afterview(folder);
    let cores = std::thread::available_parallelism().unwrap();
    println!("cores {cores}, load before {}, server pid {}", load_average(), server.pid());
    let accounts: Vec<Account> = (0..WRITERS).map(|n| account(server.address, n)).collect();

    let read = accounts[0].get("/v1/opportunities/acme", "");
    let mut connection = Connection::open(server.address);
    std::fs::write(folder.join("answer"), connection.exchange(&read).body).unwrap();
    let bare = Child::bare(folder);
    heading();
    if wanted("read") {
        beside_bare("read, 16 connections", &server, &bare, 200, &read);
    }
    if wanted("zipped") {
        let read = accounts[0].get("/v1/opportunities/acme", "accept-encoding: gzip\r\n");
        beside_bare("zipped read, 16 conn.", &server, &bare, 200, &read);
    }
    if wanted("poll") {
        let tag = format!("if-none-match: {}\r\n", agenda_tag(&accounts[0], server.address));
        let poll = accounts[0].get("/v1/agenda", &tag);
        beside_bare("poll 304, 16 connections", &server, &bare, 304, &poll);
    }
    if wanted("create") {
        creates(&server, &accounts, folder);
    }
    if wanted("push") {
        sync::pushes(&server, &accounts, folder);
    }
    if wanted("pull") {
        sync::pull(&server, &accounts, folder);
    }
    if wanted("unchanged") {
        sync::unchanged(&server, &accounts, folder);
    }
    drop(server);
    if wanted("start") {
        RawDatabase::check_point(&folder.join("afterview.db"));
        starts("server", || Child::afterview(folder));
        starts("bare server", || Child::bare(folder));
    }
    if wanted("streams") {
        streams::measure(folder);
    }
    if wanted("reminders") {
        reminders::measure(folder);
    }
    if wanted("door") {
        door::measure(folder);
    }
}

fn account(address: SocketAddr, number: usize) -> Account {
    Account::register(address, &format!("user{number}"), OPPORTUNITIES)
}

/// One cheap request against both servers.
fn beside_bare(workload: &str, server: &Child, bare: &Child, status: u16, request: &[u8]) {
    let write = |_: usize, _: u32, into: &mut Vec<u8>| into.extend_from_slice(request);
    let side = |name, child: &Child| {
        let (address, pid) = (child.address, child.pid());
        Side::new(name, move |first, requests| {
            let (connections, learn) = (READERS, LEARN_NOTHING);
            let load = Load { address, connections, status: &|_| status, request: &write, learn };
            with_cpu(&pid, || load.run(first, requests))
        })
    };
    compare(workload, ROUNDS, READS, vec![side("server", server), side("bare actix-web", bare)]);
}

pub(crate) fn with_cpu(pid: &str, run: impl FnOnce() -> report::Sample) -> report::Sample {
    let before = cpu_of(pid);
    let sample = run();
    report::Sample { cpu: cpu_of(pid) - before, ..sample }
}

fn agenda_tag(account: &Account, address: SocketAddr) -> String {
    let mut connection = Connection::open(address);
    let answer = connection.exchange(&account.get("/v1/agenda", ""));
    let tag = answer.head.lines().find_map(|line| line.strip_prefix("etag: "));
    tag.expect("the agenda has an entity tag").to_owned()
}

/// Durable creates, alone and many at a time, against the same commits without a server.
fn creates(server: &Child, accounts: &[Account], folder: &Path) {
    let create = |prefix: i64| {
        move |connection: usize, number: u32, into: &mut Vec<u8>| {
            let body = contact(&raw_id(prefix + i64::from(number)), number % OPPORTUNITIES);
            accounts[connection].write(into, "POST /v1/contacts", "", body.as_bytes());
        }
    };
    let mut probe = Vec::new();
    create(0)(0, 0, &mut probe);
    let mut connection = Connection::open(server.address);
    let doc = String::from_utf8(connection.exchange(&probe).body.to_vec()).unwrap();
    let ours = folder.join("afterview.db");
    let field_meta = RawDatabase::newest_field_meta(&ours);
    for (name, prefix, connections, group, requests) in [
        ("create, 1 connection", 1_000_000, 1, 1, SINGLE_WRITES),
        ("create, 32 connections", 2_000_000, WRITERS, 32, GROUPED_WRITES),
    ] {
        let (address, pid, request) = (server.address, server.pid(), create(prefix));
        let (status, learn): (&(dyn Fn(u32) -> u16 + Sync), _) = (&|_| 201, LEARN_NOTHING);
        let load = Load { address, connections, status, request: &request, learn };
        let raw = |file: String, label, rows| {
            let path = folder.join(file);
            std::fs::copy(&ours, &path).unwrap();
            let mut database = RawDatabase::open(&path, &doc, &field_meta);
            Side::new(label, move |_, requests| database.run(requests, group, rows))
        };
        RawDatabase::check_point(&ours);
        let sides = vec![
            Side::new("server", |first, n| with_cpu(&pid, || load.run(first, n))),
            raw(format!("raw{group}.db"), "raw SQLite, record only", Rows::Record),
            raw(format!("raw{group}-all.db"), "raw SQLite, both rows", Rows::All),
        ];
        compare(name, ROUNDS, requests, sides);
    }
}

/// From the start of the process to the first answer, and what it holds a second later.
fn starts(name: &str, start: impl Fn() -> Child) {
    let times = (0..STARTS).map(|_| start().started_in.as_secs_f64() * 1e3).collect();
    let child = start();
    // The one wait: memory is settled when the first answer is well past.
    std::thread::sleep(Duration::from_secs(1));
    let (millis, memory) = (median(times), child.resident_mib());
    println!("{name}: first answer after {millis:.1} ms, idle memory {memory:.1} MiB");
}
