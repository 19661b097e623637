//! pgbench, as it comes with PostgreSQL, on the database of the server.
//!
//! **Must never** have it easier than the server where the rows are kept: the same database, tables,
//! indexes and durability.

use super::database::Database;
use crate::report::Sample;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

/// A script for a number of clients.
pub(crate) struct Pgbench<'a> {
    /// Where it runs.
    pub(crate) database: &'a Database,
    /// What every transaction does.
    pub(crate) script: &'static str,
    /// How many clients, each with one transaction under way.
    pub(crate) clients: usize,
    /// How long one turn takes.
    pub(crate) seconds: u32,
    /// What the script calls by name.
    pub(crate) variables: Vec<(&'static str, String)>,
}

impl Pgbench<'_> {
    /// One turn. Statements are prepared once by each client, and connecting is not counted.
    pub(crate) fn run(&self) -> Sample {
        let mut command = self.database.pgbench();
        let seconds = self.seconds.to_string();
        let (clients, threads) = (self.clients.to_string(), self.clients.min(2).to_string());
        command.args(["-n", "-M", "prepared", "-f", "-"]);
        command.args(["-c", &clients, "-j", &threads, "-T", &seconds]);
        for (name, value) in &self.variables {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        command.arg("bench").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut pgbench = command.spawn().unwrap();
        pgbench.stdin.take().unwrap().write_all(self.script.as_bytes()).unwrap();
        let output = pgbench.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "pgbench: {text}{errors}");
        assert_eq!(figure(&text, "number of failed transactions: "), 0.0, "{text}");
        sample(&text)
    }
}

fn sample(text: &str) -> Sample {
    let done = text
        .lines()
        .find_map(|line| line.strip_prefix("number of transactions actually processed: "));
    let requests: u32 = done.unwrap().split('/').next().unwrap().parse().unwrap();
    let elapsed = Duration::from_secs_f64(f64::from(requests) / figure(text, "tps = "));
    let latencies = Vec::new();
    Sample { requests, elapsed, latencies, cpu: Duration::ZERO, database_cpu: Duration::ZERO }
}

/// The number that stands behind these words.
fn figure(text: &str, words: &str) -> f64 {
    let (_, rest) = text.split_once(words).unwrap_or_else(|| panic!("{words} of pgbench: {text}"));
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    rest[..end].parse().unwrap()
}
