//! Requests to the double.

use super::state::{Received, State};
use super::{PROJECT, schema, tokens};
use crate::double::{Answer, Connection, Reply, Service, now, play, reply};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::http::{Method, Request, Version};
use serde_json::{Value, json};
use std::collections::VecDeque;

impl Service for State {
    fn connected(&self) -> usize {
        let mut inner = self.inner();
        inner.connections += 1;
        inner.connections
    }

    fn answer(
        &self,
        connection: &Connection,
        request: Request<Incoming>,
    ) -> impl Future<Output = Reply> + Send {
        answer(self, connection, request)
    }
}

async fn answer(state: &State, connection: &Connection, request: Request<Incoming>) -> Reply {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return reply(400, &Value::Null, None) };
    let body = body.to_bytes();
    let send = format!("/v1/projects/{PROJECT}/messages:send");
    match (&head.method, head.uri.path()) {
        (&Method::POST, "/token") => tokens::answer(state, connection, &body).await,
        (&Method::POST, path) if path == send => {
            let bearer = head.headers.get("authorization").and_then(|value| value.to_str().ok());
            let bearer = bearer.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
            if !is_good(state, bearer) {
                return now(Answer::error(401, &json!({})));
            }
            take(state, connection, &body, head.version).await
        }
        _ => now(Answer::error(404, &json!({}))),
    }
}

fn is_good(state: &State, bearer: &str) -> bool {
    let now = state.clock.now();
    state.inner().tokens.get(bearer).is_some_and(|end| now < *end)
}

/// A message with a good bearer.
async fn take(state: &State, connection: &Connection, body: &[u8], version: Version) -> Reply {
    let request = schema::normalised(serde_json::from_slice(body).unwrap_or_default());
    if let Some((field, why)) = schema::faults(&request).into_iter().next() {
        state.fault(format!("{field}: {why}"));
        return now(Answer::invalid(&field));
    }
    let message = request["message"].clone();
    let target = ["fid", "token"].iter().find_map(|kind| message[kind].as_str());
    let scripted = {
        let mut inner = state.inner();
        inner.asked += 1;
        let script = target.and_then(|target| inner.scripts.get_mut(target));
        let scripted = script.and_then(VecDeque::pop_front);
        scripted.unwrap_or_else(|| inner.weather.clone())
    };
    if matches!(scripted, Answer::DropBefore) {
        return connection.close().await;
    }
    let number = {
        let mut inner = state.inner();
        inner.messages.push(Received {
            message,
            validate_only: request["validateOnly"].as_bool().unwrap_or_default(),
            at: state.clock.now(),
            connection: connection.number,
            http2: version == Version::HTTP_2,
            taken: scripted.takes(),
        });
        inner.messages.len()
    };
    state.arrived.send_replace(number);
    let name = format!("projects/{PROJECT}/messages/{number}");
    play(scripted, connection, || reply(200, &json!({ "name": name }), None)).await
}
