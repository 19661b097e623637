//! Synchronising: what a push and a pull are made of, between HTTP and the engine of the domain.
//!
//! **Must never** decide what a merge does; that is the engine's.

pub mod limits;
pub mod live;
pub mod office;
pub mod pull;
pub mod push;
pub mod snapshot;
