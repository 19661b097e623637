//! Words of a text, found by the rules of Unicode (UAX 29) so that every script and every accent works.
//!
//! **Must never** know a language; word lists are in the packs.

use std::collections::BTreeSet;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

/// A word where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    /// For comparing: see [`fold`].
    pub(super) folded: String,
    /// Its place in bytes.
    pub(super) bytes: Range<usize>,
    /// Its place in characters (Unicode scalar values).
    pub(super) chars: Range<usize>,
}

/// The words of `text` in their order.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let (mut at_byte, mut at_char) = (0, 0);
    let mut place = |byte: usize| {
        at_char += text.get(at_byte..byte).unwrap_or_default().chars().count();
        at_byte = byte;
        at_char
    };
    let found = text.unicode_word_indices().map(|(start, word)| {
        let end = start + word.len();
        let chars = place(start)..place(end);
        Word { text: word, folded: fold(word), bytes: start..end, chars }
    });
    found.collect()
}

/// A word for comparing: small letters without accents, with one kind of apostrophe.
pub(super) fn fold(word: &str) -> String {
    let mut folded = String::new();
    for c in word.to_lowercase().nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            '’' | 'ʼ' => folded.push('\''),
            other => folded.push(other),
        }
    }
    folded
}

/// The same for names, where "Müller" and "Mueller" are one.
pub(super) fn fold_name(name: &str) -> String {
    fold(name).replace("ae", "a").replace("oe", "o").replace("ue", "u")
}

/// A phrase of a pack's word lists, ready for comparing.
pub(super) struct Phrase(Vec<(String, bool)>);

impl Phrase {
    /// Reads a phrase: words, each with `*` for any ending.
    pub(super) fn new(text: &str) -> Self {
        let word = |word: &str| match word.strip_suffix('*') {
            Some(stem) => (fold(stem), true),
            None => (fold(word), false),
        };
        Self(text.split_whitespace().map(word).collect())
    }

    /// How many words it has.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether `words` begin with it.
    pub(super) fn begins(&self, words: &[Word<'_>]) -> bool {
        let is_word = |((wanted, any_ending), word): (&(String, bool), &Word<'_>)| {
            if *any_ending { word.folded.starts_with(wanted) } else { word.folded == *wanted }
        };
        words.len() >= self.len() && self.0.iter().zip(words).all(is_word)
    }
}

/// The first place of each of `phrases` in `words`, in the order of the phrases: index of the first
/// word and number of words.
pub(super) fn find_phrases<'p>(
    words: &'p [Word<'_>],
    phrases: &'p [&'p str],
) -> impl Iterator<Item = (usize, usize)> {
    phrases.iter().filter_map(|phrase| {
        let phrase = Phrase::new(phrase);
        let at = (0..words.len()).find(|from| phrase.begins(words.get(*from..).unwrap_or(&[])));
        at.map(|from| (from, phrase.len()))
    })
}

/// Whether one of `phrases` is in `words`.
pub(super) fn has_any(words: &[Word<'_>], phrases: &[&str]) -> bool {
    find_phrases(words, phrases).next().is_some()
}

/// How much of the shorter text stands in the other one as well: the share of its distinct word
/// trigrams (three words in a row, without case, accents and punctuation) that are also trigrams of
/// the other, 0 to 1. 0 when one of them has fewer than three words.
#[must_use]
pub fn overlap(a: &str, b: &str) -> f64 {
    let (a, b) = (trigrams(a), trigrams(b));
    let (shorter, longer) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let shared = shorter.intersection(&longer).count();
    let count = |n: usize| u32::try_from(n).map_or(f64::MAX, f64::from);
    if shorter.is_empty() { 0.0 } else { count(shared) / count(shorter.len()) }
}

fn trigrams(text: &str) -> BTreeSet<Vec<String>> {
    let folded: Vec<String> = words(text).into_iter().map(|word| word.folded).collect();
    folded.windows(3).map(<[String]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_characters() {
        let found = words("Grüße, Jörg!");
        let places: Vec<_> =
            found.iter().map(|w| (w.text, w.folded.as_str(), w.chars.clone())).collect();
        assert_eq!(places, [("Grüße", "grusse", 0..5), ("Jörg", "jorg", 7..11)]);
    }

    #[test]
    fn a_phrase_is_found_whatever_its_case_apostrophe_and_ending() {
        let found = words("Why HAVEN’T you written? I am disappointed.");
        let phrases = ["nothing here", "haven't you", "disappoint*", "disappoint"];
        assert_eq!(Vec::from_iter(find_phrases(&found, &phrases)), [(1, 2), (6, 1)]);
    }

    #[test]
    fn overlap_is_the_share_of_the_shorter_text() {
        let close = |a: &str, b: &str, share: f64| (overlap(a, b) - share).abs() < 1e-9;
        assert!(close("one two three four", "ONE two, three five", 0.5));
        assert!(close("one two three", "zero one two three four five", 1.0));
        assert!(close("one two", "one two", 0.0));
        assert!(close("", "one two three", 0.0));
    }
}
