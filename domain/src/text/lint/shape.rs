//! The text as a whole: blanks, length, what it must have, and whether it is like another.

use super::{Check, EXCLAMATION, Finding, INTEREST, LENGTH, MOMENT, OVERLAP, SLOT, THANKS};
use crate::entities::follow_up::FollowUpKind::{FollowUp, ThankYou, ValueAdd};
use crate::text::slots::SlotName;
use crate::text::template::next_blank;
use crate::text::words::{fold, has_any, overlap, words};
use std::collections::BTreeSet;

/// The most words of a thank-you note.
const THANK_YOU_WORDS: usize = 150;

/// The most words of a message that asks or shows something.
const FOLLOW_UP_WORDS: usize = 120;

/// The most exclamation marks.
const EXCLAMATION_MARKS: usize = 2;

/// Above this overlap, in per cent, two notes are too much alike.
const OVERLAP_PER_CENT: f64 = 60.0;

/// So many words must belong to this conversation alone.
const SPECIFIC_WORDS: usize = 2;

/// Blanks that are still visible, in the subject line too.
pub(super) fn slots(check: &Check<'_>) -> Vec<Finding> {
    let found = |what: &str| check.overall(SLOT, check.pack.findings.slot, what);
    let mut findings: Vec<Finding> = Vec::new();
    let mut rest = check.context.subject.unwrap_or_default();
    while let Some((_, name, after)) = next_blank(rest) {
        findings.push(found(&format!("{{{name}}}")));
        rest = after;
    }
    let (mut rest, mut at) = (check.text, 0);
    while let Some((before, name, after)) = next_blank(rest) {
        let start = at + before.chars().count();
        at = start + name.len() + 2;
        findings.push(Finding { at: Some(start..at), ..found(&format!("{{{name}}}")) });
        rest = after;
    }
    findings
}

/// Everything else about the whole.
pub(super) fn check(check: &Check<'_>) -> Vec<Finding> {
    let (words, lists, texts) = (&check.words, &check.pack.lint, &check.pack.findings);
    let mut findings = Vec::new();
    let most = match check.context.kind {
        ThankYou => THANK_YOU_WORDS,
        FollowUp | ValueAdd => FOLLOW_UP_WORDS,
        _ => usize::MAX,
    };
    if words.len() > most {
        findings.push(check.overall(LENGTH, texts.length, &words.len().to_string()));
    }
    let marks = check.text.matches(['!', '！']).count();
    if marks > EXCLAMATION_MARKS {
        findings.push(check.overall(EXCLAMATION, texts.exclamation, &marks.to_string()));
    }
    if check.is(&[ThankYou]) {
        if !has_moment(check) {
            findings.push(check.overall(MOMENT, texts.moment, ""));
        }
        if !has_any(words, lists.thanks) {
            findings.push(check.overall(THANKS, texts.thanks, ""));
        }
        let shares = check.context.siblings.iter().map(|other| overlap(check.text, other) * 100.0);
        let most = shares.fold(0.0, f64::max);
        if most > OVERLAP_PER_CENT {
            findings.push(check.overall(OVERLAP, texts.overlap, &format!("{most:.0}")));
        }
    }
    if check.is(&[ThankYou, FollowUp]) && !has_any(words, lists.interest) {
        findings.push(check.overall(INTEREST, texts.interest, ""));
    }
    findings
}

/// Whether a thank-you note could only have been written after this conversation: it says the moment
/// that was noted, or has words that are in no such note by themselves.
fn has_moment(check: &Check<'_>) -> bool {
    let blank = format!("{{{}}}", SlotName::Moment.as_str());
    if check.text.contains(&blank) {
        return false;
    }
    let said = |text: &str| words(text).into_iter().map(|word| word.folded).collect::<Vec<_>>();
    let noted = check.context.moment.map(said).filter(|noted| !noted.is_empty());
    let text: Vec<&str> = check.words.iter().map(|word| word.folded.as_str()).collect();
    if noted.is_some_and(|noted| text.windows(noted.len()).any(|part| part == noted)) {
        return true;
    }
    let common = common_words(check);
    let is_specific = |word: &&&str| {
        !common.contains(**word) && word.chars().all(|c| !c.is_ascii_digit()) && word.len() > 2
    };
    text.iter().filter(is_specific).collect::<BTreeSet<_>>().len() >= SPECIFIC_WORDS
}

/// Words that say nothing about the conversation: those of the language, of the pack's own notes, and
/// of the names.
fn common_words(check: &Check<'_>) -> BTreeSet<String> {
    let mut common = vocabulary(check);
    let context = check.context;
    let names = [context.recipient, context.my_name, Some(context.employer), Some(context.role)];
    for name in names.into_iter().flatten() {
        common.extend(words(name).into_iter().map(|word| word.folded));
    }
    common
}

/// Words that any note in this language may hold.
pub(super) fn vocabulary(check: &Check<'_>) -> BTreeSet<String> {
    let (pack, lint) = (check.pack, &check.pack.lint);
    let clauses = &pack.clauses;
    let notes = pack.letters.thank_you.iter().flat_map(|note| [note.subject, note.body]);
    let texts = notes.chain([
        pack.greeting,
        pack.closing,
        clauses.pass_on,
        clauses.timeline_question,
        clauses.thanks,
    ]);
    let phrases = lint.greetings.iter().chain(lint.titles).chain(lint.groups).copied();
    let days = pack.dates.weekdays.iter().chain(&pack.dates.months).copied();
    let texts = texts.chain(phrases).chain(days);
    let mut vocabulary: BTreeSet<String> =
        texts.flat_map(|text| words(text).into_iter().map(|word| word.folded)).collect();
    vocabulary.extend(lint.general.split_whitespace().map(fold));
    vocabulary
}
