//! What the double remembers, and its answers.

use super::keys::TestKey;
use crate::double::{Answer, Connection, Reply, Service, now, play, reply};
use hyper::body::Incoming;
use hyper::http::{HeaderValue, Request};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

pub(super) struct State {
    pub(super) url: String,
    inner: Mutex<Inner>,
}

#[derive(Default)]
pub(super) struct Inner {
    pub(super) keys: Vec<Arc<TestKey>>,
    /// How many keys were made, for their names.
    pub(super) made: usize,
    pub(super) description_script: VecDeque<Answer>,
    pub(super) key_script: VecDeque<Answer>,
    /// What everything gets for which nothing is scripted.
    pub(super) weather: Answer,
    pub(super) cache_control: Option<String>,
    pub(super) description_requests: usize,
    pub(super) key_requests: usize,
    connections: usize,
}

impl State {
    pub(super) fn new(url: String) -> Self {
        Self { url, inner: Mutex::default() }
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// What it says of itself.
    pub(super) fn description(&self) -> Value {
        json!({
            "issuer": self.url,
            "authorization_endpoint": format!("{}/authorize", self.url),
            "jwks_uri": format!("{}/keys", self.url),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
        })
    }

    fn key_set(&self) -> Reply {
        let inner = self.inner();
        let keys: Vec<Value> = inner.keys.iter().map(|key| key.jwk()).collect();
        let mut reply = reply(200, &json!({ "keys": keys }), None);
        if let Some(value) = &inner.cache_control {
            reply.headers_mut().insert("cache-control", HeaderValue::from_str(value).unwrap());
        }
        reply
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
    match request.uri().path() {
        "/.well-known/openid-configuration" => {
            let scripted = {
                let mut inner = state.inner();
                inner.description_requests += 1;
                inner.description_script.pop_front().unwrap_or_else(|| inner.weather.clone())
            };
            play(scripted, connection, || reply(200, &state.description(), None)).await
        }
        "/keys" => {
            let scripted = {
                let mut inner = state.inner();
                inner.key_requests += 1;
                inner.key_script.pop_front().unwrap_or_else(|| inner.weather.clone())
            };
            play(scripted, connection, || state.key_set()).await
        }
        _ => now(Answer::status(404, Value::Null)),
    }
}
