//! The HTTP surface: one file per resource, each extract → call → answer.
//!
//! **Must never** hold SQL or a rule.

#![allow(unreachable_pub, reason = "route macros turn handlers into types unseen by the lint")]

pub mod account;
pub mod admin;
pub mod agenda;
pub mod answer;
pub mod auth;
pub mod body;
pub mod calendar_feeds;
pub mod calendars;
pub mod client_address;
pub mod conditional;
pub mod delete_page;
pub mod devices;
pub mod drafts;
pub mod fallback;
pub mod follow_up_actions;
pub mod follow_ups;
pub mod forms;
pub mod history;
pub mod idempotency;
pub mod interviews;
pub mod live;
pub mod middleware;
pub mod notifications;
pub mod opportunities;
pub mod pages;
pub mod passwords;
pub mod portability;
pub mod preferences;
pub mod promises;
pub mod query;
pub mod records;
pub mod records_document;
pub mod reports;
pub mod reset_page;
pub mod rules;
pub mod rxdb;
pub mod rxdb_stream;
pub mod sessions;
pub mod sync;
pub mod sync_pull;
pub mod sync_snapshot;
pub mod system;
pub mod tact;
pub mod watermelondb;
pub mod webhooks;
