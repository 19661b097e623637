//! Firebase Cloud Messaging, HTTP v1: one message, one installation, one verdict.
//!
//! [`Client::send`] is all that a caller needs. Behind it: the message ([`message`]), the access token
//! ([`credentials`], `token`), the connection (`client`), and THE table from answers to verdicts
//! ([`error`]).
//!
//! **Must never** decide what happens to a registration: it says what the provider said.

mod client;
pub mod credentials;
pub mod endpoint;
pub mod error;
pub mod message;
mod token;

pub use client::{Client, Options};
pub use credentials::ServiceAccount;

use reqwest::Response;

/// Where Google serves the interface.
pub const DEFAULT_URL: &str = "https://fcm.googleapis.com";

/// Answers are read up to this many bytes; real ones have some hundred.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// The body of an answer. What is longer than any honest answer is cut, and then reads as none.
async fn read_bounded(mut response: Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = MAX_ANSWER_BYTES - body.len();
        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if body.len() == MAX_ANSWER_BYTES {
            break;
        }
    }
    Ok(body)
}
