//! A notification to the device that asks for it, to see whether it arrives.
//!
//! **Must never** be sent to any other device.

use super::due::recipient;
use super::fan_out::{FAILED, WAITING, judge};
use crate::app::AppState;
use crate::error::ApiError;
use crate::notifications::{Notification, Reminder};
use crate::store::deliveries::{self, DeliveryRow};
use crate::store::devices::{self, Word};
use crate::store::{DbConnection, sessions};
use afterview_domain::text::{Pack, test_notification};
use chrono::TimeDelta;

/// How long it is of use.
const USEFUL: TimeDelta = TimeDelta::minutes(10);

/// What it is about: no follow-up.
const SUBJECT: &str = "test";

/// What became of it.
#[derive(Debug, Clone)]
pub struct Trial {
    /// As it is kept.
    pub row: DeliveryRow,
    /// What the provider said about the address, named by its digest.
    word: Option<(String, Word)>,
}

/// Sends it to the device of that session.
///
/// # Errors
/// That the database is unavailable.
pub async fn send(state: &AppState, account_id: &str, session_id: &str) -> Result<Trial, ApiError> {
    let (account, session) = (account_id.to_owned(), session_id.to_owned());
    let find = move |connection: &mut DbConnection| {
        let device = devices::find(connection, &account, &session)?;
        let session = sessions::find(connection, &account, &session)?;
        Ok::<_, ApiError>((device, session.and_then(|session| session.platform)))
    };
    let (device, platform) = state.store.read(account_id, find).await?;
    let device = device.and_then(|device| recipient((device, platform)));
    let now = state.clock.now();
    let mut row = DeliveryRow {
        account_id: account_id.to_owned(),
        attempted_at: now.timestamp_millis(),
        id: state.ids.record_id(now),
        purpose: "test".to_owned(),
        action_key: None,
        follow_up_id: None,
        kind: None,
        occurrence: now.timestamp_millis(),
        session_id: Some(session_id.to_owned()),
        way: Some("log".to_owned()),
        outcome: "logged".to_owned(),
        detail: None,
    };
    let mut word = None;
    if let Some(device) = device {
        let text = test_notification(Pack::for_locale(device.locale.as_deref().unwrap_or("en")));
        let reminder = Reminder {
            title: text.title,
            body: text.body,
            follow_up_id: SUBJECT.to_owned(),
            occurrence: now,
            version: 0,
            useful_until: now + USEFUL,
        };
        let sent =
            state.jobs.senders.send(&device.address, Notification::Reminder(&reminder)).await;
        if let Some(verdict) = sent {
            row.way = Some(device.address.way().to_owned());
            let attempt = judge(&verdict, 0, 1.0, now).attempt;
            let outcome = attempt.as_ref().map_or(WAITING, |attempt| attempt.outcome);
            // It is not tried again: whoever asks sees at once that it does not work.
            row.outcome = if outcome == WAITING { FAILED } else { outcome }.to_owned();
            let (detail, about) = attempt.map(|it| (it.detail, it.word)).unwrap_or_default();
            row.detail = detail.or_else(|| (row.outcome == FAILED).then(|| "paused".to_owned()));
            word = about.map(|(_, word)| (device.push_hash, word));
        }
    }
    Ok(Trial { row, word })
}

/// Notes what became of it.
///
/// # Errors
/// That the database is unavailable.
pub fn note(connection: &mut DbConnection, trial: &Trial) -> Result<(), ApiError> {
    let row = &trial.row;
    deliveries::note(connection, std::slice::from_ref(row))?;
    if let (Some(session_id), Some((push_hash, word))) = (&row.session_id, &trial.word) {
        devices::heed(connection, (&row.account_id, session_id), push_hash, *word)?;
    }
    Ok(())
}
