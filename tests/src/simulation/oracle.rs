//! The oracle: what must be true of every run, whatever happened in it.
//!
//! Convergence alone would prove little: everybody may agree on having lost the same words. So the
//! oracle remembers what every user typed and looks for all of it.

use super::account::Replaced;
use super::server::Kept;
use crate::device::Device;
use afterview_domain::entities::Collection;
use afterview_domain::sync::{Record, digest_of};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How often what happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Mutations by their first result, and `duplicate` answers.
    pub statuses: BTreeMap<String, u64>,
    /// Refusals by code.
    pub refusals: BTreeMap<String, u64>,
    /// Requests that were carried out.
    pub requests: u64,
    /// Resets of devices.
    pub resets: u64,
    /// Repairs of devices.
    pub repairs: u64,
    /// Restores of the server.
    pub restores: u64,
    /// Values that were looked for at the end.
    pub values: u64,
}

impl Tally {
    /// Adds another run.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in
            [(&mut self.statuses, &other.statuses), (&mut self.refusals, &other.refusals)]
        {
            for (name, count) in theirs {
                *mine.entry(name.clone()).or_default() += count;
            }
        }
        self.requests += other.requests;
        self.resets += other.resets;
        self.repairs += other.repairs;
        self.restores += other.restores;
        self.values += other.values;
    }
}

/// What a user typed in one mutation.
#[derive(Debug)]
struct Typed {
    collection: String,
    id: String,
    /// Field and value; of a list every item by itself.
    values: Vec<(String, Value)>,
    /// Whether a restore lost it after it had been acknowledged.
    exempt: bool,
}

/// The memory of a run.
#[derive(Debug, Default)]
pub(super) struct Oracle {
    typed: BTreeMap<String, Typed>,
    first_results: BTreeMap<String, Value>,
    pub(super) tally: Tally,
}

impl Oracle {
    /// A device is about to send `request`.
    pub(super) fn sent(&mut self, request: &Value) {
        for mutation in request["mutations"].as_array().unwrap() {
            let mid = text(&mutation["mid"]);
            self.typed.entry(mid).or_insert_with(|| Typed {
                collection: text(&mutation["c"]),
                id: text(&mutation["id"]),
                values: typed_values(mutation),
                exempt: false,
            });
        }
    }

    /// The server answered, whether or not the answer arrives.
    pub(super) fn answered(&mut self, request: &Value, answer: &Value) -> Vec<String> {
        self.tally.requests += 1;
        let mids = |list: &Value| -> Vec<String> {
            list.as_array().unwrap().iter().map(|one| text(&one["mid"])).collect()
        };
        let (asked, told) = (mids(&request["mutations"]), mids(&answer["results"]));
        if asked != told {
            return vec![format!("asked about {asked:?}, answered about {told:?}")];
        }
        let results = answer["results"].as_array().unwrap();
        results.iter().filter_map(|result| self.result(result)).collect()
    }

    fn result(&mut self, result: &Value) -> Option<String> {
        let (mid, status) = (text(&result["mid"]), text(&result["status"]));
        *self.tally.statuses.entry(status.clone()).or_default() += 1;
        if let Some(first) = self.first_results.get(&mid) {
            let same = status == "duplicate" && result["original"] == *first;
            return (!same).then(|| format!("{mid} was answered {first}, and then {result}"));
        }
        let code = result["error"]["code"].as_str();
        if let Some(code) = code {
            *self.tally.refusals.entry(code.to_owned()).or_default() += 1;
        }
        self.first_results.insert(mid.clone(), result.clone());
        let definite =
            matches!(status.as_str(), "applied" | "merged" | "noop" | "rejected" | "blocked");
        let fits = matches!(status.as_str(), "rejected" | "blocked") == code.is_some();
        let impossible = matches!(code, Some("malformed" | "mutation_id_reused" | "read_only"));
        (!definite || !fits || impossible).then(|| format!("{mid}: unexpected result {result}"))
    }

    /// The server goes back to a backup, after which it keeps `kept`. What is in no outbox any more and
    /// not in the backup is lost, as with every restore; everything else is not.
    pub(super) fn restored<'d>(&mut self, kept: &Kept, devices: impl Iterator<Item = &'d Device>) {
        use crate::device::Progress;
        self.tally.restores += 1;
        let waiting: BTreeSet<String> = devices
            .flat_map(|device| device.state.outbox.entries())
            .filter(|entry| !matches!(entry.progress, Progress::Done(_)))
            .map(|entry| entry.mid().to_owned())
            .collect();
        for (mid, typed) in &mut self.typed {
            typed.exempt |= !waiting.contains(mid) && !kept.ledger.contains_key(mid);
        }
        self.first_results.retain(|mid, _| kept.ledger.contains_key(mid));
    }

    /// Everything is quiet: what is wrong?
    pub(super) fn judge(&mut self, kept: &Kept, devices: &[(&str, &Device)]) -> Vec<String> {
        let mut found = Vec::new();
        let live = || kept.records.iter().filter(|record| record.deleted_rev.is_none());
        let digest = live().fold(0, |digest, record| digest ^ digest_of(record.state_key()));
        if digest != kept.state.digest {
            found.push("the digest kept is not that of the live records".to_owned());
        }
        if i64::try_from(live().count()).unwrap() != kept.live_records {
            found.push("the number of live records is wrong".to_owned());
        }
        for (name, device) in devices {
            found.extend(differences(name, device, live(), digest));
        }
        found.extend(self.lost(kept));
        found
    }

    fn lost(&mut self, kept: &Kept) -> Vec<String> {
        let index = Index::of(kept);
        let mut found = Vec::new();
        for (mid, typed) in self.typed.iter().filter(|(_, typed)| !typed.exempt) {
            for (field, value) in &typed.values {
                self.tally.values += 1;
                if !index.holds(typed, field, value) {
                    let result = self.first_results.get(mid);
                    found.push(format!(
                        "{}/{}: {field} = {value} of {mid} is nowhere; its result was {}",
                        typed.collection,
                        typed.id,
                        result.cloned().unwrap_or_default()
                    ));
                }
            }
        }
        found
    }
}

