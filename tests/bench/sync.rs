//! Rounds of sync: what a device pushes, what it pulls, and the round in which nothing has changed.

use crate::ceilings::RawDatabase;
use crate::children::Child;
use crate::load::{Connection, LEARN_NOTHING, Load};
use crate::raw_push::RawPush;
use crate::report::{Side, compare};
use crate::scene::Account;
use crate::with_cpu;
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Mutations of one push.
pub(crate) const MUTATIONS: usize = 100;

/// Changes of one pull.
const CHANGES: usize = 1_000;

/// How often every side has its turn, and requests of one turn.
const ROUNDS: u32 = 5;
const PUSHES: u32 = 60;
const PULLS: u32 = 400;
const CHECKS: u32 = 20_000;

/// Connections of a workload with several devices, each of another account.
const DEVICES: usize = 8;

/// Connections of the workload in which nothing has changed.
const READERS: usize = 16;

/// One device: who it is, and how far it has come.
pub(crate) struct Device<'a> {
    account: &'a Account,
    cursor: Mutex<String>,
}

impl<'a> Device<'a> {
    /// A device that has everything.
    pub(crate) fn new(server: &Child, account: &'a Account) -> Self {
        Self::at_every_page(server, account).0
    }

    /// The same, and the cursor before every page on the way.
    pub(crate) fn at_every_page(server: &Child, account: &'a Account) -> (Self, Vec<String>) {
        let device = Self { account, cursor: Mutex::default() };
        let mut connection = Connection::open(server.address);
        let (mut request, mut cursors) = (Vec::new(), Vec::new());
        loop {
            cursors.push(device.cursor.lock().unwrap().clone());
            request.clear();
            device.write(&mut request, "");
            let answer = connection.exchange(&request);
            assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(answer.body));
            device.learn(answer.body);
            if contains(answer.body, "\"has_more\":false") {
                return (device, cursors);
            }
        }
    }

    /// Writes the request of a round with these mutations.
    pub(crate) fn write(&self, into: &mut Vec<u8>, mutations: &str) {
        let cursor = self.cursor.lock().unwrap();
        self.write_from(into, &cursor, mutations);
    }

    /// The same from another place.
    pub(crate) fn write_from(&self, into: &mut Vec<u8>, cursor: &str, mutations: &str) {
        let cursor = if cursor.is_empty() { "null".to_owned() } else { format!("\"{cursor}\"") };
        let body = format!(
            r#"{{"protocol":1,"schema":1,"cursor":{cursor},"client_time":1780000000000,"max_changes":{CHANGES},"mutations":[{mutations}]}}"#
        );
        self.account.write(into, "POST /v1/sync", "", body.as_bytes());
    }

    /// Keeps the cursor of an answer.
    pub(crate) fn learn(&self, answer: &[u8]) {
        let answer = std::str::from_utf8(answer).unwrap();
        let (_, rest) = answer.rsplit_once("\"cursor\":\"").expect("a cursor");
        rest.split('"').next().unwrap_or_default().clone_into(&mut self.cursor.lock().unwrap());
    }
}

fn contains(text: &[u8], wanted: &str) -> bool {
    std::str::from_utf8(text).unwrap().contains(wanted)
}

/// The name of the record that mutation `n` of a push makes: as long as a UUID and in the order of time,
/// as those of version 7 are.
pub(crate) fn name(run: u32, push: u32, n: u32) -> String {
    let mixed = u64::from(push).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16;
    format!("{run:04x}{push:04x}-{n:04x}-7c3d-8a55-{mixed:012x}")
}

