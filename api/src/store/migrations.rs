//! Brings the schema up to date at start-up. The migrations are inside the binary.
//!
//! **Must never** change a migration that was released.

use super::{DbConnection, OpenError};
use diesel::connection::{Connection, SimpleConnection};
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel::pg::{Pg, PgConnection};
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel::{QueryableByName, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::collections::BTreeSet;
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

/// The versions of the schema that this program makes, in their order.
pub(super) fn known(connection: &DbConnection) -> Result<BTreeSet<String>, OpenError> {
    let versions = match connection {
        DbConnection::Postgres(_) => MigrationSource::<Pg>::migrations(&POSTGRES)
            .map(|all| all.iter().map(|it| it.name().version().to_string()).collect()),
        DbConnection::Sqlite(_) => MigrationSource::<Sqlite>::migrations(&SQLITE)
            .map(|all| all.iter().map(|it| it.name().version().to_string()).collect()),
    };
    versions.map_err(|error| OpenError(format!("cannot read the migrations: {error}")))
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

/// The versions of the schema that a database has; none for one that is not of this program. Changes
/// nothing, unlike the library, which would make its own table first.
pub(super) fn applied(connection: &mut DbConnection) -> Result<BTreeSet<String>, OpenError> {
    let table = match connection {
        DbConnection::Postgres(_) => {
            "SELECT tablename::text AS version FROM pg_tables WHERE schemaname = current_schema() \
             AND tablename = '__diesel_schema_migrations'"
        }
        DbConnection::Sqlite(_) => {
            "SELECT name AS version FROM sqlite_schema WHERE name = '__diesel_schema_migrations'"
        }
    };
    let all = "SELECT version FROM __diesel_schema_migrations";
    let mut versions = |query: &str| -> diesel::QueryResult<Vec<Applied>> {
        match connection {
            DbConnection::Postgres(postgres) => diesel::sql_query(query).load(postgres),
            DbConnection::Sqlite(sqlite) => diesel::sql_query(query).load(sqlite),
        }
    };
    let rows = match versions(table) {
        Ok(found) if found.is_empty() => Ok(found),
        Ok(_) => versions(all),
        Err(error) => Err(error),
    };
    let rows = rows.map_err(|error| OpenError(format!("cannot read the database: {error}")))?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}
