//! What happens when a database or a way to it fails, or a server dies with a reminder in its hands, and
//! what several nodes on one database owe each other. Real PostgreSQL servers of the tests' own, real
//! processes.
//!
//! ```text
//! AFTERVIEW_RESTARTS=20 cargo test -p afterview-tests --test failure -- --nocapture
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod deaths;
mod descriptors;
mod file;
mod node;
mod nodes;
mod phone;
mod pooler;
mod proxy;
mod restarts;
mod small_disk;
mod trouble;

#[expect(clippy::disallowed_methods, reason = "how long a test runs is said from outside")]
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}
