//! Kinto on PostgreSQL, under gunicorn with a worker a core, everybody in a bucket of their own.
//!
//! It is as durable as PostgreSQL by default: every commit is on the disk.

use super::service::{Service, run};
use super::{CHANGES, HEAVY, MANY, PUSH, RECORDS, ask, contact, request, share_out};
use crate::load::Connection;
use crate::postgres::database::Database;
use crate::table::target::{CONNECTIONS, Job, Target, Workload, scatter, scatter_other};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const RECORDS_PATH: &str = "/buckets/default/collections/contacts/records";

/// Threads of a worker: together as many as connections.
const THREADS: usize = 16;

/// How often a batch is sent that Kinto asks to send again.
const TRIES: u32 = 20;

/// A server with its people.
pub(crate) struct Kinto {
    service: Service,
    database: Database,
    /// The entity tags of the lists that nobody writes to.
    tags: Vec<String>,
}

impl Kinto {
    /// Starts it in an empty folder, with a database of its own, and fills it. `program` is gunicorn,
    /// beside which Kinto's own stands.
    pub(crate) fn set(program: &Path, folder: &Path) -> Self {
        let database = Database::start();
        let url = database.create();
        database.psql("ALTER DATABASE bench SET TIMEZONE TO UTC");
        std::fs::write(folder.join("kinto.ini"), settings(&url)).unwrap();
        let mut migrate = Command::new(program.with_file_name("kinto"));
        run(folder, migrate.args(["migrate", "--ini", "kinto.ini"]));
        let workers = std::thread::available_parallelism().unwrap().to_string();
        let service = Service::start(folder, |address| {
            let mut command = Command::new(program);
            command.args([
                "--paste",
                "kinto.ini",
                "--worker-class",
                "gthread",
                "--keep-alive",
                "75",
            ]);
            command.args(["--workers", &workers, "--threads", &THREADS.to_string()]);
            command.args(["--bind", &address.to_string()]);
            command
        });
        let mut all = Self { service, database, tags: Vec::new() };
        share_out(MANY, |number| all.fill(number, 0, RECORDS));
        share_out(HEAVY, |n| {
            (0..CHANGES / PUSH).for_each(|push| all.fill(MANY + n, push * PUSH, PUSH));
        });
        all.tags = (0..HEAVY).map(|n| all.tag(MANY + n)).collect();
        all.database.settle();
        all
    }

    fn fill(&self, account: u32, first: u32, count: u32) {
        let one = |n| {
            let name = record(account, n);
            format!(r#"{{"path":"{RECORDS_PATH}/{name}","body":{{"data":{{{}}}}}}}"#, contact(0))
        };
        let all: Vec<_> = (first..first + count).map(one).collect();
        let body = format!(r#"{{"defaults":{{"method":"PUT"}},"requests":[{}]}}"#, all.join(","));
        // It asks to be asked again when two make buckets at the same moment.
        for _ in 0..TRIES {
            let answer = ask(self.service.address, "POST /v1/batch", &person(account), &body);
            let answers = answer["responses"].as_array().unwrap();
            if answers.iter().all(|one| one["status"] == 200 || one["status"] == 201) {
                return;
            }
            assert!(answers.iter().any(|one| one["status"] == 409), "{answer}");
        }
        panic!("{TRIES} times refused");
    }

    fn tag(&self, account: u32) -> String {
        let mut text = Vec::new();
        let what = format!("GET /v1{RECORDS_PATH}?_limit=1");
        request(&mut text, &what, &person(account), "", "");
        let mut connection = Connection::open(self.service.address);
        connection.exchange(&text).header("etag").expect("a list has an entity tag").to_owned()
    }
}

fn settings(url: &str) -> String {
    let mut text =
        "[app:main]\nuse = egg:kinto\nkinto.includes = kinto.plugins.default_bucket\n".to_owned();
    // As its client library names the kind of database.
    let url = url.replacen("postgres://", "postgresql://", 1);
    for kind in ["storage", "permission", "cache"] {
        let _ = writeln!(text, "kinto.{kind}_backend = kinto.core.{kind}.postgresql");
        let _ = writeln!(text, "kinto.{kind}_url = {url}\nkinto.{kind}_pool_size = 50");
    }
    text + "kinto.userid_hmac_secret = 0123456789abcdef\n\
        kinto.default_bucket_hmac_secret = 0123456789abcdef\n\
        multiauth.policies = basicauth\n\
        kinto.batch_max_requests = 100\n"
}

/// Whoever shows the same name and password is the same person.
fn person(number: u32) -> String {
    format!("Basic {}", STANDARD.encode(format!("person{number}:correct horse battery")))
}

fn record(account: u32, ordinal: u32) -> String {
    format!("c{account}-{ordinal}")
}

impl Target for Kinto {
    fn name(&self) -> &'static str {
        "Kinto, PostgreSQL"
    }

    fn address(&self) -> SocketAddr {
        self.service.address
    }

    fn write(&self, job: Job, connection: usize, number: u32, into: &mut Vec<u8>) {
        let any = scatter(number, MANY);
        let connection = u32::try_from(connection).unwrap();
        let turn = connection % HEAVY;
        // Two writes to one list in the same millisecond are a conflict: each connection has its own.
        let own = connection + CONNECTIONS * scatter(number, MANY / CONNECTIONS);
        let mut send = |account: u32, what: &str, more: &str, body: &str| {
            request(into, what, &person(account), more, body);
        };
        match job {
            Job::Read => {
                let name = record(any, scatter_other(number, RECORDS));
                send(any, &format!("GET /v1{RECORDS_PATH}/{name}"), "", "");
            }
            Job::Create | Job::CreateHot => {
                let body = format!(r#"{{"data":{{{}}}}}"#, contact(number % 50));
                send(own, &format!("POST /v1{RECORDS_PATH}"), "", &body);
            }
            Job::Pull => {
                let what = format!("GET /v1{RECORDS_PATH}?_since=%220%22&_limit={CHANGES}");
                send(MANY + turn, &what, "", "");
            }
            Job::Push => {
                let one = format!(r#"{{"body":{{"data":{{{}}}}}}}"#, contact(0));
                let all = vec![one; usize::try_from(PUSH).unwrap()].join(",");
                let body = format!(
                    r#"{{"defaults":{{"method":"POST","path":"{RECORDS_PATH}"}},"requests":[{all}]}}"#
                );
                send(own, "POST /v1/batch", "", &body);
            }
            Job::Poll => {
                let tag = &self.tags[usize::try_from(turn).unwrap()];
                let more = format!("if-none-match: {tag}\r\n");
                send(MANY + turn, &format!("GET /v1{RECORDS_PATH}"), &more, "");
            }
        }
    }

    fn can(&self, workload: Workload) -> bool {
        workload != Workload::Only(Job::CreateHot)
    }

    fn status(&self, job: Job) -> u16 {
        match job {
            Job::Create | Job::CreateHot => 201,
            Job::Poll => 304,
            Job::Read | Job::Pull | Job::Push => 200,
        }
    }

    fn cpu(&self) -> (Duration, Duration) {
        (self.service.cpu(), self.database.cpu())
    }

    fn peak_mib(&self) -> f64 {
        self.service.peak_mib()
    }

    fn forget_peak(&self) {
        self.service.forget_peak();
    }
}
