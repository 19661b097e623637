//! Proof-reading a text before it goes out: what would embarrass, annoy or miss the point.
//!
//! **Must never** block or change anything; findings are advice. Nothing here panics, whatever the
//! text.

mod names;
mod phrases;
mod shape;

use super::pack::Pack;
use super::words::{Word, words};
use crate::entities::field::words as wire_words;
use crate::entities::follow_up::FollowUpKind;
use std::ops::Range;

wire_words! {
    /// How bad a finding is.
    Severity {
        /// It should not go out like this.
        Error = "error",
        /// Worth a second look.
        Warning = "warning",
    }
}

/// A blank that nobody filled in.
pub const SLOT: &str = "LINT-SLOT";
/// A thank-you note without a moment of that conversation.
pub const MOMENT: &str = "LINT-MOMENT";
/// The greeting names somebody else than the recipient.
pub const NAME: &str = "LINT-NAME";
/// The name of another employer, or a misspelt one.
pub const EMPLOYER: &str = "LINT-EMPLOYER";
/// The title of another job, or a misspelt one.
pub const ROLE: &str = "LINT-ROLE";
/// Words that reproach.
pub const REPROACH: &str = "LINT-REPROACH";
/// Salary or benefits before an offer.
pub const MONEY: &str = "LINT-SALARY";
/// Too long to be read.
pub const LENGTH: &str = "LINT-LENGTH";
/// Too like a note to somebody else of the same interview.
pub const OVERLAP: &str = "LINT-OVERLAP";
/// Asks where things stand where nothing should be asked.
pub const STATUS: &str = "LINT-STATUS";
/// Too many exclamation marks.
pub const EXCLAMATION: &str = "LINT-EXCLAMATION";
/// Speaks of a deadline although there is no offer.
pub const DEADLINE: &str = "LINT-DEADLINE";
/// A thank-you note that does not thank.
pub const THANKS: &str = "LINT-THANKS";
/// No word of interest.
pub const INTEREST: &str = "LINT-INTEREST";

/// Every rule with its severity.
pub const RULES: &[(&str, Severity)] = &[
    (SLOT, Severity::Error),
    (MOMENT, Severity::Error),
    (NAME, Severity::Error),
    (EMPLOYER, Severity::Error),
    (ROLE, Severity::Error),
    (REPROACH, Severity::Error),
    (MONEY, Severity::Warning),
    (LENGTH, Severity::Warning),
    (OVERLAP, Severity::Error),
    (STATUS, Severity::Error),
    (EXCLAMATION, Severity::Warning),
    (DEADLINE, Severity::Error),
    (THANKS, Severity::Warning),
    (INTEREST, Severity::Warning),
];

/// What a text is checked against.
#[derive(Debug, Clone, Copy)]
pub struct LintContext<'a> {
    /// What the text is for.
    pub kind: FollowUpKind,
    /// Subject line, if there is one.
    pub subject: Option<&'a str>,
    /// The recipient's full name, when known.
    pub recipient: Option<&'a str>,
    /// The candidate's name, when known.
    pub my_name: Option<&'a str>,
    /// The employer's name.
    pub employer: &'a str,
    /// The job's title.
    pub role: &'a str,
    /// The candidate's other employers; the right one among them does no harm.
    pub other_employers: &'a [&'a str],
    /// The candidate's other jobs; the right one among them does no harm.
    pub other_roles: &'a [&'a str],
    /// The moment of the conversation that the note was to come back to.
    pub moment: Option<&'a str>,
    /// Their words about the next step; what is quoted is not the candidate's tone.
    pub promise_words: Option<&'a str>,
    /// Notes to others of the same interview, drafted or sent.
    pub siblings: &'a [&'a str],
    /// Whether an offer, here or elsewhere, waits for an answer.
    pub has_offer: bool,
}

/// Something to look at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The rule, one of [`RULES`].
    pub rule: &'static str,
    /// One sentence in the language of the pack.
    pub detail: String,
    /// Where in the body, in characters (Unicode scalar values); `None` for the text as a whole and for
    /// the subject line.
    pub at: Option<Range<usize>>,
}

/// What is to be looked at again in `text`, which is in the language of `pack`: at most one finding for
/// every rule and place, first those of the whole text, then by place.
///
/// Notes to oneself are only checked for blanks.
#[must_use]
pub fn lint(text: &str, context: &LintContext<'_>, pack: &Pack) -> Vec<Finding> {
    let check = Check { text, words: words(text), context, pack };
    let mut findings = shape::slots(&check);
    if !context.kind.is_private() {
        findings.extend(shape::check(&check));
        findings.extend(names::check(&check));
        findings.extend(phrases::check(&check));
    }
    findings.sort_by_key(|finding| finding.at.as_ref().map(|at| (at.start, at.end)));
    findings
}

/// A text under inspection.
struct Check<'a> {
    text: &'a str,
    words: Vec<Word<'a>>,
    context: &'a LintContext<'a>,
    pack: &'a Pack,
}

impl Check<'_> {
    /// A finding about the whole text.
    fn overall(&self, rule: &'static str, sentence: &str, what: &str) -> Finding {
        let severity = RULES.iter().find(|(id, _)| *id == rule).map(|(_, severity)| *severity);
        Finding {
            severity: severity.unwrap_or(Severity::Error),
            rule,
            detail: sentence.replace("{what}", what),
            at: None,
        }
    }

    /// A finding about `count` words from the one at `from`.
    fn at_words(
        &self,
        rule: &'static str,
        sentence: &str,
        (from, count): (usize, usize),
    ) -> Option<Finding> {
        let span = self.words.get(from..from + count)?;
        let (first, last) = (span.first()?, span.last()?);
        let what = self.text.get(first.bytes.start..last.bytes.end)?;
        let at = Some(first.chars.start..last.chars.end);
        Some(Finding { at, ..self.overall(rule, sentence, what) })
    }

    fn is(&self, kinds: &[FollowUpKind]) -> bool {
        kinds.contains(&self.context.kind)
    }
}
