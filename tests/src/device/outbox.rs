//! The outbox: what the user did and the server has not confirmed yet.
//!
//! Per record there is a chain: at most one mutation in flight, behind it what came later. Each names
//! the one before it in `after`, and all have the `base` of the first: the revision that the user saw
//! before any of them. The server then knows that what the first changed is no conflict for the next.
//!
//! **Must never** change a mutation that is in flight: the server may have carried it out already.

use super::schema::is_same;
use super::{Doc, split};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How far a mutation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// Never sent: later edits may still be folded into it.
    Pending,
    /// Sent at least once, never answered.
    InFlight,
    /// Carried out; the record in this revision has not come down yet.
    Done(i64),
}

/// One mutation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// `collection/id` of its record.
    pub key: String,
    /// How far it has come.
    pub progress: Progress,
    /// The mutation as it travels.
    pub mutation: Doc,
}

/// Mutations in the order in which the user made them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outbox(Vec<Entry>);

/// The most mutations in one request.
const MAX_MUTATIONS: usize = 500;

impl Entry {
    fn text(&self, name: &str) -> &str {
        self.mutation.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Its identifier.
    #[must_use]
    pub fn mid(&self) -> &str {
        self.text("mid")
    }

    fn is_done(&self) -> bool {
        matches!(self.progress, Progress::Done(_))
    }

    /// Whether an edit may be folded into it instead of queueing behind it.
    fn takes_edits(&self) -> bool {
        self.progress == Progress::Pending
            && matches!(self.text("op"), "create" | "patch")
            && !self.mutation.contains_key("txn")
    }
}

impl Outbox {
    /// Whether everything was confirmed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The mutations in it.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|entry| entry.key.as_str())
    }

    pub(super) fn key_of(&self, mid: &str) -> Option<String> {
        self.0.iter().find(|entry| entry.mid() == mid).map(|entry| entry.key.clone())
    }

    /// Queues `mutation`, which still lacks `base` and `after`; `rev` is the record's revision in the
    /// server table. An edit that can be folded into one that was never sent is.
    pub(super) fn queue(&mut self, key: String, mut mutation: Doc, rev: Option<i64>) {
        let last = self.0.iter_mut().rev().find(|entry| entry.key == key);
        let is_edit = mutation.get("op").is_some_and(|op| op == "patch");
        match last {
            Some(last) if is_edit && !mutation.contains_key("txn") && last.takes_edits() => {
                fold(&mut last.mutation, mutation);
                return;
            }
            Some(last) => {
                mutation.insert("base".to_owned(), last.mutation["base"].clone());
                mutation.insert("after".to_owned(), Value::from(last.mid()));
            }
            None => {
                mutation.insert("base".to_owned(), Value::from(rev));
            }
        }
        self.0.push(Entry { key, progress: Progress::Pending, mutation });
    }

    /// What goes into the next request: of every record the oldest mutation that is not done. The
    /// members of a group go together or wait together, even two of one record.
    pub(super) fn send(&mut self) -> Vec<Value> {
        let open: Vec<usize> = (0..self.0.len()).filter(|i| !self.0[*i].is_done()).collect();
        let group = |i: usize| self.0[i].mutation.get("txn");
        let is_first = |i: usize| {
            let before = open.iter().take_while(|j| **j < i);
            let mut before = before.filter(|j| self.0[**j].key == self.0[i].key);
            before.all(|j| group(i).is_some() && group(*j) == group(i))
        };
        let may_go = |i: usize| match group(i) {
            None => is_first(i),
            name => open.iter().all(|j| group(*j) != name || is_first(*j)),
        };
        let going: Vec<usize> =
            open.iter().copied().filter(|i| may_go(*i)).take(MAX_MUTATIONS).collect();
        let mut sent = Vec::with_capacity(going.len());
        for i in going {
            self.0[i].progress = Progress::InFlight;
            sent.push(Value::Object(self.0[i].mutation.clone()));
        }
        sent
    }

    pub(super) fn remove(&mut self, mid: &str) {
        self.0.retain(|entry| entry.mid() != mid);
    }

    pub(super) fn done(&mut self, mid: &str, rev: i64) {
        for entry in self.0.iter_mut().filter(|entry| entry.mid() == mid) {
            entry.progress = Progress::Done(rev);
        }
    }

    /// Lets go of what is done and has come down.
    pub(super) fn clear_done(&mut self, has_come_down: impl Fn(&str, i64) -> bool) {
        self.0.retain(
            |entry| !matches!(entry.progress, Progress::Done(rev) if has_come_down(&entry.key, rev)),
        );
    }

    /// After a reset: what is done is in the snapshot, and what was never sent builds upon nothing
    /// that the server might have lost.
    pub(super) fn begin_anew(&mut self) {
        self.clear_done(|_, _| true);
        let mids: Vec<String> = self.0.iter().map(|entry| entry.mid().to_owned()).collect();
        for entry in self.0.iter_mut().filter(|entry| entry.progress == Progress::Pending) {
            if !mids.iter().any(|mid| mid == entry.text("after")) {
                entry.mutation.remove("after");
            }
        }
    }

