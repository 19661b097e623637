//! One connection to whichever database the URL names.
//!
//! Queries are written once against [`DbConnection`]. What differs between backends is behind the
//! methods here: `sqlite.rs` and `postgres.rs` begin and end transactions, `sqlite_rows.rs` and
//! `postgres_rows.rs` hold the few statements that are worth two versions.
//!
//! **Must never** leave this folder but inside a unit.

use super::feed::Row;
use super::log::{MutationRow, RecordRow, RecordValues};
use super::pending::ChangeRow;
use super::{OpenError, StoreError, StoreOptions, postgres, postgres_rows, sqlite, sqlite_rows};
use afterview_domain::sync::Known;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::pg::PgConnection;
use diesel::result::Error;
use diesel::sqlite::SqliteConnection;
use secrecy::ExposeSecret;
use std::num::NonZeroU32;
use std::path::Path;

/// A connection to the database. Each arm is a backend.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    /// A PostgreSQL database.
    Postgres(PgConnection),
    /// A SQLite file.
    Sqlite(SqliteConnection),
}

/// Runs a query on whichever backend a connection is of, where the query is known by its type. Through
/// [`DbConnection`] itself its text would be built at every use, to look the prepared statement up by it; that
/// is for what does not run at every request.
macro_rules! on_backend {
    ($connection:expr, $inner:ident => $query:expr) => {
        match $connection {
            $crate::store::DbConnection::Postgres($inner) => $query,
            $crate::store::DbConnection::Sqlite($inner) => $query,
        }
    };
}
pub(super) use on_backend;

impl DbConnection {
    /// Opens a connection and sets it up for what it will do.
    pub(super) fn open(options: &StoreOptions, role: Role) -> Result<Self, OpenError> {
        match options.url.expose_secret().split_once("://") {
            Some(("sqlite", path)) => {
                sqlite::open(path, options.synchronous, role).map(Self::Sqlite)
            }
            Some(("postgres" | "postgresql", _)) => postgres::open(options).map(Self::Postgres),
            // The URL is not repeated: it may hold a password.
            _ => Err(OpenError(
                "the database URL must begin with sqlite:// or postgres://".to_owned(),
            )),
        }
    }

    /// Opens a connection in the place of one that no longer serves. A file that is gone is not made anew:
    /// whoever moved it away puts it back, and must not find another one in its place.
    pub(super) fn open_again(options: &StoreOptions, role: Role) -> Result<Self, OpenError> {
        match options.url.expose_secret().strip_prefix("sqlite://") {
            Some(path) if !Path::new(path).exists() => {
                Err(OpenError(format!("the database {path} is gone")))
            }
            _ => Self::open(options, role),
        }
    }

