//! The laws of the merge, on the real engine over an account in memory, through the very code that
//! serves requests.
//!
//! | Law | Where |
//! |---|---|
//! | Merged with its base, or with itself, an edit is itself; the same again changes nothing | `merge` |
//! | Edits of different fields both survive, without a conflict | `merge` |
//! | The order of arrival changes nothing; nothing that was given is lost; nobody is refused because somebody else was faster | `order` |
//! | Where the order shows all the same | `exceptions` |
//! | Who has seen an edit beats it; an edit takes effect between what it saw and now | `clocks` |
//! | What was sent, settled, delivered, held or forbidden stays so | `absorbing` |
//!
//! `PROPTEST_CASES` sets how many cases each test tries; with many of them build it optimised:
//! `cargo test -p afterview-tests --test laws --profile checked`. A failing one leaves its seed in
//! `regressions.txt`, which is checked in and tried first from then on.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop at what cannot be"
)]

mod absorbing;
mod bench;
mod clocks;
mod exceptions;
mod groups;
mod merge;
mod order;
mod values;

use proptest::prelude::ProptestConfig;
use proptest::test_runner::FileFailurePersistence;

/// As proptest reads it from the environment, with the failures kept beside the tests.
fn config() -> ProptestConfig {
    let regressions = FileFailurePersistence::Direct("laws/regressions.txt");
    ProptestConfig { failure_persistence: Some(Box::new(regressions)), ..ProptestConfig::default() }
}
