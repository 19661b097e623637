//! What is kept of plans: the outline that the next plan is compared with, when that is due, and the
//! reminders to come.
//!
//! **Must never** be read as advice: what is served is planned from the facts.

mod reminders;

use super::connection::on_backend;
use super::schema::{plans, records, reminders as reminder_rows};
use super::{AccountWrite, DbConnection, StoreError, postgres_rows, sqlite_rows};
use afterview_domain::entities::Collection;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
pub use reminders::{KeptReminder, Replacement};
use std::collections::BTreeMap;

/// Stands in for the versions of a plan that is to be made anew soon, but not in the write that
/// touched it.
pub const POSTPONED: &str = "postponed";

/// What is kept of the plan of one opportunity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Queryable)]
pub struct KeptPlan {
    /// Versions of the policy and the holiday data that made it.
    pub versions: String,
    /// When it changes although the facts do not, in Unix milliseconds.
    pub next_change_at: Option<i64>,
    /// Its outline as JSON.
    pub outline: String,
    /// When a write last moved something in it, in Unix milliseconds.
    pub changed_at: Option<i64>,
    /// What that was, as JSON.
    pub changes: String,
}

impl KeptPlan {
    /// What is kept of a plan that was never made.
    #[must_use]
    pub fn empty() -> Self {
        Self { outline: "{}".to_owned(), changes: "[]".to_owned(), ..Self::default() }
    }
}

/// The columns of [`KeptPlan`].
const COLUMNS: (
    plans::versions,
    plans::next_change_at,
    plans::outline,
    plans::changed_at,
    plans::changes,
) = (plans::versions, plans::next_change_at, plans::outline, plans::changed_at, plans::changes);

/// What is kept of the plan of an opportunity.
///
/// # Errors
/// That the database is unavailable.
pub fn find(
    connection: &mut DbConnection,
    account_id: &str,
    opportunity_id: &str,
) -> Result<Option<KeptPlan>, StoreError> {
    let row = plans::table.find((account_id, opportunity_id)).select(COLUMNS);
    Ok(on_backend!(connection, inner => row.get_result(inner)).optional()?)
}

/// What is kept of the plans of some opportunities, by opportunity.
///
/// # Errors
/// That the database is unavailable.
pub fn of_opportunities(
    connection: &mut DbConnection,
    account_id: &str,
    opportunities: &[&str],
) -> Result<BTreeMap<String, KeptPlan>, StoreError> {
    let DbConnection::Postgres(inner) = connection else {
        let each = opportunities.iter().map(|id| {
            let kept = find(connection, account_id, id)?;
            Ok(kept.map(|kept| ((*id).to_owned(), kept)))
        });
        return each.filter_map(Result::transpose).collect();
    };
    let rows: Vec<(String, KeptPlan)> = plans::table
        .filter(plans::account_id.eq(account_id))
        .filter(plans::opportunity_id.eq_any(opportunities))
        .select((plans::opportunity_id, COLUMNS))
        .load(inner)?;
    Ok(rows.into_iter().collect())
}

/// What is kept of the plans of some opportunities, and how many records belong to each, itself and what was
/// deleted included, counted up to `limit`. Looks at no more than that, and only at an index.
///
/// # Errors
/// That the database is unavailable.
pub fn of_counted(
    connection: &mut DbConnection,
    account_id: &str,
    opportunities: &[&str],
    limit: i64,
) -> Result<Vec<(String, i64, Option<KeptPlan>)>, StoreError> {
    let inner = match connection {
        DbConnection::Postgres(inner) => {
            return postgres_rows::kept_and_counted(inner, account_id, opportunities, limit);
        }
        DbConnection::Sqlite(inner) => inner,
    };
    let each = opportunities.iter().map(|id| {
        let row = plans::table.find((account_id, *id)).select(COLUMNS);
        let kept = row.get_result(inner).optional()?;
        let count = sqlite_rows::count_records(inner, account_id, id, limit)?;
        Ok(((*id).to_owned(), count, kept))
    });
    each.collect()
}

