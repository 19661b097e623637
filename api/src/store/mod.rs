//! Where everything is kept, and the only ways to it.
//!
//! [`Store::read`] runs a closure on one connection in one consistent snapshot.
//! [`Store::write`] runs a whole use case in one transaction that begins with the lock of the
//! account's log; waiting units are grouped into one durable commit, and one that fails is undone alone.
//! **No unit is acknowledged before its commit is durable.**
//!
//! A row that a unique key names is read with `get_result`, never `first`: that would add a bound
//! `LIMIT`, for whose sake SQLite compiles the statement again at every use (measured: a quarter of
//! the cost of a read).
//!
//! Nothing in here knows HTTP, and nothing outside gets a connection by another way.

pub mod access_tokens;
mod account_write;
pub mod accounts;
pub mod audit;
mod backup;
pub mod calendar_feeds;
mod checkpoint;
mod connection;
mod copy;
pub mod deliveries;
pub mod devices;
pub mod dispatch;
pub mod docs;
pub mod epoch;
pub mod erasure;
mod feed;
pub mod files;
mod head;
mod health;
pub mod history;
pub mod idempotency;
pub mod identities;
mod inspect;
mod link;
mod log;
mod look_ahead;
pub mod meta;
mod migrations;
pub mod news;
mod notices;
mod pending;
pub mod plans;
mod postgres;
mod postgres_rows;
mod reader;
pub mod records;
pub mod resets;
pub mod retention;
mod schema;
pub mod sessions;
mod sqlite;
mod sqlite_rows;
pub mod tickets;
mod watch;
pub mod webhooks;
mod writer;

pub use account_write::{AccountWrite, Touched};
pub use backup::{BackedUp, BackupMark, Carried, RestoreOptions, Restored};
pub use connection::DbConnection;
pub use copy::{Copied, Progress};
pub use feed::{AccountFeed, LiveRev};
pub use health::Trouble;
pub use inspect::{Examined, SchemaState};
pub use look_ahead::Expected;
pub use notices::Notice;
pub use sqlite::Synchronous;
pub use watch::Watch;

use crate::metrics::StoreMetrics;
use account_write::Finished;
use afterview_domain::clock::{Clock, Instant};
use afterview_domain::ids::IdSource;
use connection::{Role, Scope, Setup};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Notify;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or is busy; trying again later may help.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Another transaction got in the way; trying again at once may help.
    #[error("another transaction got in the way: {0}")]
    Contention(String),
    /// The account does not exist (any more).
    #[error("no such account")]
    UnknownAccount,
    /// What is stored cannot be read as what it should be.
    #[error("stored data is corrupt: {0}")]
    Corrupt(String),
    /// Anything else that the database said.
    #[error(transparent)]
    Other(diesel::result::Error),
}

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        if connection::is_contention(&error) {
            Self::Contention(error.to_string())
        } else if connection::is_transient(&error) {
            Self::Unavailable(error.to_string())
        } else {
            Self::Other(error)
        }
    }
}

impl StoreError {
    /// The same for another unit that it ended, which may be tried again.
    fn again(&self) -> Self {
        match self {
            Self::Unavailable(why) => Self::Unavailable(why.clone()),
            other => Self::Unavailable(other.to_string()),
        }
    }

    fn overloaded(what: &str) -> Self {
        Self::Unavailable(format!("too many {what} are waiting"))
    }
}

/// Whether what went wrong in a unit of work may go right if it is run again at once.
pub trait Transient {
    /// Whether another transaction got in its way.
    fn is_contention(&self) -> bool;

    /// What keeps the database from doing it, if that is what went wrong.
    fn trouble(&self) -> Option<Trouble>;
}

impl Transient for StoreError {
    fn is_contention(&self) -> bool {
        matches!(self, Self::Contention(_))
    }

    fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Unavailable(why) => Some(Trouble::of(why)),
            _ => None,
        }
    }
}

/// So many units wait at most for each of the threads that write, and for all that read together. More
/// are refused at once: they would only wait longer than their callers.
const MAX_WAITING: usize = 4_096;

/// Why the store could not be opened; one sentence for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OpenError(pub String);

/// How to open a store.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// `sqlite://PATH`, or a URL of PostgreSQL as libpq reads it.
    pub url: SecretString,
    /// How hard SQLite makes sure that a commit survives a power cut.
    pub synchronous: Synchronous,
    /// How many threads read side by side.
    pub readers: usize,
    /// How many threads write side by side on PostgreSQL. SQLite has one writer.
    pub writers: usize,
    /// Whether a pooler gives every transaction another session of PostgreSQL.
    pub pooled: bool,
    /// A URL past the pooler, by which this node hears of others.
    pub listen_url: Option<SecretString>,
    /// What is counted, and what counts as slow.
    pub watch: Arc<Watch>,
}

