//! Names: of the recipient in the greeting, of the employer and of the role.

use super::shape::vocabulary;
use super::{Check, EMPLOYER, Finding, NAME, ROLE};
use crate::text::words::{Phrase, Word, fold, fold_name, words};
use std::collections::BTreeSet;
use strsim::osa_distance;

/// A greeting has at most so many words behind its opening; a longer line is a sentence.
const GREETING_WORDS: usize = 5;

/// Legal forms, which people leave out.
const LEGAL_FORMS: &[&str] = &[
    "ab",
    "ag",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "gmbh",
    "inc",
    "kg",
    "limited",
    "llc",
    "llp",
    "ltd",
    "nv",
    "oy",
    "plc",
    "sa",
    "sarl",
    "se",
    "spa",
    "srl",
];

pub(super) fn check(check: &Check<'_>) -> Vec<Finding> {
    let context = check.context;
    let texts = &check.pack.findings;
    let vocabulary = vocabulary(check);
    let (employer, role) = (name_words(context.employer), folded(context.role));
    let mut findings = Vec::from_iter(greeting(check));
    let right = [&employer, &role];
    for other in context.other_employers {
        let other = (name_words(other), starts_with_capital(other));
        let places = other_names(check, &other, &right);
        let found = |place| check.at_words(EMPLOYER, texts.other_employer, place);
        findings.extend(places.into_iter().filter_map(found));
    }
    for other in context.other_roles {
        let other = folded(other);
        // A role of one word, such as "Engineer", is a word like any other.
        if other.len() > 1 {
            let places = other_names(check, &(other, false), &right);
            let found = |place| check.at_words(ROLE, texts.other_role, place);
            findings.extend(places.into_iter().filter_map(found));
        }
    }
    let misspelt = |name: &[String], capital| misspelt(check, name, capital, &vocabulary);
    let capital = starts_with_capital(context.employer);
    let found = |place| check.at_words(EMPLOYER, texts.misspelt_employer, place);
    findings.extend(misspelt(&employer, capital).into_iter().filter_map(found));
    if role.len() > 1 {
        let found = |place| check.at_words(ROLE, texts.misspelt_role, place);
        findings.extend(misspelt(&role, false).into_iter().filter_map(found));
    }
    let mut seen = BTreeSet::new();
    findings.retain(|finding| {
        let at = finding.at.as_ref().map(|at| (at.start, at.end));
        seen.insert((finding.rule, at))
    });
    findings
}

/// A greeting that names somebody else. Titles are passed over, an initial stands for its name, and a
/// greeting to several people or to a blank is none of this rule's business.
fn greeting(check: &Check<'_>) -> Option<Finding> {
    let recipient = check.context.recipient?;
    let lists = &check.pack.lint;
    let (names, at) = greeted(check)?;
    let is_in =
        |list: &[&str], word: &Word<'_>| list.iter().any(|known| fold(known) == word.folded);
    if names.iter().any(|word| is_in(lists.groups, word)) {
        return None;
    }
    let known: Vec<String> = words(recipient).iter().map(|word| fold_name(word.text)).collect();
    let fits = |word: &Word<'_>| {
        let name = fold_name(word.text);
        let is_initial = name.chars().count() == 1;
        known.iter().any(|part| *part == name || is_initial && part.starts_with(&name))
    };
    let is_wrong = |word: &Word<'_>| !is_in(lists.titles, word) && !fits(word);
    let wrong = names.iter().position(is_wrong)?;
    check.at_words(NAME, check.pack.findings.name, (at + wrong, 1))
}

/// The words behind "Dear" in the first line that greets, and the index of the first of them.
fn greeted<'c, 'a>(check: &'c Check<'a>) -> Option<(&'c [Word<'a>], usize)> {
    let mut line_start = 0;
    for line in check.text.split_inclusive('\n') {
        let line_end = line_start + line.len();
        let first = check.words.iter().position(|word| word.bytes.start >= line_start);
        line_start = line_end;
        let Some(first) = first else { continue };
        let rest = check.words.get(first..)?;
        let greetings = check.pack.lint.greetings.iter().map(|phrase| Phrase::new(phrase));
        let opening =
            greetings.filter(|phrase| phrase.begins(rest)).map(|phrase| phrase.len()).max();
        let Some(opening) = opening else { continue };
        let behind = rest.get(opening..)?;
        let from = rest.get(opening - 1).map_or(line_end, |word| word.bytes.end);
        let tail = check.text.get(from..line_end).unwrap_or_default();
        let end = from + tail.find([',', '!', ':', '{', '\n']).unwrap_or(tail.len());
        let count = behind.iter().take_while(|word| word.bytes.end <= end).count();
        if (1..=GREETING_WORDS).contains(&count) && !tail.contains('{') {
            return Some((behind.get(..count)?, first + opening));
        }
    }
    None
}

