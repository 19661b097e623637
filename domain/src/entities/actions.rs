//! What can be done to a follow-up, as transitions of its stored fields.
//!
//! `open → sent | skipped`, `skipped → open`, and `sent` absorbs: it leaves only by an undo within
//! minutes or by a correction, both of which stay in the history.
//!
//! **Must never** read a clock or another record; what does not fit is a [`Refusal`].

use super::follow_up::{FollowUp, FollowUpStatus, OutboundChannel};
use super::parse::Fields;
use crate::clock::{Instant, format_instant, truncate_to_millis};
use chrono::TimeDelta;
use serde_json::{Map, Value};

/// How long after it was recorded a sending can be undone.
pub const UNDO_WINDOW: TimeDelta = TimeDelta::minutes(5);

/// How far a reported time may lie ahead of the server's clock before that is worth a flag. No
/// sending is recorded ahead of that clock either way.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// The fields that a sending may replace, kept so that it can be undone.
const BEFORE_SENT: &[&str] = &["status", "channel", "asked_timeline", "included", "skipped_at"];

/// Something to do to a follow-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It went out.
    MarkSent {
        /// When; absent means now.
        sent_at: Option<Instant>,
        /// By which way; absent leaves the planned one.
        channel: Option<OutboundChannel>,
        /// It asked when to expect an answer.
        asked_timeline: Option<bool>,
        /// What it carried besides.
        included: Option<Vec<String>>,
    },
    /// It did not go out after all: within [`UNDO_WINDOW`] of recording.
    UndoSent,
    /// What was recorded of a sent one was wrong.
    Correct {
        /// The right time.
        sent_at: Option<Instant>,
        /// The right way.
        channel: Option<OutboundChannel>,
        /// The right recipient.
        to: Option<String>,
        /// It was never sent.
        not_sent: bool,
        /// Why, in the candidate's words.
        reason: Option<String>,
    },
    /// The candidate decides against it.
    Skip,
    /// The candidate takes a skip back.
    Reopen,
    /// The reminder is put off; the window stays.
    Snooze {
        /// Until when; absent ends the snooze.
        until: Option<Instant>,
        /// The ideal time from which it is put off.
        window: Option<Instant>,
    },
}

/// Why an action does not fit the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Sent absorbs everything.
    #[error("it was sent already; file a correction if that is wrong")]
    AlreadySent,
    /// There is nothing to undo or correct.
    #[error("it was not sent")]
    NotSent,
    /// The undo window is over.
    #[error("more than five minutes have passed; file a correction with `not_sent` instead")]
    UndoTooLate,
    /// Nothing goes out for a private item.
    #[error("this is a note to yourself: nothing is sent; skip it instead")]
    Private,
    /// The draft was merged and must be read first.
    #[error("the draft was merged from two devices; read and save it first")]
    NeedsReview,
}

