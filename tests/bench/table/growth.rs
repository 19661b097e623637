//! Whether requests cost the same however much the database holds, and however many accounts.
//!
//! **Must never** compare figures of two machines or of two runs.

use super::afterview::{Afterview, Shape};
use super::target::{Numbers, Target, Workload, side, take};
use super::{Line, POSTGRES_NAME, SQLITE_NAME};
use crate::children::{Child, load_average};
use crate::postgres::database::Database;
use crate::report::{median, take_turns, warm_up};
use crate::table::target::Job;
use std::path::Path;
use tempfile::TempDir;

/// Accounts, opportunities of each, and contacts of each, first of the smallest, beside which each of the
/// others is measured. Nobody may have more than 50,000 records; a write plans anew the opportunity that it
/// touches, so none has very many of the contacts.
const SMALLEST: Size = (1, 500, 500);
const SIZES: [Size; 5] =
    [(1, 1_300, 24_700), (100, 50, 950), (100, 500, 9_500), (10_000, 1, 9), (10_000, 5, 95)];

type Size = (u32, u32, u32);

/// How long caches fill before anything is counted, how often both have a turn then, and how long one takes, in
/// milliseconds.
const WARM_UP: u32 = 2_000;
const ROUNDS: u32 = 3;
const MILLIS: u32 = 1_000;

/// Over how many connections everybody reads first, and how many of these reads there are for each account.
const MEETING: usize = 32;
const MEETINGS: u32 = 3;

/// How much more a request may cost than with the smallest.
const LIMIT: f64 = 1.3;

/// How often a start is measured, with how many records at least, and its aim in milliseconds.
const STARTS: u32 = 5;
const MANY_RECORDS: u32 = 900_000;
const AIM_MILLIS: f64 = 100.0;

/// Prints a table of these workloads for each database that is wanted.
pub(crate) fn measure(folder: &Path, workloads: &[Line], wanted: &dyn Fn(&str) -> bool) {
    println!(
        "CPU ms a request with the fewest -> with as many as the line says, and how many times that is (limit {LIMIT})"
    );
    for on_postgres in [false, true] {
        let name = if on_postgres { "growth-postgres" } else { "growth-sqlite" };
        if !wanted(name) {
            continue;
        }
        heading(if on_postgres { POSTGRES_NAME } else { SQLITE_NAME }, workloads);
        for size in SIZES {
            let scenes = [SMALLEST, size].map(|size| Scene::set(folder, size, on_postgres));
            line(size, &costs(&scenes, workloads));
            let [_, scene] = scenes;
            if size.0 * size.2 > MANY_RECORDS {
                scene.measure_start();
            }
        }
    }
}

/// All of these but the creates of one account: the smallest has but one.
pub(crate) fn among(workloads: Vec<Line>) -> Vec<Line> {
    let hot = Workload::Only(Job::CreateHot);
    workloads.into_iter().filter(|(workload, _, _)| *workload != hot).collect()
}

/// A server on a database of its own. All of it ends with it, in this order.
struct Scene {
    target: Afterview,
    numbers: Numbers,
    url: String,
    _database: Option<Database>,
    folder: TempDir,
}

impl Scene {
    fn set(folder: &Path, (many, opportunities, contacts): Size, on_postgres: bool) -> Self {
        let folder = tempfile::tempdir_in(folder).unwrap();
        let shape = Shape { many, opportunities, contacts, heavy: 1, hot: 0, devices: 1 };
        let database = on_postgres.then(Database::start);
        let url = database.as_ref().map_or_else(
            || format!("sqlite://{}", folder.path().join("afterview.db").display()),
            Database::create,
        );
        let postmaster = database.as_ref().map(|database| database.postmaster().to_owned());
        let name = if on_postgres { POSTGRES_NAME } else { SQLITE_NAME };
        let target = Afterview::set((name, shape), folder.path(), &url, postmaster);
        let numbers = Numbers::default();
        // Everybody's token is met for the first time.
        let meet = (many * MEETINGS, None, None);
        take(&target, Workload::Only(Job::Read), MEETING, &numbers, meet);
        Self { target, numbers, url, _database: database, folder }
    }

    /// Ends the server and starts it again, several times.
    fn measure_start(self) {
        let name = self.target.name();
        drop(self.target);
        let start =
            || Child::afterview_on(self.folder.path(), &self.url).started_in.as_secs_f64() * 1e3;
        let millis = median((0..STARTS).map(|_| start()).collect());
        println!("{name}: first answer after {millis:.0} ms; aim {AIM_MILLIS} ms");
    }
}

/// CPU time of a request of each workload for each side, in milliseconds, that of the database included.
fn costs(scenes: &[Scene; 2], workloads: &[Line]) -> Vec<[f64; 2]> {
    let of_one = |&(workload, _, connections): &Line| {
        let mut sides = scenes
            .each_ref()
            .map(|scene| side(&scene.target, workload, connections, &scene.numbers));
        warm_up(WARM_UP, &mut sides);
        take_turns(ROUNDS, MILLIS, &mut sides);
        sides.map(|side| (side.cpu_micros() + side.database_micros()) / 1e3)
    };
    workloads.iter().map(of_one).collect()
}

fn heading(name: &str, workloads: &[Line]) {
    let names = workloads.iter().map(|(_, name, _)| format!("{name:>25}"));
    println!("{name:<22} {:>9} {:>9}{}", "accounts", "contacts", names.collect::<String>());
}

fn line((accounts, _, contacts): Size, costs: &[[f64; 2]]) {
    let cells = costs.iter().map(|[few, many]| {
        let ratio = many / few;
        let mark = if ratio > LIMIT { "!" } else { " " };
        format!("{:>25}", format!("{few:.3} -> {many:.3} ({ratio:.2}){mark}"))
    });
    let cells = cells.collect::<String>();
    println!("load {:<17} {accounts:>9} {:>9}{cells}", load_average(), accounts * contacts);
}
