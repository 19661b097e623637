//! The two ends of a copy: opened, looked at, and the source held still.
//!
//! On PostgreSQL two things are done as the owner of the tables, not as one of the roles behind the wall:
//! the lock on the source, because neither role may take it, and the statistics of the target. Neither
//! reads a row, and row-level security is forced for the owner, too.
//!
//! **Must never** write to the source.

use super::super::connection::{Role, Scope, Setup};
use super::super::schema::{account_sync, accounts};
use super::super::{
    DbConnection, OpenError, StoreError, StoreOptions, erasure, migrations, sqlite,
};
use super::sentence;
use super::tables::TABLES;
use diesel::connection::{AnsiTransactionManager, SimpleConnection};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;

/// Held on the source, so that a target that is the same database under another name is known. Any
/// number will do that is not the one of the migrations.
const LOCK: i64 = 4_115_734_232;

/// The accounts of a database in the order of their identifiers, and the newest stamp of each; none for
/// one that has no log, such as one that was deleted.
pub(in crate::store) type Accounts = BTreeMap<String, Option<i64>>;

/// The database that is copied. Nobody writes to it until this is dropped.
pub(super) struct Source {
    /// Where it is read.
    pub(super) connection: DbConnection,
    /// In a transaction that keeps writers away.
    guard: DbConnection,
    /// Its accounts.
    pub(super) accounts: Accounts,
}

impl Source {
    /// Opens the source and keeps writers away from it.
    pub(super) fn open(options: &StoreOptions) -> Result<Self, OpenError> {
        if let Some(path) = options.sqlite_path()
            && !std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
        {
            let path = path.display();
            return Err(OpenError(format!("there is no database {path} to copy from")));
        }
        let mut guard = DbConnection::open(options, Role::Write)?;
        check_version(&mut guard, "the source")?;
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
    pub(super) accounts: Accounts,
}

impl Target {
    /// Opens the target, refuses one that holds anything but an earlier copy, and brings its schema up
    /// to date.
    pub(super) fn open(options: &StoreOptions, wanted: &Accounts) -> Result<Self, OpenError> {
        let mut connection = DbConnection::open(options, Role::Write)?;
        if is_being_copied(&mut connection).map_err(sentence("the target"))? {
            return Err(OpenError(
                "source and target are the same database, or somebody copies from the target"
                    .to_owned(),
            ));
        }
        let applied = migrations::applied(&mut connection)?;
        let known = migrations::known(&connection)?;
        if applied.iter().any(|version| !known.contains(version)) {
            return Err(OpenError(
                "the target was made by a newer version of this program: copy with that".to_owned(),
            ));
        }
        if !applied.is_empty() && applied != known {
            return Err(OpenError(
                "the target is of an older version: run `afterview migrate` on it first".to_owned(),
            ));
        }
        let accounts = match applied.is_empty() {
            true => Accounts::new(),
            false => accounts_of(&mut connection).map_err(sentence("the target"))?,
        };
        refuse_other(&accounts, wanted)?;
        migrations::run(&mut connection)?;
        Ok(Self { connection, accounts })
    }

