//! Dates and counts in words, for the parameters of reasons.

use crate::calendar::BusinessOffice;
use crate::clock::{CivilDate, Instant};

/// "Friday 8 May".
pub(super) fn day(date: CivilDate) -> String {
    date.format("%A %-d %B").to_string()
}

/// "Friday 8 May at 17:30", office time.
pub(super) fn moment(office: &BusinessOffice, at: Instant) -> String {
    office.civil(at).format("%A %-d %B at %H:%M").to_string()
}

/// "two business days".
pub(super) fn business_days(n: i32) -> String {
    counted(i64::from(n), "business day", "business days")
}

/// "two messages".
pub(super) fn counted(n: i64, one: &str, many: &str) -> String {
    const WORDS: [&str; 11] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let word = usize::try_from(n).ok().and_then(|n| WORDS.get(n));
    let noun = if n == 1 { one } else { many };
    word.map_or_else(|| format!("{n} {noun}"), |word| format!("{word} {noun}"))
}
