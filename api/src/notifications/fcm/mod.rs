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
#[doc(hidden)]
pub use token::is_granted;

use crate::outbound::read_bounded;

/// Where Google serves the interface.
pub const DEFAULT_URL: &str = "https://fcm.googleapis.com";
