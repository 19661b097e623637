//! Carrying out a push on a log.
//!
//! **Must never** depend on where the log is kept: a simulation runs this very code over memory.

use crate::dto::sync::{PushRequest, result_text};
use afterview_domain::sync::{Log, LogState, WriteResult, push};

/// Carries out the mutations of `request` and gives the JSON text of each result, in their order.
/// `state` knows which revisions a restore lost.
///
/// # Errors
/// That the log failed; then nothing may be kept.
pub fn run<L: Log>(
    log: &mut L,
    request: &PushRequest,
    state: &LogState,
) -> WriteResult<Vec<String>, L> {
    let batch = request.typed(state, log.now());
    push(log, &batch, &result_text)
}
