//! One change that a device asks for.
//!
//! **Must never** be changed once it was sent: a repetition is recognised by its content.

use crate::clock::Instant;
use crate::entities::Collection;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One change that a device asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Mutation {
    /// Its identifier, chosen by the device: 1 to 64 of `A-Z a-z 0-9 _ . -`, best a UUID version 7.
    pub id: String,
    /// SHA-256 of its content in hexadecimal, by which a repetition is told from another mutation
    /// under the same identifier.
    pub fingerprint: String,
    /// The collection of the record.
    pub collection: Collection,
    /// The identifier of the record.
    pub record_id: String,
    /// The revision of the record that the candidate saw; `None` for a record that the device had
    /// never received.
    pub base: Option<i64>,
    /// When the edit was made, already an instant of the server's clock; `None`: now. The engine
    /// clamps it.
    pub edited_at: Option<Instant>,
    /// The mutation of the same device that this one builds upon.
    pub after: Option<String>,
    /// Mutations of one push with the same name are applied all together or not at all.
    pub group: Option<String>,
    /// What is to happen.
    pub op: Op,
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
    /// A step that is more than its fields: see `actions` of follow-ups and conflicts.
    Action {
        /// Its name.
        name: String,
        /// What it takes.
        args: Map<String, Value>,
        /// For a follow-up that has no record yet: its fields.
        set: Map<String, Value>,
    },
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
    /// Whether names that this server does not know come from a newer app and are to be kept.
    pub from_newer_schema: bool,
}
