//! What a change to a record is: stamps, the state of a record, what changed and when.
//!
//! Every write, whether it comes by REST or by sync, goes through [`Record::changed_to`] and
//! [`Record::deleted`], so that revisions, field meta and history are made in one place.
//! **Must never** order by a device's clock: order comes from stamps, and stamps from commits.

mod cursor;
mod digest;
mod feed;
mod log;
mod mutation;
mod outcome;
mod page;
mod record;
pub mod stamp;

pub use cursor::{Cursor, CursorError, Filter, ResetReason};
pub use digest::{StateKey, digest_of};
pub use feed::{ChangeRow, Feed, LogState, LostInterval};
pub use log::Log;
pub use mutation::{Edit, Mutation, Op};
pub use outcome::{Known, Outcome, Refusal, RefusalCode, Status, WriteError};
pub use page::{Page, cut};
pub use record::{Author, Change, FieldMeta, Record};
