//! The live stream (server-sent events): that something changed, never what.
//!
//! **Must never** hold content, or keep the request alive: its buffers would stay as long as the
//! stream.

use crate::app::AppState;
use crate::auth::SignedIn;
use crate::auth::caller::{Caller, Sync};
use crate::auth::tickets::{Grant, TICKET_SECS, issue, redeem};
use crate::dto::live::StreamTicket;
use crate::error::{ApiError, Code};
use crate::http::query::Query;
use crate::openapi::{ReadProblems, StreamProblems};
use crate::store::records;
use crate::sync::live::{Listener, MAX_LISTENERS, NotListening};
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING};
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, post};
use std::convert::Infallible;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// After so much silence a comment is sent, and up to so much later: proxies close what is silent,
/// and streams that began together should not speak together.
const SILENCE_MILLIS: u64 = 20_000;
const SPREAD_MILLIS: u64 = 5_000;

/// What is sent when there is no news.
pub(super) const KEEP_ALIVE: Bytes = Bytes::from_static(b": keep-alive\n\n");

/// Follow the account live
///
/// Server-sent events. One `poke` at once and one after every change of the account, by any device:
/// its `id` and `head` are the newest stamp. It says that something changed; sync to learn what. Pokes
/// that come while the client does not read are replaced by the newest. After 20 to 25 seconds of
/// silence a comment is sent. The stream ends with its access token, or 15 minutes after a ticket
/// opened it, and at once when its session ends: open it again with a fresh one. A browser's
/// `EventSource`, which cannot send headers, sends a ticket.
#[utoipa::path(tag = "sync", operation_id = "streamPokes", security(("bearer" = ["sync"])),
    params(("ticket" = Option<String>, Query, description = "A ticket in place of the access token.")),
    responses((status = 200, description = "The stream.", body = String, content_type = "text/event-stream",
        example = "id: 1780000000000\nevent: poke\ndata: {\"head\":1780000000000}\n\n"), StreamProblems))]
#[get("/v1/sync/stream")]
pub async fn stream(
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let grant = match Query::of(&request, &["ticket"])?.text("ticket") {
        Some(ticket) => redeem(&state, ticket).await?,
        None => Grant::from(&Caller::<Sync>::extract(&request).await?),
    };
    // First listen, then read: what happens in between is told by one or the other.
    let listener = state.live.listen(&grant.account_id).map_err(not_listening)?;
    let account_id = grant.account_id.clone();
    let read = move |connection: &mut _| records::head(connection, &account_id);
    let head = state.store.read(&grant.account_id, read).await?.max(listener.head());
    let silence = silence(&grant.session_id);
    let follower = Follower { state, grant, listener, told: head, silence };
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store, no-transform"))
        // Compressing would hold back what is to be there at once, with a buffer for each stream.
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        .body(Events { first: Some(poke(head)), next: Some(Box::pin(follower.next())) }))
}

/// Get a ticket for the live stream
///
/// For clients that cannot send headers. The ticket opens one stream of this account within 60
/// seconds.
#[utoipa::path(tag = "sync", operation_id = "createStreamTicket", security(("bearer" = ["sync"])), extensions(("x-session-only" = json!(true))),
    responses((status = 200, description = "The ticket.", body = StreamTicket), ReadProblems))]
#[post("/v1/sync/stream-ticket")]
pub async fn stream_ticket(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: SignedIn<Sync>,
) -> Result<HttpResponse, ApiError> {
    Query::of(&request, &[])?;
    let ticket = issue(&state, &caller).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(StreamTicket { ticket, expires_in: TICKET_SECS }))
}

pub(super) fn not_listening(why: NotListening) -> ApiError {
    match why {
        NotListening::Full => {
            let detail = format!("an account has at most {MAX_LISTENERS} streams; close another");
            ApiError::new(Code::TooManyStreams, detail)
        }
        NotListening::Closed => ApiError::new(Code::Unavailable, "the server is about to stop"),
    }
}

fn poke(head: i64) -> Bytes {
    Bytes::from(format!("id: {head}\nevent: poke\ndata: {{\"head\":{head}}}\n\n"))
}

/// How long a stream of that session is silent at most. The same session waits the same time.
pub(super) fn silence(session_id: &str) -> Duration {
    let mut hasher = DefaultHasher::new();
    session_id.hash(&mut hasher);
    Duration::from_millis(SILENCE_MILLIS + hasher.finish() % SPREAD_MILLIS)
}

/// One open stream between two of its events.
struct Follower {
    state: web::Data<AppState>,
    grant: Grant,
    listener: Listener,
    /// The head that was told last.
    told: i64,
    silence: Duration,
}

impl Follower {
    /// What is sent next, when it is time; `None` when the stream is over.
    async fn next(mut self) -> Option<(Bytes, Self)> {
        let left = self.grant.ends_at * 1_000 - self.state.clock.now().timestamp_millis();
        let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
        let deadline = Instant::now() + left.min(self.silence);
        loop {
            let news = timeout_at(deadline, self.listener.changed()).await;
            if !self.grant.holds(&self.state, self.state.clock.now()) {
                return None;
            }
            match news {
                Err(_silence) => return Some((KEEP_ALIVE, self)),
                Ok(None) => return None,
                Ok(Some(head)) if head > self.told => {
                    self.told = head;
                    return Some((poke(head), self));
                }
                Ok(Some(_)) => {}
            }
        }
    }
}

/// What is sent next, and the stream after it.
type Next = Pin<Box<dyn Future<Output = Option<(Bytes, Follower)>>>>;

/// The body of the answer: it has no end of its own.
struct Events {
    first: Option<Bytes>,
    next: Option<Next>,
}

impl MessageBody for Events {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let this = self.get_mut();
        if let Some(first) = this.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        let Some(next) = &mut this.next else { return Poll::Ready(None) };
        let came = ready!(next.as_mut().poll(context));
        this.next = None;
        Poll::Ready(came.map(|(bytes, follower)| {
            this.next = Some(Box::pin(follower.next()));
            Ok(bytes)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn sessions_are_silent_for_20_to_25_seconds_and_not_all_alike() {
        let all: BTreeSet<Duration> = (0..1_000).map(|n| silence(&format!("s{n}"))).collect();
        let (first, last) = (all.first().expect("some"), all.last().expect("some"));
        assert!(*first >= Duration::from_secs(20) && *last <= Duration::from_secs(25));
        assert!(*last - *first > Duration::from_secs(4) && all.len() > 800);
    }
}