/// What is kept, by record.
struct Index<'a> {
    records: BTreeMap<(&'a str, &'a str), &'a Record>,
    history: BTreeMap<(&'a str, &'a str), Vec<&'a Replaced>>,
    conflicts: BTreeMap<(&'a str, &'a str), Vec<String>>,
}

impl<'a> Index<'a> {
    fn of(kept: &'a Kept) -> Self {
        let mut index =
            Self { records: BTreeMap::new(), history: BTreeMap::new(), conflicts: BTreeMap::new() };
        for record in &kept.records {
            index.records.insert((record.collection.as_str(), &record.id), record);
            let about = |name: &str| record.doc.get(name).and_then(Value::as_str);
            if record.collection == Collection::Conflicts
                && let (Some(c), Some(id)) = (about("collection"), about("record_id"))
            {
                let parts = ["lost", "kept", "base", "mutation"].map(|part| record.doc.get(part));
                let text = parts.into_iter().flatten().map(Value::to_string).collect();
                index.conflicts.entry((c, id)).or_default().push(text);
            }
        }
        for row in &kept.history {
            index.history.entry((row.collection.as_str(), &row.id)).or_default().push(row);
        }
        index
    }

    /// Whether the record, its history or a conflict about it holds `value` in `field`.
    fn holds(&self, typed: &Typed, field: &str, value: &Value) -> bool {
        let name = (typed.collection.as_str(), typed.id.as_str());
        let in_record = self.records.get(&name).is_some_and(|record| {
            record
                .doc
                .get(field)
                .or_else(|| record.extra.get(field))
                .is_some_and(|held| covers(held, value))
        });
        let in_history = || {
            let mut rows = self.history.get(&name).into_iter().flatten();
            rows.any(|row| {
                let change = row.changed.get(field);
                change.is_some_and(|change| {
                    ["old", "new", "given"].iter().any(|side| covers(&change[*side], value))
                })
            })
        };
        let in_conflict = || {
            let mut texts = self.conflicts.get(&name).into_iter().flatten();
            texts.any(|text| leaves(value).iter().all(|leaf| text.contains(leaf.as_str())))
        };
        in_record || in_history() || in_conflict()
    }
}

/// The differences between what a device shows and what the server has, in the fields that it knows.
fn differences<'r>(
    name: &str,
    device: &Device,
    live: impl Iterator<Item = &'r Record>,
    digest: i64,
) -> Vec<String> {
    let mut found = Vec::new();
    if !device.state.outbox.is_empty() {
        found.push(format!("{name}: the outbox is not empty: {:?}", device.state.outbox));
    }
    if device.digest() != format!("{digest:016x}") {
        found.push(format!("{name}: the digest differs"));
    }
    let mut view = device.view();
    for record in live {
        let mut doc: Map<String, Value> = record.doc.clone();
        doc.retain(|field, _| device.schema.knows(field));
        if device.schema.keeps_extra {
            doc.extend(record.extra.clone());
        }
        let key = (record.collection.as_str().to_owned(), record.id.clone());
        let (shown, stored) = (view.remove(&key), Value::Object(doc));
        if shown.as_ref() != Some(&stored) {
            found.push(format!("{name} shows {shown:?} where the server has {stored}"));
        }
    }
    found.extend(view.keys().map(|key| format!("{name} shows {key:?}, which is gone")));
    found
}

/// What was typed: values that were set or added, of lists item by item. Clearing types nothing.
fn typed_values(mutation: &Value) -> Vec<(String, Value)> {
    let mut values = Vec::new();
    for part in ["set", "add"] {
        for (field, value) in mutation[part].as_object().into_iter().flatten() {
            match value {
                _ if mutation["op"] == "action" => {}
                Value::Null => {}
                Value::Array(items) => {
                    values.extend(items.iter().map(|item| (field.clone(), item.clone())));
                }
                value => values.push((field.clone(), value.clone())),
            }
        }
    }
    values
}

/// Whether `held` is `value`, or a list that holds it, or an object with all of its members.
fn covers(held: &Value, value: &Value) -> bool {
    match (held, value) {
        (Value::Array(items), value) if !value.is_array() => {
            items.iter().any(|item| covers(item, value))
        }
        (Value::Object(held), Value::Object(value)) => {
            value.iter().all(|(name, value)| held.get(name).is_some_and(|held| covers(held, value)))
        }
        _ => held == value,
    }
}

/// The scalars in `value` as JSON texts.
fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        Value::Object(members) => members.values().flat_map(leaves).collect(),
        scalar => vec![scalar.to_string()],
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
