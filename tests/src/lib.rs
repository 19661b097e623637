//! The harness: whole servers on free ports, each with a database of its own, and a clock and
//! randomness that are the test's.
//!
//! Tests see the server as a client does, over HTTP. Nothing is shared between two tests, nothing
//! sleeps, and the same test sees the same identifiers every time.
//!
//! Every test runs on every database at once: see [`TestApp::start`].
// Tests may stop at the first surprise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc
)]

mod app;
mod backend;
mod client;
pub mod device;
mod double;
mod events;
pub mod firebase;
pub mod mail;
mod manual;
pub mod oidc;
pub mod postgres;
mod process;
pub mod push_service;
pub mod receiver;
mod server;
pub mod simulation;
mod sql;
pub mod story;
mod tool;

pub use app::{BareDatabase, TestApp};
pub use client::{Answer, Client, Opened};
pub use events::{Event, Events};
pub use manual::{CountedIds, ManualClock, at};
pub use process::ServerProcess;
pub use sql::Databases;
pub use tool::tool;

/// The moment at which every test begins: five minutes after the interview of the source article,
/// in New York on a Wednesday.
pub const START: &str = "2026-05-06T19:05:00Z";

/// The one answer of several servers that must not differ.
///
/// # Panics
///
/// When they differ, naming `what` was asked; and without any answer.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, answers: impl IntoIterator<Item = T>) -> T {
    let mut answers = answers.into_iter();
    let first = answers.next().expect("there is a server");
    for other in answers {
        assert!(first == other, "two databases, two answers: {what}\n{first:?}\n{other:?}");
    }
    first
}
