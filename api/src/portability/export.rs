//! An account, line by line.
//!
//! Each piece is read by itself, so that no transaction stays open for a slow client: lines are of
//! different moments. A record that is changed meanwhile comes as it is when its turn comes.

use super::{FORMAT, VERSION};
use crate::dto::account::{AccessTokenView, AccountView, AuditEvent, IdentityView, SessionView};
use crate::dto::calendar_feed::CalendarFeed;
use crate::dto::device::DeviceView;
use crate::dto::notification::NotificationView;
use crate::dto::webhook::WebhookView;
use crate::error::ApiError;
use crate::store::{
    AccountFeed, DbConnection, StoreError, access_tokens, accounts, audit, calendar_feeds,
    deliveries, devices, history, identities, sessions, webhooks,
};
use afterview_domain::clock::{Instant, format_instant};
use afterview_domain::entities::Collection;
use afterview_domain::sync::{ChangeRow, Feed};
use serde::Serialize;
use serde_json::json;

/// How many rows are read at once.
const ROWS_AT_ONCE: usize = 200;

/// After how many bytes a piece is sent.
const PIECE_BYTES: usize = 256 * 1024;

/// Where an export is.
#[derive(Debug, Clone)]
enum Place {
    Start,
    /// Live records of one collection, after an identifier.
    Records(usize, String),
    /// Tombstones, after a stamp.
    Deleted(i64),
    /// What changes replaced, after a stamp.
    Changes(i64),
    /// What became of notifications, before a name.
    Notifications(Option<String>),
    /// The audit trail, before a name.
    Events(Option<String>),
    End,
}

/// An export on its way out.
#[derive(Debug)]
pub struct Export {
    account_id: String,
    session_id: String,
    now: Instant,
    place: Option<Place>,
    lines: u64,
    text: String,
}

impl Export {
    /// An export of an account, asked for by one of its sessions.
    #[must_use]
    pub fn new(account_id: &str, session_id: &str, now: Instant) -> Self {
        Self {
            account_id: account_id.to_owned(),
            session_id: session_id.to_owned(),
            now,
            place: Some(Place::Start),
            lines: 0,
            text: String::new(),
        }
    }

    /// The next lines; `None` when the last one is out.
    ///
    /// # Errors
    /// That the database is unavailable.
    pub fn next_piece(
        &mut self,
        connection: &mut DbConnection,
    ) -> Result<Option<String>, ApiError> {
        while self.text.len() < PIECE_BYTES {
            let Some(place) = self.place.take() else { break };
            self.place = self.write(connection, place)?;
        }
        let text = std::mem::take(&mut self.text);
        Ok((!text.is_empty()).then_some(text))
    }

    /// Writes what stands at `place`, and says where to go on.
    fn write(
        &mut self,
        connection: &mut DbConnection,
        place: Place,
    ) -> Result<Option<Place>, ApiError> {
        let account = self.account_id.clone();
        let next = match place {
            Place::Start => {
                self.account(connection)?;
                Place::Records(0, String::new())
            }
            Place::Records(index, after) => self.records(connection, index, &after)?,
            Place::Deleted(after) => self.deleted(connection, after)?,
            Place::Changes(after) => self.changes(connection, after)?,
            Place::Notifications(before) => {
                let limit = i64::try_from(ROWS_AT_ONCE).unwrap_or(i64::MAX);
                let rows = deliveries::page(connection, &account, None, before.as_deref(), limit)?;
                let last = rows.last().map(|row| row.id.clone());
                for row in rows {
                    self.line("notification", &NotificationView::from(row))?;
                }
                last.map_or(Place::Events(None), |id| Place::Notifications(Some(id)))
            }
            Place::Events(before) => {
                let limit = i64::try_from(ROWS_AT_ONCE).unwrap_or(i64::MAX);
                let rows = audit::page(connection, &account, before.as_deref(), limit)?;
                let last = rows.last().map(|row| row.id.clone());
                for row in rows {
                    self.line("event", &AuditEvent::from(row))?;
                }
                last.map_or(Place::End, |id| Place::Events(Some(id)))
            }
            Place::End => {
                let lines = self.lines;
                self.line("end", &json!({ "lines": lines }))?;
                return Ok(None);
            }
        };
        Ok(Some(next))
    }

