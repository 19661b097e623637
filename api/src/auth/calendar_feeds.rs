//! Calendar feeds: addresses that open a calendar to whoever has them, because calendar programs can show
//! no token.
//!
//! A feed opens what it shows and nothing else, until it is ended. **Must never** store or log a secret, or
//! tell a wrong one from one that was ended.

use crate::app::AppState;
use crate::auth::audit::{self, Kind};
use crate::auth::caller::{Calendar, Caller};
use crate::auth::{MAX_CALENDAR_FEEDS, digest, secret};
use crate::dto::calendar_feed::{FeedBody, FeedPatch};
use crate::error::{ApiError, Code};
use crate::store::calendar_feeds::{self, FeedRow};
use crate::store::{AccountWrite, DbConnection, audit as trail};

/// The characters of a secret: 256 bits in base64url.
const SECRET_CHARS: usize = 43;

/// How old the note of the last reading may become.
const NOTED_MILLIS: i64 = 60 * 60 * 1_000;

/// A feed that is to be made, and its address.
pub struct Fresh {
    /// The feed.
    pub row: FeedRow,
    /// Its address, which nobody can find out again.
    pub url: String,
}

/// A feed as `body` says, not stored yet.
#[must_use]
pub fn fresh(state: &AppState, caller: &Caller<Calendar>, body: FeedBody) -> Fresh {
    let (now, secret) = (state.clock.now(), secret(state));
    let row = FeedRow {
        account_id: caller.account_id().to_owned(),
        feed_id: state.ids.record_id(now),
        name: body.name,
        secret_hash: digest(&secret),
        detail: body.detail,
        components: body.components.join(" "),
        alarms: i32::from(body.alarms),
        created_at: now.timestamp_millis(),
        last_read_at: None,
    };
    Fresh { row, url: address(state, &secret) }
}

fn address(state: &AppState, secret: &str) -> String {
    format!("{}/calendar/{secret}.ics", state.tokens.issuer())
}

/// Stores a fresh feed.
///
/// # Errors
/// [`Code::LimitExceeded`] when the account has as many as it may; [`Code::Unavailable`].
pub fn insert(
    unit: &mut AccountWrite<'_>,
    row: &FeedRow,
    event: &trail::EventRow,
) -> Result<(), ApiError> {
    let connection = unit.connection()?;
    if calendar_feeds::of(connection, &row.account_id)?.len() >= MAX_CALENDAR_FEEDS {
        let detail =
            format!("an account has at most {MAX_CALENDAR_FEEDS} calendar feeds; end another");
        return Err(ApiError::new(Code::LimitExceeded, detail));
    }
    calendar_feeds::insert(connection, row)?;
    Ok(trail::insert(connection, event)?)
}

/// The feeds of the caller's account, oldest first.
///
/// # Errors
/// [`Code::Unavailable`].
pub async fn list(state: &AppState, caller: &Caller<Calendar>) -> Result<Vec<FeedRow>, ApiError> {
    let account = caller.account_id().to_owned();
    let read = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(calendar_feeds::of(connection, &account)?)
    };
    state.store.read(caller.account_id(), read).await
}

/// One feed of the caller's account.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Unavailable`].
pub async fn one(
    state: &AppState,
    caller: &Caller<Calendar>,
    feed_id: &str,
) -> Result<FeedRow, ApiError> {
    let (account, wanted) = (caller.account_id().to_owned(), feed_id.to_owned());
    let read = move |connection: &mut DbConnection| found(connection, &account, &wanted);
    state.store.read(caller.account_id(), read).await
}

fn found(
    connection: &mut DbConnection,
    account_id: &str,
    feed_id: &str,
) -> Result<FeedRow, ApiError> {
    let found = calendar_feeds::find(connection, account_id, feed_id)?;
    found.ok_or_else(|| ApiError::not_found("calendar feed", feed_id))
}

/// Changes what a feed shows. Its address stays.
///
/// # Errors
/// As [`one`].
pub async fn update(
    state: &AppState,
    caller: &Caller<Calendar>,
    feed_id: &str,
    patch: FeedPatch,
) -> Result<FeedRow, ApiError> {
    let (account, wanted) = (caller.account_id().to_owned(), feed_id.to_owned());
    let change = move |connection: &mut DbConnection| {
        let row = patched(found(connection, &account, &wanted)?, patch.clone());
        calendar_feeds::update(connection, &row)?;
        Ok::<_, ApiError>(row)
    };
    state.store.write_unsynced(caller.account_id(), change).await
}

