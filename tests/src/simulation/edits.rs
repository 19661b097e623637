//! What the users of the simulation do: random steps on a few records, which all of them share.

use super::random::Random;
use super::values::{Do, Words, change, new_record, owner};
use crate::device::{Device, Doc, Tap};
use serde_json::{Value, json};

/// The records that everybody works on; every device may create any of them. Few, so that they meet.
const RECORDS: &[(&str, &str)] = &[
    ("opportunities", "o1"),
    ("opportunities", "o1"),
    ("opportunities", "o2"),
    ("contacts", "c1"),
    ("contacts", "c2"),
    ("interviews", "i1"),
    ("interviews", "i1"),
    ("interviews", "i2"),
    ("commitments", "m1"),
    ("follow_ups", "f1"),
    ("follow_ups", "f1"),
    ("follow_ups", "f2"),
    ("expectations", "e1"),
    ("supplements", "s1"),
    ("preferences", "me"),
];

/// The user of `device` does something. `tap` makes the circumstances; with a group, two things happen
/// together.
pub(super) fn something(
    device: &mut Device,
    random: &mut Random,
    words: &mut Words,
    mut tap: impl FnMut(&mut Words) -> Tap,
) -> String {
    if random.chance(4) {
        return resolve(device, random, tap(words));
    }
    let (c, id) = *random.pick(RECORDS);
    let single = tap(words);
    let done = touch(device, random, words, (c, id), single);
    if random.chance(8) {
        // A group: the second record of another kind, all or nothing.
        let group = Some(words.new_word());
        let (c2, id2) = *random.pick(RECORDS);
        let (c3, id3) = *random.pick(RECORDS);
        if (c2, id2) != (c3, id3) {
            let first = Tap { group: group.clone(), ..tap(words) };
            let second = Tap { group, ..tap(words) };
            let first = touch(device, random, words, (c2, id2), first);
            let second = touch(device, random, words, (c3, id3), second);
            return format!("{done}; group of [{first}; {second}]");
        }
    }
    done
}

fn touch(
    device: &mut Device,
    random: &mut Random,
    words: &mut Words,
    (c, id): (&str, &str),
    tap: Tap,
) -> String {
    let (c, id) =
        if device.record(c, id).is_some() { (c, id) } else { parent_first(device, c, id) };
    let key = format!("{c}/{id}");
    let Some(doc) = device.record(c, id) else {
        let was_there = device.state.server.contains_key(&key);
        if was_there && random.chance(40) {
            device.restore(tap, c, id);
            return format!("restore {key}");
        }
        device.create(tap, c, id, object(new_record(c, id, words)));
        return format!("create {key}");
    };
    if c != "preferences" && random.chance(6) {
        device.delete(tap, c, id);
        return format!("delete {key}");
    }
    match change(c, &doc, device.schema.keeps_extra, random, words) {
        Do::Set(set) => {
            let done = format!("set {key} {set}");
            device.patch(tap, c, id, object(set));
            done
        }
        Do::Add(field, item) => {
            let done = format!("add {key} {field} {item}");
            device.set_add(tap, c, id, field, &item);
            done
        }
        Do::Remove(field, item) => {
            let done = format!("remove {key} {field} {item}");
            device.set_remove(tap, c, id, field, &item);
            done
        }
        Do::Act(name, args) => {
            let done = format!("{name} {key} {args}");
            device.action(tap, (c, id), name, &object(args), Doc::new());
            done
        }
    }
}

/// What a user can make: nobody adds an interview to an opportunity that is not on the screen.
fn parent_first<'a>(device: &Device, c: &'a str, id: &'a str) -> (&'a str, &'a str) {
    let parent = owner(id);
    if matches!(c, "opportunities" | "preferences")
        || device.record("opportunities", parent).is_some()
    {
        (c, id)
    } else {
        ("opportunities", parent)
    }
}

/// Closes one of the conflicts on the screen.
fn resolve(device: &mut Device, random: &mut Random, tap: Tap) -> String {
    let view = device.view();
    let open = view.iter().filter(|((c, _), doc)| c == "conflicts" && doc["state"] == "open");
    let open: Vec<&str> = open.map(|((_, id), _)| id.as_str()).collect();
    if open.is_empty() {
        return "looks for conflicts".to_owned();
    }
    let id = (*random.pick(&open)).to_owned();
    let take = *random.pick(&["lost", "kept"]);
    device.action(tap, ("conflicts", &id), "resolve", &object(json!({"take": take})), Doc::new());
    format!("resolve conflicts/{id} {take}")
}

fn object(value: Value) -> Doc {
    match value {
        Value::Object(doc) => doc,
        _ => Doc::new(),
    }
}
