//! Work that no request asks for and that is due by the calendar of the server, not of a plan.
//!
//! **Must never** hold the server up or end it: what fails is logged and tried again next time.

pub mod retention;
