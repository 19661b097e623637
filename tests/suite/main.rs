//! The behavioural suite: what the server does, seen from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod accounts;
mod advice;
mod conditional;
mod debriefs;
mod device;
mod document;
mod drafts;
mod follow_up_lists;
mod follow_ups;
mod history;
mod idempotency;
mod interviews;
mod lists;
mod live;
mod malformed;
mod planning;
mod preferences;
mod promises;
mod records;
mod restores;
mod retention;
mod rules;
mod service;
mod storage;
mod story;
mod support;
mod sweeps;
mod sync_pull;
mod sync_snapshot;
mod tenants;
mod texts;
mod tokens;
