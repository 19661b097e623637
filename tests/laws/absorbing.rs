//! States that nobody leaves who does not know of them, in whatever order the edits arrive.

use crate::bench::{Bench, DEVICES, NOW_MS};
use crate::config;
use crate::values::edits_of;
use afterview_domain::entities::Collection;
use proptest::prelude::*;
use serde_json::{Value, json};

/// All orders of three.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// An edit that reaches a state, and the words of its field in the state and beyond.
struct Absorbing {
    collection: Collection,
    reach: fn() -> Value,
    field: &'static str,
    held: &'static [&'static str],
}

const ABSORBING: [Absorbing; 8] = [
    Absorbing {
        collection: Collection::Commitments,
        reach: || json!({"status": "fulfilled", "fulfilled_at": "2026-05-06T19:03:00Z"}),
        field: "status",
        held: &["fulfilled"],
    },
    Absorbing {
        collection: Collection::Offers,
        reach: || json!({"status": "declined"}),
        field: "status",
        held: &["accepted", "declined", "expired", "rescinded"],
    },
    Absorbing {
        collection: Collection::Offers,
        reach: || json!({"status": "extended"}),
        field: "status",
        held: &["extended", "accepted", "declined", "expired", "rescinded"],
    },
    Absorbing {
        collection: Collection::Interviews,
        reach: || json!({"status": "held"}),
        field: "status",
        held: &["held", "no_show_them", "no_show_me"],
    },
    Absorbing {
        collection: Collection::Opportunities,
        reach: || json!({"contact_policy": "no_contact"}),
        field: "contact_policy",
        held: &["no_contact"],
    },
    Absorbing {
        collection: Collection::Opportunities,
        reach: || json!({"contact_policy": "no_status"}),
        field: "contact_policy",
        held: &["no_status", "no_thanks", "no_contact"],
    },
    Absorbing {
        collection: Collection::Opportunities,
        reach: || json!({"contact_policy": "no_calls"}),
        field: "contact_policy",
        held: &["no_calls", "no_status", "no_thanks", "no_contact"],
    },
    Absorbing {
        collection: Collection::Contacts,
        reach: || json!({"no_thanks": true}),
        field: "no_thanks",
        held: &["true"],
    },
];

