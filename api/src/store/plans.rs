//! What is kept of plans: the outline that the next plan is compared with, when that is due, and the
//! reminders to come.
//!
//! **Must never** be read as advice: what is served is planned from the facts.

use super::schema::{plans, records, reminders};
use super::{AccountWrite, DbConnection, StoreError};
use afterview_domain::entities::Collection;
use diesel::prelude::*;

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

/// One reminder. Times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct KeptReminder {
    /// The action.
    pub action_key: String,
    /// The follow-up record that belongs to it.
    pub follow_up_id: String,
    /// What.
    pub kind: String,
    /// When to remind.
    pub remind_at: i64,
    /// The best moment of which it reminds.
    pub ideal: i64,
    /// Until when it was put off.
    pub snoozed_until: Option<i64>,
    /// From when on it is of no use.
    pub useful_until: i64,
}

/// What is kept of the plan of an opportunity.
///
/// # Errors
/// That the database is unavailable.
pub fn find(
    connection: &mut DbConnection,
    account_id: &str,
    opportunity_id: &str,
) -> Result<Option<KeptPlan>, StoreError> {
    let found = plans::table
        .find((account_id, opportunity_id))
        .select((
            plans::versions,
            plans::next_change_at,
            plans::outline,
            plans::changed_at,
            plans::changes,
        ))
        .get_result(connection)
        .optional()?;
    Ok(found)
}

/// When the next plan of any account changes by itself, in Unix milliseconds.
///
/// # Errors
/// That the database is unavailable.
pub fn next_change(connection: &mut DbConnection) -> Result<Option<i64>, StoreError> {
    let next = plans::table
        .filter(plans::next_change_at.is_not_null())
        .select(diesel::dsl::min(plans::next_change_at))
        .get_result(connection)?;
    Ok(next)
}

/// At most `limit` opportunities, as account and id, whose plans have changed by themselves at `now`
/// (Unix milliseconds).
///
/// # Errors
/// That the database is unavailable.
pub fn changed_by(
    connection: &mut DbConnection,
    now: i64,
    limit: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let due = plans::table
        .filter(plans::next_change_at.le(now))
        .select((plans::account_id, plans::opportunity_id))
        .order(plans::next_change_at)
        .limit(limit)
        .load(connection)?;
    Ok(due)
}

/// At most `limit` opportunities, as account and id, without a plan made by `versions`. Looks through
/// every record: for start-up only.
///
/// # Errors
/// That the database is unavailable.
pub fn of_other_versions(
    connection: &mut DbConnection,
    versions: &str,
    limit: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let same = plans::account_id
        .eq(records::account_id)
        .and(plans::opportunity_id.eq(records::id))
        .and(plans::versions.eq(versions.to_owned()));
    let found = records::table
        .left_join(plans::table.on(same))
        .filter(records::collection.eq(Collection::Opportunities.as_str()))
        .filter(records::deleted_rev.is_null())
        .filter(plans::versions.nullable().is_null())
        .select((records::account_id, records::id))
        .limit(limit)
        .load(connection)?;
    Ok(found)
}

impl AccountWrite<'_> {
    /// Keeps `plan` for an opportunity in place of what was kept.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn keep_plan(&mut self, opportunity_id: &str, plan: &KeptPlan) -> Result<(), StoreError> {
        let account_id = self.account_id();
        let values = (
            plans::versions.eq(&plan.versions),
            plans::next_change_at.eq(plan.next_change_at),
            plans::outline.eq(&plan.outline),
            plans::changed_at.eq(plan.changed_at),
            plans::changes.eq(&plan.changes),
        );
        let kept = diesel::update(plans::table.find((account_id, opportunity_id)))
            .set(values)
            .execute(self.connection()?)?;
        if kept == 0 {
            let key = (plans::account_id.eq(account_id), plans::opportunity_id.eq(opportunity_id));
            diesel::insert_into(plans::table).values((key, values)).execute(self.connection()?)?;
        }
        Ok(())
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
        self.keep_plan(opportunity_id, &plan)
    }

    /// The same for every plan of the account.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn postpone_plans(&mut self) -> Result<(), StoreError> {
        let now = self.now().timestamp_millis();
        diesel::update(plans::table.filter(plans::account_id.eq(self.account_id())))
            .set((plans::versions.eq(POSTPONED), plans::next_change_at.eq(now)))
            .execute(self.connection()?)?;
        Ok(())
    }

    /// Forgets plan and reminders of an opportunity that is gone.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn forget_plan(&mut self, opportunity_id: &str) -> Result<(), StoreError> {
        let account_id = self.account_id();
        diesel::delete(plans::table.find((account_id, opportunity_id)))
            .execute(self.connection()?)?;
        let of_opportunity = reminders::table
            .filter(reminders::account_id.eq(account_id))
            .filter(reminders::opportunity_id.eq(opportunity_id));
        diesel::delete(of_opportunity).execute(self.connection()?)?;
        Ok(())
    }

    /// The reminders of an opportunity, by action.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn reminders(&mut self, opportunity_id: &str) -> Result<Vec<KeptReminder>, StoreError> {
        let found = reminders::table
            .filter(reminders::account_id.eq(self.account_id()))
            .filter(reminders::opportunity_id.eq(opportunity_id))
            .select((
                reminders::action_key,
                reminders::follow_up_id,
                reminders::kind,
                reminders::remind_at,
                reminders::ideal,
                reminders::snoozed_until,
                reminders::useful_until,
            ))
            .order(reminders::action_key)
            .load(self.connection()?)?;
        Ok(found)
    }

    /// Writes the reminders of an opportunity that are not among `known`, and removes those of `known`
    /// that are not among `wanted`.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn replace_reminders(
        &mut self,
        opportunity_id: &str,
        known: &[KeptReminder],
        wanted: &[KeptReminder],
    ) -> Result<(), StoreError> {
        let account_id = self.account_id();
        let version = self.txn();
        let gone = known.iter().filter(|old| !wanted.contains(old));
        let gone: Vec<&str> = gone.map(|old| old.action_key.as_str()).collect();
        if !gone.is_empty() {
            let rows = reminders::table
                .filter(reminders::account_id.eq(account_id))
                .filter(reminders::action_key.eq_any(gone));
            diesel::delete(rows).execute(self.connection()?)?;
        }
        for new in wanted.iter().filter(|new| !known.contains(new)) {
            let row = (
                reminders::account_id.eq(account_id),
                reminders::action_key.eq(&new.action_key),
                reminders::opportunity_id.eq(opportunity_id),
                reminders::follow_up_id.eq(&new.follow_up_id),
                reminders::kind.eq(&new.kind),
                reminders::remind_at.eq(new.remind_at),
                reminders::ideal.eq(new.ideal),
                reminders::snoozed_until.eq(new.snoozed_until),
                reminders::useful_until.eq(new.useful_until),
                reminders::version.eq(version),
            );
            diesel::insert_into(reminders::table).values(row).execute(self.connection()?)?;
        }
        Ok(())
    }
}
