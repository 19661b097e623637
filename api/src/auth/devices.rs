//! What a device says about itself, and what follows from it.
//!
//! An address belongs to one session. It is taken from everybody else in a transaction of its own, because
//! no account may touch another's rows, and given to this session in the next one; whoever is quicker in
//! between is asked again.
//!
//! **Must never** log an address.

use crate::app::AppState;
use crate::dto::device::{DeviceReport, PushBody};
use crate::error::ApiError;
use crate::notifications::web_push::Subscription;
use crate::outbound::NotPublic;
use crate::store::devices::{self, DeviceRow};
use crate::store::{AccountWrite, DbConnection, Transient, sessions};
use afterview_domain::entities::{Collection, FaultCode, FieldErrors, PREFERENCES_ID};
use afterview_domain::sync;
use serde_json::{Map, Value};

/// How often an address that somebody else registers at the same moment is taken.
const MAX_TRIES: usize = 3;

/// Keeps what a device says. When a phone has come to another zone, so do the reminders of its account.
///
/// # Errors
/// [`Code::ValidationFailed`](crate::error::Code::ValidationFailed) for a subscription of a browser that
/// is none; [`Code::Unavailable`](crate::error::Code::Unavailable).
pub async fn report(
    state: &AppState,
    account_id: &str,
    session_id: &str,
    report: DeviceReport,
) -> Result<DeviceRow, ApiError> {
    if let Some(push) = &report.push {
        check(state, push)?;
    }
    let hash = report.push.as_ref().map(push_hash);
    let mut tries = 0;
    loop {
        tries += 1;
        if let Some(hash) = &hash {
            take(state, account_id, session_id, hash.clone()).await?;
        }
        let (report, hash) = (report.clone(), hash.clone());
        let keep = move |unit: &mut AccountWrite<'_>| keep(unit, &report, hash.as_deref());
        match state.store.write(account_id, session_id, keep).await {
            Err(error) if error.is_contention() && tries < MAX_TRIES => {}
            outcome => return outcome,
        }
    }
}

/// Refuses a subscription of a browser that nothing can be sent to.
fn check(state: &AppState, push: &PushBody) -> Result<(), ApiError> {
    let is_browser = push.kind == "web_push";
    let Some(keys) = push.keys.as_ref().filter(|_| is_browser) else {
        return match (&push.keys, is_browser) {
            (None, true) => {
                Err(ApiError::field("/push/keys", FaultCode::Required, "web_push needs keys"))
            }
            (Some(_), false) => {
                let detail = "only web_push has keys";
                Err(ApiError::field("/push/keys", FaultCode::Inconsistent, detail))
            }
            _ => Ok(()),
        };
    };
    let read = Subscription::parse(&push.value, &keys.p256dh, &keys.auth).map_err(|problems| {
        let mut errors = FieldErrors::default();
        for problem in problems {
            let pointer = match problem.field {
                "endpoint" => "/push/value".to_owned(),
                other => format!("/push/keys/{other}"),
            };
            errors.push(pointer, FaultCode::Format, problem.detail);
        }
        ApiError::from(errors)
    })?;
    state.jobs.senders.web_push().check(&read).map_err(|NotPublic| {
        let detail = "must not be an address of a private network";
        ApiError::field("/push/value", FaultCode::NotAllowed, detail)
    })
}

/// Takes an address from everybody, unless it is this session's already.
async fn take(
    state: &AppState,
    account_id: &str,
    session_id: &str,
    hash: String,
) -> Result<(), ApiError> {
    let (account, session, wanted) = (account_id.to_owned(), session_id.to_owned(), hash.clone());
    let known = state.store.read(account_id, move |connection| {
        let device = devices::find(connection, &account, &session)?;
        Ok::<_, ApiError>(device.is_some_and(|device| device.push_hash == Some(wanted)))
    });
    if known.await? {
        return Ok(());
    }
    let take = move |connection: &mut DbConnection| {
        devices::take_address(connection, &hash).map_err(ApiError::from)
    };
    state.store.write_directory(take).await
}

fn keep(
    unit: &mut AccountWrite<'_>,
    report: &DeviceReport,
    hash: Option<&str>,
) -> Result<DeviceRow, ApiError> {
    let (account_id, session_id) = (unit.account_id(), unit.device_id());
    let now = unit.now().timestamp_millis();
    let known = devices::find(unit.connection()?, account_id, session_id)?;
    let known = known.unwrap_or_else(|| DeviceRow::silent(account_id, session_id));
    if let Some(zone) =
        report.time_zone.as_ref().filter(|zone| known.time_zone.as_ref() != Some(zone))
    {
        arrive(unit, zone)?;
    }
    let mut device = DeviceRow {
        reported_at: now,
        time_zone: report.time_zone.clone().or(known.time_zone),
        locale: report.locale.clone().or(known.locale),
        app_version: report.app_version.clone().or(known.app_version),
        scheduled_through: report.scheduled_through.unwrap_or(known.scheduled_through),
        ..known
    };
    if let (Some(push), Some(hash)) = (&report.push, hash) {
        let is_new = device.push_hash.as_deref() != Some(hash);
        device.push_kind = Some(push.kind.clone());
        device.push_address = Some(push.value.clone());
        device.push_keys = push
            .keys
            .as_ref()
            .map(serde_json::to_string)
            .transpose()
            .map_err(ApiError::internal)?;
        device.push_hash = Some(hash.to_owned());
        // Whoever registers again asks for another try.
        device.push_refused_at = None;
        if is_new {
            device.parked_until = None;
        }
    }
    devices::save(unit.connection()?, &device)?;
    Ok(device)
}

/// Moves the candidate to the zone of the phone.
fn arrive(unit: &mut AccountWrite<'_>, zone: &str) -> Result<(), ApiError> {
    let (account_id, session_id) = (unit.account_id(), unit.device_id());
    let session = sessions::find(unit.connection()?, account_id, session_id)?;
    let platform = session.and_then(|session| session.platform).unwrap_or_default();
    if !["ios", "ipados", "android"].contains(&platform.to_ascii_lowercase().as_str()) {
        return Ok(());
    }
    let stored = sync::existing(unit, Collection::Preferences, PREFERENCES_ID)?;
    if stored.doc.get("time_zone").and_then(Value::as_str) != Some(zone) {
        let patch = Map::from_iter([("time_zone".to_owned(), Value::from(zone))]);
        sync::patch(unit, Collection::Preferences, PREFERENCES_ID, &patch, None)?;
    }
    Ok(())
}

fn push_hash(push: &PushBody) -> String {
    super::digest(&format!("{}:{}", push.kind, push.value))
}
