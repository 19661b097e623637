//! Whether a file holds what it should.
//!
//! **Must never** change it.

use super::super::connection::{Scope, Setup};
use super::super::copy::{fault_of_log, named_accounts, sentence};
use super::super::inspect::one_line;
use super::super::{DbConnection, OpenError, StoreError};
use super::file;
use super::snapshot::Content;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use std::path::Path;

#[derive(QueryableByName)]
struct Said {
    #[diesel(sql_type = Text)]
    said: String,
}

/// Opens the file and compares it with what was read: its pages and indexes with each other, the number of rows
/// of every table and the head of every account's log with the snapshot, and each head with the records.
pub(super) fn compare(path: &Path, wanted: &Content) -> Result<(), OpenError> {
    let mut connection = file::open(path)?;
    integrity(&mut connection)?;
    let mut connection = DbConnection::Sqlite(connection);
    let found = content(&mut connection).map_err(sentence("the backup"))?;
    match wanted.difference(&found) {
        Some(difference) => Err(OpenError(format!(
            "the backup is not equal to what was read ({difference}); it was thrown away"
        ))),
        None => logs(&mut connection),
    }
}

/// Refuses a file whose pages or indexes contradict each other.
pub(super) fn integrity(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let check = "SELECT integrity_check AS said FROM pragma_integrity_check LIMIT 1";
    let found: QueryResult<Said> = diesel::sql_query(check).get_result(connection);
    match found {
        Ok(Said { said }) if said == "ok" => Ok(()),
        Ok(Said { said }) => Err(OpenError(format!("the file is damaged: {}", one_line(&said)))),
        Err(error) => Err(OpenError(format!("the file is damaged: {error}"))),
    }
}

/// Refuses a file with an account whose log states another number or digest of records than there are.
pub(super) fn logs(connection: &mut DbConnection) -> Result<(), OpenError> {
    let failed = sentence("the file cannot be read");
    for account_id in named_accounts(connection).map_err(&failed)?.into_keys() {
        if let Some(fault) = fault_of_log(connection, &account_id).map_err(&failed)? {
            return Err(OpenError(format!("account {account_id}: {fault}")));
        }
    }
    Ok(())
}

fn content(connection: &mut DbConnection) -> Result<Content, StoreError> {
    connection.begin_reading(&Scope::Directory, Setup::Transaction)?;
    let mut content = Content::default();
    for account_id in named_accounts(connection)?.into_keys() {
        content.add(connection, &account_id)?;
    }
    connection.roll_back()?;
    Ok(content)
}
