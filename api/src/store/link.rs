//! A connection that is replaced when it no longer serves.
//!
//! While the database cannot be reached, whoever waits is told at once instead of trying for itself: a
//! dead address costs seconds to find out about.
//!
//! **Must never** decide what becomes of a unit.

use super::connection::{Role, Setup};
use super::{DbConnection, OpenError, StoreError, StoreOptions, Transient, Trouble};
use diesel::Connection;
use std::time::{Duration, Instant};

/// How long after a failure to connect nobody tries again.
const PAUSE: Duration = Duration::from_millis(250);

/// The connection with its statements watched and its session set up.
fn ready(mut connection: DbConnection, options: &StoreOptions) -> Result<DbConnection, StoreError> {
    if let Some(statements) = options.watch.of_statements() {
        connection.set_instrumentation(statements);
    }
    if setup(options) == Setup::Session {
        connection.set_up()?;
    }
    Ok(connection)
}

fn setup(options: &StoreOptions) -> Setup {
    if options.pooled { Setup::Transaction } else { Setup::Session }
}

/// A connection for one purpose.
pub(super) struct Link {
    options: StoreOptions,
    role: Role,
    connection: Option<DbConnection>,
    failed: Option<(Instant, StoreError)>,
}

impl Link {
    /// Opens the connection.
    pub(super) fn open(options: &StoreOptions, role: Role) -> Result<Self, OpenError> {
        let connection = ready(DbConnection::open(options, role)?, options);
        let connection = connection.map_err(|error| OpenError(error.to_string()))?;
        let options = options.clone();
        Ok(Self { options, role, connection: Some(connection), failed: None })
    }

    /// The connection after `begin` has begun a transaction on it. One that cannot begin is replaced
    /// first: after a restart of the server or a commit on a full disk the old one may be of no use.
    pub(super) fn begin(
        &mut self,
        begin: impl Fn(&mut DbConnection, Setup) -> Result<(), StoreError>,
    ) -> Result<&mut DbConnection, StoreError> {
        let begin = |connection: &mut DbConnection| begin(connection, setup(&self.options));
        if let Some(mut connection) = self.connection.take() {
            match begin(&mut connection) {
                Ok(()) => return Ok(self.connection.insert(connection)),
                // Another connection would wait just as long for the same lock.
                Err(error) if error.trouble() == Some(Trouble::Locked) => {
                    self.connection = Some(connection);
                    return Err(error);
                }
                Err(error) => {
                    tracing::warn!(%error, "a transaction cannot begin; the database is opened anew");
                }
            }
        }
        if let Some((when, why)) = &self.failed
            && when.elapsed() < PAUSE
        {
            return Err(why.again());
        }
        let opened = DbConnection::open_again(&self.options, self.role)
            .map_err(|error| StoreError::Unavailable(error.0))
            .and_then(|connection| ready(connection, &self.options))
            .and_then(|mut connection| begin(&mut connection).map(|()| connection));
        match opened {
            Ok(connection) => {
                self.failed = None;
                Ok(self.connection.insert(connection))
            }
            Err(error) => {
                self.failed = Some((Instant::now(), error.again()));
                Err(error)
            }
        }
    }

    /// The connection, if there is one.
    pub(super) fn connection(&mut self) -> Option<&mut DbConnection> {
        self.connection.as_mut()
    }

    /// Where it is said how its transactions run.
    pub(super) fn setup(&self) -> Setup {
        setup(&self.options)
    }

    /// Has the connection replaced before it is used again.
    pub(super) fn drop_connection(&mut self) {
        self.connection = None;
    }
}
