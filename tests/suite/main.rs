//! The behavioural suite: what the server does, seen from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod conditional;
mod idempotency;
mod interviews;
mod lists;
mod malformed;
mod records;
mod story;
mod support;
