//! The language packs: one file a language, texts only.

pub(super) mod de;
pub(super) mod en;
