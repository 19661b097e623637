//! Values for the parameters of reasons.

use super::reason::Value;
use crate::calendar::BusinessOffice;
use crate::clock::{CivilDate, Instant};

/// A day in the office.
pub(super) const fn day(date: CivilDate) -> Value {
    Value::Day(date)
}

/// A moment in office time.
pub(super) fn moment(office: &BusinessOffice, at: Instant) -> Value {
    Value::Moment(office.civil(at))
}

/// A number of business days.
pub(super) const fn business_days(n: i32) -> Value {
    Value::BusinessDays(n)
}

/// A number of something.
pub(super) const fn counted(n: i64, one: &'static str, many: &'static str) -> Value {
    Value::Count(n, one, many)
}