    /// `doc`, the record in the server table, as the user sees it.
    pub(super) fn lay_over(&self, key: &str, mut doc: Option<Doc>) -> Option<Doc> {
        for entry in &self.0 {
            if entry.key == key {
                doc = overlaid(doc, &entry.mutation, split(key).1);
            } else if entry.text("op") == "delete" {
                // What belongs to a deleted opportunity goes with it.
                let (c, id) = split(&entry.key);
                let owner = doc.as_ref().and_then(|doc| doc.get("opportunity_id"));
                if c == "opportunities" && owner.is_some_and(|owner| owner == id) {
                    doc = None;
                }
            }
        }
        doc
    }
}

/// A record after a mutation, as far as an app can foresee it.
fn overlaid(doc: Option<Doc>, mutation: &Doc, id: &str) -> Option<Doc> {
    let op = mutation.get("op").and_then(Value::as_str).unwrap_or_default();
    let mut doc = match op {
        "delete" => return None,
        "restore" => return doc,
        "create" | "action" => doc.unwrap_or_default(),
        _ => doc?,
    };
    doc.entry("id").or_insert_with(|| Value::from(id));
    for (name, value) in members(mutation, "set") {
        if value.is_null() {
            doc.remove(name);
        } else if op != "action" || !doc.contains_key(name) {
            doc.insert(name.clone(), value.clone());
        }
    }
    change_lists(&mut doc, mutation);
    let status = match mutation.get("action").and_then(Value::as_str) {
        Some("mark_sent") => "sent",
        Some("skip") => "skipped",
        Some("reopen" | "undo_sent") => "open",
        Some("resolve") => {
            doc.insert("state".to_owned(), Value::from("resolved"));
            return Some(doc);
        }
        _ => return Some(doc),
    };
    doc.insert("status".to_owned(), Value::from(status));
    Some(doc)
}

/// Folds `edit`, a patch, into `into`, a create or patch that was never sent.
fn fold(into: &mut Doc, mut edit: Doc) {
    let at = edit.remove("at").unwrap_or_default();
    into.insert("at".to_owned(), at);
    for (name, text_base) in taken(&mut edit, "text_base") {
        // The text that the first of the folded edits began with.
        if !members(into, "set").any(|(set, _)| *set == name) {
            part(into, "text_base").insert(name, text_base);
        }
    }
    for (name, value) in taken(&mut edit, "set") {
        for other in ["add", "remove"] {
            part(into, other).remove(&name);
        }
        part(into, "set").insert(name, value);
    }
    for (kind, opposite) in [("add", "remove"), ("remove", "add")] {
        for (name, items) in taken(&mut edit, kind) {
            if into.get("op").is_some_and(|op| op == "create") {
                // Nothing is there yet to which it could be added.
                part(into, "set").entry(name.clone()).or_insert_with(|| Value::Array(Vec::new()));
            }
            for item in items.as_array().into_iter().flatten() {
                if let Some(Value::Array(whole)) = part(into, "set").get_mut(&name) {
                    change_items(whole, &name, item, kind == "add");
                    continue;
                }
                if let Some(Value::Array(undone)) = part(into, opposite).get_mut(&name) {
                    change_items(undone, &name, item, false);
                }
                let slot = part(into, kind)
                    .entry(name.clone())
                    .or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(items) = slot {
                    change_items(items, &name, item, true);
                }
            }
        }
    }
    into.retain(|_, part| part.as_object().is_none_or(|part| !part.is_empty()));
    into.entry("set").or_insert_with(|| Value::Object(Map::new()));
}

/// Carries out the `add` and `remove` of a mutation on the lists of `doc`.
fn change_lists(doc: &mut Doc, mutation: &Doc) {
    for kind in ["add", "remove"] {
        for (name, items) in members(mutation, kind) {
            let list = doc.entry(name.clone()).or_insert_with(|| Value::Array(Vec::new()));
            let Value::Array(list) = list else { continue };
            for item in items.as_array().into_iter().flatten() {
                change_items(list, name, item, kind == "add");
            }
        }
    }
}

fn change_items(list: &mut Vec<Value>, field: &str, item: &Value, add: bool) {
    list.retain(|other| !is_same(field, other, item));
    if add {
        list.push(item.clone());
    }
}

fn members<'a>(mutation: &'a Doc, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    mutation.get(name).and_then(Value::as_object).into_iter().flatten()
}

fn taken(mutation: &mut Doc, name: &str) -> Doc {
    match mutation.remove(name) {
        Some(Value::Object(part)) => part,
        _ => Doc::new(),
    }
}

fn part<'a>(mutation: &'a mut Doc, name: &str) -> &'a mut Doc {
    let slot = mutation.entry(name).or_insert_with(|| Value::Object(Map::new()));
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    slot.as_object_mut().unwrap()
}
