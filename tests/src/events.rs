//! A reader of server-sent events.

use crate::client::Opened;
use crate::same;
use reqwest::Response;
use serde_json::Value;
use std::time::Duration;

/// Whoever waits longer than this for an event waits in vain.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open stream; or one from each server of an app, whose events must be the same.
#[derive(Debug)]
pub struct Events(Vec<Stream>);

#[derive(Debug)]
struct Stream {
    response: Response,
    unread: String,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its `id`.
    pub id: String,
    /// Its `event`, the kind; `message` where it has none, as the standard says.
    pub event: String,
    /// Its `data`.
    pub data: Value,
}

impl Events {
    /// Reads the bodies of `opened`, which must have succeeded.
    #[must_use]
    pub fn of(opened: impl Into<Opened>) -> Self {
        let opened = opened.into();
        assert_eq!(opened.status(), 200);
        let streams = opened.0.into_iter();
        Self(streams.map(|response| Stream { response, unread: String::new() }).collect())
    }

    /// The next event; `None` when the server has ended the stream. Comments are passed over.
    pub async fn next(&mut self) -> Option<Event> {
        let mut events = Vec::new();
        for stream in &mut self.0 {
            events.push(stream.next().await);
        }
        same("the next event of a stream", events)
    }

    /// The head of the next poke.
    pub async fn head(&mut self) -> i64 {
        let event = self.next().await.expect("the stream goes on");
        assert_eq!((event.event.as_str(), &event.id), ("poke", &event.data["head"].to_string()));
        event.data["head"].as_i64().unwrap()
    }
}

impl Stream {
    async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some(at) = self.unread.find("\n\n") {
                let block: String = self.unread.drain(..at + 2).collect();
                if let Some(event) = Event::read(&block) {
                    return Some(event);
                }
            }
            let chunk = actix_web::rt::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.expect("something comes in time").expect("the stream is sound")?;
            self.unread.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

impl Event {
    fn read(block: &str) -> Option<Self> {
        let field = |name: &str| {
            let mut lines =
                block.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            lines.next()
        };
        let (id, event) = (field("id")?.to_owned(), field("event").unwrap_or("message").to_owned());
        Some(Self { id, event, data: serde_json::from_str(field("data")?).unwrap() })
    }
}
