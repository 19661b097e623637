//! A supplement: a qualification that may be added after the interview.

use super::Collection;
use super::field::{Kind, Shape, defaulted, optional, required, text, words};
use crate::clock::CivilDate;
use serde::Deserialize;

words! {
    /// What the qualification is.
    SupplementKind {
        Certificate = "certificate",
        Publication = "publication",
        Project = "project",
        Award = "award",
        Reference = "reference",
        Other = "other",
    }
}

/// A qualification that may be added after the interview.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Supplement {
    /// Record identifier.
    pub id: String,
    /// The opportunity that it is meant for; absent means any.
    pub opportunity_id: Option<String>,
    /// What it is called.
    pub title: String,
    /// When it was earned.
    pub earned_at: Option<CivilDate>,
    /// The follow-up that carried it.
    pub used_by: Option<String>,
}

/// The fields of a supplement.
pub static SHAPE: Shape = Shape {
    name: "Supplement",
    about: "A qualification that may be added after the interview.",
    fields: &[
        optional(
            "opportunity_id",
            Kind::Ref(Collection::Opportunities),
            "The opportunity that it is meant for; absent means any.",
        ),
        required("title", text(1, 200), "What it is called."),
        defaulted("kind", Kind::Word(SupplementKind::WORDS), r#""other""#, "What it is."),
        optional("url", Kind::Url, "Where it can be seen."),
        optional("earned_at", Kind::Date, "When it was earned."),
        optional("used_by", Kind::Ref(Collection::FollowUps), "The follow-up that carried it."),
    ],
};
