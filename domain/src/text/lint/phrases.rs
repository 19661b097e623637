//! Words and phrases that do not belong into a text of that kind.

use super::{Check, DEADLINE, Finding, MONEY, REPROACH, STATUS};
use crate::entities::follow_up::FollowUpKind::{
    Custom, FollowUp, GraciousReply, OfferNudge, ThankYou, ValueAdd,
};
use crate::text::words::{Word, find_phrases};
use unicode_segmentation::UnicodeSegmentation;

pub(super) fn check(check: &Check<'_>) -> Vec<Finding> {
    let (lists, texts) = (&check.pack.lint, &check.pack.findings);
    let own = own_words(check);
    let mut findings = Vec::new();
    let mut look_for = |rule, sentence, words: &[Word<'_>], phrases: &[&str]| {
        let places = find_phrases(words, phrases);
        findings.extend(places.filter_map(|place| check.at_words(rule, sentence, place)));
    };
    look_for(REPROACH, texts.reproach, &own, lists.reproach);
    if check.is(&[ThankYou, FollowUp, ValueAdd]) {
        look_for(MONEY, texts.money, &own, lists.money);
    }
    if !check.context.has_offer
        && check.is(&[ThankYou, FollowUp, ValueAdd, OfferNudge, GraciousReply, Custom])
    {
        look_for(DEADLINE, texts.deadline, &own, lists.deadline);
    }
    if check.is(&[ValueAdd]) {
        look_for(STATUS, texts.status, &own, lists.status);
        look_for(STATUS, texts.status, &in_questions(check), lists.status_in_question);
    }
    findings
}

/// The words with those silenced that quote the employer: they keep their places but match nothing.
fn own_words<'a>(check: &Check<'a>) -> Vec<Word<'a>> {
    let quoted = check.context.promise_words.map(str::trim).filter(|words| !words.is_empty());
    let quotes: Vec<_> = quoted
        .into_iter()
        .flat_map(|quoted| check.text.match_indices(quoted))
        .map(|(start, quote)| start..start + quote.len())
        .collect();
    silence(check, |word| {
        quotes.iter().any(|quote| quote.start <= word.bytes.start && word.bytes.end <= quote.end)
    })
}

/// The words with those silenced that are not in a question.
fn in_questions<'a>(check: &Check<'a>) -> Vec<Word<'a>> {
    let questions: Vec<_> = check
        .text
        .split_sentence_bound_indices()
        .filter(|(_, sentence)| sentence.trim_end().ends_with(['?', '？']))
        .map(|(start, sentence)| start..start + sentence.len())
        .collect();
    silence(check, |word| !questions.iter().any(|question| question.contains(&word.bytes.start)))
}

fn silence<'a>(check: &Check<'a>, is_silent: impl Fn(&Word<'_>) -> bool) -> Vec<Word<'a>> {
    let mut words = check.words.clone();
    words.iter_mut().filter(|word| is_silent(word)).for_each(|word| word.folded.clear());
    words
}
