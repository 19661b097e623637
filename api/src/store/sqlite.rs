//! What is different about SQLite: opening, transactions, and which errors pass by themselves.
//!
//! **Must never** hold a rule that the other backend needs as well.

use super::backup::APPLICATION_ID;
use super::connection::{LogHead, Role};
use super::schema::account_sync;
use super::{OpenError, StoreError};
use diesel::ConnectionError;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::Integer;
use diesel::sqlite::SqliteConnection;
use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// How hard SQLite makes sure that a commit survives a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// Every commit is on the disk before it is acknowledged.
    #[default]
    Full,
    /// A power cut may undo the last commits; the file stays consistent.
    Normal,
}

/// Opens the file, which is made when absent, together with its folder.
pub(super) fn open(
    path: &str,
    synchronous: Synchronous,
    role: Role,
) -> Result<SqliteConnection, OpenError> {
    let failed =
        |why: &dyn std::fmt::Display| OpenError(format!("cannot open the database {path}: {why}"));
    if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut private = DirBuilder::new();
        private.recursive(true).mode(0o700).create(folder).map_err(|error| failed(&error))?;
    }
    make_private(path).map_err(|error| failed(&error))?;
    if role == Role::Write {
        check_writable(path).map_err(|error| failed(&error))?;
    }
    let mut connection = SqliteConnection::establish(path).map_err(|error| match error {
        ConnectionError::BadConnection(why) => failed(&why),
        other => failed(&other),
    })?;
    connection.batch_execute("PRAGMA busy_timeout = 5000").map_err(|error| failed(&error))?;
    refuse_backup(&mut connection, path)?;
    let synchronous = match synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Normal => "NORMAL",
    };
    let (cache_kib, mapped_bytes) = match role {
        Role::Write if is_large(path) => (8_000, MOST_MAPPED),
        Role::Write => (8_000, 0),
        Role::Read => (2_000, MAPPED),
    };
    // Measured: the checkpoint interval (pages) lets larger batches reach the file at once, most of them by another
    // thread (`checkpoint.rs`); temporary files in memory keep the journals of savepoints off the disk, which
    // halves the writes of a create; a cache of 8 MB for the writer (taken only as it fills) saves most of what it
    // reads again;
    // readers map the first 256 MB of the file, which is the system's own cache: with a small cache alone a
    // pull of 1,000 scattered records cost more the larger the file was. The writer maps only a large file: there a
    // create, which reads pages that nothing else reads, costs 1.2 times what it does in the smallest, and 1.5 times
    // without. With 90,000 contacts it costs 1.15 times as it is; what is mapped looks like the process's own memory.
    let setup = format!(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = {synchronous};
         PRAGMA wal_autocheckpoint = 10000;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -{cache_kib};
         PRAGMA mmap_size = {mapped_bytes};
         PRAGMA journal_size_limit = 67108864;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;"
    );
    connection.batch_execute(&setup).map_err(|error| failed(&error))?;
    Ok(connection)
}

#[derive(QueryableByName)]
struct Mark {
    #[diesel(sql_type = Integer)]
    application_id: i32,
}

/// Refuses a backup before anything of it is changed: served as it is, devices would believe that nothing
/// happened.
pub(super) fn refuse_backup(
    connection: &mut SqliteConnection,
    path: &str,
) -> Result<(), OpenError> {
    let mark: QueryResult<Mark> = diesel::sql_query("PRAGMA application_id").get_result(connection);
    match mark {
        Ok(mark) if mark.application_id == APPLICATION_ID => Err(OpenError(format!(
            "{path} is a backup: `afterview restore` makes a database of it"
        ))),
        Ok(_) => Ok(()),
        Err(error) => Err(OpenError(format!("cannot open the database {path}: {error}"))),
    }
}

/// How much of any file readers map, in bytes. Of one that is larger when it is opened the writer maps as much as
/// SQLite can.
const MAPPED: u64 = 256 << 20;
const MOST_MAPPED: u64 = 2_000 << 20;

fn is_large(path: &str) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() > MAPPED)
}

/// Makes an absent file readable by its owner only; SQLite gives its companions the same rights.
fn make_private(path: &str) -> std::io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Fails if a file may not be written to. SQLite would open it to be read, and then nobody in this process could
/// write before all have closed it. It is not opened for that, since closing it would undo SQLite's own locks.
fn check_writable(path: &str) -> std::io::Result<()> {
    Ok(rustix::fs::access(path, rustix::fs::Access::WRITE_OK)?)
}

/// Begins a transaction that holds the write lock from its first moment. A deferred one fails on
/// upgrade when another writer is active.
pub(super) fn begin_group(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE").map_err(Into::into)
}

/// Begins a transaction that sees one unchanging state; inside another one, a savepoint.
pub(super) fn begin_part(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    AnsiTransactionManager::begin_transaction(connection).map_err(Into::into)
}

/// So many pages of the log are worth being moved.
const CHECKPOINT_PAGES: i32 = 1_000;

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    log: i32,
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

/// Moves what was committed from the write-ahead log into the file, as far as nobody has to wait for it, until
/// little is left.
pub(super) fn checkpoint(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let mut before = i32::MAX;
    loop {
        let look = diesel::sql_query("PRAGMA wal_checkpoint(NOOP)");
        let Checkpoint { log, checkpointed } = look.get_result(connection)?;
        let left = log.saturating_sub(checkpointed);
        // What readers still need stays for the next time.
        if left < CHECKPOINT_PAGES || left >= before {
            return Ok(());
        }
        before = left;
        connection.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")?;
    }
}

/// Reads the head of an account's log. The write lock that [`begin_group`] took keeps everybody
/// else away until the commit.
pub(super) fn lock_log(
    connection: &mut SqliteConnection,
    account_id: &str,
) -> Result<LogHead, StoreError> {
    account_sync::table
        .find(account_id)
        .select((
            account_sync::last_stamp,
            account_sync::digest,
            account_sync::live_records,
            account_sync::webhooks,
        ))
        .get_result(connection)
        .optional()?
        .ok_or(StoreError::UnknownAccount)
}

/// Whether the same statement may succeed later: the file is locked, the disk full or out of reach.
pub(super) fn is_transient(error: &Error) -> bool {
    match error {
        Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _)
        | Error::BrokenTransactionManager => true,
        Error::DatabaseError(DatabaseErrorKind::Unknown, information) => {
            let message = information.message();
            ["locked", "disk is full", "disk I/O error", "unable to open", "readonly"]
                .iter()
                .any(|sign| message.contains(sign))
        }
        _ => false,
    }
}
