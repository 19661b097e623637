//! Web Push: one message, one subscription of a browser, one verdict. Serves UnifiedPush as well.
//!
//! [`Client::send`] is all that a caller needs. Behind it: where to ([`subscription`]), the message
//! ([`message`]), its encryption for nobody but the browser (`encryption`, RFC 8291), the signed word
//! of who sends ([`keys`], RFC 8292), what is kept for each push service (`services`), the request
//! (`client`, RFC 8030), and THE table from answers to verdicts ([`error`]).
//!
//! A push service is whatever address a client names. So requests go through [`crate::outbound`], and
//! what one of them answers makes nobody wait but its own subscriptions.
//!
//! **Must never** decide what happens to a registration: it says what the push service said.

mod client;
mod encryption;
pub mod error;
pub mod keys;
pub mod message;
mod services;
pub mod subscription;

pub use client::{Client, Options};
pub use keys::VapidKeys;
pub use subscription::{Problem, Subscription};
