//! What a backup cannot know: who was deleted, and who was shut out, since it was made.
//!
//! A later database of the same accounts does, such as the one that is replaced. What it says about the ways into
//! an account holds: passwords, sessions, tokens, devices, calendars, webhooks and what was sent to them.
//! Of accounts that it has not, nothing is known but those that it says were deleted.
//!
//! **Must never** touch a record, or write to the later database.

use super::super::connection::{Scope, Setup};
use super::super::copy::{TABLES, Table, named_accounts, take_time};
use super::super::schema::{account_sync, accounts, devices, identities};
use super::super::{DbConnection, StoreError, erasure};
use super::reminders;
use afterview_domain::clock::Instant;
use diesel::prelude::*;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// The tables that say who may come in, where somebody is reached, and what was sent. With the account's row
/// comes the lock of one that is to be deleted.
const WAYS_IN: [&str; 12] = [
    "accounts",
    "sessions",
    "used_refresh_tokens",
    "devices",
    "deliveries",
    "identities",
    "password_resets",
    "access_tokens",
    "audit_events",
    "webhooks",
    "webhook_deliveries",
    "calendar_feeds",
];

/// What was taken over from a later database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carried {
    /// How many accounts it has that the backup has, too.
    pub known: usize,
    /// How many accounts of the backup it says were deleted.
    pub erased: usize,
    /// How many accounts it has that the backup has not.
    pub newer: usize,
}

/// What a restored database is told.
pub(super) struct Told {
    /// What was taken over, if there was a later database.
    pub(super) carried: Option<Carried>,
    /// The newest stamps that it has given out, by account.
    pub(super) given: BTreeMap<String, i64>,
    /// How many reminders are not sent any more.
    pub(super) silenced: usize,
}

/// Tells a restored database what a later one knows, and which reminders are over. In one transaction of its
/// own on `later`, inside of one on `restored`.
pub(super) fn carry(
    restored: &mut DbConnection,
    mut later: Option<&mut DbConnection>,
    now: Instant,
) -> Result<Told, StoreError> {
    let mut told = Told { carried: None, given: BTreeMap::new(), silenced: 0 };
    if let Some(later) = later.as_deref_mut() {
        later.begin_reading(&Scope::Directory, Setup::Transaction)?;
        take_time(later)?;
        let theirs = named_accounts(later)?;
        let ours = named_accounts(restored)?;
        let mut carried = Carried::default();
        for (account_id, erased_at) in erasure::erased(later)? {
            if ours.contains_key(&account_id) {
                carried.erased += 1;
            }
            erasure::erase(restored, &account_id, erased_at)?;
        }
        told.given = theirs.iter().filter_map(|(id, at)| Some((id.clone(), (*at)?))).collect();
        let known: Vec<&String> = told.given.keys().filter(|id| ours.contains_key(*id)).collect();
        (carried.known, carried.newer) = (known.len(), told.given.len() - known.len());
        take_over(restored, later, &known)?;
        told.carried = Some(carried);
    }
    for account_id in named_accounts(restored)?.into_keys() {
        let later = later.as_deref_mut().filter(|_| told.given.contains_key(&account_id));
        told.silenced += reminders::settle(restored, later, &account_id, now)?;
    }
    if let Some(later) = later {
        later.roll_back()?;
    }
    Ok(told)
}

fn tables() -> impl Iterator<Item = &'static Table> {
    TABLES.iter().filter(|table| WAYS_IN.contains(&table.name))
}

fn take_over(
    restored: &mut DbConnection,
    later: &mut DbConnection,
    known: &[&String],
) -> Result<(), StoreError> {
    // All of them first: an address may have gone from one account to another.
    for account_id in known {
        tables().try_for_each(|table| (table.delete)(restored, account_id))?;
    }
    for account_id in known {
        later.look_as(&Scope::Account((*account_id).clone()))?;
        make_room(restored, later, account_id)?;
        for table in tables() {
            let moved =
                (table.copy)(later, restored, account_id, &mut |_| ControlFlow::Continue(()));
            if moved?.is_break() {
                return Err(StoreError::Unavailable("it was stopped".to_owned()));
            }
        }
        let enabled: i64 = account_sync::table
            .find(account_id)
            .select(account_sync::webhooks)
            .get_result(later)?;
        diesel::update(account_sync::table.find(account_id))
            .set(account_sync::webhooks.eq(enabled))
            .execute(restored)?;
    }
    Ok(())
}

/// Takes away from other accounts of the backup, of which the later database knows nothing, what belongs to this
/// one now: an address, a device, an identity.
fn make_room(
    restored: &mut DbConnection,
    later: &mut DbConnection,
    account_id: &str,
) -> Result<(), StoreError> {
    let email: Option<String> =
        accounts::table.find(account_id).select(accounts::email).get_result(later)?;
    diesel::update(accounts::table.filter(accounts::email.eq(email)))
        .set(accounts::email.eq(None::<String>))
        .execute(restored)?;
    let addresses: Vec<String> = devices::table
        .filter(devices::account_id.eq(account_id))
        .filter(devices::push_hash.is_not_null())
        .select(devices::push_hash.assume_not_null())
        .load(later)?;
    for address in addresses {
        let nothing = (
            devices::push_kind.eq(None::<String>),
            devices::push_address.eq(None::<String>),
            devices::push_keys.eq(None::<String>),
            devices::push_hash.eq(None::<String>),
        );
        diesel::update(devices::table.filter(devices::push_hash.eq(address)))
            .set(nothing)
            .execute(restored)?;
    }
    let hashes: Vec<String> = identities::table
        .filter(identities::account_id.eq(account_id))
        .select(identities::identity_hash)
        .load(later)?;
    for hash in hashes {
        diesel::delete(identities::table.filter(identities::identity_hash.eq(hash)))
            .execute(restored)?;
    }
    Ok(())
}
