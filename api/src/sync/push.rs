//! Carrying out a push on a log.
//!
//! **Must never** depend on where the log is kept: a simulation runs this very code over memory.

use crate::dto::sync::PushRequest;
use crate::dto::sync_result::result_text;
use crate::sync::pull::Delivered;
use afterview_domain::sync::{Answered, Log, LogState, WriteResult, push};

/// Carries out the mutations of `request` and gives their results in the same order.
/// `state` knows which revisions a restore lost.
///
/// # Errors
/// That the log failed; then nothing may be kept.
pub fn run<L: Log>(
    log: &mut L,
    request: &PushRequest,
    state: &LogState,
) -> WriteResult<Vec<Answered>, L> {
    let batch = request.typed(state, log.now());
    push(log, &batch, &result_text)
}

/// The records that results show and that need not be shown again.
#[must_use]
pub fn delivered(results: &[Answered]) -> Delivered {
    results.iter().filter_map(|result| result.shows.clone()).collect()
}
