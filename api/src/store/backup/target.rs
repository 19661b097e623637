//! A restored database, moved into PostgreSQL in one transaction.
//!
//! **Must never** write into a database that has an account, or beside a server that runs on it.

use super::super::connection::{Role, Scope, Setup};
use super::super::copy::{self, TABLES, counts, fault_of_log, named_accounts, sentence, take_time};
use super::super::{DbConnection, OpenError, StoreError, StoreOptions, migrations};
use super::patiently;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use std::ops::ControlFlow;

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    counted: i64,
}

/// Opens the database, and refuses one that somebody uses or that a newer version made.
pub(super) fn open(options: &StoreOptions) -> Result<DbConnection, OpenError> {
    let mut connection = DbConnection::open(options, Role::Write)?;
    let failed = sentence("the target");
    let runs = patiently(|| others(&mut connection), |found| !matches!(found, Ok(0)));
    if runs.map_err(&failed)? > 0 {
        return Err(OpenError(
            "a server runs on the target: stop it first; nothing was changed".to_owned(),
        ));
    }
    let (applied, known) = (migrations::applied(&mut connection)?, migrations::known(&connection)?);
    if applied.iter().any(|version| !known.contains(version)) {
        return Err(OpenError(
            "the target was made by a newer version of this program: use that".to_owned(),
        ));
    }
    migrations::run(&mut connection)?;
    refuse_accounts(&mut connection)?;
    Ok(connection)
}

/// How many other connections of this program there are to the database. A server always has some.
fn others(connection: &mut DbConnection) -> Result<i64, StoreError> {
    let DbConnection::Postgres(postgres) = connection else { return Ok(0) };
    let query = "SELECT count(*) AS counted FROM pg_stat_activity \
                 WHERE datname = current_database() AND application_name = 'afterview' \
                 AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
    let Counted { counted } = diesel::sql_query(query).get_result(postgres)?;
    Ok(counted)
}

fn refuse_accounts(connection: &mut DbConnection) -> Result<(), OpenError> {
    let failed = sentence("the target");
    connection.begin_reading(&Scope::Directory, Setup::Transaction).map_err(&failed)?;
    let accounts = named_accounts(connection).map_err(&failed)?.len();
    connection.roll_back().map_err(&failed)?;
    if accounts == 0 { Ok(()) } else { Err(not_empty(accounts)) }
}

fn not_empty(accounts: usize) -> OpenError {
    OpenError(format!(
        "the target has accounts ({accounts}): restore into an empty database, such as one that `createdb` has \
         just made, and name the one that it takes the place of with --later URL; nothing was changed"
    ))
}

/// Moves everything, or nothing.
pub(super) fn place(from: &mut DbConnection, to: &mut DbConnection) -> Result<(), OpenError> {
    let failed = sentence("the target");
    to.begin_group(Setup::Transaction).map_err(&failed)?;
    take_time(to).and_then(|()| keep_writers_away(to)).map_err(&failed)?;
    to.look_as(&Scope::Directory).map_err(&failed)?;
    let accounts = named_accounts(to).map_err(&failed)?.len();
    if accounts > 0 {
        return Err(not_empty(accounts));
    }
    from.begin_reading(&Scope::Directory, Setup::Transaction).map_err(&failed)?;
    for account_id in named_accounts(from).map_err(&failed)?.into_keys() {
        to.look_as(&Scope::Account(account_id.clone())).map_err(&failed)?;
        one(from, to, &account_id)?;
    }
    from.roll_back().map_err(&failed)?;
    to.commit().map_err(&failed)?;
    if let DbConnection::Postgres(postgres) = to {
        // Without it the first minutes would be planned for empty tables.
        let analyze = format!("SET statement_timeout = 0; ANALYZE {}", copy::table_names());
        postgres.batch_execute(&analyze).map_err(|error| failed(error.into()))?;
    }
    Ok(())
}

/// As the owner of the tables: neither role behind the wall may lock them.
fn keep_writers_away(to: &mut DbConnection) -> Result<(), StoreError> {
    let DbConnection::Postgres(postgres) = to else { return Ok(()) };
    let names = copy::table_names();
    Ok(postgres
        .batch_execute(&format!("SET LOCAL ROLE NONE; LOCK TABLE {names} IN EXCLUSIVE MODE"))?)
}

fn one(from: &mut DbConnection, to: &mut DbConnection, account_id: &str) -> Result<(), OpenError> {
    let failed = |error: StoreError| sentence(&format!("account {account_id}"))(error);
    for table in TABLES {
        let told = &mut |_| ControlFlow::Continue(());
        let moved = (table.copy)(from, to, account_id, told).map_err(failed)?;
        if moved.is_break() {
            return Err(OpenError("the restore was stopped".to_owned()));
        }
    }
    let same =
        counts(from, account_id).map_err(failed)? == counts(to, account_id).map_err(failed)?;
    let fault = fault_of_log(to, account_id).map_err(failed)?;
    match fault {
        None if same => Ok(()),
        None => Err(OpenError(format!("account {account_id}: not all of its rows arrived"))),
        Some(fault) => Err(OpenError(format!("account {account_id}: {fault}"))),
    }
}
