//! A stand-in for the code under test, until the seam leads there: the last to arrive wins, what gives
//! way goes into a conflict, and texts are not woven.

use super::account::Account;
use super::unit::Unit;
use afterview_domain::entities::{Collection, Fields, parse, parse_patch};
use afterview_domain::sync::{Author, Feed, Known, Log, Record, Status};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

type Doc = Map<String, Value>;

/// A result without its `mid`, or the code of a refusal.
type Done = Result<Value, &'static str>;

pub(super) fn push(unit: &mut Unit<'_>, request: &Value) -> Vec<String> {
    let mutations: Vec<&Value> = request["mutations"].as_array().unwrap().iter().collect();
    let newer = request["schema"].as_i64() > Some(1);
    let mut results = vec![None; mutations.len()];
    for i in 0..mutations.len() {
        if results[i].is_some() {
            continue;
        }
        let txn = mutations[i].get("txn");
        let group: Vec<usize> = (i..mutations.len())
            .filter(|j| *j == i || (txn.is_some() && mutations[*j].get("txn") == txn))
            .collect();
        let Ok(()) = unit.begin();
        let all: Vec<Done> = group.iter().map(|j| one(unit, mutations[*j], newer)).collect();
        let refused = all.iter().any(Result::is_err);
        let Ok(()) = if refused { unit.undo() } else { unit.keep() };
        for (j, done) in group.into_iter().zip(all) {
            let done = match done {
                Ok(done) if refused && done["status"] != "duplicate" => Err("group_rejected"),
                done => done,
            };
            results[j] = Some(finish(unit, mutations[j], done));
        }
    }
    results.into_iter().flatten().collect()
}

fn finish(unit: &mut Unit<'_>, mutation: &Value, done: Done) -> String {
    let mut result = done.unwrap_or_else(|code| {
        let blocked = matches!(code, "group_rejected" | "predecessor_rejected");
        let status = if blocked { "blocked" } else { "rejected" };
        let record = find(unit, mutation).filter(|record| record.deleted_rev.is_none());
        let lost = json!([mutation.get("set"), mutation.get("add"), mutation.get("remove")]);
        conflict(unit, mutation, "rejected", &lost);
        let extra = record.as_ref().map(|record| record.extra.clone());
        let record = record.map(|record| record.doc);
        json!({"status": status, "record": record, "extra": extra, "error": {"code": code}})
    });
    result["mid"] = mutation["mid"].clone();
    let text = result.to_string();
    if result["status"] != "duplicate" {
        let status = match result["status"].as_str().unwrap() {
            "rejected" | "blocked" => Status::Rejected,
            _ => Status::Applied,
        };
        let id = result["mid"].as_str().unwrap().to_owned();
        let (fingerprint, given, rev) = (String::new(), Map::new(), result["rev"].as_i64());
        let Ok(()) =
            unit.remember(&Known { id, fingerprint, status, rev, given, result: text.clone() });
    }
    text
}

fn one(unit: &mut Unit<'_>, mutation: &Value, newer: bool) -> Done {
    let Ok(known) = unit.known(mutation["mid"].as_str().unwrap());
    if let Some(known) = known {
        let original: Value = serde_json::from_str(&known.result).unwrap();
        return Ok(json!({"status": "duplicate", "original": original}));
    }
    if let Some(after) = mutation["after"].as_str() {
        let Ok(known) = unit.known(after);
        if known.is_some_and(|known| known.status == Status::Rejected) {
            return Err("predecessor_rejected");
        }
    }
    match mutation["op"].as_str().unwrap() {
        "delete" => delete(unit, mutation),
        "restore" => restore(unit, mutation),
        "action" => act(unit, mutation),
        _ => edit(unit, mutation, newer),
    }
}

fn find(unit: &mut Unit<'_>, mutation: &Value) -> Option<Record> {
    let collection = Collection::from_word(mutation["c"].as_str().unwrap()).unwrap();
    let Ok(found) = unit.find(collection, mutation["id"].as_str().unwrap());
    found
}

fn conflict(unit: &mut Unit<'_>, mutation: &Value, reason: &str, lost: &Value) {
    let fields = json!({
        "collection": mutation["c"], "record_id": mutation["id"], "reason": reason, "state": "open",
        "lost": {"fields": lost}, "mutation_id": mutation["mid"],
    });
    let Value::Object(fields) = fields else { unreachable!() };
    let (device, now, stamp) = (unit.device().to_owned(), unit.now(), unit.take_stamp());
    let author = Author { device: &device, now, effective: now, stamp };
    let record = Record::created(
        Collection::Conflicts,
        &format!("x{stamp}"),
        Fields::stored(fields),
        author,
    );
    let Ok(()) = unit.insert(&record);
}

fn author<'a>(unit: &Unit<'_>, device: &'a str, stamp: i64) -> Author<'a> {
    Author { device, now: unit.now(), effective: unit.now(), stamp }
}

