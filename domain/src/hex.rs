//! Bytes as text: how digests are written, wherever one is.
//!
//! **Must never** compute a digest: what is digested is its user's business.

/// Two small hexadecimal digits for each byte.
#[must_use]
pub fn hex(bytes: impl IntoIterator<Item = u8>) -> String {
    // Not by `format!`, which is slow enough to be seen where a push has a digest for each mutation.
    let digit = |value: u8| char::from(if value < 10 { b'0' + value } else { b'a' - 10 + value });
    bytes.into_iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::hex;

    #[test]
    fn every_byte_has_two_digits() {
        let expected: String = (0..=255_u8).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex(0..=255), expected);
        assert_eq!(hex([]), "");
    }
}
