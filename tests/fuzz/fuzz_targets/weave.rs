//! Any three texts: two devices change one text into two others, in both orders. Both orders end the
//! same, and what either typed is in the record, in its history or in a conflict.

#![no_main]

mod memory;

use afterview_api::dto::sync::PushRequest;
use afterview_api::sync::push;
use afterview_domain::entities::Collection;
use libfuzzer_sys::fuzz_target;
use memory::Memory;
use serde_json::{Value, json};

const START_MILLIS: i64 = 1_778_090_000_000;

fuzz_target!(|data: &[u8]| {
    // Without what the checks refuse in a text.
    let text = String::from_utf8_lossy(data).replace(|c: char| c.is_control(), " ");
    let mut parts = text.splitn(3, '|').map(str::to_owned);
    let (Some(base), Some(one), Some(other)) = (parts.next(), parts.next(), parts.next()) else {
        return;
    };
    let first = [("phone", &one, -2), ("tablet", &other, -1)];
    let turned = [first[1], first[0]];
    let (first, turned) = (edited(&base, first), edited(&base, turned));
    assert_eq!(notes(&first), notes(&turned), "the order of arrival decides");
    for log in [&first, &turned] {
        for typed in [&one, &other] {
            assert!(is_somewhere(log, typed), "lost: {typed:?}");
        }
    }
    let woven = notes(&first);
    let same = one == other || other == base || one == base;
    if same {
        let expected = if one == base { &other } else { &one };
        assert_eq!(woven, json!(expected));
    }
});

fn send(log: &mut Memory, mutation: Value) -> Value {
    let body = json!({"protocol": 1, "schema": 1, "client_time": 0, "mutations": [mutation]});
    let Value::Object(body) = body else { panic!("an object") };
    let request = PushRequest::read(body).expect("the frame is right");
    let state = log.head();
    let results = push::run(log, &request, &state).expect("memory does not fail");
    log.check_whole(state.head);
    serde_json::from_str(&results.first().expect("one result").text).expect("a result is JSON")
}

fn edited(base: &str, edits: [(&'static str, &String, i64); 2]) -> Memory {
    let mut log = Memory::at(START_MILLIS);
    let set = json!({"employer": "Acme", "role": "Engineer", "notes": base});
    let create = json!({"mid": "m0", "c": "opportunities", "id": "o", "op": "create", "set": set});
    let made = send(&mut log, create);
    for (device, text, at) in edits {
        (log.device, log.millis) = (device, log.millis + 10);
        let patch = json!({
            "mid": device, "c": "opportunities", "id": "o", "op": "patch", "base": made["rev"],
            "set": {"notes": text}, "at": at * 1_000,
        });
        send(&mut log, patch);
    }
    log
}

fn notes(log: &Memory) -> Value {
    let opportunity = log.state.records.get(&(Collection::Opportunities, "o".to_owned()));
    opportunity.and_then(|record| record.doc.get("notes")).cloned().unwrap_or_default()
}

fn is_somewhere(log: &Memory, typed: &str) -> bool {
    let typed = json!(typed);
    let said = |conflict: &memory::Record| {
        ["kept", "lost"]
            .iter()
            .any(|side| conflict.doc.get(*side).is_some_and(|it| it["notes"] == typed))
            || conflict.doc.get("mutation").is_some_and(|it| it["set"]["notes"] == typed)
    };
    let past = log.state.history.iter().filter_map(|(_, past)| past.changed.get("notes"));
    notes(log) == typed
        || log.alive().any(said)
        || past.clone().any(|it| ["old", "new", "given"].iter().any(|side| it[*side] == typed))
}
