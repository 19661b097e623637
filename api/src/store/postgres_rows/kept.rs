//! What planning anew reads and keeps, of all opportunities that a unit touched together, on PostgreSQL.
//!
//! **Must never** run a statement without the account.

use crate::store::StoreError;
use crate::store::plans::{KeptPlan, KeptReminder};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Text};

/// What is kept of the plans of some opportunities, and how many records, deleted ones included, belong to each,
/// counted up to `limit`.
pub(in crate::store) fn kept_and_counted(
    connection: &mut PgConnection,
    account_id: &str,
    opportunities: &[&str],
    limit: i64,
) -> Result<Vec<(String, i64, Option<KeptPlan>)>, StoreError> {
    Ok(KeptAndCounted { account_id, opportunities, limit }.load(connection)?)
}

struct KeptAndCounted<'a> {
    account_id: &'a str,
    opportunities: &'a [&'a str],
    limit: i64,
}

impl Query for KeptAndCounted<'_> {
    type SqlType = (Text, BigInt, Nullable<(Text, Nullable<BigInt>, Text, Nullable<BigInt>, Text)>);
}

impl QueryId for KeptAndCounted<'_> {
    type QueryId = KeptAndCounted<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for KeptAndCounted<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT one.id, (SELECT count(*) FROM (SELECT FROM records \
             WHERE records.opportunity_id = one.id AND records.account_id = ",
        );
        out.push_bind_param::<Text, _>(self.account_id)?;
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(
            ") AS few), plans.versions, plans.next_change_at, plans.outline, plans.changed_at, \
             plans.changes FROM unnest(",
        );
        out.push_bind_param::<Array<Text>, _>(self.opportunities)?;
        out.push_sql(
            ") AS one (id) LEFT JOIN plans ON plans.opportunity_id = one.id \
             AND plans.account_id = ",
        );
        out.push_bind_param::<Text, _>(self.account_id)
    }
}

impl RunQueryDsl<PgConnection> for KeptAndCounted<'_> {}

/// Keeps plans in place of what was kept, each beside its opportunity; whoever had claimed one holds it
/// no longer.
pub(in crate::store) fn keep_plans(
    connection: &mut PgConnection,
    account_id: &str,
    rows: &[(&str, &KeptPlan)],
) -> Result<(), StoreError> {
    if !rows.is_empty() {
        KeepPlans { account_id, rows: PlanColumns::of(rows) }.execute(connection)?;
    }
    Ok(())
}

struct PlanColumns<'a> {
    opportunity_id: Vec<&'a str>,
    versions: Vec<&'a str>,
    next_change_at: Vec<Option<i64>>,
    outline: Vec<&'a str>,
    changed_at: Vec<Option<i64>>,
    changes: Vec<&'a str>,
}

impl<'a> PlanColumns<'a> {
    fn of(rows: &[(&'a str, &'a KeptPlan)]) -> Self {
        Self {
            opportunity_id: rows.iter().map(|(id, _)| *id).collect(),
            versions: rows.iter().map(|(_, plan)| plan.versions.as_str()).collect(),
            next_change_at: rows.iter().map(|(_, plan)| plan.next_change_at).collect(),
            outline: rows.iter().map(|(_, plan)| plan.outline.as_str()).collect(),
            changed_at: rows.iter().map(|(_, plan)| plan.changed_at).collect(),
            changes: rows.iter().map(|(_, plan)| plan.changes.as_str()).collect(),
        }
    }
}

struct KeepPlans<'a> {
    account_id: &'a str,
    rows: PlanColumns<'a>,
}

