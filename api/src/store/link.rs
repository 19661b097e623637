//! A connection that is replaced when it no longer serves.
//!
//! While the database cannot be reached, whoever waits is told at once instead of trying for itself: a
//! dead address costs seconds to find out about.
//!
//! **Must never** decide what becomes of a unit.

use super::connection::Role;
use super::{DbConnection, OpenError, StoreError, StoreOptions, Transient, Trouble};
use diesel::Connection;
use std::time::{Duration, Instant};

/// How long after a failure to connect nobody tries again.
const PAUSE: Duration = Duration::from_millis(250);

/// The connection with its statements watched.
fn watched(mut connection: DbConnection, options: &StoreOptions) -> DbConnection {
    if let Some(statements) = options.watch.of_statements() {
        connection.set_instrumentation(statements);
    }
    connection
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
        let connection = DbConnection::open(options, role)?;
        let connection = Some(watched(connection, options));
        Ok(Self { options: options.clone(), role, connection, failed: None })
    }

    /// The connection after `begin` has begun a transaction on it. One that cannot begin is replaced
    /// first: after a restart of the server or a commit on a full disk the old one may be of no use.
    pub(super) fn begin(
        &mut self,
        begin: impl Fn(&mut DbConnection) -> Result<(), StoreError>,
    ) -> Result<&mut DbConnection, StoreError> {
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
            .map(|connection| watched(connection, &self.options))
            .map_err(|error| StoreError::Unavailable(error.0))
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

    /// Has the connection replaced before it is used again.
    pub(super) fn drop_connection(&mut self) {
        self.connection = None;
    }
}
