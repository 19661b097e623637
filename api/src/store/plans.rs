//! What is kept of plans: the outline that the next plan is compared with, when that is due, and the
//! reminders to come.
//!
//! **Must never** be read as advice: what is served is planned from the facts.

use super::schema::{plans, records, reminders};
use super::{AccountWrite, DbConnection, StoreError, postgres_rows};
use afterview_domain::entities::Collection;
use diesel::dsl::Eq;
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
    /// Whether it was done with. Set by the dispatcher alone.
    pub is_done: bool,
}

impl KeptReminder {
    /// Whether nothing is to be written for `new` in the place of this one.
    fn says_the_same_as(&self, new: &Self) -> bool {
        *self == Self { is_done: self.is_done, ..new.clone() }
    }
}

type Values<'r> = (
    Eq<reminders::follow_up_id, &'r str>,
    Eq<reminders::kind, &'r str>,
    Eq<reminders::remind_at, i64>,
    Eq<reminders::ideal, i64>,
    Eq<reminders::snoozed_until, Option<i64>>,
    Eq<reminders::useful_until, i64>,
);

fn values(reminder: &KeptReminder) -> Values<'_> {
    (
        reminders::follow_up_id.eq(reminder.follow_up_id.as_str()),
        reminders::kind.eq(reminder.kind.as_str()),
        reminders::remind_at.eq(reminder.remind_at),
        reminders::ideal.eq(reminder.ideal),
        reminders::snoozed_until.eq(reminder.snoozed_until),
        reminders::useful_until.eq(reminder.useful_until),
    )
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
    /// Keeps `plan` for an opportunity in place of what was kept. Whoever had claimed it holds it no
    /// longer.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn keep_plan(&mut self, opportunity_id: &str, plan: &KeptPlan) -> Result<(), StoreError> {
        let account_id = self.account_id();
        let connection = match self.connection()? {
            DbConnection::Postgres(inner) => {
                return postgres_rows::keep_plan(inner, account_id, opportunity_id, plan);
            }
            DbConnection::Sqlite(inner) => inner,
        };
        let values = (
            plans::versions.eq(&plan.versions),
            plans::next_change_at.eq(plan.next_change_at),
            plans::outline.eq(&plan.outline),
            plans::changed_at.eq(plan.changed_at),
            plans::changes.eq(&plan.changes),
            plans::leased_until.eq(None::<i64>),
        );
        let kept = diesel::update(plans::table.find((account_id, opportunity_id)))
            .set(values)
            .execute(connection)?;
        if kept == 0 {
            let key = (plans::account_id.eq(account_id), plans::opportunity_id.eq(opportunity_id));
            diesel::insert_into(plans::table).values((key, values)).execute(connection)?;
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
            .set((
                plans::versions.eq(POSTPONED),
                plans::next_change_at.eq(now),
                plans::leased_until.eq(None::<i64>),
            ))
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
                reminders::dispatched_at.is_not_null(),
            ))
            .order(reminders::action_key)
            .load(self.connection()?)?;
        Ok(found)
    }

    /// Makes `wanted` of the reminders of an opportunity, which are `known`.
    ///
    /// What was done about a reminder, or is being done by whoever has claimed it, stays with it as long
    /// as its time is the same, whatever else changes. With another time it is due anew. One that was done
    /// with stays even when it is not wanted any more: the advice may come back, and is not new then.
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
        let gone = known.iter().filter(|old| !old.is_done).map(|old| old.action_key.as_str());
        let gone = gone.filter(|key| wanted.iter().all(|new| new.action_key != *key));
        let gone: Vec<&str> = gone.collect();
        if !gone.is_empty() {
            let rows = reminders::table
                .filter(reminders::account_id.eq(account_id))
                .filter(reminders::action_key.eq_any(gone));
            diesel::delete(rows).execute(self.connection()?)?;
        }
        for new in wanted {
            match known.iter().find(|old| old.action_key == new.action_key) {
                Some(old) if old.says_the_same_as(new) => {}
                Some(old) => self.change_reminder(new, new.remind_at != old.remind_at)?,
                None => self.add_reminder(opportunity_id, new)?,
            }
        }
        Ok(())
    }

    /// Has those reminders looked at again at once that wait beyond `claims_end` (Unix milliseconds), when
    /// every claim made so far has ended: not because somebody is at work on them, but for the end of quiet
    /// hours, say, which may be others now.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn wake_reminders(&mut self, claims_end: i64) -> Result<(), StoreError> {
        let waiting = reminders::table
            .filter(reminders::account_id.eq(self.account_id()))
            .filter(reminders::dispatched_at.is_null())
            .filter(reminders::leased_until.gt(claims_end));
        diesel::update(waiting)
            .set(reminders::leased_until.eq(None::<i64>))
            .execute(self.connection()?)?;
        Ok(())
    }

    fn add_reminder(&mut self, opportunity_id: &str, new: &KeptReminder) -> Result<(), StoreError> {
        let row = (
            reminders::account_id.eq(self.account_id()),
            reminders::action_key.eq(&new.action_key),
            reminders::opportunity_id.eq(opportunity_id),
            values(new),
            reminders::version.eq(self.txn()),
        );
        diesel::insert_into(reminders::table).values(row).execute(self.connection()?)?;
        Ok(())
    }

    fn change_reminder(&mut self, new: &KeptReminder, due_anew: bool) -> Result<(), StoreError> {
        let row = reminders::table.find((self.account_id(), &new.action_key));
        let version = reminders::version.eq(self.txn());
        diesel::update(row).set((values(new), version)).execute(self.connection()?)?;
        if due_anew {
            let nothing_done = (
                reminders::leased_until.eq(None::<i64>),
                reminders::dispatched_at.eq(None::<i64>),
                reminders::outcome.eq(None::<String>),
                reminders::attempts.eq(0),
            );
            diesel::update(row).set(nothing_done).execute(self.connection()?)?;
        }
        Ok(())
    }
}