impl StoreOptions {
    fn writers(&self) -> usize {
        if self.is_sqlite() { 1 } else { self.writers.max(1) }
    }

    fn is_sqlite(&self) -> bool {
        self.sqlite_path().is_some()
    }

    /// The file of a SQLite database.
    #[must_use]
    pub fn sqlite_path(&self) -> Option<&Path> {
        self.url.expose_secret().strip_prefix("sqlite://").map(Path::new)
    }
}

/// A handle to the database; cheap to clone. The threads behind it end with its last clone.
#[derive(Clone)]
pub struct Store {
    readers: reader::Readers,
    writer: writer::Writer,
    clock: Arc<dyn Clock>,
    before_commit: BeforeCommit,
    after_commit: AfterCommit,
    announcer: notices::Announcer,
    outbox: Arc<Notify>,
    options: StoreOptions,
    /// What this node calls itself before others.
    node: Arc<str>,
    alive: Arc<()>,
}

/// What else belongs to every write: run in its transaction, after its work and before its commit.
/// What it refuses, the write is refused.
pub type BeforeCommit = fn(&mut AccountWrite<'_>) -> Result<(), StoreError>;

/// A commit that gave out stamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed<'c> {
    /// Whose log has become longer.
    pub account_id: &'c str,
    /// The device that wrote.
    pub device_id: &'c str,
    /// The newest stamp.
    pub head: i64,
}

