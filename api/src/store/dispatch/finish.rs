//! Noting what became of reminders.
//!
//! **Must never** touch a reminder that has another time by now: it has a life of its own.

use super::{DbConnection, Outcome, StoreError};
use crate::store::schema::reminders;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Text};

/// A reminder that is done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished<'a> {
    /// The action.
    pub action_key: &'a str,
    /// When it was due, Unix milliseconds.
    pub remind_at: i64,
    /// What became of it.
    pub outcome: Outcome,
}

/// Notes what became of reminders of one account at `dispatched_at` (Unix milliseconds), and gives the
/// actions of which it did: not of those whose row has another `remind_at` by now, is gone, or was done with already.
///
/// # Errors
/// That the database is unavailable.
pub fn finish_reminders(
    connection: &mut DbConnection,
    account_id: &str,
    done: &[Finished<'_>],
    dispatched_at: i64,
) -> Result<Vec<String>, StoreError> {
    match connection {
        DbConnection::Postgres(connection) => {
            Ok(all_at_once(connection, account_id, done, dispatched_at)?)
        }
        DbConnection::Sqlite(connection) => {
            let mut noted = Vec::new();
            for one in done {
                let open = reminders::table
                    .find((account_id, one.action_key))
                    .filter(reminders::remind_at.eq(one.remind_at))
                    .filter(reminders::dispatched_at.is_null());
                let finish = diesel::update(open).set((
                    reminders::dispatched_at.eq(dispatched_at),
                    reminders::outcome.eq(one.outcome.as_str()),
                    reminders::leased_until.eq(None::<i64>),
                ));
                if finish.execute(connection)? == 1 {
                    noted.push(one.action_key.to_owned());
                }
            }
            Ok(noted)
        }
    }
}

/// Notes of reminders of some opportunities that were due by `now` that nobody is told of them.
///
/// # Errors
/// That the database is unavailable.
pub fn pass_over(
    connection: &mut DbConnection,
    account_id: &str,
    opportunities: &[&str],
    now: i64,
) -> Result<(), StoreError> {
    let overdue = reminders::table
        .filter(reminders::account_id.eq(account_id))
        .filter(reminders::opportunity_id.eq_any(opportunities))
        .filter(reminders::remind_at.le(now))
        .filter(reminders::dispatched_at.is_null());
    let finish = diesel::update(overdue)
        .set((reminders::dispatched_at.eq(now), reminders::outcome.eq(Outcome::Expired.as_str())));
    finish.execute(connection)?;
    Ok(())
}

fn all_at_once(
    connection: &mut PgConnection,
    account_id: &str,
    done: &[Finished<'_>],
    dispatched_at: i64,
) -> QueryResult<Vec<String>> {
    if done.is_empty() {
        return Ok(Vec::new());
    }
    let finish = FinishReminders {
        account_id,
        dispatched_at,
        action_key: done.iter().map(|one| one.action_key).collect(),
        remind_at: done.iter().map(|one| one.remind_at).collect(),
        outcome: done.iter().map(|one| one.outcome.as_str()).collect(),
    };
    finish.load(connection)
}

/// One statement for all: rows travel as one array for each column.
struct FinishReminders<'a> {
    account_id: &'a str,
    dispatched_at: i64,
    action_key: Vec<&'a str>,
    remind_at: Vec<i64>,
    outcome: Vec<&'a str>,
}

impl Query for FinishReminders<'_> {
    type SqlType = Text;
}

impl QueryId for FinishReminders<'_> {
    type QueryId = FinishReminders<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for FinishReminders<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("UPDATE reminders SET leased_until = NULL, dispatched_at = ");
        out.push_bind_param::<BigInt, _>(&self.dispatched_at)?;
        out.push_sql(", outcome = done.outcome FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.action_key)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.remind_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.outcome)?;
        out.push_sql(") AS done (action_key, remind_at, outcome) WHERE reminders.account_id = ");
        out.push_bind_param::<Text, _>(self.account_id)?;
        out.push_sql(
            " AND reminders.action_key = done.action_key \
             AND reminders.remind_at = done.remind_at AND reminders.dispatched_at IS NULL \
             RETURNING reminders.action_key",
        );
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for FinishReminders<'_> {}
