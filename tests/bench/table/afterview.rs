//! Afterview as one of those who do the jobs, on either database.

use super::target::{CONNECTIONS, Job, Target, Workload, scatter, scatter_other};
use crate::ceilings::raw_id;
use crate::children::{Child, cpu_of, cpu_of_family};
use crate::load::Connection;
use crate::people::{self, Group, contact_name};
use crate::scene::{Account, OPPORTUNITIES, contact};
use crate::sync::creates;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How many accounts there are for what, each group behind the one before.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// Accounts that are read and written to, how many opportunities each has, and how many contacts.
    pub(crate) many: u32,
    pub(crate) opportunities: u32,
    pub(crate) contacts: u32,
    /// Those with 1,000 changes that a device has not seen, and that nobody writes to.
    pub(crate) heavy: u32,
    /// Those that take all writes for a while.
    pub(crate) hot: u32,
    /// How many devices each connection pushes by, one after the other.
    pub(crate) devices: u32,
}

/// With about 100,000 records.
pub(crate) const TABLE: Shape = Shape {
    many: 1_000,
    opportunities: OPPORTUNITIES,
    contacts: 14,
    heavy: CONNECTIONS,
    hot: 16,
    devices: 3,
};

/// Opportunities of an account that takes very many contacts: nobody has all of them in a few.
const HOT_OPPORTUNITIES: u32 = 500;

/// Opportunities of those to which nobody adds a contact.
const FEW: u32 = 5;

impl Shape {
    fn heavy(self) -> Range<u32> {
        self.many..self.many + self.heavy
    }

    fn hot(self) -> Range<u32> {
        self.heavy().end..self.heavy().end + self.hot
    }

    fn pushing(self) -> Range<u32> {
        self.hot().end..self.hot().end + CONNECTIONS * self.devices
    }

    fn groups(self) -> [Group; 4] {
        let Self { many, opportunities, contacts, .. } = self;
        let group = |accounts, opportunities, contacts, together| Group {
            accounts,
            opportunities,
            contacts,
            together,
        };
        [
            group(0..many, opportunities, contacts, 1),
            group(self.heavy(), FEW, CHANGES, 100),
            group(self.hot(), HOT_OPPORTUNITIES, 0, 1),
            group(self.pushing(), FEW, 0, 1),
        ]
    }
}

/// The first part of the names of records that devices push.
pub(crate) const RUN: u32 = 7;

/// Changes of a page.
const CHANGES: u32 = 1_000;

/// Creates of one hot account, and pushes of one device: nobody may have more than 50,000 records.
const HOT_CREATES: u32 = 40_000;
const PUSHES: u32 = 400;

/// A server with its people.
pub(crate) struct Afterview {
    name: &'static str,
    shape: Shape,
    server: Child,
    folder: PathBuf,
    postmaster: Option<String>,
    accounts: Vec<Account>,
    /// Where the devices of the heavy accounts stand, and the entity tags of their heads.
    heavy: Vec<(String, String)>,
    /// Where the pushing devices stand.
    cursors: Vec<Mutex<String>>,
    pushes: Vec<AtomicU32>,
}

impl Afterview {
    /// Fills an empty database and starts a server on it, with its files in `folder`. `postmaster` is
    /// the process of PostgreSQL.
    pub(crate) fn set(
        (name, shape): (&'static str, Shape),
        folder: &Path,
        url: &str,
        postmaster: Option<String>,
    ) -> Self {
        people::settle(Child::afterview_on(folder, url), url, &shape.groups());
        let server = Child::afterview_on(folder, url);
        let mut all = Self {
            name,
            shape,
            server,
            folder: folder.to_owned(),
            postmaster,
            accounts: Vec::new(),
            heavy: Vec::new(),
            cursors: Vec::new(),
            pushes: (0..CONNECTIONS).map(|_| AtomicU32::new(0)).collect(),
        };
        all.sign_in();
        all.heavy = shape.heavy().map(|number| all.before_last_page(number)).collect();
        let start = |number| Mutex::new(all.pull(number, CHANGES, None).0);
        all.cursors = shape.pushing().map(start).collect();
        all
    }

    /// The node.
    pub(crate) fn server(&self) -> &Child {
        &self.server
    }

    fn account(&self, number: u32) -> &Account {
        &self.accounts[usize::try_from(number).unwrap()]
    }

    /// The cursor after a page, and how many bytes the page had.
    fn pull(&self, number: u32, limit: u32, cursor: Option<&str>) -> (String, usize) {
        let mut request = Vec::new();
        changes(self.account(number), limit, cursor, &mut request);
        let mut connection = Connection::open(self.server.address);
        let answer = connection.exchange(&request);
        let body = String::from_utf8_lossy(answer.body);
        assert_eq!(answer.status, 200, "{body}");
        (cursor_of(&body).to_owned(), body.len())
    }

    /// Where a device stands that has all but the last page, and the tag of the head.
    fn before_last_page(&self, number: u32) -> (String, String) {
        let mut connection = Connection::open(self.server.address);
        let answer = connection.exchange(&self.account(number).get("/v1/sync/head", ""));
        let tag = answer.head.lines().find_map(|line| line.strip_prefix("etag: "));
        let tag = tag.expect("the head has an entity tag").to_owned();
        let head: serde_json::Value = serde_json::from_slice(answer.body).unwrap();
        let all = u32::try_from(head["live_records"].as_u64().unwrap()).unwrap();
        let (cursor, _) = self.pull(number, all - CHANGES, None);
        let (_, bytes) = self.pull(number, CHANGES, Some(&cursor));
        if number == self.shape.heavy().start {
            println!("{}: a page of {CHANGES} changes has {bytes} bytes", self.name);
        }
        (cursor, tag)
    }

    fn push(&self, connection: usize, number: u32, into: &mut Vec<u8>) {
        let turn = self.pushes[connection].fetch_add(1, Ordering::Relaxed);
        let device = self.device(connection, turn);
        let cursor = self.cursors[device].lock().unwrap();
        let body = format!(
            r#"{{"protocol":1,"schema":1,"cursor":"{cursor}","client_time":1780000000000,"max_changes":{CHANGES},"mutations":[{}]}}"#,
            creates(RUN, number)
        );
        let account = self.account(self.shape.pushing().start + u32::try_from(device).unwrap());
        account.write(into, "POST /v1/sync", "", body.as_bytes());
    }

    /// The device of a connection at its push of that number.
    fn device(&self, connection: usize, turn: u32) -> usize {
        let device = turn / PUSHES;
        assert!(device < self.shape.devices, "more pushes than accounts may have records");
        usize::try_from(CONNECTIONS * device).unwrap() + connection
    }
}

fn changes(account: &Account, limit: u32, cursor: Option<&str>, into: &mut Vec<u8>) {
    let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
    let what = format!("GET /v1/sync/changes?max_bytes=2097152&limit={limit}{cursor}");
    account.write(into, &what, "", b"");
}

fn cursor_of(body: &str) -> &str {
    let (_, rest) = body.rsplit_once("\"cursor\":\"").expect("a cursor");
    rest.split('"').next().unwrap_or_default()
}

impl Target for Afterview {
    fn name(&self) -> &'static str {
        self.name
    }

