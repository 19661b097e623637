//! Words that must fit into a message, and names made of longer ones; shared by the senders.
//!
//! **Must never** cut a text inside of what a reader takes for one character.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use unicode_segmentation::UnicodeSegmentation;

/// A name of exactly 32 characters of the alphabet that a Web Push topic may have (RFC 8030, section
/// 5.4), always the same for the same tag.
pub(super) fn short_name(tag: &str) -> String {
    let digest = Sha256::digest(tag.as_bytes());
    let start: Vec<u8> = digest.iter().copied().take(24).collect();
    URL_SAFE_NO_PAD.encode(start)
}

/// The text, or as many of its whole characters, as a reader counts them, as fit into `room` bytes of
/// JSON with an ellipsis behind them.
pub(super) fn cut(text: &str, room: usize) -> String {
    const ELLIPSIS: &str = "…";
    if json_bytes(text) <= room {
        return text.to_owned();
    }
    let mut left = room.saturating_sub(ELLIPSIS.len());
    let mut kept = String::new();
    for character in text.graphemes(true) {
        let Some(rest) = left.checked_sub(json_bytes(character)) else { break };
        left = rest;
        kept.push_str(character);
    }
    if room >= ELLIPSIS.len() {
        kept.push_str(ELLIPSIS);
    }
    kept
}

/// How many bytes the text takes in JSON, without the quotes.
pub(super) fn json_bytes(text: &str) -> usize {
    Value::from(text).to_string().len() - 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_fits_is_left_alone_and_another_ends_with_an_ellipsis() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "…");
        assert_eq!(cut("abcdefg", 5), "ab…");
        assert_eq!(cut("abcd", 2), "");
    }

    #[test]
    fn a_short_name_has_always_32_characters_and_is_always_the_same() {
        for tag in ["", "fu:1", &"x".repeat(1000)] {
            assert_eq!(short_name(tag).len(), 32);
            assert_eq!(short_name(tag), short_name(tag));
        }
        assert_ne!(short_name("fu:1"), short_name("fu:2"));
    }
}
