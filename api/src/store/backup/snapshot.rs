//! Everything that a database holds at one moment, in a new file.
//!
//! SQLite moves its tables itself, page by page where it can, into a file attached beside the database.
//! Reading keeps nobody from writing; only the log cannot be emptied meanwhile. From PostgreSQL rows are read
//! in one repeatable-read transaction, account by account behind the wall, as `afterview copy` reads them.
//!
//! **Must never** write to the database that is read.

use super::super::connection::{Role, Scope, Setup};
use super::super::copy::{TABLES, counts, named_accounts, sentence, take_time};
use super::super::{DbConnection, OpenError, StoreError, StoreOptions, migrations};
use super::{check_version, file};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

/// Newest stamp, epoch, floor, digest and number of live records of an account's log.
type Head = (i64, i64, i64, i64, i64);

/// What two databases with the same content agree about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Content {
    /// The head of the log of every account; none for one that was deleted.
    heads: BTreeMap<String, Option<Head>>,
    /// How many rows every table has.
    tables: BTreeMap<String, i64>,
}

impl Content {
    /// Looks at one account more, as that account.
    pub(super) fn add(
        &mut self,
        connection: &mut DbConnection,
        account_id: &str,
    ) -> Result<(), StoreError> {
        let head = match connection.log_state(account_id) {
            Ok(head) => Some(head),
            Err(StoreError::UnknownAccount) => None,
            Err(error) => return Err(error),
        };
        self.heads.insert(account_id.to_owned(), head);
        for (table, rows) in counts(connection, account_id)? {
            *self.tables.entry(table).or_default() += rows;
        }
        Ok(())
    }

    /// How many accounts there are.
    pub(super) fn accounts(&self) -> i64 {
        self.tables.get("accounts").copied().unwrap_or_default()
    }

    /// How many live records.
    pub(super) fn records(&self) -> i64 {
        self.heads.values().flatten().map(|(_, _, _, _, live)| live).sum()
    }

    /// The newest stamp of all.
    pub(super) fn newest(&self) -> Option<i64> {
        self.heads.values().flatten().map(|(stamp, ..)| *stamp).max()
    }

    /// How many rows.
    pub(super) fn rows(&self) -> i64 {
        self.tables.values().sum()
    }

    /// In how many accounts, and in which tables, another one is not the same.
    pub(super) fn difference(&self, other: &Self) -> Option<String> {
        if self == other {
            return None;
        }
        let accounts = self.heads.keys().chain(other.heads.keys());
        let accounts: std::collections::BTreeSet<&String> =
            accounts.filter(|id| self.heads.get(*id) != other.heads.get(*id)).collect();
        let tables: Vec<&str> = TABLES
            .iter()
            .map(|table| table.name)
            .filter(|name| self.tables.get(*name) != other.tables.get(*name))
            .collect();
        let tables = if tables.is_empty() { "none".to_owned() } else { tables.join(", ") };
        Some(format!("accounts that differ: {}, tables that differ: {tables}", accounts.len()))
    }
}

/// Writes what the database holds into the empty file at `to`. Says what it was and from what kind.
pub(super) fn take(
    options: &StoreOptions,
    to: &Path,
) -> Result<(Content, &'static str), OpenError> {
    if let Some(path) = options.sqlite_path()
        && !std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
    {
        return Err(OpenError(format!("there is no database {} to back up", path.display())));
    }
    let mut source = DbConnection::open(options, Role::Read)?;
    check_version(&mut source, "the database")?;
    // The same schema, and the same expectations of its indexes.
    let mut target = DbConnection::Sqlite(file::open(to)?);
    migrations::run(&mut target)?;
    let kind = match &source {
        DbConnection::Sqlite(_) => "sqlite",
        DbConnection::Postgres(_) => "postgres",
    };
    let content = match &mut source {
        DbConnection::Sqlite(_) => {
            drop(target);
            attached(&mut source, to).map_err(sentence("the database cannot be backed up"))?
        }
        DbConnection::Postgres(_) => row_by_row(&mut source, &mut target)
            .map_err(sentence("the database cannot be backed up"))?,
    };
    Ok((content, kind))
}

/// Has SQLite move every table into the file.
fn attached(source: &mut DbConnection, to: &Path) -> Result<Content, StoreError> {
    let attach = diesel::sql_query("ATTACH ? AS backup").bind::<Text, _>(to.to_string_lossy());
    run(source, |sqlite| attach.execute(sqlite).map(|_| ()))?;
    run(source, |sqlite| {
        sqlite.batch_execute(
            "PRAGMA backup.journal_mode = OFF; PRAGMA backup.synchronous = OFF; \
             PRAGMA backup.cache_size = -16000",
        )
    })?;
    source.begin_reading(&Scope::Directory, Setup::Transaction)?;
    let mut content = Content::default();
    // The first look at the database: from here on it stands still for this transaction.
    for account_id in named_accounts(source)?.into_keys() {
        content.add(source, &account_id)?;
    }
    for table in TABLES {
        let name = table.name;
        let all = format!("INSERT INTO backup.{name} SELECT * FROM main.{name}");
        run(source, |sqlite| sqlite.batch_execute(&all))?;
    }
    // Only the file was written to.
    source.commit()?;
    run(source, |sqlite| sqlite.batch_execute("DETACH backup"))?;
    Ok(content)
}

fn run(
    source: &mut DbConnection,
    work: impl FnOnce(&mut diesel::sqlite::SqliteConnection) -> QueryResult<()>,
) -> Result<(), StoreError> {
    match source {
        DbConnection::Sqlite(sqlite) => Ok(work(sqlite)?),
        DbConnection::Postgres(_) => Ok(()),
    }
}

/// Moves every row.
fn row_by_row(source: &mut DbConnection, target: &mut DbConnection) -> Result<Content, StoreError> {
    source.begin_reading(&Scope::Directory, Setup::Transaction)?;
    take_time(source)?;
    target.begin_group(Setup::Transaction)?;
    let mut content = Content::default();
    for account_id in named_accounts(source)?.into_keys() {
        source.look_as(&Scope::Account(account_id.clone()))?;
        content.add(source, &account_id)?;
        for table in TABLES {
            let told = &mut |_| ControlFlow::Continue(());
            if (table.copy)(source, target, &account_id, told)?.is_break() {
                return Err(StoreError::Unavailable("the copy was stopped".to_owned()));
            }
        }
    }
    target.commit()?;
    source.roll_back()?;
    Ok(content)
}
