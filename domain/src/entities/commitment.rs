//! A commitment: something the candidate owes them, such as references or a writing sample.

use super::field::{Kind, Shape, defaulted, now, optional, required, text, words};
use super::{Collection, FaultCode, FieldErrors};
use crate::clock::{CivilDate, CivilTime, Instant};
use serde::Deserialize;

words! {
    /// What is owed.
    CommitmentKind {
        References = "references",
        WritingSample = "writing_sample",
        RecommendationLetter = "recommendation_letter",
        Portfolio = "portfolio",
        Transcript = "transcript",
        Form = "form",
        TakeHome = "take_home",
        Availability = "availability",
        SalaryInfo = "salary_info",
        Other = "other",
    }
}
words! {
    /// Whether they asked or the candidate offered. Both bind alike.
    CommitmentSource { Asked = "asked", Offered = "offered" }
}
words! {
    /// Where the duty stands. Overdue is derived, never stored.
    CommitmentStatus { Open = "open", Fulfilled = "fulfilled", Waived = "waived" }
}

/// Something that the candidate owes them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Commitment {
    /// Record identifier.
    pub id: String,
    /// The opportunity that it belongs to.
    pub opportunity_id: String,
    /// The interview in which it came up.
    pub interview_id: Option<String>,
    /// What is owed.
    pub kind: CommitmentKind,
    /// What exactly, in the candidate's words.
    pub title: Option<String>,
    /// When it was promised; the plan counts from here.
    pub spoken_at: Instant,
    /// The day by which it is due, in the office's zone.
    pub due: Option<CivilDate>,
    /// Time of that day.
    #[serde(default, deserialize_with = "super::opportunity::optional_time")]
    pub due_time: Option<CivilTime>,
    /// Somebody else must deliver it.
    pub third_party: bool,
    /// Where the duty stands.
    pub status: CommitmentStatus,
    /// When it was delivered.
    pub fulfilled_at: Option<Instant>,
}

/// The fields of an artifact.
pub static ARTIFACT: Shape = Shape {
    name: "Artifact",
    about: "A reference to the thing delivered; the file itself stays with the candidate.",
    fields: &[
        required("name", text(1, 255), "File name."),
        optional("sha256", Kind::Sha256, "Digest of the content."),
        optional("url", Kind::Url, "Where it can be found."),
    ],
};

/// The fields of a commitment.
pub static SHAPE: Shape = Shape {
    name: "Commitment",
    about: "Something that the candidate owes them.",
    fields: &[
        super::opportunity::OWNER,
        optional(
            "interview_id",
            Kind::Ref(Collection::Interviews),
            "The interview in which it came up.",
        ),
        required("kind", Kind::Word(CommitmentKind::WORDS), "What is owed."),
        optional("title", text(1, 200), "What exactly, in the candidate's words."),
        defaulted(
            "source",
            Kind::Word(CommitmentSource::WORDS),
            r#""asked""#,
            "Whether they asked or the candidate offered.",
        ),
        now("spoken_at", "When it was promised; the plan counts from here."),
        optional("due", Kind::Date, "The day by which it is due, in the office's zone."),
        optional("due_time", Kind::Time, "Time of that day."),
        defaulted(
            "third_party",
            Kind::Bool,
            "false",
            "Whether somebody else must deliver it, as with a recommendation letter.",
        ),
        optional("referee_contact_id", Kind::Ref(Collection::Contacts), "That somebody."),
        optional("artifact", Kind::Object(&ARTIFACT), "The thing delivered."),
        defaulted(
            "status",
            Kind::Word(CommitmentStatus::WORDS),
            r#""open""#,
            "Where the duty stands. `fulfilled` needs `fulfilled_at`.",
        ),
        optional("fulfilled_at", Kind::Instant, "When it was delivered."),
    ],
};

/// What must hold between the fields.
pub(super) fn check(commitment: &Commitment, errors: &mut FieldErrors) {
    let fulfilled = commitment.status == CommitmentStatus::Fulfilled;
    if fulfilled && commitment.fulfilled_at.is_none() {
        errors.push(
            "/fulfilled_at",
            FaultCode::Required,
            "a fulfilled commitment needs the time of delivery",
        );
    }
    if !fulfilled && commitment.fulfilled_at.is_some() {
        errors.push(
            "/fulfilled_at",
            FaultCode::Inconsistent,
            "only a fulfilled commitment has a time of delivery",
        );
    }
    if commitment.due_time.is_some() && commitment.due.is_none() {
        errors.push("/due_time", FaultCode::Inconsistent, "a due time needs a due date");
    }
}