    /// Sets the session up, so that transactions need not be.
    pub(super) fn set_up(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Postgres(inner) => postgres::set_up(inner),
            Self::Sqlite(_) => Ok(()),
        }
    }

    /// Begins a transaction that holds what a group of writes needs from its first moment.
    pub(super) fn begin_group(&mut self, setup: Setup) -> Result<(), StoreError> {
        match self {
            Self::Postgres(inner) => postgres::begin_group(inner, setup),
            Self::Sqlite(inner) => sqlite::begin_group(inner),
        }
    }

    /// Begins a savepoint for one unit of a group, which may do what `scope` says.
    pub(super) fn begin_unit(&mut self, scope: &Scope) -> Result<(), StoreError> {
        match self {
            Self::Postgres(inner) => postgres::begin_unit(inner, scope),
            Self::Sqlite(inner) => sqlite::begin_part(inner),
        }
    }

    /// From now on the running group may do what `scope` says, where all its units work on accounts or all on the
    /// directory.
    pub(super) fn turn_to(&mut self, scope: &Scope) -> Result<(), StoreError> {
        match self {
            Self::Postgres(inner) => postgres::turn_to(inner, scope),
            Self::Sqlite(_) => Ok(()),
        }
    }

    /// Begins a transaction that sees one unchanging state of what `scope` says.
    pub(super) fn begin_reading(&mut self, scope: &Scope, setup: Setup) -> Result<(), StoreError> {
        match self {
            Self::Postgres(inner) => postgres::begin_reading(inner, scope, setup),
            Self::Sqlite(inner) => sqlite::begin_part(inner),
        }
    }

    /// Ends a transaction that [`begin_reading`](Self::begin_reading) began, and begins another one.
    pub(super) fn read_on(&mut self, scope: &Scope, setup: Setup) -> Result<(), StoreError> {
        match self {
            Self::Postgres(inner) => postgres::read_on(inner, scope, setup),
            Self::Sqlite(_) => self.roll_back_to(0).and_then(|()| self.begin_reading(scope, setup)),
        }
    }

    /// From now on the running transaction may do what `scope` says.
    pub(super) fn look_as(&mut self, scope: &Scope) -> Result<(), StoreError> {
        match self {
            Self::Postgres(inner) => postgres::look_as(inner, scope),
            Self::Sqlite(_) => Ok(()),
        }
    }

    /// Begins a savepoint inside of a unit.
    pub(super) fn begin_part(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Postgres(inner) => postgres::begin_part(inner),
            Self::Sqlite(inner) => sqlite::begin_part(inner),
        }
    }

    /// How many transactions and savepoints are open inside of each other.
    pub(super) fn depth(&mut self) -> Result<u32, StoreError> {
        let depth = on_backend!(self, inner => {
            AnsiTransactionManager::transaction_manager_status_mut(inner).transaction_depth()
        });
        Ok(depth?.map_or(0, NonZeroU32::get))
    }

    /// Ends the innermost transaction or savepoint and keeps its work.
    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        on_backend!(self, inner => AnsiTransactionManager::commit_transaction(inner))?;
        Ok(())
    }

    /// Ends the innermost transaction or savepoint and forgets its work.
    pub(super) fn roll_back(&mut self) -> Result<(), StoreError> {
        on_backend!(self, inner => AnsiTransactionManager::rollback_transaction(inner))?;
        Ok(())
    }

    /// Commits until no more than `depth` are open.
    pub(super) fn commit_to(&mut self, depth: u32) -> Result<(), StoreError> {
        while self.depth()? > depth {
            self.commit()?;
        }
        Ok(())
    }

    /// Rolls back until no more than `depth` are open: a unit may have ended anywhere.
    pub(super) fn roll_back_to(&mut self, depth: u32) -> Result<(), StoreError> {
        while self.depth()? > depth {
            self.roll_back()?;
        }
        Ok(())
    }

    /// Moves what was committed to where it stays, if the backend leaves that to its users.
    pub(super) fn checkpoint(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Postgres(_) => Ok(()),
            Self::Sqlite(inner) => sqlite::checkpoint(inner),
        }
    }

    /// Locks an account's log and reads its head.
    pub(super) fn lock_log(&mut self, account_id: &str) -> Result<LogHead, StoreError> {
        match self {
            Self::Postgres(inner) => postgres::lock_log(inner, account_id),
            Self::Sqlite(inner) => sqlite::lock_log(inner, account_id),
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
            Self::Postgres(inner) => postgres_rows::find_record(inner, account_id, collection, id),
            Self::Sqlite(inner) => sqlite_rows::find_record(inner, account_id, collection, id),
        }
    }

    /// The rows of those records of a collection that there are, alive or not, by id.
    pub(super) fn find_records(
        &mut self,
        account_id: &str,
        collection: &str,
        ids: &[&str],
    ) -> Result<Vec<(String, RecordRow)>, StoreError> {
        match self {
            Self::Postgres(inner) => {
                postgres_rows::find_records(inner, account_id, collection, ids)
            }
            Self::Sqlite(inner) => sqlite_rows::find_records(inner, account_id, collection, ids),
        }
    }

    /// What the ledger has about those of some mutations that it knows, by identifier.
    pub(super) fn find_mutations(
        &mut self,
        account_id: &str,
        ids: &[&str],
    ) -> Result<Vec<(String, MutationRow)>, StoreError> {
        match self {
            Self::Postgres(inner) => postgres_rows::find_mutations(inner, account_id, ids),
            Self::Sqlite(inner) => sqlite_rows::find_mutations(inner, account_id, ids),
        }
    }

    /// Writes rows of new records.
    pub(super) fn insert_records(&mut self, rows: &[RecordValues<'_>]) -> Result<(), StoreError> {
        match self {
            Self::Postgres(inner) => postgres_rows::insert_records(inner, rows),
            Self::Sqlite(inner) => sqlite_rows::insert_records(inner, rows),
        }
    }

    /// Writes rows of records in place of earlier ones.
    pub(super) fn update_records(&mut self, rows: &[RecordValues<'_>]) -> Result<(), StoreError> {
        match self {
            Self::Postgres(inner) => postgres_rows::update_records(inner, rows),
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
            Self::Postgres(inner) => postgres_rows::insert_changes(inner, by, rows),
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
            Self::Postgres(inner) => postgres_rows::insert_mutations(inner, by, received_at, rows),
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
            Self::Postgres(inner) => postgres_rows::find_mutation(inner, account_id, mutation_id),
            Self::Sqlite(inner) => sqlite_rows::find_mutation(inner, account_id, mutation_id),
        }
    }

    /// Start and end of what restores lost.
    pub(super) fn lost_intervals(
        &mut self,
        account_id: &str,
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        match self {
            Self::Postgres(inner) => postgres_rows::lost_intervals(inner, account_id),
            Self::Sqlite(inner) => sqlite_rows::lost_intervals(inner, account_id),
        }
    }

    /// Newest stamp, epoch, floor, digest and number of live records of an account's log.
    pub(super) fn log_state(
        &mut self,
        account_id: &str,
    ) -> Result<(i64, i64, i64, i64, i64), StoreError> {
        match self {
            Self::Postgres(inner) => postgres_rows::log_state(inner, account_id),
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
            Self::Postgres(inner) => postgres_rows::changes(inner, account_id, span, limit),
            Self::Sqlite(inner) => sqlite_rows::changes(inner, account_id, span, limit),
        }
    }
}

/// Whose rows a transaction works on.
///
/// On PostgreSQL the database itself sees to it (row-level security): a statement that forgot to name
/// the account finds nothing that belongs to another one. On SQLite every statement has to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Scope {
    /// What accounts are looked up by and due work is found by, of all accounts.
    Directory,
    /// One account.
    Account(String),
}

/// Whether the same transaction may succeed at once: another one got in its way.
pub(super) fn is_contention(error: &Error) -> bool {
    postgres::is_contention(error)
}

/// Whether the same statement may succeed later.
pub(super) fn is_transient(error: &Error) -> bool {
    sqlite::is_transient(error) || postgres::is_transient(error)
}

/// Where it is said how long statements may take and as which role they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setup {
    /// Once, by [`DbConnection::set_up`].
    Session,
    /// At the beginning of every transaction.
    Transaction,
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
    /// How many webhooks of the account are enabled.
    pub(super) webhooks: i64,
}
