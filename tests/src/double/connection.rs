//! Connections of a double, which it can close, or say GOAWAY on, at a chosen moment.

use super::answer::{Answer, Reply, reply};
use hyper::body::Incoming;
use hyper::http::{HeaderValue, Request};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use serde_json::Value;
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
pub(crate) struct Connection {
    /// Which one it is, as the service counts them.
    pub(crate) number: usize,
    wishes: UnboundedSender<Wish>,
}

impl Connection {
    /// Closes it; there is no answer any more.
    pub(crate) async fn close(&self) -> Reply {
        let _ = self.wishes.send(Wish::Close);
        std::future::pending().await
    }
}

/// A service that is played.
pub(crate) trait Service: Send + Sync + 'static {
    /// Counts a new connection and gives its number.
    fn connected(&self) -> usize;

    /// The answer to a request that came by `connection`.
    fn answer(
        &self,
        connection: &Connection,
        request: Request<Incoming>,
    ) -> impl Future<Output = Reply> + Send;
}

/// Serves whoever connects, until it is aborted.
pub(crate) async fn accept<S: Service>(listener: TcpListener, service: Arc<S>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (wishes, wished) = unbounded_channel();
        let connection = Connection { number: service.connected(), wishes };
        tokio::spawn(serve(stream, service.clone(), connection, wished));
    }
}

async fn serve<S: Service>(
    stream: TcpStream,
    played: Arc<S>,
    connection: Connection,
    mut wished: UnboundedReceiver<Wish>,
) {
    let service = service_fn(|request| {
        let (played, connection) = (played.clone(), connection.clone());
        async move { Ok::<_, Infallible>(played.answer(&connection, request).await) }
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

/// Does what the script says; `in_order` is the answer of [`Answer::Ok`].
pub(crate) async fn play(
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
        answer @ (Answer::Status { .. } | Answer::Located { .. }) => now(answer),
        Answer::Ok | Answer::Slow(..) => in_order(),
    }
}

/// An answer that needs no connection.
pub(crate) fn now(answer: Answer) -> Reply {
    match answer {
        Answer::Status { status, body, retry_after } => {
            reply(status, &body, retry_after.as_deref())
        }
        Answer::Located { status, location } => {
            let mut located = reply(status, &Value::Null, None);
            let header = HeaderValue::from_str(&location).unwrap();
            located.headers_mut().insert("location", header);
            located
        }
        other => panic!("{other:?} cannot be given at once"),
    }
}
