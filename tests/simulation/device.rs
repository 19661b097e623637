//! The promises that a device keeps by itself, whatever the server does.

use afterview_tests::device::{Device, Doc, Next, Schema, State, Tap};
use serde_json::{Value, json};

fn device() -> Device {
    Device::load(State::default(), Schema::CURRENT, 500)
}

fn tap(mid: &str) -> Tap {
    Tap { mid: mid.to_owned(), now_ms: 1_000, group: None }
}

fn fields(value: Value) -> Doc {
    match value {
        Value::Object(doc) => doc,
        other => panic!("{other} is no object"),
    }
}

fn contact(name: &str, rev: i64) -> Value {
    json!({"c": "contacts", "id": "c1", "rev": rev, "doc": {"id": "c1", "name": name, "rev": rev}})
}

/// A device that has received the contact Ann in revision 5.
fn with_ann() -> Device {
    let mut device = device();
    device.answered(&json!({"changes": [contact("Ann", 5)], "cursor": "k", "has_more": false}));
    device
}

fn rename(device: &mut Device, mid: &str, name: &str) {
    device.patch(tap(mid), "contacts", "c1", fields(json!({ "name": name })));
}

fn shown(device: &Device) -> Option<Value> {
    device.record("contacts", "c1").map(|doc| doc["name"].clone())
}

#[test]
fn what_is_in_flight_is_sent_again_word_for_word() {
    let mut device = with_ann();
    rename(&mut device, "m1", "Anna");
    let first = device.request(2_000);
    device.lost();
    rename(&mut device, "m2", "Hannah");
    assert_eq!(device.request(9_000)["mutations"], first["mutations"]);
}

#[test]
fn edits_that_were_never_sent_become_one() {
    let mut device = with_ann();
    rename(&mut device, "m1", "Anna");
    device.patch(tap("m2"), "contacts", "c1", fields(json!({"preferred": "phone"})));
    rename(&mut device, "m3", "Hannah");
    let request = device.request(2_000);
    assert_eq!(
        request["mutations"],
        json!([{"mid": "m1", "c": "contacts", "id": "c1", "op": "patch", "base": 5, "at": 1_000,
            "set": {"name": "Hannah", "preferred": "phone"}}])
    );
}

#[test]
fn an_edit_behind_one_in_flight_names_it_and_keeps_its_base() {
    let mut device = with_ann();
    rename(&mut device, "m1", "Anna");
    let _ = device.request(2_000);
    rename(&mut device, "m2", "Hannah");
    device.answered(&json!({
        "results": [{"mid": "m1", "status": "applied", "rev": 6}],
        "changes": [contact("Anna", 6)], "cursor": "l", "has_more": false,
    }));
    let second = device.request(3_000)["mutations"][0].clone();
    assert_eq!((&second["base"], &second["after"]), (&json!(5), &json!("m1")));
    assert_eq!(shown(&device), Some(json!("Hannah")));
}

#[test]
fn a_refused_edit_falls_back_to_what_the_server_has() {
    let mut device = with_ann();
    rename(&mut device, "m1", "");
    let _ = device.request(2_000);
    device.answered(&json!({"has_more": false, "results": [
        {"mid": "m1", "status": "rejected", "record": {"id": "c1", "name": "Ann", "rev": 5}}]}));
    assert_eq!((shown(&device), device.next()), (Some(json!("Ann")), Next::Nothing));
}

#[test]
fn a_refused_creation_vanishes() {
    let mut device = device();
    device.create(tap("m1"), "contacts", "c1", fields(json!({"name": ""})));
    let _ = device.request(2_000);
    device.answered(&json!({"has_more": false, "results": [{"mid": "m1", "status": "rejected"}]}));
    assert_eq!(shown(&device), None);
}

