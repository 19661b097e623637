//! What a push brings.
//!
//! Every mutation is read by itself, see `sync_mutation.rs`: one that cannot be understood is answered alone.

use super::body;
use super::sync_mutation::{self, Sent};
use crate::dto::Body;
use crate::error::{ApiError, Code};
use crate::sync::limits::{DEFAULT_ANSWER_BYTES, DEFAULT_CHANGES, MAX_MUTATIONS};
use crate::sync::pull::PullRequest;
use afterview_domain::clock::Instant;
use afterview_domain::entities::field::{Field, Kind, Need, Shape};
use afterview_domain::entities::{Collection, FieldErrors};
use afterview_domain::sync::{Decision, LogState, Mutation, Refusal};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The version of the protocol.
pub const PROTOCOL: i64 = 1;

/// Milliseconds that a device's clock may show: the range of an ECMAScript date.
pub(super) const CLOCK_RANGE: i64 = 8_640_000_000_000_000;

pub(super) const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Optional, about }
}

pub(super) const fn required(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Required, about }
}

/// An identifier of 1 to 64 characters.
pub(super) const ID: Kind = Kind::Ref(Collection::Opportunities);

pub(super) const CLOCK: Kind = Kind::Integer { min: -CLOCK_RANGE, max: CLOCK_RANGE };

static APP: Shape = Shape {
    name: "SyncApp",
    about: "The app that synchronises.",
    fields: &[
        optional("id", Kind::Text { min: 1, max: 200 }, "Its identifier."),
        optional("version", Kind::Text { min: 1, max: 100 }, "Its version."),
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
            Kind::List {
                of: &Kind::Object(&sync_mutation::MUTATION),
                max: MAX_MUTATIONS,
                key: &[],
            },
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
    /// The mutations.
    pub mutations: Vec<Sent>,
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
        let body = body?;
        let read = |payload| Sent::read(payload, body.schema);
        let mutations = mutations.into_iter().map(read).collect();
        Ok(Self { body, mutations })
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
        let client_time = self.body.client_time;
        self.mutations.iter().map(|sent| sent.mutation(client_time, state, now)).collect()
    }
}

const TYPE: afterview_domain::entities::FaultCode = afterview_domain::entities::FaultCode::Type;

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
    /// [`Malformed`](afterview_domain::sync::RefusalCode::Malformed) when `take` and `fields` do not fit.
    pub fn decision(self) -> Result<Decision, Refusal> {
        match (self.take.as_str(), self.fields) {
            ("kept", None) => Ok(Decision::Kept),
            ("lost", None) => Ok(Decision::Lost),
            ("fields", Some(fields)) => Ok(Decision::Fields(fields)),
            _ => Err(sync_mutation::unfit("`take: fields` needs `fields`, and nothing else does")),
        }
    }
}
