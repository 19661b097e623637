//! Where the simulation meets the code under test. Everything else knows neither.

use super::account::Account;
use super::fake;
use super::unit::Unit;
use serde_json::Value;

/// Carries out the mutations of a request: the results as JSON texts, in that order.
pub(super) fn push(unit: &mut Unit<'_>, request: &Value) -> Vec<String> {
    fake::push(unit, request)
}

/// The answer to a request whose results are known.
pub(super) fn answer(
    account: &mut Account,
    request: &Value,
    results: &[String],
    now_ms: i64,
) -> Value {
    fake::answer(account, request, results, now_ms)
}

/// The lines of the snapshot: a header with `cursor`, records as in `changes`, a trailer with `end`.
pub(super) fn snapshot(account: &mut Account) -> Vec<Value> {
    fake::snapshot(account)
}

/// The answer of `GET /v1/sync/revs`: `{"revs": [{"c", "id", "rev"}, …]}`.
pub(super) fn revs(account: &mut Account) -> Value {
    fake::revs(account)
}
