//! The reminders to come, of several opportunities at once.
//!
//! **Must never** run a statement without the account.

use crate::store::schema::reminders;
use crate::store::{AccountWrite, DbConnection, StoreError, postgres_rows};
use diesel::dsl::Eq;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use std::collections::BTreeMap;

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

/// What is to become of the reminders of one opportunity.
#[derive(Debug)]
pub struct Replacement<'a> {
    /// Whose they are.
    pub opportunity_id: &'a str,
    /// What is stored.
    pub known: &'a [KeptReminder],
    /// What is to be stored.
    pub wanted: Vec<KeptReminder>,
}

impl Replacement<'_> {
    /// The actions that are to come and not wanted any more.
    pub fn gone(&self) -> impl Iterator<Item = &str> {
        let open = self.known.iter().filter(|old| !old.is_done);
        let keys = open.map(|old| old.action_key.as_str());
        keys.filter(|key| self.wanted.iter().all(|new| new.action_key != *key))
    }

    /// What is new or has changed, beside what is stored of it.
    fn moved(&self) -> impl Iterator<Item = (Option<&KeptReminder>, &KeptReminder)> {
        let pair = |new| (self.known.iter().find(|old| same_action(old, new)), new);
        let differs = |old: &KeptReminder, new| !old.says_the_same_as(new);
        self.wanted
            .iter()
            .map(pair)
            .filter(move |(old, new)| old.is_none_or(|old| differs(old, new)))
    }
}

fn same_action(one: &KeptReminder, other: &KeptReminder) -> bool {
    one.action_key == other.action_key
}

impl AccountWrite<'_> {
    /// The reminders of some opportunities, by opportunity and in the order of their actions.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn reminders(
        &mut self,
        opportunities: &[&str],
    ) -> Result<BTreeMap<String, Vec<KeptReminder>>, StoreError> {
        let account_id = self.account_id();
        let of_account = || {
            reminders::table
                .filter(reminders::account_id.eq(account_id))
                .select((
                    reminders::opportunity_id,
                    (
                        reminders::action_key,
                        reminders::follow_up_id,
                        reminders::kind,
                        reminders::remind_at,
                        reminders::ideal,
                        reminders::snoozed_until,
                        reminders::useful_until,
                        reminders::dispatched_at.is_not_null(),
                    ),
                ))
                .order(reminders::action_key)
        };
        let mut found: Vec<(String, KeptReminder)> = Vec::new();
        match self.connection()? {
            DbConnection::Postgres(inner) => {
                let wanted = reminders::opportunity_id.eq_any(opportunities);
                found = of_account().filter(wanted).load(inner)?;
            }
            DbConnection::Sqlite(inner) => {
                for id in opportunities {
                    let wanted = reminders::opportunity_id.eq(*id);
                    found.extend(of_account().filter(wanted).load::<(String, _)>(inner)?);
                }
            }
        }
        let mut by_opportunity: BTreeMap<String, Vec<KeptReminder>> = BTreeMap::new();
        for (opportunity_id, reminder) in found {
            by_opportunity.entry(opportunity_id).or_default().push(reminder);
        }
        Ok(by_opportunity)
    }

    /// Makes of the reminders of some opportunities what is wanted.
    ///
    /// What was done about a reminder, or is being done by whoever has claimed it, stays with it as long
    /// as its time is the same, whatever else changes. With another time it is due anew. One that was done
    /// with stays even when it is not wanted any more: the advice may come back, and is not new then.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn replace_reminders(&mut self, all: &[Replacement<'_>]) -> Result<(), StoreError> {
        let account_id = self.account_id();
        let gone: Vec<&str> = all.iter().flat_map(Replacement::gone).collect();
        if !gone.is_empty() {
            let rows = reminders::table
                .filter(reminders::account_id.eq(account_id))
                .filter(reminders::action_key.eq_any(gone));
            diesel::delete(rows).execute(self.connection()?)?;
        }
        let version = self.txn();
        let by = (account_id, version);
        let moved = all.iter().flat_map(|one| one.moved().map(|pair| (one.opportunity_id, pair)));
        match self.connection()? {
            DbConnection::Postgres(inner) => {
                let rows: Vec<_> = moved.map(|(owner, (_, new))| (owner, new)).collect();
                postgres_rows::keep_reminders(inner, by, &rows)
            }
            DbConnection::Sqlite(inner) => {
                moved.into_iter().try_for_each(|(owner, pair)| match pair {
                    (Some(old), new) => change(inner, by, new, new.remind_at != old.remind_at),
                    (None, new) => add(inner, by, owner, new),
                })
            }
        }
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
}

fn add(
    connection: &mut SqliteConnection,
    (account_id, version): (&str, i64),
    opportunity_id: &str,
    new: &KeptReminder,
) -> Result<(), StoreError> {
    let row = (
        reminders::account_id.eq(account_id),
        reminders::action_key.eq(&new.action_key),
        reminders::opportunity_id.eq(opportunity_id),
        values(new),
        reminders::version.eq(version),
    );
    diesel::insert_into(reminders::table).values(row).execute(connection)?;
    Ok(())
}

fn change(
    connection: &mut SqliteConnection,
    (account_id, version): (&str, i64),
    new: &KeptReminder,
    due_anew: bool,
) -> Result<(), StoreError> {
    let row = reminders::table.find((account_id, &new.action_key));
    let version = reminders::version.eq(version);
    diesel::update(row).set((values(new), version)).execute(connection)?;
    if due_anew {
        let nothing_done = (
            reminders::leased_until.eq(None::<i64>),
            reminders::dispatched_at.eq(None::<i64>),
            reminders::outcome.eq(None::<String>),
            reminders::attempts.eq(0),
        );
        diesel::update(row).set(nothing_done).execute(connection)?;
    }
    Ok(())
}
