//! A phone: the device model with a network, which may lead to any node.

use crate::node::Node;
use afterview_tests::device::{Device, Next, Schema, State, Tap};
use reqwest::{Client, RequestBuilder};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// How long a phone waits before it tries again. The server says two seconds; tests are in a hurry.
const PAUSE: Duration = Duration::from_millis(25);

/// How often a phone tries at most.
const TRIES: usize = 2_000;

/// A phone that is signed in.
pub(crate) struct Phone {
    /// What it keeps.
    pub(crate) device: Device,
    /// Its access token.
    pub(crate) token: String,
    /// How many requests failed.
    pub(crate) failures: usize,
    http: Client,
    name: String,
    taps: usize,
    head: i64,
}

impl Phone {
    /// The first phone of a new account.
    pub(crate) async fn register(node: &Node, name: &str) -> Self {
        let body = json!({
            "email": format!("{name}@example.org"), "password": "correct horse battery",
            "time_zone": "America/New_York", "device": {"name": name},
        });
        Self::with_tokens(node, "/v1/auth/register", &body, name).await
    }

    /// Another phone of the account of `owner`.
    pub(crate) async fn sign_in(node: &Node, owner: &str, name: &str) -> Self {
        let body = json!({
            "email": format!("{owner}@example.org"), "password": "correct horse battery",
            "device": {"name": name},
        });
        Self::with_tokens(node, "/v1/auth/login", &body, name).await
    }

    async fn with_tokens(node: &Node, path: &str, body: &Value, name: &str) -> Self {
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        let answer = http.post(node.url(path)).json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
        let tokens: Value = answer.json().await.unwrap();
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        Self {
            device: Device::load(State::default(), Schema::CURRENT, 500),
            token: text("access_token"),
            failures: 0,
            http,
            name: name.to_owned(),
            taps: 0,
            head: 0,
        }
    }

    /// The user makes an opportunity.
    pub(crate) fn tap(&mut self) {
        let id = format!("{}-{}", self.name, self.taps);
        let tap = Tap { mid: format!("m-{id}"), now_ms: 1_800_000_000_000, group: None };
        self.taps += 1;
        let doc = json!({"employer": format!("Employer of {id}"), "role": "Data engineer"});
        let Value::Object(doc) = doc else { unreachable!() };
        self.device.create(tap, "opportunities", &id, doc);
    }

    /// How often the user tapped.
    pub(crate) fn taps(&self) -> usize {
        self.taps
    }

    /// A request in the name of this phone.
    pub(crate) fn get(&self, node: &Node, path: &str) -> RequestBuilder {
        self.http.get(node.url(path)).bearer_auth(&self.token)
    }

    /// The same with a body.
    pub(crate) fn post(&self, node: &Node, path: &str, body: &Value) -> RequestBuilder {
        self.http.post(node.url(path)).bearer_auth(&self.token).json(body)
    }

    /// The same for what it says about itself.
    pub(crate) fn put(&self, node: &Node, path: &str, body: &Value) -> RequestBuilder {
        self.http.put(node.url(path)).bearer_auth(&self.token).json(body)
    }

    /// The same for a part of something.
    pub(crate) fn patch(&self, node: &Node, path: &str, body: &Value) -> RequestBuilder {
        self.http.patch(node.url(path)).bearer_auth(&self.token).json(body)
    }

    /// One request; whether there was an answer.
    pub(crate) async fn try_to_sync(&mut self, node: &Node) -> bool {
        let request = self.device.request(1_800_000_000_000);
        let Ok(answer) = self.post(node, "/v1/sync", &request).send().await else {
            self.device.lost();
            self.failures += 1;
            return false;
        };
        let status = answer.status().as_u16();
        if status != 200 {
            let hint = answer.headers().get("retry-after").is_some();
            let text = answer.text().await.unwrap_or_default();
            assert!(status == 503 && hint && text.contains("\"unavailable\""), "{status}: {text}");
            self.device.lost();
            self.failures += 1;
            return false;
        }
        let Ok(answer) = answer.json::<Value>().await else {
            self.device.lost();
            self.failures += 1;
            return false;
        };
        self.look_at(&answer);
        self.device.answered(&answer);
        assert_ne!(self.device.next(), Next::Snapshot, "a cursor broke: {answer}");
        assert_ne!(self.device.next(), Next::Repair, "the copies differ: {answer}");
        true
    }

    /// No stamp ever appears below one that was read.
    fn look_at(&mut self, answer: &Value) {
        for change in answer["changes"].as_array().into_iter().flatten() {
            let rev = change["rev"].as_i64().unwrap();
            assert!(rev > self.head, "{rev} came after {}", self.head);
        }
        let revs = answer["changes"].as_array().into_iter().flatten();
        self.head = revs.filter_map(|change| change["rev"].as_i64()).fold(self.head, i64::max);
    }

    /// Syncs until nothing is left to do, on whichever of the nodes answers.
    pub(crate) async fn sync(&mut self, nodes: &[&Node]) {
        for attempt in 0..TRIES {
            let node = nodes[attempt % nodes.len()];
            if !self.try_to_sync(node).await {
                actix_web::rt::time::sleep(PAUSE).await;
            } else if self.device.next() == Next::Nothing {
                return;
            }
        }
        panic!("{} does not get through: {:?}", self.name, self.device.state.outbox);
    }

    /// The records of a collection as the phone has them, by id.
    pub(crate) fn records(&self, collection: &str) -> Map<String, Value> {
        let own = self.device.view().into_iter().filter(|((c, _), _)| c == collection);
        own.map(|((_, id), doc)| (id, doc)).collect()
    }
}
