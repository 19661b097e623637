//! What a user does, as mutations in the outbox.

use super::schema::MERGED_TEXTS;
use super::{Device, Doc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The circumstances of one thing that a user does.
#[derive(Debug, Clone)]
pub struct Tap {
    /// The identifier of the mutation, never used before; best a UUID version 7.
    pub mid: String,
    /// The device's clock, Unix milliseconds.
    pub now_ms: i64,
    /// Mutations of one group happen all together or not at all.
    pub group: Option<String>,
}

impl Device {
    /// Makes a record under an id of the device's own choosing.
    pub fn create(&mut self, tap: Tap, c: &str, id: &str, set: Doc) {
        let set = self.known(set);
        self.queue(tap, c, id, "create", json!({ "set": set }));
    }

    /// Changes fields: only those that the user changed. `null` clears one.
    pub fn patch(&mut self, tap: Tap, c: &str, id: &str, set: Doc) {
        let set = self.known(set);
        if set.is_empty() {
            return;
        }
        let before = self.record(c, id).unwrap_or_default();
        let texts = MERGED_TEXTS.iter().filter(|name| set.contains_key(**name));
        let text_base: Doc = texts
            .map(|name| {
                let text = before.get(*name).and_then(Value::as_str).unwrap_or_default();
                ((*name).to_owned(), Value::from(fingerprint(text)))
            })
            .collect();
        let mut body = json!({ "set": set });
        if !text_base.is_empty() {
            body["text_base"] = Value::Object(text_base);
        }
        self.queue(tap, c, id, "patch", body);
    }

    /// Puts an item into a set or list field, or replaces the item with the same identity.
    pub fn set_add(&mut self, tap: Tap, c: &str, id: &str, field: &str, item: &Value) {
        self.change_list(tap, (c, id), "add", field, item);
    }

    /// Takes an item out of a set or list field.
    pub fn set_remove(&mut self, tap: Tap, c: &str, id: &str, field: &str, item: &Value) {
        self.change_list(tap, (c, id), "remove", field, item);
    }

    /// Deletes a record and what belongs to it.
    pub fn delete(&mut self, tap: Tap, c: &str, id: &str) {
        self.queue(tap, c, id, "delete", json!({}));
    }

    /// Takes a deletion back. The record is seen again when the server has said so.
    pub fn restore(&mut self, tap: Tap, c: &str, id: &str) {
        self.queue(tap, c, id, "restore", json!({}));
    }

    /// Takes a step that is more than its fields. `set` holds the fields of a planned follow-up that
    /// has no record yet.
    pub fn action(&mut self, tap: Tap, (c, id): (&str, &str), name: &str, args: &Doc, set: Doc) {
        let set = self.known(set);
        self.queue(tap, c, id, "action", json!({ "action": name, "args": args, "set": set }));
    }

    fn change_list(
        &mut self,
        tap: Tap,
        (c, id): (&str, &str),
        kind: &str,
        field: &str,
        item: &Value,
    ) {
        if self.schema.knows(field) {
            let mut body = json!({});
            body[kind] = json!({ field: [item] });
            self.queue(tap, c, id, "patch", body);
        }
    }

    fn queue(&mut self, tap: Tap, c: &str, id: &str, op: &str, mut body: Value) {
        let key = format!("{c}/{id}");
        for (name, value) in [
            ("mid", Value::from(tap.mid)),
            ("c", Value::from(c)),
            ("id", Value::from(id)),
            ("op", Value::from(op)),
            ("at", Value::from(tap.now_ms)),
        ] {
            body[name] = value;
        }
        if let Some(group) = tap.group {
            body["txn"] = Value::from(group);
        }
        let rev = self.state.server.get(&key).map(|stored| stored.rev);
        if let Value::Object(mutation) = body {
            self.state.outbox.queue(key, mutation, rev);
        }
    }

    fn known(&self, mut set: Doc) -> Doc {
        set.retain(|name, _| self.schema.knows(name));
        set
    }
}

/// What names a text: the first 8 bytes of its SHA-256 in hexadecimal.
fn fingerprint(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(8).fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
