//! Brings the schema up to date at start-up. The migrations are inside the binary.
//!
//! **Must never** change a migration that was released.

use super::{DbConnection, OpenError};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

/// Applies what is missing and names it.
pub(super) fn run(connection: &mut DbConnection) -> Result<Vec<String>, OpenError> {
    let failed = |why: &dyn std::fmt::Display| {
        OpenError(format!("cannot bring the database schema up to date: {why}"))
    };
    match connection {
        DbConnection::Sqlite(sqlite) => {
            let applied = sqlite.run_pending_migrations(SQLITE).map_err(|error| failed(&error))?;
            Ok(applied.iter().map(ToString::to_string).collect())
        }
    }
}
