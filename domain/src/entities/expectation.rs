//! An expectation: something they promised, the words heard, and the dates read from them.

use super::field::{Kind, Shape, defaulted, now, optional, server, text, words};
use super::{Collection, FaultCode, FieldErrors};
use crate::clock::{CivilDate, CivilTime, Instant};
use serde::Deserialize;
use serde_json::{Map, Value};

words! {
    /// What was promised.
    Subject { Decision = "decision", NextRound = "next_round", Feedback = "feedback", Documents = "documents" }
}
words! {
    /// How the dates came about.
    ExpectationKind {
        /// Read from the words: one day.
        Exact = "exact",
        /// Read from the words: a range of days.
        Window = "window",
        /// The words name no date, such as "soon".
        Vague = "vague",
        /// The words were not understood; they are kept.
        Unparsed = "unparsed",
        /// The candidate gave or confirmed the dates; beats every reading.
        Confirmed = "confirmed",
    }
}

words! {
    /// What became of it. Derived from the other facts.
    ExpectationStatus {
        /// Still waited for.
        Active = "active",
        /// They did what they promised, in time.
        Kept = "kept",
        /// The promised day has passed and nothing came.
        Missed = "missed",
        /// Newer words took its place.
        Superseded = "superseded",
        /// A later interview or their decision made it pointless.
        Void = "void",
    }
}

/// Something that they promised the candidate.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Expectation {
    /// Record identifier.
    pub id: String,
    /// The opportunity that it belongs to.
    pub opportunity_id: String,
    /// The interview in which it was said.
    pub interview_id: Option<String>,
    /// What was promised.
    pub subject: Subject,
    /// The words heard.
    pub text: String,
    /// When they were said.
    pub spoken_at: Instant,
    /// Who said them.
    pub promised_by: Option<String>,
    /// How the dates came about.
    #[serde(default = "unparsed")]
    pub kind: ExpectationKind,
    /// First promised day.
    pub from: Option<CivilDate>,
    /// Last promised day.
    pub by: Option<CivilDate>,
    /// Time of that day, when one was named.
    #[serde(default, deserialize_with = "super::opportunity::optional_time")]
    pub by_time: Option<CivilTime>,
    /// "Hopefully", "probably": one more day of patience.
    #[serde(default)]
    pub hedged: bool,
    /// The words have a second reading.
    #[serde(default)]
    pub ambiguous: bool,
    /// That second reading.
    pub alternative: Option<CivilDate>,
    /// What became of it, as stored.
    #[serde(default)]
    pub status: Option<ExpectationStatus>,
}

/// The fields of an expectation.
pub static SHAPE: Shape = Shape {
    name: "Expectation",
    about: "Something that they promised the candidate. Give the words in `text` and the dates are read from them, or give the dates with `kind: confirmed`.",
    fields: &[
        super::opportunity::OWNER,
        optional(
            "interview_id",
            Kind::Ref(Collection::Interviews),
            "The interview in which it was said.",
        ),
        defaulted("subject", Kind::Word(Subject::WORDS), r#""decision""#, "What was promised."),
        defaulted(
            "text",
            text(0, 500),
            r#""""#,
            "The words heard. Empty means that nothing was said.",
        ),
        now("spoken_at", "When they were said."),
        optional("promised_by", Kind::Ref(Collection::Contacts), "Who said them."),
        optional(
            "kind",
            Kind::Word(ExpectationKind::WORDS),
            "How the dates came about. Give `confirmed` together with `by`; anything else is read from the words again.",
        ),
        optional("from", Kind::Date, "First promised day. Kept as given only when confirmed."),
        optional("by", Kind::Date, "Last promised day. Kept as given only when confirmed."),
        optional("by_time", Kind::Time, "Time of that day, when one was named."),
        optional("hedged", Kind::Bool, "Said with a hopefully or probably."),
        server(
            "status",
            Kind::Word(ExpectationStatus::WORDS),
            "What became of it, as far as the facts and the calendar tell.",
        ),
        server("ambiguous", Kind::Bool, "The words have a second reading."),
        server("alternative", Kind::Date, "That second reading."),
        server("parse_rule", text(1, 40), "The row of the phrase grammar that read the words."),
        server(
            "parser_version",
            Kind::Integer { min: 1, max: 1_000_000 },
            "The version of the grammar that read them.",
        ),
    ],
};

/// What must hold between the fields. Dates of the candidate's own come with `kind: confirmed`;
/// otherwise they would be lost when the words are read again.
pub(super) fn check(
    expectation: &Expectation,
    before: Option<&Map<String, Value>>,
    fields: &Map<String, Value>,
    errors: &mut FieldErrors,
) {
    let confirmed = expectation.kind == ExpectationKind::Confirmed;
    if confirmed && expectation.by.is_none() {
        errors.push("/by", FaultCode::Required, "a confirmed promise needs its date in `by`");
    }
    for name in ["from", "by"] {
        let stored = before.and_then(|stored| stored.get(name));
        // A whole record sent back says by its kind that its dates are a reading of the words.
        let is_reading = before.is_none() && fields.contains_key("kind");
        if !confirmed && !is_reading && fields.contains_key(name) && fields.get(name) != stored {
            let detail =
                "dates of your own need `kind: confirmed`; otherwise they are read from `text`";
            errors.push(format!("/{name}"), FaultCode::Inconsistent, detail);
        }
    }
    let out_of_order =
        matches!((expectation.from, expectation.by), (Some(from), Some(by)) if from > by);
    if out_of_order && !keeps_an_old_reading(before, fields) {
        errors.push(
            "/from",
            FaultCode::Inconsistent,
            "the first promised day must not come after the last",
        );
    }
}

/// Whether `from` is left over from a reading of the words that a confirmation replaces.
pub(super) fn keeps_an_old_reading(
    before: Option<&Map<String, Value>>,
    fields: &Map<String, Value>,
) -> bool {
    before.is_some_and(|stored| {
        stored.get("kind") != Some(&Value::from(ExpectationKind::Confirmed.as_str()))
            && stored.get("from") == fields.get("from")
    })
}

/// Before anything has read the words.
const fn unparsed() -> ExpectationKind {
    ExpectationKind::Unparsed
}
