//! Stamps as numbers that calendar programs can hold: 31 bits, where a stamp has 41.

/// So many of them are milliseconds: the first twelve days.
const FINE: i64 = 1 << 30;

/// The largest number of the format (RFC 5545, section 3.3.8).
const MAX: i64 = (1 << 31) - 1;

/// The number of a change with the stamp `at` in something that was made with the stamp `made`: never less
/// than that of an earlier change. Milliseconds for twelve days, in which people plan; then seconds, which
/// last 34 years.
pub(super) fn sequence(made: i64, at: i64) -> i64 {
    let age_millis = at.saturating_sub(made).max(0);
    let coarse = age_millis.saturating_sub(FINE).max(0) / 1_000;
    age_millis.min(FINE).saturating_add(coarse).min(MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_changes_have_higher_numbers_for_longer_than_anybody_looks_for_a_job() {
        const DAY: i64 = 86_400_000;
        let made = 1_778_094_000_000;
        assert_eq!(sequence(made, made), 0);
        assert_eq!(sequence(made, made + 1), 1);
        assert_eq!(sequence(made, made - 5), 0);
        let times = (0..400).map(|month| month * 30 * DAY).flat_map(|at| [at, at + 1_000]);
        let numbers: Vec<i64> = times.map(|age| sequence(made, made + age)).collect();
        assert!(numbers.is_sorted_by(|one, other| one < other));
        assert_eq!(sequence(made, i64::MAX), MAX);
    }
}
