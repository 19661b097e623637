//! One mutation of a push, from the wire to what the engine takes.
//!
//! **Must never** refuse more than the one mutation that is wrong.

use super::Body;
use super::follow_up_bodies::{CorrectBody, SentBody};
use super::sync::{CLOCK, CLOCK_RANGE, ID, ResolveBody, SyncSnoozeBody, optional, required};
use afterview_domain::clock::{Instant, from_millis};
use afterview_domain::entities::actions::Action;
use afterview_domain::entities::field::{Kind, Shape};
use afterview_domain::entities::parse::parse_shape;
use afterview_domain::entities::{Collection, FieldErrors};
use afterview_domain::hex::hex;
use afterview_domain::ids::is_record_id;
use afterview_domain::sync::{
    Ask, Edit, LogState, Mutation, Op, RENAMES, Refusal, RefusalCode, SCHEMA, up_convert,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::mem::take;
use std::sync::Arc;

/// What a mutation can do.
const OPS: &[&str] = &["create", "patch", "delete", "restore", "action"];

/// The actions.
const ACTIONS: &[&str] =
    &["mark_sent", "undo_sent", "correct", "skip", "reopen", "snooze", "resolve"];

pub(super) static MUTATION: Shape = Shape {
    name: "Mutation",
    about: "One change that a device asks for. Immutable once sent: a repetition is recognised by `mid` and content.",
    fields: &[
        required("mid", ID, "Its identifier, chosen by the device; best a UUID version 7."),
        required("c", Kind::Word(Collection::WORDS), "The collection of the record."),
        required("id", ID, "The identifier of the record."),
        required("op", Kind::Word(OPS), "What is to happen."),
        optional(
            "base",
            Kind::Integer { min: 0, max: CLOCK_RANGE },
            "The revision of the record that the candidate saw; absent for one that the device never received.",
        ),
        optional("set", Kind::Fields, "Fields to their new values as a whole; null clears."),
        optional("add", Kind::Fields, "Set and list fields to items to put in."),
        optional("remove", Kind::Fields, "Set and list fields to items to take out."),
        optional(
            "text_base",
            Kind::TextMap { max_entries: 10, max_chars: 16 },
            "Text fields to the first 8 bytes of the SHA-256, in hexadecimal, of the text that was edited.",
        ),
        optional(
            "action",
            Kind::Word(ACTIONS),
            "With `op: action`: which. All but `resolve` are steps of a follow-up.",
        ),
        optional(
            "args",
            Kind::Fields,
            "What the action takes, as the route of the same name does.",
        ),
        optional(
            "at",
            CLOCK,
            "When the edit was made, by the device's clock, in Unix milliseconds.",
        ),
        optional("after", ID, "The mutation of the same device that this one builds upon."),
        optional(
            "txn",
            ID,
            "Mutations of one push with the same name are applied all together or not at all.",
        ),
    ],
};

/// A mutation as it was sent, read as far as that depends on nothing else: outside of the unit of work, which
/// others wait for.
#[derive(Debug, Clone)]
pub struct Sent {
    /// What was sent.
    pub payload: Arc<Map<String, Value>>,
    fingerprint: String,
    read: Result<(Arc<Op>, Wire), Refusal>,
}

impl Sent {
    /// Reads what an app sent that knows the fields of version `schema`.
    #[must_use]
    pub fn read(payload: Map<String, Value>, schema: i64) -> Self {
        let read = Wire::read(&payload).and_then(|wire| wire.op(schema));
        Self { fingerprint: fingerprint(&payload), read, payload: Arc::new(payload) }
    }

    /// The mutation as the engine takes it, of a device whose clock shows `client_time`. `state` knows which
    /// revisions a restore lost.
    #[must_use]
    pub fn mutation(&self, client_time: i64, state: &LogState, now: Instant) -> Mutation {
        let id = self.payload.get("mid").and_then(Value::as_str).filter(|id| is_record_id(id));
        let ask = |(op, wire): &(Arc<Op>, Wire)| {
            let age = wire.at.map(|at| client_time.saturating_sub(at));
            Ask {
                collection: wire.c,
                record_id: wire.id.clone(),
                base: wire.base.map(|base| state.surviving(base)),
                edited_at: age.map(|age| from_millis(now.timestamp_millis().saturating_sub(age))),
                after: wire.after.clone(),
                group: wire.txn.clone(),
                op: Arc::clone(op),
            }
        };
        Mutation {
            id: id.unwrap_or_default().to_owned(),
            fingerprint: self.fingerprint.clone(),
            payload: Arc::clone(&self.payload),
            ask: self.read.as_ref().map(ask).map_err(Refusal::clone),
        }
    }
}

/// Digest of a mutation's content. The members stand in their canonical order, whatever order they
/// were sent in.
fn fingerprint(payload: &Map<String, Value>) -> String {
    let text = serde_json::to_string(payload).unwrap_or_default();
    hex(Sha256::digest(text))
}

/// A mutation on the wire.
#[derive(Debug, Clone, Deserialize)]
struct Wire {
    c: Collection,
    id: String,
    op: String,
    base: Option<i64>,
    #[serde(skip)]
    set: Map<String, Value>,
    #[serde(skip)]
    add: Map<String, Value>,
    #[serde(skip)]
    remove: Map<String, Value>,
    #[serde(default)]
    text_base: BTreeMap<String, String>,
    action: Option<String>,
    #[serde(skip)]
    args: Map<String, Value>,
    at: Option<i64>,
    after: Option<String>,
    txn: Option<String>,
}

impl Wire {
    fn read(payload: &Map<String, Value>) -> Result<Self, Refusal> {
        let mut fields = parse_shape(&MUTATION, payload).map_err(malformed)?;
        // Handed over as they are: reading them as members would build each map once more.
        let mut taken = |name: &str| match fields.remove(name) {
            Some(Value::Object(map)) => map,
            _ => Map::new(),
        };
        let (set, add, remove, args) = (taken("set"), taken("add"), taken("remove"), taken("args"));
        let wire: Result<Self, _> = serde_json::from_value(Value::Object(fields));
        let wire = wire.map_err(|error| Refusal::new(RefusalCode::Malformed, error.to_string()))?;
        Ok(Self { set, add, remove, args, ..wire })
    }

    /// What it asks for, and the rest of it.
    fn op(mut self, schema: i64) -> Result<(Arc<Op>, Self), Refusal> {
        let today = |fields| up_convert(RENAMES, self.c, schema, fields);
        let edit = Edit {
            began: Map::new(),
            set: today(take(&mut self.set)),
            add: today(take(&mut self.add)),
            remove: today(take(&mut self.remove)),
            text_base: take(&mut self.text_base),
            from_newer_schema: schema > SCHEMA,
        };
        let op = match (self.op.as_str(), self.action.as_deref()) {
            ("create", None) => Op::Create(edit),
            ("patch", None) => Op::Patch(edit),
            ("delete", None) => Op::Delete,
            ("restore", None) => Op::Restore,
            ("action", Some("resolve")) => Op::Resolve(ResolveBody::args(&self.args)?.decision()?),
            ("action", Some(name)) => Op::Act { action: action(name, &self.args)?, set: edit.set },
            ("action", None) => return Err(unfit("`op: action` needs an `action`")),
            _ => return Err(unfit("only `op: action` has an `action`")),
        };
        Ok((Arc::new(op), self))
    }
}

fn action(name: &str, args: &Map<String, Value>) -> Result<Action, Refusal> {
    Ok(match name {
        "mark_sent" => {
            let SentBody { sent_at, channel, asked_timeline, included } = SentBody::args(args)?;
            Action::MarkSent { sent_at, channel, asked_timeline, included }
        }
        "correct" => {
            let CorrectBody { sent_at, channel, to, not_sent, reason } = CorrectBody::args(args)?;
            Action::Correct { sent_at, channel, to, not_sent, reason }
        }
        "snooze" => {
            let SyncSnoozeBody { until, window } = SyncSnoozeBody::args(args)?;
            Action::Snooze { until, window }
        }
        _ if !args.is_empty() => return Err(unfit("this action takes nothing")),
        "undo_sent" => Action::UndoSent,
        "skip" => Action::Skip,
        _ => Action::Reopen,
    })
}

pub(super) fn unfit(detail: &str) -> Refusal {
    Refusal::new(RefusalCode::Malformed, detail)
}

fn malformed(errors: FieldErrors) -> Refusal {
    Refusal { code: RefusalCode::Malformed, ..Refusal::from(errors) }
}

/// Reading the arguments of an action as the body of its route.
trait Args: Body {
    fn args(map: &Map<String, Value>) -> Result<Self, Refusal> {
        typed(Self::SHAPE, map)
    }
}

impl<B: Body> Args for B {}

fn typed<T: DeserializeOwned>(shape: &Shape, map: &Map<String, Value>) -> Result<T, Refusal> {
    let fields =
        parse_shape(shape, map).map_err(|errors| malformed(errors.nested_under("/args")))?;
    serde_json::from_value(Value::Object(fields))
        .map_err(|error| Refusal::new(RefusalCode::Malformed, error.to_string()))
}
