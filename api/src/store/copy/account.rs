//! One account: whether the target has it already, and its move in one transaction.
//!
//! **Must never** commit what was not compared with the source.

use super::super::connection::{Scope, Setup};
use super::super::schema::sessions;
use super::super::{AccountFeed, DbConnection, OpenError, StoreError, accounts};
use super::ends::{Source, Target};
use super::sentence;
use super::tables::{Flow, TABLES, counts};
use afterview_domain::sync::{StateKey, digest_of};
use diesel::connection::SimpleConnection;
use diesel::dsl::max;
use diesel::prelude::*;

/// What became of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The target had it already, equal.
    Equal,
    /// It was copied.
    Copied,
    /// The caller wanted no more; nothing of it was kept.
    Stopped,
}

/// Copies one account unless the target has it already. `told` hears how many rows were written.
pub(super) fn copy(
    source: &mut Source,
    target: &mut Target,
    account_id: &str,
    told: &mut dyn FnMut(usize) -> Flow,
) -> Result<Outcome, OpenError> {
    let is_there = target.accounts.contains_key(account_id);
    let (from, to) = (&mut source.connection, &mut target.connection);
    let scope = Scope::Account(account_id.to_owned());
    let failed = |error: StoreError| sentence(&format!("account {account_id}"))(error);
    from.begin_reading(&scope, Setup::Transaction).map_err(failed)?;
    to.begin_group(Setup::Transaction).and_then(|()| to.begin_unit(&scope)).map_err(failed)?;
    take_time(from).and_then(|()| take_time(to)).map_err(failed)?;
    let done = if is_there && is_equal(from, to, account_id).map_err(failed)? {
        Outcome::Equal
    } else {
        replace(from, to, account_id, is_there, told)?
    };
    // The unit, and the transaction around it.
    let ended = match done {
        Outcome::Stopped => to.roll_back().and_then(|()| to.roll_back()),
        Outcome::Equal | Outcome::Copied => to.commit().and_then(|()| to.commit()),
    };
    ended.and_then(|()| from.roll_back()).map_err(failed)?;
    Ok(done)
}

/// Lifts the limits on the time of a statement, and between two, until the end of the transaction.
pub(in crate::store) fn take_time(connection: &mut DbConnection) -> Result<(), StoreError> {
    match connection {
        DbConnection::Postgres(inner) => {
            let limits = "SET LOCAL statement_timeout = 0; \
                          SET LOCAL idle_in_transaction_session_timeout = 0";
            Ok(inner.batch_execute(limits)?)
        }
        DbConnection::Sqlite(_) => Ok(()),
    }
}

/// Whether the target has the account as the source has it. Not everything shows in the head of the log
/// or in a number of rows: a session that was ended, a tombstone whose content was forgotten. So the rows
/// are compared.
fn is_equal(
    from: &mut DbConnection,
    to: &mut DbConnection,
    account_id: &str,
) -> Result<bool, StoreError> {
    if counts(from, account_id)? != counts(to, account_id)? {
        return Ok(false);
    }
    for table in TABLES {
        if !(table.is_equal)(from, to, account_id)? {
            return Ok(false);
        }
    }
    Ok(fault_of_log(to, account_id)?.is_none())
}

fn replace(
    from: &mut DbConnection,
    to: &mut DbConnection,
    account_id: &str,
    is_there: bool,
    told: &mut dyn FnMut(usize) -> Flow,
) -> Result<Outcome, OpenError> {
    if is_there {
        refuse_newer(from, to, account_id)?;
    }
    for table in TABLES {
        let failed = |error| at_table(account_id, table.name, error);
        if is_there {
            (table.delete)(to, account_id).map_err(failed)?;
        }
        if (table.copy)(from, to, account_id, told).map_err(failed)?.is_break() {
            return Ok(Outcome::Stopped);
        }
    }
    verify(from, to, account_id)?;
    Ok(Outcome::Copied)
}

/// Refuses an account in which somebody signed in or stayed signed in on the target: those devices would
/// be signed out. Newer stamps were refused before anything was written.
fn refuse_newer(
    from: &mut DbConnection,
    to: &mut DbConnection,
    account_id: &str,
) -> Result<(), OpenError> {
    let newest = |connection: &mut DbConnection| -> Result<Option<i64>, StoreError> {
        let own = sessions::table.filter(sessions::account_id.eq(account_id));
        Ok(own.select(max(sessions::rotated_at)).get_result(connection)?)
    };
    let failed = |error: StoreError| sentence(&format!("account {account_id}"))(error);
    if newest(to).map_err(failed)? > newest(from).map_err(failed)? {
        return Err(OpenError(format!(
            "account {account_id}: the target has sessions that the source does not have: did a server run \
             on it? Nothing of this account was copied"
        )));
    }
    Ok(())
}

/// One sentence about a table that could not be copied.
fn at_table(account_id: &str, table: &str, error: StoreError) -> OpenError {
    // The server's words are translated, the byte is not.
    if error.to_string().contains("0x00") {
        return OpenError(format!(
            "account {account_id}, table {table}: a text holds a NUL character, which PostgreSQL cannot \
             store; nothing of this account was copied"
        ));
    }
    sentence(&format!("account {account_id}, table {table}"))(error)
}

/// Compares the number of rows of every table with the source, and the head of the log with the records
/// that the target has now.
fn verify(
    from: &mut DbConnection,
    to: &mut DbConnection,
    account_id: &str,
) -> Result<(), OpenError> {
    let failed = |error: StoreError| sentence(&format!("account {account_id}"))(error);
    let differs =
        |what: String| Err(OpenError(format!("account {account_id}: {what}; not copied")));
    let (wanted, got) = (counts(from, account_id), counts(to, account_id));
    let (wanted, got) = (wanted.map_err(failed)?, got.map_err(failed)?);
    for (table, rows) in &wanted {
        let copied = got.get(table).copied().unwrap_or_default();
        if copied != *rows {
            return differs(format!("{rows} rows of {table} became {copied}"));
        }
    }
    match fault_of_log(to, account_id).map_err(failed)? {
        Some(fault) => differs(fault),
        None => Ok(()),
    }
}

/// What is wrong about the number of live records or the digest that an account's log states.
pub(in crate::store) fn fault_of_log(
    to: &mut DbConnection,
    account_id: &str,
) -> Result<Option<String>, StoreError> {
    let (digest, live_records) = match to.log_state(account_id) {
        Ok((_, _, _, digest, live_records)) => (digest, live_records),
        Err(StoreError::UnknownAccount) => match accounts::find(to, account_id) {
            // It was deleted.
            Err(StoreError::UnknownAccount) => (0, 0),
            Err(error) => return Err(error),
            Ok(_) => return Err(StoreError::UnknownAccount),
        },
        Err(error) => return Err(error),
    };
    let live = AccountFeed::new(to, account_id).live_revs(None)?;
    if i64::try_from(live.len()).ok() != Some(live_records) {
        let found = live.len();
        return Ok(Some(format!("its log counts {live_records} live records, there are {found}")));
    }
    let found = live.iter().fold(0, |digest, it| {
        digest ^ digest_of(StateKey { collection: it.collection, id: &it.id, rev: it.rev })
    });
    let fault = "the digest of its log is not that of its records";
    Ok((found != digest).then(|| fault.to_owned()))
}
