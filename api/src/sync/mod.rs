//! Writing records: the one core behind REST and sync.
//!
//! **Must never** know HTTP; a refusal is an [`ApiError`](crate::error::ApiError) without a status.

pub mod live;
pub mod office;
pub mod records;