impl QueryId for KeepPlans<'_> {
    type QueryId = KeepPlans<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for KeepPlans<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO plans (account_id, opportunity_id, versions, next_change_at, outline, \
             changed_at, changes) SELECT ",
        );
        out.push_bind_param::<Text, _>(self.account_id)?;
        out.push_sql(", new.* FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.rows.opportunity_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.rows.versions)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<BigInt>>, _>(&self.rows.next_change_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.rows.outline)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<BigInt>>, _>(&self.rows.changed_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.rows.changes)?;
        out.push_sql(
            ") AS new ON CONFLICT (account_id, opportunity_id) DO UPDATE SET \
             versions = excluded.versions, next_change_at = excluded.next_change_at, \
             outline = excluded.outline, changed_at = excluded.changed_at, \
             changes = excluded.changes, leased_until = NULL",
        );
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for KeepPlans<'_> {}

/// Keeps reminders, each beside its opportunity, in place of what was kept, as the unit whose first stamp
/// is `version`. What was done about one stays with it if its time is the same.
pub(in crate::store) fn keep_reminders(
    connection: &mut PgConnection,
    (account_id, version): (&str, i64),
    rows: &[(&str, &KeptReminder)],
) -> Result<(), StoreError> {
    if !rows.is_empty() {
        KeepReminders { account_id, version, rows: ReminderColumns::of(rows) }
            .execute(connection)?;
    }
    Ok(())
}

struct ReminderColumns<'a> {
    opportunity_id: Vec<&'a str>,
    action_key: Vec<&'a str>,
    follow_up_id: Vec<&'a str>,
    kind: Vec<&'a str>,
    remind_at: Vec<i64>,
    ideal: Vec<i64>,
    snoozed_until: Vec<Option<i64>>,
    useful_until: Vec<i64>,
}

impl<'a> ReminderColumns<'a> {
    fn of(rows: &[(&'a str, &'a KeptReminder)]) -> Self {
        Self {
            opportunity_id: rows.iter().map(|(id, _)| *id).collect(),
            action_key: rows.iter().map(|(_, row)| row.action_key.as_str()).collect(),
            follow_up_id: rows.iter().map(|(_, row)| row.follow_up_id.as_str()).collect(),
            kind: rows.iter().map(|(_, row)| row.kind.as_str()).collect(),
            remind_at: rows.iter().map(|(_, row)| row.remind_at).collect(),
            ideal: rows.iter().map(|(_, row)| row.ideal).collect(),
            snoozed_until: rows.iter().map(|(_, row)| row.snoozed_until).collect(),
            useful_until: rows.iter().map(|(_, row)| row.useful_until).collect(),
        }
    }
}

struct KeepReminders<'a> {
    account_id: &'a str,
    version: i64,
    rows: ReminderColumns<'a>,
}

impl QueryId for KeepReminders<'_> {
    type QueryId = KeepReminders<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for KeepReminders<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO reminders AS old (account_id, version, opportunity_id, action_key, \
             follow_up_id, kind, remind_at, ideal, snoozed_until, useful_until) SELECT ",
        );
        out.push_bind_param::<Text, _>(self.account_id)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&self.version)?;
        out.push_sql(", new.* FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.rows.opportunity_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.rows.action_key)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.rows.follow_up_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.rows.kind)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.rows.remind_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.rows.ideal)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<BigInt>>, _>(&self.rows.snoozed_until)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.rows.useful_until)?;
        out.push_sql(
            ") AS new ON CONFLICT (account_id, action_key) DO UPDATE SET \
             version = excluded.version, follow_up_id = excluded.follow_up_id, \
             kind = excluded.kind, remind_at = excluded.remind_at, ideal = excluded.ideal, \
             snoozed_until = excluded.snoozed_until, useful_until = excluded.useful_until, \
             leased_until = CASE WHEN old.remind_at = excluded.remind_at \
             THEN old.leased_until END, \
             dispatched_at = CASE WHEN old.remind_at = excluded.remind_at \
             THEN old.dispatched_at END, \
             outcome = CASE WHEN old.remind_at = excluded.remind_at THEN old.outcome END, \
             attempts = CASE WHEN old.remind_at = excluded.remind_at THEN old.attempts ELSE 0 END",
        );
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for KeepReminders<'_> {}
