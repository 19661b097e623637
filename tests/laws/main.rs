//! The laws of the merge, on the real engine over an account in memory, through the very code that
//! serves requests.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may stop at what cannot be")]

mod absorbing;
mod bench;
mod clocks;
mod merge;
mod order;
mod values;

use proptest::prelude::ProptestConfig;
use proptest::test_runner::FileFailurePersistence;

/// As proptest reads it from the environment, with the failures kept beside the tests.
fn config() -> ProptestConfig {
    let regressions = FileFailurePersistence::Direct("tests/laws/regressions.txt");
    ProptestConfig { failure_persistence: Some(Box::new(regressions)), ..ProptestConfig::default() }
}