    /// The account, its ways in, its sessions with their devices, its tokens, its webhooks, its calendar feeds.
    fn account(&mut self, connection: &mut DbConnection) -> Result<(), ApiError> {
        let (account_id, now) = (self.account_id.clone(), self.now.timestamp_millis());
        let found = accounts::find(connection, &account_id)?;
        let identities = identities::of(connection, &account_id)?;
        let joined: Vec<IdentityView> = identities.iter().cloned().map(Into::into).collect();
        let account = AccountView::of(&account_id, found, identities);
        let exported_at = format_instant(self.now);
        let first = json!({
            "format": FORMAT, "version": VERSION, "exported_at": exported_at, "account": account,
        });
        self.line("export", &first)?;
        for identity in joined {
            self.line("identity", &identity)?;
        }
        let session_id = self.session_id.clone();
        for session in sessions::open(connection, &account_id, now)? {
            let device = devices::find(connection, &account_id, &session.session_id)?;
            self.line("session", &SessionView::of(session, &session_id))?;
            if let Some(device) = device {
                self.line("device", &DeviceView::of(device, ""))?;
            }
        }
        for token in access_tokens::live(connection, &account_id, now)? {
            self.line("access_token", &AccessTokenView::from(token))?;
        }
        for webhook in webhooks::of_account(connection, &account_id)? {
            self.line("webhook", &WebhookView::of(&webhook, now))?;
        }
        for feed in calendar_feeds::of(connection, &account_id)? {
            self.line("calendar_feed", &CalendarFeed::from(feed))?;
        }
        Ok(())
    }

    fn records(
        &mut self,
        connection: &mut DbConnection,
        index: usize,
        after: &str,
    ) -> Result<Place, ApiError> {
        let Some(collection) = Collection::ALL.get(index).copied() else {
            return Ok(Place::Deleted(0));
        };
        let account_id = self.account_id.clone();
        let mut feed = AccountFeed::new(connection, &account_id);
        let rows = feed.live(collection, after, ROWS_AT_ONCE)?;
        for row in &rows {
            self.record("record", row);
        }
        Ok(match rows.last() {
            Some(last) if rows.len() == ROWS_AT_ONCE => Place::Records(index, last.id.clone()),
            _ => Place::Records(index.saturating_add(1), String::new()),
        })
    }

    /// What was deleted and is not yet forgotten.
    fn deleted(&mut self, connection: &mut DbConnection, after: i64) -> Result<Place, ApiError> {
        let account_id = self.account_id.clone();
        let rows = AccountFeed::new(connection, &account_id).changes(
            after,
            i64::MAX,
            None,
            ROWS_AT_ONCE,
        )?;
        let next = rows.last().map_or(Place::Changes(0), |last| Place::Deleted(last.rev));
        for row in rows.iter().filter(|row| row.deleted) {
            self.record("deleted_record", row);
        }
        Ok(next)
    }

    fn changes(&mut self, connection: &mut DbConnection, after: i64) -> Result<Place, ApiError> {
        let limit = i64::try_from(ROWS_AT_ONCE).unwrap_or(i64::MAX);
        let account_id = self.account_id.clone();
        let rows = history::after(connection, &account_id, after, limit)?;
        let next = rows.last().map_or(Place::Notifications(None), |last| Place::Changes(last.rev));
        for row in rows {
            let changed: serde_json::Value = serde_json::from_str(&row.changed)
                .map_err(|error| StoreError::Corrupt(format!("history {}: {error}", row.rev)))?;
            let change = json!({
                "collection": row.collection, "id": row.id, "rev": row.rev,
                "device_id": row.device_id, "changed": changed,
            });
            self.line("change", &change)?;
        }
        Ok(next)
    }

    /// One record, with its text as it is stored.
    fn record(&mut self, kind: &str, row: &ChangeRow) {
        let (collection, doc) = (row.collection.as_str(), &row.doc);
        let extra = row.extra.as_ref().map_or_else(String::new, |it| format!(",\"extra\":{it}"));
        self.text.push_str(&format!(
            "{{\"type\":\"{kind}\",\"collection\":\"{collection}\",\"record\":{doc}{extra}}}\n"
        ));
        self.lines = self.lines.saturating_add(1);
    }

    fn line(&mut self, kind: &'static str, content: &impl Serialize) -> Result<(), ApiError> {
        #[derive(Serialize)]
        struct Line<'a, T> {
            #[serde(rename = "type")]
            kind: &'static str,
            #[serde(flatten)]
            content: &'a T,
        }
        let line = serde_json::to_string(&Line { kind, content }).map_err(ApiError::internal)?;
        self.text.push_str(&line);
        self.text.push('\n');
        self.lines = self.lines.saturating_add(1);
        Ok(())
    }
}
