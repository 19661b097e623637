//! The messages, field by field as the interface's own description has them (`messages:send`).
//!
//! **Must never** build more than [`MAX_PAYLOAD_BYTES`], and never a reminder with a collapse key for
//! Android: at most four of those are kept for a device, and reminders would be lost.

use crate::notifications::words::{cut, json_bytes, short_name};
use crate::notifications::{Notification, Platform, Registration, RegistrationKind, Reminder};
use afterview_domain::clock::{Instant, format_instant};
use serde_json::{Value, json};

/// The longest message without its address, in bytes of JSON. The provider counts a little less: only
/// `notification` and `data`.
pub const MAX_PAYLOAD_BYTES: usize = 4096;

/// The longest title, in bytes of JSON, so that it leaves room for a body.
pub const MAX_TITLE_BYTES: usize = 512;

/// The longest that the provider keeps a message for a device that is away, in seconds: four weeks.
pub const MAX_TTL_S: i64 = 28 * 24 * 60 * 60;

/// How long a poke is kept, in seconds: a day. An app that was away for longer syncs when it starts.
pub const POKE_TTL_S: i64 = 24 * 60 * 60;

/// The channel of reminders on Android and their thread on iOS.
const REMINDERS: &str = "reminders";

/// The longest `apns-collapse-id`, in bytes.
const MAX_COLLAPSE_ID_BYTES: usize = 64;

/// The body of a request that sends `notification` to one installation. With `validate_only` it is
/// checked by the provider and not delivered.
#[must_use]
pub fn build(
    to: &Registration,
    platform: Platform,
    notification: Notification<'_>,
    now: Instant,
    validate_only: bool,
) -> Value {
    let mut message = match notification {
        Notification::Reminder(reminder) => reminder_message(reminder, platform, now),
        Notification::Poke => poke(platform),
    };
    let kind = match to.kind {
        RegistrationKind::Fid => "fid",
        RegistrationKind::Token => "token",
    };
    if let Value::Object(fields) = &mut message {
        fields.insert(kind.to_owned(), to.value.expose().into());
    }
    if validate_only {
        json!({ "message": message, "validateOnly": true })
    } else {
        json!({ "message": message })
    }
}

fn reminder_message(reminder: &Reminder, platform: Platform, now: Instant) -> Value {
    let empty = with_words(reminder, platform, now, "", "");
    let room = MAX_PAYLOAD_BYTES.saturating_sub(empty.to_string().len());
    let title = cut(&reminder.title, room.min(MAX_TITLE_BYTES));
    let body = cut(&reminder.body, room.saturating_sub(json_bytes(&title)));
    with_words(reminder, platform, now, &title, &body)
}

fn with_words(
    reminder: &Reminder,
    platform: Platform,
    now: Instant,
    title: &str,
    body: &str,
) -> Value {
    let tag = format!("fu:{}", reminder.follow_up_id);
    let ttl = (reminder.useful_until - now).num_seconds().clamp(0, MAX_TTL_S);
    let (name, part) = match platform {
        Platform::Android => ("android", android(&tag, ttl)),
        Platform::Ios => ("apns", apns(&tag, reminder.useful_until)),
        Platform::Web => ("webpush", webpush(&tag, ttl)),
    };
    json!({
        "notification": { "title": title, "body": body },
        "data": {
            "type": "reminder",
            "follow_up_id": reminder.follow_up_id,
            "occurrence": format_instant(reminder.occurrence),
            "v": reminder.version.to_string(),
        },
        name: part,
    })
}

fn android(tag: &str, ttl: i64) -> Value {
    json!({
        "priority": "HIGH",
        "ttl": format!("{ttl}s"),
        "notification": { "channelId": REMINDERS, "tag": tag, "visibility": "PRIVATE" },
    })
}

