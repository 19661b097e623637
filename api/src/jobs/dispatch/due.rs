//! What is known about a reminder when it is due: whether it still stands, which devices it goes to, and
//! what it says.
//!
//! **Must never** write.

use crate::dto::device::PushKeys;
use crate::error::ApiError;
use crate::notifications::senders::Address;
use crate::notifications::web_push::Subscription;
use crate::notifications::{Platform, Registration, RegistrationKind, Secret};
use crate::planning::dossier;
use crate::store::devices::{self, DeviceRow};
use crate::store::dispatch::{self, ClaimedReminder};
use crate::store::{DbConnection, deliveries, records};
use afterview_domain::clock::Instant;
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::entities::preferences::LockScreen;
use afterview_domain::entities::{Collection, PREFERENCES_ID, Preferences};
use afterview_domain::plan::{ItemKind, waits_until};
use afterview_domain::text::{LockScreenText, Pack, lock_screen};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A device that is to have a reminder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Its session.
    pub session_id: String,
    /// Where the reminder goes.
    pub address: Address,
    /// Digest of the address, so that what a provider says is applied to this one alone.
    pub push_hash: String,
    /// Its language, if it named one.
    pub locale: Option<String>,
    /// Up to which stamp it has scheduled the reminders itself.
    pub scheduled_through: i64,
    /// The provider takes nothing for it until then, Unix milliseconds.
    pub parked_until: Option<i64>,
}

/// A reminder that is due and stands.
#[derive(Debug, Clone)]
pub struct DueReminder {
    /// What was claimed.
    pub claimed: ClaimedReminder,
    /// Until when it has to wait, because the candidate's quiet hours have begun.
    pub waits_until: Option<Instant>,
    /// Who is to have it and has neither got it nor given an end to it.
    pub to: Vec<Recipient>,
    /// Whether some device got it by an attempt before.
    pub has_arrived: bool,
    words: Words,
}

/// What a reminder says on a locked phone.
#[derive(Debug, Clone)]
struct Words {
    kind: FollowUpKind,
    preference: LockScreen,
    locale: String,
    employer: String,
    recipient: Option<String>,
}

impl DueReminder {
    /// What it says on a device of that language.
    #[must_use]
    pub fn text(&self, locale: Option<&str>) -> LockScreenText {
        let words = &self.words;
        let pack = Pack::for_locale(locale.unwrap_or(&words.locale));
        let recipient = words.recipient.as_deref();
        lock_screen(words.kind, words.preference, &words.employer, recipient, pack)
    }
}

/// Outcomes after which a device gets no other attempt of the same reminder.
pub const LAST_WORDS: [&str; 5] = ["delivered", "on_device", "unregistered", "refused", "failed"];

/// Looks up everything about those of `claimed`, all of one account, that still stand at `now`.
///
/// # Errors
/// That the database is unavailable or a record corrupt.
pub fn look_up(
    connection: &mut DbConnection,
    account_id: &str,
    claimed: Vec<ClaimedReminder>,
    now: Instant,
) -> Result<Vec<DueReminder>, ApiError> {
    let standing = dispatch::still_standing(connection, account_id, claimed)?;
    if standing.is_empty() {
        return Ok(Vec::new());
    }
    let preferences = preferences(connection, account_id)?;
    let devices = devices::reachable(connection, account_id, now.timestamp_millis())?;
    let devices: Vec<Recipient> = devices.into_iter().filter_map(recipient).collect();
    let names: Vec<(&str, i64)> =
        standing.iter().map(|one| (one.action_key.as_str(), one.remind_at)).collect();
    let before = deliveries::done_with(connection, account_id, &names, &LAST_WORDS)?;
    let mut all = Vec::new();
    for claimed in standing {
        let done = before.iter().filter(|done| {
            done.action_key.as_ref() == Some(&claimed.action_key)
                && done.occurrence == claimed.remind_at
        });
        let is_done =
            |session: &String| done.clone().any(|one| one.session_id.as_ref() == Some(session));
        let to = devices.iter().filter(|device| !is_done(&device.session_id)).cloned().collect();
        let has_arrived =
            done.clone().any(|one| deliveries::ARRIVED.contains(&one.outcome.as_str()));
        let kind: ItemKind = typed(&claimed.kind)?;
        let words = words(connection, &claimed, &preferences, now)?;
        let waits_until = waits_until(&preferences, kind, now);
        all.push(DueReminder { waits_until, to, has_arrived, words, claimed });
    }
    Ok(all)
}

fn preferences(connection: &mut DbConnection, account_id: &str) -> Result<Preferences, ApiError> {
    let missing = || ApiError::internal("the account has no preferences");
    let stored =
        records::find_doc(connection, account_id, Collection::Preferences, PREFERENCES_ID)?;
    let stored = stored.ok_or_else(missing)?;
    serde_json::from_str(&stored.doc).map_err(ApiError::internal)
}

fn typed<T: DeserializeOwned>(word: &str) -> Result<T, ApiError> {
    serde_json::from_value(Value::from(word)).map_err(ApiError::internal)
}

fn words(
    connection: &mut DbConnection,
    claimed: &ClaimedReminder,
    preferences: &Preferences,
    now: Instant,
) -> Result<Words, ApiError> {
    let mut words = Words {
        kind: typed(&claimed.kind)?,
        preference: preferences.lock_screen,
        locale: preferences.locale.clone(),
        employer: String::new(),
        recipient: None,
    };
    if words.preference == LockScreen::None {
        return Ok(words);
    }
    let (account_id, opportunity_id) = (&claimed.account_id, &claimed.opportunity_id);
    if let Some(dossier) = dossier::of_opportunity(connection, account_id, opportunity_id)? {
        let plan = dossier.plan(now);
        let item = plan.items.iter().find(|item| item.action_key() == claimed.action_key);
        let contact_id = item.and_then(|item| item.contact_id.clone());
        let mut contacts = dossier.snapshot.contacts.iter();
        words.recipient = contact_id
            .and_then(|id| contacts.find(|contact| contact.id == id))
            .map(|contact| contact.name.clone());
        words.employer = dossier.snapshot.opportunity.employer;
    }
    Ok(words)
}

/// `None` for an address of a kind that this version does not know.
pub fn recipient((device, platform): (DeviceRow, Option<String>)) -> Option<Recipient> {
    Some(Recipient {
        address: address(&device, platform.as_deref())?,
        push_hash: device.push_hash?,
        session_id: device.session_id,
        locale: device.locale,
        scheduled_through: device.scheduled_through,
        parked_until: device.parked_until,
    })
}

/// Where a device is reached. `platform` is what it called itself when it signed in.
#[must_use]
pub fn address(device: &DeviceRow, platform: Option<&str>) -> Option<Address> {
    let value = device.push_address.as_deref()?;
    let kind = match device.push_kind.as_deref()? {
        "fcm_fid" => RegistrationKind::Fid,
        "fcm_token" => RegistrationKind::Token,
        "web_push" => {
            let keys: PushKeys = serde_json::from_str(device.push_keys.as_deref()?).ok()?;
            let read = Subscription::parse(value, &keys.p256dh, &keys.auth).ok()?;
            return Some(Address::WebPush(Box::new(read)));
        }
        _ => return None,
    };
    let platform = platform.unwrap_or_default().to_ascii_lowercase();
    let platform = match platform.as_str() {
        "ios" | "ipados" | "macos" | "watchos" | "visionos" => Platform::Ios,
        "web" => Platform::Web,
        _ => Platform::Android,
    };
    Some(Address::Fcm(Registration { kind, value: Secret::new(value) }, platform))
}
