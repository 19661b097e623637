//! An hour of mixed load, in which the server is killed every minute and started again on the same files.
//!
//! ```text
//! bench -- soak                  on SQLite, then on PostgreSQL, an hour each
//! bench -- soak 5 sqlite         for five minutes on one of them (or postgres)
//! ```
//!
//! The generator keeps a ledger of what was acknowledged. After every start all of it that is new must be
//! there at its revision, and in the end all of it. A push that was not answered is sent again, word for
//! word. On PostgreSQL the database stays up.
//!
//! **Must never** take an answer of the server for a loss of the connection.

mod ledger;
mod worker;

use crate::children::{Child, load_average};
use crate::people::{self, Group};
use crate::postgres::database::Database;
use afterview_tests::Databases;
use ledger::Ledger;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use worker::Worker;

/// How long a life of the server lasts, and how many there are unless a number of minutes is given.
const LIFE: Duration = Duration::from_secs(60);
const LIVES: u32 = 60;

/// Accounts that are written to, opportunities of each, and connections.
const PEOPLE: u32 = 400;
const OPPORTUNITIES: u32 = 200;
const WORKERS: u32 = 16;

/// What was seen at the end of a life, just before the kill.
struct Life {
    answers: u32,
    acknowledged: usize,
    started_ms: f64,
    resident_mib: f64,
    open_files: usize,
    disk_mib: f64,
}

/// Where everything is.
struct Scene {
    folder: PathBuf,
    url: String,
    database: Option<Database>,
}

/// Whether the words ask for it.
pub(crate) fn is_wanted(words: &[String]) -> bool {
    words.first().is_some_and(|word| word == "soak")
}

/// Soaks what the words name.
pub(crate) fn measure(words: &[String], folder: &Path) {
    let lives = words.iter().find_map(|word| word.parse().ok()).unwrap_or(LIVES);
    let only = words.iter().any(|word| word == "sqlite" || word == "postgres");
    for name in ["sqlite", "postgres"] {
        if !only || words.iter().any(|word| word == name) {
            let folder = folder.join(format!("soak-{name}"));
            std::fs::create_dir(&folder).unwrap();
            println!("soak on {name}, {lives} lives of {LIFE:?}, load {}", load_average());
            soak(&Scene::set(folder, name == "postgres"), lives);
        }
    }
}

fn soak(scene: &Scene, lives: u32) {
    let ledger = Ledger::new(PEOPLE);
    let mut workers: Vec<Worker> = (0..WORKERS).map(Worker::new).collect();
    println!(
        "{:>5} {:>9} {:>13} {:>9} {:>8} {:>6} {:>9} {:>11}",
        "life",
        "answers",
        "acknowledged",
        "start ms",
        "RSS MiB",
        "files",
        "disk MiB",
        "bytes/write"
    );
    let mut seen = Vec::new();
    for number in 0..lives {
        let life = live(scene, &ledger, &mut workers);
        let each = life.disk_mib * 1024.0 * 1024.0 / f64::from(whole(life.acknowledged));
        println!(
            "{:>5} {:>9} {:>13} {:>9.0} {:>8.1} {:>6} {:>9.1} {each:>11.0}",
            number + 1,
            life.answers,
            life.acknowledged,
            life.started_ms,
            life.resident_mib,
            life.open_files,
            life.disk_mib
        );
        seen.push(life);
    }
    let server = scene.start();
    resume(scene, &server, &ledger, &mut workers);
    let people = people::sign_in(&scene.folder, 0..PEOPLE);
    let records = ledger.check_all(server.address, &people);
    drop(server);
    scene.check();
    let (first, last) = (&seen[0], &seen[seen.len() - 1]);
    println!(
        "every one of {records} acknowledged writes is there after {lives} kills; from the first life to the last: \
         RSS {:.1} to {:.1} MiB, files {} to {}, start {:.0} to {:.0} ms; load {}",
        first.resident_mib,
        last.resident_mib,
        first.open_files,
        last.open_files,
        first.started_ms,
        last.started_ms,
        load_average()
    );
}

/// From a start to the kill.
fn live(scene: &Scene, ledger: &Ledger, workers: &mut [Worker]) -> Life {
    let began = Instant::now();
    let mut server = scene.start();
    let people = resume(scene, &server, ledger, workers);
    let (dying, address) = (AtomicBool::new(false), server.address);
    let answers = std::thread::scope(|scope| {
        let threads: Vec<_> = workers
            .iter_mut()
            .map(|worker| scope.spawn(|| worker.work(address, &people, ledger, &dying)))
            .collect();
        // What a life is: so long, whatever happens in it.
        std::thread::sleep(LIFE.saturating_sub(began.elapsed()));
        let seen = (server.resident_mib(), server.open_files(), server.started_in);
        assert!(server.is_running(), "the server has ended by itself");
        dying.store(true, Ordering::SeqCst);
        drop(server);
        let answers = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        (answers, seen)
    });
    let (answers, (resident_mib, open_files, started_in)) = answers;
    let (acknowledged, disk_mib) = (ledger.len(), scene.disk_mib());
    let started_ms = started_in.as_secs_f64() * 1e3;
    Life { answers, acknowledged, started_ms, resident_mib, open_files, disk_mib }
}

/// What is new in the ledger is there, and what was not answered is sent again.
fn resume(
    scene: &Scene,
    server: &Child,
    ledger: &Ledger,
    workers: &mut [Worker],
) -> Vec<crate::scene::Account> {
    let people = people::sign_in(&scene.folder, 0..PEOPLE);
    ledger.check_new(server.address, &people);
    workers.iter_mut().for_each(|worker| worker.send_again(server.address, &people, ledger));
    people
}

fn whole(count: usize) -> u32 {
    u32::try_from(count.max(1)).unwrap()
}

impl Scene {
    fn set(folder: PathBuf, on_postgres: bool) -> Self {
        let database = on_postgres.then(Database::start);
        let url = database.as_ref().map_or_else(
            || format!("sqlite://{}", folder.join("afterview.db").display()),
            Database::create,
        );
        let (accounts, opportunities) = (0..PEOPLE, OPPORTUNITIES);
        let group = Group { accounts, opportunities, contacts: 0, together: 1 };
        people::settle(Child::afterview_on(&folder, &url), &url, &[group]);
        Self { folder, url, database }
    }

    fn start(&self) -> Child {
        Child::afterview_on(&self.folder, &self.url)
    }

    /// What the database has on the disk.
    fn disk_mib(&self) -> f64 {
        let bytes = match &self.database {
            Some(database) => {
                database.psql("SELECT pg_database_size('bench')").parse::<f64>().unwrap()
            }
            None => {
                let files = ["afterview.db", "afterview.db-wal"].map(|name| self.folder.join(name));
                let sizes = files.iter().filter_map(|file| std::fs::metadata(file).ok());
                sizes.map(|data| f64::from(u32::try_from(data.len() / 1024).unwrap())).sum::<f64>()
                    * 1024.0
            }
        };
        bytes / 1024.0 / 1024.0
    }

    /// The file is sound.
    fn check(&self) {
        if self.database.is_none() {
            let query = "SELECT integrity_check AS line FROM pragma_integrity_check";
            assert_eq!(Databases::open([self.url.clone()]).lines(query), ["ok"]);
        }
    }
}