    /// Makes sure that the target has the wanted accounts and no others, and has it count its rows.
    pub(super) fn finish(&mut self, wanted: &Accounts) -> Result<(), OpenError> {
        let accounts = accounts_of(&mut self.connection).map_err(sentence("the target"))?;
        if accounts != *wanted {
            return Err(OpenError(
                "somebody else wrote to the target meanwhile: is a server running on it?"
                    .to_owned(),
            ));
        }
        if let DbConnection::Postgres(postgres) = &mut self.connection {
            // Without it the first minutes would be planned for empty tables.
            let analyze = format!("SET LOCAL statement_timeout = 0; ANALYZE {}", table_names());
            postgres
                .batch_execute(&analyze)
                .map_err(|error| sentence("the target")(error.into()))?;
        }
        Ok(())
    }
}

/// Refuses two URLs that name the same file, or are equal.
pub(super) fn refuse_same(from: &StoreOptions, to: &StoreOptions) -> Result<(), OpenError> {
    let file = |options: &StoreOptions| {
        let file = options.sqlite_path().and_then(|path| std::fs::metadata(path).ok());
        file.map(|file| (file.dev(), file.ino()))
    };
    let same_file = file(from).is_some_and(|source| file(to) == Some(source));
    if same_file || from.url.expose_secret() == to.url.expose_secret() {
        return Err(OpenError("source and target are the same database".to_owned()));
    }
    Ok(())
}

/// Refuses a target that holds anything but an earlier copy: what it got from others would be lost.
fn refuse_other(accounts: &Accounts, wanted: &Accounts) -> Result<(), OpenError> {
    let foreign = accounts.keys().filter(|id| !wanted.contains_key(*id)).count();
    if foreign > 0 {
        return Err(OpenError(format!(
            "the target must be empty or an earlier copy of the same source, but has accounts that the \
             source does not have ({foreign}); nothing was written"
        )));
    }
    let newer = accounts.iter().filter(|(id, stamp)| wanted.get(*id) < Some(*stamp)).count();
    if newer > 0 {
        return Err(OpenError(format!(
            "the target has accounts with changes that the source does not have ({newer}): did a server \
             run on it? Nothing was written"
        )));
    }
    Ok(())
}

/// Refuses a database whose schema is not this program's.
pub(in crate::store) fn check_version(
    connection: &mut DbConnection,
    what: &str,
) -> Result<(), OpenError> {
    let (applied, known) = (migrations::applied(connection)?, migrations::known(connection)?);
    let why = if applied.is_empty() {
        "is not a database of this program"
    } else if applied.iter().any(|version| !known.contains(version)) {
        "was made by a newer version of this program: use that"
    } else if applied != known {
        "is of an older version: run `afterview migrate` on it first"
    } else {
        return Ok(());
    };
    Err(OpenError(format!("{what} {why}")))
}

/// Begins the transaction that keeps writers away. Readers are not disturbed.
fn hold(connection: &mut DbConnection) -> Result<(), StoreError> {
    match connection {
        DbConnection::Sqlite(inner) => sqlite::begin_group(inner),
        DbConnection::Postgres(inner) => {
            // Every unit of a server begins with a lock in `account_sync`, so that comes first, and
            // EXCLUSIVE because that lock is one of rows.
            let hold = format!(
                "BEGIN; SET LOCAL lock_timeout = '30s'; SET LOCAL statement_timeout = 0; \
                 SET LOCAL idle_in_transaction_session_timeout = 0; \
                 SELECT pg_advisory_xact_lock({LOCK}); \
                 LOCK TABLE account_sync, {} IN EXCLUSIVE MODE",
                table_names()
            );
            AnsiTransactionManager::begin_transaction_sql(inner, &hold).map_err(Into::into)
        }
    }
}

pub(in crate::store) fn table_names() -> String {
    TABLES.iter().map(|table| table.name).collect::<Vec<_>>().join(", ")
}

#[derive(QueryableByName)]
struct Free {
    #[diesel(sql_type = Bool)]
    free: bool,
}

/// Whether somebody copies from this database. Of files, [`refuse_same`] knows what matters.
fn is_being_copied(connection: &mut DbConnection) -> Result<bool, StoreError> {
    let DbConnection::Postgres(postgres) = connection else { return Ok(false) };
    let tried = format!("SELECT pg_try_advisory_xact_lock({LOCK}) AS free");
    let Free { free } = diesel::sql_query(tried).get_result(postgres)?;
    Ok(!free)
}

fn accounts_of(connection: &mut DbConnection) -> Result<Accounts, StoreError> {
    connection.begin_reading(&Scope::Directory, Setup::Transaction)?;
    let all = named_accounts(connection)?;
    connection.roll_back()?;
    Ok(all)
}

/// The accounts that the running transaction sees, as the directory.
pub(in crate::store) fn named_accounts(
    connection: &mut DbConnection,
) -> Result<Accounts, StoreError> {
    let named: Vec<String> = accounts::table.select(accounts::account_id).load(connection)?;
    let logged: Vec<(String, i64)> = account_sync::table
        .select((account_sync::account_id, account_sync::last_stamp))
        .load(connection)?;
    let mut all: Accounts = named.into_iter().map(|id| (id, None)).collect();
    all.extend(logged.into_iter().map(|(id, stamp)| (id, Some(stamp))));
    all.extend(erasure::erased(connection)?.into_iter().map(|(id, _)| (id, None)));
    Ok(all)
}
