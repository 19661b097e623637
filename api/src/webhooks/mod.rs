//! Events of an account, sent to wherever its owner wants them: Standard Webhooks.
//!
//! An event is put on its way in the transaction of the write that it tells of (`outbox.rs`), and sent by the
//! job of the same name. **Must never** log or show a secret, or more of an address than its host.

pub mod desk;
pub mod outbox;
pub mod retries;
pub mod sender;
pub mod signing;
pub mod target;
mod told;
pub mod trial;

/// The most webhooks of an account.
pub const MAX_WEBHOOKS: usize = 10;
