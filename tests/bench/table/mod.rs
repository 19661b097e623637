//! One table: fixed workloads, each beside its ceiling in the same run and beside others who do the
//! same job through their own interfaces.
//!
//! ```text
//! bench -- table            everybody, then live streams at rest and a burst of reminders
//! bench -- table-sqlite     Afterview on SQLite alone; table-postgres, table-pocketbase, table-kinto
//! bench -- table-sqlite push mixed     only workloads that begin so
//! bench -- growth           Afterview with more and more records and accounts; growth-sqlite, growth-postgres
//! ```
//!
//! **Must never** leave out in silence who could not be run.

mod afterview;
mod ceiling;
mod growth;
mod rows;
pub(crate) mod target;

use crate::children::load_average;
use crate::peers;
use crate::peers::kinto::Kinto;
use crate::peers::pocketbase::PocketBase;
use crate::postgres::database::Database;
use crate::report::{Side, take_turns};
use afterview::{Afterview, TABLE};
use ceiling::Storage;
use rows::{heading, print, print_before};
use std::path::{Path, PathBuf};
use std::time::Duration;
use target::{Numbers, Target, WORKLOADS, Workload, side, take};

/// How often everybody has a turn, and how long one takes, in milliseconds.
const ROUNDS: u32 = 3;
const MILLIS: u32 = 2_000;

/// Which share of the peak rate is sent at fixed times, over so many connections that one is free for
/// every request while answers come in time.
const SHARE: f64 = 0.7;
const PACED_CONNECTIONS: usize = 32;

/// How long a turn of it takes: the slowest hundredth of a few seconds is one flush of the disk.
const PACED_MILLIS: u32 = 10_000;

/// The aims of the latency then, and of the memory after mixed load with 100,000 records.
const AIM_MILLIS: f64 = 25.0;
const AIM_MIB: f64 = 60.0;

/// Loudly.
const NOT_RUN: &str = "*** not run, because AFTERVIEW_PYTHON names no environment that has it";

/// Who is in the table, and the word for each.
const SQLITE_NAME: &str = "Afterview, SQLite";
const POSTGRES_NAME: &str = "Afterview, PostgreSQL";
const SQLITE: &str = "table-sqlite";
const POSTGRES: &str = "table-postgres";
const POCKETBASE: &str = "table-pocketbase";
const KINTO: &str = "table-kinto";

