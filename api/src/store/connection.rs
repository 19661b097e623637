//! One connection to whichever database the URL names.
//!
//! Queries are written once against [`DbConnection`]. What differs between backends is behind the
//! methods here, so a second backend is a second arm in this file and a file like `sqlite.rs`.
//!
//! **Must never** leave this folder but inside a unit.

use super::feed::Row;
use super::log::{MutationRow, RecordRow, RecordValues};
use super::pending::ChangeRow;
use super::{OpenError, StoreError, StoreOptions, sqlite, sqlite_rows};
use afterview_domain::sync::Known;
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

/// The statements of sync that run by the hundred.
impl DbConnection {
    /// The row of a record, alive or not.
    pub(super) fn find_record(
        &mut self,
        account_id: &str,
        collection: &str,
        id: &str,
    ) -> Result<Option<RecordRow>, StoreError> {
        match self {
            Self::Sqlite(inner) => sqlite_rows::find_record(inner, account_id, collection, id),
        }
    }

    /// Writes rows of new records.
    pub(super) fn insert_records(&mut self, rows: &[RecordValues<'_>]) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(inner) => sqlite_rows::insert_records(inner, rows),
        }
    }

    /// Writes rows of records in place of earlier ones.
    pub(super) fn update_records(&mut self, rows: &[RecordValues<'_>]) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(inner) => sqlite_rows::update_records(inner, rows),
        }
    }

    /// Writes rows of the history of an account, made by a device.
    pub(super) fn insert_changes(
        &mut self,
        by: (&str, &str),
        rows: &[ChangeRow],
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(inner) => sqlite_rows::insert_changes(inner, by, rows),
        }
    }

    /// Writes rows of the ledger of an account, received from a device at a time (Unix milliseconds).
    pub(super) fn insert_mutations(
        &mut self,
        by: (&str, &str),
        received_at: i64,
        rows: &[&Known],
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(inner) => sqlite_rows::insert_mutations(inner, by, received_at, rows),
        }
    }

    /// What the ledger has about a mutation: fingerprint, status, revision, result.
    pub(super) fn find_mutation(
        &mut self,
        account_id: &str,
        mutation_id: &str,
    ) -> Result<Option<MutationRow>, StoreError> {
        match self {
            Self::Sqlite(inner) => sqlite_rows::find_mutation(inner, account_id, mutation_id),
        }
    }

    /// Start and end of what restores lost.
    pub(super) fn lost_intervals(
        &mut self,
        account_id: &str,
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        match self {
            Self::Sqlite(inner) => sqlite_rows::lost_intervals(inner, account_id),
        }
    }

    /// Newest stamp, epoch, floor, digest and number of live records of an account's log.
    pub(super) fn log_state(
        &mut self,
        account_id: &str,
    ) -> Result<(i64, i64, i64, i64, i64), StoreError> {
        match self {
            Self::Sqlite(inner) => sqlite_rows::log_state(inner, account_id),
        }
    }

    /// Up to `limit` records with revisions in `(after, until]`, in their order.
    pub(super) fn changes(
        &mut self,
        account_id: &str,
        span: (i64, i64),
        limit: i64,
    ) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(inner) => sqlite_rows::changes(inner, account_id, span, limit),
        }
    }

    /// Whether more than `limit` records, deleted ones included, belong to one opportunity.
    pub(super) fn has_more_records(
        &mut self,
        account_id: &str,
        opportunity_id: &str,
        limit: i64,
    ) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(inner) => {
                sqlite_rows::has_more_records(inner, account_id, opportunity_id, limit)
            }
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