fn write(unit: &mut Unit<'_>, before: &Record, fields: &Fields, extra: &Doc) -> Option<Record> {
    let device = unit.device().to_owned();
    let mut change = before.changed_to(fields, author(unit, &device, unit.next_stamp()))?;
    unit.take_stamp();
    change.record.extra.extend(extra.clone());
    let Ok(()) = unit.update(before, &change);
    Some(change.record)
}

fn edit(unit: &mut Unit<'_>, mutation: &Value, newer: bool) -> Done {
    let collection = Collection::from_word(mutation["c"].as_str().unwrap()).unwrap();
    let mut set = mutation["set"].as_object().cloned().unwrap_or_default();
    let mut extra = Doc::new();
    if newer && let Some(mood) = set.remove("mood") {
        extra.insert("mood".to_owned(), mood);
    }
    let owner = set.get("opportunity_id").and_then(Value::as_str);
    if let Some(owner) = owner {
        let Ok(found) = unit.find(Collection::Opportunities, owner);
        found.filter(|owner| owner.deleted_rev.is_none()).ok_or("validation_failed")?;
    }
    let Some(before) = find(unit, mutation) else {
        if mutation["op"] != "create" {
            return Err("not_found");
        }
        let fields = parse(collection, &set, None, unit.now());
        let fields = fields.ok().ok_or("validation_failed")?;
        let (device, stamp) = (unit.device().to_owned(), unit.take_stamp());
        let author = author(unit, &device, stamp);
        let mut record =
            Record::created(collection, mutation["id"].as_str().unwrap(), fields, author);
        record.extra = extra;
        let Ok(()) = unit.insert(&record);
        return Ok(json!({"status": "applied", "rev": record.rev}));
    };
    let base = mutation["base"].as_i64().unwrap_or(0);
    if before.deleted_rev.is_some_and(|rev| base >= rev) {
        return Err("deleted");
    }
    let stored = before.fields();
    if stored.get("status").is_some_and(|status| status == "sent")
        && collection == Collection::FollowUps
    {
        return Err("already_sent");
    }
    change_lists(&mut set, mutation, &stored);
    let fields = parse_patch(collection, &stored, &set, unit.now());
    let fields = fields.ok().ok_or("validation_failed")?;
    let device = unit.device().to_owned();
    let mut lost = Doc::new();
    for (name, value) in fields.as_map() {
        let last = before.last_change(name).unwrap();
        let old = stored.get(name);
        if old.is_some_and(|old| old != value) && last.rev > base && last.device != device {
            lost.insert(name.clone(), old.unwrap().clone());
        }
    }
    let Some(record) = write(unit, &before, &fields, &extra) else {
        return Ok(json!({"status": "noop", "rev": before.rev}));
    };
    if lost.is_empty() {
        return Ok(json!({"status": "applied", "rev": record.rev}));
    }
    conflict(unit, mutation, "concurrent", &Value::Object(lost));
    Ok(json!({"status": "merged", "rev": record.rev, "record": record.doc, "extra": record.extra}))
}

fn change_lists(set: &mut Doc, mutation: &Value, stored: &Doc) {
    for (sign, name) in [(true, "add"), (false, "remove")] {
        for (field, items) in mutation[name].as_object().into_iter().flatten() {
            let list = set.entry(field.clone()).or_insert_with(|| stored[field].clone());
            let list = list.as_array_mut().unwrap();
            let is_same = |one: &Value, other: &Value| {
                one == other
                    || (one.get("contact_id").is_some()
                        && one.get("contact_id") == other.get("contact_id"))
                    || (one.get("value").is_some() && one.get("value") == other.get("value"))
            };
            for item in items.as_array().unwrap() {
                list.retain(|other| !is_same(other, item));
                if sign {
                    list.push(item.clone());
                }
            }
        }
    }
}

fn delete(unit: &mut Unit<'_>, mutation: &Value) -> Done {
    let Some(before) = find(unit, mutation).filter(|record| record.deleted_rev.is_none()) else {
        return Ok(json!({"status": "noop"}));
    };
    let device = unit.device().to_owned();
    if before.rev > mutation["base"].as_i64().unwrap_or(0) {
        conflict(unit, mutation, "delete_vs_edit", &Value::Null);
        return Ok(
            json!({"status": "merged", "rev": before.rev, "record": before.doc, "extra": before.extra}),
        );
    }
    let stamp = unit.take_stamp();
    let change = before.deleted(None, author(unit, &device, stamp));
    let Ok(()) = unit.update(&before, &change);
    if before.collection == Collection::Opportunities {
        let Ok(children) = unit.children(&before.id);
        for (collection, id) in children {
            let Ok(child) = unit.find(collection, &id);
            let child = child.unwrap();
            let stamp = unit.take_stamp();
            let parent = format!("opportunities/{}", before.id);
            let change = child.deleted(Some(&parent), author(unit, &device, stamp));
            let Ok(()) = unit.update(&child, &change);
        }
    }
    Ok(json!({"status": "applied", "rev": change.record.rev}))
}

