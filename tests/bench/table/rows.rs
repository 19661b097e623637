//! The lines of the table.

use super::target::{Job, Target, Workload};
use crate::report::{Side, ratio};

/// What others took on a machine like this one, as it was measured before: CPU ms a request for read,
/// create, pull, push, poll and mixed.
const BEFORE: [(&str, [f64; 6]); 2] = [
    ("TrailBase 0.33, SQLite, not flushed", [0.137, 0.339, 6.6, 4.0, 0.158, 0.437]),
    ("syncstorage-rs 0.23, PostgreSQL", [0.438, 1.21, 4.45, 3.26, 0.300, 0.799]),
];

/// Prints what is only known from before.
pub(crate) fn print_before() {
    println!("measured before, not in this run, CPU ms: read, create, pull, push, poll, mixed");
    for (name, figures) in BEFORE {
        println!("{name}: {}", figures.map(|figure| figure.to_string()).join(", "));
    }
}

/// Which share of the rate of a bare server is to be reached.
fn share_aim(workload: Workload) -> &'static str {
    match workload {
        Workload::Only(Job::Read | Job::Pull) => ">0.5",
        Workload::Only(Job::Poll) => ">0.7",
        _ => "-",
    }
}

/// Prints the heading.
pub(crate) fn heading() {
    println!(
        "{:<21} {:<22} {:>8} {:>8} {:>8} {:>7} {:>7} {:>6} {:>6}  {:<21} {:>8} {:>6} {:>5} {:>7}",
        "workload",
        "who",
        "req./s",
        "p50 ms",
        "p99 ms",
        "CPU ms",
        "of it DB",
        "aim",
        "MiB",
        "ceiling",
        "its /s",
        "ratio",
        "aim",
        "CPU ms"
    );
}

/// Prints a line: CPU is that of the server and of its database, per request.
pub(crate) fn print(
    workload: &str,
    which: Workload,
    target: &dyn Target,
    side: &Side<'_>,
    ceiling: Option<&Side<'_>>,
) {
    let aim = target.aim(which).map_or_else(|| "-".to_owned(), |aim| format!("{aim:.3}"));
    let database = side.database_micros() / 1e3;
    let beside = ceiling.map_or_else(
        || format!("{:<21} {:>8} {:>6} {:>5} {:>7}", "-", "-", "-", "-", "-"),
        |best| {
            let cpu = (best.cpu_micros() + best.database_micros()) / 1e3;
            let (rate, ratio) = (best.rate(), ratio(side, best));
            let aim = share_aim(which);
            format!("{:<21} {rate:>8.0} {ratio:>6.2} {aim:>5} {cpu:>7.3}", best.name())
        },
    );
    println!(
        "{workload:<21} {:<22} {:>8.0} {:>8.2} {:>8.2} {:>7.3} {database:>8.3} {aim:>6} {:>6.0}  {beside}",
        side.name(),
        side.rate(),
        side.latency_millis(500),
        side.latency_millis(990),
        side.cpu_micros() / 1e3 + database,
        target.peak_mib(),
    );
}
