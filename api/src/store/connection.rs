//! One connection to whichever database the URL names.
//!
//! Queries are written once against [`DbConnection`]. What differs between backends is behind the
//! methods here, so a second backend is a second arm in this file and a file like `sqlite.rs`.
//!
//! **Must never** leave this folder but inside a unit.

use super::{OpenError, StoreError, StoreOptions, sqlite};
use diesel::sqlite::SqliteConnection;

/// A connection to the database. Each arm is a backend.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    /// A SQLite file.
    Sqlite(SqliteConnection),
}

impl DbConnection {
    /// Opens a connection and sets it up for what it will do.
    pub(super) fn open(options: &StoreOptions, role: Role) -> Result<Self, OpenError> {
        match options.url.split_once("://") {
            Some(("sqlite", path)) => {
                sqlite::open(path, options.synchronous, role).map(Self::Sqlite)
            }
            _ => Err(OpenError(format!(
                "the database URL must begin with sqlite://, got {}",
                options.url
            ))),
        }
    }

    /// Begins the transaction of `role`. A connection that cannot begin one is replaced first: after a
    /// commit that failed, say on a full disk, the old one may be of no use.
    pub(super) fn begin_or_reopen(
        &mut self,
        options: &StoreOptions,
        role: Role,
    ) -> Result<(), StoreError> {
        let begin = match role {
            Role::Write => Self::begin_write,
            Role::Read => Self::begin,
        };
        let Err(error) = begin(self) else { return Ok(()) };
        tracing::warn!(%error, "a transaction cannot begin; the database is opened anew");
        *self = Self::open(options, role).map_err(|error| StoreError::Unavailable(error.0))?;
        begin(self)
    }

    /// Begins a transaction that holds what a write needs from its first moment.
    fn begin_write(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::begin_write(connection),
        }
    }

    /// Begins a transaction that sees one unchanging state; inside another one, a savepoint.
    pub(super) fn begin(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::begin(connection),
        }
    }

    /// Ends the innermost transaction or savepoint and keeps its work.
    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::commit(connection),
        }
    }

    /// Ends the innermost transaction or savepoint and forgets its work.
    pub(super) fn roll_back(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::roll_back(connection),
        }
    }

    /// Locks an account's log and reads its head.
    pub(super) fn lock_log(&mut self, account_id: &str) -> Result<LogHead, StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::lock_log(connection, account_id),
        }
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Running units that change something, one after the other.
    Write,
    /// Running units that change nothing, side by side with others.
    Read,
}

/// The head of an account's log.
#[derive(Debug, Clone, Copy, diesel::Queryable)]
pub(super) struct LogHead {
    /// The newest stamp.
    pub(super) last_stamp: i64,
    /// Digest of the live records.
    pub(super) digest: i64,
    /// How many records are alive.
    pub(super) live_records: i64,
}
