//! What a push brings and what its results look like.
//!
//! Every mutation is read by itself: one that cannot be understood is answered alone.

use super::Body;
use super::body;
use super::follow_up_bodies::{CorrectBody, SentBody};
use super::sync_pull::SyncChange;
use crate::error::{ApiError, Code, FieldProblem};
use crate::sync::limits::{DEFAULT_ANSWER_BYTES, DEFAULT_CHANGES, MAX_MUTATIONS};
use crate::sync::pull::PullRequest;
use afterview_domain::clock::{Instant, from_millis};
use afterview_domain::entities::actions::Action;
use afterview_domain::entities::field::{Field, Kind, Need, Shape};
use afterview_domain::entities::parse::parse_shape;
use afterview_domain::entities::{Collection, FieldErrors};
use afterview_domain::ids::is_record_id;
use afterview_domain::sync::{
    Ask, Decision, Edit, LogState, Mutation, Op, Outcome, RENAMES, Record, Refusal, RefusalCode,
    SCHEMA, Status, up_convert,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use utoipa::ToSchema;

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
    pub mutations: Vec<Map<String, Value>>,
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
                    Value::Object(item) => item,
                    other => Map::from_iter([("mutation".to_owned(), other)]),
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
        let read = |payload: &Map<String, Value>| {
            let wire = Wire::read(payload);
            let ask = wire.and_then(|wire| wire.ask(&self.body, state, now));
            let id = payload.get("mid").and_then(Value::as_str).filter(|id| is_record_id(id));
            Mutation {
                id: id.unwrap_or_default().to_owned(),
                fingerprint: fingerprint(payload),
                payload: payload.clone(),
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
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// A mutation on the wire.
#[derive(Debug, Deserialize)]
struct Wire {
    c: Collection,
    id: String,
    op: String,
    base: Option<i64>,
    #[serde(default)]
    set: Map<String, Value>,
    #[serde(default)]
    add: Map<String, Value>,
    #[serde(default)]
    remove: Map<String, Value>,
    #[serde(default)]
    text_base: BTreeMap<String, String>,
    action: Option<String>,
    #[serde(default)]
    args: Map<String, Value>,
    at: Option<i64>,
    after: Option<String>,
    txn: Option<String>,
}

impl Wire {
    fn read(payload: &Map<String, Value>) -> Result<Self, Refusal> {
        let fields = parse_shape(&MUTATION, payload).map_err(malformed)?;
        serde_json::from_value(Value::Object(fields))
            .map_err(|error| Refusal::new(RefusalCode::Malformed, error.to_string()))
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

/// What a round of sync answers.
#[derive(ToSchema)]
pub struct SyncAnswer {
    /// The server's clock, Unix milliseconds.
    #[schema(examples(1_780_000_000_000_i64))]
    pub server_time: i64,
    /// What became of each mutation, in the order of the request.
    pub results: Vec<SyncResult>,
    /// The lineage of the account's log. Another one after a restore from a backup.
    #[schema(examples("3f8a0c1d2e4f5a6b"))]
    pub epoch: String,
    /// The newest state of each record that changed, in the order of their last changes. What a result
    /// shows is left out.
    pub changes: Vec<SyncChange>,
    /// Where to go on: to be kept when the changes are. Absent with `reset`.
    #[schema(required = false)]
    pub cursor: String,
    /// Whether there is more to get with the new cursor.
    pub has_more: bool,
    /// True if the page ends inside a transaction, because that is larger than a page.
    #[schema(required = false)]
    pub partial_txn: bool,
    /// The digest of all live records, when this answer brings the device up to date.
    #[schema(required = false, examples("9c1f5e7a03b2d468"))]
    pub digest: String,
    /// Present when the cursor is of no use: begin anew with the snapshot, keep what is not sent yet.
    #[schema(nullable = false)]
    pub reset: Option<SyncReset>,
}

/// Why a device has to begin anew.
#[derive(ToSchema)]
pub struct SyncReset {
    /// One of epoch, expired, filter, cursor; clients must accept other words too.
    #[schema(examples("epoch"))]
    pub reason: String,
    /// Where everything is.
    #[schema(examples("/v1/sync/snapshot"))]
    pub snapshot: String,
}

/// What became of one mutation.
#[derive(ToSchema)]
pub struct SyncResult {
    /// Its identifier.
    pub mid: String,
    /// One of applied, merged, noop, duplicate, rejected, blocked.
    #[schema(examples("applied"))]
    pub status: String,
    /// The revision of the record afterwards.
    #[schema(required = false)]
    pub rev: i64,
    /// True if no record of that name is alive now; otherwise absent.
    #[schema(required = false)]
    pub deleted: bool,
    /// The record as it is now, where that is not what was sent.
    #[schema(required = false, value_type = Object)]
    pub record: BTreeMap<String, String>,
    /// Fields of the record that a newer app gave it and that this server does not know.
    #[schema(required = false, value_type = Object)]
    pub extra: BTreeMap<String, String>,
    /// Identifiers of the conflicts that it brought up.
    #[schema(required = false)]
    pub conflicts: Vec<String>,
    /// Why it was rejected or blocked.
    #[schema(nullable = false)]
    pub error: Option<SyncError>,
    /// For a duplicate: the first result, as it was answered. What it says of the record is of then;
    /// `record` and `deleted` beside it are of now.
    #[schema(required = false, value_type = Object)]
    pub original: BTreeMap<String, String>,
}

/// Why a mutation was refused.
#[derive(ToSchema)]
pub struct SyncError {
    /// The kind of refusal; clients must accept words that they do not know.
    #[schema(examples("already_sent"))]
    pub code: String,
    /// One sentence.
    pub detail: String,
    /// The faults field by field; absent when no field is at fault.
    #[schema(required = false)]
    pub errors: Vec<FieldProblem>,
}

#[derive(Serialize)]
struct ResultView<'o> {
    mid: &'o str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rev: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<&'o Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<&'o Map<String, Value>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deleted: bool,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    conflicts: &'o [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorView<'o>>,
    // As it stands in the ledger, byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<&'o RawValue>,
}

#[derive(Serialize)]
struct ErrorView<'o> {
    code: &'static str,
    detail: &'o str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FaultView<'o>>,
}

#[derive(Serialize)]
struct FaultView<'o> {
    pointer: &'o str,
    code: &'static str,
    detail: &'o str,
}

/// The JSON text of one result.
#[must_use]
pub fn result_text(mutation: &Mutation, outcome: &Outcome) -> String {
    let given = mutation.payload.get("mid").and_then(Value::as_str).unwrap_or_default();
    let view = match outcome {
        Outcome::Done { status, rev, record, deleted, conflicts } => ResultView {
            rev: *rev,
            deleted: *deleted,
            conflicts,
            ..ResultView::of(given, *status, record.as_deref())
        },
        Outcome::Refused { status, refusal, record, conflicts } => ResultView {
            deleted: record.is_none(),
            conflicts,
            error: Some(error_view(refusal)),
            ..ResultView::of(given, *status, record.as_deref())
        },
        Outcome::Duplicate { original, record } => ResultView {
            deleted: record.is_none(),
            original: serde_json::from_str(original).ok(),
            ..ResultView::of(given, Status::Duplicate, record.as_deref())
        },
    };
    serde_json::to_string(&view).unwrap_or_default()
}

impl<'o> ResultView<'o> {
    fn of(mid: &'o str, status: Status, record: Option<&'o Record>) -> Self {
        Self {
            mid,
            status: status.as_str(),
            rev: record.map(|record| record.rev),
            record: record.map(|record| &record.doc),
            extra: record.map(|record| &record.extra).filter(|extra| !extra.is_empty()),
            deleted: false,
            conflicts: &[],
            error: None,
            original: None,
        }
    }
}

fn error_view(refusal: &Refusal) -> ErrorView<'_> {
    let errors = refusal.errors.iter().map(|error| FaultView {
        pointer: &error.pointer,
        code: error.code.as_str(),
        detail: &error.detail,
    });
    let errors = errors.collect();
    ErrorView { code: refusal.code.as_str(), detail: &refusal.detail, errors }
}
