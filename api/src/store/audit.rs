//! What happened to an account that its owner should know of: sign-ins, tokens, exports, deletion.
//!
//! **Must never** hold a password, a token or anything that was typed but a name.

use super::schema::audit_events as events;
use super::{DbConnection, StoreError};
use diesel::prelude::*;

/// An event as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = events)]
pub struct EventRow {
    /// Whose it is.
    pub account_id: String,
    /// A UUID of version 7: in the order of time.
    pub id: String,
    /// Unix milliseconds.
    pub at: i64,
    /// What happened, as the table in [`crate::auth::audit`] names it.
    pub kind: String,
    /// The session or the personal token that did it; `None` when nobody was signed in.
    pub session_id: Option<String>,
    /// What it was done to, in words or as an identifier.
    pub about: Option<String>,
}

/// Notes an event.
///
/// # Errors
/// That the database is unavailable.
pub fn insert(connection: &mut DbConnection, event: &EventRow) -> Result<(), StoreError> {
    diesel::insert_into(events::table).values(event).execute(connection)?;
    Ok(())
}

/// The events of an account, newest first: those before the one called `before`, `limit` at most.
///
/// # Errors
/// That the database is unavailable.
pub fn page(
    connection: &mut DbConnection,
    account_id: &str,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<EventRow>, StoreError> {
    let own = events::table.filter(events::account_id.eq(account_id));
    let found = match before {
        Some(id) => own
            .filter(events::id.lt(id))
            .order(events::id.desc())
            .limit(limit)
            .select(EventRow::as_select())
            .load(connection)?,
        None => own
            .order(events::id.desc())
            .limit(limit)
            .select(EventRow::as_select())
            .load(connection)?,
    };
    Ok(found)
}