    fn address(&self) -> SocketAddr {
        self.server.address
    }

    fn sign_in(&mut self) {
        self.accounts = people::sign_in(&self.folder, 0..self.shape.pushing().end);
    }

    fn write(&self, job: Job, connection: usize, number: u32, into: &mut Vec<u8>) {
        let create = |account: u32, opportunities: u32, into: &mut Vec<u8>| {
            let body = contact(&raw_id(i64::from(number)), scatter_other(number, opportunities));
            self.account(account).write(into, "POST /v1/contacts", "", body.as_bytes());
        };
        let Shape { many, opportunities, contacts, .. } = self.shape;
        let turn = connection % self.heavy.len().max(1);
        let heavy = || self.account(many + u32::try_from(turn).unwrap());
        match job {
            Job::Read => {
                let account = scatter(number, many);
                let name = contact_name(account, scatter_other(number, contacts));
                let what = format!("GET /v1/contacts/{name}");
                self.account(account).write(into, &what, "", b"");
            }
            Job::Create => create(scatter(number, many), opportunities, into),
            Job::CreateHot => {
                let hot = number / HOT_CREATES % self.shape.hot;
                create(self.shape.hot().start + hot, HOT_OPPORTUNITIES, into);
            }
            Job::Pull => {
                let (cursor, _) = &self.heavy[turn];
                changes(heavy(), CHANGES, Some(cursor), into);
            }
            Job::Push => self.push(connection, number, into),
            Job::Poll => {
                let (_, tag) = &self.heavy[turn];
                let tag = format!("if-none-match: {tag}\r\n");
                heavy().write(into, "GET /v1/sync/head", &tag, b"");
            }
        }
    }

    fn status(&self, job: Job) -> u16 {
        match job {
            Job::Create | Job::CreateHot => 201,
            Job::Poll => 304,
            Job::Read | Job::Pull | Job::Push => 200,
        }
    }

    fn learn(&self, job: Job, connection: usize, body: &[u8]) {
        if job == Job::Push {
            let turn = self.pushes[connection].load(Ordering::Relaxed) - 1;
            let body = std::str::from_utf8(body).unwrap();
            let cursor = cursor_of(body);
            cursor.clone_into(&mut self.cursors[self.device(connection, turn)].lock().unwrap());
        }
    }

    fn cpu(&self) -> (Duration, Duration) {
        let database = self.postmaster.as_deref().map(cpu_of_family).unwrap_or_default();
        (cpu_of(&self.server.pid()), database)
    }

    fn peak_mib(&self) -> f64 {
        self.server.peak_mib()
    }

    fn forget_peak(&self) {
        self.server.forget_peak();
    }

    fn aim(&self, workload: Workload) -> Option<f64> {
        let [sqlite, postgres] = match workload {
            Workload::Only(Job::Read) => [0.040, 0.10],
            Workload::Only(Job::Create | Job::CreateHot) => [0.11, 0.12],
            Workload::Only(Job::Pull) => [0.75, 1.2],
            Workload::Only(Job::Push) => [1.6, 2.2],
            Workload::Only(Job::Poll) => [0.025, 0.04],
            Workload::Mixed => [0.15, 0.25],
        };
        Some(if self.postmaster.is_none() { sqlite } else { postgres })
    }
}
