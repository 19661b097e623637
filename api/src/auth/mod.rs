//! Who is calling, and what they may do.
//!
//! A session is a device. Its access token is a signed JWT of 15 minutes, its refresh token an
//! opaque secret that changes at every use. Handlers name the scope that they need in their
//! signature, as [`Caller<scope>`](caller::Caller).
//!
//! **Must never** store, log or print a password or a token, only their digests.

pub mod caller;
pub mod devices;
pub mod keys;
pub mod passwords;
pub mod sessions;
pub mod tickets;
pub mod tokens;

pub use caller::Caller;