fn patched(row: FeedRow, patch: FeedPatch) -> FeedRow {
    FeedRow {
        name: patch.name.unwrap_or(row.name),
        detail: patch.detail.unwrap_or(row.detail),
        components: patch.components.map_or(row.components, |words| words.join(" ")),
        alarms: patch.alarms.map_or(row.alarms, i32::from),
        ..row
    }
}

/// Gives a feed another address; the one before opens nothing any more.
///
/// # Errors
/// As [`one`].
pub async fn rotate(
    state: &AppState,
    caller: &Caller<Calendar>,
    feed_id: &str,
) -> Result<(FeedRow, String), ApiError> {
    let secret = secret(state);
    let (wanted, hash) = (feed_id.to_owned(), digest(&secret));
    let event = event(state, caller, Kind::CalendarFeedRotated);
    let rotate = move |connection: &mut DbConnection| {
        let row = found(connection, &event.account_id, &wanted)?;
        let row = FeedRow { secret_hash: hash.clone(), ..row };
        calendar_feeds::update(connection, &row)?;
        trail::insert(connection, &about(&event, &row.name))?;
        Ok::<_, ApiError>(row)
    };
    let row = state.store.write_unsynced(caller.account_id(), rotate).await?;
    Ok((row, address(state, &secret)))
}

/// Ends a feed; its address opens nothing from now on.
///
/// # Errors
/// As [`one`].
pub async fn revoke(
    state: &AppState,
    caller: &Caller<Calendar>,
    feed_id: &str,
) -> Result<(), ApiError> {
    let wanted = feed_id.to_owned();
    let event = event(state, caller, Kind::CalendarFeedRevoked);
    let end = move |connection: &mut DbConnection| {
        let row = found(connection, &event.account_id, &wanted)?;
        calendar_feeds::delete(connection, &row.account_id, &row.feed_id)?;
        Ok::<_, ApiError>(trail::insert(connection, &about(&event, &row.name))?)
    };
    state.store.write_unsynced(caller.account_id(), end).await
}

/// What the trail is to say of something done to a feed.
#[must_use]
pub fn event(state: &AppState, caller: &Caller<Calendar>, kind: Kind) -> trail::EventRow {
    let session_id = Some(caller.session_id());
    audit::event(state, caller.account_id(), kind, session_id, None, state.clock.now())
}

/// The same, of the feed called `name`.
#[must_use]
pub fn about(event: &trail::EventRow, name: &str) -> trail::EventRow {
    trail::EventRow { about: Some(name.to_owned()), ..event.clone() }
}

/// The feed that `secret` opens, and a note that it was read.
///
/// # Errors
/// [`Code::NotFound`], always with the same words; [`Code::Unavailable`].
pub async fn open(state: &AppState, secret: &str) -> Result<FeedRow, ApiError> {
    if !is_well_formed(secret) {
        return Err(closed());
    }
    let hash = digest(secret);
    let look_up = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(calendar_feeds::by_hash(connection, &hash)?)
    };
    let found = state.store.read_directory(look_up).await?;
    let (account_id, feed_id) = found.ok_or_else(closed)?;
    let (account, feed) = (account_id.clone(), feed_id.clone());
    let read = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(calendar_feeds::find(connection, &account, &feed)?)
    };
    // It may have been ended, or have got another address, between the two.
    let row = state.store.read(&account_id, read).await?.ok_or_else(closed)?;
    if row.secret_hash != digest(secret) {
        return Err(closed());
    }
    note_reading(state, &row).await?;
    Ok(row)
}

async fn note_reading(state: &AppState, row: &FeedRow) -> Result<(), ApiError> {
    let now = state.clock.now().timestamp_millis();
    if row.last_read_at.is_some_and(|at| (at..at + NOTED_MILLIS).contains(&now)) {
        return Ok(());
    }
    let (account, feed) = (row.account_id.clone(), row.feed_id.clone());
    let note = move |connection: &mut DbConnection| {
        Ok::<_, ApiError>(calendar_feeds::note_reading(connection, &account, &feed, now)?)
    };
    state.store.write_unsynced(&row.account_id, note).await
}

/// Whether a text looks like a secret. Public for fuzzing only.
#[doc(hidden)]
#[must_use]
pub fn is_well_formed(secret: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    secret.len() == SECRET_CHARS && secret.bytes().all(plain)
}

fn closed() -> ApiError {
    ApiError::new(Code::NotFound, "no calendar has this address, or not any more")
}
