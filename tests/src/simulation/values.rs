//! What the users of the simulation type: in every value that can be unique is a word that nobody used
//! before, so that it can be found again wherever it went.

use super::random::Random;
use crate::device::Doc;
use serde_json::{Value, json};

/// One thing to do to a record.
pub(super) enum Do {
    Set(Value),
    Add(&'static str, Value),
    Remove(&'static str, Value),
    Act(&'static str, Value),
}

/// Numbers from which words are made that nobody used before.
#[derive(Debug, Default)]
pub(super) struct Words(u64);

impl Words {
    pub(super) fn new_word(&mut self) -> String {
        self.0 += 1;
        format!("w{}", self.0)
    }
}

/// The opportunity that the record called `id` belongs to.
pub(super) fn owner(id: &str) -> &'static str {
    if id.ends_with('2') { "o2" } else { "o1" }
}

/// The fields of a new record.
pub(super) fn new_record(c: &str, id: &str, words: &mut Words) -> Value {
    let mut word = || words.new_word();
    let owner = owner(id);
    match c {
        "opportunities" => json!({"employer": word(), "role": word()}),
        "contacts" => {
            json!({"opportunity_id": owner, "name": word(), "role": "interviewer", "notes": word()})
        }
        "interviews" => json!({
            "opportunity_id": owner, "notes": word(),
            "starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z",
        }),
        "commitments" => json!({"opportunity_id": owner, "kind": "portfolio", "title": word()}),
        "follow_ups" => json!({
            "opportunity_id": owner, "action_key": format!("{owner}/custom/{id}"), "kind": "custom",
            "title": word(), "due_at": "2026-05-12T14:00:00Z", "body": word(),
        }),
        "expectations" => json!({
            "opportunity_id": owner, "text": format!("by Friday {}", word()),
            "spoken_at": "2026-05-06T18:50:00Z",
        }),
        "supplements" => json!({"opportunity_id": owner, "title": word()}),
        _ => json!({"thank_channel": "email"}),
    }
}

/// Something to do to the record with the fields `doc`.
pub(super) fn change(
    c: &str,
    doc: &Doc,
    newer: bool,
    random: &mut Random,
    words: &mut Words,
) -> Do {
    let roll = random.below(8);
    match c {
        "opportunities" => match roll {
            0 if newer && !doc.contains_key("mood") => {
                Do::Set(json!({"mood": words.new_word(), "role": words.new_word()}))
            }
            0 => Do::Set(json!({"employer": words.new_word()})),
            1 => Do::Set(
                json!({"role": words.new_word(), "interest": random.pick(&["high", "low"])}),
            ),
            2 => Do::Set(json!({"office": {
                "name": words.new_word(), "time_zone": random.pick(&["Europe/Prague", "America/New_York"]),
            }})),
            3 => Do::Set(json!({
                "contact_policy": random.pick(&["none", "no_calls", "no_status", "no_contact"]),
                "contact_policy_source": words.new_word(),
            })),
            4 => Do::Set(json!({"closed": random.pick(&[json!("withdrawn"), Value::Null])})),
            5 => item(doc, "tags", random, || json!(words.new_word())),
            _ => Do::Set(json!({"notes": rewritten(doc, "notes", random, words)})),
        },
        "contacts" => match roll {
            0 | 1 => Do::Set(json!({"name": words.new_word()})),
            2 => Do::Set(json!({"preferred": random.pick(&["email", "phone"])})),
            3 => Do::Set(json!({"no_thanks": random.chance(50)})),
            4 | 5 => {
                let invited = random.chance(50);
                let value = words.new_word();
                item(
                    doc,
                    "channels",
                    random,
                    || json!({"kind": "email", "value": value, "invited": invited, "connected": false}),
                )
            }
            _ => Do::Set(json!({"notes": rewritten(doc, "notes", random, words)})),
        },
        "interviews" => interview(doc, roll, random, words),
        "commitments" => match roll {
            0..4 => Do::Set(json!({"title": words.new_word()})),
            4 => Do::Set(json!({"status": "fulfilled", "fulfilled_at": time(random)})),
            5 => Do::Set(json!({"status": "waived", "fulfilled_at": null})),
            6 => Do::Set(json!({"due": date(random)})),
            _ => Do::Set(json!({"third_party": random.chance(50)})),
        },
        "follow_ups" => follow_up(doc, roll, random, words),
        "expectations" => match roll {
            0..5 => Do::Set(json!({"text": format!("by Friday {}", words.new_word())})),
            _ => {
                let by = date(random);
                Do::Set(json!({"kind": "confirmed", "from": by, "by": by}))
            }
        },
        "supplements" => match roll {
            0..4 => Do::Set(json!({"title": words.new_word()})),
            4..6 => Do::Set(json!({"url": format!("https://example.org/{}", words.new_word())})),
            _ => Do::Set(json!({"kind": random.pick(&["award", "project"])})),
        },
        _ => match roll {
            0 => Do::Set(json!({"lock_screen": random.pick(&["none", "initials", "full"])})),
            1 => Do::Set(json!({"max_unanswered": random.between(1, 3)})),
            // Out of range at times: refused.
            2 => Do::Set(json!({"quiet_to": random.pick(&["07:00", "09:00", "22:30"])})),
            _ => {
                let kind = *random.pick(&["thank_you", "debrief", "custom", "fulfil"]);
                item(doc, "mute", random, || json!(kind))
            }
        },
    }
}

fn interview(doc: &Doc, roll: usize, random: &mut Random, words: &mut Words) -> Do {
    match roll {
        0 => {
            let day = random.between(1, 28);
            Do::Set(json!({
                "starts_at": format!("2026-05-{day:02}T14:00:00Z"),
                "ends_at": format!("2026-05-{day:02}T15:00:00Z"),
                "time_zone": random.pick(&["Europe/Prague", "America/New_York"]),
            }))
        }
        // Before its start for all but a few: refused.
        1 if random.chance(30) => Do::Set(json!({"ends_at": time(random)})),
        1 => Do::Set(json!({"status": random.pick(&["held", "cancelled_them", "scheduled"])})),
        2 => Do::Set(json!({"impression": random.between(1, 5)})),
        3 | 4 => {
            let (who, present) = (*random.pick(&["c1", "c2"]), random.chance(50));
            item(doc, "attendees", random, || json!({"contact_id": who, "present": present}))
        }
        5 => item(doc, "talking_points", random, || json!({"text": words.new_word()})),
        _ => Do::Set(json!({"notes": rewritten(doc, "notes", random, words)})),
    }
}

fn follow_up(doc: &Doc, roll: usize, random: &mut Random, words: &mut Words) -> Do {
    match roll {
        0 => Do::Set(json!({"subject": words.new_word()})),
        1 => match random.below(4) {
            0 => Do::Act("mark_sent", json!({"channel": random.pick(&["email", "phone"])})),
            1 => Do::Act("mark_sent", json!({"sent_at": time(random)})),
            2 => Do::Act("undo_sent", json!({})),
            _ => Do::Act(
                "correct",
                json!({"not_sent": random.chance(50), "reason": words.new_word()}),
            ),
        },
        2 if random.chance(50) => Do::Act("skip", json!({})),
        2 => Do::Act("reopen", json!({})),
        3 => Do::Act("snooze", json!({"until": "2026-06-01T08:00:00Z"})),
        4 => Do::Set(json!({"slots": {"detail": words.new_word()}})),
        5 => item(doc, "included", random, || json!(words.new_word())),
        _ => Do::Set(json!({"body": rewritten(doc, "body", random, words)})),
    }
}

/// Takes an item out of a list, or puts one in, at times one that is there already, at times by sending
/// the whole list.
fn item(doc: &Doc, field: &'static str, random: &mut Random, new: impl FnOnce() -> Value) -> Do {
    let present = doc.get(field).and_then(Value::as_array).filter(|items| !items.is_empty());
    match present {
        Some(items) if random.chance(30) => Do::Remove(field, random.pick(items).clone()),
        Some(items) if random.chance(20) => {
            let whole: Vec<Value> = items.iter().cloned().chain([new()]).collect();
            Do::Set(json!({ field: whole }))
        }
        _ => Do::Add(field, new()),
    }
}

/// A text with a word more, less or other than before.
fn rewritten(doc: &Doc, field: &str, random: &mut Random, words: &mut Words) -> String {
    let text = doc.get(field).and_then(Value::as_str).unwrap_or_default();
    let mut parts: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let at = random.below(parts.len() + 1);
    match random.below(4) {
        0 if at < parts.len() => parts[at] = words.new_word(),
        1 if at < parts.len() && parts.len() > 2 => {
            parts.remove(at);
        }
        2 => {
            for _ in 0..5 {
                parts.insert(at, words.new_word());
            }
        }
        _ => parts.insert(at, words.new_word()),
    }
    parts.join(" ")
}

fn time(random: &mut Random) -> String {
    format!("2026-05-{:02}T{:02}:30:00Z", random.between(1, 28), random.between(0, 23))
}

fn date(random: &mut Random) -> String {
    format!("2026-05-{:02}", random.between(1, 28))
}
