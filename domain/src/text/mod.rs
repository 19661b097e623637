//! Words for people: what the advice sounds like, drafts, and their proof-reading.
//!
//! Everything that depends on a language is in a [`Pack`]. **Must never** decide anything; it only says
//! what the planner decided.

mod dates;
mod draft;
mod input;
pub mod lint;
mod lock_screen;
mod manager;
mod pack;
mod packs;
mod phrases;
mod slots;
mod summary;
mod template;
mod values;
mod words;

pub use draft::{Draft, Slot, draft};
pub use input::{Addressee, Deliverable, DraftInput, Promised};
pub use lint::{Finding, LintContext, Severity, lint};
pub use lock_screen::{LockScreenText, lock_screen, test_notification};
pub use manager::manager_summary;
pub use pack::{ClosingQuestion, Pack};
pub use phrases::{act_of, counted, day, moment_of};
pub use slots::SlotName;
pub use summary::{act, moment, recorded, summary};
pub use values::{first_name, moment_for};
pub use words::overlap;
