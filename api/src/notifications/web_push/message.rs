//! What a browser is told, and what its push service is told about that.
//!
//! A service worker finds the same names, all of them texts, that an app finds in the data of a message
//! from Firebase, and the words beside them.
//!
//! **Must never** build more than the encryption takes, and never name in a header what the message is
//! about.

use crate::notifications::Reminder;
use crate::notifications::words::{cut, json_bytes, short_name};
use afterview_domain::clock::{Instant, format_instant};
use serde_json::{Value, json};

/// The longest message, in bytes of JSON (RFC 8291, section 4): encrypted, it has 4096.
pub const MAX_MESSAGE_BYTES: usize = 3993;

/// The longest title, in bytes of JSON, so that it leaves room for a body.
pub const MAX_TITLE_BYTES: usize = 512;

/// The longest that a push service is asked to keep a message for a browser that is away, in seconds:
/// four weeks, which is what the large ones keep at most.
pub const MAX_TTL_S: i64 = 28 * 24 * 60 * 60;

/// A message before it is encrypted.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// What the service worker reads: JSON, at most [`MAX_MESSAGE_BYTES`].
    pub text: String,
    /// For how long it is of use, in seconds, 0 to [`MAX_TTL_S`]; with 0 it is delivered at once or
    /// not at all.
    pub ttl_s: i64,
    /// The newest message with a topic replaces the one before that was not delivered yet (RFC 8030,
    /// section 5.4). 32 characters of base64url: a hash of the follow-up, which tells nothing of it.
    pub topic: String,
}

impl Message {
    /// The message that brings `reminder`. Title and body are cut when it would become too long.
    #[must_use]
    pub fn of(reminder: &Reminder, now: Instant) -> Self {
        let room = MAX_MESSAGE_BYTES.saturating_sub(text(reminder, "", "").len());
        let title = cut(&reminder.title, room.min(MAX_TITLE_BYTES));
        let body = cut(&reminder.body, room.saturating_sub(json_bytes(&title)));
        Self {
            text: text(reminder, &title, &body),
            ttl_s: (reminder.useful_until - now).num_seconds().clamp(0, MAX_TTL_S),
            topic: short_name(&format!("fu:{}", reminder.follow_up_id)),
        }
    }
}

fn text(reminder: &Reminder, title: &str, body: &str) -> String {
    let message: Value = json!({
        "type": "reminder",
        "title": title,
        "body": body,
        "follow_up_id": reminder.follow_up_id,
        "occurrence": format_instant(reminder.occurrence),
        "v": reminder.version.to_string(),
    });
    message.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn read(message: &Message) -> Value {
        serde_json::from_str(&message.text).expect("JSON")
    }

    #[test]
    fn a_reminder_says_what_one_from_firebase_says() {
        let message = Message::of(&reminder("Now", "Ask"), now());
        let expected = json!({
            "type": "reminder",
            "title": "Now",
            "body": "Ask",
            "follow_up_id": "acb84dc0-78e9-5d1a-aecd-c290d128f679",
            "occurrence": "2026-05-12T13:00:00Z",
            "v": "1778094000123",
        });
        assert_eq!(read(&message), expected);
    }

    #[test]
    fn it_is_kept_as_long_as_it_is_of_use_and_four_weeks_at_most() {
        let ttl = |until: &str| {
            let until = until.parse().expect("a date");
            let reminder = Reminder { useful_until: until, ..reminder("Now", "Ask") };
            Message::of(&reminder, now()).ttl_s
        };
        assert_eq!(ttl("2026-05-12T16:00:00Z"), 7200);
        assert_eq!(ttl("2026-05-12T13:59:59Z"), 0);
        assert_eq!(ttl("2027-05-12T14:00:00Z"), 2_419_200);
    }

    #[test]
    fn reminders_of_one_follow_up_share_a_topic_that_tells_nothing() {
        let first = reminder("Now", "Ask");
        let later = Reminder { version: 2, occurrence: now(), ..first.clone() };
        let other = Reminder { follow_up_id: "other".to_owned(), ..first.clone() };
        let topic = |reminder: &Reminder| Message::of(reminder, now()).topic;
        assert_eq!(topic(&first), topic(&later));
        assert_ne!(topic(&first), topic(&other));
        let topic = topic(&first);
        assert_eq!(topic.len(), 32);
        assert!(topic.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')));
        assert!(!topic.contains("acb84dc0"));
    }

    #[test]
    fn no_words_make_a_message_too_long_and_none_is_cut_inside_a_character() {
        for unit in ["a", "\u{1}", "\"", "é", "👩‍👩‍👧‍👦"] {
            let mut long = reminder(&unit.repeat(5000), &unit.repeat(5000));
            long.follow_up_id = "x".repeat(64);
            let message = Message::of(&long, now());
            let bytes = message.text.len();
            assert!(bytes <= MAX_MESSAGE_BYTES, "{bytes}");
            assert!(bytes > MAX_MESSAGE_BYTES - 60, "no more is cut than must be: {bytes}");
            for field in ["title", "body"] {
                let text = read(&message)[field].as_str().expect("a text").to_owned();
                let kept = text.strip_suffix('…').expect("an ellipsis");
                assert_eq!(kept.replace(unit, ""), "", "whole characters only");
            }
        }
    }
}
