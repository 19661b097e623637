//! What a push brings.
//!
//! Every mutation is read by itself: one that cannot be understood is answered alone.

use super::Body;
use super::body;
use super::follow_up_bodies::{CorrectBody, SentBody};
use crate::error::{ApiError, Code};
use crate::sync::limits::{DEFAULT_ANSWER_BYTES, DEFAULT_CHANGES, MAX_MUTATIONS};
use crate::sync::pull::PullRequest;
use afterview_domain::clock::{Instant, from_millis};
use afterview_domain::entities::actions::Action;
use afterview_domain::entities::field::{Field, Kind, Need, Shape};
use afterview_domain::entities::parse::parse_shape;
use afterview_domain::entities::{Collection, FieldErrors};
use afterview_domain::hex::hex;
use afterview_domain::ids::is_record_id;
use afterview_domain::sync::{
    Ask, Decision, Edit, LogState, Mutation, Op, RENAMES, Refusal, RefusalCode, SCHEMA, up_convert,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The version of the protocol.
pub const PROTOCOL: i64 = 1;

/// Milliseconds that a device's clock may show: the range of an ECMAScript date.
const CLOCK_RANGE: i64 = 8_640_000_000_000_000;

const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Optional, about }
}

const fn required(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Required, about }
}

/// An identifier of 1 to 64 characters.
const ID: Kind = Kind::Ref(Collection::Opportunities);

const CLOCK: Kind = Kind::Integer { min: -CLOCK_RANGE, max: CLOCK_RANGE };

/// What a mutation can do.
const OPS: &[&str] = &["create", "patch", "delete", "restore", "action"];

/// The actions.
const ACTIONS: &[&str] =
    &["mark_sent", "undo_sent", "correct", "skip", "reopen", "snooze", "resolve"];

static APP: Shape = Shape {
    name: "SyncApp",
    about: "The app that synchronises.",
    fields: &[
        optional("id", Kind::Text { min: 1, max: 200 }, "Its identifier."),
        optional("version", Kind::Text { min: 1, max: 100 }, "Its version."),
    ],
};

