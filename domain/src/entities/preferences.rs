//! The candidate's settings: one record, `me`.

use super::field::{Kind, Shape, defaulted, text, words};
use super::{FaultCode, FieldErrors};
use crate::clock::CivilTime;
use chrono::TimeDelta;
use serde::Deserialize;

words! {
    /// How thank-you notes go out.
    ThankChannel { Email = "email", Handwritten = "handwritten", Both = "both" }
}
words! {
    /// How much a reminder shows on a locked phone.
    LockScreen { None = "none", Initials = "initials", Full = "full" }
}

/// The kinds of reminder that can be switched off.
pub const MUTABLE_KINDS: &[&str] = &[
    "prep_close",
    "log_debrief",
    "thank_you",
    "follow_up",
    "value_add",
    "fulfil",
    "offer_nudge",
    "debrief",
    "ack_offer",
    "respond_offer",
    "gracious_reply",
    "ask_new_slot",
    "no_show_ping",
    "apologise",
    "legal_notice",
    "close_out",
    "custom",
];

/// The candidate's settings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Preferences {
    /// The candidate's own time zone: reminders live there.
    #[serde(deserialize_with = "zone")]
    pub time_zone: chrono_tz::Tz,
    /// Start of the quiet period, candidate's time.
    #[serde(deserialize_with = "super::opportunity::time")]
    pub quiet_from: CivilTime,
    /// End of the quiet period, candidate's time.
    #[serde(deserialize_with = "super::opportunity::time")]
    pub quiet_to: CivilTime,
    /// How thank-you notes go out.
    pub thank_channel: ThankChannel,
    /// After how many unanswered messages the advice is to let it go; absent means the default of
    /// the way of contact (2 direct, 3 through an agency).
    pub max_unanswered: Option<i64>,
    /// How much a reminder shows on a locked phone.
    pub lock_screen: LockScreen,
    /// Kinds of reminder that are switched off.
    pub mute: Vec<String>,
    /// Language of texts, BCP 47.
    pub locale: String,
}

/// The fields of the settings.
pub static SHAPE: Shape = Shape {
    name: "Preferences",
    about: "The candidate's settings.",
    fields: &[
        defaulted(
            "time_zone",
            Kind::TimeZone,
            r#""UTC""#,
            "The candidate's own time zone: reminders live there.",
        ),
        defaulted(
            "quiet_from",
            Kind::Time,
            r#""22:00""#,
            "Start of the quiet period, candidate's time.",
        ),
        defaulted(
            "quiet_to",
            Kind::Time,
            r#""08:00""#,
            "End of the quiet period; 3 to 14 hours after its start.",
        ),
        defaulted(
            "thank_channel",
            Kind::Word(ThankChannel::WORDS),
            r#""email""#,
            "How thank-you notes go out.",
        ),
        super::field::optional(
            "max_unanswered",
            Kind::Integer { min: 1, max: 3 },
            "After how many unanswered messages the advice is to let it go. Default: 2, through an agency 3.",
        ),
        defaulted(
            "lock_screen",
            Kind::Word(LockScreen::WORDS),
            r#""none""#,
            "How much a reminder shows on a locked phone.",
        ),
        defaulted(
            "mute",
            Kind::Set { of: &Kind::Word(MUTABLE_KINDS), min: 0, max: 20 },
            "[]",
            "Kinds of reminder that are switched off.",
        ),
        defaulted("locale", text(2, 35), r#""en""#, "Language of texts, BCP 47."),
    ],
};

/// Length of the quiet period, across midnight if need be.
#[must_use]
pub fn quiet_length(from: CivilTime, to: CivilTime) -> TimeDelta {
    let length = to - from;
    if length > TimeDelta::zero() { length } else { length + TimeDelta::hours(24) }
}

/// What must hold between the fields.
pub(super) fn check(preferences: &Preferences, errors: &mut FieldErrors) {
    let length = quiet_length(preferences.quiet_from, preferences.quiet_to);
    if !(TimeDelta::hours(3)..=TimeDelta::hours(14)).contains(&length) {
        let detail = "the quiet period must last between 3 and 14 hours";
        errors.push("/quiet_to", FaultCode::Range, detail);
    }
}

fn zone<'de, D: serde::Deserializer<'de>>(from: D) -> Result<chrono_tz::Tz, D::Error> {
    String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
}