fn restore(unit: &mut Unit<'_>, mutation: &Value) -> Done {
    let Some(before) = find(unit, mutation).filter(|record| record.deleted_rev.is_some()) else {
        return Ok(json!({"status": "noop"}));
    };
    let owner = before.opportunity_id().map(str::to_owned);
    if let Some(owner) = owner.filter(|_| before.collection != Collection::Opportunities) {
        let Ok(found) = unit.find(Collection::Opportunities, &owner);
        found.filter(|owner| owner.deleted_rev.is_none()).ok_or("wrong_state")?;
    }
    let record = write(unit, &before, &Fields::stored(before.fields()), &Map::new()).unwrap();
    let Ok(along) = unit.taken_along(&format!("{}/{}", before.collection.as_str(), before.id));
    for (collection, id) in along {
        let Ok(child) = unit.find(collection, &id);
        let child = child.unwrap();
        write(unit, &child, &Fields::stored(child.fields()), &Map::new());
    }
    Ok(json!({"status": "applied", "rev": record.rev}))
}

fn act(unit: &mut Unit<'_>, mutation: &Value) -> Done {
    let live = find(unit, mutation).filter(|record| record.deleted_rev.is_none());
    let before = live.ok_or("not_found")?;
    let mut fields = before.fields();
    let sent = fields.get("status").is_some_and(|status| status == "sent");
    let status = match mutation["action"].as_str().unwrap() {
        "mark_sent" => {
            fields.insert("sent_at".to_owned(), json!("2026-05-06T18:00:00Z"));
            "sent"
        }
        "skip" if !sent => "skipped",
        "reopen" if !sent => "open",
        "resolve" => {
            fields.insert("state".to_owned(), json!("resolved"));
            let record = write(unit, &before, &Fields::stored(fields), &Map::new());
            return Ok(json!({"status": "applied", "rev": record.unwrap_or(before).rev}));
        }
        _ => return Err("wrong_state"),
    };
    fields.insert("status".to_owned(), json!(status));
    let record = write(unit, &before, &Fields::stored(fields), &Map::new());
    Ok(json!({"status": "applied", "rev": record.unwrap_or(before).rev}))
}

pub(super) fn answer(
    account: &mut Account,
    request: &Value,
    results: &[String],
    now_ms: i64,
) -> Value {
    let results: Vec<Value> =
        results.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let Ok(state) = account.state();
    let mut answer = json!({"server_time": now_ms, "epoch": state.epoch, "results": results});
    let (epoch, after) = match request["cursor"].as_str() {
        None => (state.epoch, 0),
        Some(cursor) => {
            let (epoch, stamp) = cursor.split_once('.').unwrap();
            (epoch.parse().unwrap(), stamp.parse().unwrap())
        }
    };
    if epoch != state.epoch && state.surviving(after) != after {
        answer["reset"] = json!({"reason": "epoch"});
        return answer;
    }
    let limit = usize::try_from(request["max_changes"].as_u64().unwrap()).unwrap();
    let Ok(mut rows) = account.changes(after, state.head, None, limit + 1);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let stamp = if has_more { rows.last().unwrap().rev } else { state.head };
    let attached: BTreeSet<(String, i64)> = results
        .iter()
        .filter_map(|result| {
            let record = result.get("record")?;
            Some((record["id"].as_str()?.to_owned(), record["rev"].as_i64()?))
        })
        .collect();
    let changes = rows.iter().filter(|row| !attached.contains(&(row.id.clone(), row.rev)));
    answer["changes"] = changes.map(change).collect();
    answer["cursor"] = json!(format!("{}.{stamp}", state.epoch));
    answer["has_more"] = json!(has_more);
    if !has_more {
        answer["digest"] = json!(format!("{:016x}", state.digest));
    }
    answer
}

fn change(row: &afterview_domain::sync::ChangeRow) -> Value {
    let mut change = json!({"c": row.collection.as_str(), "id": row.id, "rev": row.rev});
    if row.deleted {
        change["deleted"] = json!(true);
    } else {
        change["doc"] = serde_json::from_str(&row.doc).unwrap();
        if let Some(extra) = &row.extra {
            change["extra"] = serde_json::from_str(extra).unwrap();
        }
    }
    change
}

pub(super) fn snapshot(account: &mut Account) -> Vec<Value> {
    let Ok(state) = account.state();
    let mut lines = vec![json!({"cursor": format!("{}.{}", state.epoch, state.head)})];
    for collection in Collection::ALL {
        let Ok(rows) = account.live(collection, "", usize::MAX);
        lines.extend(rows.iter().map(change));
    }
    lines.push(json!({"end": true}));
    lines
}

pub(super) fn revs(account: &mut Account) -> Value {
    let lines = snapshot(account);
    json!({"revs": lines.into_iter().filter(|line| line.get("c").is_some()).collect::<Vec<_>>()})
}
