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
    let options = |url: String| StoreOptions { url: url.into(), ..config.store() };
    let began = Instant::now();
    let mut told: Option<Instant> = None;
    let copied = Store::copy(&options(from), &options(to), &mut |progress| {
        let is_last = progress.done == progress.accounts;
        if is_last || told.is_none_or(|told| told.elapsed() >= TOLD_EVERY) {
            told = Some(Instant::now());
            eprintln!("{}", line(progress, began.elapsed()));
        }
        ControlFlow::Continue(())
    })?;
    print!("{}", summary(copied));
    Ok(())
}

fn line(Progress { accounts, done, rows }: Progress, elapsed: Duration) -> String {
    let per_second = u128::from(rows) * 1_000 / elapsed.as_millis().max(1);
    format!("{done} of {accounts} accounts, {rows} rows, {per_second} rows/s")
}

fn summary(Copied { copied, equal, .. }: Copied) -> String {
    format!(
        "accounts copied: {copied}, equal already: {equal}\n\
         compared in each: the number of rows of every table, the live records, their digest\n\
         left behind: the signing keys, files in AFTERVIEW_SECRETS_DIR; a server on another machine needs \
         them, too\n"
    )
}
