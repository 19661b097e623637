//! Moves everything from one database to another, so that no device notices.
//!
//! Rows go as they are: stamps, epochs, digests, sessions. So cursors, refresh tokens and passwords are
//! good on the target as they were on the source. Each account is one transaction on the target and is
//! compared with the source before its commit, so an interrupted copy is run again and goes on. On
//! PostgreSQL it is read and written as any account is, as `afterview_account` behind the wall; only
//! without a limit on the time of a statement, because whole accounts take longer than a unit of a server.
//!
//! A running lease is copied as it is: nobody claims that work until it ends, within a minute.
//!
//! **Must never** write to the source, or make a row of its own.

mod account;
mod ends;
mod rows;
mod tables;

pub(super) use account::{fault_of_log, take_time};
pub(super) use ends::{check_version, named_accounts, table_names};
pub(super) use tables::{TABLES, Table, counts};

use super::{OpenError, Store, StoreError, StoreOptions};
use account::Outcome;
use ends::{Source, Target};
use std::ops::ControlFlow;

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many accounts the source has.
    pub accounts: usize,
    /// How many of them the target has now, compared.
    pub done: usize,
    /// How many rows were written.
    pub rows: u64,
}

/// What a copy did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// How many accounts were copied.
    pub copied: usize,
    /// How many the target had already, equal.
    pub equal: usize,
    /// How many rows were written.
    pub rows: u64,
}

impl Store {
    /// Copies everything from one database to another, of whatever kind, account by account.
    ///
    /// The source is not changed, and writers are kept away from it meanwhile: a server that still runs
    /// on it can read but not write. The target gets the schema of this program. It must be empty or an earlier
    /// copy of the same source, by this version; what it has already is compared row by row, and copied again
    /// if it is older. No server may run on it, and it is refused if one did: what it got would be lost.
    /// `progress` is told after every batch of rows and every account; on `Break` the copy ends, and what was
    /// copied of the account in work is not kept.
    ///
    /// # Errors
    /// One sentence: that one of the databases cannot be used or is of another version, that the target
    /// holds something else, that a copied account (which it names) is not equal to its source, or that
    /// the copy was stopped. Accounts that were copied before stay, and need not be copied again.
    pub fn copy(
        from: &StoreOptions,
        to: &StoreOptions,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Copied, OpenError> {
        ends::refuse_same(from, to)?;
        let mut source = Source::open(from)?;
        let wanted = source.accounts.clone();
        let mut target = Target::open(to, &wanted)?;
        let mut copied = Copied { copied: 0, equal: 0, rows: 0 };
        for account_id in wanted.keys() {
            let done = copied.copied + copied.equal;
            let mut tell =
                |rows: u64, done| progress(Progress { accounts: wanted.len(), done, rows });
            let mut rows = copied.rows;
            let outcome = account::copy(&mut source, &mut target, account_id, &mut |batch| {
                rows = rows.saturating_add(u64::try_from(batch).unwrap_or(u64::MAX));
                tell(rows, done)
            })?;
            match outcome {
                Outcome::Copied => copied = Copied { copied: copied.copied + 1, rows, ..copied },
                Outcome::Equal => copied.equal += 1,
                Outcome::Stopped => return Err(stopped()),
            }
            if tell(copied.rows, done + 1).is_break() {
                return Err(stopped());
            }
        }
        source.release()?;
        target.finish(&wanted)?;
        Ok(copied)
    }
}

fn stopped() -> OpenError {
    OpenError("the copy was stopped; run again, it goes on where it was".to_owned())
}

/// An error of the database as one sentence about `what`.
pub(super) fn sentence(what: &str) -> impl Fn(StoreError) -> OpenError {
    move |error| OpenError(format!("{what}: {error}"))
}
