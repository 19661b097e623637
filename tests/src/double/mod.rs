//! What the doubles of other people's services share: answers by script, and connections that break.
//!
//! Built on the server half of the library that the clients under test are built on, because that one
//! lets a test close a connection, or send GOAWAY, at a chosen moment. They speak HTTP/2 without TLS,
//! and HTTP/1.1 to clients that speak that.

mod answer;
mod connection;

pub use answer::{Answer, Gate};
pub(crate) use answer::{Reply, reply};
pub(crate) use connection::{Connection, Service, accept, now, play};