/// What somebody does to a follow-up who does not know that it was sent.
fn step() -> impl Strategy<Value = Value> {
    let edit = edits_of(Collection::FollowUps, 1).prop_map(|edits| edits[0].mutation());
    let act = |name: &str, args: Value| Just(json!({"op": "action", "action": name, "args": args}));
    prop_oneof![
        4 => edit,
        1 => act("skip", json!({})),
        1 => act("reopen", json!({})),
        1 => act("snooze", json!({"until": "2026-06-01T08:00:00Z"})),
        1 => act("mark_sent", json!({"channel": "phone", "sent_at": "2026-05-06T18:00:00Z"})),
        1 => Just(json!({"op": "delete"})),
        1 => Just(json!({"op": "restore"})),
        1 => Just(json!({"op": "patch", "set": {"status": "open"}})),
        1 => Just(json!({"op": "patch", "set": {"status": "skipped"}})),
        1 => Just(json!({"op": "create", "set": {"status": "open", "title": "v5"}})),
    ]
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

const SENT: Collection = Collection::FollowUps;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_stronger_word_stays_whoever_comes_when(
        (n, others) in (0..ABSORBING.len()).prop_flat_map(|n| {
            (Just(n), edits_of(ABSORBING[n].collection, 2))
        }),
        age_min in 0..90i64,
    ) {
        let Absorbing { collection, reach, field, held } = &ABSORBING[n];
        for order in ORDERS {
            let mut bench = Bench::new();
            let base = bench.rev(*collection);
            for who in order {
                match others.get(who) {
                    Some(other) => bench.edit(DEVICES[who], *collection, base, other),
                    None => {
                        let reach = json!({"op": "patch", "set": reach()});
                        bench.act(DEVICES[who], *collection, base, (reach, age_min * 60_000))
                    }
                };
            }
            let word = word(&bench.content(*collection)[*field]);
            prop_assert!(held.contains(&word.as_str()), "{order:?}: {field} is {word}");
        }
    }

    #[test]
    fn sent_stays_sent_whatever_others_did_meanwhile(
        steps in prop::collection::vec(step(), 2), age_min in 0..90i64,
    ) {
        for order in ORDERS {
            let mut bench = Bench::new();
            let base = bench.rev(SENT);
            for who in order {
                let sent = json!({"op": "action", "action": "mark_sent", "args": {"channel": "email"}});
                let what = steps.get(who).cloned().unwrap_or(sent);
                bench.act(DEVICES[who], SENT, base, (what, age_min * 60_000));
            }
            let content = bench.content(SENT);
            prop_assert_eq!(&content["status"], "sent", "{:?}", order);
            prop_assert_eq!(&content["deleted"], &json!(false));
        }
    }

    #[test]
    fn only_an_undo_or_a_correction_leaves_sent(steps in prop::collection::vec(step(), 1..4)) {
        let mut bench = Bench::new();
        let sent = json!({"op": "action", "action": "mark_sent", "args": {"channel": "email"}});
        bench.act("phone", SENT, bench.rev(SENT), (sent, 0));
        for (n, step) in steps.into_iter().enumerate() {
            // Everybody knows.
            bench.act(DEVICES[n], SENT, bench.rev(SENT), (step, 0));
            prop_assert_eq!(&bench.content(SENT)["status"], "sent");
        }
        let ways = [("undo_sent", json!({})), ("correct", json!({"not_sent": true, "reason": "a slip"}))];
        for (name, args) in ways {
            let mut bench = bench.clone();
            let way = json!({"op": "action", "action": name, "args": args});
            let said = bench.act("phone", SENT, bench.rev(SENT), (way, 0));
            prop_assert_eq!(&bench.content(SENT)["status"], "open", "{}: {}", name, said);
        }
    }
}

/// What a device does to the follow-up.
fn act(name: &str, args: &Value) -> (Value, i64) {
    (json!({"op": "action", "action": name, "args": args}), 0)
}

#[test]
fn who_has_not_seen_a_skip_does_not_take_it_back() {
    let mut bench = Bench::new();
    let base = bench.rev(SENT);
    bench.act("phone", SENT, base, act("skip", &json!({})));
    bench.act("tablet", SENT, base, act("reopen", &json!({})));
    assert_eq!(bench.content(SENT)["status"], "skipped");
    let seen = bench.rev(SENT);
    bench.act("tablet", SENT, seen, act("reopen", &json!({})));
    assert_eq!(bench.content(SENT)["status"], "open");
}

#[test]
fn two_sendings_far_apart_are_asked_about_and_the_earlier_time_stays() {
    for (minute, asked) in [("10", 0), ("11", 1)] {
        for turned in [false, true] {
            let mut bench = Bench::new();
            let base = bench.rev(SENT);
            let mut times = ["00".to_owned(), minute.to_owned()];
            if turned {
                times.reverse();
            }
            for (device, minute) in DEVICES.iter().zip(times) {
                let args = json!({"sent_at": format!("2026-05-06T19:{minute}:00Z")});
                bench.act(device, SENT, base, act("mark_sent", &args));
            }
            assert_eq!(bench.content(SENT)["sent_at"], "2026-05-06T19:00:00Z");
            assert_eq!(bench.conflicts().count(), asked);
        }
    }
}

#[test]
fn an_edit_of_one_record_brings_back_all_that_went_with_its_opportunity() {
    let mut bench = Bench::new();
    let alive = bench.alive();
    let base = bench.rev(Collection::Contacts);
    let delete =
        json!({"mid": "d", "c": "opportunities", "id": "o1", "op": "delete", "base": base});
    bench.request("phone", &delete, NOW_MS, NOW_MS);
    assert!(bench.alive() < alive);
    let name = json!({"op": "patch", "set": {"name": "v1"}});
    bench.act("tablet", Collection::Contacts, base, (name, 0));
    // The conflict is a record, too.
    assert_eq!((bench.alive(), bench.conflicts().count()), (alive + 1, 1));
}
