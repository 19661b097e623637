//! A conflict: two versions of something, one kept and one not, until the candidate has looked at it.
//!
//! Synced like every other record, so that an app can show both versions offline. Written by the merge
//! alone; clients only resolve it.

use super::Collection;
use super::field::{Kind, Shape, server, text, words};

words! {
    /// What kind of conflict it is.
    ConflictReason {
        /// Two devices changed the same field; one value had to give way.
        Concurrent = "concurrent",
        /// One device deleted what another one changed: it stays.
        DeleteVsEdit = "delete_vs_edit",
        /// One device changed what another one had deleted: it is back.
        EditVsDelete = "edit_vs_delete",
        /// A change was refused; this is what it said.
        Rejected = "rejected",
        /// Two devices report the sending of one message, differently: were there two?
        PossibleDoubleSend = "possible_double_send",
    }
}
words! {
    /// Whether the candidate has to look at it.
    ConflictState {
        /// Nobody has decided yet.
        Open = "open",
        /// Decided, or nothing was lost that is worth a question.
        Resolved = "resolved",
    }
}

/// The fields of a conflict.
pub static SHAPE: Shape = Shape {
    name: "Conflict",
    about: "Two versions of something: one kept, one not. `kept`, `lost` and `base` hold fields as a mutation sets them.",
    fields: &[
        server("collection", text(1, 40), "The collection of the record."),
        server("record_id", text(1, 64), "The record."),
        server("reason", Kind::Word(ConflictReason::WORDS), "What kind of conflict it is."),
        server("policy", text(1, 40), "The merge policy that decided."),
        server("state", Kind::Word(ConflictState::WORDS), "Whether somebody has to look at it."),
        server("kept", Kind::Fields, "The fields as they stand in the record."),
        server("lost", Kind::Fields, "The fields as they were not kept."),
        server("base", Kind::Fields, "The fields from which both began, as far as known."),
        server("code", text(1, 40), "For a refused change: why."),
        server("mutation", Kind::Fields, "For a refused change: the mutation as it was sent."),
        server("device_id", text(1, 64), "The device (session) whose version was not kept."),
        server("mutation_id", text(1, 64), "The mutation that brought it up."),
        server("edited_at", Kind::Instant, "When the version that was not kept was made."),
        server("resolved_at", Kind::Instant, "When it was decided."),
    ],
};

/// The collection that holds them.
pub const COLLECTION: Collection = Collection::Conflicts;