/// The fields after `action`, given the stored `fields` of a follow-up.
///
/// # Errors
/// Why the action does not fit the state.
pub fn act(
    fields: Map<String, Value>,
    follow_up: &FollowUp,
    action: &Action,
    now: Instant,
) -> Result<Fields, Refusal> {
    let sent = follow_up.status == FollowUpStatus::Sent;
    let mut after = Fields::stored(fields);
    match action {
        Action::MarkSent { sent_at, channel, asked_timeline, included } => {
            check_sendable(follow_up)?;
            if sent {
                agree_on_time(&mut after, follow_up, sent_at.unwrap_or(now), now);
            } else {
                mark_sent(&mut after, sent_at.unwrap_or(now), now);
                set(&mut after, "channel", channel.map(|channel| Value::from(channel.as_str())));
                set(&mut after, "asked_timeline", asked_timeline.map(Value::from));
                set(&mut after, "included", included.clone().map(sorted));
            }
        }
        Action::UndoSent => {
            let recorded = follow_up.recorded_at.filter(|_| sent).ok_or(Refusal::NotSent)?;
            if now - recorded > UNDO_WINDOW {
                return Err(Refusal::UndoTooLate);
            }
            unsend(&mut after);
        }
        Action::Correct { sent_at, channel, to, not_sent, reason } => {
            if !sent {
                return Err(Refusal::NotSent);
            }
            if *not_sent {
                unsend(&mut after);
            } else {
                set(&mut after, "sent_at", sent_at.map(|at| instant(at.min(now))));
                set(&mut after, "channel", channel.map(|channel| Value::from(channel.as_str())));
                set(&mut after, "to", to.clone().map(Value::from));
            }
            after.set("corrected_at", Some(instant(now)));
            after.set("correction_reason", reason.clone().map(Value::from));
        }
        Action::Skip if sent => return Err(Refusal::AlreadySent),
        Action::Skip if follow_up.status == FollowUpStatus::Skipped => {}
        Action::Skip => {
            after.set("status", Some(Value::from(FollowUpStatus::Skipped.as_str())));
            after.set("skipped_at", Some(instant(now)));
        }
        Action::Reopen if sent => return Err(Refusal::AlreadySent),
        Action::Reopen => {
            after.set("status", Some(Value::from(FollowUpStatus::Open.as_str())));
            after.set("skipped_at", None);
        }
        Action::Snooze { .. } if sent => return Err(Refusal::AlreadySent),
        Action::Snooze { until, window } => {
            after.set("snoozed_until", until.map(instant));
            after.set("snoozed_window", until.and(*window).map(instant));
        }
    }
    Ok(after)
}

fn check_sendable(follow_up: &FollowUp) -> Result<(), Refusal> {
    if follow_up.kind.is_private() {
        return Err(Refusal::Private);
    }
    if follow_up.needs_review { Err(Refusal::NeedsReview) } else { Ok(()) }
}

/// Two devices that report the same sending agree on the earlier time, unless the candidate has
/// corrected it since.
fn agree_on_time(after: &mut Fields, follow_up: &FollowUp, reported: Instant, now: Instant) {
    if follow_up.corrected_at.is_none() {
        let at = reported.min(now);
        let at = follow_up.sent_at.map_or(at, |known| known.min(at));
        after.set("sent_at", Some(instant(at)));
    }
}

fn mark_sent(after: &mut Fields, reported: Instant, now: Instant) {
    let before: Map<String, Value> = BEFORE_SENT
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), after.as_map().get(*name)?.clone())))
        .collect();
    after.set("before_sent", Some(Value::Object(before)));
    after.set("status", Some(Value::from(FollowUpStatus::Sent.as_str())));
    after.set("skipped_at", None);
    after.set("sent_at", Some(instant(reported.min(now))));
    after.set("recorded_at", Some(instant(now)));
    after.set("sent_at_clamped", (reported > now + CLOCK_TOLERANCE).then(|| Value::from(true)));
}

/// Brings back what the sending had replaced.
fn unsend(after: &mut Fields) {
    let before = after.as_map().get("before_sent").and_then(Value::as_object).cloned();
    let before = before.unwrap_or_default();
    for name in BEFORE_SENT {
        after.set(name, before.get(*name).cloned());
    }
    for name in ["before_sent", "sent_at", "recorded_at", "sent_at_clamped"] {
        after.set(name, None);
    }
}

fn set(after: &mut Fields, name: &str, value: Option<Value>) {
    if value.is_some() {
        after.set(name, value);
    }
}

fn instant(at: Instant) -> Value {
    Value::from(format_instant(truncate_to_millis(at)))
}

