//! Connections and requests of the double.

use super::answer::{Answer, Reply, reply};
use super::state::{Received, State};
use super::{PROJECT, schema, tokens};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::http::{Method, Request, Version};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What a request may want of the connection it came by.
enum Wish {
    Close,
    GoAway,
}

/// The connection that a request came by.
#[derive(Clone)]
pub(super) struct Connection {
    number: usize,
    wishes: UnboundedSender<Wish>,
}

impl Connection {
    async fn close(&self) -> Reply {
        let _ = self.wishes.send(Wish::Close);
        std::future::pending().await
    }
}

pub(super) async fn accept(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        let number = {
            let mut inner = state.inner();
            inner.connections += 1;
            inner.connections
        };
        let (wishes, wished) = unbounded_channel();
        let connection = Connection { number, wishes };
        tokio::spawn(serve(stream, state.clone(), connection, wished));
    }
}

async fn serve(
    stream: TcpStream,
    state: Arc<State>,
    connection: Connection,
    mut wished: UnboundedReceiver<Wish>,
) {
    let service = service_fn(|request| {
        let (state, connection) = (state.clone(), connection.clone());
        async move { Ok::<_, Infallible>(answer(&state, &connection, request).await) }
    });
    let builder = Builder::new(TokioExecutor::new());
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
    loop {
        tokio::select! {
            _ended = serving.as_mut() => return,
            wish = wished.recv() => match wish {
                Some(Wish::GoAway) => serving.as_mut().graceful_shutdown(),
                Some(Wish::Close) | None => return,
            },
        }
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

/// Does what the script says; `in_order` is the answer of [`Answer::Ok`].
pub(super) async fn play(
    scripted: Answer,
    connection: &Connection,
    in_order: impl FnOnce() -> Reply,
) -> Reply {
    let mut scripted = scripted;
    while let Answer::Slow(gate, behind) = scripted {
        gate.passed().await;
        scripted = *behind;
    }
    match scripted {
        Answer::DropBefore | Answer::DropAfter => connection.close().await,
        Answer::GoAway => {
            let _ = connection.wishes.send(Wish::GoAway);
            in_order()
        }
        answer @ Answer::Status { .. } => now(answer),
        Answer::Ok | Answer::Slow(..) => in_order(),
    }
}

fn now(answer: Answer) -> Reply {
    match answer {
        Answer::Status { status, body, retry_after } => {
            reply(status, &body, retry_after.as_deref())
        }
        other => panic!("{other:?} cannot be given at once"),
    }
}