/// At most `limit` opportunities of some accounts, as account and id, without a plan made by `versions`. Looks
/// at every opportunity that they have, by its key.
///
/// # Errors
/// That the database is unavailable.
pub fn of_other_versions(
    connection: &mut DbConnection,
    accounts: &[String],
    versions: &str,
    limit: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let same = plans::account_id
        .eq(records::account_id)
        .and(plans::opportunity_id.eq(records::id))
        .and(plans::versions.eq(versions.to_owned()));
    let found = records::table
        .left_join(plans::table.on(same))
        .filter(records::account_id.eq_any(accounts))
        .filter(records::collection.eq(Collection::Opportunities.as_str()))
        .filter(records::deleted_rev.is_null())
        .filter(plans::versions.nullable().is_null())
        .select((records::account_id, records::id))
        .limit(limit)
        .load(connection)?;
    Ok(found)
}

impl AccountWrite<'_> {
    /// Keeps plans, each beside its opportunity, in place of what was kept. Whoever had claimed one holds
    /// it no longer.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn keep_plans(&mut self, all: &[(&str, &KeptPlan)]) -> Result<(), StoreError> {
        let account_id = self.account_id();
        match self.connection()? {
            DbConnection::Postgres(inner) => postgres_rows::keep_plans(inner, account_id, all),
            DbConnection::Sqlite(inner) => {
                for (id, plan) in all {
                    Keep { key: (account_id, id), plan }.execute(inner)?;
                }
                Ok(())
            }
        }
    }

    /// Has the plan of an opportunity made anew soon, outside of this write.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn postpone_plan(
        &mut self,
        opportunity_id: &str,
        before: Option<KeptPlan>,
    ) -> Result<(), StoreError> {
        let before = before.unwrap_or_else(KeptPlan::empty);
        let next_change_at = Some(self.now().timestamp_millis());
        let plan = KeptPlan { versions: POSTPONED.to_owned(), next_change_at, ..before };
        self.keep_plans(&[(opportunity_id, &plan)])
    }

    /// The same for every plan of the account.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn postpone_plans(&mut self) -> Result<(), StoreError> {
        let now = self.now().timestamp_millis();
        diesel::update(plans::table.filter(plans::account_id.eq(self.account_id())))
            .set((
                plans::versions.eq(POSTPONED),
                plans::next_change_at.eq(now),
                plans::leased_until.eq(None::<i64>),
            ))
            .execute(self.connection()?)?;
        Ok(())
    }

    /// Forgets plans and reminders of opportunities that are gone.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn forget_plans(&mut self, opportunities: &[&str]) -> Result<(), StoreError> {
        if opportunities.is_empty() {
            return Ok(());
        }
        let account_id = self.account_id();
        let of_account = plans::table.filter(plans::account_id.eq(account_id));
        let gone = of_account.filter(plans::opportunity_id.eq_any(opportunities));
        diesel::delete(gone).execute(self.connection()?)?;
        let of_account = reminder_rows::table.filter(reminder_rows::account_id.eq(account_id));
        let gone = of_account.filter(reminder_rows::opportunity_id.eq_any(opportunities));
        diesel::delete(gone).execute(self.connection()?)?;
        Ok(())
    }
}

/// Not made by diesel, which prepares an `UPDATE` anew at every use.
struct Keep<'a> {
    key: (&'a str, &'a str),
    plan: &'a KeptPlan,
}

impl QueryId for Keep<'_> {
    type QueryId = Keep<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Sqlite> for Keep<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let Self { key: (account_id, opportunity_id), plan } = *self;
        out.push_sql(
            "INSERT INTO plans (account_id, opportunity_id, versions, next_change_at, outline, \
             changed_at, changes) VALUES (",
        );
        out.push_bind_param::<Text, _>(account_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(opportunity_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(&plan.versions)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<BigInt>, _>(&plan.next_change_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(&plan.outline)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<BigInt>, _>(&plan.changed_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(&plan.changes)?;
        out.push_sql(
            ") ON CONFLICT (account_id, opportunity_id) DO UPDATE SET versions = excluded.versions, \
             next_change_at = excluded.next_change_at, outline = excluded.outline, \
             changed_at = excluded.changed_at, changes = excluded.changes, leased_until = NULL",
        );
        Ok(())
    }
}

impl RunQueryDsl<SqliteConnection> for Keep<'_> {}
