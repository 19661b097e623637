//! The two ends of a copy: opened, looked at, and the source held still.
//!
//! **Must never** write to the source.

use super::super::connection::{Role, Scope};
use super::super::schema::{account_sync, accounts};
use super::super::{DbConnection, OpenError, StoreError, StoreOptions, migrations, sqlite};
use super::sentence;
use super::tables::TABLES;
use diesel::connection::{AnsiTransactionManager, SimpleConnection};
use diesel::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;

/// The database that is copied. Nobody writes to it until this is dropped.
pub(super) struct Source {
    /// Where it is read.
    pub(super) connection: DbConnection,
    /// In a transaction that keeps writers away.
    guard: DbConnection,
    /// Its accounts in the order of their identifiers.
    pub(super) accounts: BTreeSet<String>,
}

impl Source {
    /// Opens the source and keeps writers away from it.
    pub(super) fn open(options: &StoreOptions) -> Result<Self, OpenError> {
        if let Some(path) = sqlite_path(options)
            && !std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
        {
            let path = path.display();
            return Err(OpenError(format!("there is no database {path} to copy from")));
        }
        let mut guard = DbConnection::open(options, Role::Write)?;
        check_version(&mut guard)?;
        hold(&mut guard).map_err(|error| {
            OpenError(format!("other writers cannot be kept away from the source: {error}"))
        })?;
        let mut connection = DbConnection::open(options, Role::Read)?;
        let accounts = accounts_of(&mut connection).map_err(sentence("the source"))?;
        Ok(Self { connection, guard, accounts })
    }

    /// Lets writers in again and makes sure that they were kept away until now: a session that broke has
    /// lost its locks, and cannot end its transaction either.
    pub(super) fn release(mut self) -> Result<(), OpenError> {
        self.guard.roll_back().map_err(|error| {
            OpenError(format!("the source was not held still to the end, run it again: {error}"))
        })
    }
}

/// The database that is copied to.
pub(super) struct Target {
    /// Where it is read and written.
    pub(super) connection: DbConnection,
    /// The accounts that it has already.
    pub(super) accounts: BTreeSet<String>,
}

impl Target {
    /// Opens the target, refuses one that holds anything but an earlier copy, and brings its schema up
    /// to date.
    pub(super) fn open(
        options: &StoreOptions,
        wanted: &BTreeSet<String>,
    ) -> Result<Self, OpenError> {
        let mut connection = DbConnection::open(options, Role::Write)?;
        let applied = migrations::applied(&mut connection)?;
        let known = migrations::known(&connection)?;
        if applied.iter().any(|version| !known.contains(version)) {
            return Err(OpenError(
                "the target was made by a newer version of this program: copy with that".to_owned(),
            ));
        }
        let accounts = match applied.is_empty() {
            true => BTreeSet::new(),
            false => accounts_of(&mut connection).map_err(sentence("the target"))?,
        };
        let foreign = accounts.difference(wanted).count();
        if foreign > 0 {
            return Err(OpenError(format!(
                "the target must be empty or an earlier copy of the same source, but has accounts that the \
                 source does not have ({foreign}); nothing was written"
            )));
        }
        migrations::run(&mut connection)?;
        Ok(Self { connection, accounts })
    }

    /// Makes sure that the target has the wanted accounts and no others, and has it count its rows.
    pub(super) fn finish(&mut self, wanted: &BTreeSet<String>) -> Result<(), OpenError> {
        let accounts = accounts_of(&mut self.connection).map_err(sentence("the target"))?;
        if accounts != *wanted {
            return Err(OpenError(
                "the target got other accounts meanwhile: is a server running on it?".to_owned(),
            ));
        }
        if let DbConnection::Postgres(postgres) = &mut self.connection {
            // Without it the first minutes would be planned for empty tables.
            let analyze = format!("ANALYZE {}", table_names());
            postgres
                .batch_execute(&analyze)
                .map_err(|error| sentence("the target")(error.into()))?;
        }
        Ok(())
    }
}

/// Refuses two URLs that name the same database, as far as that can be seen.
pub(super) fn refuse_same(from: &StoreOptions, to: &StoreOptions) -> Result<(), OpenError> {
    let file = |options| sqlite_path(options).and_then(|path| std::fs::canonicalize(path).ok());
    let same_file = file(from).is_some_and(|source| file(to) == Some(source));
    if same_file || from.url == to.url {
        return Err(OpenError("source and target are the same database".to_owned()));
    }
    Ok(())
}

fn sqlite_path(options: &StoreOptions) -> Option<&Path> {
    options.url.strip_prefix("sqlite://").map(Path::new)
}

/// Refuses a database whose schema is not this program's.
fn check_version(connection: &mut DbConnection) -> Result<(), OpenError> {
    let (applied, known) = (migrations::applied(connection)?, migrations::known(connection)?);
    let why = if applied.is_empty() {
        "the source is not a database of this program"
    } else if applied.iter().any(|version| !known.contains(version)) {
        "the source was made by a newer version of this program: copy with that"
    } else if applied != known {
        "the source is of an older version: run `afterview migrate` on it first"
    } else {
        return Ok(());
    };
    Err(OpenError(why.to_owned()))
}

/// Begins the transaction that keeps writers away. Readers are not disturbed.
fn hold(connection: &mut DbConnection) -> Result<(), StoreError> {
    match connection {
        DbConnection::Sqlite(inner) => sqlite::begin_group(inner),
        DbConnection::Postgres(inner) => {
            // As the owner of the tables. Every unit of a server begins with a lock in `account_sync`, so
            // that comes first, and EXCLUSIVE because that lock is one of rows.
            let hold = format!(
                "BEGIN; SET LOCAL lock_timeout = '30s'; SET LOCAL idle_in_transaction_session_timeout = 0; \
                 LOCK TABLE account_sync, {} IN EXCLUSIVE MODE",
                table_names()
            );
            AnsiTransactionManager::begin_transaction_sql(inner, &hold).map_err(Into::into)
        }
    }
}

fn table_names() -> String {
    TABLES.iter().map(|table| table.name).collect::<Vec<_>>().join(", ")
}

fn accounts_of(connection: &mut DbConnection) -> Result<BTreeSet<String>, StoreError> {
    connection.begin_reading(&Scope::Directory)?;
    let named: Vec<String> = accounts::table.select(accounts::account_id).load(connection)?;
    let logged: Vec<String> =
        account_sync::table.select(account_sync::account_id).load(connection)?;
    connection.roll_back()?;
    Ok(named.into_iter().chain(logged).collect())
}
