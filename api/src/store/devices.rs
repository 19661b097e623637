//! Devices: what each session last said about itself, and how it can be reached.
//!
//! An address belongs to one session of one account. **Must never** leave one with two: whoever
//! registers it takes it from everybody else first.

use super::schema::{devices, sessions};
use super::{DbConnection, StoreError};
use diesel::prelude::*;

/// A device as stored. Times are Unix milliseconds.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = devices)]
pub struct DeviceRow {
    /// Whose it is.
    pub account_id: String,
    /// The session, which is a device.
    pub session_id: String,
    /// When it last reported.
    pub reported_at: i64,
    /// Where it was then; a zone of the IANA database.
    pub time_zone: Option<String>,
    /// Its language, BCP 47.
    pub locale: Option<String>,
    /// The app's version.
    pub app_version: Option<String>,
    /// Up to which stamp it has scheduled the reminders itself.
    pub scheduled_through: i64,
    /// `fcm_fid`, `fcm_token` or `web_push`.
    pub push_kind: Option<String>,
    /// A secret.
    pub push_address: Option<String>,
    /// What a browser wants its messages encrypted with, as JSON.
    pub push_keys: Option<String>,
    /// Digest of kind and address; `None`: not to be reached.
    pub push_hash: Option<String>,
    /// When the provider refused the address for good.
    pub push_refused_at: Option<i64>,
    /// The provider takes nothing for it until then.
    pub parked_until: Option<i64>,
    /// When it was last told to sync.
    pub poked_at: Option<i64>,
}

impl DeviceRow {
    /// A device that has said nothing yet.
    #[must_use]
    pub fn silent(account_id: &str, session_id: &str) -> Self {
        Self {
            account_id: account_id.to_owned(),
            session_id: session_id.to_owned(),
            reported_at: 0,
            time_zone: None,
            locale: None,
            app_version: None,
            scheduled_through: 0,
            push_kind: None,
            push_address: None,
            push_keys: None,
            push_hash: None,
            push_refused_at: None,
            parked_until: None,
            poked_at: None,
        }
    }
}

/// What a provider said about an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It is none any more.
    Gone,
    /// It belongs to somebody else's app; noted at this time (Unix milliseconds).
    Refused(i64),
    /// It is to be left alone until then (Unix milliseconds).
    Parked(i64),
}

/// The device of that session, if it ever reported.
///
/// # Errors
/// That the database is unavailable.
pub fn find(
    connection: &mut DbConnection,
    account_id: &str,
    session_id: &str,
) -> Result<Option<DeviceRow>, StoreError> {
    let found = devices::table
        .find((account_id, session_id))
        .select(DeviceRow::as_select())
        .get_result(connection)
        .optional()?;
    Ok(found)
}

/// The devices of an account that can be reached at `now` (Unix milliseconds), with the platform that
/// each named when it signed in. Those of ended sessions are not among them.
///
/// # Errors
/// That the database is unavailable.
pub fn reachable(
    connection: &mut DbConnection,
    account_id: &str,
    now: i64,
) -> Result<Vec<(DeviceRow, Option<String>)>, StoreError> {
    let same = sessions::account_id
        .eq(devices::account_id)
        .and(sessions::session_id.eq(devices::session_id));
    let found = devices::table
        .inner_join(sessions::table.on(same))
        .filter(devices::account_id.eq(account_id))
        .filter(devices::push_hash.is_not_null())
        .filter(devices::push_refused_at.is_null())
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .order(devices::session_id)
        .select((DeviceRow::as_select(), sessions::platform))
        .load(connection)?;
    Ok(found)
}

/// Stores what a device says. Its address must have been [taken](take_address) from everybody else.
///
/// # Errors
/// [`StoreError::Contention`] when somebody else has registered the address in between; that the
/// database is unavailable.
pub fn save(connection: &mut DbConnection, device: &DeviceRow) -> Result<(), StoreError> {
    diesel::delete(devices::table.find((&device.account_id, &device.session_id)))
        .execute(connection)?;
    let inserted = diesel::insert_into(devices::table).values(device).execute(connection);
    inserted.map(|_| ()).map_err(|error| match error {
        diesel::result::Error::DatabaseError(
            diesel::result::DatabaseErrorKind::UniqueViolation,
            _,
        ) => StoreError::Contention("the address was registered by somebody else".to_owned()),
        other => other.into(),
    })
}

/// No address.
#[derive(Default, AsChangeset)]
#[diesel(table_name = devices, treat_none_as_null = true)]
struct Nowhere {
    push_kind: Option<String>,
    push_address: Option<String>,
    push_keys: Option<String>,
    push_hash: Option<String>,
}

/// Takes an address from every device of every account.
///
/// # Errors
/// That the database is unavailable.
pub fn take_address(connection: &mut DbConnection, push_hash: &str) -> Result<(), StoreError> {
    diesel::update(devices::table.filter(devices::push_hash.eq(push_hash)))
        .set(Nowhere::default())
        .execute(connection)?;
    Ok(())
}

/// Forgets how a device can be reached.
///
/// # Errors
/// That the database is unavailable.
pub fn forget_address(
    connection: &mut DbConnection,
    account_id: &str,
    session_id: &str,
) -> Result<(), StoreError> {
    diesel::update(devices::table.find((account_id, session_id)))
        .set(Nowhere::default())
        .execute(connection)?;
    Ok(())
}

/// Notes what a provider said about an address, unless the device has registered another one since.
///
/// # Errors
/// That the database is unavailable.
pub fn heed(
    connection: &mut DbConnection,
    (account_id, session_id): (&str, &str),
    push_hash: &str,
    word: Word,
) -> Result<(), StoreError> {
    let device =
        devices::table.find((account_id, session_id)).filter(devices::push_hash.eq(push_hash));
    match word {
        Word::Gone => diesel::update(device).set(Nowhere::default()).execute(connection)?,
        Word::Refused(at) => {
            diesel::update(device).set(devices::push_refused_at.eq(at)).execute(connection)?
        }
        Word::Parked(until) => {
            diesel::update(device).set(devices::parked_until.eq(until)).execute(connection)?
        }
    };
    Ok(())
}

/// Which of the devices may be told to sync at `now` (Unix milliseconds), none of them having been told
/// since `since`; notes that they are. Of any number of nodes that ask, one gets a device.
///
/// # Errors
/// That the database is unavailable.
pub fn claim_pokes(
    connection: &mut DbConnection,
    account_id: &str,
    sessions: &[String],
    (since, now): (i64, i64),
) -> Result<Vec<String>, StoreError> {
    let rested = devices::poked_at.is_null().or(devices::poked_at.le(since));
    let free: Vec<String> = devices::table
        .filter(devices::account_id.eq(account_id))
        .filter(devices::session_id.eq_any(sessions))
        .filter(rested)
        .order(devices::session_id)
        .select(devices::session_id)
        .load(connection)?;
    let claimed = devices::table
        .filter(devices::account_id.eq(account_id))
        .filter(devices::session_id.eq_any(&free));
    diesel::update(claimed).set(devices::poked_at.eq(now)).execute(connection)?;
    Ok(free)
}
