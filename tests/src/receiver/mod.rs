//! A double of a receiver of webhooks: what somebody's automation would be.
//!
//! It takes what Standard Webhooks says a request has, and remembers it. What it answers is scripted for each
//! of its addresses. Signatures are written here a second time, from the standard and not from the sender;
//! that they are right is proven by the official library (`tests/webhooks_peer.py`).

mod state;

pub use crate::double::{Answer, Gate};
pub use state::Event;

use crate::double::{Connection, Reply, Service, accept, now, play, reply};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::http::{Method, Request};
use serde_json::Value;
use state::State;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Whoever waits longer than this for an event waits in vain.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running double. It ends with this value.
pub struct Receiver {
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Receiver {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State::new(url));
        let accepting = tokio::spawn(accept(listener, state.clone()));
        Self { state, accepting }
    }

    /// The address called `name`.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        format!("{}/hooks/{name}", self.state.url)
    }

    /// What is answered to the next events that come to the address called `name`, one after the other;
    /// afterwards it takes them again.
    pub fn script(&self, name: &str, answers: impl IntoIterator<Item = Answer>) {
        self.state.inner().scripts.entry(name.to_owned()).or_default().extend(answers);
    }

    /// What is answered to every event that comes to the address called `name` from now on.
    pub fn always(&self, name: &str, answer: Answer) {
        self.state.inner().always.insert(name.to_owned(), answer);
    }

    /// Answers 500 whenever that event comes.
    pub fn refuse(&self, event: &Event) {
        self.state.inner().refused.insert(event.id.clone());
    }

    /// Waits until so many events came, whatever was answered.
    pub async fn came(&self, count: usize) {
        let mut counted = self.state.came.subscribe();
        let enough = counted.wait_for(|came| *came >= count);
        let waited = tokio::time::timeout(PATIENCE, enough).await;
        assert!(waited.is_ok(), "waited for {count} events in vain; {:?}", self.faults());
    }

    /// The events that came to the address called `name`, whatever was answered.
    #[must_use]
    pub fn events(&self, name: &str) -> Vec<Event> {
        let inner = self.state.inner();
        inner.events.iter().filter(|event| event.to == name).cloned().collect()
    }

    /// What was wrong with requests.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.state.inner().faults.clone()
    }

    /// How many connections were opened.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.state.inner().connections
    }
}

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
    let event = match read(&head, &body.to_bytes()) {
        Ok(event) => event,
        Err(why) => {
            state.inner().faults.push(why);
            return now(Answer::status(400, Value::Null));
        }
    };
    let (scripted, number) = {
        let mut inner = state.inner();
        let next = inner.scripts.get_mut(&event.to).and_then(VecDeque::pop_front);
        let always = inner.always.get(&event.to).cloned().unwrap_or_default();
        let refused = inner.refused.contains(&event.id).then(|| Answer::html(500));
        inner.events.push(event);
        (refused.or(next).unwrap_or(always), inner.events.len())
    };
    state.came.send_replace(number);
    play(scripted, connection, || reply(204, &Value::Null, None)).await
}

/// The event, if everything about the request is as the standard says.
fn read(head: &Parts, body: &[u8]) -> Result<Event, String> {
    let to = head.uri.path().strip_prefix("/hooks/").ok_or("another address")?.to_owned();
    if head.method != Method::POST {
        return Err(format!("{}, not a POST", head.method));
    }
    let header = |name: &str| {
        let value = head.headers.get(name).and_then(|value| value.to_str().ok());
        value.map(str::to_owned).ok_or(format!("no {name}"))
    };
    if header("content-type")? != "application/json" {
        return Err("not JSON".to_owned());
    }
    let text = String::from_utf8(body.to_vec()).map_err(|_bytes| "no text".to_owned())?;
    let timestamp = header("webhook-timestamp")?;
    Ok(Event {
        to,
        id: header("webhook-id")?,
        timestamp: timestamp.parse().map_err(|_other| "no Unix seconds".to_owned())?,
        signature: header("webhook-signature")?,
        user_agent: header("user-agent")?,
        body: serde_json::from_str(&text).map_err(|error| error.to_string())?,
        text,
    })
}
