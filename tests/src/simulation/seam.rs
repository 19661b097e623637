//! Where the simulation meets the code under test: the very code that serves requests. Everything else
//! knows neither.

use super::account::Account;
use super::unit::Unit;
use afterview_api::dto::sync::PushRequest;
use afterview_api::sync::pull::{answer as pull, write_content, write_name};
use afterview_api::sync::push;
use afterview_domain::entities::Collection;
use afterview_domain::sync::{Answered, Cursor, Feed, Filter, LogState};
use serde_json::{Value, json};

fn read(request: &Value) -> PushRequest {
    PushRequest::read(request.as_object().unwrap().clone()).unwrap()
}

/// Carries out the mutations of a request: the results in that order.
pub(super) fn push(unit: &mut Unit<'_>, request: &Value, state: &LogState) -> Vec<Answered> {
    push::run(unit, &read(request), state).unwrap()
}

/// The answer to a request whose results are known.
pub(super) fn answer(
    account: &mut Account,
    request: &Value,
    (began, results): (i64, &[Answered]),
    now_ms: i64,
) -> Value {
    let (wanted, delivered) = (read(request).pull(Some(began)), push::delivered(results));
    let pulled = pull(account, &wanted, &delivered).unwrap();
    let results: Vec<&str> = results.iter().map(|result| result.text.as_str()).collect();
    let results = results.join(",");
    let mut body = format!("{{\"server_time\":{now_ms},\"results\":[{results}],");
    pulled.write_members(&mut body);
    body.push('}');
    serde_json::from_str(&body).unwrap()
}

/// The lines of a snapshot: a header with `cursor`, the records, a trailer with `end`.
pub(super) fn snapshot(account: &mut Account) -> Vec<Value> {
    let Ok(state) = account.state();
    let cursor = Cursor::at_the_head(&state, Filter::of(None)).encode();
    let mut lines = vec![json!({"cursor": cursor})];
    for collection in Collection::ALL {
        let Ok(rows) = account.live(collection, "", usize::MAX);
        lines.extend(rows.iter().map(|row| {
            let mut line = String::new();
            write_name(row, &mut line);
            write_content(row, &mut line);
            line.push('}');
            serde_json::from_str::<Value>(&line).unwrap()
        }));
    }
    lines.push(json!({"end": true}));
    lines
}

/// The answer of `GET /v1/sync/revs`.
pub(super) fn revs(account: &mut Account) -> Value {
    let lines = snapshot(account);
    let items: Vec<_> = lines.into_iter().filter(|line| line.get("c").is_some()).collect();
    json!({"items": items})
}
