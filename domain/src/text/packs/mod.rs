//! The language packs: one file a language, texts only.
//!
//! **Must never** hold a rule: a pack has words, and nothing else.

pub(super) mod de;
pub(super) mod en;