#[test]
fn an_edit_does_not_vanish_between_two_pages() {
    let mut device = with_ann();
    rename(&mut device, "m1", "Anna");
    let _ = device.request(2_000);
    device.answered(&json!({
        "results": [{"mid": "m1", "status": "applied", "rev": 9}], "cursor": "l", "has_more": true,
    }));
    assert_eq!((shown(&device), device.next()), (Some(json!("Anna")), Next::Sync));
    device.answered(&json!({"changes": [contact("Anna", 9)], "cursor": "m", "has_more": false}));
    assert_eq!((shown(&device), device.next()), (Some(json!("Anna")), Next::Nothing));
}

#[test]
fn an_old_answer_repeated_replaces_nothing_newer() {
    let mut device = with_ann();
    rename(&mut device, "m1", "Anna");
    let _ = device.request(2_000);
    device.lost();
    let merged = json!({"mid": "m1", "status": "merged", "rev": 6,
        "record": {"id": "c1", "name": "Anne", "rev": 6}});
    device.answered(&json!({
        "results": [{"mid": "m1", "status": "duplicate", "original": merged}],
        "changes": [contact("Hannah", 7)], "cursor": "l", "has_more": false,
    }));
    assert_eq!((shown(&device), device.next()), (Some(json!("Hannah")), Next::Nothing));
}

#[test]
fn a_reset_keeps_the_outbox() {
    let mut device = with_ann();
    rename(&mut device, "m1", "Anna");
    device.answered(&json!({"results": [], "reset": {"reason": "epoch"}}));
    assert_eq!(device.next(), Next::Snapshot);
    let header = json!({"cursor": "z"});
    device.reset_with_snapshot(&[header.clone(), contact("Bob", 3)]);
    assert_eq!(device.next(), Next::Snapshot, "a snapshot without its end is no snapshot");
    device.reset_with_snapshot(&[header, contact("Bob", 3), json!({"end": true})]);
    assert_eq!(shown(&device), Some(json!("Anna")));
    let request = device.request(2_000);
    assert_eq!((&request["cursor"], &request["mutations"][0]["mid"]), (&json!("z"), &json!("m1")));
}

#[test]
fn a_group_travels_together_or_waits_together() {
    let mut device = with_ann();
    rename(&mut device, "m1", "Anna");
    let _ = device.request(2_000);
    for (mid, id) in [("m2", "c1"), ("m3", "c2")] {
        let tap = Tap { group: Some("g".to_owned()), ..tap(mid) };
        device.create(tap, "contacts", id, fields(json!({"name": "Bob"})));
    }
    let mids = |request: &Value| -> Vec<Value> {
        let sent = request["mutations"].as_array().expect("a list");
        sent.iter().map(|mutation| mutation["mid"].clone()).collect()
    };
    assert_eq!(mids(&device.request(3_000)), ["m1"]);
    device.answered(&json!({
        "results": [{"mid": "m1", "status": "noop", "rev": 5}], "has_more": false,
    }));
    assert_eq!(mids(&device.request(4_000)), ["m2", "m3"]);
}

#[test]
fn an_old_app_neither_keeps_nor_sends_what_it_does_not_know() {
    let mut device = Device::load(State::default(), Schema::OLD, 500);
    let change = json!({"c": "opportunities", "id": "o1", "rev": 1, "doc": {"role": "A", "tags": ["x"]},
        "extra": {"mood": "good"}});
    device.answered(&json!({"changes": [change], "cursor": "k", "has_more": false}));
    let record = device.record("opportunities", "o1").expect("there");
    assert_eq!(Value::Object(record), json!({"role": "A"}));
    device.patch(tap("m1"), "opportunities", "o1", fields(json!({"role": "B", "tags": []})));
    assert_eq!(device.request(2_000)["mutations"][0]["set"], json!({"role": "B"}));
}

#[test]
fn what_belongs_to_a_deleted_opportunity_is_gone_from_the_screen_at_once() {
    let mut device = device();
    device.create(tap("m1"), "opportunities", "o1", fields(json!({"role": "A"})));
    device.create(
        tap("m2"),
        "contacts",
        "c1",
        fields(json!({"opportunity_id": "o1", "name": "Ann"})),
    );
    device.delete(tap("m3"), "opportunities", "o1");
    assert_eq!(device.view().len(), 0);
}
