//! One change that a device asks for.
//!
//! **Must never** be changed once it was sent: a repetition is recognised by its content.

use super::Refusal;
use crate::clock::Instant;
use crate::entities::Collection;
use crate::entities::actions::Action;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One change that a device asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Mutation {
    /// Its identifier, chosen by the device: 1 to 64 of `A-Z a-z 0-9 _ . -`, best a UUID version 7.
    pub id: String,
    /// SHA-256 of its content in hexadecimal, by which a repetition is told from another mutation
    /// under the same identifier.
    pub fingerprint: String,
    /// The mutation as it was sent. What is refused is kept so. Shared with whoever read it.
    pub payload: Arc<Map<String, Value>>,
    /// What it asks for, or why that cannot be understood.
    pub ask: Result<Ask, Refusal>,
}

/// What a mutation asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The collection of the record.
    pub collection: Collection,
    /// The identifier of the record.
    pub record_id: String,
    /// The revision of the record that the candidate saw; `None` for a record that the device had
    /// never received.
    pub base: Option<i64>,
    /// When the edit was made, already by the server's clock; `None`: now. The engine clamps it.
    pub edited_at: Option<Instant>,
    /// The mutation of the same device that this one builds upon.
    pub after: Option<String>,
    /// Mutations of one push with the same name are applied all together or not at all.
    pub group: Option<String>,
    /// What is to happen.
    pub op: Arc<Op>,
}

/// What a mutation does.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// Makes a record; one that exists is changed as by a patch that saw nothing of it.
    Create(Edit),
    /// Changes fields.
    Patch(Edit),
    /// Deletes a record and what belongs to it.
    Delete,
    /// Takes a deletion back.
    Restore,
    /// A step of a follow-up. `set` holds the fields of one that has no record yet.
    Act {
        /// The step.
        action: Action,
        /// The fields of the first record.
        set: Map<String, Value>,
    },
    /// Decides a conflict.
    Resolve(Decision),
}

/// How a conflict is decided.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// What stands in the record stays.
    Kept,
    /// What was not kept is written after all.
    Lost,
    /// These fields are written.
    Fields(Map<String, Value>),
}

/// A change of fields.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edit {
    /// Fields to their new values as a whole; `null` clears.
    pub set: Map<String, Value>,
    /// Items to put into set and list fields.
    pub add: Map<String, Value>,
    /// Items to take out of set and list fields.
    pub remove: Map<String, Value>,
    /// For texts: the first 8 bytes of the SHA-256 of the text that was edited, in hexadecimal.
    pub text_base: BTreeMap<String, String>,
    /// Fields to the values that the edit began from, where that is known better than by the base.
    pub began: Map<String, Value>,
    /// Whether names that this server does not know come from a newer app and are to be kept.
    pub from_newer_schema: bool,
}
