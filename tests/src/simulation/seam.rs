//! Where the simulation meets the code under test: the very code that serves requests. Everything else
//! knows neither.

use afterview_api::dto::sync::PushRequest;
use afterview_api::sync::pull::{answer as pull, write_content, write_name};
use afterview_api::sync::push;
use afterview_domain::entities::{Collection, PREFERENCES_ID, parse};
use afterview_domain::sync::{Answered, Author, Cursor, Feed, Filter, Log, LogState, Record};
use serde_json::{Map, Value, json};
use std::fmt::Debug;

fn read(request: &Value) -> PushRequest {
    PushRequest::read(request.as_object().unwrap().clone()).unwrap()
}

/// The head of a log.
pub(super) fn state<F: Feed<Error: Debug>>(feed: &mut F) -> LogState {
    feed.state().unwrap()
}

/// Makes the first record of an account, its preferences.
pub(super) fn begin<L: Log<Error: Debug>>(unit: &mut L, device: &str) {
    let now = unit.now();
    let fields = parse(Collection::Preferences, &Map::new(), None, now).unwrap();
    let stamp = unit.take_stamp();
    let author = Author { device, now, effective: now, stamp, mutation: None };
    let settings = Record::created(Collection::Preferences, PREFERENCES_ID, fields, author);
    unit.insert(&settings).unwrap();
}

/// Carries out the mutations of a request: the results in that order.
pub(super) fn push<L: Log<Error: Debug>>(
    unit: &mut L,
    request: &Value,
    state: &LogState,
) -> Vec<Answered> {
    push::run(unit, &read(request), state).unwrap()
}

/// The answer to a request whose results are known.
pub(super) fn answer<F: Feed<Error: Debug>>(
    account: &mut F,
    request: &Value,
    (began, results): (i64, &[Answered]),
    now_ms: i64,
) -> String {
    let (wanted, delivered) = (read(request).pull(Some(began)), push::delivered(results));
    let pulled = pull(account, &wanted, &delivered).unwrap();
    let results: Vec<&str> = results.iter().map(|result| result.text.as_str()).collect();
    let results = results.join(",");
    let mut body = format!("{{\"server_time\":{now_ms},\"results\":[{results}],");
    pulled.write_members(&mut body);
    body.push('}');
    body
}

/// The lines of a snapshot: a header with `cursor`, the records, a trailer with `end`.
pub(super) fn snapshot<F: Feed<Error: Debug>>(account: &mut F) -> Vec<Value> {
    let state = state(account);
    let cursor = Cursor::at_the_head(&state, Filter::of(None)).encode();
    let mut lines = vec![json!({"cursor": cursor})];
    for collection in Collection::ALL {
        let rows = account.live(collection, "", usize::MAX).unwrap();
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
pub(super) fn revs<F: Feed<Error: Debug>>(account: &mut F) -> Value {
    let lines = snapshot(account);
    let items: Vec<_> = lines.into_iter().filter(|line| line.get("c").is_some()).collect();
    json!({"items": items})
}