/// Told of every commit that gave out stamps, once it is durable and before the write is answered.
/// Called by the thread that writes, so it must be quick.
pub type AfterCommit = Arc<dyn Fn(&Committed<'_>) + Send + Sync>;

impl Store {
    /// Opens the database, brings its schema up to date and starts the threads.
    ///
    /// # Errors
    /// One sentence when the file cannot be opened, is not a database, or was made by a newer
    /// version of this program.
    pub fn open(
        options: &StoreOptions,
        clock: Arc<dyn Clock>,
        ids: &dyn IdSource,
        before_commit: BeforeCommit,
        after_commit: AfterCommit,
    ) -> Result<Self, OpenError> {
        migrations::run(&mut DbConnection::open(options, Role::Write)?)?;
        let writer = writer::Writer::start(options)?;
        let readers = reader::Readers::start(options)?;
        let node: Arc<str> = format!("{:x}", epoch::fresh(ids)).into();
        let announcer = notices::Announcer::start(options, &node)?;
        let (options, alive) = (options.clone(), Arc::new(()));
        Ok(Self {
            readers,
            writer,
            clock,
            before_commit,
            after_commit,
            announcer,
            outbox: Arc::default(),
            options,
            node,
            alive,
        })
    }

    /// Begins to hear what other nodes on the same database say, until the last clone of this handle is
    /// dropped. `hear` is called by a thread of its own.
    ///
    /// # Errors
    /// That no thread can be started. A database out of reach is tried again and again.
    pub fn listen(&self, hear: Arc<dyn Fn(Notice) + Send + Sync>) -> Result<(), OpenError> {
        notices::listen(&self.options, &self.node, Arc::downgrade(&self.alive), hear)
    }

    /// Brings the schema up to date and says which versions were applied.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn migrate(options: &StoreOptions) -> Result<Vec<String>, OpenError> {
        migrations::run(&mut DbConnection::open(options, Role::Write)?)
    }

    /// Begins a new epoch of every account's log and says how many accounts there are.
    ///
    /// To be called by whoever put back an earlier copy of the database, before it is served: devices
    /// that have seen what the copy does not hold begin anew with a snapshot and keep their unsent
    /// changes; those that have not go on as if nothing had happened. All or nothing.
    ///
    /// # Errors
    /// As [`Store::open`], or that the database cannot be written.
    pub fn begin_epoch(
        options: &StoreOptions,
        now: Instant,
        ids: &dyn IdSource,
    ) -> Result<usize, OpenError> {
        let mut connection = DbConnection::open(options, Role::Write)?;
        migrations::run(&mut connection)?;
        let given = BTreeMap::new();
        let written = connection
            .begin_group(Setup::Transaction)
            .and_then(|()| epoch::begin_for_all(&mut connection, now, ids, &given));
        let done = written.and_then(|accounts| connection.commit().map(|()| accounts));
        done.map_err(|error| OpenError(format!("no new epoch was begun: {error}")))
    }

    /// Runs `work` on one connection that sees one unchanging state of what belongs to an account.
    ///
    /// # Errors
    /// What `work` answers, or that the database is unavailable.
    pub async fn read<T, E, F>(&self, account_id: &str, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        self.readers.run(Scope::Account(account_id.to_owned()), work).await
    }

    /// Runs `work` on one connection that sees one unchanging state of that by which accounts are looked
    /// up and due work is found: addresses, ended sessions, names and times. Nothing else.
    ///
    /// # Errors
    /// What `work` answers, or that the database is unavailable.
    pub async fn read_directory<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        self.readers.run(Scope::Directory, work).await
    }

    /// Runs `work` in one transaction on the content of one account and answers once it is durable.
    ///
    /// The transaction begins by locking the account's log, so units of one account run one after
    /// the other and see each other's results. On `Err` nothing of the unit is kept. `work` may be
    /// run again from the start, so it must not change anything but through its argument.
    ///
    /// # Errors
    /// What `work` answers, or that the database is unavailable: then the work may have been done all
    /// the same, if the connection broke in the middle of the commit.
    pub async fn write<T, E, F>(
        &self,
        account_id: &str,
        device_id: &str,
        mut work: F,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Transient + Send + 'static,
        F: FnMut(&mut AccountWrite<'_>) -> Result<T, E> + Send + 'static,
    {
        let (account_id, device_id) = (account_id.to_owned(), device_id.to_owned());
        let (now, before_commit) = (self.now(), self.before_commit);
        let (account, device) = (account_id.clone(), device_id.clone());
        let after_commit = Arc::clone(&self.after_commit);
        let (announcer, outbox) = (self.announcer.clone(), Arc::clone(&self.outbox));
        let scope = Scope::Account(account_id.clone());
        let unit = move |connection: &mut DbConnection| {
            let mut unit = AccountWrite::begin(connection, &account_id, &device_id, now)?;
            let answer = work(&mut unit)?;
            before_commit(&mut unit)?;
            Ok((answer, unit.finish()?))
        };
        let committed = move |(_, finished): &(T, Finished)| {
            if let Some(head) = finished.head {
                after_commit(&Committed { account_id: &account, device_id: &device, head });
                announcer.head(&account, head);
            }
            if finished.has_deliveries {
                outbox.notify_one();
            }
        };
        self.writer.run(scope, unit, committed).await.map(|(answer, _)| answer)
    }

    /// Runs `work` in one transaction on rows of an account that no device syncs: sessions, keys. Units
    /// of one account run one after the other, these among them.
    ///
    /// # Errors
    /// As [`Store::write`]; [`StoreError::UnknownAccount`], so that nothing is written beside an account that
    /// was deleted.
    pub async fn write_unsynced<T, E, F>(&self, account_id: &str, mut work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Transient + Send + 'static,
        F: FnMut(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        let account_id = account_id.to_owned();
        let scope = Scope::Account(account_id.clone());
        let unit = move |connection: &mut DbConnection| {
            connection.lock_log(&account_id)?;
            work(connection)
        };
        self.writer.run(scope, unit, |_| ()).await
    }

    /// Runs `work` in one transaction that makes an account.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_new<T, E, F>(&self, account_id: &str, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Transient + Send + 'static,
        F: FnMut(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        self.writer.run(Scope::Account(account_id.to_owned()), work, |_| ()).await
    }

    /// Runs `work` in one transaction on that by which due work is found in all accounts, without the lock
    /// of any. On PostgreSQL it may change leases, take addresses away, and nothing else. It is committed by
    /// itself.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_directory<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Transient + Send + 'static,
        F: FnMut(&mut DbConnection) -> Result<T, E> + Send + 'static,
    {
        self.writer.run(Scope::Directory, work, |_| ()).await
    }

    /// What kept the last write of this node from being done, if anything did.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        self.writer.trouble()
    }

    /// Rung when a commit of this node put something on its way to a webhook.
    #[must_use]
    pub fn outbox(&self) -> Arc<Notify> {
        Arc::clone(&self.outbox)
    }

    /// What the store counts.
    #[must_use]
    pub fn metrics(&self) -> &StoreMetrics {
        &self.options.watch.metrics
    }

    /// The time by the store's clock.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }
}

#[cfg(test)]
mod tests;