fn sorted(mut words: Vec<String>) -> Value {
    words.sort();
    words.dedup();
    Value::from(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_millis;
    use crate::entities::{Collection, parse};
    use serde_json::json;

    const NOW: i64 = 1_778_590_800_000;

    fn open() -> Map<String, Value> {
        let Value::Object(body) = json!({"action_key": "o/follow_up/1/employer", "opportunity_id": "o", "kind": "follow_up"})
        else {
            panic!("an object")
        };
        parse(Collection::FollowUps, &body, None, from_millis(NOW)).expect("valid").into_map()
    }

    fn apply(
        fields: &Map<String, Value>,
        action: &Action,
        now: i64,
    ) -> Result<Map<String, Value>, Refusal> {
        let mut named = fields.clone();
        named.insert("id".to_owned(), Value::from("f"));
        let typed: FollowUp = serde_json::from_value(Value::Object(named)).expect("typed");
        act(fields.clone(), &typed, action, from_millis(now)).map(Fields::into_map)
    }

    fn sent_at(millis: Option<i64>) -> Action {
        Action::MarkSent {
            sent_at: millis.map(from_millis),
            channel: None,
            asked_timeline: None,
            included: None,
        }
    }

    #[test]
    fn the_earlier_of_two_reported_times_wins() {
        let once = apply(&open(), &sent_at(Some(NOW)), NOW).expect("sent");
        let twice = apply(&once, &sent_at(Some(NOW - 60_000)), NOW + 1_000).expect("sent again");
        assert_eq!(twice["sent_at"], format_instant(from_millis(NOW - 60_000)));
        assert_eq!(twice["recorded_at"], once["recorded_at"]);
        let thrice = apply(&twice, &sent_at(None), NOW + 9_000).expect("and again");
        assert_eq!(thrice, twice);
    }

    #[test]
    fn a_time_in_the_future_is_clamped_and_flagged() {
        let after = apply(&open(), &sent_at(Some(NOW + 3_600_000)), NOW).expect("sent");
        assert_eq!(
            (&after["sent_at"], &after["sent_at_clamped"]),
            (&instant(from_millis(NOW)), &json!(true))
        );
    }

    #[test]
    fn undo_works_for_five_minutes_and_then_only_a_correction_helps() {
        let sent = apply(&open(), &sent_at(None), NOW).expect("sent");
        assert_eq!(apply(&sent, &Action::UndoSent, NOW + 300_000).expect("undone"), open());
        assert_eq!(apply(&sent, &Action::UndoSent, NOW + 300_001), Err(Refusal::UndoTooLate));
        let correct = Action::Correct {
            sent_at: None,
            channel: None,
            to: None,
            not_sent: true,
            reason: None,
        };
        assert_eq!(apply(&sent, &correct, NOW + 900_000).expect("corrected")["status"], "open");
    }

    #[test]
    fn undo_brings_back_what_the_sending_replaced() {
        let skipped = apply(&open(), &Action::Skip, NOW).expect("skipped");
        let by_phone = Action::MarkSent {
            sent_at: None,
            channel: Some(OutboundChannel::Phone),
            asked_timeline: Some(true),
            included: Some(vec!["thanks".to_owned()]),
        };
        let sent = apply(&skipped, &by_phone, NOW).expect("sent");
        assert_eq!((&sent["channel"], sent.get("skipped_at")), (&json!("phone"), None));
        assert_eq!(apply(&sent, &Action::UndoSent, NOW).expect("undone"), skipped);
    }

    #[test]
    fn a_late_report_does_not_take_back_a_correction() {
        let sent = apply(&open(), &sent_at(Some(NOW - 9_000)), NOW).expect("sent");
        let right = Some(from_millis(NOW - 1_000));
        let correct = Action::Correct {
            sent_at: right,
            channel: None,
            to: None,
            not_sent: false,
            reason: None,
        };
        let corrected = apply(&sent, &correct, NOW).expect("corrected");
        assert_eq!(apply(&corrected, &sent_at(Some(NOW - 9_000)), NOW).expect("again"), corrected);
    }

    #[test]
    fn nothing_but_a_correction_moves_a_sent_one() {
        let sent = apply(&open(), &sent_at(None), NOW).expect("sent");
        for action in [Action::Skip, Action::Reopen, Action::Snooze { until: None, window: None }] {
            assert_eq!(apply(&sent, &action, NOW), Err(Refusal::AlreadySent), "{action:?}");
        }
    }

    #[test]
    fn a_skip_can_be_taken_back() {
        let skipped = apply(&open(), &Action::Skip, NOW).expect("skipped");
        assert_eq!(apply(&skipped, &Action::Reopen, NOW).expect("reopened"), open());
    }
}
