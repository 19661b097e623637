//! Brings the schema up to date at start-up. The migrations are inside the binary.
//!
//! **Must never** change a migration that was released.

use super::{DbConnection, OpenError};
use diesel::connection::{Connection, SimpleConnection};
use diesel::migration::MigrationVersion;
use diesel::pg::PgConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::error::Error;

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// Held while the schema is brought up to date, so that of several nodes that start together one does
/// it and the others wait. Any number will do, as long as it stays the same.
const LOCK: &str = "SELECT pg_advisory_xact_lock(4115734231)";

/// Applies what is missing and names it.
pub(super) fn run(connection: &mut DbConnection) -> Result<Vec<String>, OpenError> {
    let applied = match connection {
        DbConnection::Postgres(postgres) => one_after_the_other(postgres),
        DbConnection::Sqlite(sqlite) => {
            sqlite.run_pending_migrations(SQLITE).map(|applied| names(&applied))
        }
    };
    applied
        .map_err(|error| OpenError(format!("cannot bring the database schema up to date: {error}")))
}

#[expect(clippy::disallowed_methods, reason = "its trap is one of SQLite's")]
fn one_after_the_other(
    connection: &mut PgConnection,
) -> Result<Vec<String>, Box<dyn Error + Send + Sync>> {
    connection.transaction(|connection| {
        connection.batch_execute(LOCK)?;
        Ok(names(&connection.run_pending_migrations(POSTGRES)?))
    })
}

fn names(applied: &[MigrationVersion<'_>]) -> Vec<String> {
    applied.iter().map(ToString::to_string).collect()
}
