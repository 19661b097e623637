//! Requests to the double.

use super::state::{Received, State};
use super::vapid;
use crate::double::{Answer, Connection, Reply, Service, now, play, reply};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::http::{HeaderValue, Method, Request};
use serde_json::Value;
use std::collections::VecDeque;

/// The longest body that a service has to take (RFC 8030, section 7.2).
const MAX_BODY_BYTES: usize = 4096;

/// A status, and what was wrong.
type Fault = (u16, String);

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
    let id = head.uri.path().strip_prefix("/push/").unwrap_or_default().to_owned();
    let read = read(state, connection, &id, &head, &body.to_bytes());
    let message = match read {
        Ok(message) => message,
        Err((status, why)) => {
            state.inner().faults.push(why);
            return now(Answer::status(status, Value::Null));
        }
    };
    let scripted = {
        let mut inner = state.inner();
        let script = inner.scripts.get_mut(&id);
        script.and_then(VecDeque::pop_front).unwrap_or(Answer::Ok)
    };
    if matches!(scripted, Answer::DropBefore) {
        return connection.close().await;
    }
    let number = {
        let mut inner = state.inner();
        inner.messages.push(message);
        inner.messages.len()
    };
    state.arrived.send_replace(number);
    play(scripted, connection, || {
        let mut created = reply(201, &Value::Null, None);
        let address = HeaderValue::from_str(&format!("{}/message/{number}", state.url));
        created.headers_mut().insert("location", address.unwrap());
        created
    })
    .await
}

/// The message, if everything about it is in order.
fn read(
    state: &State,
    connection: &Connection,
    id: &str,
    head: &Parts,
    body: &[u8],
) -> Result<Received, Fault> {
    let subscription = state.inner().subscriptions.get(id).cloned();
    let subscription = subscription.ok_or((410, "no such subscription".to_owned()))?;
    if head.method != Method::POST {
        return Err((405, "not a POST".to_owned()));
    }
    if body.len() > MAX_BODY_BYTES {
        return Err((413, format!("{} bytes", body.len())));
    }
    let header = |name: &str| {
        head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    };
    let authorization = header("authorization");
    let key = vapid::signer(authorization, &state.url, state.clock.now());
    let key = key.map_err(|why| (401, format!("vapid: {why}")))?;
    if subscription.key.is_some_and(|only| only != key) {
        return Err((403, "vapid: another key".to_owned()));
    }
    let bad = |why: &str| (400, why.to_owned());
    if header("content-encoding") != "aes128gcm" {
        return Err(bad("another content coding"));
    }
    let ttl_s = header("ttl").parse().map_err(|_none| bad("no TTL"))?;
    let urgency = header("urgency");
    if !matches!(urgency, "" | "very-low" | "low" | "normal" | "high") {
        return Err(bad("no such urgency"));
    }
    let topic = header("topic");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if topic.len() > 32 || !topic.bytes().all(plain) {
        return Err(bad("the topic is none"));
    }
    let message = subscription.browser.decrypt(body).map_err(bad)?;
    Ok(Received {
        endpoint: subscription.browser.endpoint,
        message: serde_json::from_slice(&message).map_err(|_none| bad("not JSON"))?,
        ttl_s,
        urgency: urgency.to_owned(),
        topic: topic.to_owned(),
        authorization: authorization.to_owned(),
        body: body.to_vec(),
        at: state.clock.now(),
        connection: connection.number,
    })
}
