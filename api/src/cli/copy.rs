//! `afterview copy`: everything from one database to another.
//!
//! **Must never** print a URL: it may hold a password.

use super::CliError;
use crate::config::Config;
use crate::store::{Copied, Progress, Store, StoreOptions};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// How often the operator is told how far the copy is.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// Copies, tells how far it is on standard error and what was done on standard output.
pub(super) fn run(config: &Config, from: String, to: String) -> Result<(), CliError> {
    let options = |url| StoreOptions { url, ..config.store() };
    let began = Instant::now();
    let mut told = began;
    let copied = Store::copy(&options(from), &options(to), &mut |progress| {
        if told.elapsed() >= TOLD_EVERY {
            told = Instant::now();
            eprintln!("{}", line(progress, began.elapsed()));
        }
        ControlFlow::Continue(())
    })?;
    print!("{}", summary(copied, began.elapsed()));
    Ok(())
}

fn line(Progress { accounts, done, rows }: Progress, elapsed: Duration) -> String {
    format!("{done} of {accounts} accounts, {rows} rows, {} rows/s", per_second(rows, elapsed))
}

fn summary(Copied { copied, equal, rows }: Copied, elapsed: Duration) -> String {
    let tenths = elapsed.as_millis().div_ceil(100);
    let (seconds, tenths) = (tenths / 10, tenths % 10);
    format!(
        "accounts copied: {copied} ({rows} rows in {seconds}.{tenths} s), there already: {equal}\n\
         compared for each of them: rows of all tables, live records, digest\n\
         The signing keys are files in AFTERVIEW_SECRETS_DIR and stay there: a server on another machine \
         needs that folder, too.\n"
    )
}

fn per_second(rows: u64, elapsed: Duration) -> u128 {
    u128::from(rows) * 1_000 / elapsed.as_millis().max(1)
}
