//! What could be reached at best, for each workload that has such a thing: a bare server that answers
//! the same bytes, a loop that writes the same rows to SQLite, pgbench that writes them to PostgreSQL.

use super::afterview::{Afterview, RUN, TABLE};
use super::target::{CONNECTIONS, Job, Target, Workload};
use crate::ceilings::{RawDatabase, Rows};
use crate::children::{Child, cpu_of};
use crate::load::{Connection, LEARN_NOTHING, Load, Turn};
use crate::postgres::database::Database;
use crate::postgres::pgbench::Pgbench;
use crate::postgres::template;
use crate::raw_push::RawPush;
use crate::report::{Sample, Side};
use crate::scene::OPPORTUNITIES;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The number of the request whose answer or rows are done again.
const PROBE: u32 = 3_000_000_000;

/// The first part of the names of records that a loop writes.
const RAW_RUN: u32 = 200;

/// Where Afterview keeps everything.
pub(crate) enum Storage {
    Sqlite(PathBuf),
    Postgres(Database),
}

/// What a request is answered with.
pub(crate) fn probe(target: &dyn Target, job: Job) -> Vec<u8> {
    let mut request = Vec::new();
    target.write(job, 0, PROBE, &mut request);
    let mut connection = Connection::open(target.address());
    let answer = connection.exchange(&request);
    let body = String::from_utf8_lossy(answer.body);
    assert_eq!(answer.status, target.status(job), "{body}");
    assert!(!body.contains("\"rejected\""), "{body}");
    target.learn(job, 0, answer.body);
    answer.body.to_vec()
}

/// The ceiling of a workload, if it has one.
pub(crate) fn of<'a>(
    target: &Afterview,
    storage: &'a Storage,
    (workload, connections): (Workload, usize),
    folder: &Path,
) -> Option<Side<'a>> {
    let Workload::Only(job) = workload else { return None };
    let clients = connections;
    Some(match (job, storage) {
        (Job::Read | Job::Pull | Job::Poll, _) => bare(target, job, connections, folder),
        (Job::Create | Job::CreateHot, Storage::Sqlite(file)) => raw_create(target, job, file),
        (Job::Push, Storage::Sqlite(file)) => raw_push(target, file),
        (Job::Create, Storage::Postgres(database)) => pg_create(target, database, clients),
        (Job::Push, Storage::Postgres(database)) => pg_push(target, database, clients),
        (Job::CreateHot, Storage::Postgres(_)) => return None,
    })
}

/// The same bytes, or the same absence of them, from a server that does nothing.
fn bare(target: &Afterview, job: Job, connections: usize, folder: &Path) -> Side<'static> {
    let folder = folder.join(format!("bare-{job:?}"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("answer"), probe(target, job)).unwrap();
    let (server, status) = (Child::bare(&folder), target.status(job));
    let mut request = Vec::new();
    target.write(job, 0, PROBE, &mut request);
    Side::new("bare actix-web", move |first, millis| {
        let load = Load {
            address: server.address,
            connections,
            status: &|_| status,
            request: &|_, _, into| into.extend_from_slice(&request),
            learn: LEARN_NOTHING,
        };
        let end = Some(Duration::from_millis(millis.into()));
        let before = cpu_of(&server.pid());
        let sample = load.take(Turn { first, requests: u32::MAX, end, every: None });
        Sample { cpu: cpu_of(&server.pid()) - before, ..sample }
    })
}

/// A copy of the database as it is now.
fn copy(file: &Path, name: &str) -> PathBuf {
    RawDatabase::check_point(file);
    let path = file.with_file_name(name);
    std::fs::copy(file, &path).unwrap();
    path
}

fn raw_create(target: &Afterview, job: Job, file: &Path) -> Side<'static> {
    let doc = String::from_utf8(probe(target, job)).unwrap();
    let field_meta = RawDatabase::newest_field_meta(file);
    let mut raw = RawDatabase::open(&copy(file, "raw-create.db"), &doc, &field_meta);
    Side::new("raw SQLite, 32 a commit", move |_, millis| {
        for_a_while(millis, || raw.run(32 * CONNECTIONS, CONNECTIONS, Rows::All))
    })
}

fn raw_push(target: &Afterview, file: &Path) -> Side<'static> {
    probe(target, Job::Push);
    let mut raw = RawPush::open(&copy(file, "raw-push.db"), RAW_RUN, 8);
    Side::new("raw SQLite, same rows", move |_, millis| for_a_while(millis, || raw.run(8)))
}

/// Again and again until the time is up.
fn for_a_while(millis: u32, mut run: impl FnMut() -> Sample) -> Sample {
    let (begin, mut all) = (Instant::now(), run());
    while begin.elapsed() < Duration::from_millis(millis.into()) {
        let next = run();
        all.requests += next.requests;
        all.elapsed += next.elapsed;
        all.cpu += next.cpu;
        all.latencies.extend(next.latencies);
    }
    all
}

fn pg_create<'a>(target: &Afterview, database: &'a Database, clients: usize) -> Side<'a> {
    probe(target, Job::Create);
    let owner = newest_writer(database);
    let mut variables = template::of_a_create(database, owner);
    variables.extend(everybody());
    variables.push(("opportunities", (OPPORTUNITIES - 1).to_string()));
    let script = include_str!("../postgres/scripts/create.sql");
    pgbench(Pgbench { database, script, clients, seconds: 0, variables })
}

fn pg_push<'a>(target: &Afterview, database: &'a Database, clients: usize) -> Side<'a> {
    probe(target, Job::Push);
    let owner = newest_writer(database);
    let names = crate::sync::name(RUN, PROBE, 0);
    let first = names.split('-').next().unwrap();
    let mut variables = template::of_creates(database, owner, first);
    variables.extend(everybody());
    let script = include_str!("../postgres/scripts/push_creates.sql");
    pgbench(Pgbench { database, script, clients, seconds: 0, variables })
}

fn everybody() -> [(&'static str, String); 2] {
    [("first", "0".to_owned()), ("last", (TABLE.many - 1).to_string())]
}

/// The number of the account that wrote last.
fn newest_writer(database: &Database) -> usize {
    let newest = "SELECT number FROM bench.accounts JOIN account_sync USING (account_id)
        ORDER BY last_stamp DESC LIMIT 1";
    database.psql(newest).parse().unwrap()
}

fn pgbench(pgbench: Pgbench<'_>) -> Side<'_> {
    Side::new("pgbench, same rows", move |_, millis| {
        let seconds = millis.div_ceil(1_000).max(1);
        let before = pgbench.database.cpu();
        let sample = Pgbench { seconds, variables: pgbench.variables.clone(), ..pgbench }.run();
        Sample { database_cpu: pgbench.database.cpu().saturating_sub(before), ..sample }
    })
}
