//! Drafts and their proof-reading: what they say, and what must hold for every text.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at a surprise")]

#[path = "texts/desk.rs"]
mod desk;
#[path = "texts/drafts.rs"]
mod drafts;
#[path = "texts/findings.rs"]
mod findings;
#[path = "texts/packs.rs"]
mod packs;
