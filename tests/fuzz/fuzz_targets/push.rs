//! Any pushes of two devices, as bytes or as edits of records that the tables know: every mutation gets
//! one result, what was refused is kept, a repetition changes nothing, and the log stays whole.

#![no_main]

mod memory;
#[expect(dead_code, unused_imports, reason = "facts and offices are for plans and phrases")]
mod soup;

use afterview_api::dto::sync::PushRequest;
use afterview_api::sync::push;
use afterview_domain::entities::Collection;
use afterview_domain::ids::follow_up_id;
use arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use memory::Memory;
use serde_json::{Map, Value, json};

/// When the first push comes: 6 May 2026, in the middle of the facts.
const START_MILLIS: i64 = 1_778_090_000_000;

fuzz_target!(|data: &[u8]| {
    let mut log = Memory::at(START_MILLIS);
    if let Ok(Value::Object(body)) = serde_json::from_slice(data) {
        if let Ok(request) = PushRequest::read(body) {
            carry_out(&mut log, &request);
        }
        return;
    }
    let mut bytes = Unstructured::new(data);
    for round in 0..12 {
        let Ok(body) = body(&mut bytes, &mut log, round) else { return };
        let Value::Object(body) = body else { return };
        let request = PushRequest::read(body).expect("the frame is right");
        carry_out(&mut log, &request);
    }
});

/// Carries out a push twice: the second time nothing may happen.
fn carry_out(log: &mut Memory, request: &PushRequest) {
    let before = log.head().head;
    let state = log.head();
    let results = push::run(log, request, &state).expect("memory does not fail");
    assert_eq!(results.len(), request.mutations.len());
    for (mutation, result) in request.mutations.iter().zip(&results) {
        check(log, &mutation.payload, &serde_json::from_str(&result.text).expect("a result is JSON"));
    }
    log.check_whole(before);
    let first = log.state.clone();
    let state = log.head();
    for again in push::run(log, request, &state).expect("memory does not fail") {
        let result: Value = serde_json::from_str(&again.text).expect("a result is JSON");
        let reused = result["error"]["code"] == "mutation_id_reused";
        assert!(result["status"] == "duplicate" || reused, "{result}");
    }
    assert_eq!(log.state, first, "a repetition changed something");
}

fn check(log: &Memory, mutation: &Map<String, Value>, result: &Value) {
    let status = result["status"].as_str().expect("a status");
    let refused = ["rejected", "blocked"].contains(&status);
    assert_eq!(refused, result.get("error").is_some(), "{result}");
    if status == "merged" {
        assert!(result["record"].is_object(), "{result}");
    }
    let said = mutation.get("set").and_then(Value::as_object).is_some_and(|set| !set.is_empty());
    if refused && said {
        let kept = |record: &memory::Record| record.doc.get("mutation") == Some(&json!(mutation));
        assert!(log.alive().any(kept), "lost: {mutation:?} {result}");
    }
    for id in result["conflicts"].as_array().into_iter().flatten() {
        let id = id.as_str().expect("an identifier").to_owned();
        assert!(log.state.records.contains_key(&(Collection::Conflicts, id)), "{result}");
    }
}

/// A push of one of two devices.
fn body(bytes: &mut Unstructured<'_>, log: &mut Memory, round: u32) -> Result<Value> {
    log.millis += i64::from(bytes.arbitrary::<u16>()?);
    log.device = if bytes.arbitrary()? { "phone" } else { "tablet" };
    let mut mutations = Vec::new();
    for n in 0..bytes.int_in_range(1..=3_u32)? {
        mutations.push(mutation(bytes, log, &format!("m{round}-{n}"))?);
    }
    let schema = if bytes.ratio(1, 8)? { 2 } else { 1 };
    Ok(json!({"protocol": 1, "schema": schema, "client_time": 0, "mutations": mutations}))
}

fn mutation(bytes: &mut Unstructured<'_>, log: &Memory, mid: &str) -> Result<Value> {
    let collection = *bytes.choose(&Collection::ALL)?;
    let number: u8 = bytes.int_in_range(0..=1)?;
    let mut set = soup::edit(bytes, collection)?;
    if bytes.ratio(1, 16)? {
        set.insert("novel".to_owned(), json!({"from": "a newer app"}));
    }
    let id = match collection {
        Collection::Opportunities => "opp".to_owned(),
        Collection::Preferences => "me".to_owned(),
        Collection::FollowUps => {
            let key = format!("opp/follow_up/{number}/employer");
            set.insert("action_key".to_owned(), json!(key));
            follow_up_id(&key)
        }
        Collection::Conflicts => {
            let mut open = log.alive().filter(|it| it.collection == Collection::Conflicts);
            open.nth(usize::from(bytes.arbitrary::<u8>()? % 4))
                .map_or("none".to_owned(), |it| it.id.clone())
        }
        _ => format!("{}{number}", collection.as_str().get(..1).unwrap_or("x")),
    };
    let known = log.state.records.get(&(collection, id.clone()));
    let base = match bytes.int_in_range(0..=3_u8)? {
        0 => None,
        1 => known.map(|record| record.created_rev),
        2 => known.map(|record| record.rev),
        _ => Some(i64::from(bytes.arbitrary::<u16>()?) + START_MILLIS),
    };
    let op = *bytes
        .choose(&["create", "patch", "patch", "patch", "delete", "restore", "action", "action"])?;
    let mut mutation = json!({
        "mid": mid, "c": collection.as_str(), "id": id, "op": op, "base": base, "set": set,
        "at": -i64::from(bytes.arbitrary::<u16>()?),
    });
    if op == "action" {
        let actions = ["mark_sent", "undo_sent", "correct", "skip", "reopen", "snooze"];
        let resolve = collection == Collection::Conflicts;
        mutation["action"] = json!(if resolve { "resolve" } else { bytes.choose(&actions)? });
        if resolve {
            mutation["args"] = json!({ "take": bytes.choose(&["kept", "lost"])? });
        }
    }
    if bytes.ratio(1, 8)? {
        mutation["txn"] = json!("t");
    }
    if bytes.ratio(1, 8)? {
        mutation["after"] = json!(format!("m{}-0", bytes.int_in_range(0..=11_u8)?));
    }
    Ok(mutation)
}
