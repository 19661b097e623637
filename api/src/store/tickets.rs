//! Tickets for the live stream, for clients that cannot send headers: single use, short-lived.
//!
//! **Must never** hold a ticket itself, only its digest.

use super::schema::stream_tickets as tickets;
use super::{DbConnection, StoreError};
use diesel::prelude::*;

/// A ticket as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tickets)]
pub struct TicketRow {
    /// Whose stream it opens.
    pub account_id: String,
    /// SHA-256 of the ticket in hexadecimal.
    pub ticket_hash: String,
    /// The session that asked for it.
    pub session_id: String,
    /// From this time on, in Unix milliseconds, it opens nothing.
    pub expires_at: i64,
}

/// Stores a new ticket and clears the expired ones of its account.
///
/// # Errors
/// That the database is unavailable.
pub fn insert(
    connection: &mut DbConnection,
    ticket: &TicketRow,
    now: i64,
) -> Result<(), StoreError> {
    diesel::delete(tickets::table)
        .filter(tickets::account_id.eq(&ticket.account_id))
        .filter(tickets::expires_at.le(now))
        .execute(connection)?;
    diesel::insert_into(tickets::table).values(ticket).execute(connection)?;
    Ok(())
}

/// Uses a ticket up and says which session asked for it; `None` if there is no such ticket, it has
/// expired or somebody else has just used it: of any number of callers one gets the session.
///
/// # Errors
/// That the database is unavailable.
pub fn take(
    connection: &mut DbConnection,
    account_id: &str,
    ticket_hash: &str,
    now: i64,
) -> Result<Option<String>, StoreError> {
    let found: Option<TicketRow> = tickets::table
        .find((account_id, ticket_hash))
        .select(TicketRow::as_select())
        .get_result(connection)
        .optional()?;
    let Some(ticket) = found else { return Ok(None) };
    let used =
        diesel::delete(tickets::table.find((account_id, ticket_hash))).execute(connection)?;
    Ok((used == 1 && ticket.expires_at > now).then_some(ticket.session_id))
}