fn apns(tag: &str, useful_until: Instant) -> Value {
    let collapse_id =
        if tag.len() <= MAX_COLLAPSE_ID_BYTES { tag.to_owned() } else { short_name(tag) };
    json!({
        "headers": {
            "apns-push-type": "alert",
            "apns-priority": "10",
            "apns-collapse-id": collapse_id,
            "apns-expiration": useful_until.timestamp().max(0).to_string(),
        },
        "payload": {
            "aps": { "interruption-level": "time-sensitive", "thread-id": REMINDERS },
        },
    })
}

/// The tag gives the reminder the same identity in the browser, where the topic is gone.
fn webpush(tag: &str, ttl: i64) -> Value {
    json!({
        "headers": { "TTL": ttl.to_string(), "Urgency": "high", "Topic": short_name(tag) },
        "notification": { "tag": tag },
    })
}

fn poke(platform: Platform) -> Value {
    let (name, part) = match platform {
        Platform::Android => (
            "android",
            json!({ "priority": "NORMAL", "collapseKey": "sync", "ttl": format!("{POKE_TTL_S}s") }),
        ),
        Platform::Ios => (
            "apns",
            json!({
                "headers": { "apns-push-type": "background", "apns-priority": "5" },
                "payload": { "aps": { "content-available": 1 } },
            }),
        ),
        Platform::Web => (
            "webpush",
            json!({
                "headers": { "TTL": POKE_TTL_S.to_string(), "Urgency": "low", "Topic": "sync" },
            }),
        ),
    };
    json!({ "data": { "type": "sync" }, name: part })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notifications::Secret;

    fn now() -> Instant {
        "2026-05-12T14:00:00Z".parse().expect("a date")
    }

    fn reminder(title: &str, body: &str) -> Reminder {
        Reminder {
            title: title.to_owned(),
            body: body.to_owned(),
            follow_up_id: "acb84dc0-78e9-5d1a-aecd-c290d128f679".to_owned(),
            occurrence: "2026-05-12T13:00:00Z".parse().expect("a date"),
            version: 1_778_094_000_123,
            useful_until: "2026-05-12T16:00:00Z".parse().expect("a date"),
        }
    }

    fn built(platform: Platform, notification: Notification<'_>) -> Value {
        let to = Registration { kind: RegistrationKind::Fid, value: Secret::new("f-1") };
        build(&to, platform, notification, now(), false)["message"].take()
    }

    #[test]
    fn a_reminder_for_android_is_one_that_replaces_its_like_and_dies_with_its_use() {
        let message = built(Platform::Android, Notification::Reminder(&reminder("Now", "Ask")));
        let expected = json!({
            "fid": "f-1",
            "notification": { "title": "Now", "body": "Ask" },
            "data": {
                "type": "reminder",
                "follow_up_id": "acb84dc0-78e9-5d1a-aecd-c290d128f679",
                "occurrence": "2026-05-12T13:00:00Z",
                "v": "1778094000123",
            },
            "android": {
                "priority": "HIGH",
                "ttl": "7200s",
                "notification": {
                    "channelId": "reminders",
                    "tag": "fu:acb84dc0-78e9-5d1a-aecd-c290d128f679",
                    "visibility": "PRIVATE",
                },
            },
        });
        assert_eq!(message, expected);
    }

    #[test]
    fn a_reminder_for_ios_is_an_alert_with_the_same_identity() {
        let message = built(Platform::Ios, Notification::Reminder(&reminder("Now", "Ask")));
        let expected = json!({
            "headers": {
                "apns-push-type": "alert",
                "apns-priority": "10",
                "apns-collapse-id": "fu:acb84dc0-78e9-5d1a-aecd-c290d128f679",
                "apns-expiration": "1778601600",
            },
            "payload": {
                "aps": { "interruption-level": "time-sensitive", "thread-id": "reminders" },
            },
        });
        assert_eq!(message["apns"], expected);
        assert_eq!(message["android"], Value::Null);
    }

    #[test]
    fn a_reminder_for_a_browser_has_a_topic_that_web_push_allows() {
        let message = built(Platform::Web, Notification::Reminder(&reminder("Now", "Ask")));
        let headers = &message["webpush"]["headers"];
        assert_eq!(headers["TTL"], "7200");
        assert_eq!(headers["Urgency"], "high");
        let topic = headers["Topic"].as_str().expect("a topic");
        assert_eq!(topic.len(), 32);
        assert!(topic.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')));
    }

    #[test]
    fn a_poke_is_silent_and_says_nothing() {
        let expected = json!({
            "fid": "f-1",
            "data": { "type": "sync" },
            "android": { "priority": "NORMAL", "collapseKey": "sync", "ttl": "86400s" },
        });
        assert_eq!(built(Platform::Android, Notification::Poke), expected);
        let ios = built(Platform::Ios, Notification::Poke);
        assert_eq!(ios["apns"]["headers"]["apns-push-type"], "background");
        assert_eq!(ios["apns"]["headers"]["apns-priority"], "5");
        assert_eq!(ios["notification"], Value::Null);
    }

    #[test]
    fn a_token_is_sent_as_a_token_and_a_dry_run_says_so() {
        let to = Registration { kind: RegistrationKind::Token, value: Secret::new("t-1") };
        let request = build(&to, Platform::Android, Notification::Poke, now(), true);
        assert_eq!(request["validateOnly"], true);
        assert_eq!(request["message"]["token"], "t-1");
        assert_eq!(request["message"]["fid"], Value::Null);
    }

    #[test]
    fn a_reminder_past_its_use_is_not_kept_and_one_for_next_year_only_four_weeks() {
        let mut late = reminder("Now", "Ask");
        late.useful_until = "2026-05-12T13:59:59Z".parse().expect("a date");
        let ttl = |reminder: &Reminder| {
            built(Platform::Android, Notification::Reminder(reminder))["android"]["ttl"].take()
        };
        assert_eq!(ttl(&late), "0s");
        late.useful_until = "2027-05-12T14:00:00Z".parse().expect("a date");
        assert_eq!(ttl(&late), "2419200s");
    }

    #[test]
    fn a_long_identifier_still_gives_a_collapse_id_that_apns_takes() {
        let mut long = reminder("Now", "Ask");
        long.follow_up_id = "x".repeat(64);
        let message = built(Platform::Ios, Notification::Reminder(&long));
        let id = message["apns"]["headers"]["apns-collapse-id"].as_str().expect("an id");
        assert_eq!(id.len(), 32);
    }

    #[test]
    fn no_words_make_a_message_too_long_and_none_is_cut_inside_a_character() {
        let family = "👩‍👩‍👧‍👦";
        for unit in ["a", "\u{1}", "\"", "é", family] {
            let long = reminder(&unit.repeat(5000), &unit.repeat(5000));
            for platform in [Platform::Android, Platform::Ios, Platform::Web] {
                let message = built(platform, Notification::Reminder(&long));
                let mut counted = message.clone();
                counted.as_object_mut().expect("an object").remove("fid");
                let bytes = counted.to_string().len();
                assert!(bytes <= MAX_PAYLOAD_BYTES, "{bytes}");
                assert!(bytes > MAX_PAYLOAD_BYTES - 60, "no more is cut than must be: {bytes}");
                for field in ["title", "body"] {
                    let text = message["notification"][field].as_str().expect("a text");
                    let kept = text.strip_suffix('…').expect("an ellipsis");
                    assert_eq!(kept.replace(unit, ""), "", "whole characters only");
                }
            }
        }
    }

    #[test]
    fn words_that_fit_are_left_alone() {
        let message = built(Platform::Android, Notification::Reminder(&reminder("Now…", "Ask")));
        assert_eq!(message["notification"], json!({ "title": "Now…", "body": "Ask" }));
    }
}
