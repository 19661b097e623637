//! Documents that a client has changed, each with the state that it assumes.
//!
//! **Must never** answer a refusal with an error: the library would send the batch again for ever, and
//! nothing behind it.

use super::super::{fingerprint, unread};
use super::View;
use afterview_domain::ids::is_record_id;
use afterview_domain::sync::{
    Basis, Landed, Log, Refusal, RefusalCode, WholeRecord, WriteResult, keep_unreadable, land,
    land_deletion, land_restoration,
};
use serde_json::{Map, Value};

/// Carries out a batch and gives the documents that are not as they were sent. With `strict`, a document
/// whose state is not the assumed one is left as it is, for clients that insist on merging themselves.
///
/// # Errors
/// That the log failed.
pub fn push<L: Log>(
    log: &mut L,
    view: &View,
    rows: &[Value],
    strict: bool,
) -> WriteResult<Vec<Map<String, Value>>, L> {
    let mut conflicts = Vec::new();
    for row in rows {
        conflicts.extend(one(log, view, row, strict)?);
    }
    Ok(conflicts)
}

fn one<L: Log>(
    log: &mut L,
    view: &View,
    row: &Value,
    strict: bool,
) -> WriteResult<Option<Map<String, Value>>, L> {
    let sent = row.get("newDocumentState").and_then(Value::as_object);
    let assumed = row.get("assumedMasterState").and_then(Value::as_object);
    let id = sent.and_then(|sent| sent.get("id")?.as_str()).filter(|id| is_record_id(id));
    let (Some(id), Some(sent)) = (id, sent) else {
        keep(log, view, row)?;
        return Ok(None);
    };
    let whole = whole(log, view, id, sent, assumed);
    let before = log.find(view.collection, id)?;
    if strict && let Some(before) = &before {
        let master = view.record(before);
        if assumed.is_none_or(|assumed| !view.agree(assumed, Some(sent), &master)) {
            return Ok((!view.agree(sent, assumed, &master)).then_some(master));
        }
    }
    let is_gone = before.is_some_and(|record| record.deleted_rev.is_some());
    let knew = assumed.is_some_and(|assumed| view.is_deleted(assumed));
    let landed = match view.is_deleted(sent) {
        true if is_gone => land_deletion(log, &whole)?,
        true => deleted(log, &whole)?,
        false if is_gone && knew => brought_back(log, &whole)?,
        false => land(log, &whole)?,
    };
    let now = match &landed.record {
        Some(record) => view.record(record),
        None if landed.refusal.is_some() => gone(view, sent),
        None => return Ok(None),
    };
    Ok((!view.agree(sent, assumed, &now)).then_some(now))
}

/// What the user typed before deleting is kept as well.
fn deleted<L: Log>(log: &mut L, whole: &WholeRecord) -> WriteResult<Landed, L> {
    if matches!(&whole.basis, Basis::Values(Some(_))) {
        land(log, whole)?;
    }
    land_deletion(log, whole)
}

fn brought_back<L: Log>(log: &mut L, whole: &WholeRecord) -> WriteResult<Landed, L> {
    let restored = land_restoration(log, whole)?;
    match restored.refusal {
        // Nothing is left of it but its name.
        Some(refusal) if refusal.code == RefusalCode::Gone => {
            land(log, &WholeRecord { basis: Basis::Values(None), ..whole.clone() })
        }
        Some(_) => Ok(restored),
        None => land(log, whole),
    }
}

/// A document that was never made, as one that is gone.
fn gone(view: &View, sent: &Map<String, Value>) -> Map<String, Value> {
    let mut gone = sent.clone();
    gone.insert(view.deleted_field.clone(), Value::from(true));
    gone
}

fn whole<L: Log>(
    log: &L,
    view: &View,
    id: &str,
    sent: &Map<String, Value>,
    assumed: Option<&Map<String, Value>>,
) -> WholeRecord {
    let fields = view.fields(sent);
    let content = Value::Object(fields.clone());
    let fingerprint = fingerprint(log.device(), view.collection.as_str(), id, &content);
    let basis = Basis::Values(assumed.map(|assumed| view.fields(assumed)));
    WholeRecord { collection: view.collection, id: id.to_owned(), fields, basis, fingerprint }
}

/// What nobody could read is kept.
fn keep<L: Log>(log: &mut L, view: &View, row: &Value) -> WriteResult<(), L> {
    let sent = row.get("newDocumentState").unwrap_or(row);
    let (table, id) = (view.collection.as_str(), sent.get("id").and_then(Value::as_str));
    let id = id.unwrap_or_default();
    let name = fingerprint(log.device(), table, id, sent);
    let refusal = Refusal::new(RefusalCode::Malformed, "it is no document with an identifier");
    keep_unreadable(log, unread(table, id, sent.clone()), name, refusal)
}
