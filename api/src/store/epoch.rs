//! A new lineage of every account's log, after the database was put back to an earlier state.
//!
//! Devices may have seen stamps that the copy does not hold. They must neither be given out again for
//! something else nor be believed in. **Must never** touch a record.

use super::connection::Scope;
use super::schema::{account_sync, lost_intervals};
use super::{DbConnection, StoreError};
use afterview_domain::clock::Instant;
use afterview_domain::ids::IdSource;
use diesel::prelude::*;
use std::collections::BTreeMap;

/// How far the clock of the lost server may have been ahead of this one, in milliseconds.
const AHEAD_MILLIS: i64 = 60_000;

/// Ends the lineage of every account's log and begins another one. Says how many accounts there are.
///
/// What was given out between the newest stamp of the copy and now is lost: the interval is written
/// down, and the next stamps come after it. `given` are the newest stamps that are known to have been given
/// out, by account.
///
/// # Errors
/// That the database is unavailable.
pub(super) fn begin_for_all(
    connection: &mut DbConnection,
    now: Instant,
    ids: &dyn IdSource,
    given: &BTreeMap<String, i64>,
) -> Result<usize, StoreError> {
    connection.begin_unit(&Scope::Directory)?;
    let heads: Vec<(String, i64, i64)> = account_sync::table
        .select((account_sync::account_id, account_sync::epoch, account_sync::last_stamp))
        // So that locks are always taken in the same order.
        .order(account_sync::account_id)
        .load(connection)?;
    connection.commit()?;
    for (account_id, ended, last_stamp) in &heads {
        connection.begin_unit(&Scope::Account(account_id.clone()))?;
        let given = given.get(account_id).copied().unwrap_or_default();
        let newest = (*last_stamp).max(given).max(now.timestamp_millis());
        let lost_to = newest.saturating_add(AHEAD_MILLIS);
        let lost = (
            lost_intervals::account_id.eq(account_id),
            lost_intervals::epoch.eq(ended),
            lost_intervals::invalid_from.eq(last_stamp),
            lost_intervals::invalid_to.eq(lost_to),
        );
        diesel::insert_into(lost_intervals::table).values(lost).execute(connection)?;
        // The head is outside of the interval: whoever reads up to it has read what survived.
        let log = (
            account_sync::epoch.eq(fresh(ids)),
            account_sync::last_stamp.eq(lost_to.saturating_add(1)),
        );
        diesel::update(account_sync::table.find(account_id)).set(log).execute(connection)?;
        connection.commit()?;
    }
    Ok(heads.len())
}

/// An epoch that no log has had: 63 unpredictable bits.
#[must_use]
pub fn fresh(ids: &dyn IdSource) -> i64 {
    let mut bytes = [0_u8; 8];
    ids.fill(&mut bytes);
    i64::from_be_bytes(bytes) & i64::MAX
}
