//! What must hold of every single request, seen from inside the log: a value that the device had not
//! seen never gives way silently, what was sent stays sent, and nobody touches what they do not know.

use super::account::{Account, Replaced, Row};
use crate::device::Schema;
use afterview_domain::entities::Collection;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Fields in whose plain texts every value of the simulation is unique.
const PLAIN: &[&str] = &["employer", "role", "contact_policy_source", "title", "name", "url"];

/// What the request is about to change, as it was.
pub(super) struct Before {
    head: i64,
    history: usize,
    /// Of every mutation that is new: the record.
    records: Vec<(usize, Arc<Row>)>,
}

/// One change under examination.
struct Step<'a> {
    mutation: &'a Map<String, Value>,
    base: i64,
    before: &'a Row,
    row: &'a Replaced,
}

impl Before {
    pub(super) fn of(account: &Account, request: &Value) -> Self {
        let mutations = request["mutations"].as_array().into_iter().flatten().enumerate();
        let records = mutations.filter_map(|(i, mutation)| {
            let collection = mutation["c"].as_str().and_then(Collection::from_word)?;
            let new = !account.ledger.contains_key(mutation["mid"].as_str()?);
            let row = account.rows.get(&(collection, mutation["id"].as_str()?.to_owned()))?;
            new.then(|| (i, Arc::clone(row)))
        });
        Self {
            head: account.state.head,
            history: account.history.len(),
            records: records.collect(),
        }
    }

    pub(super) fn compare(self, account: &Account, device: &str, request: &Value) -> Vec<String> {
        let mut found = Vec::new();
        let written = account.history.get(self.history..).unwrap_or_default();
        for row in written {
            found.extend(sent_came_undone(row, request));
            found.extend(touched_the_unknown(row, device, request));
        }
        for (i, before) in &self.records {
            let Some(mutation) = request["mutations"][*i].as_object() else { continue };
            let base = mutation.get("base").and_then(Value::as_i64).unwrap_or(0);
            let base = account.state.surviving(base);
            let name = (before.record.collection, &before.record.id);
            for row in written.iter().filter(|row| (row.collection, &row.id) == name) {
                let step = Step { mutation, base, before, row };
                found.extend(self.gave_way_silently(account, device, &step));
            }
        }
        found
    }

    /// Fields that another device had changed since `base` and that now hold what was sent, without a
    /// conflict that keeps the other value.
    fn gave_way_silently(&self, account: &Account, device: &str, step: &Step<'_>) -> Vec<String> {
        let (record, row) = (&step.before.record, step.row);
        let mut found = Vec::new();
        let set = step.mutation.get("set").and_then(Value::as_object).into_iter().flatten();
        for (name, given) in set.filter(|_| record.deleted_rev.is_none()) {
            let (Some(change), Some(last)) = (row.changed.get(name), record.last_change(name))
            else {
                continue;
            };
            let Some(old) = change["old"].as_str().filter(|old| !old.is_empty()) else { continue };
            // A group may change a field twice; the first time is what counts.
            let unseen = last.rev > step.base
                && last.device != device
                && record.doc.get(name) == change.get("old");
            let matters = || Self::matters(account, device, step, name, old);
            if !unseen || change["new"] != *given || !matters() {
                continue;
            }
            let new_rows = account.rows.values().map(|row| &row.record);
            let mut conflicts = new_rows.filter(|conflict| {
                conflict.collection == Collection::Conflicts
                    && conflict.rev > self.head
                    && conflict.doc.get("record_id").is_some_and(|id| *id == record.id)
            });
            if !conflicts
                .any(|conflict| Value::Object(conflict.doc.clone()).to_string().contains(old))
            {
                found.push(format!(
                    "{}/{}: {name} {old:?} of {} (rev {}) gave way to {given} of {device}, who had \
                     seen {}, and no conflict says so",
                    record.collection.as_str(),
                    record.id,
                    last.device,
                    last.rev,
                    step.base,
                ));
            }
        }
        found
    }

    /// Whether the value that gave way held something that is not in the new one. In a text that is
    /// the words that the device could not have known: neither from its base nor from what it sent
    /// itself since. (Another device may put that very text back; then it gives way as a text of its
    /// own.)
    fn matters(account: &Account, device: &str, step: &Step<'_>, name: &str, old: &str) -> bool {
        if PLAIN.contains(&name) {
            return true;
        }
        if !matches!(name, "notes" | "body") || step.mutation.contains_key("after") {
            return false;
        }
        let since = account.history.iter().filter(|row| {
            row.collection == step.row.collection && row.id == step.row.id && row.rev > step.base
        });
        let since: Vec<_> = since.filter_map(|row| Some((row, row.changed.get(name)?))).collect();
        let text = |value: Option<&Value>| {
            let words = value.and_then(Value::as_str).unwrap_or_default().split_whitespace();
            words.map(str::to_owned).collect::<BTreeSet<_>>()
        };
        let base = since.first().map(|(_, change)| text(change.get("old")));
        let own = since.iter().filter(|(row, _)| row.device == device && row.rev < step.row.rev);
        let own = own.map(|(_, change)| text(change.get("given").or(change.get("new"))));
        let seen: BTreeSet<_> = base.into_iter().chain(own).flatten().collect();
        let new = text(step.row.changed[name].get("new"));
        old.split_whitespace().any(|word| !seen.contains(word) && !new.contains(word))
    }
}

/// `sent` is left by an undo or a correction alone.
fn sent_came_undone(row: &Replaced, request: &Value) -> Option<String> {
    let left = row.collection == Collection::FollowUps
        && row.changed.get("status").is_some_and(|status| status["old"] == "sent");
    let allowed = has_action(request, &["undo_sent", "correct", "resolve"]);
    (left && !allowed).then(|| format!("follow_ups/{}: sent came undone", row.id))
}

/// A device with an old schema changes no field that it does not know.
fn touched_the_unknown(row: &Replaced, device: &str, request: &Value) -> Option<String> {
    // Whoever resolves a conflict may pick a version of a field that the app cannot show.
    let old = device.starts_with("old") && !has_action(request, &["resolve"]);
    let touched = Schema::OLD.lacks.iter().find(|name| row.changed.contains_key(**name));
    touched.filter(|_| old && row.collection != Collection::Conflicts).map(|name| {
        format!(
            "{}/{}: {device} changed {name}, which it does not know",
            row.collection.as_str(),
            row.id
        )
    })
}

fn has_action(request: &Value, names: &[&str]) -> bool {
    let mut mutations = request["mutations"].as_array().into_iter().flatten();
    mutations.any(|mutation| mutation["action"].as_str().is_some_and(|name| names.contains(&name)))
}
