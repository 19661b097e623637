//! The Afterview server: HTTP, storage and jobs around the rules of `afterview-domain`.
//!
//! A reader begins at [`routes`]; everything is put together in [`app`].

pub mod app;
pub mod auth;
pub mod calendar;
pub mod cli;
pub mod compat;
pub mod config;
pub mod demo;
pub mod dto;
pub mod error;
pub mod http;
pub mod jobs;
pub mod logs;
pub mod mail;
pub mod metrics;
pub mod nodes;
pub mod notifications;
pub mod openapi;
pub mod outbound;
pub mod planning;
pub mod portability;
pub mod rate_limits;
pub mod routes;
mod secret_file;
pub mod store;
pub mod sync;
pub mod system;
pub mod traces;
pub mod webhooks;

/// Of every program that is made of this library.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