static MUTATION: Shape = Shape {
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

static PUSH: Shape = Shape {
    name: "SyncRequest",
    about: "What a device has changed, and from where it wants to hear what others did.",
    fields: &[
        required(
            "protocol",
            Kind::Integer { min: PROTOCOL, max: PROTOCOL },
            "The version of the protocol.",
        ),
        required(
            "schema",
            Kind::Integer { min: 1, max: 1_000_000 },
            "The version of the collections and fields that the app knows.",
        ),
        optional("app", Kind::Object(&APP), "The app."),
        optional(
            "device_id",
            ID,
            "The session, if it is said again; must be that of the access token.",
        ),
        optional(
            "cursor",
            Kind::Text { min: 0, max: 200 },
            "Where the last answer ended; absent the first time.",
        ),
        required(
            "client_time",
            CLOCK,
            "What the device's clock shows now, in Unix milliseconds. Its error cancels out.",
        ),
        optional(
            "mutations",
            Kind::List { of: &Kind::Object(&MUTATION), max: MAX_MUTATIONS, key: &[] },
            "What was changed, in order.",
        ),
        optional(
            "max_changes",
            Kind::Integer { min: 1, max: CLOCK_RANGE },
            "The most changes to answer with; default 500, more than 1000 is read as 1000.",
        ),
        optional(
            "max_bytes",
            Kind::Integer { min: 1, max: CLOCK_RANGE },
            "The most bytes of changes to answer with, but at least one change; default 1 MiB, more than 2 MiB is read as 2 MiB.",
        ),
        optional(
            "collections",
            Kind::Set { of: &Kind::Word(Collection::WORDS), min: 1, max: 20 },
            "Only changes of these collections; the cursor is then good for them alone.",
        ),
    ],
};

/// What a device sends, without its mutations.
#[derive(Debug, Clone, Deserialize)]
pub struct SyncBody {
    /// The version of the fields that the app knows.
    pub schema: i64,
    /// The session, said again.
    pub device_id: Option<String>,
    /// Where the last answer ended.
    pub cursor: Option<String>,
    /// The device's clock.
    pub client_time: i64,
    /// Most changes.
    pub max_changes: Option<i64>,
    /// Most bytes.
    pub max_bytes: Option<i64>,
    /// Only these collections.
    pub collections: Option<Vec<Collection>>,
}
body!(SyncBody, PUSH);

/// A push as read from its body.
#[derive(Debug, Clone)]
pub struct PushRequest {
    /// What goes for the whole of it.
    pub body: SyncBody,
    /// The mutations as they were sent.
    pub mutations: Vec<Arc<Map<String, Value>>>,
}

impl PushRequest {
    /// Reads the body of a push.
    ///
    /// # Errors
    /// [`Code::ValidationFailed`] for what goes for the whole request; [`Code::BodyTooLarge`] for too
    /// many mutations. What is wrong with one mutation is a result of its own.
    pub fn read(mut map: Map<String, Value>) -> Result<Self, ApiError> {
        let given = map.insert("mutations".to_owned(), Value::Array(Vec::new()));
        let mut mutations = Vec::new();
        let mut errors = FieldErrors::default();
        match given {
            None | Some(Value::Null) => {}
            Some(Value::Array(items)) if items.len() > MAX_MUTATIONS => {
                let detail = format!(
                    "a push has at most {MAX_MUTATIONS} mutations, this one has {}",
                    items.len()
                );
                return Err(ApiError::new(Code::BodyTooLarge, detail));
            }
            Some(Value::Array(items)) => {
                // One that is no object at all is refused by itself, too, and kept as it came.
                mutations.extend(items.into_iter().map(|item| match item {
                    Value::Object(item) => Arc::new(item),
                    other => Arc::new(Map::from_iter([("mutation".to_owned(), other)])),
                }));
            }
            Some(_) => errors.push("/mutations", TYPE, "expected a list"),
        }
        let body = SyncBody::read(&map);
        errors.or_ok(())?;
        Ok(Self { body: body?, mutations })
    }

    /// What it wants to hear of others. `began` is the head before its mutations.
    #[must_use]
    pub fn pull(&self, began: Option<i64>) -> PullRequest {
        let size = |given: Option<i64>, default: usize| {
            given.map_or(default, |size| usize::try_from(size).unwrap_or(usize::MAX))
        };
        PullRequest {
            cursor: self.body.cursor.clone(),
            limit: size(self.body.max_changes, DEFAULT_CHANGES),
            max_bytes: size(self.body.max_bytes, DEFAULT_ANSWER_BYTES),
            collections: self.body.collections.clone(),
            began,
        }
    }

    /// The mutations as the engine takes them. `state` knows which revisions a restore lost.
    #[must_use]
    pub fn typed(&self, state: &LogState, now: Instant) -> Vec<Mutation> {
        let read = |payload: &Arc<Map<String, Value>>| {
            let wire = Wire::read(payload);
            let ask = wire.and_then(|wire| wire.ask(&self.body, state, now));
            let id = payload.get("mid").and_then(Value::as_str).filter(|id| is_record_id(id));
            Mutation {
                id: id.unwrap_or_default().to_owned(),
                fingerprint: fingerprint(payload),
                payload: Arc::clone(payload),
                ask,
            }
        };
        self.mutations.iter().map(read).collect()
    }
}

const TYPE: afterview_domain::entities::FaultCode = afterview_domain::entities::FaultCode::Type;

/// Digest of a mutation's content. The members stand in their canonical order, whatever order they
/// were sent in.
fn fingerprint(payload: &Map<String, Value>) -> String {
    let text = serde_json::to_string(payload).unwrap_or_default();
    hex(Sha256::digest(text))
}

/// A mutation on the wire.
#[derive(Debug, Deserialize)]
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

    fn ask(self, body: &SyncBody, state: &LogState, now: Instant) -> Result<Ask, Refusal> {
        let age = self.at.map(|at| body.client_time.saturating_sub(at));
        let edited_at = age.map(|age| from_millis(now.timestamp_millis().saturating_sub(age)));
        let base = self.base.map(|base| state.surviving(base));
        let (collection, record_id) = (self.c, self.id.clone());
        let (after, group) = (self.after.clone(), self.txn.clone());
        let op = self.op(body.schema)?;
        Ok(Ask { collection, record_id, base, edited_at, after, group, op })
    }

    fn op(self, schema: i64) -> Result<Op, Refusal> {
        let today = |fields| up_convert(RENAMES, self.c, schema, fields);
        let edit = Edit {
            began: Map::new(),
            set: today(self.set),
            add: today(self.add),
            remove: today(self.remove),
            text_base: self.text_base,
            from_newer_schema: schema > SCHEMA,
        };
        match (self.op.as_str(), self.action.as_deref()) {
            ("create", None) => Ok(Op::Create(edit)),
            ("patch", None) => Ok(Op::Patch(edit)),
            ("delete", None) => Ok(Op::Delete),
            ("restore", None) => Ok(Op::Restore),
            ("action", Some("resolve")) => {
                Ok(Op::Resolve(ResolveBody::args(&self.args)?.decision()?))
            }
            ("action", Some(name)) => {
                Ok(Op::Act { action: action(name, &self.args)?, set: edit.set })
            }
            ("action", None) => Err(unfit("`op: action` needs an `action`")),
            _ => Err(unfit("only `op: action` has an `action`")),
        }
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

fn unfit(detail: &str) -> Refusal {
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

/// What a snooze takes from a device, which knows the plan.
#[derive(Debug, Clone, Deserialize)]
pub struct SyncSnoozeBody {
    /// Until when.
    pub until: Option<Instant>,
    /// The ideal time from which it is put off.
    pub window: Option<Instant>,
}

static SNOOZE: Shape = Shape {
    name: "SyncSnooze",
    about: "Putting the reminder off, by a device.",
    fields: &[
        optional("until", Kind::Instant, "Until when; without it the snooze ends."),
        optional("window", Kind::Instant, "The ideal time from which it is put off."),
    ],
};
body!(SyncSnoozeBody, SNOOZE);

/// What deciding a conflict takes.
#[derive(Debug, Clone, Deserialize)]
pub struct ResolveBody {
    take: String,
    fields: Option<Map<String, Value>>,
}

static RESOLVE: Shape = Shape {
    name: "ResolveConflict",
    about: "How a conflict is decided.",
    fields: &[
        required(
            "take",
            Kind::Word(&["kept", "lost", "fields"]),
            "What is to stand: what stands, what was not kept, or other fields.",
        ),
        optional("fields", Kind::Fields, "With `take: fields`: the fields to write."),
    ],
};
body!(ResolveBody, RESOLVE);

impl ResolveBody {
    /// The decision.
    ///
    /// # Errors
    /// [`RefusalCode::Malformed`] when `take` and `fields` do not fit.
    pub fn decision(self) -> Result<Decision, Refusal> {
        match (self.take.as_str(), self.fields) {
            ("kept", None) => Ok(Decision::Kept),
            ("lost", None) => Ok(Decision::Lost),
            ("fields", Some(fields)) => Ok(Decision::Fields(fields)),
            _ => Err(unfit("`take: fields` needs `fields`, and nothing else does")),
        }
    }
}