/// A workload, its name and its connections.
type Line = (Workload, &'static str, usize);

/// Whether any word asks for the table.
pub(crate) fn is_wanted(words: &[String]) -> bool {
    words.iter().any(|word| word.starts_with("table") || word.starts_with("growth"))
}

/// Prints the lines of everybody who is wanted.
pub(crate) fn measure(words: &[String], folder: &Path) {
    let wanted = |name: &str| words.iter().any(|word| name.starts_with(word.as_str()));
    let folder = folder.join("table");
    std::fs::create_dir(&folder).unwrap();
    println!("load before {}", load_average());
    if wanted("growth-sqlite") || wanted("growth-postgres") {
        growth::measure(&folder, &growth::among(chosen(words)), &wanted);
    }
    if words.iter().any(|word| word.starts_with("table")) {
        table(&folder, words, &wanted);
    }
    println!("load after {}", load_average());
}

/// The workloads whose names are among the words; all of them without such a word.
fn chosen(words: &[String]) -> Vec<Line> {
    let is_table = |word: &&String| word.starts_with("table") || word.starts_with("growth");
    let words: Vec<&String> = words.iter().filter(|word| !is_table(word)).collect();
    let named = |name: &str| words.iter().any(|word| name.starts_with(word.as_str()));
    WORKLOADS.into_iter().filter(|(_, name, _)| words.is_empty() || named(name)).collect()
}

fn table(folder: &Path, words: &[String], wanted: &dyn Fn(&str) -> bool) {
    let workloads = chosen(words);
    heading();
    if wanted(SQLITE) {
        let file = folder.join("afterview.db");
        let url = format!("sqlite://{}", file.display());
        let target = Afterview::set((SQLITE_NAME, TABLE), folder, &url, None);
        afterview(target, &workloads, &Storage::Sqlite(file), folder);
    }
    if wanted(POSTGRES) {
        let database = Database::start();
        let (url, postmaster) = (database.create(), database.postmaster().to_owned());
        let name = (POSTGRES_NAME, TABLE);
        let target = Afterview::set(name, folder, &url, Some(postmaster));
        database.make_twins(0..TABLE.many);
        println!("PostgreSQL {}", database.settings());
        afterview(target, &workloads, &Storage::Postgres(database), folder);
    }
    if wanted(POCKETBASE) {
        match peers::program("pocketbase") {
            Some(program) => {
                peer(&mut PocketBase::set(&program, &home(folder, POCKETBASE)), &workloads);
            }
            None => println!("{NOT_RUN}: PocketBase"),
        }
    }
    if wanted(KINTO) {
        match peers::program("gunicorn") {
            Some(program) => peer(&mut Kinto::set(&program, &home(folder, KINTO)), &workloads),
            None => println!("{NOT_RUN}: Kinto"),
        }
    }
    print_before();
    // What has no like elsewhere.
    if words.iter().any(|word| word == "table") && workloads.len() == WORKLOADS.len() {
        crate::streams::measure(&home(folder, "streams"));
        crate::reminders::measure(&home(folder, "reminders-of-table"));
    }
}

fn home(folder: &Path, name: &str) -> PathBuf {
    let home = folder.join(name);
    std::fs::create_dir(&home).unwrap();
    home
}

fn afterview(mut target: Afterview, workloads: &[Line], storage: &Storage, folder: &Path) {
    let numbers = Numbers::default();
    for &(workload, name, connections) in workloads {
        target.sign_in();
        target.forget_peak();
        let mut sides = vec![side(&target, workload, connections, &numbers)];
        sides.extend(ceiling::of(&target, storage, (workload, connections), folder));
        take_turns(ROUNDS, MILLIS, &mut sides);
        print(name, workload, &target, &sides[0], sides.get(1));
        if workload == Workload::Mixed {
            let (all, own) = (target.server().resident_mib(), target.server().own_mib());
            println!(
                "{}: {all:.0} MiB after the mixed load, {own:.0} of them not mapped from files; aim {AIM_MIB} MiB",
                target.name()
            );
            paced(&target, sides[0].rate(), &numbers);
        }
    }
}

fn peer(target: &mut dyn Target, workloads: &[Line]) {
    let numbers = Numbers::default();
    for &(workload, name, connections) in workloads {
        target.sign_in();
        target.forget_peak();
        if !target.can(workload) {
            println!("{name:<21} {:<22} *** not run: see the README", target.name());
            continue;
        }
        let mut sides = [side(target, workload, connections, &numbers)];
        take_turns(ROUNDS, MILLIS, &mut sides);
        print(name, workload, target, &sides[0], None);
        if workload == Workload::Mixed {
            paced(target, sides[0].rate(), &numbers);
        }
    }
}

/// Requests at fixed times, fewer than could be answered.
fn paced(target: &dyn Target, peak: f64, numbers: &Numbers) {
    let every = Duration::from_secs_f64(1.0 / (peak * SHARE));
    let mut side = Side::new(target.name(), |_, millis| {
        let requests = Duration::from_millis(millis.into()).div_duration_f64(every).floor();
        let turn = (whole(requests).max(1), None, Some(every));
        take(target, Workload::Mixed, PACED_CONNECTIONS, numbers, turn)
    });
    take_turns(ROUNDS, PACED_MILLIS, std::slice::from_mut(&mut side));
    print("mixed at 70 % of it", Workload::Mixed, target, &side, None);
    let p99 = side.latency_millis(990);
    println!("{}: p99 {p99:.1} ms at 70 % of its peak; aim {AIM_MILLIS} ms", target.name());
}

/// A whole number of requests.
fn whole(number: f64) -> u32 {
    format!("{number:.0}").parse().unwrap()
}
