//! Words heard, cut into tokens.
//!
//! **Must never** look at more than a bounded part of the text: replies may be long.

use std::str::CharIndices;

/// The most characters of a text that are looked at.
const MAX_CHARS: usize = 2_000;

/// The most tokens of a text that are looked at.
const MAX_TOKENS: usize = 300;

/// The text in lower case, cut after a bounded number of characters.
pub(super) fn normalise(text: &str) -> String {
    text.chars().take(MAX_CHARS).flat_map(char::to_lowercase).collect()
}

/// The tokens of a text in their order: words, numbers (`15`), ordinals (`15th`), times (`3:30`),
/// dates (`2027-01-18`) and the dash between two numbers. All other punctuation is gone.
#[derive(Debug)]
pub(super) struct Phrase<'a> {
    words: Vec<&'a str>,
}

impl<'a> Phrase<'a> {
    /// Cuts `text`, which must be [normalised](normalise).
    pub(super) fn new(text: &'a str) -> Self {
        let mut words = Vec::with_capacity(16);
        let mut rest = text;
        while let Some(start) = rest.find(char::is_alphanumeric) {
            let from_token = rest.get(start..).unwrap_or_default();
            let is_dash = matches!(rest.get(..start), Some("-" | "–"));
            if is_dash && ends_in_digit(words.last()) && starts_with_digit(from_token) {
                words.push("-");
            }
            let (token, after) = split_token(from_token);
            words.push(token);
            rest = after;
            if words.len() >= MAX_TOKENS {
                break;
            }
        }
        Self { words }
    }

    /// The first thing that `row` finds in the words from some place on.
    pub(super) fn find<T>(&self, row: impl Fn(&[&'a str]) -> Option<T>) -> Option<T> {
        (0..self.words.len()).find_map(|at| row(self.words.get(at..)?))
    }

    /// Whether `word` is among the words.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.contains(&word)
    }

    /// Whether the words of `sequence` stand anywhere one after another.
    pub(super) fn has_sequence(&self, sequence: &[&str]) -> bool {
        self.words.windows(sequence.len()).any(|window| window == sequence)
    }

    /// Takes out every run of words that `run` recognises at its beginning by giving the run's
    /// length with what it means, and gives back the first meaning.
    pub(super) fn take<T>(&mut self, run: impl Fn(&[&'a str]) -> Option<(usize, T)>) -> Option<T> {
        let mut first = None;
        let mut kept = Vec::with_capacity(self.words.len());
        let mut rest = self.words.as_slice();
        while let Some((word, after)) = rest.split_first() {
            if let Some((length, meaning)) = run(rest) {
                first = first.or(Some(meaning));
                rest = rest.get(length.max(1)..).unwrap_or_default();
            } else {
                kept.push(*word);
                rest = after;
            }
        }
        self.words = kept;
        first
    }
}

/// The token at the beginning of `text`, and what comes after it.
fn split_token(text: &str) -> (&str, &str) {
    let digits = run_length(text.char_indices(), |c| c.is_ascii_digit());
    let end = if digits == 0 {
        run_length(text.char_indices(), char::is_alphanumeric)
    } else {
        digits + suffix_length(digits, text.get(digits..).unwrap_or_default())
    };
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// How much of `after` belongs to the number of `digits` digits before it.
fn suffix_length(digits: usize, after: &str) -> usize {
    let bytes = after.as_bytes();
    let letters = run_length(after.char_indices(), char::is_alphabetic);
    if matches!(after.get(..letters), Some("st" | "nd" | "rd" | "th")) {
        return letters;
    }
    if digits <= 2
        && let [b':', tens, ones, more @ ..] = bytes
        && tens.is_ascii_digit()
        && ones.is_ascii_digit()
        && !more.first().is_some_and(u8::is_ascii_digit)
    {
        return 3;
    }
    if digits == 4
        && let [b'-', m1, m2, b'-', d1, d2, more @ ..] = bytes
        && [m1, m2, d1, d2].iter().all(|byte| byte.is_ascii_digit())
        && !more.first().is_some_and(u8::is_ascii_digit)
    {
        return 6;
    }
    0
}

fn run_length(chars: CharIndices<'_>, belongs: impl Fn(char) -> bool) -> usize {
    chars.take_while(|(_, c)| belongs(*c)).map(|(at, c)| at + c.len_utf8()).last().unwrap_or(0)
}

fn starts_with_digit(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_digit())
}

fn ends_in_digit(token: Option<&&str>) -> bool {
    token.is_some_and(|token| token.ends_with(|c: char| c.is_ascii_digit()))
}
