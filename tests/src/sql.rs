//! SQL on the databases of an app, past its servers.
//!
//! **Must never** be used where an address of the interface would do: statements have to mean the same
//! to SQLite and to PostgreSQL, and see every account.

use crate::same;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

/// Databases that are asked the same, and must answer the same.
pub struct Databases(Vec<Connected>);

enum Connected {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Databases {
    /// Connects to `sqlite://` and `postgres://` URLs. On PostgreSQL the role is the URL's.
    #[must_use]
    pub fn open(urls: impl IntoIterator<Item = String>) -> Self {
        Self(urls.into_iter().map(|url| Connected::open(&url)).collect())
    }

    /// The rows of a query whose one column is a text called `line`.
    ///
    /// # Panics
    ///
    /// When the query fails, or two databases answer differently; without an `ORDER BY` they may.
    pub fn lines(&mut self, query: &str) -> Vec<String> {
        same(query, self.0.iter_mut().map(|one| one.lines(query)))
    }

    /// How many rows a table has. It may have a `WHERE` behind it.
    pub fn count(&mut self, table: &str) -> u32 {
        let query = format!("SELECT CAST(count(*) AS TEXT) AS line FROM {table}");
        self.lines(&query).concat().parse().unwrap()
    }

    /// Where a text stands: every column of every table of which some row has it, as `table.column`.
    pub fn places_of(&mut self, text: &str) -> Vec<String> {
        same(text, self.0.iter_mut().map(|one| one.places_of(text)))
    }

    /// Runs one statement and says how many rows it changed.
    pub fn run(&mut self, statement: &str) -> usize {
        same(statement, self.0.iter_mut().map(|one| one.run(statement).unwrap()))
    }

    /// Runs a script of statements.
    ///
    /// # Errors
    ///
    /// What the first database that refuses it says.
    pub fn script(&mut self, script: &str) -> Result<(), String> {
        for one in &mut self.0 {
            let done = match one {
                Connected::Sqlite(connection) => connection.batch_execute(script),
                Connected::Postgres(connection) => connection.batch_execute(script),
            };
            done.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

impl Connected {
    fn open(url: &str) -> Self {
        if let Some(path) = url.strip_prefix("sqlite://") {
            let mut connection = SqliteConnection::establish(path).unwrap();
            connection.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
            Self::Sqlite(connection)
        } else {
            Self::Postgres(PgConnection::establish(url).unwrap())
        }
    }

    fn lines(&mut self, query: &str) -> Vec<String> {
        let rows: QueryResult<Vec<Row>> = match self {
            Self::Sqlite(connection) => diesel::sql_query(query).load(connection),
            Self::Postgres(connection) => diesel::sql_query(query).load(connection),
        };
        let rows = rows.unwrap_or_else(|error| panic!("{query}: {error}"));
        rows.into_iter().map(|row| row.line).collect()
    }

    fn places_of(&mut self, text: &str) -> Vec<String> {
        let columns = match self {
            Self::Sqlite(_) => {
                "SELECT tables.name || '.' || columns.name AS line FROM sqlite_schema AS tables \
                 JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table' ORDER BY 1"
            }
            Self::Postgres(_) => {
                "SELECT columns.table_name || '.' || column_name AS line \
                 FROM information_schema.columns AS columns JOIN information_schema.tables AS tables \
                 USING (table_schema, table_name) \
                 WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1"
            }
        };
        let mut columns = self.lines(columns);
        assert!(columns.len() > 100, "{columns:?}");
        columns.sort();
        columns.retain(|place| {
            let (table, column) = place.split_once('.').unwrap();
            let query = format!(
                "SELECT CAST(count(*) AS TEXT) AS line FROM \"{table}\" \
                 WHERE CAST(\"{column}\" AS TEXT) LIKE '%{text}%'"
            );
            self.lines(&query) != ["0"]
        });
        columns
    }

    fn run(&mut self, statement: &str) -> QueryResult<usize> {
        match self {
            Self::Sqlite(connection) => diesel::sql_query(statement).execute(connection),
            Self::Postgres(connection) => diesel::sql_query(statement).execute(connection),
        }
    }
}