/// Where another's name stands and is not part of the right one.
fn other_names(
    check: &Check<'_>,
    (other, capital): &(Vec<String>, bool),
    right: &[&Vec<String>],
) -> Vec<(usize, usize)> {
    if other.is_empty() || right.contains(&other) {
        return Vec::new();
    }
    let inside_the_right_one = |from: usize| {
        right.iter().any(|name| {
            let reach = name.len().saturating_sub(other.len());
            let mut starts = from.saturating_sub(reach)..=from;
            let is_longer = name.len() > other.len();
            is_longer && starts.any(|start| stands_at(&check.words, start, name))
        })
    };
    let places = (0..check.words.len()).filter(|from| {
        stands_at(&check.words, *from, other)
            && (!capital || check.words.get(*from).is_some_and(|w| starts_with_capital(w.text)))
            && !inside_the_right_one(*from)
    });
    places.map(|from| (from, other.len())).collect()
}

/// Whether `name` stands in `words` from the one at `from`, with or without a genitive s.
fn stands_at(words: &[Word<'_>], from: usize, name: &[String]) -> bool {
    let span = words.get(from..from + name.len()).unwrap_or_default();
    let is_part = |(word, part): (&Word<'_>, &String)| bare(&word.folded) == bare(part);
    !name.is_empty() && span.len() == name.len() && span.iter().zip(name).all(is_part)
}

/// Where something stands that is nearly `name`: one change away, from eight letters on two, with the
/// same first letter, and neither an inflected form of it nor an ordinary word.
fn misspelt(
    check: &Check<'_>,
    name: &[String],
    capital: bool,
    vocabulary: &BTreeSet<String>,
) -> Vec<(usize, usize)> {
    let whole = name.join(" ");
    let allowed = match whole.chars().count() {
        0..4 => return Vec::new(),
        4..8 => 1,
        _ => 2,
    };
    let context = check.context;
    let names = [context.recipient, context.my_name].into_iter().flatten();
    let other = names.chain(context.other_employers.iter().copied());
    let known: BTreeSet<String> = other.flat_map(folded).collect();
    let is_suspect = |span: &[Word<'_>]| {
        let Some(first) = span.first() else { return false };
        let said = span.iter().map(|word| bare(&word.folded)).collect::<Vec<_>>().join(" ");
        let is_ordinary = span
            .iter()
            .all(|word| vocabulary.contains(&word.folded) || known.contains(bare(&word.folded)));
        let same_start = said.chars().next() == whole.chars().next();
        let inflected = said.starts_with(&whole) || whole.starts_with(&said);
        (!capital || starts_with_capital(first.text))
            && same_start
            && !inflected
            && !is_ordinary
            && said.len().abs_diff(whole.len()) <= 8
            && (1..=allowed).contains(&osa_distance(&said, &whole))
    };
    let spans = check.words.windows(name.len().max(1)).enumerate();
    spans.filter(|(_, span)| is_suspect(span)).map(|(from, _)| (from, name.len())).collect()
}

/// The words of a name for comparing.
fn folded(name: &str) -> Vec<String> {
    words(name).into_iter().map(|word| word.folded).collect()
}

/// The same without a legal form at its end.
fn name_words(name: &str) -> Vec<String> {
    let mut parts = folded(name);
    while parts.len() > 1 && parts.last().is_some_and(|last| LEGAL_FORMS.contains(&last.as_str())) {
        parts.pop();
    }
    parts
}

/// A word without a genitive s behind an apostrophe.
fn bare(folded: &str) -> &str {
    folded.strip_suffix("'s").unwrap_or(folded)
}

fn starts_with_capital(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_uppercase)
}
