//! Whether requests cost the same however much the database holds, and however many accounts.
//!
//! **Must never** compare figures of two machines or of two runs.

use super::afterview::{Afterview, Shape};
use super::target::{Numbers, Target, WORKLOADS, Workload, side};
use super::{POSTGRES_NAME, SQLITE_NAME};
use crate::children::{Child, load_average};
use crate::postgres::database::Database;
use crate::report::{median, take_turns};
use crate::table::target::Job;
use std::path::Path;

/// Accounts, opportunities of each, and contacts of each: nobody may have more than 50,000 records. A
/// write plans anew the opportunity that it touches, so none has very many of the contacts.
const SIZES: [(u32, u32, u32); 6] = [
    (1, 500, 500),
    (1, 1_500, 28_500),
    (100, 50, 950),
    (100, 500, 9_500),
    (10_000, 1, 9),
    (10_000, 5, 95),
];

/// How often everything has a turn, and how long one takes, in milliseconds.
const ROUNDS: u32 = 2;
const MILLIS: u32 = 1_000;

/// How much more a request may cost than with the smallest.
const LIMIT: f64 = 1.3;

/// How often a start is measured, with how many records at least, and its aim in milliseconds.
const STARTS: u32 = 5;
const MANY_RECORDS: u32 = 900_000;
const AIM_MILLIS: f64 = 100.0;

/// Prints a table for each database that is wanted.
pub(crate) fn measure(folder: &Path, wanted: &dyn Fn(&str) -> bool) {
    println!(
        "CPU ms a request, in brackets how many times that with the fewest (limit {LIMIT}), load {}",
        load_average()
    );
    for on_postgres in [false, true] {
        let name = if on_postgres { "growth-postgres" } else { "growth-sqlite" };
        if !wanted(name) {
            continue;
        }
        heading(if on_postgres { POSTGRES_NAME } else { SQLITE_NAME });
        let mut first = Vec::new();
        for (accounts, opportunities, contacts) in SIZES {
            let folder = folder.join(format!("{name}-{accounts}-{contacts}"));
            std::fs::create_dir(&folder).unwrap();
            let size = (accounts, opportunities, contacts);
            let costs = one_size(&folder, size, on_postgres);
            if first.is_empty() {
                first.clone_from(&costs);
            }
            line(size, &costs, &first);
            std::fs::remove_dir_all(&folder).unwrap();
        }
    }
}

fn workloads() -> impl Iterator<Item = (Workload, &'static str, usize)> {
    let hot = Workload::Only(Job::CreateHot);
    WORKLOADS.into_iter().filter(move |(workload, _, _)| *workload != hot)
}

/// CPU time of a request of each workload, in milliseconds, that of the database included.
fn one_size(
    folder: &Path,
    (many, opportunities, contacts): (u32, u32, u32),
    on_postgres: bool,
) -> Vec<f64> {
    let shape = Shape { many, opportunities, contacts, heavy: 1, hot: 0, devices: 1 };
    let database = on_postgres.then(Database::start);
    let url = database.as_ref().map_or_else(
        || format!("sqlite://{}", folder.join("afterview.db").display()),
        Database::create,
    );
    let postmaster = database.as_ref().map(|database| database.postmaster().to_owned());
    let name = if on_postgres { POSTGRES_NAME } else { SQLITE_NAME };
    let mut target = Afterview::set((name, shape), folder, &url, postmaster);
    let numbers = Numbers::default();
    let mut costs = Vec::new();
    for (workload, _, connections) in workloads() {
        target.sign_in();
        let mut sides = [side(&target, workload, connections, &numbers)];
        take_turns(ROUNDS, MILLIS, &mut sides);
        costs.push((sides[0].cpu_micros() + sides[0].database_micros()) / 1e3);
    }
    drop(target);
    if many * contacts > MANY_RECORDS {
        let start = || Child::afterview_on(folder, &url).started_in.as_secs_f64() * 1e3;
        let millis = median((0..STARTS).map(|_| start()).collect());
        println!("{name}: first answer after {millis:.0} ms; aim {AIM_MILLIS} ms");
    }
    costs
}

fn heading(name: &str) {
    let names = workloads().map(|(_, name, _)| format!("{name:>21}"));
    println!("{name:<22} {:>9} {:>9}{}", "accounts", "contacts", names.collect::<String>());
}

fn line((accounts, _, contacts): (u32, u32, u32), costs: &[f64], first: &[f64]) {
    let cells = costs.iter().zip(first).map(|(cost, first)| {
        let ratio = cost / first;
        let mark = if ratio > LIMIT { "!" } else { " " };
        format!("{:>21}", format!("{cost:.3} ({ratio:.2}){mark}"))
    });
    println!("{:<22} {accounts:>9} {:>9}{}", "", accounts * contacts, cells.collect::<String>());
}
