//! What became of a mutation. A conflict and a refusal are outcomes, not errors: the request succeeds.

use super::Record;
use crate::entities::Collection;
use crate::entities::FieldErrors;
use crate::entities::field::words;

words! {
    /// What became of a mutation.
    Status {
        /// The record holds what was sent.
        Applied = "applied",
        /// The record holds something else: what was sent was merged with what others did.
        Merged = "merged",
        /// There was nothing to do.
        Noop = "noop",
        /// Seen before; the first outcome stands.
        Duplicate = "duplicate",
        /// A rule refuses it. What it said is in the log of conflicts.
        Rejected = "rejected",
        /// Something that it builds upon was rejected. What it said is in the log of conflicts.
        Blocked = "blocked",
    }
}

words! {
    /// Why a change is refused.
    RefusalCode {
        /// It is not built as a mutation must be.
        Malformed = "malformed",
        /// Another mutation had this identifier.
        MutationIdReused = "mutation_id_reused",
        /// Only the server writes this collection.
        ReadOnly = "read_only",
        /// There is no such record.
        NotFound = "not_found",
        /// A record with this identifier exists.
        AlreadyExists = "already_exists",
        /// The present state is not the one demanded.
        PreconditionFailed = "precondition_failed",
        /// The record was deleted, and the device knew.
        Deleted = "deleted",
        /// The record was deleted so long ago that its content was forgotten.
        Gone = "gone",
        /// The message was sent; what was sent stays as it was.
        AlreadySent = "already_sent",
        /// This field never changes.
        Immutable = "immutable",
        /// Fields are wrong.
        ValidationFailed = "validation_failed",
        /// A limit would be exceeded.
        LimitExceeded = "limit_exceeded",
        /// The action does not fit the state.
        WrongState = "wrong_state",
        /// The mutation that it builds upon was rejected.
        PredecessorRejected = "predecessor_rejected",
        /// Another mutation of its group was rejected.
        GroupRejected = "group_rejected",
    }
}

/// Why a change is refused, for programs and for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The kind.
    pub code: RefusalCode,
    /// One sentence.
    pub detail: String,
    /// The faults field by field, if fields are at fault.
    pub errors: FieldErrors,
}

impl Refusal {
    /// A refusal with one sentence.
    #[must_use]
    pub fn new(code: RefusalCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: FieldErrors::default() }
    }
}

impl From<FieldErrors> for Refusal {
    fn from(errors: FieldErrors) -> Self {
        let detail = match errors.len() {
            1 => "1 field is not right".to_owned(),
            n => format!("{n} fields are not right"),
        };
        Self { code: RefusalCode::ValidationFailed, detail, errors }
    }
}

/// A write that did not happen: a rule refused it, or the log failed.
#[derive(Debug)]
pub enum WriteError<E> {
    /// A rule refuses.
    Refused(Refusal),
    /// The log cannot be read or written.
    Log(E),
}

impl<E> From<FieldErrors> for WriteError<E> {
    fn from(errors: FieldErrors) -> Self {
        Self::Refused(errors.into())
    }
}

impl<E> From<Refusal> for WriteError<E> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What became of one mutation.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It was carried out, or there was nothing to do.
    Done {
        /// Applied, merged or noop.
        status: Status,
        /// The stamp of the change that it made, or of the state that it found.
        rev: Option<i64>,
        /// The record as it is now, where that is not what was sent.
        record: Option<Box<Record>>,
        /// Whether no record of that name is alive now.
        deleted: bool,
        /// Identifiers of the conflicts that it brought up.
        conflicts: Vec<String>,
    },
    /// It was refused.
    Refused {
        /// Rejected or blocked.
        status: Status,
        /// Why.
        refusal: Refusal,
        /// The record as it is, so that the device can go back to it; `None` if there is none alive.
        record: Option<Box<Record>>,
        /// Identifier of the conflict that keeps what it said.
        conflicts: Vec<String>,
    },
    /// It was seen before.
    Duplicate {
        /// The result as it was answered then.
        original: String,
        /// The record as it is now; `None` if there is none alive.
        record: Option<Box<Record>>,
    },
}

impl Outcome {
    /// What became of the mutation, in one word.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Done { status, .. } | Self::Refused { status, .. } => *status,
            Self::Duplicate { .. } => Status::Duplicate,
        }
    }
}

/// The result of one mutation as it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What became of it, in one word.
    pub status: Status,
    /// The JSON text.
    pub text: String,
    /// Collection, identifier and revision of the record that it shows, if it shows one.
    pub shows: Option<(Collection, String, i64)>,
}

/// What the ledger keeps of a mutation.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Its identifier.
    pub id: String,
    /// Digest of its content.
    pub fingerprint: String,
    /// What became of it.
    pub status: Status,
    /// The stamp of the change that it made, or of the state that it found.
    pub rev: Option<i64>,
    /// The result as it is answered, a JSON text.
    pub result: String,
}