/// A push as of somebody who was offline for a while: 10 opportunities, 70 people, 20 things owed.
pub(crate) fn creates(run: u32, push: u32) -> String {
    let mut text = String::with_capacity(64 * 1024);
    for n in 0..100 {
        let (id, owner) = (name(run, push, n), name(run, push, n % 10));
        let (collection, set) = match n {
            0..10 => (
                "opportunities",
                r#""employer":"Acme","role":"Data engineer","office":{"time_zone":"America/New_York","calendar":"US-FED"},"source":"referral","region":"US-NY","tags":["data","rust"],"#.to_owned(),
            ),
            10..80 => (
                "contacts",
                format!(
                    r#""opportunity_id":"{owner}","name":"Anna Novak","role":"hiring_manager","preferred":"email","channels":[{{"kind":"email","value":"anna.novak@example.com","invited":true}},{{"kind":"phone","value":"+1 212 555 0100"}}],"#
                ),
            ),
            _ => ("commitments", format!(r#""opportunity_id":"{owner}","kind":"portfolio","#)),
        };
        let field = longest_text(collection);
        let comma = if n > 0 { "," } else { "" };
        let _ = write!(
            text,
            r#"{comma}{{"mid":"m{id}","c":"{collection}","id":"{id}","op":"create","at":1779999990000,"set":{{{set}"{field}":"Leads the platform team; asked about backfills and on-call. They moved to a new platform last year."}}}}"#
        );
    }
    text
}

fn longest_text(collection: &str) -> &'static str {
    if collection == "commitments" { "title" } else { "notes" }
}

/// A push that changes the notes of records, each from its present revision.
pub(crate) fn patches(run: u32, push: u32, records: &[(String, String, i64)]) -> String {
    let mut text = String::with_capacity(64 * 1024);
    for (n, (collection, id, rev)) in (0..).zip(records) {
        let mid = name(run, push, n);
        let comma = if n > 0 { "," } else { "" };
        let field = longest_text(collection);
        let _ = write!(
            text,
            r#"{comma}{{"mid":"{mid}","c":"{collection}","id":"{id}","op":"patch","base":{rev},"at":1779999990000,"set":{{"{field}":"Leads the platform team; asked about backfills, {push}. Called on Tuesday."}}}}"#
        );
    }
    text
}

/// Pushes of creates and of patches by one device and by several, beside the same rows without a server
/// and beside a server that only takes the request and answers the same bytes.
pub(crate) fn pushes(server: &Child, accounts: &[Account], folder: &Path) {
    for (run, connections) in [(1, 1), (2, DEVICES)] {
        let devices: Vec<Device<'_>> =
            accounts[..connections].iter().map(|account| Device::new(server, account)).collect();
        let create = |connection: usize, push: u32, into: &mut Vec<u8>| {
            devices[connection].write(into, &creates(run, push));
        };
        one_kind("creates", (server, folder), (run, connections), &devices, &create);

        let stock: Vec<_> =
            accounts[..connections].iter().map(|account| stock(server, account, run)).collect();
        let next: Vec<AtomicUsize> = devices.iter().map(|_| AtomicUsize::new(0)).collect();
        let patch = |connection: usize, push: u32, into: &mut Vec<u8>| {
            let turn = next[connection].fetch_add(1, Ordering::Relaxed);
            let records = stock[connection].chunks(MUTATIONS).nth(turn);
            let records = records.expect("fewer pushes of patches than of creates");
            devices[connection].write(into, &patches(run + 100, push, records));
        };
        one_kind("patches", (server, folder), (run + 10, connections), &devices, &patch);
    }
}

/// Name and revision of what the pushes of `run` made, in the order in which they did.
pub(crate) fn stock(server: &Child, account: &Account, run: u32) -> Vec<(String, String, i64)> {
    let mut connection = Connection::open(server.address);
    let answer = connection.exchange(&account.get("/v1/sync/revs", ""));
    let revs: Value = serde_json::from_slice(answer.body).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = revs["items"].as_array().unwrap().iter();
    let mut all: Vec<_> = items
        .map(|item| (text(&item["c"]), text(&item["id"]), item["rev"].as_i64().unwrap()))
        .filter(|(_, id, _)| id.starts_with(&format!("{run:04x}")))
        .collect();
    all.sort_unstable_by(|(_, one, _), (_, other, _)| one.cmp(other));
    all
}

fn one_kind(
    kind: &str,
    (server, folder): (&Child, &Path),
    (run, connections): (u32, usize),
    devices: &[Device<'_>],
    request: &(dyn Fn(usize, u32, &mut Vec<u8>) + Sync),
) {
    // The last number of all: its rows are what the loop writes, its answer what the bare server sends.
    let mut probe = Vec::new();
    request(0, 9_999, &mut probe);
    let mut connection = Connection::open(server.address);
    let answer = connection.exchange(&probe);
    devices[0].learn(answer.body);
    assert!(!contains(answer.body, "\"rejected\""), "{}", String::from_utf8_lossy(answer.body));
    let bare = bare_with(answer.body, folder, &format!("push{run}"));
    let ours = folder.join("afterview.db");
    RawDatabase::check_point(&ours);
    let path = folder.join(format!("raw-push{run}.db"));
    std::fs::copy(&ours, &path).unwrap();
    let mut raw = RawPush::open(&path, run + 200, i64::try_from(connections).unwrap());
    let learn = |connection: usize, _: u32, body: &[u8]| devices[connection].learn(body);
    let (address, pid) = (server.address, server.pid());
    let load = Load { address, connections, status: &|_| 200, request, learn: &learn };
    let bare_pid = bare.pid();
    let again = |_: usize, _: u32, into: &mut Vec<u8>| into.extend_from_slice(&probe);
    let bare_load = Load { address: bare.address, request: &again, learn: LEARN_NOTHING, ..load };
    let sides = vec![
        Side::new("server", |first, n| with_cpu(&pid, || load.run(first, n))),
        Side::new("raw SQLite, same rows", |_, n| raw.run(n)),
        Side::new("bare actix-web", |first, n| with_cpu(&bare_pid, || bare_load.run(first, n))),
    ];
    let many = u32::try_from(connections).unwrap();
    // Fewer patches than creates: each changes what one of those made.
    let turn = if kind == "patches" { PUSHES / 2 } else { PUSHES };
    compare(&format!("push 100 {kind}, {many} conn."), ROUNDS, turn, sides);
}

/// A bare server that answers `body`.
fn bare_with(body: &[u8], folder: &Path, name: &str) -> Child {
    let folder = folder.join(format!("bare-{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("answer"), body).unwrap();
    Child::bare(&folder)
}

/// A page of 1,000 changes.
pub(crate) fn pull(server: &Child, accounts: &[Account], folder: &Path) {
    let device = Device::new(server, accounts.last().unwrap());
    let mut connection = Connection::open(server.address);
    let here = device.cursor.lock().unwrap().clone();
    for push in 0..u32::try_from(CHANGES / MUTATIONS).unwrap() {
        let mut request = Vec::new();
        device.write(&mut request, &creates(50, push));
        device.learn(connection.exchange(&request).body);
    }
    let mut request = Vec::new();
    device.write_from(&mut request, &here, "");
    beside_bare("pull of 1,000", (server, folder), &request, (1, PULLS));
    beside_bare("pull of 1,000", (server, folder), &request, (DEVICES, PULLS));
}

/// A round in which nothing has changed, and the question whether anything has.
pub(crate) fn unchanged(server: &Child, accounts: &[Account], folder: &Path) {
    let device = Device::new(server, &accounts[0]);
    let mut request = Vec::new();
    device.write(&mut request, "");
    beside_bare("sync, nothing changed", (server, folder), &request, (READERS, CHECKS));
    let mut connection = Connection::open(server.address);
    let head = connection.exchange(&device.account.get("/v1/sync/head", "")).head.to_owned();
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).expect("a tag");
    let request = device.account.get("/v1/sync/head", &format!("if-none-match: {tag}\r\n"));
    beside_bare("sync head 304", (server, folder), &request, (READERS, CHECKS));
}

/// One request again and again, of the server and of a bare one that answers the same bytes.
fn beside_bare(
    workload: &str,
    (server, folder): (&Child, &Path),
    request: &[u8],
    (connections, requests): (usize, u32),
) {
    let mut connection = Connection::open(server.address);
    let answer = connection.exchange(request);
    let bare = bare_with(answer.body, folder, "read");
    let status = answer.status;
    let write = |_: usize, _: u32, into: &mut Vec<u8>| into.extend_from_slice(request);
    let side = |name, child: &Child| {
        let (address, pid, request, learn) = (child.address, child.pid(), &write, LEARN_NOTHING);
        Side::new(name, move |first, n| {
            let load = Load { address, connections, status: &|_| status, request, learn };
            with_cpu(&pid, || load.run(first, n))
        })
    };
    let sides = vec![side("server", server), side("bare actix-web", &bare)];
    compare(&format!("{workload}, {connections} conn."), ROUNDS, requests, sides);
}
