//! A look at a database from outside, for whoever wants to know whether a server could use it.
//!
//! **Must never** change or make anything.

use super::connection::{Role, Scope, Setup};
use super::schema::{account_sync, lost_intervals};
use super::{
    DbConnection, OpenError, Store, StoreError, StoreOptions, dispatch, migrations, webhooks,
};
use afterview_domain::clock::Instant;
use diesel::connection::SimpleConnection;
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::Text;

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
        if options.sqlite_path().is_some_and(|file| !file.exists()) {
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

    /// Looks for damage in the pages of a SQLite file, and says what was found first.
    ///
    /// # Errors
    /// One sentence about the damage.
    pub fn quick_check(options: &StoreOptions) -> Result<(), OpenError> {
        let DbConnection::Sqlite(mut sqlite) = DbConnection::open(options, Role::Read)? else {
            return Ok(());
        };
        let check = "SELECT quick_check AS said FROM pragma_quick_check LIMIT 1";
        match diesel::sql_query(check).get_result::<Said>(&mut sqlite) {
            Ok(Said { said }) if said == "ok" => Ok(()),
            Ok(Said { said }) => Err(OpenError(one_line(&said))),
            Err(error) => Err(OpenError(error.to_string())),
        }
    }

    /// Takes the write lock of a SQLite file for a moment.
    ///
    /// # Errors
    /// One sentence: that somebody has held it for a second, or that the file cannot be written.
    pub fn try_write_lock(options: &StoreOptions) -> Result<(), OpenError> {
        let DbConnection::Sqlite(mut sqlite) = DbConnection::open(options, Role::Read)? else {
            return Ok(());
        };
        sqlite
            .batch_execute("PRAGMA busy_timeout = 1000; BEGIN IMMEDIATE; ROLLBACK")
            .map_err(|error| OpenError(error.to_string()))
    }

    /// Looks at what is due and at what the clock was, in a database with the schema of this program.
    ///
    /// # Errors
    /// One sentence when it cannot be read.
    pub fn examine(options: &StoreOptions, now: Instant) -> Result<Examined, OpenError> {
        let mut connection = DbConnection::open(options, Role::Read)?;
        examine(&mut connection, now.timestamp_millis())
            .map_err(|error| OpenError(error.to_string()))
    }
}

/// SQLite says what is damaged in several lines.
pub(super) fn one_line(said: &str) -> String {
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(QueryableByName)]
struct Said {
    #[diesel(sql_type = Text)]
    said: String,
}

/// What a look into the directory shows. Times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// The newest stamp of all accounts. Stamps look like times.
    pub newest: Option<i64>,
    /// Since when the oldest reminder waits that nobody has taken, or when one can be taken next.
    pub next_reminder: Option<i64>,
    /// The same of events for webhooks.
    pub next_event: Option<i64>,
    /// What the last restore lost: from the first stamp to the last.
    pub lost: Option<(i64, i64)>,
}

fn examine(connection: &mut DbConnection, now: i64) -> Result<Examined, StoreError> {
    connection.begin_reading(&Scope::Directory, Setup::Transaction)?;
    // A log in which nobody wrote since a restore begins a minute ahead.
    let lost: Option<(i64, i64)> = lost_intervals::table
        .select((lost_intervals::invalid_from, lost_intervals::invalid_to))
        .order(lost_intervals::invalid_to.desc())
        .limit(1)
        .get_result(connection)
        .optional()?;
    let examined = Examined {
        newest: account_sync::table.select(max(account_sync::last_stamp)).get_result(connection)?,
        next_reminder: dispatch::next_due(connection, now)?,
        next_event: webhooks::queue::next_due(connection, now)?,
        lost,
    };
    connection.roll_back()?;
    Ok(examined)
}
