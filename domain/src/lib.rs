//! The rules of Afterview: what to do after a job interview, when, and why.
//!
//! Facts go in (what was said, sent and received), advice comes out (a plan with reasons).
//! Every function here is pure and total: the time and fresh identifiers are parameters, a
//! conflict or a bad field is a value, and nothing panics on any input.
//!
//! **Must never**: read a clock, draw randomness, touch a file, socket or database, or know HTTP.

pub mod calendar;
pub mod clock;
pub mod entities;
pub mod hex;
pub mod ids;
pub mod plan;
pub mod promise;
pub mod sync;
pub mod text;
