//! Holiday data.
/// Whether a calendar of that name is known.
#[must_use]
pub fn is_known(id: &str) -> bool {
    matches!(id, "NONE" | "US-FED" | "GB-ENG" | "DE-BE" | "CZ" | "CA-ON")
}
