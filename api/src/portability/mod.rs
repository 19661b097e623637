//! Everything of an account on its way out, and records on their way in.
//!
//! An export is one JSON object a line: a first line, then what there is, part by part, and a last line
//! without which it is not complete. An import takes the records out of such lines and leaves the rest.
//! **Must never** let out a secret or its digest, or bring in what was not checked.

pub mod export;
pub mod import;

/// The name of the format, in the first line.
pub const FORMAT: &str = "afterview-account";

/// Its version. It changes when a line changes its meaning; new types of lines may come without.
pub const VERSION: i64 = 1;
