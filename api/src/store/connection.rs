//! One connection to whichever database the URL names.
//!
//! Queries are written once against [`DbConnection`]; a second backend is a second arm of the enum.

use super::{OpenError, StoreOptions, sqlite};
use diesel::sqlite::SqliteConnection;

/// A connection to the database. Each arm is a backend.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    /// A SQLite file.
    Sqlite(SqliteConnection),
}

impl DbConnection {
    /// Opens a connection and sets it up.
    pub(super) fn open(options: &StoreOptions) -> Result<Self, OpenError> {
        match options.url.split_once("://") {
            Some(("sqlite", path)) => sqlite::open(path, options.synchronous).map(Self::Sqlite),
            _ => Err(OpenError(format!(
                "the database URL must begin with sqlite://, got {}",
                options.url
            ))),
        }
    }
}
