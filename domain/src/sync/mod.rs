//! What a change to a record is: stamps, the state of a record, what changed and when.
//!
//! Every write, whether it comes by REST or by sync, goes through [`Record::changed_to`] and
//! [`Record::deleted`], so that revisions, field meta and history are made in one place.
//! **Must never** order by a device's clock: order comes from stamps, and stamps from commits.

mod acts;
mod complete;
mod cursor;
mod deletion;
mod digest;
mod disputes;
mod edit;
mod feed;
mod import;
mod log;
mod merge;
mod mutation;
mod outcome;
mod page;
mod policy;
mod push;
mod record;
pub mod retention;
mod seen;
mod sets;
mod skew;
pub mod stamp;
mod texts;
mod took_place;
mod whole;
mod write;

pub use acts::{SAME_SENDING, act_now, settle_duty};
pub use complete::MAX_RECORD_BYTES;
pub use cursor::{Cursor, CursorError, Filter, ResetReason};
pub use deletion::delete;
pub use digest::{StateKey, digest_of};
pub use edit::MAX_EXTRA_BYTES;
pub use feed::{ChangeRow, Feed, LogState, LostInterval};
pub use import::{BroughtIn, Incoming, bring_in};
pub use log::Log;
pub use mutation::{Ask, Decision, Edit, Mutation, Op};
pub use outcome::{Answered, Known, Outcome, Refusal, RefusalCode, Status, WriteError};
pub use page::{Page, cut};
pub use policy::{Policy, policy};
pub use push::{push, resolve};
pub use record::{Author, Change, FieldMeta, Next, PastChange, Record};
pub use skew::{RENAMES, Rename, SCHEMA, up_convert};
pub use texts::text_digest;
pub use whole::{
    Basis, Landed, WholeRecord, keep_unreadable, land, land_deletion, land_restoration, show_again,
};
pub use write::{
    MAX_LIVE_RECORDS, Precondition, WriteResult, Written, check_precondition, create, existing,
    find_live, patch, put, put_derived, set_promise_status, singular,
};
