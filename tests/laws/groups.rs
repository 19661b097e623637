//! Edits of the fields that only make sense together, whole groups and parts of them.

use crate::values::Choices;
use afterview_domain::entities::Collection;
use serde_json::{Value, json};

fn whole(values: Value) -> Vec<Value> {
    let Value::Array(values) = values else { panic!("a list") };
    values.into_iter().map(|set| json!({ "set": set })).collect()
}

/// The fields that only make sense together.
pub(crate) fn groups(c: Collection) -> Choices {
    match c {
        Collection::Interviews => vec![(
            "appointment",
            whole(json!([
                {"starts_at": "2026-05-06T17:00:00Z", "ends_at": "2026-05-06T18:00:00Z"},
                {"starts_at": "2026-05-20T14:00:00Z", "ends_at": "2026-05-20T15:00:00Z", "time_zone": "Europe/Prague"},
                {"ends_at": "2026-05-06T18:30:00Z"},
                {"time_zone": "America/New_York"},
            ])),
        )],
        Collection::Expectations => vec![(
            "reading",
            whole(json!([
                {"text": "next week"},
                {"text": "by Tuesday"},
                {"kind": "confirmed", "from": "2026-05-11", "by": "2026-05-12"},
                {"kind": "confirmed", "from": "2026-05-13", "by": "2026-05-14"},
            ])),
        )],
        Collection::Commitments => vec![
            (
                "due",
                whole(json!([
                    {"due": "2026-05-11"}, {"due": "2026-05-12"},
                    {"due": "2026-05-12", "due_time": "10:00"},
                    {"due": null, "due_time": null},
                ])),
            ),
            (
                "delivery",
                whole(json!([
                    {"status": "fulfilled", "fulfilled_at": "2026-05-06T19:01:00Z"},
                    {"status": "fulfilled", "fulfilled_at": "2026-05-06T19:02:00Z"},
                    {"status": "waived", "fulfilled_at": null},
                    {"status": "open", "fulfilled_at": null},
                ])),
            ),
        ],
        _ => further_groups(c),
    }
}

/// The groups of the other collections.
fn further_groups(c: Collection) -> Choices {
    match c {
        Collection::FollowUps => vec![(
            "snooze",
            whole(json!([
                {"snoozed_until": "2026-05-20T08:00:00Z"},
                {"snoozed_until": "2026-05-21T08:00:00Z", "snoozed_window": "2026-05-12T08:00:00Z"},
                {"snoozed_until": null, "snoozed_window": null},
            ])),
        )],
        Collection::Replies => vec![
            (
                "times",
                whole(json!([
                    {"at": "2026-05-04T10:00:00Z"}, {"at": "2026-05-03T10:00:00Z", "deadline": "2026-05-09T10:00:00Z"},
                    {"deadline": "2026-05-08T10:00:00Z"},
                ])),
            ),
            (
                "kind",
                whole(json!([
                    {"kind": "new_date"}, {"kind": "request", "returns": null},
                    {"kind": "ooo", "returns": "2026-05-11"},
                ])),
            ),
        ],
        Collection::Offers => vec![(
            "times",
            whole(json!([
                {"received_at": "2026-05-04T10:00:00Z"}, {"deadline": "2026-05-10T10:00:00Z"},
                {"received_at": "2026-05-03T10:00:00Z", "deadline": "2026-05-10T10:00:00Z"},
            ])),
        )],
        Collection::Preferences => vec![(
            "quiet",
            whole(json!([
                {"quiet_from": "23:00"}, {"quiet_to": "07:00"},
                {"quiet_from": "23:00", "quiet_to": "06:30"},
            ])),
        )],
        _ => Vec::new(),
    }
}
