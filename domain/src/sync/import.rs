//! Bringing in a record as another account, or another time, has it: the core of an import.
//!
//! What is not there is written as it was, with the state that only the server writes. What is there is
//! merged as from a device that saw nothing of it. **Must never** replace or drop a value without a trace.

use super::edit::{check_extra, check_name};
use super::write::{By, WriteResult, author, check_room, insert, refused, store_next, succeed};
use super::{
    Ask, Edit, Log, MAX_RECORD_BYTES, Mutation, Next, Op, Outcome, Record, Refusal, RefusalCode,
    push,
};
use crate::clock::Instant;
use crate::entities::field::Need;
use crate::entities::parse::{parse_instant, parse_served};
use crate::entities::{Collection, FaultCode, FieldErrors, Fields};
use crate::hex::hex;
use crate::ids::is_record_id;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::cell::Cell;

/// A record to bring in, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    collection: Collection,
    id: String,
    fields: Fields,
    extra: Map<String, Value>,
    created_at: Instant,
    updated_at: Instant,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BroughtIn {
    /// It is there now.
    Created,
    /// It was there, and is the same.
    Unchanged,
    /// It was there and differed: the two are one now, or what gave way is in the log of conflicts.
    Merged,
}

impl Incoming {
    /// Reads a record as it is served, with its system fields; `extra` are fields of a newer app.
    ///
    /// # Errors
    /// Every fault found, or a limit that it would exceed.
    pub fn read(
        collection: Collection,
        doc: &Map<String, Value>,
        extra: Map<String, Value>,
        now: Instant,
    ) -> Result<Self, Refusal> {
        let mut errors = FieldErrors::default();
        let id = doc.get("id").and_then(Value::as_str).unwrap_or_default();
        if !is_record_id(id) {
            let detail = "expected the identifier of a record";
            errors.push("/id", FaultCode::Format, detail);
        }
        let mut instant = |name: &str| {
            let text = doc.get(name).and_then(Value::as_str).unwrap_or_default();
            let read = parse_instant(text);
            read.unwrap_or_else(|(code, detail)| {
                errors.push(format!("/{name}"), code, detail);
                now
            })
        };
        let (created_at, updated_at) = (instant("created_at"), instant("updated_at"));
        errors.or_ok(())?;
        let fields = parse_served(collection, doc, now)?;
        let size = serde_json::to_vec(fields.as_map()).map_or(usize::MAX, |bytes| bytes.len());
        if size > MAX_RECORD_BYTES {
            let detail = format!("a record has at most {MAX_RECORD_BYTES} bytes, not {size}");
            return Err(Refusal::new(RefusalCode::LimitExceeded, detail));
        }
        check_name(collection, id, fields.as_map())?;
        let extra = check_extra(extra)?;
        Ok(Self { collection, id: id.to_owned(), fields, extra, created_at, updated_at })
    }

    /// Its collection.
    #[must_use]
    pub fn collection(&self) -> Collection {
        self.collection
    }

    /// Its identifier.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The opportunity that it points at.
    #[must_use]
    pub fn opportunity_id(&self) -> Option<&str> {
        self.fields.as_map().get("opportunity_id").and_then(Value::as_str)
    }

    /// The record with the next stamp of `log`.
    fn record<L: Log>(&self, log: &L) -> Record {
        let by = By::now(log);
        let fields = self.fields.clone();
        let mut record = Record::created(self.collection, &self.id, fields, author(log, by));
        for (name, at) in [("created_at", self.created_at), ("updated_at", self.updated_at)] {
            let text = Value::from(crate::clock::format_instant(at));
            record.doc.insert(name.to_owned(), text);
        }
        record.extra.clone_from(&self.extra);
        record
    }

    /// The same as a mutation of a device that saw nothing of the record. Its name follows from its
    /// content, so that the same content is brought in once.
    fn mutation(&self) -> Mutation {
        let mut set = self.fields.as_map().clone();
        let shape = self.collection.shape();
        let is_state = |name: &str| ["status", "sent_at"].contains(&name);
        set.retain(|name, _| {
            let server = shape.field(name).is_none_or(|field| field.need == Need::Server);
            !server || (self.collection == Collection::FollowUps && is_state(name))
        });
        set.extend(self.extra.clone());
        let payload = json!({
            "c": self.collection.as_str(), "id": self.id, "op": "create", "set": set,
        });
        let fingerprint = hex(Sha256::digest(payload.to_string().as_bytes()));
        let id: String = "import-".chars().chain(fingerprint.chars().take(40)).collect();
        let edit = Edit { set, from_newer_schema: !self.extra.is_empty(), ..Edit::default() };
        let ask = Ask {
            collection: self.collection,
            record_id: self.id.clone(),
            base: None,
            edited_at: Some(self.updated_at),
            after: None,
            group: None,
            op: Op::Create(edit).into(),
        };
        let payload = payload.as_object().cloned().unwrap_or_default().into();
        Mutation { id, fingerprint, payload, ask: Ok(ask) }
    }
}

/// Brings a record in.
///
/// # Errors
/// [`RefusalCode::LimitExceeded`] when the account is full.
pub fn bring_in<L: Log>(log: &mut L, incoming: &Incoming) -> WriteResult<BroughtIn, L> {
    let (collection, id) = (incoming.collection, incoming.id.as_str());
    let Some(before) = log.find(collection, id)? else {
        check_room(log)?;
        let record = incoming.record(log);
        insert(log, &record)?;
        return Ok(BroughtIn::Created);
    };
    let next =
        Next { fields: incoming.fields.clone(), extra: incoming.extra.clone(), given: Map::new() };
    let by = By::now(log);
    if before.deleted_rev.is_some() {
        check_room(log)?;
        if before.is_purged() {
            let record = incoming.record(log);
            succeed(log, &before, record, by)?;
        } else {
            store_next(log, &before, &next, by)?;
        }
        return Ok(BroughtIn::Created);
    }
    if before.fields() == *incoming.fields.as_map() && before.extra == incoming.extra {
        return Ok(BroughtIn::Unchanged);
    }
    // Conflicts are written by the merge alone; settings that nobody has touched give way.
    if collection.is_read_only() {
        return Ok(BroughtIn::Unchanged);
    }
    if collection == Collection::Preferences && before.rev == before.created_rev {
        store_next(log, &before, &next, by)?;
        return Ok(BroughtIn::Merged);
    }
    merge(log, incoming)
}

fn merge<L: Log>(log: &mut L, incoming: &Incoming) -> WriteResult<BroughtIn, L> {
    let merged = Cell::new(true);
    let render = |_: &Mutation, outcome: &Outcome| {
        // What came before came with the same content: nothing new.
        merged.set(!matches!(outcome, Outcome::Duplicate { .. }));
        String::new()
    };
    let answered = push(log, &[incoming.mutation()], &render)?;
    if answered.is_empty() {
        return Err(refused(RefusalCode::Malformed, "the record was not understood"));
    }
    Ok(if merged.get() { BroughtIn::Merged } else { BroughtIn::Unchanged })
}
