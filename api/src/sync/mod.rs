//! Writing records, the one core behind REST and sync; and reading them the way a device does.
//!
//! **Must never** know HTTP; a refusal is an [`ApiError`](crate::error::ApiError) without a status.

pub mod limits;
pub mod office;
pub mod pull;
pub mod records;
pub mod snapshot;
