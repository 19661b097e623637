//! A look at a database from outside, for whoever wants to know whether a server could use it.
//!
//! **Must never** change or make anything.

use super::connection::Role;
use super::{DbConnection, OpenError, Store, StoreOptions, migrations};
use secrecy::ExposeSecret;

/// How the schema of a database stands to this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// There is no database yet, or nothing in it.
    Nothing,
    /// Neither lacks anything.
    Current,
    /// These versions are missing; the next start applies them.
    Behind(Vec<String>),
    /// It was made by a newer version of this program, which names this one.
    Newer(String),
}

impl Store {
    /// Opens the database, looks at its schema and closes it again.
    ///
    /// # Errors
    /// One sentence when it cannot be reached or read.
    pub fn inspect(options: &StoreOptions) -> Result<SchemaState, OpenError> {
        let file = options.url.expose_secret().strip_prefix("sqlite://");
        if file.is_some_and(|file| !std::path::Path::new(file).exists()) {
            return Ok(SchemaState::Nothing);
        }
        let mut connection = DbConnection::open(options, Role::Read)?;
        let (known, applied) =
            (migrations::known(&connection)?, migrations::applied(&mut connection)?);
        if applied.is_empty() {
            return Ok(SchemaState::Nothing);
        }
        if let Some(newer) = applied.difference(&known).last() {
            return Ok(SchemaState::Newer(newer.clone()));
        }
        let missing: Vec<String> = known.difference(&applied).cloned().collect();
        Ok(if missing.is_empty() { SchemaState::Current } else { SchemaState::Behind(missing) })
    }
}
