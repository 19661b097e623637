//! RxDB's replication (version 17): one replication a collection, whole documents, and the state that the
//! client assumes.
//!
//! The assumed state makes every push an exact three-way merge by value. What comes out of it is answered as
//! a conflict wherever it is not what was sent, so that the library's own handler takes it.
//!
//! **Must never** keep from a client what became of a document that it sent.

mod document;
mod push;

pub use document::View;
pub use push::push;

/// How many documents a pull has unless asked otherwise: the library's own number.
pub const DEFAULT_BATCH: usize = 100;

/// How many documents a pull has at most. More is refused: fewer than asked for would mean that there are
/// no more.
pub const MAX_BATCH: usize = 1_000;
